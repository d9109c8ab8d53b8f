"""Which field goes in which power state: the part of planning that reads the field table's preferences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from modelarts_provider.lifecycle.changes import Changes, History, RefusedPut
from modelarts_provider.lifecycle.fields import FieldTable, UpdateField, When
from modelarts_provider.lifecycle.power import Power


class NoWay(Exception):
    """No allowed order of steps makes this update.

    Attributes:
        fields: Rows of the field table that cannot be sent; empty when the notebook itself is the reason.
    """

    def __init__(self, message: str, fields: tuple[str, ...] = ()) -> None:
        self.fields = fields
        super().__init__(message)


class TooLarge(NoWay):
    """The disk is larger than what is asked for, and can't shrink."""


class Going(NoWay):
    """Somebody deletes the notebook: there is nothing to update any more."""


Assignment: TypeAlias = Mapping[str, Power]
"""The power state in which each field is sent."""


def choose(changes: Changes, here: Power, final: Power, history: History) -> Assignment:
    """The power state in which each field is sent: the first preferences that nothing forbids.

    Raises:
        NoWay: None is left.
    """
    rows = changes.sent_by_put
    for assignment in _candidates(rows, here, final):
        if _reachable(assignment, here, final, history) and not _refused(assignment, history.refused):
            return assignment
    raise NoWay(_no_way(here, history), tuple(rows))


def _candidates(rows: FieldTable, here: Power, final: Power) -> Iterator[Assignment]:
    """Assignments in order of preference: each level lets fields fall back one column further in the table."""
    groups = _options_by_name(rows, here, final)
    for level in range(len(When)):
        chosen = {name: [power for rank, power in groups[name] if rank <= level][-1] for name in rows}
        yield _riding_along(rows, chosen, groups, here, final)
        yield chosen


Options: TypeAlias = tuple[tuple[int, Power], ...]


def _options_by_name(rows: FieldTable, here: Power, final: Power) -> dict[str, Options]:
    """The power states of each field with their ranks. Fields of one body key travel as the strictest of them."""
    own = {name: _options(row, here, final) for name, row in rows.items()}
    return {
        name: min((own[other] for other in rows if rows[other].body_key == row.body_key), key=len)
        for name, row in rows.items()
    }


def _options(row: UpdateField, here: Power, final: Power) -> Options:
    meaning = {
        When.CURRENT: here,
        When.STOPPED: Power.STOPPED,
        When.RUNNING: Power.RUNNING,
        When.OTHER: here.other,
        When.FINAL: final,
    }
    found: dict[Power, int] = {}
    for rank, when in enumerate(row.when):
        if when in meaning:
            found.setdefault(meaning[when], rank)
    return tuple((rank, power) for power, rank in found.items())


def _riding_along(
    rows: FieldTable, chosen: Assignment, groups: Mapping[str, Options], here: Power, final: Power
) -> Assignment:
    """When a running notebook is stopped anyway, whatever may travel in that PUT does.

    Except that a field which may turn out to need a running notebook goes before a stop that no start follows: after
    it there would be no way back within one stop.
    """
    if here is Power.STOPPED:
        return _all_while_it_runs(rows, chosen)
    if Power.STOPPED not in chosen.values() and final is Power.RUNNING:
        return chosen
    stays = {name for name in chosen if final is Power.STOPPED and When.OTHER in rows[name].when}
    return {
        name: Power.STOPPED
        if name not in stays and any(option is Power.STOPPED for _, option in groups[name])
        else power
        for name, power in chosen.items()
    }


def _all_while_it_runs(rows: FieldTable, chosen: Assignment) -> Assignment:
    """When a stopped notebook is started for a field, the others go with that one if it spares a PUT of their own."""
    if Power.RUNNING not in chosen.values() or not all(When.CURRENT in row.when for row in rows.values()):
        return chosen
    return dict.fromkeys(chosen, Power.RUNNING)


def _reachable(assignment: Assignment, here: Power, final: Power, history: History) -> bool:
    """Whether the power states are reached with the one stop and the one start that an apply has."""
    moves = {here: 0, here.other: 0}
    if here is not final:
        moves[final] = 1
    elif here.other in assignment.values():
        moves[here], moves[here.other] = 1, 1
    return moves[Power.STOPPED] + history.stops <= 1 and moves[Power.RUNNING] + history.starts <= 1


def _refused(assignment: Assignment, refused: frozenset[RefusedPut]) -> bool:
    return any(
        put.power is not None and put.fields <= {name for name, power in assignment.items() if power is put.power}
        for put in refused
        if put.fields
    )


def _no_way(here: Power, history: History) -> str:
    if history.stops or history.starts:
        return f"the notebook is {here}, and one stop and one start is all that an update does"
    return "the API refused it in every state in which it may be sent"
