"""Servers that Terraform does not start but finds through TF_REATTACH_PROVIDERS: for debugging and for tests.

They speak in the clear, on a socket in a directory that only this user can enter, serve any number of Terraform
commands one after another, and never end because Terraform does.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from modelarts_provider.framework.protocol.handshake import PROTOCOL_VERSION, open_listener
from modelarts_provider.framework.protocol.hclog import Log, bridge_logging, level_from
from modelarts_provider.framework.protocol.lifetime import ABANDONED_SECONDS, stop_through
from modelarts_provider.framework.protocol.server import Server
from modelarts_provider.framework.protocol.services import make_routes
from modelarts_provider.framework.protocol.stale_sockets import remove_leftovers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from modelarts_provider.framework.protocol.lifetime import Hook
    from modelarts_provider.framework.protocol.services import Dispatch

_CLOSE_SECONDS: Final = 10.0


def reattach_value(address: str, path: str) -> str:
    """The value of TF_REATTACH_PROVIDERS that leads Terraform to a socket of this process.

    Args:
        address: The provider's source address; without a host, Terraform's default registry is assumed.
        path: The unix socket.
    """
    entry = {
        "Protocol": "grpc",
        "ProtocolVersion": PROTOCOL_VERSION,
        "Pid": os.getpid(),
        "Test": True,  # Terraform must not end the process
        "Addr": {"Network": "unix", "String": path},
    }
    return json.dumps({address: entry})


def _name(address: str) -> str:
    """The provider's type, with which its source address ends."""
    return address.rpartition("/")[2]


def _log(address: str, level: str) -> Log:
    name = _name(address)
    return Log(f"provider.{name}", level_from(os.environ, name, level))


@asynccontextmanager
async def reattachable(dispatch: Dispatch, address: str) -> AsyncIterator[str]:
    """Serve a dispatch on the running event loop.

    Yields:
        The value for TF_REATTACH_PROVIDERS. At the end calls that are running get ten seconds, then connections are
        closed.
    """
    async with _serving(dispatch, address, _log(address, "OFF")) as (value, _):
        yield value


@asynccontextmanager
async def _serving(dispatch: Dispatch, address: str, log: Log) -> AsyncIterator[tuple[str, Server]]:
    name = _name(address)
    listener = open_listener(os.environ, name)
    remove_leftovers(Path(listener.directory).parent, name)
    server = Server()
    try:
        await server.start(make_routes(dispatch, _stay, log), listener, context=None)
        yield reattach_value(address, listener.path), server
    finally:
        await server.close(_CLOSE_SECONDS)
        listener.remove()


@contextmanager
def reattachable_thread(make_dispatch: Callable[[], Dispatch], address: str) -> Iterator[str]:
    """Serve a dispatch from an event loop in a thread of its own, for tests that are not asynchronous.

    Args:
        make_dispatch: Called in that event loop.
        address: The provider's source address.

    Yields:
        The value for TF_REATTACH_PROVIDERS.

    Raises:
        Exception: Whatever make_dispatch raised.
    """
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def main() -> None:
        async with reattachable(make_dispatch(), address) as value:
            ending = asyncio.Event()
            started.set_result((value, asyncio.get_running_loop(), ending))
            await ending.wait()

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    thread = threading.Thread(target=work, name="reattachable", daemon=True)
    thread.start()
    value, loop, ending = started.result()
    try:
        yield value
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()


def serve_debug(
    make_dispatch: Callable[[], Dispatch],
    address: str,
    *,
    on_abandoned: Hook | None = None,
) -> None:
    """Serve from a shell or a debugger until Ctrl-C or SIGTERM, and print what Terraform needs to find this process.

    Args:
        make_dispatch: Called in the event loop; gives the function that answers calls.
        address: The provider's source address.
        on_abandoned: Asks running calls to stop when the process is told to end; by default StopProvider is
            dispatched. A second signal ends the process at once.
    """
    log = _log(address, "WARN")
    bridge_logging(log)
    asyncio.run(_serve_debug(make_dispatch, address, on_abandoned, log))


async def _serve_debug(
    make_dispatch: Callable[[], Dispatch], address: str, on_abandoned: Hook | None, log: Log
) -> None:
    dispatch = make_dispatch()
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()

    def end() -> None:
        if ending.is_set():
            os._exit(130)
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    async with _serving(dispatch, address, log) as (value, server):
        sys.stdout.write(
            "Serving until Ctrl-C. In another shell, let Terraform find this process:\n\n"
            f"TF_REATTACH_PROVIDERS='{value}'\n\n"
        )
        sys.stdout.flush()
        await ending.wait()
        await asyncio.wait_for((on_abandoned or stop_through(dispatch))(), ABANDONED_SECONDS)
        await server.calls.drain(ABANDONED_SECONDS)


async def _stay() -> None:
    """What Shutdown means here: nothing."""
