"""Doing the steps of an update: planning again when the API refuses a field's state, never believing a refusal blindly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias

from modelarts_provider.framework.cancellation import Sendings, counting
from modelarts_provider.lifecycle.changes import Changes, History, Observed, ObservedT, RefusedPut, UpdateGoal
from modelarts_provider.lifecycle.choose import NoWay
from modelarts_provider.lifecycle.instance import Instance, Refusal, Refused
from modelarts_provider.lifecycle.lease import ObservedLease, SameDuration, SameMoment, StartLease, resolve
from modelarts_provider.lifecycle.operate import InFailedState, Operator
from modelarts_provider.lifecycle.plan import Plan, plan_update, start_lease
from modelarts_provider.lifecycle.power import FAILED, STARTABLE, Power, power_of
from modelarts_provider.lifecycle.steps import (
    Mark,
    SetLease,
    SetTags,
    Start,
    Step,
    Stop,
    Unmark,
    Update,
    WaitFor,
    WaitResized,
    WaitStable,
)

MOST_PLANS = 10
"""Plans in one run. Refusals alone cause fewer; more means that somebody else keeps changing the power state."""

MARK_LASTS = 30.0
"""Seconds after which a start that is still to be sent is marked again: a mark tells the moment of its start, too."""

_UNPLANNED = {
    Power.RUNNING: "An earlier update stopped it and was killed before it ran again. The plan was made without knowing that; the "
    "notebook is started again all the same.",
    Power.STOPPED: "An earlier update started it and was killed before it was stopped again. The plan was made without knowing "
    "that; the notebook is stopped again all the same.",
}
"""What is said of a repair that no plan has shown."""

_UNTOLD: dict[type[Step], str] = {
    Mark: "Only a kill of this very run would have needed it: nothing would bring the power state back then.",
    Unmark: "The next plan shows it, and its apply tries again.",
}
"""What follows from a mark that could not be left, or taken away."""

_LOOK_AGAIN = frozenset({Refusal.BUSY, Refusal.UNREACHABLE, Refusal.ALREADY_THERE, Refusal.WRONG_STATE})


Send: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class _Again(Exception):
    """What was planned no longer fits; plan again from what is there now."""


@dataclass(slots=True)
class Execution(Generic[ObservedT]):
    """One run: the inputs of its plans, and what has been done.

    Attributes that ``run`` reads: ``step`` is the one under way, ``final`` the power state that the last plan promises,
    ``refusal`` the last refusal of a PUT, ``marked`` whether a mark stands on the notebook (None: this run has neither
    left one nor taken one away).
    """

    goal: UpdateGoal
    operator: Operator[ObservedT]
    history: History = field(default_factory=History)
    refusal: Refused | None = None
    step: Step | None = None
    done: list[Step] = field(default_factory=list)
    applied: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    final: Power | None = None
    lease: StartLease | None = None
    lease_warning: str | None = None
    before: str | None = None
    planned_size: int | None = None
    announced: tuple[Mark, float] | None = None
    carried: ObservedLease | None = None
    marked: bool | None = None
    untagged: bool = False
    """Whether the service has refused the mark for good, so that none stands there to be taken away."""
    tolerated: Refusal | None = None
    sendings: dict[str, Sendings] = field(default_factory=dict)

    @property
    def changes(self) -> Changes:
        """What is still to be changed."""
        return self.goal.changes

    @property
    def instance(self) -> Instance[ObservedT]:
        """The notebook."""
        return self.operator.instance

    def take_over(self, owed: Power) -> None:
        """Answer for the stop or the start of an earlier run that was killed: its mark is there.

        The notebook has to come back even when no plan comes about that could promise it. Whether a start of that run
        carried a new auto-stop, nobody knows: only a stop counts as accepted.
        """
        self.marked = True
        self.final = self.goal.wanted or owed
        self.history = History(found=owed)
        self.operator.sight.moved.add(owed.other)
        if owed is Power.RUNNING:
            self.operator.sight.accepted.add(owed.other)

    async def go(self, owes: Callable[[ObservedT], Power | None]) -> None:
        """Plan and do until all is done. ``owes`` is asked of the first look; see ``run_update``."""
        observed = await self.operator.wait_until(lambda _: True)
        owed = owes(observed)
        if owed is not None:
            self.take_over(owed)
            self.warn(_UNPLANNED[owed])
        for _ in range(MOST_PLANS):
            plan = plan_update(self.goal, observed, self.history)
            self.final, self.planned_size = plan.final, observed.storage_size
            self.warn(*plan.warnings)
            self.lease = next((step.lease for step in plan.steps if isinstance(step, Start)), self.lease)
            try:
                await self._do(plan)
            except _Again:
                pass
            else:
                if plan.assumed is not None or plan.final is None:
                    return  # else it is out of a failed state: what had to wait for that follows
            seen = self.operator.sight
            observed = seen.seen if seen.fresh and seen.seen else await self.operator.settle(failing=False)
        raise NoWay("its power state keeps changing while it is updated")

    async def _do(self, plan: Plan) -> None:
        power = plan.assumed
        for step in plan.steps:
            self.step = step
            await self._one(step, power)
            self.done.append(step)
            power = step.power if isinstance(step, WaitFor) else power
        self.step = None

    async def _one(self, step: Step, power: Power | None) -> None:
        match step:
            case Stop() | Start():
                await self._move(step, power)
            case WaitFor() | WaitResized() | WaitStable():
                await self._wait(step, power)
            case Update():
                await self._update(step, power)
            case Mark():
                await self._mark(step, lambda send: self._tag(send, power, patient=False))
            case Unmark() if not self.untagged:
                await self.unmark(self.operator, waits=True)
            case SetLease(lease):
                seen = self.operator.sight.seen
                there = seen.lease if seen is not None else None
                if there is None or not there.asks_for(lease):  # else it would only begin anew
                    await self._repeatable(lambda: self.instance.set_lease(lease), power)
                self._finish("auto_stop")
            case SetTags(add, remove):
                await self._tag(lambda: self.instance.set_tags(add, remove), power)
                self._finish("tags")

    async def _move(self, step: Stop | Start, power: Power | None) -> None:
        self._touch(power)
        if isinstance(step, Stop) and power is None:
            await self._stop_failed()
        elif isinstance(step, Stop):
            self.history = replace(self.history, stops=self.history.stops + 1)
            await self.operator.switch(Power.STOPPED, self.instance.stop)
        else:
            self.history = replace(self.history, starts=self.history.starts + (power is not None))
            await self.operator.switch(Power.RUNNING, self._start)
            self.announced = None
            self.lease_sent()

    async def _stop_failed(self) -> None:
        """Stop what is in a failed state. Where the API says that it doesn't run, a start has to come before."""
        try:
            await self.operator.switch(Power.STOPPED, self.instance.stop)
        except InFailedState as failed:
            if failed.observed.status not in STARTABLE or failed.__cause__ is None:
                raise
            self.history = replace(self.history, unstoppable=True)
            raise _Again from failed

    async def _wait(self, step: WaitFor | WaitResized | WaitStable, power: Power | None) -> None:
        match step:
            case WaitFor():
                await self.operator.reach(step.power, self.before)
            case WaitResized():
                await self.operator.wait_until(lambda observed: _resized(observed, step.size))
            case WaitStable():
                settled = await self.operator.settle()
                if power_of(settled.status) is not power or settled.storage_size != self.planned_size:
                    raise _Again

    def _touch(self, power: Power | None) -> None:
        """Remember what was there before our first stop or start."""
        seen = self.operator.sight.seen
        self.before = seen.status if seen is not None else None
        if self.history.found is None and not self.history.stops and not self.history.starts:
            self.history = replace(self.history, found=power, lease=seen.lease if seen is not None else None)

    def sender(self) -> Callable[[], Coroutine[Any, Any, None]]:
        """What asks for the power state that the last plan promises, with the auto-stop that a start carries."""
        if self.final is Power.STOPPED:
            return self.instance.stop
        return self._start

    async def _start(self) -> None:
        """Start with the lease as it is at this moment: capacity may have been waited for."""
        wish, seen = self.lease, self.operator.sight.seen
        if wish is None and seen is not None:  # no plan came as far as to a start
            wish = start_lease(self.goal, seen, self.history, None)
        self.carried = wish.observed if isinstance(wish, SameMoment | SameDuration) else None
        await self._mark_again()
        lease, self.lease_warning = resolve(wish or SameMoment(None), self.operator.pace.now())
        await self.instance.start(lease)

    def lease_sent(self) -> None:
        """A start was accepted, and with it the auto-stop that it carried."""
        if self.lease_warning is not None:
            self.warn(self.lease_warning)
        if self.changes.lease is not None:
            self._finish("auto_stop")

    def _finish(self, *names: str) -> None:
        self.applied.update(names)
        self.goal = self.goal.without(names)

    def warn(self, *texts: str) -> None:
        """Keep what the user should be told, once."""
        self.warnings += [text for text in texts if text not in self.warnings]

    async def _tag(self, send: Send, power: Power | None, *, patient: bool = True) -> None:
        """A tag call, in whatever state.

        Raises:
            _Again: It was refused for the state, and the notebook has come to rest in another one than planned.
        """
        if not await self.operator.tag(send, lambda seen: power_of(seen.status) is power, patient=patient):
            raise _Again

    async def unmark(self, operator: Operator[ObservedT], *, waits: bool = False) -> None:
        """Take the mark away, if that can be done; ``waits`` where the service refuses that for the state."""

        def send() -> Coroutine[Any, Any, None]:
            return self.instance.unmark(operator.sight.seen)

        if await self._tolerated(operator.tag(send, patient=False) if waits else operator.write(send()), Unmark()):
            self.marked = False

    async def _mark(self, step: Mark, tag: Callable[[Send], Coroutine[Any, Any, None]]) -> None:
        """Leave the mark. A call that is given up may have left it all the same; one that failed leaves what was."""

        def send() -> Coroutine[Any, Any, None]:
            seen = self.operator.sight.seen
            if step.start is None:
                return self.instance.mark_stopped(seen)
            self.announced = (step, self.operator.pace.monotonic())
            return self.instance.mark_started(seen, resolve(step.start, self.operator.pace.now())[0])

        before, self.marked = self.marked, True
        try:
            if not await self._tolerated(tag(send), step):
                self.marked = before
                self.untagged = before is None and self.tolerated is Refusal.OTHER
        except _Again:
            self.marked = before
            raise

    async def _mark_again(self) -> None:
        """A start that is sent long after its mark, because capacity was waited for, needs one of its own moment."""
        if self.announced is not None and self.operator.pace.monotonic() - self.announced[1] > MARK_LASTS:
            await self._mark(self.announced[0], lambda send: self.operator.write(send()))

    async def _tolerated(self, work: Coroutine[Any, Any, Any], step: Step) -> bool:
        """A call whose failure is no reason to fail: whether it was done."""
        sight = self.operator.sight
        fresh, seen = sight.fresh, sight.seen
        try:
            await work
        except Refused as refused:
            self.tolerated = refused.kind
            self.warn(f"Could not {step.describe()}: {refused}. {_UNTOLD[type(step)]}")
            return False  # what is there now, only a read can tell
        # What the mark changes is known without a second read, unless it was waited for.
        sight.fresh = fresh and sight.seen is seen
        return True

    async def _update(self, step: Update, power: Power | None) -> None:
        """One PUT. Values are absolute, so that it may be sent again; only a growth that has happened may not."""
        body, growth = dict(step.body), self.changes.growth

        def rest(observed: Observed) -> bool:
            if growth is not None and growth.key in body and observed.storage_size == body[growth.key]:
                del body[growth.key]
            return not body

        try:
            # Counted across plans: the same PUT may be planned again.
            sendings = self.sendings.setdefault(repr(sorted(body.items())), Sendings())
            await self._repeatable(lambda: self.instance.update(dict(body)), power, done=rest, sendings=sendings)
        except Refused as refused:
            self.refusal = refused
            if refused.kind is Refusal.WRONG_STATE and (power or self.goal.wanted or self.history.found) is not None:
                put = RefusedPut(frozenset(step.fields), power)
                self.history = replace(self.history, refused=self.history.refused | {put})
                raise _Again from refused
            if refused.kind is Refusal.OUT_OF_RANGE and self._may_grow_in_steps(step):
                self.history = replace(self.history, in_steps=True)
                raise _Again from refused
            raise
        names = set(step.fields)
        if growth is not None and step.body.get(growth.key) != growth.size:
            names.discard(growth.name)
        self._finish(*names)

    def _may_grow_in_steps(self, step: Update) -> bool:
        seen, growth = self.operator.sight.seen, self.changes.growth
        if growth is None or growth.key not in step.body or self.history.in_steps:
            return False
        there = seen.storage_size if seen is not None else None
        return there is not None and bool(step.body[growth.key] - there > growth.step)

    async def _repeatable(
        self,
        send: Callable[[], Coroutine[Any, Any, None]],
        power: Power | None,
        done: Callable[[ObservedT], bool] = lambda _: False,
        sendings: Sendings | None = None,
    ) -> None:
        """A call that may be sent again: while busy until the deadline, without an answer a few times.

        How often it is sent without an answer is one number for this and for the client, which sends it again by itself.
        Before each repetition here the notebook is looked at: ``done`` says whether nothing is left to send.

        Raises:
            _Again: The notebook is no longer in the power state that the call was planned for.
        """
        attempts, left = self.operator.attempts(), self.operator.pace.attempts
        busy = 2 * left if power is None else None  # what rests in a failed state has little that could pass
        sendings = sendings or Sendings()
        async for _ in attempts:
            before = sendings.failed
            try:
                with counting(sendings):
                    await self.operator.write(send())
            except Refused as refused:
                counted = sendings.failed > before
                spent = counted and sendings.are_spent
                left -= refused.kind is not Refusal.BUSY and not counted
                busy = busy and busy - (refused.kind is Refusal.BUSY)
                if refused.kind not in _LOOK_AGAIN:
                    raise
                observed = await self.operator.settle(failing=power is not None)
                if power_of(observed.status) is not power and not spent:
                    raise _Again from refused
                if power_of(observed.status) is power and done(observed):
                    return
                if refused.kind is Refusal.WRONG_STATE or left <= 0 or busy == 0 or spent:
                    raise
                attempts.met = refused
            else:
                return


def _resized(observed: Observed, size: int) -> bool:
    """Whether a growth is over. Answers without a size are taken at their status."""
    if observed.status in FAILED:
        raise InFailedState(observed)
    return not observed.storage_pending and observed.storage_size in {None, size}
