"""Reading the body of an answer within bounds: what is unpacked is counted as it comes, so that little can't become much."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Final

import httpx

MOST_BYTES: Final = 8 * 1024 * 1024
"""The largest body of an answer, packed or unpacked. A page of 50 instances has about 200 KB."""

MOST_LAYERS: Final = 2
"""How often a body may be packed. Each time takes memory of its own, and nobody does it more than once."""

_EITHER: Final = zlib.MAX_WBITS | 32
"""zlib's or gzip's header, whichever comes: some servers send zlib's as gzip, which does no harm."""

_NAMES: Final = {"gzip": _EITHER, "x-gzip": _EITHER, "deflate": zlib.MAX_WBITS}


class TooLarge(httpx.DecodingError):
    """The body has more bytes than any answer of the services."""

    def __init__(self) -> None:
        super().__init__(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")


class _Layer:
    """Unpacks one layer, and never more than it is told to."""

    def __init__(self, window_bits: int) -> None:
        self._inflating = zlib.decompressobj(window_bits)
        self._raw_is_possible = window_bits == zlib.MAX_WBITS

    @property
    def is_complete(self) -> bool:
        """Whether the end of the packed data has come."""
        return self._inflating.eof

    def unpack(self, data: bytes, most: int) -> bytes:
        """What a piece unpacks to.

        Raises:
            TooLarge: More than ``most`` bytes.
            DecodingError: The data is damaged.
        """
        try:
            # One byte more than allowed tells too much from just enough; up to that, all of the piece is used.
            unpacked = self._inflating.decompress(data, most + 1)
        except zlib.error as error:
            if not self._raw_is_possible:
                raise httpx.DecodingError(str(error)) from error
            # "deflate" stands for zlib's form in the standard, and for the bare one at some servers.
            self._inflating, self._raw_is_possible = zlib.decompressobj(-zlib.MAX_WBITS), False
            return self.unpack(data, most)
        self._raw_is_possible = False
        if len(unpacked) > most:
            raise TooLarge
        return unpacked


class _Bounded(httpx.AsyncByteStream):
    """The unpacked body of an answer, up to MOST_BYTES; a body that goes on after that is left unread."""

    def __init__(self, packed: httpx.AsyncByteStream, names: list[str]) -> None:
        self._packed = packed
        self._names = names

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if len(self._names) > MOST_LAYERS or any(name not in _NAMES for name in self._names):
            shown = ", ".join(self._names[: MOST_LAYERS + 1])[:100]
            raise httpx.DecodingError(f"it is packed as {shown!r}, which nobody asked for")
        layers = [_Layer(_NAMES[name]) for name in reversed(self._names)]
        came = given = 0
        async for piece in self._packed:
            came += len(piece)
            if came > MOST_BYTES:
                raise TooLarge
            unpacked = piece
            for layer in layers:
                unpacked = layer.unpack(unpacked, MOST_BYTES - given)
            given += len(unpacked)
            yield unpacked
        if came and not given and not all(layer.is_complete for layer in layers):
            raise httpx.DecodingError("it ends before anything could be unpacked")  # and isn't one without a body

    async def aclose(self) -> None:
        await self._packed.aclose()


async def bound(response: httpx.Response) -> None:
    """Have an answer's body read within bounds, whoever reads it: a hook for httpx's responses.

    httpx's own decoders unpack each piece as a whole, however large that becomes; it has a decoder for every library that
    happens to be installed.
    """
    packed = response.stream
    if not isinstance(packed, httpx.AsyncByteStream):
        return
    names = [name.strip().lower() for name in response.headers.get_list("content-encoding", split_commas=True)]
    response.stream = _Bounded(packed, [name for name in names if name not in ("", "identity")])
    response.headers.pop("content-encoding", None)  # httpx would go by it
