"""Taking over an instance that a killed create has left: brought to the configuration first, then the state's.

Terraform taints whatever a create returns with an error, and replaces it at the next apply. So an instance that can't be
brought to the configuration is not returned: it stays as it was, unsigned, and the next create finds it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.planning.passes import requires_replace
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.framework.schema.walk import value_at
from modelarts_provider.lifecycle.changes import UpdateGoal
from modelarts_provider.lifecycle.fields import FIELDS, attributes
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.operate import InFailedState
from modelarts_provider.lifecycle.outcome import Outcome
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.lifecycle.run import run_update
from modelarts_provider.lifecycle.steps import Start, Stop
from modelarts_provider.resources.common.diagnostics import cause_of, next_step_of
from modelarts_provider.resources.notebook.apply.unmanaged import adopt_for_this_run
from modelarts_provider.resources.notebook.apply.update import applied_size, as_planned, check_applied, tell
from modelarts_provider.resources.notebook.plan.changes import lifecycle_changes
from modelarts_provider.resources.notebook.plan.power import wanted_power
from modelarts_provider.resources.notebook.plan.rules import shrinks
from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, raw_lease, wanted_lease
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA
from modelarts_provider.resources.notebook.service.conversion import Reading, to_state
from modelarts_provider.resources.notebook.service.diagnostics import shown, summary
from modelarts_provider.resources.notebook.service.interruption import is_managed
from modelarts_provider.resources.notebook.service.known_instances import Claims
from modelarts_provider.resources.notebook.service.observed import NotebookOperator, ObservedNotebook

NOT_TAKEN: Final = (
    "It is in no state and stays where it is. The next apply tries to take it over again; or import it, or delete it."
)


async def adopt(
    request: ApplyRequest,
    notebook_id: str,
    operator: NotebookOperator,
    reading: Reading,
    answer: ApplyResponse,
    *,
    claims: Claims,
    policy: RestartPolicy,
) -> bool:
    """Bring an instance to the configuration as an update would, and let it run, as a create does.

    False where it turns out to be another run's, with nothing changed and no error: the create goes on without it.

    Args:
        request: The create.
        notebook_id: The instance.
        operator: Works on it.
        reading: What the state is read with.
        answer: Filled in: the state once all is as it was asked for, else an error alone.
        claims: What this process knows of it.
        policy: Whether it may be stopped for that.
    """
    config, planned = request.config, request.planned
    assert config is not None  # noqa: S101 - a create has both
    assert planned is not None  # noqa: S101 - as above
    head, found = summary("take over", planned["name"]), answer.diagnostics
    prior = await _settled(planned, notebook_id, operator, reading, head, found)
    if prior is None:
        return found.has_error
    if not _fits(config, prior, planned, head, found):
        return True
    mine = await _taken(operator, claims, notebook_id, head, found)
    if not mine:
        return mine is None
    goal = UpdateGoal(
        changes=lifecycle_changes(config, prior, planned),
        wanted=wanted_power(planned) or Power.RUNNING,
        policy=policy,
        managed_lease=wanted_lease(planned["auto_stop"]),
    )
    outcome = await run_update(goal, operator)
    tell(outcome, found, head, planned["name"])
    if outcome.error is None and outcome.observed is not None:
        operator.sight.seen = outcome.observed
        api = outcome.observed.api
        private = answer.private | ({MEMORY: raw_lease(api)} if planned["auto_stop"] is not None else {})
        state = to_state(api, planned, replace(reading, lease=private.get(MEMORY)))
        if check_applied(found, head, None, planned, state):
            answer.private = private | applied_size(request, state)
            answer.state = as_planned(planned, state, found)
            found.warning(
                f'Notebook "{planned["name"]}" was taken over',
                f"Instance {notebook_id} of this name, flavor and image was there already and belonged to no known "
                f"state; adopt_existing is true. {_done(outcome)}",
            )
            return True
    found.error(
        f'Notebook "{planned["name"]}" was not taken over',
        f"Instance {notebook_id} could not be brought to what is configured. {NOT_TAKEN}",
    )
    return True


async def _settled(
    planned: Values, notebook_id: str, operator: NotebookOperator, reading: Reading, head: str, found: Diagnostics
) -> Values | None:
    """The instance as a state would have it; None with an error where it doesn't rest, without where it is another run's, or gone."""
    try:
        seen = await operator.settle()
    except InFailedState as failed:
        found.error(head, f"Instance {notebook_id} failed: {failed}. {NOT_TAKEN}")
    except DeadlineExceeded as late:
        found.error(head, f"Instance {notebook_id} is still moving: {late} (timeouts.create). {NOT_TAKEN}")
    except CancelledByUser:
        found.error(head, f"A stop was asked for. {NOT_TAKEN}")
    except Refused as refused:
        if refused.kind is not Refusal.GONE:
            found.error(head, f"{cause_of(refused)} {NOT_TAKEN} {next_step_of(refused)}".rstrip())
    else:
        if is_managed(seen.api):
            return None
        return to_state(seen.api, planned, reading) | {"hooks": None}  # the API never tells them: sent once more
    return None


async def _taken(
    operator: NotebookOperator, claims: Claims, notebook_id: str, head: str, found: Diagnostics
) -> bool | None:
    """Whether it is this run's now, and not another one's; None with an error where it can't be told."""
    try:
        return await adopt_for_this_run(operator, claims, notebook_id)
    except Refused as refused:
        found.error(
            head,
            f"{cause_of(refused)} Where tags can't be written, instance {notebook_id} can't be told from one that another "
            f"state holds. {NOT_TAKEN} {next_step_of(refused)}".rstrip(),
        )
    except DeadlineExceeded as late:
        found.error(head, f"{cause_of(late)} (timeouts.create). {NOT_TAKEN}")
    except CancelledByUser:
        found.error(head, f"A stop was asked for. {NOT_TAKEN}")
    return None


def _fits(config: Values, prior: Values, planned: Values, head: str, found: Diagnostics) -> bool:
    """Whether an update can make of the instance what is configured."""
    other = requires_replace(SCHEMA, config, prior, planned)
    values = "; ".join(f"{at} is {shown(value_at(prior, at))}, not {shown(value_at(planned, at))}" for at in other)
    problem = f"That can't be changed: {values}." if other else shrinks(prior, planned)
    if problem:
        found.error(
            head,
            f"Instance {prior['id']} was left by a create that was killed. {problem} Nothing was changed or created. "
            "Configure what it has, or delete it, or choose another name.",
            other[0] if other else None,
        )
    return not problem


def _done(outcome: Outcome[ObservedNotebook]) -> str:
    """What the taking over has changed, in a sentence or two."""
    applied = tuple(sorted(outcome.applied))
    said = f"Brought to the configuration: {attributes(FIELDS, applied)}." if applied else "It was as configured."
    moves = [type(step) for step in outcome.done if isinstance(step, Stop | Start)]
    if moves == [Stop, Start]:
        return f"{said} It was stopped for that, and started again."
    return f"{said} It was started." if Start in moves else said
