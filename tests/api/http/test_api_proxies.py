"""HTTP_PROXY and its kin, NO_PROXY as Go and curl read it, and settings that nobody can read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from modelarts_provider.api.errors import ApiError, ConnectionFailed
from modelarts_provider.api.http.client import Client
from modelarts_provider.api.http.proxies import proxy_for, proxy_secrets
from modelarts_provider.framework.cancellation import Cancel


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.lower().endswith("_proxy") or name in ("REQUEST_METHOD", "SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name)


BYPASSED = [
    ("10.0.0.0/8", "http://10.1.2.3"),
    ("10.9.9.9/8", "http://10.1.2.3:8080"),
    ("192.0.2.0/24,10.0.0.0/8", "https://10.1.2.3"),
    (" 192.0.2.0/24 , 10.0.0.0/8 ", "https://10.1.2.3"),
    ("192.0.2.0/24 10.0.0.0/8", "https://10.1.2.3"),
    ("0.0.0.0/0", "https://203.0.113.7"),
    ("127.0.0.1/32", "http://127.0.0.1:1"),
    ("fd00::/8", "https://[fd12::1]:443"),
    ("[fd00::]/8", "https://[fd12::1]"),
    ("::/0", "https://[2001:db8::1]"),
    ("10.1.2.3", "http://10.1.2.3"),
    ("::ffff:10.1.2.3", "http://10.1.2.3"),
    ("::1", "http://[::1]:8080"),
    ("[::1]", "http://[::1]:8080"),
    ("[::1]:8080", "http://[::1]:8080"),
    ("10.1.2.3:80", "http://10.1.2.3"),
    ("*", "https://anything.example"),
    ("a.example, *", "https://anything.example"),
    ("example.com", "https://example.com"),
    ("example.com", "https://iam.example.com:8443"),
    ("EXAMPLE.com", "https://IAM.example.COM"),
    ("example.com.", "https://iam.example.com"),
    ("example.com", "https://iam.example.com."),
    (".example.com", "https://iam.example.com"),
    ("*.example.com", "https://iam.example.com"),
    ("example.com:443", "https://iam.example.com"),
    ("example.com:8443", "https://iam.example.com:8443"),
    (".example.com:8443", "https://iam.example.com:8443"),
    ("localhost", "http://localhost:8080"),
    ("localhost:8080", "http://localhost:8080"),
    ("https://example.com", "https://example.com"),
    (",,example.com,", "https://example.com"),
]
PROXIED = [
    ("", "https://example.com"),
    (",", "https://example.com"),
    ("10.0.0.0/8", "http://11.1.2.3"),
    ("10.0.0.0/8", "http://ten.example"),
    ("10.0.0.0/8", "https://[fd12::1]"),
    ("0.0.0.0/0", "https://example.com"),
    ("10.0.0.0/33", "http://10.1.2.3"),
    ("10.0.0.0/x", "http://10.1.2.3"),
    ("10.0.0/8", "http://10.1.2.3"),
    ("10.1.2.3", "http://10.1.2.30"),
    ("10.1.2", "http://10.1.2.3"),
    (".2.3", "http://10.1.2.3"),
    ("10.1.2.3:81", "http://10.1.2.3"),
    ("[::1]:81", "http://[::1]:8080"),
    ("example.com", "https://badexample.com"),
    ("example.com", "https://example.com.evil.example"),
    (".example.com", "https://example.com"),
    ("example.com:8443", "https://iam.example.com"),
    ("example.com:http", "https://iam.example.com"),
    ("http://example.com", "https://example.com"),
    (".", "https://example.com"),
    ("*.", "https://example.com"),
    ("com.example", "https://example.com"),
    ("e*.com", "https://example.com"),
    ("[", "https://example.com"),
    ("/", "https://example.com"),
]


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize(("no_proxy", "url"), BYPASSED)
def test_no_proxy(monkeypatch: pytest.MonkeyPatch, variable: str, no_proxy: str, url: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://proxy.example:3128")
    assert proxy_for(httpx.URL(url)) is not None
    monkeypatch.setenv(variable, no_proxy)
    assert proxy_for(httpx.URL(url)) is None


@pytest.mark.parametrize(("no_proxy", "url"), PROXIED)
def test_no_proxy_that_does_not_match(monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    found = proxy_for(httpx.URL(url))
    assert found is not None
    assert found.url == "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("text", "shown", "auth"),
    [
        ("http://p.example:3128", "http://p.example:3128", None),
        ("http://p.example:3128/", "http://p.example:3128", None),
        ("p.example:3128", "http://p.example:3128", None),
        ("p.example", "http://p.example", None),
        (" http://p.example \n", "http://p.example", None),
        ("HTTPS://p.example", "https://p.example", None),
        ("http://[::1]:3128", "http://[::1]:3128", None),
        ("http://me:hunter2@p.example:3128", "http://***@p.example:3128", ("me", "hunter2")),
        ("me:hunter2@p.example:3128", "http://***@p.example:3128", ("me", "hunter2")),
        ("http://me:hunter2%40%2F@p.example", "http://***@p.example", ("me", "hunter2@/")),
        ("http://me:hunter2@x/y@p.example", "http://***@p.example", ("me", "hunter2@x/y")),
        ("http://me@p.example", "http://***@p.example", ("me", "")),
    ],
)
def test_how_a_proxy_is_written(
    monkeypatch: pytest.MonkeyPatch, text: str, shown: str, auth: tuple[str, str] | None
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", text)
    found = proxy_for(httpx.URL("https://example.com"))
    assert found is not None
    assert (found.shown, found.auth) == (shown, auth)
    assert "hunter2" not in repr(found)
    assert proxy_for(httpx.URL("http://example.com")) is None, "it is for https alone"


MALFORMED = [
    "http://", "http://:3128", ":3128", "http:///x", "http://p.example:0", "http://p.example:99999", "http://p.example:port",
    "http://p.example:-1", "http://p.example:", "http://p.example:3128/path?x", "http://me:hunter2@", "me:hunter2@",
    "http://me:hunter2@p.example:x", "http://p\x01.example", "http://me:hunter2\x1b@p.example", "http://p .example", "http://[::1",
    "http://[zz]", "http://[1:2]:3128", "http://p.example:31\n28", "nonsense://x", "gopher://me:hunter2@p", "http//p", "http:p:x", "@", "%",
    "http://256.1.1.1:3128", "me:hunter2@999.1.1.1", "socks4://me:hunter2@p", "socks5://me:hunter2@p.example:1080", "SOCKS5H://p",
    "http://me:hunter2@[::1", os.fsdecode(b"http://p\xff"),
]  # fmt: skip


def error_from(endpoint: str) -> ApiError:
    async def run() -> ApiError:
        client = Client(endpoint, "p", None, cancel=Cancel(), max_retries=0)
        try:
            with pytest.raises(ApiError) as raised:
                await client.request("POST", "/notebooks")
            return raised.value
        finally:
            await client.aclose()

    return asyncio.run(run())


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("text", MALFORMED)
def test_a_setting_that_is_none(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    monkeypatch.setenv(variable, text)
    error = error_from("http://modelarts.test")
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted, error.transient) == ("unusable", False, False)
    assert f"the environment's proxy setting {variable} can't be used" in str(error)
    assert "http://HOST:PORT" in error.next_step
    assert str(error).isprintable()
    assert "InvalidURL" not in str(error)
    assert "hunter2" not in f"{error}{error!r}{error.next_step}"


def test_a_setting_for_the_other_scheme_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://:x")
    assert proxy_for(httpx.URL("http://example.com")) is None
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert proxy_for(httpx.URL("https://example.com")) is None, "nor one that isn't needed"


@asynccontextmanager
async def answering(name: str, heard: list[str]) -> AsyncIterator[int]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(f"{name} {head.split(b' ')[1].decode()}")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        )
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("no_proxy", "through"),
    [("", "proxy"), ("127.0.0.0/8", "service"), ("127.0.0.1", "service"), ("10.0.0.0/8", "proxy"), ("*", "service")],
)
def test_where_calls_really_go(monkeypatch: pytest.MonkeyPatch, no_proxy: str, through: str) -> None:
    heard: list[str] = []

    async def run() -> str:
        async with answering("proxy", heard) as proxy, answering("service", heard) as service:
            monkeypatch.setenv("HTTP_PROXY", f"http://me:hunter2@127.0.0.1:{proxy}")
            monkeypatch.setenv("NO_PROXY", no_proxy)
            client = Client(f"http://127.0.0.1:{service}", "p", None, cancel=Cancel(), max_retries=0)
            await client.request("GET", "/notebooks")
            await client.aclose()
            return "" if through == "service" else f"http://127.0.0.1:{service}"

    before = asyncio.run(run())
    assert heard == [f"{through} {before}/v1/p/notebooks"]


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "pipe"])
def test_authorities_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "ca.pem"
    if kind == "folder":
        file.mkdir()
    if kind == "empty":
        file.touch()
    if kind == "pipe":
        os.mkfifo(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    error = error_from("https://127.0.0.1:9")
    assert isinstance(error, ConnectionFailed)
    assert (error.reason, error.may_have_acted) == ("tls", False)
    assert str(error).startswith("the certificate authorities of SSL_CERT_FILE can't be used: ")
    assert "Set SSL_CERT_FILE to a readable file" in error.next_step


@pytest.mark.parametrize("project_id", ["a/../b", "a?b", "a#b", "ü", "a b", "%2e", ".."])
def test_a_project_id_is_one_segment_of_the_path(project_id: str) -> None:
    """Whatever told it: a file, a state, an answer of IAM."""
    heard: list[str] = []

    async def run() -> None:
        async with answering("service", heard) as port:
            client = Client(f"http://127.0.0.1:{port}", project_id, None, cancel=Cancel(), max_retries=0)
            await client.request("GET", "/notebooks")
            await client.aclose()

    asyncio.run(run())
    (path,) = heard
    assert path.startswith("service /v1/")
    assert path.endswith("/notebooks")
    assert path.count("/") == 3


@pytest.mark.parametrize(
    ("setting", "password"),
    [
        ("http://user:hunter2secret@host:1", "hunter2secret"),
        ("user:hunter2secret@host:1", "hunter2secret"),
        (" http://user:hunter2://secret@host:1 ", "hunter2://secret"),
        ("user:hunter2://secret@host:1", "hunter2://secret"),
        ("http://user:hunter%32secret@host:1", "hunter2secret"),
        ("http://user:p@ss:word@host:1", "p@ss:word"),
        ("http://only-a-token@host:1", "only-a-token"),
    ],
)
def test_the_whole_password_of_a_proxy_is_a_secret(
    monkeypatch: pytest.MonkeyPatch, setting: str, password: str
) -> None:
    monkeypatch.setenv("https_proxy", setting)
    assert password in proxy_secrets()
