"""The planner: from what changes, what was observed and what is wanted to the steps that do it. Pure.

The power contract: unset, the power state that was found is kept; set, it is reached. At most one stop and one start in
an apply, whatever changes. One PUT carries everything that may travel together, and nothing that doesn't change.
"""

from __future__ import annotations

from dataclasses import dataclass

from modelarts_provider.lifecycle.changes import Changes, History, Observed, UpdateGoal
from modelarts_provider.lifecycle.choose import Assignment, Going, NoWay, TooLarge, choose
from modelarts_provider.lifecycle.fields import FieldTable, When, attributes
from modelarts_provider.lifecycle.lease import IDLE, SameDuration, SameMoment, StartLease
from modelarts_provider.lifecycle.power import FAILED, GOING, TRANSITIONAL, Power, heading_of, power_of
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

NOTHING_DONE = History()


class ConsentNeeded(Exception):
    """The update needs a stop (or a start and a stop) that the user has not allowed.

    Attributes:
        fields: Rows of the field table that need it, in table order.
        power: The power state that the notebook is in.
    """

    def __init__(self, table: FieldTable, fields: tuple[str, ...], power: Power) -> None:
        self.fields = fields
        self.power = power
        action = "stopping the notebook" if power is Power.RUNNING else "starting the notebook and stopping it again"
        super().__init__(f"changing {attributes(table, fields)} needs {action}, which is not allowed")


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in order.

    Attributes:
        steps: What to do.
        assumed: The power state that the first step starts from (after the WaitStable that may precede it).
        final: The power state after the last step; None when a failed state is left as it is.
        restarts_for: The fields that a stop is for; empty when nothing stops, or when a stop is what is wanted.
        warnings: What the user should be told.
    """

    steps: tuple[Step, ...]
    assumed: Power | None
    final: Power | None
    restarts_for: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def plan_update(goal: UpdateGoal, observed: Observed, history: History = NOTHING_DONE) -> Plan:
    """Plan an update.

    Args:
        goal: What to bring about.
        observed: The notebook as it is.
        history: What this apply has done so far.

    Raises:
        ConsentNeeded: A stop is needed and not allowed.
        NoWay: The field table knows no further way; Going where the notebook is being deleted.
    """
    # A growth that has been done is dropped: the same size again would be refused as out of range.
    size, growth = observed.storage_size, goal.changes.growth
    if growth is not None and size is not None and growth.size < size:
        raise TooLarge(f"the disk has {size} GB and cannot shrink to {growth.size} GB", (growth.name,))
    if growth is not None and growth.size == size:
        goal = goal.without({growth.name})
    if observed.status in FAILED:
        return _plan_failed(goal, observed, history)
    here = power_of(observed.status) or heading_of(observed.status)
    if observed.status in GOING:
        raise Going("somebody is deleting it")
    promised = history.found is not None or (goal.wanted is not None and goal.moves)
    if here is None and _tags_alone(goal.changes) and not promised:
        return Plan(tuple(_tags(goal.changes)), assumed=None, final=None)
    if here is None:
        raise NoWay(f"the notebook is {observed.status}")
    draft = _Draft(goal, observed, here, history, promised)
    return draft.plan(choose(goal.changes, here, draft.final, history))


def sizes_on_the_way(current: int | None, target: int, step: int | None) -> tuple[int, ...]:
    """The sizes in GB that a disk passes through on its way to ``target``: one, or one for each step."""
    if current is None or step is None:
        return (target,)
    return (*range(current + step, target, step), target)


def _plan_failed(goal: UpdateGoal, observed: Observed, history: History) -> Plan:
    """A failed state: one PUT as it is, and a stop or start only where one is wanted.

    What the state forbids, and a disk, which grows in a resting notebook alone, wait for a wanted power state: the next
    plan begins there. Where the API won't stop what has failed, a start leads to a notebook that can be stopped.
    """
    changes, wanted = goal.changes, goal.wanted or history.found
    names = tuple(changes.sent_by_put)
    forbidden = {name for put in history.refused if put.power is None for name in put.fields}
    if wanted is None and forbidden:
        raise NoWay(f"refused in the state {observed.status}", tuple(name for name in names if name in forbidden))
    resting = {name for name in names if When.OTHER in changes.table[name].when and wanted is not None}
    steps: list[Step] = [*_tags(changes)]
    steps += _put(
        changes, tuple(name for name in names if name not in resting | forbidden), observed.storage_size, in_steps=False
    )
    if wanted is Power.RUNNING or (wanted is Power.STOPPED and history.unstoppable):
        steps += [Start(start_lease(goal, observed, history, None)), WaitFor(Power.RUNNING)]
    elif wanted is Power.STOPPED:
        steps += [Stop(), WaitFor(Power.STOPPED)]
    warnings = _postponed_lease(changes, steps)
    return Plan(tuple(steps), assumed=None, final=wanted, warnings=warnings)


@dataclass(frozen=True, slots=True)
class _Draft:
    """The inputs of a plan for a notebook that rests, or will rest, in the power state ``here``."""

    goal: UpdateGoal
    observed: Observed
    here: Power
    history: History
    promised: bool

    @property
    def changes(self) -> Changes:
        """What changes."""
        return self.goal.changes

    @property
    def final(self) -> Power:
        """The power state that the contract promises."""
        return self.goal.wanted or self.history.found or self.here

    def plan(self, assignment: Assignment) -> Plan:
        """Lay the assignment out in time."""
        here, final = self.here, self.final
        before = tuple(name for name, power in assignment.items() if power is here)
        after = tuple(name for name, power in assignment.items() if power is here.other)
        restarts_for = self._restarts_for(before, after)
        if restarts_for and not self.goal.policy.may_restart:
            raise ConsentNeeded(self.changes.table, restarts_for, here)
        work = self._work(before, after)
        steps = _tags(self.changes)
        steps += self._wait(work)
        steps += work
        return Plan(
            tuple(steps),
            assumed=here,
            final=final,
            restarts_for=restarts_for,
            warnings=self._warnings(restarts_for, steps),
        )

    def _work(self, before: tuple[str, ...], after: tuple[str, ...]) -> list[Step]:
        """What a notebook has to rest for."""
        here, final = self.here, self.final
        steps = self._puts(before)
        if after or here is not final:
            steps += self._move(here.other, marking=here is final)
            steps += self._puts(after)
            if here is final:
                steps += self._move(here)
            if self.goal.mark and final is (self.history.found or here):
                steps.append(Unmark())
        elif self.changes.lease is not None and here is Power.RUNNING:
            steps.append(SetLease(self.changes.lease))
        return steps

    def _wait(self, work: list[Step]) -> list[Step]:
        """Wait for what moves. Tags are set before, and where they are all that changes, nothing has to rest."""
        moving = self.observed.status in TRANSITIONAL or self.observed.storage_pending
        needless = _tags_alone(self.changes) and not work and not self.promised
        return [WaitStable()] if moving and not needless else []

    def _restarts_for(self, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
        """The fields for which the power state is left and come back to."""
        if self.here is not self.final or not after:
            return ()
        if self.here is Power.STOPPED:
            return tuple(name for name in after if When.OTHER in self.changes.table[name].when) or after
        need = tuple(name for name in after if self.changes.table[name].needs_stop)
        return need or after

    def _move(self, power: Power, *, marking: bool = False) -> list[Step]:
        lease: StartLease | None = None
        if power is Power.RUNNING:
            lease = start_lease(self.goal, self.observed, self.history, self.here)
        first: list[Step] = [Mark(lease)] if self.goal.mark and marking else []
        return [*first, Stop() if lease is None else Start(lease), WaitFor(power)]

    def _puts(self, names: tuple[str, ...]) -> list[Step]:
        return _put(self.changes, names, self.observed.storage_size, in_steps=self.history.in_steps)

    def _warnings(self, restarts_for: tuple[str, ...], steps: list[Step]) -> tuple[str, ...]:
        warnings = _postponed_lease(self.changes, steps)
        if not restarts_for:
            return warnings
        if self.here is Power.STOPPED:
            text = (
                f"The API refused {attributes(self.changes.table, restarts_for)} while the notebook is STOPPED: "
                "it is started for the change, and stopped again."
            )
            return (text, *warnings)
        if not any(self.changes.table[name].needs_stop for name in restarts_for):
            text = (
                f"The API refused {attributes(self.changes.table, restarts_for)} while the notebook is RUNNING: "
                "it is stopped for the change, and started again."
            )
            return (text, *warnings)
        return warnings


def start_lease(goal: UpdateGoal, observed: Observed, history: History, here: Power | None) -> StartLease:
    """What a start carries: a new setting; else, after our stop, what was there; else the configured one anew."""
    managed = goal.managed_lease
    if goal.changes.lease is not None:
        return goal.changes.lease
    restart = (history.found or here) is Power.RUNNING
    if managed is not None and (not restart or managed.type == IDLE):
        return managed
    lease = history.lease or observed.lease
    return SameMoment(lease) if restart else SameDuration(lease)


def _tags(changes: Changes) -> list[Step]:
    """Tags come first: when they fail, nothing has been stopped yet."""
    if not changes.add_tags and not changes.remove_tags:
        return []
    return [SetTags(dict(changes.add_tags), changes.remove_tags)]


def _tags_alone(changes: Changes) -> bool:
    return changes.names == ("tags",)


def _put(changes: Changes, names: tuple[str, ...], current_size: int | None, *, in_steps: bool) -> list[Step]:
    """One PUT for all of them; a growth in steps adds one PUT for each further step."""
    ordered = tuple(name for name in changes.table if name in names)
    growth = changes.growth
    if growth is None or growth.name not in ordered:
        return [Update(changes.body(ordered), ordered, attributes(changes.table, ordered))] if ordered else []
    steps: list[Step] = []
    for size in sizes_on_the_way(current_size, growth.size, growth.step if in_steps else None):
        carried = (growth.name,) if steps else ordered
        body = {**changes.body(carried), growth.key: size}
        steps += [Update(body, carried, attributes(changes.table, carried)), WaitResized(size)]
    return steps


def _postponed_lease(changes: Changes, steps: list[Step]) -> tuple[str, ...]:
    if changes.lease is None or any(isinstance(step, SetLease | Start) for step in steps):
        return ()
    return ("auto_stop can only be set on a running notebook: the new value goes with the next start by Terraform.",)
