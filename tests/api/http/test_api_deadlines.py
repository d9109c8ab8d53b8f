"""A call knows the deadline of the operation that it is a part of, and waits no longer."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from modelarts_provider.api.errors import ConnectionFailed, Forbidden, ServerError, Throttled
from modelarts_provider.api.http import client as client_module
from modelarts_provider.api.http.limiter import Limiter
from modelarts_provider.framework.cancellation import Deadline, present_deadline, within


@pytest.mark.parametrize(
    ("seconds", "waits", "time_was_up"),
    [(2.0, [0.5, 1.0], True), (0.0, [0.5], True), (100.0, [0.5, 1.0, 2.0, 4.0, 8.0], False)],
)
def test_waits_stop_at_the_deadline_of_the_operation(bench, seconds, waits, time_was_up):
    """Which the call isn't told by its caller; the last look at the end of one still has a second. The error says so."""
    api = bench(httpx.Response(503, json={}))
    passed = 0.0

    async def sleep(wait: float) -> None:
        nonlocal passed
        passed += wait
        api.waits.append(wait)

    class Passing(Deadline):
        @property
        def remaining(self) -> float:
            return max(0.0, seconds - passed)

    async def run() -> ServerError:
        client = api.client(sleep=sleep)
        with within(Passing(at=0.0)), pytest.raises(ServerError) as raised:
            await client.request("PUT", "/notebooks/x", json={})
        await client.aclose()
        return raised.value

    error = asyncio.run(run())
    assert api.waits == waits
    assert error.time_was_up is time_was_up
    assert present_deadline() is None


def test_the_second_that_the_last_look_has_is_one_in_all(bench):
    """And not one for each of its attempts: a service that fails slowly is not asked for longer."""
    api = bench(httpx.Response(503, json={}))

    async def run() -> ServerError:
        client = api.client(random=lambda: 0.0)  # the shortest waits: 0.25 s, 0.5 s, 1 s
        with within(Deadline.after(0.0)), pytest.raises(ServerError) as raised:
            await client.request("GET", "/notebooks/x")
        await client.aclose()
        return raised.value

    error = asyncio.run(run())
    assert api.waits == [0.25, 0.5]
    assert error.time_was_up


def test_a_refusal_for_good_has_nothing_to_do_with_time(bench):
    """Even where there was none left."""
    api = bench(httpx.Response(403, json={"error_code": "ModelArts.0112", "error_msg": "no"}))

    async def run() -> Forbidden:
        client = api.client()
        with within(Deadline.after(0.0)), pytest.raises(Forbidden) as raised:
            await client.request("GET", "/notebooks/x")
        await client.aclose()
        return raised.value

    assert not asyncio.run(run()).time_was_up


def test_a_turn_that_comes_after_the_deadline_is_not_waited_for(bench):
    """After a 429 that asks for a minute, an operation with two seconds left says so at once."""
    api = bench(httpx.Response(429, headers={"Retry-After": "60"}), httpx.Response(200, json={}))

    async def run() -> Throttled:
        client = api.client(limiter=Limiter(), max_retries=0)
        with pytest.raises(Throttled):
            await client.request("GET", "/notebooks/x")
        with within(Deadline.after(2.0)), pytest.raises(Throttled) as raised:
            await client.request("POST", "/notebooks")
        await client.aclose()
        return raised.value

    error = asyncio.run(run())
    assert "no call was made" in str(error)
    assert (error.status, error.may_have_acted, error.transient) == (None, False, True)
    assert (len(api.requests), api.waits) == (1, [])


def test_who_is_behind_somebody_with_more_time_waits_no_longer_either(bench):
    """The first in the queue may wait for its turn; the one behind it has a tenth of a second, and says so then."""
    api = bench(httpx.Response(200, json={}))
    now = 0.0
    limiter = Limiter(1.0, clock=lambda: now)

    async def run() -> Throttled:
        nonlocal now
        asleep, go_on = asyncio.Event(), asyncio.Event()

        async def sleep(_: float) -> None:
            asleep.set()
            await go_on.wait()

        client = api.client(limiter=limiter, sleep=sleep)
        await client.request("GET", "/notebooks/passes")
        first = asyncio.ensure_future(client.request("GET", "/notebooks/first"))
        await asleep.wait()
        now = 1.0  # the first one's time has come, and it isn't awake yet: nothing certain keeps the next from queueing
        short = client.request("GET", "/notebooks/behind", deadline=Deadline.after(0.1))
        with pytest.raises(Throttled) as raised:
            await asyncio.wait_for(short, 20)
        go_on.set()
        await first
        now = 2.0
        await client.request("GET", "/notebooks/next")
        await client.aclose()
        return raised.value

    error = asyncio.run(run())
    assert "its turn behind others didn't come within the timeout" in str(error)
    assert [request.url.path.rpartition("/")[2] for request in api.requests] == ["passes", "first", "next"]


@pytest.mark.parametrize(
    ("method", "more", "given_up"),
    [("GET", {}, True), ("POST", {"repeatable": True, "reads": True}, True), ("PUT", {}, False), ("POST", {}, False)],
)
def test_a_read_ends_with_the_deadline_and_a_write_is_waited_for(bench, monkeypatch, method, more, given_up):
    """Even in the middle of an answer: else a page of a list that hangs outlives the timeout by minutes."""
    monkeypatch.setattr(client_module, "LEAST_LEFT", 0.01)
    api = bench(httpx.Response(200, json={}))

    async def run() -> ConnectionFailed | None:
        arrived, answer = asyncio.Event(), asyncio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            arrived.set()
            await answer.wait()
            return httpx.Response(200, json={"id": "x"})

        client = api.client(transport=httpx.MockTransport(serve))
        with within(Deadline.after(0.0)):
            call = asyncio.ensure_future(client.request(method, "/x", **more))
        await arrived.wait()
        if given_up:
            with pytest.raises(ConnectionFailed) as raised:
                await asyncio.wait_for(call, 30)
            return raised.value
        await asyncio.sleep(0.05)  # longer than any read has
        assert not call.done()
        answer.set()
        assert await call == {"id": "x"}
        return None

    error = asyncio.run(run())
    if error is not None:
        assert (error.reason, error.time_was_up, error.may_have_acted) == ("timeout", True, False)
