"""Bringing the power state back after something failed: bounded, undisturbed by the cancel, and honest about it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from modelarts_provider.framework.cancellation import DeadlineExceeded
from modelarts_provider.lifecycle.changes import ObservedT
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.lifecycle.operate import InFailedState, Operator, WentElsewhere, towards
from modelarts_provider.lifecycle.power import FAILED, START_FAILED, Power, power_of

_VERB = {Power.RUNNING: "started", Power.STOPPED: "stopped"}


@dataclass(frozen=True, slots=True)
class Restoration:
    """Whether the power state is back (None: there was nothing to bring back), and what was done about it."""

    restored: bool | None
    sentence: str = ""


async def restore(
    operator: Operator[ObservedT],
    target: Power | None,
    send: Callable[[], Coroutine[Any, Any, None]],
    *,
    hurried: bool,
) -> Restoration:
    """Bring a notebook back that a call of ours has moved, or may have moved, out of ``target``.

    Args:
        operator: With a deadline of its own and a cancel that nobody sets.
        target: The power state that it ought to be in; None when the contract promises none.
        send: Asks for it.
        hurried: After a cancel: enough is that it is on its way.
    """
    if target is None or target.other not in operator.sight.moved:
        return Restoration(None)
    try:
        observed = await _where(operator, target)
        if towards(observed, target):
            return Restoration(True if target.other in operator.sight.accepted else None)
        asked = target in operator.sight.accepted | operator.sight.refused
        # A start of an earlier run that failed is tried again once; where a stop of ours has failed, nobody knows better.
        again = observed.status == START_FAILED and target is Power.RUNNING and not asked
        if observed.status in FAILED and not again:
            raise InFailedState(observed)
        if asked:
            # It was asked for already, and did not stay or was refused for good: asking again is no better.
            return Restoration(False, f"The notebook could not be {_VERB[target]} again.")
        await operator.switch(target, send)
        if not hurried:
            await operator.reach(target, observed.status)
    except (Refused, InFailedState, WentElsewhere, DeadlineExceeded) as error:
        return Restoration(False, f"The notebook could not be {_VERB[target]} again: {str(error).rstrip('.')}.")
    return Restoration(True, f"The notebook was {_VERB[target]} again.")


async def _where(operator: Operator[ObservedT], target: Power) -> ObservedT:
    """Where it rests, or that it goes to the target.

    A call whose effect is still to come leaves the notebook where it was for a moment, so a first look that finds it
    in its place is followed by a second one.
    """

    def decided(observed: ObservedT) -> bool:
        return towards(observed, target) or observed.status in FAILED or power_of(observed.status) is target.other

    observed = await operator.wait_until(decided)
    if towards(observed, target) and target not in operator.sight.accepted:
        await operator.pause(next(operator.pace.intervals()))
        observed = await operator.wait_until(decided)
    return observed
