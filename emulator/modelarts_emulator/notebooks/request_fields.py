"""Reading and checking single values of a request, each with the documented refusal.

JSON null counts as absent: the official SDK leaves out what isn't set. Enum values are accepted in any letter case,
because the documents' own samples post lower case, and answered in upper case.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from typing import TYPE_CHECKING, Any

from modelarts_emulator.errors import missing, refuse, wrong_type, wrong_value

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from modelarts_emulator.config import Rules

Body = dict[str, Any]
NAME_MAX, DESCRIPTION_MAX = 128, 512

_NAME = {
    # page of 2025-08: letters, digits, hyphens, underscores
    "documented": re.compile(r"[A-Za-z0-9_-]*\Z"),
    # newest SDK: Chinese characters too
    "observed": re.compile(r"[A-Za-z0-9_\-\u4e00-\u9fff]*\Z"),
}
# page of 2025-08 against the newest SDK
_DESCRIPTION_FORBIDDEN = {"documented": "&<>\"'/", "observed": "<>"}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_KEY_PAIR = re.compile(r"[A-Za-z0-9_.\-]{1,255}\Z")


def text(body: Mapping[str, Any], key: str, *, path: str = "", most: int | None = None) -> str | None:
    """A string, or None when it isn't given."""
    value = body.get(key)
    if value is None:
        return None
    name = path + key
    if not isinstance(value, str):
        raise wrong_type(name, "string")
    if most is not None and len(value) > most:
        raise wrong_value(name, f"at most {most} characters, not {len(value)}")
    if not is_clean(value):
        raise wrong_value(name, "text without control characters or lone surrogates")
    return value


def is_clean(value: str) -> bool:
    """Whether a text can be stored and sent back as UTF-8 (no lone surrogate, no NUL)."""
    return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def required_text(body: Mapping[str, Any], key: str, *, path: str = "", most: int | None = None) -> str:
    """A string that has to be there and isn't empty."""
    value = text(body, key, path=path, most=most)
    if not value:
        raise missing(path + key)
    return value


def integer(body: Mapping[str, Any], key: str, *, path: str = "") -> int | None:
    """A whole number, or None when it isn't given."""
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(path + key, "integer")
    return value


def boolean(body: Mapping[str, Any], key: str, *, path: str = "") -> bool | None:
    """True or false, or None when it isn't given."""
    value = body.get(key)
    if value is not None and not isinstance(value, bool):
        raise wrong_type(path + key, "boolean")
    return value


def structure(body: Mapping[str, Any], key: str, *, path: str = "") -> Body | None:
    """An object, or None when it isn't given."""
    value = body.get(key)
    if value is not None and not isinstance(value, dict):
        raise wrong_type(path + key, "object")
    return value


def items(body: Mapping[str, Any], key: str, *, path: str = "") -> list[Any] | None:
    """An array, or None when it isn't given."""
    value = body.get(key)
    if value is not None and not isinstance(value, list):
        raise wrong_type(path + key, "array")
    return value


def objects(body: Mapping[str, Any], key: str, *, path: str = "") -> list[Body] | None:
    """An array of objects, or None when it isn't given."""
    found = items(body, key, path=path)
    for item in found or []:
        if not isinstance(item, dict):
            raise wrong_type(f"{path}{key}[]", "object")
    return found


def texts(body: Mapping[str, Any], key: str, *, path: str = "") -> list[str] | None:
    """An array of strings, or None when it isn't given."""
    found = items(body, key, path=path)
    for item in found or []:
        if not isinstance(item, str) or not is_clean(item):
            raise wrong_type(f"{path}{key}[]", "string")
    return found


def choice(body: Mapping[str, Any], key: str, allowed: Collection[str], *, path: str = "") -> str | None:
    """One of a set of upper-case words, in any letter case."""
    value = text(body, key, path=path)
    if value is None:
        return None
    if value.upper() not in allowed:
        raise wrong_value(path + key, "one of " + ", ".join(sorted(allowed)))
    return value.upper()


def name(value: str, rules: Rules) -> str:
    """A notebook's name: 1 to 128 characters of the allowed set."""
    if not 1 <= len(value) <= NAME_MAX:
        raise wrong_value("name", f"1 to {NAME_MAX} characters, not {len(value)}")
    if not _NAME[rules].match(value):
        raise refuse("6334", "A character of 'name' is not allowed: letters, digits, hyphens and underscores are.")
    return value


def description(value: str, rules: Rules) -> str:
    """A notebook's description: up to 512 characters without the forbidden ones; empty clears it."""
    if len(value) > DESCRIPTION_MAX:
        raise wrong_value("description", f"at most {DESCRIPTION_MAX} characters, not {len(value)}")
    for char in _DESCRIPTION_FORBIDDEN[rules]:
        if char in value:
            raise refuse("6334", f"The character {char} of 'description' is not allowed.")
    return value


def uuid(value: str, path: str) -> str:
    """A UUID, answered in lower case."""
    if not _UUID.match(value):
        raise wrong_value(path, "a UUID")
    return value.lower()


_DOCUMENTATION = [ipaddress.IPv4Network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


def access_ip(value: str, path: str, *, only_public: bool) -> str:
    """An IPv4 address, in its usual form; those for documents count as public."""
    try:
        address = ipaddress.IPv4Address(value)
    except ValueError:
        raise wrong_value(path, "public IPv4 addresses") from None
    public = address.is_global and not address.is_multicast
    if only_public and not public and not any(address in network for network in _DOCUMENTATION):
        raise wrong_value(path, "public IPv4 addresses")
    return str(address)


def key_pair(value: str, path: str) -> str:
    """The name of an SSH key pair."""
    if not _KEY_PAIR.match(value):
        raise wrong_value(path, "names of key pairs")
    return value


def script(kind: str, value: str, path: str) -> None:
    """A hook's script: Base64 for COMMAND, an absolute path for SCRIPT."""
    if kind == "SCRIPT":
        if not value.startswith("/"):
            raise wrong_value(path, "an absolute path when the type is SCRIPT")
        return
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise wrong_value(path, "Base64 when the type is COMMAND") from None
