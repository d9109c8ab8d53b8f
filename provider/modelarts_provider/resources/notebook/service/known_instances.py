"""Which notebooks this process knows to belong to somebody, so that no create takes another's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from modelarts_provider.framework.schema.values import Json

Likeness: TypeAlias = tuple[str, str, str, str, str]
"""Region, project, name, flavor and image: what two notebooks of one configuration have in common."""

UNMANAGED_SECONDS: Final = 30.0
"""How long an instance has to rest without the managed tag before it counts as one that no living run creates.

A create sets the tag when it returns, a moment after its instance rests: it polls every ten seconds, then sets tags.
"""


@dataclass(slots=True)
class Unmanaged:
    """An instance without the managed tag as it was read last, by whichever create of this process.

    Attributes:
        item: As the API answered it.
        read_at: When, by the clock of deadlines; None before the first read.
        rests_since: Since when it rests with the same tags; None while it moves.
        adopter: The run that was adopting it.
        is_ours: Whether it may be taken or named: not once it is gone, being deleted or another user's.
        being_read: Whether a create is reading it now.
    """

    item: Json
    read_at: float | None = None
    rests_since: float | None = None
    adopter: str | None = None
    is_ours: bool = True
    being_read: bool = False

    @property
    def rested(self) -> float:
        """Seconds that it was seen to rest."""
        return 0.0 if self.rests_since is None or self.read_at is None else self.read_at - self.rests_since


def _write_no_log(_message: str, **_facts: Any) -> None:
    """What is done with log lines where nobody takes them."""


@dataclass(slots=True)
class Claims:
    """What creates of this process know together.

    Attributes:
        ids: Instances that are somebody's: read from a state, made here, or seen with the managed tag.
        candidates: Instances of which one may be what a create of this process has just made: its answer was lost.
        unmanaged: Instances without the managed tag that creates wait for, so that many creates read each only once.
        unmanaged_seconds: How long to wait for the tag of an instance that rests.
        user_id: The id of the IAM user who calls, where it is known.
        log: Writes a line at level INFO.

    Creates of the same likeness take turns at listing and asking, so that none takes what another has just made. Nobody
    waits for an instance to rest while it has the turn.
    """

    ids: set[str] = field(default_factory=set)
    candidates: set[str] = field(default_factory=set)
    unmanaged: dict[str, Unmanaged] = field(default_factory=dict)
    unmanaged_seconds: float = UNMANAGED_SECONDS
    user_id: str | None = None
    log: Callable[..., None] = _write_no_log
    _turns: dict[Likeness, asyncio.Lock] = field(default_factory=dict)

    def turn(self, likeness: Likeness) -> asyncio.Lock:
        """The lock of creates of one likeness."""
        return self._turns.setdefault(likeness, asyncio.Lock())

    def unknown(self, found: Iterable[Json]) -> list[Json]:
        """Those of the instances that belong to nobody that this process knows of."""
        return [item for item in found if item["id"] not in self.ids | self.candidates]
