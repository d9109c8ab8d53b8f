"""The notebook's own rules of a plan: region and project, a disk that can't shrink, and what the user is warned of.

Pure: decided from configuration, state, private data and the provider block, since Terraform plans again inside apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.paths import Path, path
from modelarts_provider.core.planning import requires_replace
from modelarts_provider.core.values import UNKNOWN
from modelarts_provider.lifecycle.fields import fields_needing_stop, fields_that_may_need_stop
from modelarts_provider.lifecycle.power import heading_of
from modelarts_provider.resources.base import PlanRequest, PlanResponse, Values
from modelarts_provider.resources.notebook_changes import SIZE, attribute_names, changed_rows
from modelarts_provider.resources.notebook_schema import SCHEMA

IMPORTED = "imported"
"""Private data: nothing of ours has been applied since the import, so hooks may exist that nobody can see."""


@dataclass(frozen=True, slots=True)
class ProviderBlock:
    """What the provider block says, as far as plans depend on it; each value a text, None, or UNKNOWN."""

    region: Any
    project_id: Any


def plan_notebook(request: PlanRequest, provider: ProviderBlock) -> PlanResponse:
    """The final plan of a create or an update."""
    answer = PlanResponse(planned=dict(request.planned), private=request.private)
    moved = _place(request, provider, answer)
    if request.prior is None:
        return answer
    answer.requires_replace = moved
    replacing = (*requires_replace(SCHEMA, request.config, request.prior, answer.planned), *moved)
    if replacing:
        _warn_of_replacement(request.prior, replacing, answer.diagnostics)
        return answer
    _check_size(request.prior, answer.planned, answer.diagnostics)
    _warn_of_stop(request, answer.planned, answer.diagnostics)
    return answer


def _place(request: PlanRequest, provider: ProviderBlock, answer: PlanResponse) -> tuple[Path, ...]:
    """Region and project: the configuration's, else the state's, and the provider's where it has changed.

    Returns the paths that replace the instance because the provider block names another place now.
    """
    moved: list[Path] = []
    for name, provided in (("region", provider.region), ("project_id", provider.project_id)):
        if request.config[name] is not None:
            continue
        before = request.prior and request.prior[name]
        if before and provided in (None, UNKNOWN, before):
            continue
        answer.planned[name] = UNKNOWN if provided is None else provided
        if before:
            moved.append(path(name))
            answer.diagnostics.warning(
                f'Notebook "{_name(request.prior)}" is in another {_words(name)} than the provider',
                f"The state says {before}, the provider block says {provided}, and the resource doesn't set {name}. "
                f'The notebook will be replaced. To keep it, set `{name} = "{before}"` in the resource.',
                path(name),
            )
    return tuple(moved)


def _words(name: str) -> str:
    return name.removesuffix("_id")


def _name(values: Values | None) -> str:
    return str(values["name"]) if values else ""


def _warn_of_replacement(prior: Values, replacing: tuple[Path, ...], found: Diagnostics) -> None:
    reasons = ", ".join(sorted({str(at) for at in replacing}))
    own = (prior["storage"] or {}).get("ownership") == "DEDICATED"
    loss = (
        "Its storage is your own and stays, everything outside of it is lost."
        if own
        else "Its disk and everything on it is deleted with it."
    )
    found.warning(
        f'Notebook "{_name(prior)}" will be replaced',
        f"Changing {reasons} can't be done in place: {_name(prior)} ({prior['id']}) is destroyed and a new one is "
        f"created. {loss} Save what you need first, or take the change back.",
    )


def _check_size(prior: Values, planned: Values, found: Diagnostics) -> None:
    """A disk only grows. An unknown size is checked at apply, before any call."""
    problem = shrinks(prior, planned)
    if problem:
        found.error(f'Unable to shrink the disk of notebook "{_name(prior)}"', problem, SIZE)


def shrinks(prior: Values, planned: Values) -> str:
    """What is wrong where the planned disk is smaller than the present one; empty where it isn't."""
    before = (prior["storage"] or {}).get("size")
    storage = planned["storage"]
    after = UNKNOWN if storage is UNKNOWN else (storage or {}).get("size")
    if before is None or after is None or after is UNKNOWN or after >= before:
        return ""
    return (
        f"storage.size is {after}, but the disk has {before} GB, and a disk can grow and never shrink. Nothing was "
        f"changed. Write `size = {before}` (or more), or leave size out to keep whatever the disk has."
    )


def _warn_of_stop(request: PlanRequest, planned: Values, found: Diagnostics) -> None:
    """Say so whenever the update will, or may, stop a running notebook."""
    prior = request.prior
    assert prior is not None  # noqa: S101 - an update
    rows = changed_rows(request.config, prior, planned)
    power = heading_of(prior["status"] or "")
    stopping = fields_needing_stop(rows, power)
    name = _name(prior)
    wiped = "Everything outside /home/ma-user/work is lost when it stops, and running work ends."
    if stopping:
        found.warning(
            f'Notebook "{name}" will be stopped and started again',
            f"Changing {attribute_names(rows, stopping)} needs a stopped notebook, and {name} ({prior['id']}) is "
            f"{prior['status']}. It is stopped, updated once and started again. {wiped}",
        )
    elif str(power) == "RUNNING" and fields_that_may_need_stop(rows, power):
        maybe = attribute_names(rows, fields_that_may_need_stop(rows, power))
        found.warning(
            f'Notebook "{name}" may be stopped and started again',
            f"Changing {maybe} is tried while {name} ({prior['id']}) runs. Where the service refuses that, it is "
            f"stopped, updated once and started again. {wiped}",
        )
    if "hooks" in rows and prior["hooks"] is None and request.private.get(IMPORTED):
        found.warning(
            f'The present hooks of notebook "{name}" can\'t be read',
            "It was imported, and the API never returns hooks: whatever hooks it has now are overwritten by the "
            "configuration's.",
            path("hooks"),
        )
