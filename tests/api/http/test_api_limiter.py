"""The limiter in a simulated hour: a clock that jumps to the next event, services with limits, processes that share them."""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from modelarts_provider.api.errors import Throttled
from modelarts_provider.api.http.limiter import Limiter, RequestRate
from modelarts_provider.framework.cancellation import CancelledByUser

LIMITED = httpx.Response(429, json={"error_code": "APIGW.0308", "error_msg": "limit"})


class World:
    """Virtual time: when every task waits, the earliest wait ends."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waits: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        event = asyncio.Event()
        heapq.heappush(self._waits, (self.now + seconds, self._count, event))
        await event.wait()

    def run(self, until: float, *tasks: Any) -> None:
        async def main() -> None:
            running = [asyncio.ensure_future(task) for task in tasks]
            while not all(task.done() for task in running):
                for _ in range(12):  # let everybody get to their next wait
                    await asyncio.sleep(0)
                if not self._waits or self._waits[0][0] > until:
                    break
                moment, _, event = heapq.heappop(self._waits)
                self.now = max(self.now, moment)
                event.set()
            for task in running:
                if task.done():
                    task.result()
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

        asyncio.run(main())


class Service:
    """Lets so many calls pass in each window of a second; None for all."""

    def __init__(self, world: World, allowed: Callable[[float], float | None]) -> None:
        self.world = world
        self.allowed = allowed
        self.passed: deque[float] = deque()
        self.log: list[tuple[float, str, bool]] = []

    def call(self, who: str) -> bool:
        now = self.world.now
        while self.passed and self.passed[0] <= now - 1.0:
            self.passed.popleft()
        limit = self.allowed(now)
        good = limit is None or len(self.passed) < limit
        if good:
            self.passed.append(now)
        self.log.append((now, who, good))
        return good

    def count(self, since: float, until: float, *, good: bool, who: str | None = None) -> int:
        return sum(1 for at, caller, ok in self.log if since <= at < until and ok is good and who in (None, caller))


async def worker(world: World, limiter: Limiter, service: Service, who: str, latency: float = 0.05) -> None:
    while True:
        await limiter.turn(world.sleep)
        good = service.call(who)
        await world.sleep(latency)
        if good:
            limiter.answered()
        else:
            limiter.throttled(None)


def test_without_a_429_nothing_waits():
    world = World()
    limiter = Limiter(clock=world.clock)
    service = Service(world, lambda _: None)
    world.run(2.0, *[worker(world, limiter, service, "a") for _ in range(10)])
    assert limiter.rate is None
    assert service.count(0, 2, good=True) == 10 * 40


@pytest.mark.parametrize("allowed", [5, 20, 60])
def test_it_settles_near_the_allowed_rate(allowed):
    world = World()
    limiter = Limiter(clock=world.clock)
    service = Service(world, lambda _: allowed)
    world.run(150.0, *[worker(world, limiter, service, "a") for _ in range(20)])
    good, bad = (service.count(30, 150, good=kind) / 120 for kind in (True, False))
    assert allowed * 0.65 <= good <= allowed
    assert bad <= allowed * 0.15


def test_it_recovers_when_the_limit_is_gone():
    world = World()
    limiter = Limiter(pace=RequestRate(most=50), clock=world.clock)
    service = Service(world, lambda now: 5 if now < 30 else None)
    world.run(100.0, *[worker(world, limiter, service, "a", latency=1.0) for _ in range(60)])
    assert service.count(20, 30, good=True) / 10 < 6
    assert limiter.rate is None
    assert service.count(90, 100, good=True) / 10 == pytest.approx(60, rel=0.02)


def test_processes_that_share_a_limit_end_with_like_shares():
    world = World()
    service = Service(world, lambda _: 30)
    limiters = {name: Limiter(clock=world.clock) for name in "abcd"}

    async def late(name: str, start: float) -> None:
        await world.sleep(start)
        await asyncio.gather(*[worker(world, limiters[name], service, name) for _ in range(5)])

    world.run(400.0, *[late(name, 20.0 * index) for index, name in enumerate("abcd")])
    shares = [service.count(200, 400, good=True, who=name) / 200 for name in "abcd"]
    assert sum(shares) >= 30 * 0.6
    assert max(shares) <= 2 * min(shares)


def test_the_user_s_own_limit_is_kept_and_come_back_to():
    world = World()
    limiter = Limiter(10, clock=world.clock)
    service = Service(world, lambda now: 4 if 20 < now < 40 else None)
    world.run(100.0, *[worker(world, limiter, service, "a") for _ in range(20)])
    assert 98 <= service.count(5, 15, good=True) <= 102
    assert service.count(30, 40, good=True) <= 45
    assert 98 <= service.count(85, 95, good=True) <= 102


def test_many_429s_of_one_burst_cut_the_rate_once():
    world = World()
    limiter = Limiter(100, clock=world.clock)

    async def burst() -> None:
        for _ in range(50):
            await limiter.turn(world.sleep)

    world.run(10.0, burst())
    for _ in range(50):
        limiter.throttled(None)
    assert limiter.rate == pytest.approx(30, rel=0.1)


def test_a_retry_after_holds_everybody_back():
    world = World()
    limiter = Limiter(clock=world.clock)
    limiter.throttled(30)
    times: list[float] = []

    async def one() -> None:
        await limiter.turn(world.sleep)
        times.append(world.now)

    world.run(100.0, one(), one(), one())
    assert times[0] == 30
    assert len(times) == 3


def test_first_come_first_served():
    world = World()
    limiter = Limiter(2, clock=world.clock)
    order: list[int] = []

    async def one(number: int) -> None:
        await limiter.turn(world.sleep)
        order.append(number)

    world.run(100.0, *[one(number) for number in range(10)])
    assert order == list(range(10))
    assert world.now == pytest.approx(4.5)


def test_a_pause_that_is_longer_than_one_s_time_is_not_queued_for():
    """It is said at once, and leaves order and pace of those alone who are in the queue already."""
    world = World()
    limiter = Limiter(2, clock=world.clock)
    passed: list[tuple[int, float]] = []
    too_late: list[float] = []

    async def one(number: int) -> None:
        await limiter.turn(world.sleep)
        passed.append((number, world.now))

    async def hurried() -> None:
        await world.sleep(0.6)
        limiter.throttled(30.0)
        with pytest.raises(Throttled, match="asked for a pause, and the next one has to wait 30 s"):
            await limiter.turn(world.sleep, lambda: 29.0)
        too_late.append(world.now)

    world.run(100.0, *[one(number) for number in range(3)], hurried())
    assert too_late == [0.6]
    assert passed == [(0, 0.0), (1, 0.5), (2, pytest.approx(30.6))]


@pytest.mark.parametrize(
    ("own", "throttled", "words", "advice"),
    [
        (0.4, [], "requests_per_second is 0.4, and the next one has to wait 3 s", "Raise"),
        (20.0, [None], "after a 429 calls are sent more slowly, and the next one has to wait 1 s", "lower"),
        (0.5, [40.0], "the service asked for a pause, and the next one has to wait 40 s", "lower"),
    ],
)
def test_a_turn_that_comes_too_late_is_told_by_its_cause(own, throttled, words, advice):
    limiter = Limiter(own, clock=lambda: 0.0)

    async def sleep(_: float) -> None:
        raise AssertionError("that it comes too late is certain from the start")

    async def run() -> Throttled:
        await limiter.turn(sleep, lambda: 0.01)
        for retry_after in throttled:
            limiter.throttled(retry_after)
        with pytest.raises(Throttled) as raised:
            await limiter.turn(sleep, lambda: 0.01)
        return raised.value

    error = asyncio.run(run())
    assert words in str(error)
    assert f"{advice} requests_per_second" in error.next_step


def test_a_cancel_ends_the_wait_of_all():
    async def run() -> None:
        limiter = Limiter(0.001)

        async def cancelled(_: float) -> None:
            raise CancelledByUser

        await limiter.turn(cancelled)
        ends = await asyncio.gather(*[limiter.turn(cancelled) for _ in range(5)], return_exceptions=True)
        assert [type(end) for end in ends] == [CancelledByUser] * 5

    asyncio.run(run())


def test_the_client_heeds_and_feeds_it(bench):
    limiter = Limiter(clock=lambda: 0.0)
    api = bench(LIMITED, httpx.Response(200, json={}))

    async def run() -> None:
        await api.client(limiter=limiter).request("POST", "/x")

    assert limiter.rate is None
    asyncio.run(run())
    assert limiter.rate == pytest.approx(0.6)
    assert len(api.requests) == 2


def test_a_429_that_stays_is_the_call_s_error(bench):
    api = bench(LIMITED)
    clock = iter(range(1000))
    with pytest.raises(Throttled) as raised:
        asyncio.run(api.client(limiter=Limiter(clock=lambda: float(next(clock)))).request("POST", "/x"))
    assert "requests_per_second" in raised.value.next_step
