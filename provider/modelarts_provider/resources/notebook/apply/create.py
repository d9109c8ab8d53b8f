"""Creating a notebook: once there is one, waiting until it runs. Whatever happens after that, its id is not lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import islice
from typing import Final

from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import (
    CancelledByUser,
    DeadlineExceeded,
    Sendings,
    counting,
    once_answered,
)
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.lifecycle.changes import Changes, UpdateGoal
from modelarts_provider.lifecycle.fields import FIELDS
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.operate import InFailedState, Sight, WentElsewhere
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.run import run_update
from modelarts_provider.resources.common.diagnostics import cause_of, next_step_of
from modelarts_provider.resources.common.odd_fields import warn_of_odd_fields
from modelarts_provider.resources.common.tags import without_strays
from modelarts_provider.resources.notebook.apply.create_once import obtain
from modelarts_provider.resources.notebook.apply.update import applied_size, as_planned, check_applied, tell
from modelarts_provider.resources.notebook.plan.power import wanted_power
from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, raw_lease
from modelarts_provider.resources.notebook.service.conversion import Reading, to_state
from modelarts_provider.resources.notebook.service.diagnostics import summary
from modelarts_provider.resources.notebook.service.instance import NotebookInstance
from modelarts_provider.resources.notebook.service.known_instances import Claims
from modelarts_provider.resources.notebook.service.observed import NotebookOperator, observe

Adopt = Callable[[ApplyRequest, str, NotebookOperator, Reading, ApplyResponse], Awaitable[bool]]


async def create(
    api: Notebooks,
    request: ApplyRequest,
    operator: NotebookOperator,
    reading: Reading,
    claims: Claims,
    answer: ApplyResponse,
    *,
    adopt: Adopt,
    protected: bool = False,
) -> None:
    """Create the notebook, wait until it runs, and finish what the create request can't carry.

    Args:
        api: The API of its region and project.
        request: The create.
        operator: Brings the deadline, the cancel and the pace; its instance is set here.
        reading: What the state is read with.
        claims: Instances that are known to be somebody's.
        answer: Filled in: the state as soon as there is an instance, and what went wrong.
        adopt: Takes over an instance that a killed create has left; False where another run has it.
        protected: Whether it must not be destroyed from then on, so that a tainted one can't be replaced.
    """
    planned = request.planned
    assert planned is not None  # noqa: S101 - a create
    location = (reading.region, reading.project_id)
    while (got := await obtain(api, planned, location, operator, claims, answer.diagnostics)) is not None:
        made = got.notebook
        operator.instance = NotebookInstance(api, made["id"])
        operator.sight = Sight(seen=observe(made))
        if not got.adopted:
            await _run(request, operator, reading, answer, protected=protected)
        elif not await adopt(request, made["id"], operator, reading, answer):
            continue  # another run has it: its claim stays, and this create goes on
        elif answer.state is None:  # it is nobody's still
            claims.ids.discard(made["id"])
        else:
            await _sign(operator)
        return


async def _run(
    request: ApplyRequest, operator: NotebookOperator, reading: Reading, answer: ApplyResponse, *, protected: bool
) -> None:
    """Wait until a new notebook runs, and finish it."""
    planned = request.planned
    assert planned is not None  # noqa: S101 - a create
    head = summary("create", planned["name"])
    gone = False
    try:
        await _running(operator)
    except (Refused, InFailedState, WentElsewhere, DeadlineExceeded, CancelledByUser) as error:
        gone = isinstance(error, Refused) and error.kind is Refusal.GONE
        _not_running(answer.diagnostics, head, operator, error, _next_apply(protected=protected))
    else:
        await _finish(planned, operator, answer.diagnostics, head, _next_apply(protected=protected))
    if not gone:  # if it turns up all the same after a refresh has dropped it, the next create has to find it
        await _sign(operator)
    assert operator.sight.seen is not None  # noqa: S101 - what the create request answered, at least
    api_now = operator.sight.seen.api
    warn_of_odd_fields(answer.diagnostics, planned["name"], api_now)
    if planned["auto_stop"] is not None:
        answer.private = answer.private | {MEMORY: raw_lease(api_now)}
    reading = replace(reading, lease=answer.private.get(MEMORY), applied=not answer.diagnostics.has_error)
    if reading.applied:
        api_now = without_strays(api_now, None, planned)
    answer.state = to_state(api_now, planned, reading)
    answer.private = answer.private | applied_size(request, answer.state)
    if answer.diagnostics.has_error:
        return
    if check_applied(answer.diagnostics, head, None, planned, answer.state):
        answer.state = as_planned(planned, answer.state, answer.diagnostics)
    else:
        _tell_tainted(answer.diagnostics, planned, _next_apply(protected=protected))


async def _running(operator: NotebookOperator) -> None:
    """Wait until it runs. Reads may lag behind: what was never seen since the request made it isn't gone at the first one."""
    made = operator.sight.seen
    for seconds in islice(operator.pace.intervals(), operator.pace.stale):
        try:
            await operator.reach(Power.RUNNING, None)
        except Refused as refused:
            if refused.kind is not Refusal.GONE or operator.sight.seen is not made:
                raise
        else:
            return
        await operator.pause(seconds)
    await operator.reach(Power.RUNNING, None)


