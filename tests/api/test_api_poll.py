from __future__ import annotations

import asyncio
from typing import Any

import pytest

from modelarts_provider.api.errors import (
    ApiError,
    Busy,
    ConnectionFailed,
    MalformedAnswer,
    NotFound,
    ServerError,
    Throttled,
)
from modelarts_provider.api.poll import PollTimedOut, poll
from modelarts_provider.framework.cancellation import Cancel, CancelledByUser, Deadline, DeadlineExceeded


class Reader:
    """Gives values or raises errors, one after the other, the last for ever."""

    def __init__(self, *values: Any) -> None:
        self.values = values
        self.reads = 0
        self.waits: list[float] = []

    async def read(self) -> Any:
        value = self.values[min(self.reads, len(self.values) - 1)]
        self.reads += 1
        if isinstance(value, Exception):
            raise value
        return value

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def poll(self, done=lambda value: value == "RUNNING", **settings: Any) -> Any:
        async def run() -> Any:
            defaults = {"deadline": Deadline.after(1000), "cancel": Cancel(), "sleep": self.sleep, "jitter": 0.0}
            return await poll(self.read, done, **(defaults | settings))

        return asyncio.run(run())


def test_the_first_read_comes_at_once_and_intervals_grow():
    reader = Reader(*["CREATING"] * 8, "RUNNING")
    assert reader.poll() == "RUNNING"
    assert reader.waits == [pytest.approx(x) for x in (1.0, 1.5, 2.25, 3.375, 5.0625, 7.59375, 10.0, 10.0)]
    assert Reader("RUNNING").poll() == "RUNNING"


def test_intervals_are_scaled_as_a_whole():
    reader = Reader(*["CREATING"] * 8, "RUNNING")
    reader.poll(poll_interval=0.01)
    assert reader.waits[0] == pytest.approx(0.01)
    assert reader.waits[-1] == pytest.approx(0.1)


@pytest.mark.parametrize(("dice", "wait"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_jitter(dice, wait):
    reader = Reader("CREATING", "RUNNING")
    reader.poll(jitter=0.2, random=lambda: dice)
    assert reader.waits == [pytest.approx(wait)]


PASSING = [
    ServerError("x", status=503),
    Throttled("x", status=429),
    MalformedAnswer("x", status=200),
    ConnectionFailed("x", reason="reset"),
    ConnectionFailed("x", reason="timeout"),
    ConnectionFailed("x", reason="dns"),
]
LASTING = [
    NotFound("x", status=400),
    Busy("x", status=400),
    ConnectionFailed("x", reason="tls"),
    MalformedAnswer("x", status=302),
    ApiError("x"),
    ValueError("x"),
]


@pytest.mark.parametrize("error", PASSING)
def test_errors_that_pass_are_survived(error):
    reader = Reader(error, "CREATING", error, error, "RUNNING")
    assert reader.poll() == "RUNNING"
    assert reader.reads == 5


@pytest.mark.parametrize("error", LASTING)
def test_errors_that_do_not_pass_end_the_poll(error):
    reader = Reader("CREATING", error, "RUNNING")
    with pytest.raises(type(error)) as raised:
        reader.poll()
    assert raised.value is error
    assert reader.reads == 2


def test_what_done_raises_ends_the_poll_even_when_it_would_pass_as_a_read():
    def done(value):
        raise ServerError("the instance failed", status=500)

    reader = Reader("ERROR")
    with pytest.raises(ServerError):
        reader.poll(done)
    assert reader.reads == 1


def test_a_wait_that_the_service_asked_for_is_kept():
    reader = Reader(Throttled("x", retry_after=42.0), "RUNNING")
    reader.poll()
    assert reader.waits == [42.0]


def test_the_deadline_carries_what_was_seen_last():
    error = ServerError("x", status=503)
    reader = Reader("CREATING", error)
    deadline = Deadline.after(0.05)

    async def sleep(seconds):
        await asyncio.sleep(min(seconds, deadline.remaining) if reader.reads > 1 else 0)

    with pytest.raises(PollTimedOut) as raised:
        reader.poll(deadline=deadline, sleep=sleep)
    assert isinstance(raised.value, DeadlineExceeded)
    assert (raised.value.last, raised.value.last_error) == ("CREATING", error)
    assert "0.05 s" in str(raised.value)


def test_the_deadline_ends_a_read_that_hangs():
    async def hang():
        await asyncio.Event().wait()

    async def run():
        await poll(hang, bool, deadline=Deadline.after(0.05), cancel=Cancel())

    with pytest.raises(PollTimedOut) as raised:
        asyncio.run(asyncio.wait_for(run(), 30))
    assert (raised.value.last, raised.value.last_error, raised.value.reads) == (None, None, 1)


@pytest.mark.parametrize("hangs", [True, False])
def test_a_cancel_ends_it_at_once(hangs):
    async def run():
        cancel = Cancel()
        reading = asyncio.Event()

        async def read():
            reading.set()
            if hangs:
                await asyncio.Event().wait()
            return "CREATING"

        task = asyncio.ensure_future(
            poll(read, lambda _: False, deadline=Deadline.after(1000), cancel=cancel, first=500)
        )
        await reading.wait()
        cancel.set()
        with pytest.raises(CancelledByUser):
            await asyncio.wait_for(task, 30)

    asyncio.run(run())


def test_the_poll_s_own_task_can_be_cancelled():
    async def run():
        started = asyncio.Event()
        ended = asyncio.Event()

        async def read():
            started.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        task = asyncio.ensure_future(poll(read, bool, deadline=Deadline.after(1000), cancel=Cancel()))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert ended.is_set()

    asyncio.run(run())
