"""Updating a notebook in place: the lifecycle's run, and the state that is true afterwards."""

from __future__ import annotations

from modelarts_provider.core.forms import not_applied
from modelarts_provider.lifecycle.operate import Operator
from modelarts_provider.lifecycle.run import run_update
from modelarts_provider.resources.base import ApplyRequest, ApplyResponse, Values
from modelarts_provider.resources.notebook_changes import SIZE, lifecycle_changes
from modelarts_provider.resources.notebook_conversion import to_state
from modelarts_provider.resources.notebook_diagnostics import cause_of, next_step_of, summary, unapplied
from modelarts_provider.resources.notebook_plan import shrinks
from modelarts_provider.resources.notebook_schema import ATTRIBUTES


async def update(request: ApplyRequest, operator: Operator, answer: ApplyResponse) -> None:
    """Run the update and fill in the answer. Its state is the one before it until something else is known."""
    config, prior, planned = request.config, request.prior, request.planned
    assert config is not None  # noqa: S101 - an update has all three
    assert prior is not None  # noqa: S101 - as above
    assert planned is not None  # noqa: S101 - as above
    head = summary("update", prior["name"])
    problem = shrinks(prior, planned)
    if problem:  # a size that wasn't known at plan time; nothing has been called yet
        answer.diagnostics.error(head, problem, SIZE)
        return
    outcome = await run_update(
        lifecycle_changes(config, prior, planned),
        operator.instance,
        deadline=operator.deadline,
        cancel=operator.cancel,
        pace=operator.pace,
    )
    for warning in outcome.warnings:
        answer.diagnostics.warning(f'The update of notebook "{planned["name"]}" has a side effect', warning)
    if outcome.error is not None:
        cause = outcome.error.cause
        known = f"{outcome.detail} {cause_of(cause)} {next_step_of(cause)}" if cause is not None else outcome.detail
        answer.diagnostics.error(head, known.rstrip())
    if outcome.observed is None:
        return
    place = {"region": prior["region"], "project_id": prior["project_id"]}
    api = outcome.observed.source
    if outcome.error is None:
        answer.state = to_state(api, planned, **place)
        missing = tuple(not_applied(ATTRIBUTES, planned, answer.state))
        if not missing:
            return
        unapplied(answer.diagnostics, head, missing, planned, answer.state["status"])
    answer.state = to_state(api, _sent(prior, planned, outcome.applied), **place)


def _sent(prior: Values, planned: Values, applied: frozenset[str]) -> Values:
    """The prior values, with the hooks that were sent: the API never returns them."""
    return prior | {"timeouts": planned["timeouts"]} | ({"hooks": planned["hooks"]} if "hooks" in applied else {})
