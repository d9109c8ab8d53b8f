"""What a call leaves for after its answer: done once that is sent, and never where nobody waits for it any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from modelarts_provider.framework.cancellation import collecting_later, once_answered
from modelarts_provider.framework.protocol.rpc import Calls, ConnectionHandler, Routes

PATH = "/tfplugin6.Provider/ApplyResourceChange"
HEADERS = [(":method", "POST"), (":path", PATH), ("content-type", "application/grpc")]


class Stream:
    """The client's side of one call: an empty request; ``gone`` makes it reset the stream before the answer comes."""

    closable = False

    def __init__(self, log: list[str]) -> None:
        self.log = log

    async def recv_data(self, size: int) -> bytes:
        return bytes(size)

    async def send_headers(self, headers: list[tuple[str, str]], *, end_stream: bool = False) -> None:
        if end_stream:
            self.log.append(f"answered {dict(headers)['grpc-status']}")

    async def send_data(self, data: bytes) -> None:
        self.log.append("data")


def told(log: list[str], call: Callable[[bytes], Awaitable[bytes]], *, gone: bool = False) -> list[str]:
    """What happens in a call on a connection, in its order."""

    async def scenario() -> None:
        calls = Calls()
        handler = ConnectionHandler(Routes({PATH: call}.get, frozenset()), calls)
        stream = Stream(log)
        released = asyncio.Event()
        handler.accept(stream, HEADERS, released.set)  # type: ignore[arg-type]  # all of a stream that is used
        await asyncio.sleep(0)
        if gone:
            handler.cancel(stream)  # type: ignore[arg-type]  # as above
        await released.wait()
        assert await calls.drain(30.0)

    asyncio.run(scenario())
    return log


def leaving(log: list[str]) -> Callable[[bytes], Awaitable[bytes]]:
    async def later() -> None:
        log.append("later begins")
        await asyncio.sleep(0)
        log.append("later ends")

    async def call(_request: bytes) -> bytes:
        await asyncio.sleep(0)
        await once_answered(later)
        log.append("work ends")
        return b""

    return call


def test_it_is_done_after_the_answer_and_the_end_of_the_process_waits_for_it() -> None:
    log: list[str] = []
    assert told(log, leaving(log)) == ["work ends", "data", "answered 0", "later begins", "later ends"]


def test_it_is_not_done_where_nobody_waits_for_the_answer() -> None:
    log: list[str] = []
    assert told(log, leaving(log), gone=True) == ["work ends"]


def test_it_is_not_done_where_the_call_fails() -> None:
    log: list[str] = []
    whole = leaving(log)

    async def failing(request: bytes) -> bytes:
        await whole(request)
        raise asyncio.CancelledError

    assert told(log, failing) == ["work ends", "answered 13"]


@pytest.mark.parametrize("collected", [False, True])
def test_without_a_connection_it_is_done_at_once(collected: bool) -> None:
    log: list[str] = []

    async def scenario() -> None:
        if collected:
            with collecting_later() as later:
                await leaving(log)(b"")
            assert len(later) == 1
        else:
            await leaving(log)(b"")

    asyncio.run(scenario())
    assert log == (["work ends"] if collected else ["later begins", "later ends", "work ends"])
