"""Against real sockets: what httpx really raises when a network misbehaves, read through our own words for it."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from given_login import logged_in, with_key

from modelarts_provider.api.auth.credentials import Token
from modelarts_provider.api.errors import ApiError, ConnectionFailed, MalformedAnswer
from modelarts_provider.api.http.client import Client
from modelarts_provider.framework.cancellation import Cancel

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except OSError:
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(closing, "127.0.0.1", 0, ssl=tls)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


def error_from(endpoint: str, method: str = "GET", **settings: object) -> ApiError:
    async def run() -> ApiError:
        client = Client(endpoint, "p", None, cancel=Cancel(), max_retries=0, **settings)  # type: ignore[arg-type]  # by name
        try:
            with pytest.raises(ApiError) as raised:
                await client.request(method, "/notebooks")
            return raised.value
        finally:
            await client.aclose()

    return asyncio.run(run())


def error_served(
    handler: Handler, method: str = "GET", scheme: str = "http", tls: ssl.SSLContext | None = None
) -> ApiError:
    async def run() -> ApiError:
        async with server(handler, tls) as port:
            client = Client(f"{scheme}://127.0.0.1:{port}", "p", None, cancel=Cancel(), max_retries=0)
            try:
                with pytest.raises(ApiError) as raised:
                    await client.request(method, "/notebooks")
                return raised.value
            finally:
                await client.aclose()

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


async def says(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(text.encode())
    await writer.drain()


async def hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def stops_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await says(writer, 'HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nContent-Length: 100\r\n\r\n{"id": ')


async def speaks_something_else(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await says(writer, "SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await reader.read()


async def wants_proxy_authentication(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    await says(writer, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_server_hangs_up(method):
    error = error_served(hangs_up, method)
    assert isinstance(error, ConnectionFailed)
    assert error.reason == "reset"
    assert error.may_have_acted is (method == "POST")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_answer_stops_in_the_middle(method):
    error = error_served(stops_in_the_middle, method)
    assert isinstance(error, MalformedAnswer)
    assert (error.status, error.request_id) == (200, "r1")
    assert error.may_have_acted is (method == "POST")


def test_another_protocol_answers():
    error = error_served(speaks_something_else)
    assert isinstance(error, ConnectionFailed)
    assert error.reason == "reset"


def test_nobody_listens():
    async def free_port() -> int:
        async with server(hangs_up) as port:
            return port

    error = error_from(f"http://127.0.0.1:{asyncio.run(free_port())}", "POST")
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted) == ("refused", False)


def test_a_host_name_that_does_not_exist():
    error = error_from("https://modelarts.no-such-region.invalid", "POST")
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted) == ("dns", False)
    assert "modelarts.no-such-region.invalid" in str(error)
    assert "region" in error.next_step


def certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_certificate_that_nobody_trusts(tmp_path):
    error = error_served(hangs_up, "POST", "https", certificate(tmp_path))
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted, error.transient) == ("tls", False, False)
    assert "cacert_file" in error.next_step


def test_tls_where_the_server_speaks_none():
    error = error_served(speaks_something_else, "POST", "https")
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted) == ("tls", False)
    assert "write http://" in error.next_step


def test_a_proxy_that_does_not_let_us_through(monkeypatch):
    async def run() -> ApiError:
        async with server(wants_proxy_authentication) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://user:pw-1234@127.0.0.1:{port}")
            client = Client("https://modelarts.test", "p", None, cancel=Cancel(), max_retries=0)
            with pytest.raises(ApiError) as raised:
                await client.request("POST", "/notebooks")
            await client.aclose()
            return raised.value

    error = asyncio.run(run())
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted) == ("proxy", False)
    assert "pw-1234" not in str(error)
    assert "HTTPS_PROXY" in error.next_step


def test_a_proxy_that_is_not_there(monkeypatch):
    async def free_port() -> int:
        async with server(hangs_up) as port:
            return port

    monkeypatch.setenv("HTTP_PROXY", f"http://user:pw-1234@127.0.0.1:{asyncio.run(free_port())}")
    error = error_from("http://modelarts.test")
    assert isinstance(error, ConnectionFailed)
    assert error.reason == "proxy"
    assert "pw-1234" not in str(error)


def test_one_connection_serves_calls_that_follow_each_other():
    connections = 0

    async def keeps_alive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            await says(writer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async def run() -> None:
        async def until_closed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await keeps_alive(reader, writer)
            except asyncio.IncompleteReadError:
                return

        async with server(until_closed) as port:
            client = Client(f"http://127.0.0.1:{port}", "p", None, cancel=Cancel())
            for _ in range(5):
                assert await client.request("GET", "/notebooks") == {}
            await client.aclose()

    asyncio.run(run())
    assert connections == 1


@pytest.mark.parametrize(
    "auth",
    [
        logged_in(Token("a-token-of-mine\n")),
        with_key("an-access-key\n", "a-secret-key"),
        with_key("an-access-key", "a-secret-key", "a-security-token\n"),
    ],
    ids=["token", "access key", "security token"],
)
def test_a_line_break_in_a_secret_is_said_without_the_secret(auth):
    """The library that writes the request quotes the header that it can't send."""

    async def run() -> ApiError:
        async with server(hangs_up) as port:
            client = Client(f"http://127.0.0.1:{port}", "p", auth, cancel=Cancel(), max_retries=0)
            with pytest.raises(ConnectionFailed) as raised:
                await client.request("POST", "/notebooks")
            await client.aclose()
            return raised.value

    error = asyncio.run(run())
    assert error.may_have_acted is False
    assert "line break" in str(error)
    assert "security_token" in error.next_step
    assert not [part for part in ("a-token-of", "an-access", "a-secret", "a-security") if part in f"{error} {error!r}"]


@pytest.mark.parametrize("endpoint", ["http://xn--a.example", "https://XN--A:8443/v3", "http://256.1.1.1"])
def test_a_host_that_can_not_exist(endpoint: str) -> None:
    """Of xn--a no international name can be decoded: httpx takes it, and fails only when it is asked for the host."""
    with pytest.raises(ConnectionFailed, match="is not an http:// or https:// URL of a host that can exist") as raised:
        Client(endpoint, "p", None, cancel=Cancel())
    assert (raised.value.reason, raised.value.may_have_acted) == ("unusable", False)
    assert endpoint in str(raised.value)
