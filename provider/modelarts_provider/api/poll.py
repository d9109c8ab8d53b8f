"""Reading again and again until something is so: calm under a bad network, ended by a deadline or a cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from random import SystemRandom
from typing import Any, TypeVar

from modelarts_provider.api.errors import ApiError
from modelarts_provider.framework.cancellation import Cancel, Deadline, DeadlineExceeded, unless_cancelled

T = TypeVar("T")


class PollTimedOut(DeadlineExceeded):
    """What was waited for did not come in time.

    Attributes:
        last: The last value that was read, None when no read succeeded.
        last_error: The last read's error, None when it succeeded.
        reads: How many reads were tried.
    """

    def __init__(self, seconds: float, last: Any, last_error: ApiError | None, reads: int) -> None:
        failed = f"; the last read failed: {last_error}" if last_error else ""
        super().__init__(f"not finished within {seconds:g} s ({reads} reads){failed}")
        self.last = last
        self.last_error = last_error
        self.reads = reads


async def poll(
    read: Callable[[], Awaitable[T]],
    done: Callable[[T], bool],
    *,
    deadline: Deadline,
    cancel: Cancel,
    first: float = 1.0,
    factor: float = 1.5,
    most: float = 10.0,
    jitter: float = 0.1,
    poll_interval: float = 1.0,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    random: Callable[[], float] | None = None,
) -> T:
    """Read until done says so, and give that value.

    The first read comes at once. Errors that pass by themselves (see ApiError.transient) count as "not yet"; any other
    error, and whatever done raises, ends the poll.

    Args:
        read: Gives the present value.
        done: Whether the value is the one waited for; raises where it never will be.
        deadline: When to give up; a read under way is given up as well.
        cancel: Ends the poll at once, also in the middle of a read.
        first: Seconds between the first two reads.
        factor: Growth of the interval.
        most: Longest interval in seconds.
        jitter: How far an interval is varied, as a part of it, so that many polls spread.
        poll_interval: Scales all intervals, for services whose clock runs faster (the emulator's).
        sleep: Takes the place of waiting, in tests.
        random: Numbers from 0 to 1.

    Raises:
        CancelledByUser: A stop was asked for.
        PollTimedOut: The deadline passed; carries the last value and the last error.
        ApiError: A read failed for good.
    """
    waits = _intervals(first, factor, most, jitter, random or SystemRandom().random)
    pause = sleep or cancel.sleep
    last: T | None = None
    last_error: ApiError | None = None
    reads = 0
    while True:
        reads += 1
        try:
            async with asyncio.timeout(deadline.remaining) as limit:
                last = await unless_cancelled(_coroutine(read), cancel)
        except ApiError as error:
            if not error.transient:
                raise
            last_error = error
        except TimeoutError:
            if not limit.expired():
                raise
            raise PollTimedOut(deadline.seconds, last, last_error, reads) from last_error
        else:
            last_error = None
            if done(last):
                return last
        if deadline.is_over:
            raise PollTimedOut(deadline.seconds, last, last_error, reads) from last_error
        asked = last_error.retry_after if last_error else None
        await pause(min(max(next(waits) * poll_interval, asked or 0.0), deadline.remaining))
        cancel.raise_if_set()


def _intervals(first: float, factor: float, most: float, jitter: float, dice: Callable[[], float]) -> Iterator[float]:
    interval = first
    while True:
        yield interval * (1 + jitter * (2 * dice() - 1))
        interval = min(most, interval * factor)


async def _coroutine(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
