"""Serving an application on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.applications import Starlette


_END_SECONDS = 5.0


class _Protocol(H11Protocol):
    """Lets the application see its connection, so that it can reset it on demand."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as the base class has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Leaves signals to the caller: a SIGTERM is a clean end with exit code 0."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


def bind(host: str, port: int) -> socket.socket:
    """A bound socket.

    Raises:
        OSError: the port is taken, or the host isn't ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches delayed sending off only where the protocol is named; else every answer waits 40 ms for an ACK
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except BaseException:
        bound.close()
        raise
    return bound


def url_of(bound: socket.socket) -> str:
    """The address of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def make_server(app: Starlette, on_ready: Callable[[], None]) -> _Server:
    """A uvicorn server for the application; ``on_ready`` is called once it accepts connections."""
    settings: dict[str, Any] = {
        "http": _Protocol,
        "ws": "none",
        "lifespan": "off",
        "loop": "asyncio",
        "log_level": "critical",
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": 1,
        "backlog": 512,
    }
    return _Server(uvicorn.Config(app, **settings), on_ready)


async def serve(app: Starlette, bound: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; calls under way get a second, and nothing holds the end up for more than five."""
    server = make_server(app, on_ready)

    def end(number: int, frame: object) -> None:
        server.should_exit = True
        last = threading.Timer(_END_SECONDS, os._exit, (0,))  # what was confirmed is in the state file already
        last.daemon = True
        last.start()

    # not the loop's own handlers, which wait until the loop is free
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    await server.serve(sockets=[bound])
