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

_PIECE: Final = 64 * 1024
_ZLIB_HEADER: Final = 2

_EITHER: Final = zlib.MAX_WBITS | 32
"""zlib's or gzip's header, whichever comes: some servers send zlib's as gzip, which does no harm."""

_NAMES: Final = {"gzip": _EITHER, "x-gzip": _EITHER, "deflate": zlib.MAX_WBITS}


class TooLarge(httpx.DecodingError):
    """The body has more bytes than any answer of the services."""

    def __init__(self) -> None:
        super().__init__(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")


class _Layer:
    """Unpacks one layer, up to MOST_BYTES in all: what a further layer makes of them may be little and no bound for these."""

    def __init__(self, window_bits: int) -> None:
        self._inflating = zlib.decompressobj(window_bits)
        self._beginning = b"" if window_bits == zlib.MAX_WBITS else None
        self._left = MOST_BYTES

    @property
    def is_complete(self) -> bool:
        """Whether the end of the packed data has come."""
        return self._inflating.eof

    def unpack(self, data: bytes) -> bytes:
        """What a piece unpacks to.

        Raises:
            TooLarge: More than MOST_BYTES together with what came before.
            DecodingError: The data is damaged.
        """
        if self.is_complete:
            return b""  # zlib would keep all that follows the end, and copy it each time
        try:
            unpacked = self._inflate(data)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error
        self._left -= len(unpacked)
        if self._left < 0:
            raise TooLarge
        return unpacked

    def _inflate(self, data: bytes) -> bytes:
        # One byte more than allowed tells too much from just enough; up to that, all of the piece is used.
        most = self._left + 1
        if self._beginning is None:
            return self._inflating.decompress(data, most)
        self._beginning += data
        if len(self._beginning) < _ZLIB_HEADER:
            return b""
        beginning, self._beginning = self._beginning, None
        try:
            return self._inflating.decompress(beginning, most)
        except zlib.error:
            # "deflate" stands for zlib's form in the standard, and for the bare one at some servers.
            self._inflating = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inflating.decompress(beginning, most)


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
        gathered = bytearray()
        came = given = 0
        async for piece in self._packed:
            came += len(piece)
            if came > MOST_BYTES:
                raise TooLarge
            unpacked = piece
            for layer in layers:
                unpacked = layer.unpack(unpacked)
            given += len(unpacked)
            gathered += unpacked
            # Not byte by byte, as a server may send it: httpx keeps each piece, which takes a hundred bytes beside its own.
            if len(gathered) >= _PIECE:
                yield bytes(gathered)
                gathered.clear()
        if came and not given and not all(layer.is_complete for layer in layers):
            raise httpx.DecodingError("it ends before anything could be unpacked")  # and isn't one without a body
        if gathered:
            yield bytes(gathered)

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
