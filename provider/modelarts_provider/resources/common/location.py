"""Where a notebook is, in a plan: the region and project of the configuration, the state or the provider.

A notebook never moves because another shell, or another provider block, names another location: that is an error, which
names the one that changed. What the configuration itself says is a change like others, and replaces.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import PlanRequest, PlanResponse
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.resources.common.diagnostics import cause_of
from modelarts_provider.resources.common.provider_block import ProviderBlock
from modelarts_provider.resources.common.session import NoConnection, NotConfigured, Session

SECONDS: Final = 30.0
"""A plan waits no longer for IAM."""

_VARIABLES: Final = {"region": "HW_REGION_NAME", "project_id": "HW_PROJECT_ID"}


def plan_location(request: PlanRequest, provider: ProviderBlock, answer: PlanResponse) -> None:
    """Plan region and project id; an error where the provider's would move the notebook."""
    config, prior, planned = request.config, request.prior, answer.planned
    if prior is None or config["region"] not in (None, prior["region"]):
        if config["region"] is None:
            planned["region"] = UNKNOWN if provider.region is None else provider.region
        if config["project_id"] is None:
            is_open = config["region"] is UNKNOWN  # it may turn out to be any region, the provider's or another
            planned["project_id"] = UNKNOWN if is_open else provider.project_of(planned["region"])
        return
    if config["region"] is None and provider.region not in (None, UNKNOWN, prior["region"]):
        _refuse_move(prior, "region", provider.origins, answer.diagnostics)
    elif config["project_id"] is None:
        provided = provider.project_of(prior["region"])
        if provided is not UNKNOWN and not _is_same(provided, prior["project_id"]):
            _refuse_move(prior, "project_id", provider.origins, answer.diagnostics)


async def check_location(request: PlanRequest, session: Session) -> Diagnostics:
    """An error where the provider's project id, of which no setting says the region, would move the notebook.

    IAM tells whether it is the region's. The answer never changes, so a plan may ask; and it asks only where the id
    isn't the state's.
    """
    found = Diagnostics()
    config, prior, provider = request.config, request.prior, session.block
    given = provider.unplaced_project_id
    if prior is None or given is None or config["project_id"] is not None or _is_same(given, prior["project_id"]):
        return found
    if provider.region != prior["region"] or config["region"] not in (None, prior["region"]):
        return found
    try:
        async with asyncio.timeout(SECONDS):
            is_regions = await session.holds(prior["region"], given)
    except NotConfigured:
        return found  # the provider block isn't known yet: the plan within the apply asks again
    except (NoConnection, TimeoutError) as error:
        cause = error.cause if isinstance(error, NoConnection) else error
        said = cause_of(cause) if isinstance(error, NoConnection) else f"No answer came within {SECONDS:.0f} s."
        found.warning(
            "The provider's project could not be checked",
            f"The provider's project_id{_found_at(provider.origins, 'project_id')} isn't the one of {prior['name']} "
            f"({prior['id']}), and whether it belongs to {prior['region']} could not be looked up. {said} The notebook "
            "stays in the region and project of the state.",
            path("project_id"),
        )
        return found
    if is_regions:
        _refuse_move(prior, "project_id", provider.origins, found)
    return found


def _refuse_move(prior: Values, name: str, origins: Mapping[str, str], found: Diagnostics) -> None:
    words = name.removesuffix("_id")
    found.error(
        f'Notebook "{prior["name"]}" is in another {words} than the provider',
        f'The state of {prior["name"]} ({prior["id"]}) says {name} = "{prior[name]}". The provider\'s {name}'
        f"{_found_at(origins, name)} is another one, and the resource sets none. Nothing was changed. To keep the notebook "
        f'where it is, write `{name} = "{prior[name]}"` in the resource, or restore the provider\'s {name} (its argument, '
        f"or {_VARIABLES[name]}).",
        path(name),
    )


def _found_at(origins: Mapping[str, str], name: str) -> str:
    return f" ({origins[name]})" if name in origins else ""


def _is_same(one: Any, other: Any) -> bool:
    """Whether two spellings are one project id."""
    return bool(one) and bool(other) and str(one).lower() == str(other).lower()
