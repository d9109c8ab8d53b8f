"""The runner: plan, do the steps, plan again when the API refuses a field's state, and restore when anything fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from modelarts_provider.framework.cancellation import Cancel, CancelledByUser, DeadlineExceeded
from modelarts_provider.lifecycle.changes import Observed, ObservedT, UpdateGoal
from modelarts_provider.lifecycle.choose import Going, NoWay, TooLarge
from modelarts_provider.lifecycle.execute import Execution
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.operate import InFailedState, Operator, Sight, WentElsewhere
from modelarts_provider.lifecycle.outcome import Outcome, Reason, StepError
from modelarts_provider.lifecycle.plan import ConsentNeeded
from modelarts_provider.lifecycle.power import FAILED, FROZEN, STARTABLE, Power, heading_of
from modelarts_provider.lifecycle.restore import Restoration, restore


async def run_update(
    goal: UpdateGoal,
    operations: Operator[ObservedT],
    *,
    interrupted: Power | None = None,
    owes: Callable[[ObservedT], Power | None] | None = None,
    restore_timeout: float = 600.0,
) -> Outcome[ObservedT]:
    """Make an update, and bring the notebook back when it fails half way.

    Never raises for failures of the API, of the clock or of the user's patience: the outcome holds them.

    Args:
        goal: What to bring about.
        operations: The notebook. Restoring goes on after its deadline, with a time of its own, and after its cancel.
        interrupted: The power state that an earlier run owes, which has moved the notebook out of it and was killed: its
            mark is still there. This run takes that over: the notebook comes back to it, whatever happens, and runs
            with the auto-stop that it had.
        owes: Asked of the first look, where the plan knew of no such run (it was made before, or without a refresh): what
            one that has left its mark owes.
        restore_timeout: Seconds for bringing the power state back.
    """
    operator = replace(operations, sight=Sight[ObservedT]())
    execution = Execution(goal, operator)
    if interrupted is not None:
        execution.take_over(interrupted)
    error: StepError | None = None
    try:
        await execution.go(owes or _nothing)
    except _EXPECTED as problem:
        error = _error(problem, execution)
    rescue = replace(operator, deadline=operator.pace.deadline(restore_timeout), cancel=Cancel.shield())
    restoration = await _restore(rescue, execution, error)
    if restoration.restored and Power.RUNNING in operator.sight.accepted:
        execution.lease_sent()
    if execution.marked and restoration.restored is not False:
        await execution.unmark(rescue)
    gone = await _read_back(rescue, execution)
    if error is not None and error.reason is Reason.GONE and not gone:
        error = replace(error, reason=Reason.REFUSED)
    if error is None and gone:
        error = StepError(Reason.GONE, None, "The notebook was updated, and is gone since.")
    sight = operator.sight
    return Outcome(
        observed=sight.seen,
        fresh=sight.fresh,
        error=error,
        restored=None if gone else restoration.restored,
        warnings=tuple(execution.warnings),
        done=tuple(execution.done),
        applied=frozenset(execution.applied),
        marked=execution.marked,
        carried=execution.carried,
        where="" if error is None else _where(_once(restoration, error.what), execution, error.what, gone=gone),
    )


_EXPECTED = (Refused, InFailedState, WentElsewhere, DeadlineExceeded, CancelledByUser, ConsentNeeded, NoWay)

_REASONS: dict[Refusal, Reason] = {
    Refusal.GONE: Reason.GONE,
    Refusal.NO_CAPACITY: Reason.NO_CAPACITY,
    Refusal.FROZEN: Reason.FROZEN,
    Refusal.UNREACHABLE: Reason.UNREACHABLE,
    Refusal.NO_TURN: Reason.TIMEOUT,
}


_FORBIDS = {True: Reason.FAILED_FORBIDS, False: Reason.FAILED_FOR_GOOD}
"""A failed state that takes no change, by whether a start may lead out of it."""


def _error(problem: Exception, execution: Execution[ObservedT]) -> StepError:
    """A problem as the outcome holds it."""
    doing = execution.step.describe() if execution.step is not None else "update the notebook"
    reason, cause = _read(problem)
    seen = execution.operator.sight.seen
    if isinstance(problem, Refused) and problem.kind is Refusal.WRONG_STATE and seen and seen.status in FAILED:
        reason = Reason.FROZEN if seen.status == FROZEN else _FORBIDS[seen.status in STARTABLE]
    met = problem.__cause__ if isinstance(problem, DeadlineExceeded) else problem
    if isinstance(met, Refused) and met.kind is Refusal.BUSY and seen and seen.status in FAILED:
        reason = Reason.FROZEN if seen.status == FROZEN else Reason.FAILED_STATE
    text = str(problem)
    if isinstance(problem, CancelledByUser):
        text = "interrupted"
    if isinstance(problem, NoWay | ConsentNeeded) and execution.refusal is not None:
        cause = execution.refusal.cause or execution.refusal
        text = f"{text} (the API: {execution.refusal})"
    elif execution.refusal is not None and execution.refusal is not problem:
        text = f"{text} (the API refused the update before: {execution.refusal})"
    if isinstance(problem, DeadlineExceeded) and isinstance(problem.__cause__, Refused):
        text = f"{text} (met last: {problem.__cause__})"
    return StepError(reason, execution.step, f"Could not {doing}: {text.rstrip('.')}.", cause)


def _read(problem: Exception) -> tuple[Reason, BaseException]:
    match problem:
        case Refused(kind=kind, cause=cause):
            return _REASONS.get(kind, Reason.REFUSED), cause or problem
        case InFailedState(observed=observed) if observed.status == FROZEN:
            return Reason.FROZEN, problem
        case InFailedState() | WentElsewhere():
            return Reason.FAILED_STATE, problem
        case DeadlineExceeded(__cause__=Refused(kind=Refusal.NO_CAPACITY, cause=cause)):
            return Reason.NO_CAPACITY, cause or problem
        case DeadlineExceeded():
            return Reason.TIMEOUT, problem
        case CancelledByUser():
            return Reason.CANCELLED, problem
        case ConsentNeeded():
            return Reason.CONSENT, problem
        case Going():
            return Reason.GOING, problem
        case TooLarge():
            return Reason.TOO_LARGE, problem
        case _:
            return Reason.NO_WAY, problem


_REQUEST_ID = re.compile(r" \(request id [^()]*\)")
"""The one thing in which the same refusal differs from call to call."""


async def _restore(
    rescue: Operator[ObservedT], execution: Execution[ObservedT], error: StepError | None
) -> Restoration:
    if error is None:
        return Restoration(None)
    hurried = error.reason is Reason.CANCELLED
    # Capacity that did not come within the whole timeout is asked for once more, not waited for once more.
    rescue.patient = not hurried and error.reason is not Reason.NO_CAPACITY
    return await restore(rescue, execution.final, execution.sender(), hurried=hurried)


def _once(restoration: Restoration, said: str) -> Restoration:
    """The restoration without a cause that the error has told already."""
    head, colon, cause = restoration.sentence.partition(": ")
    told = bool(colon) and _REQUEST_ID.sub("", cause).rstrip(".") in _REQUEST_ID.sub("", said)
    return replace(restoration, sentence=f"{head}.") if told else restoration


async def _read_back(rescue: Operator[ObservedT], execution: Execution[ObservedT]) -> bool:
    """Read the notebook as it is now: whether it is gone."""
    if rescue.sight.fresh:
        return False
    intervals = rescue.pace.intervals()
    for _ in range(rescue.pace.attempts):
        try:
            await rescue.look()
        except Refused as refused:
            if refused.kind is Refusal.GONE:
                return True
            met = refused
        else:
            return False
        await rescue.pace.sleep(next(intervals))
    execution.warn(f"The notebook could not be read back, so that the state may be behind: {met}.")
    return False


def _where(restoration: Restoration, execution: Execution[ObservedT], said: str, *, gone: bool) -> str:
    sight = execution.operator.sight
    if gone:
        return "The notebook cannot be found."
    if sight.seen is None:
        return "The notebook could not be read."
    if not sight.fresh:
        since = _moved_since(execution, sight.seen)
        return f"{restoration.sentence} The notebook was {sight.seen.status} when it was read last{since}.".lstrip()
    why = sight.seen.fail_reason if sight.seen.status in FAILED else None
    status = f"{sight.seen.status} ({why})" if why and why not in said else sight.seen.status
    return f"{restoration.sentence} It is {status}." if restoration.sentence else f"The notebook is {status}."


def _moved_since(execution: Execution[ObservedT], seen: Observed) -> str:
    """What was accepted after the last read, and who brings it back."""
    power = heading_of(seen.status)
    if power is None or power.other not in execution.operator.sight.accepted:
        return ""
    what = "stop" if power is Power.RUNNING else "start"
    back = "; the next apply brings it back, since the tag that this one left says so" if execution.marked else ""
    return f", and a {what} was accepted since{back}"


def _nothing(_: Observed) -> None:
    """No earlier run owes anything."""
