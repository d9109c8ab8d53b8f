"""What has been done and what came of it, counted, and the table of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tools.soak.faults import ALL_KINDS
from tools.soak.invariants import Kind

if TYPE_CHECKING:
    from tools.soak.invariants import Violation

FAVOURED: Final = 3
"""How many kinds of faults are drawn more often in a life, so that each one gets its share."""


@dataclass
class Counters:
    """Counts of one soak.

    Attributes:
        operations: Configuration changes, console changes, faults, kills, imports and so on, by their names.
        faults: Faults that have hit a call, by kind.
        kills: Kills, by moment and call.
        recoveries: How many accidents were followed by a recovery and a check of the invariants.
        violations: What was found, in words, by kind.
    """

    operations: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    recoveries: int = 0
    violations: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in Kind})

    def record_violation(self, violation: Violation) -> None:
        """Adds a violation to those of its kind."""
        self.violations[violation.kind].append(violation.text)

    def add(self, other: Counters) -> None:
        """Adds what another one has counted."""
        self.operations += other.operations
        self.faults += other.faults
        self.kills += other.kills
        self.recoveries += other.recoveries
        for kind, texts in other.violations.items():
            self.violations[kind] += texts

    def least_hit(self, number: int = FAVOURED) -> tuple[str, ...]:
        """The kinds of faults that have hit the fewest calls."""
        return tuple(sorted(ALL_KINDS, key=lambda kind: self.faults[kind])[:number])

    def scarcest(self) -> str:
        """The kind of fault that has hit the fewest calls, in words."""
        [kind] = self.least_hit(1)
        return f"{kind}: {self.faults[kind]}"

    @property
    def total(self) -> int:
        """All operations."""
        return self.operations.total()

    def enough(self, operations: int, each_fault: int) -> bool:
        """Whether so many operations were done, and so many faults of each kind have hit."""
        return self.total >= operations and all(self.faults[kind] >= each_fault for kind in ALL_KINDS)

    def table(self) -> str:
        """Everything as a table in Markdown."""
        rows: list[tuple[str, int]] = [("operations", self.total)]
        rows += [(f"- {name}", times) for name, times in sorted(self.operations.items())]
        rows += [("faults that hit a call", self.faults.total())]
        rows += [(f"- {kind}", self.faults[kind]) for kind in ALL_KINDS]
        rows += [("kills", self.kills.total())]
        rows += [(f"- {moment}", times) for moment, times in sorted(self.kills.items())]
        rows += [("recoveries checked", self.recoveries)]
        rows += [(kind.value, len(texts)) for kind, texts in self.violations.items()]
        return "\n".join(["| what | times |", "|---|---:|", *(f"| {name} | {times} |" for name, times in rows)])
