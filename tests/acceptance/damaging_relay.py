"""A relay in front of the emulator that damages answers on the way back, as bad proxies and networks do."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BOMB = gzip.compress(b" " * (100 * 1024 * 1024))
PAGE = b"<html><body><h1>Please log in to the network</h1></body></html>"


@dataclass
class Damage:
    """What happens to the answers of calls.

    Attributes:
        what: ``truncated`` (half of the body, then the end of the connection), ``html`` (a page in place of the
            answer), ``redirect``, ``gzip`` (a body that says to be compressed and isn't), ``bomb`` (100 MB, packed into
            100 kB), ``changed`` (what ``change`` makes of it). The call has had its effect.
        method: Of the calls.
        path: A pattern that is searched in their paths.
        count: How many calls are hit, 0 for all.
        status: Of the page.
        change: Makes another value of the path and of the answer's JSON.
    """

    what: str
    method: str = "GET"
    path: str = "/notebooks/"
    count: int = 1
    status: int = 200
    change: Callable[[str, Any], Any] | None = None
    hits: int = 0

    def takes(self, method: str, path: str) -> bool:
        """Whether a call is hit; counts it."""
        hit = method == self.method and bool(re.search(self.path, path)) and (not self.count or self.hits < self.count)
        self.hits += hit
        return hit


@dataclass
class Relay:
    """Where it listens, and what it does to whom."""

    url: str
    damages: list[Damage] = field(default_factory=list)

    def take(self, method: str, path: str) -> Damage | None:
        return next((damage for damage in self.damages if damage.takes(method, path)), None)


class _Handler(BaseHTTPRequestHandler):
    """One connection of the provider. Paths, headers and bodies pass unchanged, so that signatures stay right."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is relayed alike (the base class looks for ``do_GET`` and so on)."""
        if name.startswith("do_"):
            return self.relay
        raise AttributeError(name)

    def relay(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        damage = self.server.relay.take(self.command, self.path)
        connection = http.client.HTTPConnection(self.server.there, timeout=60)
        try:
            connection.request(self.command, self.path, body, dict(self.headers.items()))
            response = connection.getresponse()
            payload = response.read()
        finally:
            connection.close()
        headers = {name: value for name, value in response.getheaders() if name.lower() != "content-length"}
        what = damage.what if damage else "nothing"
        if damage and what == "html":
            self.answer(damage.status, {"Content-Type": "text/html"}, PAGE)
        elif what == "redirect":
            self.answer(302, {"Location": "http://login.invalid/"}, b"")
        elif what == "gzip":
            self.answer(response.status, {**headers, "Content-Encoding": "gzip"}, payload)
        elif what == "bomb":
            self.answer(response.status, {**headers, "Content-Encoding": "gzip"}, BOMB)
        elif damage and damage.change:
            self.answer(response.status, headers, json.dumps(damage.change(self.path, json.loads(payload))).encode())
        elif what == "truncated":
            self.answer(response.status, headers, payload[: len(payload) // 2], length=len(payload))
            self.close_connection = True
        else:
            self.answer(response.status, headers, payload)

    def answer(self, status: int, headers: dict[str, str], payload: bytes, length: int | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload) if length is None else length))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None: ...


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, certificate: Path | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.there = urlsplit(target).netloc
        self.relay = Relay(f"http://127.0.0.1:{self.server_port}")

    def handle_error(self, *_: object) -> None: ...  # a client that hangs up is what these tests are about


@contextmanager
def relay_to(target: str, certificate: Path | None = None) -> Iterator[Relay]:
    """A relay on a free local port; with a certificate (and its key, in PEM) it speaks TLS."""
    with _Server(target, certificate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.relay
        finally:
            server.shutdown()
            thread.join()
