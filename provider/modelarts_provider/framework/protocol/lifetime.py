"""When and how the plugin's process ends: Shutdown, SIGTERM, and a Terraform that was killed.

A call that is running may be an update that has stopped an instance. Whatever ends the process first asks such calls to
stop, as Terraform's StopProvider does, and gives them time to put things back.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
from typing import TYPE_CHECKING, Final, NoReturn

from modelarts_provider.framework.protocol.codec import encode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from modelarts_provider.framework.protocol.handshake import Listener
    from modelarts_provider.framework.protocol.hclog import Log
    from modelarts_provider.framework.protocol.server import Server
    from modelarts_provider.framework.protocol.services import Dispatch

    Hook = Callable[[], Awaitable[None]]

# Nobody waits for a provider whose Terraform is gone: enough time to start an instance again.
ABANDONED_SECONDS: Final = 600.0

# Shutdown while calls are running: the user pressed Ctrl-C twice, and Terraform waits for our answer to Shutdown
# before it kills. Time to send a start, none to watch it.
SHUTDOWN_SECONDS: Final = 10.0

_TICK_SECONDS: Final = 0.5
_TICKS_UNTIL_GONE: Final = 4
_LINGER_TICKS: Final = 4


class Host:
    """The process that started this one.

    Args:
        parent: Its process id, read before the handshake.
        pipe: The write end of the pipe that it reads our stdout from. It tells the truth where a shell is in between,
            whose death would not be Terraform's.
    """

    def __init__(self, parent: int, pipe: int) -> None:
        self._parent = parent
        self._poll = select.poll()
        self._poll.register(pipe, 0)  # errors are reported unasked

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""
        return os.getppid() != self._parent or any(event & select.POLLERR for _, event in self._poll.poll(0))


class Lifetime:
    """Ends the process, after calls that are running had time to put things back.

    Args:
        listener: Removed at the end.
        server: Knows the connections and the calls.
        stop_calls: Asks running calls to stop.
        log: Says why the process ends.
    """

    def __init__(self, listener: Listener, server: Server, stop_calls: Hook, log: Log) -> None:
        self._listener = listener
        self._server = server
        self._stop_calls = stop_calls
        self._log = log
        self._ending: asyncio.Task[None] | None = None

    async def shutdown(self) -> None:
        """What the controller's Shutdown does: end at once, or soon where calls are running. Never returns."""
        if self._server.calls.others:
            await self._restore(SHUTDOWN_SECONDS)
            await self._server.hang_up()
        self._exit("Terraform asked for it")

    def handle_sigterm(self) -> None:
        """End on SIGTERM from now on; where calls are running, after they have answered."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)

    async def watch(self, host: Host) -> None:
        """End when the host is gone and no client is connected."""
        ticks = 0
        while ticks < _TICKS_UNTIL_GONE:
            await asyncio.sleep(_TICK_SECONDS)
            ticks = ticks + 1 if host.is_gone and not self._server.is_connected else 0
        if self._server.calls.others:
            await self._restore(ABANDONED_SECONDS)
        self._exit("Terraform is gone")

    def _terminate(self) -> None:
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end_on_signal())

    async def _end_on_signal(self) -> None:
        if self._server.calls.others:
            await self._restore(ABANDONED_SECONDS)
            for _ in range(_LINGER_TICKS):  # Terraform got the signal, too, and is about to say Shutdown itself
                if not self._server.is_connected:
                    break
                await asyncio.sleep(_TICK_SECONDS)
            await self._server.hang_up()
        self._exit("SIGTERM")

    def _exit(self, reason: str) -> NoReturn:
        self._log.debug("plugin process ends", reason=reason, calls_still_running=len(self._server.calls.others))
        self._server.flush()
        self._listener.remove()
        os._exit(0)  # Terraform waits for the exit: no interpreter shutdown, which would also wait for threads

    async def _restore(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stop_calls()
        except Exception as error:  # noqa: BLE001 - the calls may still end by themselves, and the process must end
            self._log.failure("running calls could not be asked to stop", error)
        if not await self._server.calls.drain(seconds):
            self._log.warn(
                "calls did not end in time", seconds=seconds, calls_still_running=len(self._server.calls.others)
            )


def stop_through(dispatch: Dispatch) -> Hook:
    """Stop calls the way Terraform does: with StopProvider."""

    async def stop() -> None:
        await dispatch("StopProvider", encode("StopProvider.Request", {}))

    return stop
