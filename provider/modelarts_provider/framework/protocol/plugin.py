"""The running plugin, from the printed handshake to the end of the process."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from modelarts_provider.framework.protocol.hclog import Log, bridge_logging, bridge_streams, level_from
from modelarts_provider.framework.protocol.lifetime import Host, Lifetime, stop_through
from modelarts_provider.framework.protocol.server import Server, tls_context
from modelarts_provider.framework.protocol.services import make_routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from modelarts_provider.framework.protocol.certificate import Certificate
    from modelarts_provider.framework.protocol.handshake import Listener
    from modelarts_provider.framework.protocol.lifetime import Hook
    from modelarts_provider.framework.protocol.services import Dispatch

_LEFTOVERS_AFTER_SECONDS: Final = 3.0  # only a start that lives longer, such as an apply, spends time on it


class Start(NamedTuple):
    """What the handshake left behind.

    Attributes:
        listener: The socket that Terraform connects to.
        certificate: What it expects to see there, None for a connection in the clear.
        parent: The process id of what started this process.
        pipe: The write end of the pipe that the handshake went through.
        environ: The environment.
        name: The provider's name.
    """

    listener: Listener
    certificate: Certificate | None
    parent: int
    pipe: int
    environ: Mapping[str, str]
    name: str


def run(start: Start, make_dispatch: Callable[[], Dispatch], on_abandoned: Hook | None) -> NoReturn:
    """Serve until the process ends; see ``process.serve``."""
    log = Log(f"provider.{start.name}", level_from(start.environ, start.name))
    bridge_logging(log)
    asyncio.run(_serve(start, make_dispatch, on_abandoned, log))
    sys.exit(0)


def _remove_leftovers(listener: Listener, name: str) -> None:
    from pathlib import Path  # noqa: PLC0415 - most starts end before

    from modelarts_provider.framework.protocol.stale_sockets import remove_leftovers  # noqa: PLC0415 - as above

    remove_leftovers(Path(listener.directory).parent, name)


async def _serve(start: Start, make_dispatch: Callable[[], Dispatch], on_abandoned: Hook | None, log: Log) -> None:
    context = None
    if start.certificate is not None:
        context = tls_context(start.certificate, start.environ["PLUGIN_CLIENT_CERT"], start.listener.directory)
    dispatch = make_dispatch()
    server = Server()
    lifetime = Lifetime(start.listener, server, on_abandoned or stop_through(dispatch), log)
    lifetime.handle_sigterm()
    await server.start(make_routes(dispatch, lifetime.shutdown, log), start.listener, context)
    bridge_streams(log)  # not before: an error of the start itself must reach the user as it is
    asyncio.get_running_loop().call_later(_LEFTOVERS_AFTER_SECONDS, _remove_leftovers, start.listener, start.name)
    gc.enable()
    gc.freeze()
    await lifetime.watch(Host(start.parent, start.pipe))
