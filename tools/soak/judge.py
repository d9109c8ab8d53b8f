"""What must hold once everything has come to rest, and what may never have been called. Pure."""

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
    """Kinds of complaints, each a promise that was not kept; the values head the table."""

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
class Complaint:
    """One promise that was not kept."""

    kind: Kind
    text: str

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.text}"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What is there after a recovery.

    Attributes:
        configured: The configuration, by resource.
        known: The ids in the state, by resource.
        notebooks: The instances behind the API, as the emulator's control shows them.
        powers: The power state that each resource's instance has to have.
        hooks_known: Resources whose hooks are all ours.
        actions: What the plan wants to do.
    """

    configured: Mapping[str, Config]
    known: Mapping[str, str]
    notebooks: Sequence[Json]
    powers: Mapping[str, str] = field(default_factory=dict)
    hooks_known: frozenset[str] = frozenset()
    actions: Sequence[str] = ()


def judge(settled: Settled) -> list[Complaint]:
    """Every promise that isn't kept."""
    return [*_clean(settled), *_lost(settled), *_strays(settled), *_faithful(settled)]


def _clean(settled: Settled) -> Iterator[Complaint]:
    if settled.actions:
        yield Complaint(Kind.NOT_CLEAN, f"the plan after the recovery wants {', '.join(settled.actions)}")


def _lost(settled: Settled) -> Iterator[Complaint]:
    there = {item["id"] for item in settled.notebooks}
    for name in settled.configured:
        if settled.known.get(name) not in there:
            yield Complaint(Kind.LOST, f"{name} has no instance: the state says {settled.known.get(name)}")
    for identifier, times in Counter(settled.known.values()).items():
        if times > 1:
            yield Complaint(Kind.LOST, f"{identifier} is in the state {times} times: one notebook has another's")


def _strays(settled: Settled) -> Iterator[Complaint]:
    ours = set(settled.known.values())
    likenesses = {_likeness(item) for item in settled.notebooks if item["id"] in ours}
    for item in settled.notebooks:
        if item["id"] not in ours:
            kind = Kind.TWIN if _likeness(item) in likenesses else Kind.ORPHAN
            yield Complaint(kind, f"{item['id']} ({item['name']}, {item['status']}) is in no state")


def _likeness(item: Json) -> tuple[str, str, str]:
    return item["name"], item["flavor"], item["image"]["id"]


def _faithful(settled: Settled) -> Iterator[Complaint]:
    by_id = {item["id"]: item for item in settled.notebooks}
    for name, config in settled.configured.items():
        there = by_id.get(settled.known.get(name, ""))
        if there is None:
            continue
        known = name in settled.hooks_known
        yield from (
            Complaint(Kind.DIFFERENT, f"{name}.{text}") for text in differences(config, there, hooks_known=known)
        )
        wanted = config.get("desired_status") or settled.powers.get(name)
        if wanted is not None and there["status"] != wanted:
            yield Complaint(Kind.POWER, f"{name} is {there['status']} and was to be {wanted}")
        if marked(there):
            yield Complaint(Kind.MARK, f"{name} ({there['status']}) still has the mark of an interrupted update")


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

    def judge(self, calls: Iterable[Json], old: Iterable[str]) -> list[Complaint]:
        """Complaints about calls.

        Args:
            calls: The log of calls.
            old: Ids that were there before.
        """
        rules = {"DeleteNotebook": self.deletes, "StartNotebook": self.starts, "StopNotebook": self.stops}
        watched = set(old)
        return [
            Complaint(Kind.FORBIDDEN, f"{call['operation']} of {call['notebook_id']}, which nothing asked for")
            for call in calls
            if call["operation"] in rules
            and call["notebook_id"] in watched
            and call["notebook_id"] not in rules[call["operation"]]
        ]


def hasty(calls: Iterable[Json]) -> list[Complaint]:
    """Complaints about one undisturbed apply: an instance is stopped once and started once at most.

    What the service has refused has moved nothing.
    """
    counted = Counter(
        (call["operation"], call["notebook_id"])
        for call in calls
        if call["operation"] in ("StopNotebook", "StartNotebook") and (call["status"] or 0) < HTTP_REFUSED
    )
    return [
        Complaint(Kind.FORBIDDEN, f"{operation} of {identifier} {times} times in one apply")
        for (operation, identifier), times in counted.items()
        if times > 1
    ]
