"""Lists: filters, order, pages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from modelarts_emulator.errors import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from modelarts_emulator.state.entities import Notebook
    from modelarts_emulator.state.store import World

_MAX_DIGITS = 9
T = TypeVar("T")
Query = dict[str, str]


@dataclass(frozen=True, slots=True)
class Paging:
    """How one list is paged.

    Attributes:
        default: limit when none is given, None for everything.
        first: what ``current`` counts from; the sources disagree (0 for notebooks, 1 for flavors and storages).
        limits: the limits that the documents allow, None for any from 1.
        most: cap where ``limits`` isn't enforced.
    """

    default: int | None
    first: int
    limits: tuple[int, ...] | None = None
    most: int = 1000


NOTEBOOKS = Paging(default=10, first=0, limits=(10, 20, 50), most=50)
FLAVORS = Paging(default=None, first=1)
IMAGES = Paging(default=200, first=0)
STORAGES = Paging(default=None, first=1)
CLUSTERS = Paging(default=1000, first=0)


def number(query: Query, key: str, default: int | None) -> int | None:
    """A whole number of the query, from 0."""
    value = query.get(key, "")
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
        raise refuse("0104", f"The parameter '{key}' has to be a whole number from 0.")
    return int(value)


def flag(query: Query, key: str, *, default: bool) -> bool:
    """True or false of the query, in any letter case."""
    value = query.get(key, "").lower()
    if value not in {"", "true", "false"}:
        raise refuse("0104", f"The parameter '{key}' has to be true or false.")
    return default if not value else value == "true"


def page(found: Sequence[T], query: Query, paging: Paging, view: Callable[[T], Any], *, strict: bool) -> dict[str, Any]:
    """The envelope ``{current, data, pages, size, total}`` of one page; ``offset`` counts records.

    Args:
        found: everything, in order.
        query: the request's query.
        paging: the list's own rules.
        view: makes the JSON of one item; called for the items of this page only.
        strict: refuse limits that the documents don't name (else they are capped).
    """
    asked = number(query, "limit", None)
    limit = paging.default if asked is None else asked
    offset = number(query, "offset", 0) or 0
    if limit is not None:
        if limit < 1 or (strict and paging.limits is not None and limit not in paging.limits):
            allowed = paging.limits or ("a number from 1",)
            raise refuse("0104", f"The parameter 'limit' has to be one of {', '.join(map(str, allowed))}.")
        limit = min(limit, paging.most)
    chosen = found[offset : None if limit is None else offset + limit]
    return {
        "current": paging.first + (offset // limit if limit else 0),
        "data": [view(item) for item in chosen],
        "pages": math.ceil(len(found) / limit) if limit else 1,
        # the samples without a limit count the items
        "size": limit if asked is not None else len(chosen),
        "total": len(found),
    }


_SORT_KEYS: dict[str, Callable[[Notebook], Any]] = {
    "create_at": attrgetter("create_at"),
    "createTime": attrgetter("create_at"),
    "update_at": attrgetter("update_at"),
    "updateTime": attrgetter("update_at"),
    "name": attrgetter("name"),
    "status": attrgetter("status"),
    "flavor": attrgetter("flavor"),
    "feature": attrgetter("feature"),
}


def notebooks(world: World, project_id: str, user_id: str | None, query: Query) -> list[Notebook]:
    """The instances of a project that pass the filters, newest first unless asked otherwise.

    ``user_id`` keeps to one user's instances; None shows everybody's.
    """
    feature = query.get("feature", "").upper() or "NOTEBOOK"
    found = [item for item in world.notebooks.values() if item.project_id == project_id and item.feature == feature]
    if user_id is not None:
        found = [item for item in found if item.user_id == user_id]
    for test in _filters(world, query):  # one after the other: most requests have none, and each is a plain loop
        found = list(filter(test, found))
    return _sorted(found, query)


def _sorted(found: list[Notebook], query: Query) -> list[Notebook]:
    """In the asked order; equal ones in the order of their creation, which is also the order of ``found``."""
    direction = query.get("sort_dir", "").upper() or "DESC"
    if direction not in {"ASC", "DESC"}:
        raise refuse("0104", "The parameter 'sort_dir' has to be ASC or DESC.")
    if direction == "DESC":
        found.reverse()
    keys = [key for key in query.get("sort_key", "").split(",") if key]
    for key in keys:
        if key not in _SORT_KEYS:
            raise refuse("6303", f"Instances cannot be sorted by '{key}'.")
    for key in reversed(keys):  # sorting is stable, so the last key goes first
        found.sort(key=_SORT_KEYS[key], reverse=direction == "DESC")
    return found


def _filters(world: World, query: Query) -> list[Callable[[Notebook], bool]]:
    tests: list[Callable[[Notebook], bool]] = []
    exact: dict[str, Callable[[Notebook], str | None]] = {
        "pool_id": lambda item: item.pool_id,
        "owner": lambda item: item.user_id,
        "workspace_id": lambda item: item.workspace_id,
        "workspaceId": lambda item: item.workspace_id,  # older documents, and Huawei's provider
        "image_id": lambda item: item.image_id,
        "id": lambda item: item.id,
        "ip": lambda item: item.ip,
    }
    part: dict[str, Callable[[Notebook], str]] = {
        "name": lambda item: item.name,
        "flavor": lambda item: item.flavor,
        "description": lambda item: item.description,
        "username": lambda item: item.user_name,
        "swr_path": lambda item: world.images[item.image_id].swr_path if item.image_id in world.images else "",
        "pool_name": lambda item: world.pools[item.pool_id].name if item.pool_id in world.pools else "",
    }
    for key, read in exact.items():
        if query.get(key):
            tests.append(_equals(read, query[key]))
    for key, read_text in part.items():
        if query.get(key):
            tests.append(_contains(read_text, query[key]))
    if query.get("status"):
        status = query["status"].upper()
        tests.append(lambda item: item.status == status)
    if query.get("billing"):
        tests.append(_billing(query["billing"].upper()))
    if query.get("tags"):
        tests.append(_tags(query["tags"]))
    return tests


def _equals(read: Callable[[Notebook], str | None], value: str) -> Callable[[Notebook], bool]:
    return lambda item: read(item) == value


def _contains(read: Callable[[Notebook], str], value: str) -> Callable[[Notebook], bool]:
    return lambda item: value in read(item)


def _billing(kind: str) -> Callable[[Notebook], bool]:
    if kind not in {"COMPUTE", "STORAGE", "ALL"}:
        raise refuse("0104", "The parameter 'billing' has to be COMPUTE, STORAGE or ALL.")
    return lambda item: kind != "COMPUTE" or item.status == "RUNNING"


def _tags(text: str) -> Callable[[Notebook], bool]:
    wanted: Mapping[str, str] = dict(part.partition("|")[::2] for part in text.split(",") if part)
    return lambda item: all(
        key in item.tags and (not value or item.tags[key] == value) for key, value in wanted.items()
    )
