"""What each measurement may cost at most: the first aim, and the goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HANDSHAKE = "start to handshake"
SCHEMA = "handshake to first schema"
MEMORY_START = "memory after the first schema"
MEMORY_APPLY = "peak memory during apply, 100 new"
PLAN_1 = "plan, 1 existing"
PLAN_100 = "plan, 100 existing"
FLAVOR = "apply, change of flavor on 1"
SYNTH_1000 = "synth, 1000 notebooks"
EMULATOR_PAGE = "emulator, page of 50 of 10,000"
EMULATOR_MEMORY = "emulator, memory with 10,000"


@dataclass(frozen=True)
class Budget:
    """The most that a median may be, in the unit of its row.

    Attributes:
        first: What a release must keep.
        goal: What is aimed at.
    """

    first: float
    goal: float


BUDGETS: Mapping[str, Budget] = {
    HANDSHAKE: Budget(first=140, goal=80),  # ms
    MEMORY_START: Budget(first=40, goal=30),  # MB
    MEMORY_APPLY: Budget(first=70, goal=55),  # MB
    PLAN_1: Budget(first=0.75, goal=0.5),  # s, here and below
    PLAN_100: Budget(first=1.4, goal=0.9),
    FLAVOR: Budget(first=2.5, goal=1.5),
    SYNTH_1000: Budget(first=3.5, goal=3.0),
    EMULATOR_PAGE: Budget(first=20, goal=20),  # ms
    EMULATOR_MEMORY: Budget(first=300, goal=300),  # MB
}


def verdict(what: str, median: float) -> str:
    """Says whether a median keeps its budget: `ok`, `ok (goal)`, `missed`, or nothing where there is none."""
    budget = BUDGETS.get(what)
    if budget is None:
        return ""
    if median <= budget.goal:
        return "ok (goal)"
    return "ok" if median <= budget.first else "missed"
