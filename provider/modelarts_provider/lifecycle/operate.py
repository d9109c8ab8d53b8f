"""Calls and waits on one notebook, under one deadline and one cancel: the hands of the runner and of restoring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from modelarts_provider.framework.cancellation import (
    Cancel,
    CancelledByUser,
    Deadline,
    DeadlineExceeded,
    Sendings,
    counting,
    unless_cancelled,
    within,
)
from modelarts_provider.lifecycle.changes import Observed, ObservedT
from modelarts_provider.lifecycle.instance import Instance, PollIntervals, Refusal, Refused
from modelarts_provider.lifecycle.power import DELETED, FAILED, TRANSITIONAL, Power, heading_of, power_of

LEAST_LOOK = 1.0
"""Seconds that a read has at least, so that the last look at the end of a timeout still tells how it ended."""
T = TypeVar("T")

PASSING: frozenset[Refusal] = frozenset({Refusal.UNREACHABLE, Refusal.BUSY, Refusal.NO_CAPACITY})
"""Refusals of a read that say nothing about the notebook: a poll survives them."""

FOR_ITS_STATE: frozenset[Refusal] = frozenset({Refusal.BUSY, Refusal.ALREADY_THERE, Refusal.WRONG_STATE})
"""Refusals of a tag call that a notebook at rest may not meet."""

SAYS_NO: frozenset[Refusal] = frozenset({Refusal.WRONG_STATE, Refusal.ALREADY_THERE})
"""Refusals of a stop or a start that are final in a failed state; others there are asked about again."""


class InFailedState(Exception):
    """A wait met a state in which nothing moves any more."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        reason = f": {observed.fail_reason}" if observed.fail_reason else ""
        super().__init__(f"the notebook is {observed.status}{reason}")


