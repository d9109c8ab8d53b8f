"""Emulated time: a moment is an integer, UTC milliseconds, as the API prints it."""

from __future__ import annotations

import time
from typing import Protocol

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


class Clock(Protocol):
    """Says what time it is in the emulated cloud."""

    def now(self) -> int:
        """The moment, UTC milliseconds; never goes back."""
        ...


def wall_now() -> int:
    """The real moment, UTC milliseconds: signatures and tokens are judged by it, because clients use it for them."""
    return time.time_ns() // 1_000_000


class ScaledClock:
    """Starts at the real moment and runs ``1 / scale`` times as fast as real time.

    With 0.01 an emulated hour takes 36 real seconds. 1 is real time. Resuming a saved state, ``not_before``
    keeps the clock from going back behind what was already answered.
    """

    def __init__(self, scale: float = 1.0, *, not_before: int = 0) -> None:
        if scale <= 0:
            msg = f"a clock's scale must be above 0, not {scale}"
            raise ValueError(msg)
        self._rate = 1.0 / scale
        self._start = max(wall_now(), not_before)
        self._origin = time.monotonic_ns()

    def now(self) -> int:
        """The moment, UTC milliseconds."""
        elapsed = time.monotonic_ns() - self._origin
        return self._start + int(elapsed * self._rate) // 1_000_000


class ManualClock:
    """Stands still until it is told to move: for tests that step through transitions one by one."""

    def __init__(self, start: int = 1_800_000_000_000) -> None:
        self._now = start

    def now(self) -> int:
        """The moment, UTC milliseconds."""
        return self._now

    def advance(self, milliseconds: int) -> None:
        """Move forward by that many emulated milliseconds."""
        if milliseconds < 0:
            msg = f"time doesn't go back: {milliseconds}"
            raise ValueError(msg)
        self._now += milliseconds
