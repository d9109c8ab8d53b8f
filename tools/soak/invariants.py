"""What must hold once no instance is in transition, and which calls are never allowed. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from tools.soak.notebooks import differences, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tools.soak.notebooks import Config

Json = dict[str, Any]

HTTP_REFUSED: Final = 400


class Kind(Enum):
    """Kinds of violations; the values name the rows of the table."""

    LOST = "lost"
    ORPHAN = "orphans"
    TWIN = "twins"
    NOT_CLEAN = "plans not clean"
    DIFFERENT = "unlike the configuration"
    POWER = "power state not kept"
    MARK = "stuck marks"
    FORBIDDEN = "forbidden calls"
    BLAMED = "promises to Terraform broken"
    STUCK = "not recovered"


@dataclass(frozen=True)
class Violation:
    """One invariant that does not hold."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class FinalState:
    """Configuration, state and instances after a recovery.

    Attributes:
        configured: The configuration, by resource.
        known: The ids in the state, by resource.
        notebooks: The instances behind the API, as the emulator's control shows them.
        powers: The power state that each resource's instance has to have.
        hooks_known: Resources whose hooks the configuration knows in full.
        actions: What the plan wants to do.
    """

    configured: Mapping[str, Config]
    known: Mapping[str, str]
    notebooks: Sequence[Json]
    powers: Mapping[str, str] = field(default_factory=dict)
    hooks_known: frozenset[str] = frozenset()
    actions: Sequence[str] = ()


def check_invariants(final_state: FinalState) -> list[Violation]:
    """Lists every violation in a final state."""
    return [
        *_plan_not_empty(final_state),
        *_lost(final_state),
        *_unmanaged(final_state),
        *_unlike_configuration(final_state),
    ]


def _plan_not_empty(final_state: FinalState) -> Iterator[Violation]:
    if final_state.actions:
        yield Violation(Kind.NOT_CLEAN, f"the plan after the recovery wants {', '.join(final_state.actions)}")


def _lost(final_state: FinalState) -> Iterator[Violation]:
    there = {item["id"] for item in final_state.notebooks}
    for name in final_state.configured:
        if final_state.known.get(name) not in there:
            yield Violation(Kind.LOST, f"{name} has no instance: the state says {final_state.known.get(name)}")
    for identifier, times in Counter(final_state.known.values()).items():
        if times > 1:
            yield Violation(Kind.LOST, f"{identifier} is in the state {times} times: one notebook has another's")


def _unmanaged(final_state: FinalState) -> Iterator[Violation]:
    ours = set(final_state.known.values())
    identities = {_identity(item) for item in final_state.notebooks if item["id"] in ours}
    for item in final_state.notebooks:
        if item["id"] not in ours:
            kind = Kind.TWIN if _identity(item) in identities else Kind.ORPHAN
            yield Violation(kind, f"{item['id']} ({item['name']}, {item['status']}) is in no state")


def _identity(item: Json) -> tuple[str, str, str]:
    return item["name"], item["flavor"], item["image"]["id"]


def _unlike_configuration(final_state: FinalState) -> Iterator[Violation]:
    by_id = {item["id"]: item for item in final_state.notebooks}
    for name, config in final_state.configured.items():
        there = by_id.get(final_state.known.get(name, ""))
        if there is None:
            continue
        known = name in final_state.hooks_known
        yield from (
            Violation(Kind.DIFFERENT, f"{name}.{text}") for text in differences(config, there, hooks_known=known)
        )
        wanted = config.get("desired_status") or final_state.powers.get(name)
        if wanted is not None and there["status"] != wanted:
            yield Violation(Kind.POWER, f"{name} is {there['status']} and was to be {wanted}")
        if marked(there):
            yield Violation(Kind.MARK, f"{name} ({there['status']}) still has the mark of an interrupted update")


@dataclass(frozen=True)
class Permitted:
    """What may be called on instances that were there before; new ones belong to the recovery.

    Attributes:
        deletes: Ids that a destroy or a replacement is for.
        starts: Ids that ran, or that are wanted running, or whose disk may need a start to grow.
        stops: Ids with a change that may need a stop.
    """

    deletes: frozenset[str]
    starts: frozenset[str]
    stops: frozenset[str]

    def violations(self, calls: Iterable[Json], old: Iterable[str]) -> list[Violation]:
        """Lists the calls that are not permitted.

        Args:
            calls: The log of calls.
            old: Ids that were there before.
        """
        rules = {"DeleteNotebook": self.deletes, "StartNotebook": self.starts, "StopNotebook": self.stops}
        watched = set(old)
        return [
            Violation(Kind.FORBIDDEN, f"{call['operation']} of {call['notebook_id']}, which nothing asked for")
            for call in calls
            if call["operation"] in rules
            and call["notebook_id"] in watched
            and call["notebook_id"] not in rules[call["operation"]]
        ]


def repeated_power_calls(calls: Iterable[Json]) -> list[Violation]:
    """Lists instances that one undisturbed apply stops or starts more than once.

    A refused call does not count: it changed nothing.
    """
    counted = Counter(
        (call["operation"], call["notebook_id"])
        for call in calls
        if call["operation"] in ("StopNotebook", "StartNotebook") and (call["status"] or 0) < HTTP_REFUSED
    )
    return [
        Violation(Kind.FORBIDDEN, f"{operation} of {identifier} {times} times in one apply")
        for (operation, identifier), times in counted.items()
        if times > 1
    ]
