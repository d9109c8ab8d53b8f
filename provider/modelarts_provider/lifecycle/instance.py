"""What the runner needs of a notebook: operations, the ways in which they are refused, and the pace of looking."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from random import SystemRandom
from typing import Any, Protocol

from modelarts_provider.framework.cancellation import Deadline
from modelarts_provider.lifecycle.changes import ObservedT
from modelarts_provider.lifecycle.lease import Lease


class Refusal(Enum):
    """Ways in which an operation fails; the caller's adapter maps its errors to these."""

    GONE = "there is no such notebook"
    BUSY = "another operation is running, or it is already so"
    ALREADY_THERE = "it is already so"
    WRONG_STATE = "the state of the notebook forbids it"
    OUT_OF_RANGE = "a value is out of range"
    NO_CAPACITY = "there are not enough resources"
    FROZEN = "the notebook or the account is frozen"
    NO_TURN = "no call may be made before the time is over"  # 429 with a long Retry-After
    UNREACHABLE = "no answer, so that it may or may not have happened"  # 5xx, connection, 429
    OTHER = "refused for good"


class Refused(Exception):
    """An operation failed.

    Attributes:
        kind: How.
        cause: The caller's own error; its text is what users see.
    """

    def __init__(self, kind: Refusal, cause: BaseException | None = None) -> None:
        self.kind = kind
        self.cause = cause
        super().__init__(str(cause) if cause is not None else kind.value)


class Instance(Protocol[ObservedT]):
    """One notebook.

    Each operation is one call of the API, retried by the client only where that is safe, and raises ``Refused``
    (anything else counts as refused for good). None of them may observe the provider's cancel (hand the client a ``Cancel.shield()``): the runner
    watches the cancel around every call, and still needs the operations for restoring after it was set. Each must end
    by itself in reasonable time (the client's timeouts).
    """

    async def show(self) -> ObservedT:
        """The notebook as it is now, read by id."""

    async def stop(self) -> None:
        """Ask for a stop."""

    async def start(self, lease: Lease | None) -> None:
        """Ask for a start with this auto-stop; None leaves it to the service."""

    async def update(self, body: Mapping[str, Any]) -> None:
        """Send one PUT with exactly this body."""

    async def set_lease(self, lease: Lease) -> None:
        """Set auto-stop of a running notebook."""

    async def set_tags(self, add: Mapping[str, str], remove: tuple[str, ...]) -> None:
        """Remove tags, then add or overwrite tags; repeating it changes nothing."""

    async def mark_stopped(self, seen: ObservedT | None) -> None:
        """Leave the mark that survives this process: a stop of ours follows, and a start has to follow that.

        ``seen`` is what was read last, here as below; None where nothing could be.
        """

    async def mark_started(self, seen: ObservedT | None, lease: Lease | None) -> None:
        """Leave the mark that survives this process: a start of ours follows, and a stop has to follow that.

        ``lease`` is what the start will carry.
        """

    async def unmark(self, seen: ObservedT | None) -> None:
        """Take the mark away."""


def _jitter() -> float:
    return SystemRandom().uniform(0.9, 1.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollIntervals:
    """How often to look, how patient to be, and the clocks; tests and the emulator bring their own.

    Attributes:
        first: Seconds between the first two looks of a wait.
        factor: Growth of that interval.
        most: The longest interval in seconds.
        attempts: How often a call is sent in all when its outcome stays unknown.
        stale: How many looks in a row may show what was there before a call, since answers may lag behind.
        grace: Seconds that a call under way is given to answer after a cancel, so that its outcome is known.
        sleep: Waits for seconds.
        monotonic: The clock of deadlines, in seconds.
        now: Milliseconds since the epoch, for lease arithmetic.
        jitter: A factor near 1 for each interval, so that many waits spread.
    """

    first: float = 0.5
    factor: float = 1.7
    most: float = 10.0
    attempts: int = 3
    stale: int = 3
    grace: float = 1.0
    sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    jitter: Callable[[], float] = _jitter

    def intervals(self) -> Iterator[float]:
        """Seconds to wait before the second look, the third, and so on."""
        interval = self.first
        while True:
            yield interval * self.jitter()
            interval = min(self.most, interval * self.factor)

    def remaining(self, deadline: Deadline) -> float:
        """Seconds left, never negative."""
        return max(0.0, deadline.at - self.monotonic())

    def deadline(self, seconds: float) -> Deadline:
        """The deadline that many seconds from now."""
        return Deadline(at=self.monotonic() + seconds, seconds=seconds)
