"""Deleting a notebook. Gone means that the API says it does not exist; busy never does."""

from __future__ import annotations

from collections.abc import Callable

from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.lifecycle.changes import Changes, Observed, UpdateGoal
from modelarts_provider.lifecycle.fields import FIELDS
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.operate import InFailedState
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.run import run_update
from modelarts_provider.resources.common.diagnostics import cause_of, next_step_of
from modelarts_provider.resources.notebook.service.diagnostics import summary
from modelarts_provider.resources.notebook.service.instance import NotebookInstance
from modelarts_provider.resources.notebook.service.observed import NotebookOperator

DELETING, DELETE_FAILED = "DELETING", "DELETE_FAILED"


class StillThere(Exception):
    """The instance could not be deleted; the text says why."""


async def delete(operator: NotebookOperator, name: str, found: Diagnostics) -> bool:
    """Delete the notebook and wait until it is gone; whether it is. Errors are in ``found``."""
    accepted = False
    try:
        await _ask(operator)
        accepted = True
        await operator.wait_until(_failed_or_not_yet(operator.pace.stale))
    except Refused as refused:
        if refused.kind is Refusal.GONE:
            return True
        _tell(found, name, operator, cause_of(refused), next_step_of(refused), accepted=accepted)
    except (InFailedState, StillThere) as error:
        again = "Run the destroy again; if it fails again, delete the instance in the console."
        _tell(found, name, operator, f"{str(error)[:1].upper()}{str(error)[1:]}.", again)
    except DeadlineExceeded as late:
        met = f" {cause_of(late.__cause__)}" if isinstance(late.__cause__, Refused) else ""
        text = f"It was not gone within {operator.deadline.seconds:g} s (timeouts.delete).{met}"
        _tell(found, name, operator, text, "Run the destroy again to go on.", accepted=accepted)
    except CancelledByUser:
        _tell(found, name, operator, "A stop was asked for.", "Run the destroy again to go on.", accepted=accepted)
    return False


async def _ask(operator: NotebookOperator) -> None:
    """Send the request until it is accepted: busy is waited for, and a running instance is stopped where asked to."""
    instance = operator.instance
    assert isinstance(instance, NotebookInstance)  # noqa: S101 - narrows the protocol to what can delete
    attempts = operator.attempts()
    async for _ in attempts:
        try:
            await operator.write(instance.delete())
        except Refused as refused:
            if refused.kind is Refusal.WRONG_STATE:
                await _stop_first(operator)
            elif refused.kind not in (Refusal.BUSY, Refusal.UNREACHABLE):
                raise
            elif (await operator.wait_until(lambda _: True)).status == DELETING:
                return
            attempts.met = refused
        else:
            return


async def _stop_first(operator: NotebookOperator) -> None:
    outcome = await run_update(UpdateGoal(changes=Changes(table=FIELDS), wanted=Power.STOPPED), operator)
    if outcome.error is not None:
        raise StillThere(f"the service asks for a stop before the deletion, and that failed: {outcome.detail}")


def _failed_or_not_yet(stale: int) -> Callable[[Observed], bool]:
    """Never done: the wait ends when the instance can't be found any more, or when its deletion has failed.

    The failure of an earlier deletion may be shown for a while, as answers lag behind: so many looks in a row.
    """
    began, failed = False, 0

    def failed_or_not_yet(observed: Observed) -> bool:
        nonlocal began, failed
        began = began or observed.status == DELETING
        failed = failed + 1 if observed.status == DELETE_FAILED else 0
        if failed and (began or failed > stale):
            raise InFailedState(observed)
        return False

    return failed_or_not_yet


def _tell(
    found: Diagnostics, name: str, operator: NotebookOperator, happened: str, next_step: str, *, accepted: bool = False
) -> None:
    """Add the error; ``accepted`` says that a deletion is under way, whatever could be seen of it."""
    seen = operator.sight.seen
    under_way = "The service has accepted the deletion. " if accepted else ""
    status = f"The instance was {seen.status} when it was looked at last, and it" if seen else "The instance"
    found.error(
        summary("delete", name),
        f"{happened} {under_way}{status} stays in the state: nothing is forgotten. {next_step}".rstrip(),
    )
