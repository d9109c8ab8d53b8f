"""gRPC over one HTTP/2 connection: reads requests, awaits their answers, writes responses and statuses.

Built on grpclib's HTTP/2 half. Its server half is left aside for three reasons: it cancels running calls when the
connection is lost (an update must restore its instance first), it has no limit on the size of a message, and importing
it costs a start another 15 to 20 ms.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from grpclib.protocol import AbstractHandler
from h2.exceptions import H2Error

from modelarts_provider.framework.cancellation import collecting_later
from modelarts_provider.framework.protocol.status import RpcError, StatusCode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from grpclib.protocol import Stream

    from modelarts_provider.framework.cancellation import Later

    Unary = Callable[[bytes], Awaitable[bytes]]
    FindUnary = Callable[[str], Unary | None]

MAX_MESSAGE: Final = 256 * 1024 * 1024  # bytes, as in providers written in Go

_PREFIX: Final = 5  # one byte of flags and four of length come before each message
_CONTENT_TYPE: Final = "application/grpc"
_HEADERS: Final = [(":status", "200"), ("content-type", _CONTENT_TYPE)]


class Routes(NamedTuple):
    """What the server answers.

    Attributes:
        find: Gives the function for a path such as ``/tfplugin6.Provider/ReadResource``, or None.
        silent: Paths of streams that are accepted and on which nothing is ever sent.
    """

    find: FindUnary
    silent: frozenset[str]


class _Call(NamedTuple):
    work: asyncio.Task[Any]
    responder: asyncio.Task[None] | None  # writes the response; ends early where the connection is lost

    def unfinished(self) -> set[asyncio.Task[Any]]:
        tasks = {task for task in self if task is not None and not task.done()}
        return tasks - {asyncio.current_task()}


class Calls:
    """The calls that are running, on whatever connection they came, or whose connection is gone by now."""

    def __init__(self) -> None:
        self._open: set[_Call] = set()

    @property
    def others(self) -> list[_Call]:
        """Those that run or whose response is not written yet, less the one that asks."""
        self._prune()
        return [call for call in self._open if call.work is not asyncio.current_task()]

    def start(self, answer: Awaitable[bytes]) -> asyncio.Task[bytes]:
        """Run a call to its end, whatever happens to the connection; from the task that writes the response."""
        responder = asyncio.current_task()
        work = asyncio.ensure_future(_finished(answer))
        self._add(_Call(work, responder))
        return work

    def follow(self, later: list[Later]) -> None:
        """Do what calls have left for after their answer, as calls that nobody waits for but the end of the process."""
        for work in later:
            self._add(_Call(asyncio.ensure_future(work()), None))

    def _add(self, call: _Call) -> None:
        self._open.add(call)
        for task in call:
            if task is not None:
                task.add_done_callback(self._prune)  # a finished task holds its response

    async def drain(self, seconds: float) -> bool:
        """Wait until all other calls have been answered, that many seconds at most; whether that is so."""
        if tasks := {task for call in self.others for task in call.unfinished()}:
            await asyncio.wait(tasks, timeout=seconds)
        return not self.others

    def _prune(self, _finished: object = None) -> None:
        self._open = {call for call in self._open if call.unfinished()}


async def _finished(answer: Awaitable[bytes]) -> bytes:
    try:
        return await answer
    except asyncio.CancelledError as error:
        # Left alone it would look like the cancellation of the task that writes the response, and none would be sent.
        raise RpcError(StatusCode.INTERNAL, "the call was cancelled within the provider") from error


class ConnectionHandler(AbstractHandler):
    """Serves the streams of one connection, each as a task of its own."""

    def __init__(self, routes: Routes, calls: Calls) -> None:
        self._routes = routes
        self._calls = calls
        self._tasks: dict[Stream, asyncio.Task[None]] = {}

    def accept(
        self,
        stream: Stream,
        headers: list[tuple[str, str]],
        release_stream: Callable[[], None],
    ) -> None:
        """Start to serve a stream."""
        task = asyncio.ensure_future(self._serve(stream, dict(headers)))
        self._tasks[stream] = task

        def done(finished: asyncio.Task[None]) -> None:
            self._tasks.pop(stream, None)
            with suppress(H2Error):  # the connection ended meanwhile
                release_stream()
            if not finished.cancelled():
                finished.result()

        task.add_done_callback(done)

    def cancel(self, stream: Stream) -> None:
        """The client is no longer interested: its answer is dropped, the call itself goes on to its end."""
        if task := self._tasks.get(stream):
            task.cancel()

    def close(self) -> None:
        """The connection is gone: as if every stream were cancelled."""
        for task in list(self._tasks.values()):
            task.cancel()

    async def _serve(self, stream: Stream, headers: Mapping[str, str]) -> None:
        with suppress(H2Error):  # the client reset the stream while a response was on its way
            try:
                await self._respond(stream, headers)
            except RpcError as error:
                await _send_status(stream, error)

    async def _respond(self, stream: Stream, headers: Mapping[str, str]) -> None:
        path = headers.get(":path", "")
        if headers.get(":method") != "POST" or not headers.get("content-type", "").startswith(_CONTENT_TYPE):
            await stream.send_headers([(":status", "415")], end_stream=True)
            return
        if path in self._routes.silent:
            await stream.send_headers(_HEADERS)
            await asyncio.get_running_loop().create_future()  # until the client or the connection goes
        unary = self._routes.find(path)
        if unary is None:
            raise RpcError.unimplemented(path)
        request = await _receive(stream)
        with collecting_later() as later:
            response = await asyncio.shield(self._calls.start(unary(request)))
        if len(response) > MAX_MESSAGE:
            raise RpcError(StatusCode.RESOURCE_EXHAUSTED, f"{path}: the response has {len(response)} bytes")
        await stream.send_headers(_HEADERS)
        await stream.send_data(b"\0" + len(response).to_bytes(4, "big") + response)
        await stream.send_headers([("grpc-status", "0")], end_stream=True)
        self._calls.follow(later)


async def _receive(stream: Stream) -> bytes:
    try:
        prefix = await stream.recv_data(_PREFIX)
        if not prefix:
            raise RpcError(StatusCode.INVALID_ARGUMENT, "the call ended without a request")
        if prefix[0]:
            raise RpcError(StatusCode.UNIMPLEMENTED, "compressed messages are not supported")
        length = int.from_bytes(prefix[1:], "big")
        if length > MAX_MESSAGE:
            msg = f"the request has {length} bytes, and {MAX_MESSAGE} is the most that is accepted"
            raise RpcError(StatusCode.RESOURCE_EXHAUSTED, msg)
        request = await stream.recv_data(length)
    except AssertionError as error:  # how grpclib says that the stream ended too early
        raise RpcError(StatusCode.INVALID_ARGUMENT, "the request is truncated") from error
    if len(request) != length:
        raise RpcError(StatusCode.INVALID_ARGUMENT, "the request is truncated")
    return request


async def _send_status(stream: Stream, error: RpcError) -> None:
    trailers = [("grpc-status", str(error.code.value)), ("grpc-message", _percent_encoded(error.message))]
    await stream.send_headers([*_HEADERS, *trailers], end_stream=True)
    if stream.closable:  # the client may still be sending a request that nobody reads
        stream.reset_nowait()


def _percent_encoded(text: str) -> str:
    """The form that gRPC prescribes for messages: printable ASCII but ``%`` as it is, other bytes as %XX."""
    kept = range(0x20, 0x7F)
    return "".join(chr(byte) if byte in kept and byte != ord("%") else f"%{byte:02X}" for byte in text.encode())
