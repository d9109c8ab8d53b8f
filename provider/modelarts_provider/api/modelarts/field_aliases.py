"""One name for each thing that sources (and times) name differently: a table with its evidence, and what applies it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Spelling(NamedTuple):
    """A field with several names.

    Attributes:
        where: The object that holds it: a path of keys, ``[]`` for each item of a list, empty for the notebook itself.
        ours: The name that is left.
        theirs: The other names, best first; a path from the notebook where it starts with ``/``.
        evidence: Who uses which.
    """

    where: str
    ours: str
    theirs: tuple[str, ...]
    evidence: str


SPELLINGS: tuple[Spelling, ...] = (
    Spelling(
        "endpoints[]",
        "service",
        ("dev_service",),
        "Answers hold both (2025 page and SDK 3.1.219); those of 2022-2024 only dev_service, in requests too.",
    ),
    Spelling(
        "endpoints[]",
        "key_pair_names",
        ("ssh_keys",),
        "SDK 3.1.219 and Huawei's Terraform provider (import tested 2026) read key_pair_names; the 2025 page says ssh_keys.",
    ),
    Spelling(
        "action_progress[]",
        "description",
        ("step_description",),
        "SDK 3.1.219 says description, the 2025 page step_description.",
    ),
    Spelling(
        "",
        "create_at",
        ("/lease/create_at",),
        "In no model, but at the top of live answers (Huawei's provider reads it on GET, its list reads the lease's).",
    ),
    Spelling("", "update_at", ("/lease/update_at",), "As create_at."),
    Spelling(
        "data_volumes[]",
        "url",
        ("uri",),
        "An instance's data_volumes name it url; requests and GET .../storage uri (SDK 3.1.219).",
    ),
)

ENUMERATIONS: tuple[tuple[str, str], ...] = (
    ("", "status"),
    ("", "feature"),
    ("endpoints[]", "service"),
    ("lease", "type"),
    ("volume", "category"),
    ("volume", "ownership"),
    ("volume", "status"),
    ("data_volumes[]", "category"),
    ("data_volumes[]", "status"),
    ("data_volumes[]", "mount_type"),
    ("action_progress[]", "status"),
)
"""Fields whose values are compared by us: documented in upper case, posted in lower case by the documentation's own samples
("evs", "managed", "timing"), so an echo may be in either."""


def normalised(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """A new object, see models.normalise."""
    result: dict[str, Any] = _without_nulls(notebook)
    for row in SPELLINGS:
        for place in _places(result, row.where):
            _rename(result, place, row)
    for where, key in ENUMERATIONS:
        for place in _places(result, where):
            if isinstance(place.get(key), str):
                place[key] = place[key].upper()
    return result


def _rename(root: dict[str, Any], place: dict[str, Any], row: Spelling) -> None:
    for name in row.theirs:
        value = _at(root, name) if name.startswith("/") else place.get(name)
        if value is not None and _says_more(value, place.get(row.ours)):
            place[row.ours] = value
        if not name.startswith("/"):
            place.pop(name, None)


def _says_more(theirs: Any, ours: Any) -> bool:
    """Whether the other name's value counts: where ours is absent, or empty beside one that isn't."""
    return ours is None or (ours in ("", []) and theirs not in ("", []))


def _at(root: dict[str, Any], path: str) -> Any:
    value: Any = root
    for key in path.strip("/").split("/"):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _places(root: dict[str, Any], where: str) -> Iterator[dict[str, Any]]:
    if not where:
        yield root
        return
    value = root.get(where.removesuffix("[]"))
    items = value if where.endswith("[]") and isinstance(value, list) else [value]
    yield from (item for item in items if isinstance(item, dict))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value if inner is not None]
    return value
