"""What of an answer about a notebook has the documented shape, and which fields don't.

An answer is the service's: whatever it holds, no id may be lost over it, and no value of another type may reach a state. So
a field of another type than documented is left out, and named under ``ODD``; who makes a state of the answer keeps what is
known of it. Types are those of ``models``, whose sources the fields come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

ODD: Final = "odd_fields"
"""The key under which an answer names its fields of another type than documented: paths such as ``image.size``."""

MOST_DEPTH: Final = 20
"""How deep the values of fields that we don't know may be nested: documented ones have four levels."""

LAST_MOMENT_MS: Final = 253_402_300_799_999
"""The end of the year 9999 in UTC milliseconds, the last moment that a time can be shown of."""

LARGEST: Final = 2**53
"""Numbers beyond this lose digits in JSON, so that nobody can mean one exactly."""

Shape: TypeAlias = "str | dict[str, Shape] | list[Shape]"
"""``text``, ``whole``, ``moment``, ``flag``; an object's members; a list of one shape."""

TEXTS: Final[list[Shape]] = ["text"]
IMAGE: Final[dict[str, Shape]] = {
    **dict.fromkeys(
        ("arch", "description", "flavor_type", "id", "name", "namespace", "origin", "service_type"), "text"
    ),
    **dict.fromkeys(("status", "status_message", "swr_path", "tag", "type", "visibility", "workspace_id"), "text"),
    **dict.fromkeys(("create_at", "update_at"), "moment"),
    **dict.fromkeys(("dev_services", "resource_categories", "support_res_categories"), TEXTS),
    "size": "whole",
}
LEASE: Final[dict[str, Shape]] = {
    **dict.fromkeys(("create_at", "update_at"), "moment"),
    "duration": "whole",
    "enable": "flag",
    "type": "text",
}
VOLUME: Final[dict[str, Shape]] = {
    **dict.fromkeys(("category", "mount_path", "ownership", "status", "id", "uri", "dew_secret_name"), "text"),
    "capacity": "whole",
}
ENDPOINT: Final[dict[str, Shape]] = {
    **dict.fromkeys(("service", "dev_service", "uri"), "text"),
    **dict.fromkeys(("key_pair_names", "ssh_keys", "allowed_access_ips"), TEXTS),
}
PROGRESS: Final[dict[str, Shape]] = {
    **dict.fromkeys(("notebook_id", "status", "description", "step_description"), "text"),
    "step": "whole",
}
NAMED: Final[dict[str, Shape]] = {"id": "text", "name": "text"}
NOTEBOOK: Final[dict[str, Shape]] = {
    **dict.fromkeys(("id", "name", "description", "status", "fail_reason", "feature", "flavor", "url"), "text"),
    **dict.fromkeys(("user_id", "workspace_id"), "text"),
    **dict.fromkeys(("create_at", "update_at", "current_time"), "moment"),
    "action_progress": [PROGRESS],
    "billing_items": TEXTS,
    "endpoints": [ENDPOINT],
    "image": IMAGE,
    "lease": LEASE,
    "pool": NAMED,
    "tags": [{"key": "text", "value": "text"}],
    "user": {**NAMED, "domain": NAMED},
    "volume": VOLUME,
    ODD: TEXTS,
}


def _paths(members: Mapping[str, Shape], at: str = "") -> Iterator[str]:
    for name, shape in members.items():
        yield f"{at}{name}"
        if isinstance(shape, dict):
            yield from _paths(shape, f"{at}{name}.")


PATHS: Final = frozenset(_paths(NOTEBOOK))
"""Every field that can be odd."""

NEVER_NULL: Final = frozenset({"id", "name", "flavor", "status"})
"""Fields that every instance has: a null there is no documented way to say that there is none."""


def sound(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A new object of the fields that have their documented type; the others are named under ``ODD``.

    A list that holds anything of another shape is left out as a whole: what it stands for can't be told in part. Fields that
    aren't documented stay, where they aren't nested without end.
    """
    odd: list[str] = []
    result = _sound_object(notebook, NOTEBOOK, "", odd)
    odd += [name for name in sorted(NEVER_NULL) if name in notebook and notebook[name] is None]
    # What has been through here before names its odd fields; a service that has such a field can't name others.
    named = {*odd, *(name for name in result.pop(ODD, ()) if name in PATHS)}
    return result | ({ODD: sorted(named)} if named else {})


def _sound_object(value: Mapping[str, Any], members: Mapping[str, Shape], at: str, odd: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, item in value.items():
        here, shape = f"{at}{name}", members.get(name)
        if item is None:
            continue
        if shape is None:
            if _is_shallow(item):
                result[name] = item
        elif isinstance(shape, dict) and isinstance(item, dict):
            result[name] = _sound_object(item, shape, f"{here}.", odd)
        elif _has(item, shape):
            result[name] = item
        else:
            odd.append(here)
    return result


def _has(value: Any, shape: Shape) -> bool:
    """Whether a value has a shape, in every member that it names."""
    match shape:
        case "text":
            return isinstance(value, str) and _is_unicode(value)
        case "whole":
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST
        case "moment":
            return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LAST_MOMENT_MS
        case "flag":
            return isinstance(value, bool)
        case [of]:
            return isinstance(value, list) and all(item is None or _has(item, of) for item in value)
        case dict():
            return isinstance(value, dict) and all(
                name not in shape or item is None or _has(item, shape[name]) for name, item in value.items()
            )
    return False


def _is_unicode(text: str) -> bool:
    """Whether a text can be sent on: half of a surrogate pair, which JSON can spell, can't."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _is_shallow(value: Any) -> bool:
    """Whether a value is nested no deeper than MOST_DEPTH; without recursion, since that is what it guards."""
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return True
    return False


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