SIGN_ATTEMPTS: Final = 4
"""How often a sign is tried while the service is busy; the end of the process waits ten seconds at most.

How often it is sent without an answer is one number for this and for the client: max_retries, and three times at least.
"""


async def _sign(operator: NotebookOperator) -> None:
    """Sign the instance as one that a state holds. Where that fails, a create of the same name may ask about it.

    Once Terraform has the answer: until then no state holds it, and where Terraform is killed, none ever will. The next
    create has to find it then.
    """
    instance = operator.instance
    assert isinstance(instance, NotebookInstance)  # noqa: S101 - narrows the protocol to what can sign

    async def sign() -> None:
        sendings = Sendings()
        for seconds in islice(operator.pace.intervals(), SIGN_ATTEMPTS):
            try:
                with counting(sendings):
                    await instance.sign()
            except Refused as refused:
                spent = sendings.are_spent and sendings.failed >= operator.pace.attempts
                if spent or refused.kind not in (Refusal.UNREACHABLE, Refusal.BUSY):
                    return
            else:
                return
            await operator.pace.sleep(seconds)

    await once_answered(sign)


async def _finish(planned: Values, operator: NotebookOperator, found: Diagnostics, head: str, next_apply: str) -> None:
    """Tags and a wanted stop, which the create request can't carry; tried again within the timeout."""
    wanted, tags = wanted_power(planned), planned["tags_all"] or {}
    if wanted in (None, Power.RUNNING) and not tags:
        return
    outcome = await run_update(UpdateGoal(changes=Changes(table=FIELDS, add_tags=tags), wanted=wanted), operator)
    operator.sight.seen = outcome.observed or operator.sight.seen
    tell(outcome, found, head, planned["name"])
    if outcome.error is not None:
        _tell_tainted(found, planned, next_apply)


def _tell_tainted(found: Diagnostics, planned: Values, next_apply: str) -> None:
    found.error(
        f'Notebook "{planned["name"]}" was created and is not finished',
        f"The instance exists and stays in the state, tainted: {next_apply}",
    )


def _next_apply(*, protected: bool) -> str:
    """What Terraform does next with what it has tainted, and how to keep it."""
    if protected:
        return (
            "the next apply would replace it, which deletion_protection forbids. Run `terraform untaint` on it, then "
            "`terraform plan`, which shows what is left."
        )
    return (
        "the next apply replaces it. To keep it instead, run `terraform untaint` on it, then `terraform plan`, which shows "
        "what is left."
    )


def _met(error: Exception) -> str:
    """What the last look met, where it could not tell how the instance is."""
    return f" Looking at it failed: {cause_of(error.__cause__)}" if isinstance(error.__cause__, Refused) else ""


def _not_running(found: Diagnostics, head: str, operator: NotebookOperator, error: Exception, next_apply: str) -> None:
    """The error of an instance that exists and doesn't run."""
    seen = operator.sight.seen
    assert seen is not None  # noqa: S101 - what the create request answered, at least
    progress = f" ({seen.progress})" if seen.progress else ""
    match error:
        case InFailedState():
            happened = f"The instance was created, and {error}."
        case DeadlineExceeded():
            happened = (
                f"The instance did not run within {operator.deadline.seconds:g} s (timeouts.create).{_met(error)}"
            )
        case CancelledByUser():
            happened = f"A stop was asked for while the instance was starting.{_met(error)}"
        case WentElsewhere():
            happened = f"The instance was stopped by somebody else while it started: {error}."
        case _:
            happened = cause_of(error)
    found.error(
        head,
        f"{happened} Instance {seen.api['id']} is {seen.status}{progress} and stays in the state, tainted: "
        f"{next_apply} {next_step_of(error)}".rstrip(),
    )
