"""Sending answers, and cutting connections as a broken network does."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import Scope, Send

_SLICES = 10


def reset_connection(scope: Scope) -> None:
    """End the request's connection with a TCP reset (RST), not an orderly close.

    Without a socket (an in-process test) the caller sees a ConnectionResetError.

    Raises:
        ConnectionResetError: where there is no socket.
    """
    transport = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError("the emulator cut this connection on demand")
    connection = transport.get_extra_info("socket")
    # lingering for 0 seconds makes close() send a reset
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def send_json(
    send: Send, status: int, body: Any, headers: dict[str, str] | None = None, *, slow_ms: int = 0
) -> None:
    """Send a JSON answer; 204, 304 and a missing body send none. ``slow_ms`` dribbles the body over that real time."""
    bodyless = status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    payload = b"" if body is None or bodyless else json.dumps(body, ensure_ascii=False).encode()
    raw = {"content-type": "application/json", "content-length": str(len(payload)), **(headers or {})}
    if bodyless:
        raw.pop("content-type")
        raw.pop("content-length")
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in raw.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    if slow_ms and payload:
        width = max(1, len(payload) // _SLICES)
        for begin in range(0, len(payload), width):
            await send({"type": "http.response.body", "body": payload[begin : begin + width], "more_body": True})
            await asyncio.sleep(slow_ms / 1000 / _SLICES)
        payload = b""
    await send({"type": "http.response.body", "body": payload, "more_body": False})


async def send_text(send: Send, status: int, text: str, headers: dict[str, str]) -> None:
    """Send a plain text answer."""
    payload = text.encode()
    raw = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(payload)), **headers}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in raw.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": payload, "more_body": False})
