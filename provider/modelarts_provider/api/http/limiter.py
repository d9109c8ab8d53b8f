"""One limit for all calls of the process, which finds the rate that the service allows by itself.

Without a 429 there is no limit (unless the user sets one). After one, the rate is cut, and it grows again while answers come:
additive increase and multiplicative decrease, so that several processes that share a project's limit end with like shares.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from modelarts_provider.api.errors import NoTurn

_RAISE = "Raise requests_per_second or the timeout, or lower Terraform's -parallelism."


@dataclass(frozen=True, slots=True)
class RequestRate:
    """How the limiter adapts.

    Attributes:
        cut: What is left of the rate after a 429.
        growth: Calls per second that are added to the rate in each second without a 429.
        least: Never slower than this, in calls per second.
        most: A rate above this is no limit any more (the gateway's documented default: 200 calls per second).
        calm: Seconds after a cut in which further 429s count as the same event: they were sent before it.
    """

    cut: float = 0.6
    growth: float = 1.0
    least: float = 0.5
    most: float = 200.0
    calm: float = 1.0


class Limiter:
    """Lets calls pass at a rate.

    Args:
        requests_per_second: The user's own upper limit, None for none.
        pace: How it adapts.
        clock: Seconds that never go back, for tests.
    """

    def __init__(
        self,
        requests_per_second: float | None = None,
        *,
        pace: RequestRate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ceiling = requests_per_second
        self._pace = pace or RequestRate()
        self._clock = clock
        self._rate: float | None = requests_per_second
        self._next = 0.0
        self._not_before = 0.0
        self._cut_at: float | None = None
        self._grown_at = clock()
        self._recent: deque[float] = deque(maxlen=1000)
        self._queue = asyncio.Lock()

    @property
    def rate(self) -> float | None:
        """Calls per second that pass now, None without a limit."""
        return self._rate

    async def turn(
        self, sleep: Callable[[float], Awaitable[None]], left: Callable[[], float] = lambda: math.inf
    ) -> None:
        """Wait until one more call may be sent; first come, first served.

        Args:
            sleep: Waits; may raise to give up (a cancel).
            left: Seconds that the caller still has.

        Raises:
            NoTurn: The turn doesn't come in that time: said at once where it is certain, else when the time is over.
        """
        if self._rate is not None or self._clock() < self._not_before:
            self._wait_within(left())
            await self._first_in_queue(left())
            try:
                # One at a time waits here, so a cut or a longer pause meanwhile counts for everybody behind it.
                while (wait := self._wait_within(left())) > 0:
                    await sleep(wait)
                if self._rate is not None:
                    self._next = max(self._clock(), self._next) + 1.0 / self._rate
            finally:
                self._queue.release()
        self._recent.append(self._clock())

    async def _first_in_queue(self, left: float) -> None:
        """Take the queue's lock. Those before may have more time than this caller, and sleep with the lock in hand."""
        try:
            async with asyncio.timeout(None if math.isinf(left) else left):
                await self._queue.acquire()
        except TimeoutError:
            raise self._too_late("its turn behind others didn't come within the timeout") from None

    def _wait_within(self, left: float) -> float:
        """Seconds until the next call may be sent, by anybody: neither moment ever moves back."""
        wait = max(self._next, self._not_before) - self._clock()
        if wait > left:
            raise self._too_late(f"the next one has to wait {math.ceil(wait)} s, longer than the timeout allows")
        return wait

    def _too_late(self, how: str) -> NoTurn:
        """The error, with what makes calls wait now: the service's pause, the user's own limit, or a cut."""
        if self._not_before >= self._next and self._not_before > self._clock():
            return NoTurn(f"no call was made: with a 429 the service asked for a pause, and {how}")
        if self._rate is not None and self._rate == self._ceiling:
            own = f"no call was made: requests_per_second is {self._ceiling:g}, and {how}"
            return NoTurn(own, next_step=_RAISE)
        return NoTurn(f"no call was made: after a 429 calls are sent more slowly, and {how}")

    def throttled(self, retry_after: float | None) -> None:
        """Take note of a 429."""
        now = self._clock()
        if retry_after is not None:
            self._not_before = max(self._not_before, now + retry_after)
        if self._cut_at is not None and now - self._cut_at < self._pace.calm:
            return
        sent = self._sent_lately(now)
        present = sent if self._rate is None else min(self._rate, max(sent, self._pace.least))
        self._rate = max(self._pace.least, present * self._pace.cut)
        self._cut_at = self._grown_at = now

    def answered(self) -> None:
        """Take note of an answer that is no 429."""
        if self._rate is None or self._rate == self._ceiling:
            return
        now = self._clock()
        rate = self._rate + self._pace.growth * (now - self._grown_at)
        self._grown_at = now
        if self._ceiling is not None:
            self._rate = min(rate, self._ceiling)
        else:
            self._rate = None if rate > self._pace.most else rate

    def _sent_lately(self, now: float) -> float:
        """Calls per second over the last second (at least one)."""
        return float(max(1, sum(1 for sent in self._recent if now - sent <= 1.0)))
