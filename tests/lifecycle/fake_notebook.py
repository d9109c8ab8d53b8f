"""A notebook in memory on a clock of its own, with rules, faults and a cancel that can come at any await."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelarts_provider.framework.cancellation import Cancel, Deadline
from modelarts_provider.lifecycle import changes, plan
from modelarts_provider.lifecycle.changes import History, Observed, RefusedPut, UpdateGoal
from modelarts_provider.lifecycle.fields import FIELDS, FieldTable
from modelarts_provider.lifecycle.instance import PollIntervals, Refusal, Refused
from modelarts_provider.lifecycle.lease import DISABLED, HOUR, Lease, ObservedLease
from modelarts_provider.lifecycle.operate import Operator, Sight
from modelarts_provider.lifecycle.outcome import Outcome
from modelarts_provider.lifecycle.plan import NOTHING_DONE, Plan
from modelarts_provider.lifecycle.power import FAILED, TRANSITIONAL, Power
from modelarts_provider.lifecycle.run import run_update

EPOCH = 1_700_000_000_000
ANY = frozenset({"RUNNING", "STOPPED"})
RUNNING = frozenset({"RUNNING"})
STOPPED = frozenset({"STOPPED"})

# The readings of the sources, by key of the body. In failed states the fake judges nothing, unless it refuses all.
DOCUMENTED: dict[str, frozenset[str]] = {
    "name": STOPPED,
    "description": STOPPED,
    "endpoints": STOPPED,
    "storage_new_size": ANY,
    "flavor": STOPPED,
    "image_id": STOPPED,
    "hooks": STOPPED,
}
OBSERVED_RULES: dict[str, frozenset[str]] = {
    **DOCUMENTED,
    "name": ANY,
    "description": ANY,
    "storage_new_size": RUNNING,
}
STRICT_PEER: dict[str, frozenset[str]] = {**OBSERVED_RULES, "name": RUNNING, "description": RUNNING}

WRITES = ("stop", "start", "update", "set_lease", "set_tags", "mark", "mark_started", "unmark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(changes.Changes):
    """Changes of a notebook, by the table of its fields."""

    table: FieldTable = field(default_factory=lambda: FIELDS, repr=False, compare=False)


@dataclass(frozen=True)
class Fault:
    """What happens at a call instead of its answer; ``effect``: whether the call has its effect nevertheless."""

    kind: Refusal
    effect: bool = False


class Halt(Exception):
    """A defect in an adapter: anything that is no Refused."""


@dataclass
class FakeNotebook:
    """Implements Instance. ``log`` holds the writes in order, ``looks`` counts reads."""

    status: str = "RUNNING"
    size: int | None = 50
    rules: Mapping[str, frozenset[str]] = field(default_factory=lambda: OBSERVED_RULES)
    most_growth: int | None = None
    lease: ObservedLease | None = field(
        default_factory=lambda: ObservedLease(True, 5 * HOUR, "TIMING", EPOCH - HOUR, EPOCH - HOUR)
    )
    faults: dict[tuple[str, int], Fault | Exception] = field(default_factory=dict)
    always: dict[str, Fault] = field(default_factory=dict)
    starts_into: list[str] = field(default_factory=list)
    stops_into: str = "STOPPED"
    put_breaks_it: bool = False
    failed_takes_puts: bool = True
    cancel_at: int | None = None
    hang_on_cancel: str = ""  # "before" or "after" the effect
    outside: dict[int, Callable[[FakeNotebook], None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cancel = Cancel()
        self.time = 0.0
        self.awaits = 0
        self.cancelled_at: float | None = None
        self.counts: dict[str, int] = {}
        self.log: list[tuple[Any, ...]] = []
        self.power_log: list[str] = []
        self.values: dict[str, Any] = {}
        self.tags: dict[str, str] = {}
        self.marks = 0
        self.gone = False
        self._next: tuple[float, str] | None = None
        self._growth: tuple[float, int] | None = None
        if self.status in {"STARTING", "CREATING"}:
            self.move(self.status, "RUNNING", 3.0)
        elif self.status == "STOPPING":
            self.move(self.status, "STOPPED", 3.0)
        elif self.status == "SNAPSHOTTING":
            self.move(self.status, "RUNNING", 60.0)

    # -- clock ------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return EPOCH + int(self.time * 1000)

    def pace(self) -> PollIntervals:
        return PollIntervals(
            sleep=self.sleep, monotonic=lambda: self.time, now=lambda: self.now, jitter=lambda: 1.0, grace=0.0
        )

    async def sleep(self, seconds: float) -> None:
        if self.awaits + 1 == self.cancel_at:
            # The cancel comes near the end of the interval: what was seen before it is old by then.
            self.pass_time(seconds)
            seconds = 0.0
        await self._await(hang=True)
        self.pass_time(seconds)

    async def _await(self, *, hang: bool) -> None:
        self.awaits += 1
        if self.awaits in self.outside:
            self.outside[self.awaits](self)
        if self.awaits == self.cancel_at:
            self.cancel.set()
            self.cancelled_at = self.time
            if hang:
                # Long for a wait that the cancel ends; a wait of the restoring, which it doesn't, goes on.
                await asyncio.sleep(0.02)
            if self.hang_on_cancel == "before":
                await self._hang()
        await asyncio.sleep(0)

    async def _hang(self) -> None:
        """A client's own timeout; only a call that outlives the cancel ever meets its end."""
        await asyncio.sleep(0.02)
        raise Refused(Refusal.UNREACHABLE)

    def pass_time(self, seconds: float) -> None:
        self.time += seconds
        if self._next is not None and self._next[0] <= self.time:
            self.status = self._next[1]
            self._next = None
        if self._growth is not None and self._growth[0] <= self.time:
            self.size = self._growth[1]
            self._growth = None

    def move(self, through: str, to: str, seconds: float) -> None:
        self.status = through
        self._next = (self.time + seconds, to)

    def grow(self, size: int, seconds: float) -> None:
        self._growth = (self.time + seconds, size)

    def finish(self) -> None:
        """Let every transition end."""
        self.pass_time(10_000.0)

    # -- operations -------------------------------------------------------------------------------------------------

    async def _call(self, name: str, entry: tuple[Any, ...], effect: Callable[[], None]) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1
        number = self.counts[name]
        if name != "show":
            self.log.append(entry)
        await self._await(hang=False)
        self.pass_time(0.1)
        fault = self.faults.get((name, number)) or self.always.get(name)
        if isinstance(fault, Exception):
            raise fault
        if fault is not None and not fault.effect:
            raise Refused(fault.kind, RuntimeError(f"fault in {name}"))
        if self.gone:
            raise Refused(Refusal.GONE)
        effect()
        if self.awaits == self.cancel_at and self.hang_on_cancel == "after":
            await self._hang()
        if fault is not None:
            raise Refused(fault.kind, RuntimeError(f"fault after {name}"))

    async def show(self) -> Observed:
        await self._call("show", ("show",), lambda: None)
        return self.observe()

    def observe(self) -> Observed:
        return Observed(
            status=self.status,
            fail_reason="no reason" if self.status in FAILED else None,
            storage_size=self.size,
            storage_status="RESIZING" if self._growth is not None else "IN_USE",
            lease=self.lease,
        )

    def _busy(self) -> None:
        if self.status in TRANSITIONAL or self._growth is not None:
            raise Refused(Refusal.BUSY)

    async def stop(self) -> None:
        def effect() -> None:
            if self.status == "STOPPED":
                raise Refused(Refusal.BUSY)
            self._busy()
            if self.status == "FROZEN":
                raise Refused(Refusal.FROZEN)
            self.move("STOPPING", self.stops_into, 12.0)
            self.power_log.append("stop")

        await self._call("stop", ("stop",), effect)

    async def start(self, lease: Lease | None) -> None:
        def effect() -> None:
            if self.status == "RUNNING":
                raise Refused(Refusal.ALREADY_THERE)
            self._busy()
            if self.status == "FROZEN":
                raise Refused(Refusal.FROZEN)
            self.move("STARTING", self.starts_into.pop(0) if self.starts_into else "RUNNING", 30.0)
            self.power_log.append("start")
            self._set(lease or Lease(HOUR))

        await self._call("start", ("start", lease), effect)

    def _set(self, lease: Lease) -> None:
        created = self.lease.create_at if self.lease is not None and self.lease.create_at else EPOCH
        if lease.duration == DISABLED:
            self.lease = ObservedLease(False, DISABLED, "TIMING", created, self.now)
            return
        kind = lease.type or "TIMING"
        duration = lease.duration + (self.now - created if kind == "TIMING" else 0)
        self.lease = ObservedLease(True, duration, kind, created, self.now)

    async def update(self, body: Mapping[str, Any]) -> None:
        def effect() -> None:
            self._busy()
            if self.status in FAILED and not self.failed_takes_puts:
                raise Refused(Refusal.WRONG_STATE, RuntimeError("6304"))
            if self.status in ANY and any(self.status not in self.rules[key] for key in body):
                raise Refused(Refusal.WRONG_STATE, RuntimeError("6347"))
            size = body.get("storage_new_size")
            if size is not None:
                if not self.size < size <= (self.size + self.most_growth if self.most_growth else 4096):
                    raise Refused(Refusal.OUT_OF_RANGE, RuntimeError("6331"))
                self.grow(size, 4.0)
            self.values.update(body)
            if self.put_breaks_it:
                self.status = "ERROR"

        await self._call("update", ("update", dict(body)), effect)

    async def set_lease(self, lease: Lease) -> None:
        def effect() -> None:
            if self.status != "RUNNING":
                raise Refused(Refusal.WRONG_STATE)
            self._set(lease)

        await self._call("set_lease", ("set_lease", lease), effect)

    async def set_tags(self, add: Mapping[str, str], remove: tuple[str, ...]) -> None:
        def effect() -> None:
            for key in remove:
                self.tags.pop(key, None)
            self.tags.update(add)

        await self._call("set_tags", ("set_tags", dict(add), remove), effect)

    async def mark_stopped(self, _seen: Observed | None) -> None:
        await self._call("mark", ("mark",), self._leave_mark)

    async def mark_started(self, _seen: Observed | None, lease: Lease | None) -> None:
        await self._call("mark_started", ("mark_started", lease), self._leave_mark)

    def _leave_mark(self) -> None:
        self.marks = 1

    async def unmark(self, _seen: Observed | None) -> None:
        def effect() -> None:
            self.marks = 0

        await self._call("unmark", ("unmark",), effect)

    # -- what tests read --------------------------------------------------------------------------------------------

    def calls(self) -> list[str]:
        """The writes by name, with the keys of bodies."""
        return [f"update {' '.join(sorted(entry[1]))}" if entry[0] == "update" else str(entry[0]) for entry in self.log]


def run(notebook: FakeNotebook, changes: Changes, *, seconds: float = 1800.0, **rest: Any) -> Outcome:
    """Run an update on the fake's clock."""

    async def go() -> Outcome:
        deadline = Deadline(at=notebook.time + seconds, seconds=seconds)
        ways = {name: rest.pop(name) for name in ("interrupted", "owes", "restore_timeout") if name in rest}
        operations = Operator(notebook, notebook.pace(), deadline, notebook.cancel, Sight())
        return await run_update(UpdateGoal(changes=changes, **rest), operations, **ways)

    return asyncio.run(go())


def plan_update(
    changes: Changes,
    observed: Observed,
    wanted: Power | None = None,
    *,
    refused: frozenset[RefusedPut] = frozenset(),
    history: History = NOTHING_DONE,
    **rest: Any,
) -> Plan:
    """Plan an update."""
    goal = UpdateGoal(changes=changes, wanted=wanted, **rest)
    return plan.plan_update(goal, observed, replace(history, refused=refused))


def soon(work: Awaitable[Any]) -> Any:
    """Run one coroutine."""

    async def go() -> Any:
        return await work

    return asyncio.run(go())
