"""Which notebooks this process knows to belong to somebody, so that no create takes another's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeAlias

Likeness: TypeAlias = tuple[str, str, str, str, str]
"""Region, project, name, flavor and image: what two notebooks of one configuration have in common."""


@dataclass(slots=True)
class Claims:
    """The instances that this process knows to be somebody's: read from a state, or made here.

    Creates of the same likeness take turns at looking and asking, so that none takes what another has just made.
    """

    ids: set[str] = field(default_factory=set)
    _turns: dict[Likeness, asyncio.Lock] = field(default_factory=dict)

    def turn(self, likeness: Likeness) -> asyncio.Lock:
        """The lock of creates of one likeness."""
        return self._turns.setdefault(likeness, asyncio.Lock())
