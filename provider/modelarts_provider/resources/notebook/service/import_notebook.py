"""Finding the notebook that an import names: by id, or by a name that only one has."""

from __future__ import annotations

from typing import Final

from modelarts_provider.api.errors import ApiError, Forbidden
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel, CancelledByUser, DeadlineExceeded, unless_cancelled
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.values import Json
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.resources.common.diagnostics import failed
from modelarts_provider.resources.notebook.schema.import_id import EXAMPLE, ImportId
from modelarts_provider.resources.notebook.service.lookup import named
from modelarts_provider.resources.notebook.service.observed import NotebookOperator

FEATURES: Final = ("NOTEBOOK", "DEFAULT")
"""A list holds those of one feature (the API's list, parameter ``feature``)."""

BEING_MADE: Final = frozenset({"INIT", "CREATING"})
"""Statuses in which answers lack the volume (documented samples): a plan on such a state would replace the instance."""


async def find(
    api: Notebooks, asked: ImportId, cancel: Cancel, head: str, location: tuple[str, str], found: Diagnostics
) -> Json | None:
    """The notebook; None with an error in ``found`` where there is none, or more than one of that name.

    Args:
        api: Where to look.
        asked: The import id.
        cancel: Ends it.
        head: The error's summary.
        location: The region and the project that are looked in.
        found: Takes the error.
    """
    region, project_id = location
    where = f"It was looked for in region {region}, project {project_id}. Nothing was imported."
    if asked.region is None:
        where = f"{where} An instance elsewhere is imported by region/project_id/id."
    try:
        if asked.is_id:
            return await unless_cancelled(api.show(asked.instance.lower()), cancel)
        return await unless_cancelled(_by_name(api, asked.instance, head, where, found), cancel)
    except ApiError as error:
        if isinstance(error, Forbidden) and not (asked.is_id or error.is_about_the_project):
            where = f"{where} An import by id needs no list (modelarts:notebook:get is enough)."
        failed(found, head, error, where)
    except CancelledByUser:
        found.error(head, "A stop was asked for. Nothing was imported.")
    return None


async def _by_name(api: Notebooks, name: str, head: str, where: str, found: Diagnostics) -> Json | None:
    listed = [item for feature in FEATURES async for item in api.list(name=name, feature=feature)]
    same = list({item["id"]: item for item in listed if item.get("name") == name}.values())
    if len(same) == 1:
        return await api.show(same[0]["id"])
    if not same:
        found.error(
            head,
            f"No notebook instance has exactly this name, and {name!r} is not the id of a notebook instance, which is a UUID "
            f"such as {EXAMPLE}. {where} Check the name, or import by id.",
        )
    else:
        found.error(
            head, [f"{len(same)} instances have this name. {where} Import one of them by its id:", *named(same)]
        )
    return None


async def finished(operator: NotebookOperator, seen: Json, head: str, found: Diagnostics) -> Json | None:
    """The notebook once it is made, since a killed create may have left it half way; None with an error in ``found``.

    Args:
        operator: Looks at it, until its deadline.
        seen: The notebook as it was found.
        head: The error's summary.
        found: Takes the error.
    """
    if seen.get("status") not in BEING_MADE:
        return seen
    still = f"Instance {seen['id']} is still being created. Nothing was imported: import it again when it is done."
    try:
        made = (await operator.wait_until(lambda now: now.status not in BEING_MADE)).api
    except Refused as refused:
        failed(found, head, refused, "The instance was still being created. Nothing was imported.")
    except DeadlineExceeded:
        found.error(head, still)
    except CancelledByUser:
        found.error(head, f"A stop was asked for. {still}")
    else:
        return made
    return None
