"""Keeps secrets out of logs and errors: by the name of a field at any depth, by the name of a header, and by value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

MASK = "***"
_SHORTEST = 4  # shorter values turn up by chance in innocent text

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

# The gateway repeats the canonical request, signed headers included, when a signature does not match.
_NAMED_IN_TEXT = re.compile(
    r"(?i)\b((?:x-)?(?:auth|security|subject|metadata|id)[-_]?token|token(?=[\"']?=)|signature|password|secret[-_]?key|sk)"
    r"([\"']?\s*[:=]\s*[\"']?)([^\s|,;&\"']+)"
)


def is_secret_name(name: str) -> bool:
    """Whether a field or header of that name holds something that nobody may see."""
    plain = name.lower().replace("-", "").replace("_", "")
    return plain in _SECRET_NAMES or plain.endswith(_SECRET_ENDINGS)


def mask(value: Any, secrets: Sequence[str] = ()) -> Any:
    """A copy of a JSON value with secrets replaced, at any depth.

    Objects and lists below a secret name are replaced as a whole: a token's own answer has parts that aren't secret, and
    guessing which is how they leak.
    """
    if isinstance(value, Mapping):
        return {key: _mask_field(str(key), inner, secrets) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [mask(inner, secrets) for inner in value]
    if isinstance(value, str):
        return mask_text(value, secrets)
    return value


def _mask_field(name: str, value: Any, secrets: Sequence[str]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if name in _PRIVATE_TEXTS and isinstance(value, str):
        return f"{MASK} ({len(value)} characters)"
    if is_secret_name(name) and value not in ("", [], {}):
        return MASK
    return mask(value, secrets)


def mask_headers(headers: Iterable[tuple[str, str]], secrets: Sequence[str] = ()) -> dict[str, str]:
    """Headers with the values of those that carry credentials replaced."""
    return {name: MASK if is_secret_name(name) else mask_text(value, secrets) for name, value in headers}


def mask_url(url: str, secrets: Sequence[str] = ()) -> str:
    """A URL without user information, and without the values of query parameters with secret names."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{MASK}@{host}" if "@" in parts.netloc else host
    query = "&".join(_mask_parameter(pair) for pair in parts.query.split("&")) if parts.query else ""
    return mask_text(urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment)), secrets)


def _mask_parameter(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}{equals}{MASK}" if value and is_secret_name(name) else pair


def mask_text(text: str, secrets: Sequence[str] = ()) -> str:
    """Free text with known secret values, and whatever stands behind the name of a secret, replaced."""
    for secret in sorted((s for s in secrets if len(s) >= _SHORTEST), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _NAMED_IN_TEXT.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