class WentElsewhere(Exception):
    """A wait for one power state ended in the other: somebody else, or auto-stop, was at work."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        super().__init__(f"the notebook moved, and rests in {observed.status}")


@dataclass(slots=True)
class Sight(Generic[ObservedT]):
    """What is known of the notebook, shared by everyone who works on it in one run.

    Attributes:
        seen: The last observation.
        fresh: Whether nothing was sent and nothing waited for since.
        moved: Power states that were asked for, whatever the answer: a refusal may lie.
        accepted: Those whose call was accepted, or found to be in effect.
        refused: Those whose call was refused for good.
    """

    seen: ObservedT | None = None
    fresh: bool = False
    moved: set[Power] = field(default_factory=set)
    accepted: set[Power] = field(default_factory=set)
    refused: set[Power] = field(default_factory=set)


@dataclass(slots=True)
class Operator(Generic[ObservedT]):
    """One notebook under one deadline and one cancel.

    Attributes:
        instance: The notebook.
        pace: How often to look.
        deadline: When every wait ends with DeadlineExceeded.
        cancel: What ends every wait at once with CancelledByUser.
        sight: What is known so far.
        patient: Whether a start that lacks capacity is tried again until the deadline.
    """

    instance: Instance[ObservedT]
    pace: PollIntervals
    deadline: Deadline
    cancel: Cancel
    sight: Sight[ObservedT]
    patient: bool = True

    async def write(self, work: Coroutine[Any, Any, None]) -> None:
        """Make a call that changes something. A cancel leaves it a moment to answer, then gives it up."""
        self.sight.fresh = False
        await self._call(work, self.pace.grace)

    async def look(self) -> ObservedT:
        """Read the notebook once. The client's own repetitions and a service that hangs end with the deadline.

        Raises:
            Refused: The read failed, or the notebook is gone.
        """
        self.sight.fresh = False
        observed = await self._call(self._show(), 0.0)
        self.sight.seen, self.sight.fresh = observed, True
        if observed.status == DELETED:
            raise Refused(Refusal.GONE)
        return observed

    async def _show(self) -> ObservedT:
        seconds = max(self.pace.remaining(self.deadline), LEAST_LOOK)
        try:
            return await asyncio.wait_for(self.instance.show(), seconds)
        except TimeoutError:
            slow = DeadlineExceeded(f"the notebook could not be read within {self.deadline.seconds:g} s")
            raise Refused(Refusal.UNREACHABLE, slow) from slow

    async def _call(self, work: Coroutine[Any, Any, T], grace: float) -> T:
        try:
            with within(self.deadline):
                return await unless_cancelled(work, self.cancel, grace)
        except (Refused, CancelledByUser):
            raise
        except Exception as defect:
            # A defect in the caller's adapter must not leave a notebook stopped either.
            raise Refused(Refusal.OTHER, defect) from defect

    def attempts(self) -> Attempts[ObservedT]:
        """Rounds of a call or a look, each but the first after a pause, until the caller leaves them.

        Raises:
            DeadlineExceeded: The deadline passed; its cause is what was met last, as a CancelledByUser's is.
        """
        return Attempts(self, self.pace.intervals())

    async def pause(self, seconds: float, cause: Refused | None = None) -> None:
        """Wait for so long, at most until the deadline.

        Raises:
            DeadlineExceeded: The deadline passed; its cause is what was met last, as a CancelledByUser's is.
        """
        remaining = self.pace.remaining(self.deadline)
        if remaining <= 0.0:
            raise DeadlineExceeded(f"not finished within {self.deadline.seconds:g} s") from cause
        self.sight.fresh = False
        try:
            await unless_cancelled(_sleep(self.pace, min(seconds, remaining)), self.cancel, 0.0)
        except CancelledByUser as stop:
            raise stop from cause

    async def wait_until(self, done: Callable[[ObservedT], bool]) -> ObservedT:
        """Look until ``done``; reads that fail in passing are survived, and ``done`` may raise to end the wait."""
        attempts = self.attempts()
        async for _ in attempts:
            try:
                observed = await self.look()
                attempts.met = None
                if done(observed):
                    break
            except Refused as refused:
                if refused.kind not in PASSING:
                    raise
                attempts.met = refused
            except CancelledByUser as stop:
                raise stop from attempts.met
        return observed

    async def settle(self, *, failing: bool = True) -> ObservedT:
        """Wait until neither the notebook nor its volume moves any more.

        Args:
            failing: Whether a failed state raises InFailedState; else it is one more way to rest.
        """
        return await self.wait_until(lambda observed: _settled(observed, failing=failing))

    async def reach(self, power: Power, before: str | None) -> ObservedT:
        """Wait until it rests in a power state, after a call that was accepted.

        Args:
            power: The state to wait for.
            before: The status before that call; answers may show it a few times more.

        Raises:
            InFailedState: It failed on the way.
            WentElsewhere: It moved, and came to rest in the other state.
        """
        if self.sight.fresh and self.sight.seen is not None and power_of(self.sight.seen.status) is power:
            return self.sight.seen
        moved = False
        stale = 0

        def there(observed: ObservedT) -> bool:
            nonlocal moved, stale
            if power_of(observed.status) is power:
                return True
            if observed.status in TRANSITIONAL:
                moved, stale = True, 0
                return False
            stale += 1
            if observed.status in FAILED and (observed.status != before or moved or stale > self.pace.stale):
                raise InFailedState(observed)
            if moved and stale > self.pace.stale:
                raise WentElsewhere(observed)
            return False

        return await self.wait_until(there)

    async def switch(self, power: Power, send: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Ask for a power state until it is accepted, or found to be so; ``reach`` waits for it.

        A refusal that may mean "it is already so", "busy" or "no answer" is never believed: the notebook is looked at
        when nothing moves any more, and asked again when it is elsewhere. A failed state that was there before is one
        more such place, unless the refusal says that it can't be left this way.

        Raises:
            Refused: For good, or too often.
            InFailedState: It failed meanwhile; or it was in a failed state, and its cause is the refusal that is final
                there.
        """
        failed = self.sight.seen is not None and self.sight.seen.status in FAILED
        left, busy = self.pace.attempts, 2 * self.pace.attempts
        attempts = self.attempts()
        sendings = Sendings()
        self.sight.moved.add(power)
        async for _ in attempts:
            try:
                with counting(sendings):
                    await self.write(send())
            except Refused as refused:
                left -= refused.kind not in {Refusal.BUSY, Refusal.NO_CAPACITY}
                # Busy passes, but what rests in a failed state has little that could: the service's way to say no.
                busy -= failed and refused.kind is Refusal.BUSY
                if await self._is_there(power, refused, failed=failed):
                    break
                if busy <= 0:
                    self.sight.refused.add(power)  # restoring asks no second time
                # Each time after a look, so that a notebook isn't left down for want of retries: a few times at least.
                spent = sendings.are_spent and sendings.failed >= self.pace.attempts
                if left <= 0 or busy <= 0 or spent:
                    raise
                attempts.met = refused
            else:
                break
        self.sight.accepted.add(power)

    async def tag(
        self,
        send: Callable[[], Coroutine[Any, Any, None]],
        stays: Callable[[ObservedT], bool] = lambda _: True,
        *,
        patient: bool = True,
    ) -> bool:
        """Make a tag call in whatever state: only where the service refuses it for its state, wait and send it again.

        Args:
            send: Makes the call; sent again, it changes nothing.
            stays: Asked once the notebook rests again: whether the call is still wanted.
            patient: Whether to go on while it is busy, until the deadline, and after a missing answer; else a few
                refusals end it.

        Returns whether it was made: False where ``stays`` has said no.

        Raises:
            Refused: For good, or too often.
        """
        attempts, left, sendings = self.attempts(), self.pace.attempts, Sendings()
        again = FOR_ITS_STATE | {Refusal.UNREACHABLE} if patient else FOR_ITS_STATE
        async for _ in attempts:
            before = sendings.failed
            try:
                with counting(sendings):
                    await self.write(send())
            except Refused as refused:
                if refused.kind not in again:
                    raise
                passes = counted = sendings.failed > before
                if refused.kind in FOR_ITS_STATE:
                    observed = await self.settle(failing=False)
                    if not stays(observed):
                        return False
                    # Busy passes, but what rests in a failed state has little that could.
                    passes = patient and refused.kind is Refusal.BUSY and observed.status not in FAILED
                left -= not passes
                # A few times at least, whatever max_retries says: a create whose tags fail is tainted.
                spent = counted and sendings.are_spent and sendings.failed >= self.pace.attempts
                if left <= 0 or spent:
                    raise
                attempts.met = refused
            else:
                break
        return True

    async def _is_there(self, power: Power, refused: Refused, *, failed: bool) -> bool:
        """After a refused call: whether it is so nevertheless. Raises the refusal when asking again has no point."""
        match refused.kind:
            case Refusal.BUSY | Refusal.ALREADY_THERE | Refusal.WRONG_STATE | Refusal.UNREACHABLE:
                observed = await self.settle(failing=not failed)
                if observed.status in FAILED and refused.kind in SAYS_NO:
                    raise InFailedState(observed) from refused
                return power_of(observed.status) is power
            case Refusal.NO_CAPACITY if self.patient:
                return False
            case _:
                self.sight.refused.add(power)
                raise refused


@dataclass(slots=True)
class Attempts(Generic[ObservedT]):
    """See ``Operator.attempts``.

    Attributes:
        met: The refusal that the last round met: the cause, where none follows any more.
    """

    _operator: Operator[ObservedT]
    _intervals: Iterator[float]
    _is_first: bool = True
    met: Refused | None = None

    def __aiter__(self) -> Attempts[ObservedT]:
        return self

    async def __anext__(self) -> None:
        """Begin the next round."""
        if not self._is_first:
            await self._operator.pause(next(self._intervals), self.met)
        self._is_first = False


def towards(observed: Observed, power: Power) -> bool:
    """Whether it rests in, or goes to, a power state."""
    return heading_of(observed.status) is power


def _settled(observed: Observed, *, failing: bool) -> bool:
    if observed.status in FAILED:
        if failing:
            raise InFailedState(observed)
        return True
    return observed.status not in TRANSITIONAL and not observed.storage_pending


async def _sleep(pace: PollIntervals, seconds: float) -> None:
    await pace.sleep(seconds)
