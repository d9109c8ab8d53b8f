"""Finding a notebook that nobody has the id of: one just made whose answer was lost, or one that a user names."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.schema.values import UNKNOWN, Json, Values
from modelarts_provider.resources.notebook.service.known_instances import Likeness

DEFAULT_WORKSPACE: Final = "0"


def likeness(planned: Values, region: str, project_id: str) -> Likeness:
    """What a planned notebook would have in common with its twin."""
    return (region, project_id, planned["name"], planned["flavor"], planned["image_id"].lower())


async def alike(api: Notebooks, planned: Values, user_id: str | None = None) -> list[Json]:
    """The instances with the planned name, flavor and image, newest first.

    The API's list holds the caller's own. Where an item tells its user and the caller's id is known, they are compared all
    the same. An id in capitals is the same id.

    Of the planned feature: a list that names none leaves out all but NOTEBOOK (the API's default). What a list that names
    no workspace holds is not documented, so a workspace is asked for as well.
    """
    feature = planned["feature"] if planned["feature"] is not UNKNOWN else None
    asked: list[dict[str, str]] = [{}]
    if planned["workspace_id"] not in (None, UNKNOWN, DEFAULT_WORKSPACE):
        asked.append({"workspace_id": planned["workspace_id"]})
    found: dict[str, Json] = {}
    for workspace in asked:
        async for item in api.list(name=planned["name"], feature=feature, **workspace):
            if (
                item.get("name") == planned["name"]
                and item.get("flavor") == planned["flavor"]
                and _same_id((item.get("image") or {}).get("id"), planned["image_id"])
                and _same_id(item.get("user_id") or (item.get("user") or {}).get("id"), user_id)
            ):
                found[item["id"]] = item
    return list(found.values())


def _same_id(one: Any, other: Any) -> bool:
    """Whether two ids are the same, or one of them isn't known."""
    return not one or not other or str(one).lower() == str(other).lower()


def younger_than(found: Iterable[Json], seconds: float) -> list[Json]:
    """Those made within the last seconds, by this machine's clock; one without a time counts as old."""
    least = (time.time() - seconds) * 1000
    return [item for item in found if (made_at(item) or 0) >= least]


def is_older(item: Json, seconds: float) -> bool:
    """Whether it is known to have been made before the last seconds, by this machine's clock."""
    made = made_at(item)
    return made is not None and made < (time.time() - seconds) * 1000


def made_at(item: Json) -> int | None:
    """When an instance was made, in milliseconds: list items carry it in the lease only."""
    moment = item.get("create_at", (item.get("lease") or {}).get("create_at"))
    return moment if isinstance(moment, int) else None


def named(items: Iterable[Json]) -> list[str]:
    """Candidates for a message, a line each."""
    return [f"  {item['id']}  {item.get('status', '')}  {item.get('flavor', '')}" for item in items]
