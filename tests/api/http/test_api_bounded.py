"""Answers are bounded while they are unpacked: little never becomes much, and what has no end is left."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fake_iam import SOURCES

from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.credentials import AccessKey, Token
from modelarts_provider.api.errors import ApiError, AuthenticationFailed, MalformedAnswer
from modelarts_provider.api.http.client import Client
from modelarts_provider.api.http.unpacking import MOST_BYTES
from modelarts_provider.framework.cancellation import Cancel

MB = 1024 * 1024
PIECE = 16 * 1024


def bare(data: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(data) + packing.flush()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, bare": bare,
    "identity": bytes,
    "": bytes,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
}


class Pieces(httpx.AsyncByteStream):
    """A body without a length, and how much of it was read."""

    def __init__(self, data: bytes, *, for_ever: bool = False) -> None:
        self.data = data
        self.for_ever = for_ever
        self.read = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        at = 0
        while at < len(self.data) or self.for_ever:
            piece = self.data[at : at + PIECE] if not self.for_ever else self.data
            at += PIECE
            self.read += len(piece)
            yield piece

    async def aclose(self) -> None:
        self.closed = True


def answering(pieces: Pieces, packing: str, status: int = 200) -> httpx.MockTransport:
    encoding = packing.removesuffix(", bare")
    headers = {"content-encoding": encoding} if encoding else {}
    return httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, stream=pieces))


def called(transport: httpx.MockTransport, method: str = "GET", auth: httpx.Auth | None = None) -> Any:
    async def run() -> Any:
        client = Client("http://api.test", "p", auth, cancel=Cancel(), transport=transport, max_retries=0)
        try:
            return await client.request(method, "/notebooks")
        finally:
            await client.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize("size", [0, 10, PIECE, 3 * MB])
@pytest.mark.parametrize("packing", PACKINGS)
def test_an_answer_is_unpacked(packing: str, size: int) -> None:
    value = {"text": "x" * size}
    assert called(answering(Pieces(PACKINGS[packing](json.dumps(value).encode())), packing)) == value


@pytest.mark.parametrize(("more", "accepted"), [(0, True), (1, False)])
@pytest.mark.parametrize("packing", PACKINGS)
def test_the_bound_is_exact(packing: str, more: int, accepted: bool) -> None:
    body = b'"' + b"x" * (MOST_BYTES - 2 + more) + b'"'
    with pytest.raises(MalformedAnswer) as raised:
        called(answering(Pieces(PACKINGS[packing](body)), packing))
    assert ("larger than 8 MB" in str(raised.value)) is not accepted


@pytest.mark.parametrize("status", [200, 404, 500])
@pytest.mark.parametrize("packing", [name for name in PACKINGS if "gzip" in name or "deflate" in name])
def test_a_bomb_is_given_up_before_it_is_large(packing: str, status: int) -> None:
    """100 MB from about 100 kB; by far less where it was packed twice."""
    pieces = Pieces(PACKINGS[packing](b" " * (100 * MB)))
    tracemalloc.start()
    try:
        with pytest.raises(ApiError) as raised:
            called(answering(pieces, packing, status), "POST")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "larger than 8 MB" in str(raised.value)
    assert raised.value.status == status
    assert raised.value.may_have_acted is (status != 404)
    assert peak < 4 * MOST_BYTES
    assert pieces.closed


def packed_in_pieces(packing: Callable[[], Any], beginning: bytes, filling: bytes, times: int) -> list[bytes]:
    """Something packed that begins so, and goes on; in small pieces, each of which unpacks to little."""
    packer = packing()
    data = b"".join([packer.compress(beginning), *(packer.compress(filling) for _ in range(times)), packer.flush()])
    return [data[at : at + 2048] for at in range(0, len(data), 2048)]


class Given(httpx.AsyncByteStream):
    """A body in these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def answered_in(pieces: list[bytes], encoding: str) -> tuple[Any, int]:
    """What a call gives, and the most memory that it took."""
    headers = {"content-encoding": encoding} if encoding else {}
    tracemalloc.start()
    try:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=headers, stream=Given(pieces)))
        return called(transport), tracemalloc.get_traced_memory()[1]
    except MalformedAnswer as error:
        return str(error), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("beginning", "filling"),
    [(zlib.compress(b"{}"), bytes(MB)), (b"\x78\x9c", b"\0\0\0\xff\xff" * (MB // 5))],
    ids=["what follows the end", "blocks of nothing"],
)
def test_a_bomb_that_nothing_comes_of_is_given_up_too(beginning: bytes, filling: bytes) -> None:
    """Packed twice: the outer layer unpacks to 100 MB, the inner one to two bytes or none."""
    pieces = packed_in_pieces(lambda: zlib.compressobj(wbits=zlib.MAX_WBITS | 16), beginning, filling, 100)
    came, peak = answered_in(pieces, "deflate, gzip")
    assert "larger than 8 MB" in came
    assert peak < 4 * MOST_BYTES


def test_what_follows_the_end_is_not_kept() -> None:
    came, peak = answered_in([gzip.compress(b"{}") + bytes(4 * MB), *[bytes(1)] * 2000], "gzip")
    assert came == {}
    assert peak < 2 * 4 * MB


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_answer_may_come_byte_by_byte(packing: str) -> None:
    data = PACKINGS[packing](b'{"a": 1}')
    came, _ = answered_in([data[at : at + 1] for at in range(len(data))], packing.removesuffix(", bare"))
    assert came == {"a": 1}


def test_a_large_answer_byte_by_byte_takes_no_more_memory() -> None:
    came, peak = answered_in([b"[", *[b" "] * (MB // 8), b"]"], "")
    assert "not the API's JSON object" in came
    assert peak < 4 * MB


@pytest.mark.parametrize(
    ("packing", "piece"),
    [
        ("identity", b" " * 65536),
        ("gzip", gzip.compress(b"{}") + b"\0" * 65536),  # nothing comes of what follows its end
        ("deflate", zlib.compress(b"x") + b"\0" * 65536),
    ],
)
def test_a_body_without_an_end_is_left(packing: str, piece: bytes) -> None:
    pieces = Pieces(piece, for_ever=True)
    with pytest.raises(MalformedAnswer, match="larger than 8 MB"):
        called(answering(pieces, packing))
    assert pieces.read <= MOST_BYTES + 2 * len(piece)
    assert pieces.closed


@pytest.mark.parametrize(
    "encoding", ["br", "zstd", "compress", "gzip, br", "gzip, gzip, gzip", ", ".join(["gzip"] * 5000), "x" * 5000, "*"]
)
def test_a_packing_that_nobody_asked_for_is_an_error(encoding: str) -> None:
    """Also where a library for it happens to be installed, which would unpack it without a bound."""
    with pytest.raises(MalformedAnswer) as raised:
        called(answering(Pieces(b"{}"), encoding))
    assert "packed as" in str(raised.value)
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
@pytest.mark.parametrize("body", [b"no such thing", b"\x1f\x8b\x08", b"\x78\x9c\xff\xff", b""])
def test_damage_is_an_error_of_the_call(packing: str, body: bytes) -> None:
    if body:
        with pytest.raises(MalformedAnswer):
            called(answering(Pieces(body), packing)) or pytest.fail("it was accepted")
    else:
        assert called(answering(Pieces(body), packing)) is None


class Renewing:
    """Credentials that are renewed after a 401."""

    origin, renewable, gives_token = "test", True, True

    def __init__(self) -> None:
        self.fetched = 0

    async def fetch(self) -> Token:
        self.fetched += 1
        return Token(f"token-{self.fetched}")


def test_a_refusal_is_read_within_bounds_by_the_login_too() -> None:
    """httpx reads it by itself there, before anything of the call is sent again."""
    source = Renewing()
    pieces = Pieces(gzip.compress(b" " * (100 * MB)))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedAnswer) as raised:
            called(answering(pieces, "gzip", 401), auth=SessionAuth(Keeper(source)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert raised.value.status == 401
    assert source.fetched == 1
    assert peak < 4 * MOST_BYTES


def test_a_refusal_that_is_packed_renews_the_login_all_the_same() -> None:
    source = Renewing()
    refused = gzip.compress(json.dumps({"error_code": "ModelArts.0202", "error_msg": "expired"}).encode())
    with pytest.raises(AuthenticationFailed, match="expired"):
        called(
            httpx.MockTransport(
                lambda _: httpx.Response(401, headers={"content-encoding": "gzip"}, stream=Pieces(refused))
            ),
            auth=SessionAuth(Keeper(source)),
        )
    assert source.fetched == 2


@pytest.mark.parametrize("name", SOURCES)
def test_logins_are_bounded_as_well(name: str) -> None:
    """IAM, STS and the metadata service, with every call that a way to log in makes."""
    asked: list[Pieces] = []
    packed = gzip.compress(b"\n" * (40 * MB))

    def bomb(_: httpx.Request) -> httpx.Response:
        asked.append(Pieces(packed))
        headers = {"content-encoding": "gzip", "x-subject-token": "t"}
        return httpx.Response(200, headers=headers, stream=asked[-1])

    async def no_sleep(_: float) -> None: ...

    async def run() -> None:
        client = Client(
            "http://api.test",
            "",
            None,
            cancel=Cancel(),
            transport=httpx.MockTransport(bomb),
            base_path="",
            max_retries=1,
            sleep=no_sleep,
        )
        with pytest.raises(ApiError, match="larger than 8 MB"):
            await SOURCES[name](client, AccessKey("AK", "the-secret")).fetch()

    tracemalloc.start()
    try:
        asyncio.run(run())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert asked
    assert all(each.closed for each in asked)
    assert peak < 4 * MOST_BYTES
