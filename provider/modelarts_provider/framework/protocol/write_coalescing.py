"""Gathers what one turn of the event loop writes to a connection, and sends it at once.

A response is three writes (headers, message, status), and each alone would be a TLS record and a system call of its own:
a fifth of what a call costs.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

_MOST: Final = 32_768  # bytes; more is sent at once, so that a slow reader holds up who writes, as without gathering


class GatheringTransport(asyncio.Transport):
    """As much of a transport as an HTTP/2 connection uses, in front of the real one.

    Args:
        transport: The real one.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._gathered = bytearray()

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send the data before the next turn of the loop."""
        if not self._gathered:
            self._loop.call_soon(self.flush)
        self._gathered += data
        if len(self._gathered) > _MOST:
            self.flush()

    def flush(self) -> None:
        """Send what was gathered now."""
        if self._gathered:
            data, self._gathered = bytes(self._gathered), bytearray()
            self._transport.write(data)

    def close(self) -> None:
        """Send what was gathered and close."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it is closing or closed."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the real transport knows, such as its socket."""
        return self._transport.get_extra_info(name, default)
