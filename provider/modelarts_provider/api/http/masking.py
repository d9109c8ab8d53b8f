"""Keeps secrets out of logs and errors: by the name of a field at any depth, by the name of a header, and by value."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from modelarts_provider.api.http.secret_forms import cut_and_mask

MASK = "***"
MOST_TEXT: Final = 4096
"""How much of a text is shown. What is longer is no message for people, and costs time wherever it is looked through."""

_DEEPEST: Final = 40
"""Levels of a value that are shown."""

# Compared in lower case without - and _, so that securityToken, security_token and Security-Token are the same name.
_SECRET_NAMES = frozenset({
    "token", "password", "passwd", "adminpass", "secret", "secretkey", "secretaccesskey", "sk", "accesskey", "access", "ak",
    "securitytoken", "securitykey", "authtoken", "subjecttoken", "idtoken", "xauthtoken", "xsubjecttoken", "xsecuritytoken",
    "xmetadatatoken", "authorization", "proxyauthorization", "cookie", "setcookie", "signature", "credential", "apikey",
    "privatekey", "totp", "passcode",
})  # fmt: skip
_SECRET_ENDINGS = ("token", "password", "secretkey", "privatekey", "credential", "credentials")

# A hook's script is the user's text and often exports a password; nobody debugs the API with it.
_PRIVATE_TEXTS = frozenset({"script"})

# The gateway repeats the canonical request, signed headers included, when a signature does not match. The number of spaces
# is limited, so that the time to look doesn't grow faster than the text.
_NAMED_IN_TEXT = re.compile(
    r"(?i)\b((?:x-)?(?:auth|security|subject|metadata|id)[-_]?token|token(?=[\"']?=)|signature|password|secret[-_]?key|sk)"
    r"([\"']?\s{0,9}[:=]\s{0,9}[\"']?)([^\s|,;&\"']+)"
)


_SHORTEST_LINE: Final = 8
"""Characters of a script's line that is looked for in a text."""


def private_texts(body: Any) -> tuple[str, ...]:
    """What a request sends that no error shows although a service may repeat it: scripts, their lines, values of tags."""
    if not isinstance(body, Mapping):
        return ()
    tags = body.get("tags")
    values = [tag.get("value") for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list) else []
    return (*_scripts(body.get("hooks")), *(value for value in values if isinstance(value, str)))


def _scripts(hooks: Any) -> Iterator[str]:
    if not isinstance(hooks, Mapping):
        return
    for name, value in hooks.items():
        if name not in _PRIVATE_TEXTS or not isinstance(value, str):
            yield from _scripts(value)
            continue
        yield value
        try:
            lines = base64.b64decode(value, validate=True).decode().splitlines()
        except (binascii.Error, ValueError):  # a path
            continue
        yield from (line for each in lines if len(line := each.strip()) >= _SHORTEST_LINE)


def is_secret_name(name: str) -> bool:
    """Whether a field or header of that name holds something that nobody may see."""
    plain = name.lower().replace("-", "").replace("_", "")
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)


def mask(value: Any, secrets: Sequence[str] = (), depth: int = _DEEPEST) -> Any:
    """A copy of a JSON value with secrets replaced, at any depth; what is nested deeper than ``depth`` as a whole.

    Objects and lists below a secret name are replaced as a whole: a token's own answer has parts that aren't secret, and
    guessing which is how they leak.
    """
    if isinstance(value, str):
        return mask_text(value, secrets)
    if isinstance(value, Mapping | list | tuple) and depth <= 0:
        return MASK
    if isinstance(value, Mapping):
        shown = {mask_text(str(key), secrets): (str(key), inner) for key, inner in value.items()}
        return {key: _mask_field(name, inner, secrets, depth) for key, (name, inner) in shown.items()}
    if isinstance(value, list | tuple):
        return [mask(inner, secrets, depth - 1) for inner in value]
    return value


def _mask_field(name: str, value: Any, secrets: Sequence[str], depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if name in _PRIVATE_TEXTS and isinstance(value, str):
        return f"{MASK} ({len(value)} characters)"
    if is_secret_name(name) and value not in ("", [], {}):
        return MASK
    return mask(value, secrets, depth - 1)


def mask_url(url: str, secrets: Sequence[str] = ()) -> str:
    """A URL without user information, and without the values of query parameters with secret names.

    Also of a text that is meant as one: ``user:password@host`` without a scheme, as proxy settings are often written, or
    with characters in the password that a URL would have to encode. So everything before the last ``@`` is replaced; a path
    alone has no user information.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    if not rest.startswith("/") and "@" in rest:
        rest = f"{MASK}@{rest.rpartition('@')[2]}"
    path, question, query = rest.partition("?")
    query, number_sign, fragment = query.partition("#")
    query = "&".join(_mask_parameter(pair) for pair in query.split("&"))
    return mask_text(f"{scheme}{mark}{path}{question}{query}{number_sign}{fragment}", secrets)


def _mask_parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}{equals}{MASK}" if value and is_secret_name(name) else pair


def mask_text(text: str, secrets: Sequence[str] = (), most: int = MOST_TEXT) -> str:
    """Free text with known secret values, and whatever stands behind the name of a secret, replaced; cut where it is long.

    Args:
        text: Anything.
        secrets: Values that are replaced in each of the forms in which they are likely to be repeated.
        most: How many characters are looked at.
    """
    return _NAMED_IN_TEXT.sub(lambda found: f"{found[1]}{found[2]}{MASK}", cut_and_mask(text, secrets, MASK, most))
