"""What was measured, as data: samples, their summary, and rows of the table."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Sample:
    """One run of a command.

    Attributes:
        seconds: From its start to its end, by the clock on the wall.
        processor: Seconds of processor time that it and all that it started used; steadier on a busy machine.
    """

    seconds: float
    processor: float


@dataclass(frozen=True)
class Figures:
    """The same thing measured several times, in the unit of its row."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float], factor: float = 1.0) -> Figures:
        """Makes figures of measured values.

        Args:
            values: At least one.
            factor: From the values' unit to the row's, such as 1000 from seconds to milliseconds.
        """
        return cls(tuple(value * factor for value in values))

    @property
    def median(self) -> float:
        """The middle one: a single disturbed run does not move it."""
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        """The one that was disturbed least."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The one that was disturbed most."""
        return max(self.values)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        what: What was measured, as in `budgets.BUDGETS` where it has a budget.
        unit: `ms`, `s`, `MB`.
        ours: With the provider.
        floor: The same without it, in the same run; None where nothing compares.
        processor: Seconds of processor time of ours; None where it was not measured.
        floor_processor: The same of the floor.
        calls: API calls of each run of ours, the same number each time; None where there is no API.
    """

    what: str
    unit: str
    ours: Figures
    floor: Figures | None = None
    processor: Figures | None = None
    floor_processor: Figures | None = None
    calls: str | None = None
