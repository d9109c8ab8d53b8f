"""The control belongs to programs of this machine: hosts, origins, sizes, patterns, numbers, and an end that always comes."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from emulator_api import Answer, Api
from hypothesis import given
from hypothesis import strategies as st

from modelarts_emulator.http.faults import compiled
from modelarts_emulator.testing import Control, running_emulator

CONTROL = ("GET", "/_emulator/healthz")
RESET = ("POST", "/_emulator/reset")


def asked(api: Api, request: tuple[str, str], *headers: tuple[str, str]) -> Answer:
    return api.raw(request[0], request[1], "", dict(headers))


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:80", "localhost", "localhost:8080", "LocalHost:1", "localhost.", "[::1]", "[::1]:8080"],
)
def test_its_own_host_is_answered(api: Api, host: str) -> None:
    assert asked(api, CONTROL, ("host", host)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil.example@127.0.0.1",
        "127.0.0.1, evil.example",
        "notlocalhost",
        "192.0.2.1",
        "[2001:db8::1]:80",
        "127.0.0.1:80:80",
        "",
        "ev\x00il",
    ],
)
def test_a_name_that_was_bound_anew_is_not(api: Api, host: str) -> None:
    """DNS rebinding: a page's own name that resolves to this machine by now."""
    for method, path in (
        CONTROL,
        RESET,
        ("GET", "/_emulator"),
        ("OPTIONS", "/_emulator/reset"),
        ("GET", "/_emulator/"),
    ):
        answer = asked(api, (method, path), ("host", host))
        assert (answer.status, set(answer.body)) == (403, {"error"}), (method, path)
        assert "--allow-host" in answer.body["error"]


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:80", "http://127.0.0.1:80", 204),
        ("127.0.0.1:80", "http://127.0.0.1", 204),
        ("localhost:8080", "http://localhost:8080", 204),
        ("localhost:8080", "http://localhost:3000", 403),
        ("localhost:8080", "http://localhost", 403),
        ("127.0.0.1:8080", "http://evil.example", 403),
        ("127.0.0.1:8080", "http://evil.example:8080", 403),
        ("127.0.0.1:8080", "https://evil.example", 403),
        ("127.0.0.1:8080", "null", 403),
        ("127.0.0.1:8080", "", 403),
        ("127.0.0.1:8080", "http://127.0.0.1:8080@evil.example", 403),
        ("127.0.0.1:8080", "http://127.0.0.1:port", 403),
        ("127.0.0.1:8080", "file://", 403),
    ],
)
def test_a_page_of_another_origin_can_not_reset(api: Api, host: str, origin: str, status: int) -> None:
    ident = api.create().body["id"]
    assert asked(api, RESET, ("host", host), ("origin", origin)).status == status
    assert (ident in api.world.notebooks) == (status == 403)


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 204), ("none", 204), ("same-site", 403), ("cross-site", 403)]
)
def test_what_a_browser_says_of_the_site(api: Api, site: str, status: int) -> None:
    assert asked(api, RESET, ("host", "localhost"), ("sec-fetch-site", site)).status == status
    assert asked(api, CONTROL, ("host", "localhost"), ("sec-fetch-site", site)).status == 200


@pytest.mark.parametrize("path", ["/_emulator/reset", "/%5Femulator/reset", "/_emulato%72/reset"])
def test_the_spelling_of_the_path_does_not_matter(api: Api, path: str) -> None:
    assert asked(api, ("POST", path), ("host", "evil.example")).status == 403


def test_the_api_itself_answers_under_any_host(api: Api) -> None:
    assert api.call("GET", "/notebooks", headers={"host": "modelarts.cn-north-4.myhuaweicloud.com"}).status == 200


def test_a_container_s_name_can_be_allowed() -> None:
    api = Api(host_names=("emulator", "Emulator.Internal"))
    for host in ("emulator:8080", "EMULATOR", "emulator.internal.", "emulator.internal:80"):
        assert asked(api, RESET, ("host", host), ("origin", f"http://{host}")).status == 204
    assert asked(api, RESET, ("host", "other")).status == 403


@pytest.fixture(scope="module")
def served() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


def exchange(url: str, request: bytes) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except ConnectionResetError:  # the rest of what was sent isn't read
            pass
        return received


def test_over_a_real_socket(served: Control) -> None:
    port = served.url.rsplit(":", 1)[1]
    head = "POST /_emulator/reset HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\nConnection: close\r\n{}\r\n"
    for host, more, status in (
        (f"127.0.0.1:{port}", "", 204),
        (f"evil.example:{port}", "", 403),
        (f"127.0.0.1:{port}", "Origin: http://evil.example\r\n", 403),
        (f"127.0.0.1:{port}", f"Origin: http://127.0.0.1:{port}\r\n", 204),
        (f"127.0.0.1:{port}", "Origin: http://127.0.0.1:1\r\n", 403),
    ):
        assert exchange(served.url, head.format(host, more).encode()).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize("path", ["/_emulator/reset", "/_emulator/faults", "/_emulator/failures"])
def test_a_body_of_the_control_is_bounded(served: Control, path: str) -> None:
    """However long it is said to be, and where no length is said."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    size = 3 * 1024 * 1024
    known = exchange(served.url, head + f"Content-Length: {size}\r\n\r\n".encode() + b" " * size)
    piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    unknown = exchange(served.url, head + b"Transfer-Encoding: chunked\r\n\r\n" + piece * 3)
    for answer in (known, unknown):
        assert answer == b"" or answer.startswith(b"HTTP/1.1 413 ")
    assert served.call("GET", "/healthz")["status"] == "ok"


def test_a_body_that_is_too_large_is_said(api: Api) -> None:
    answer = api.raw("POST", "/_emulator/reset", "", {}, b" " * (1024 * 1024 + 1))
    assert (answer.status, answer.body) == (413, {"error": "the body is larger than 1048576 bytes"})
    assert api.raw("POST", "/_emulator/reset", "", {}, b" " * (1024 * 1024)).status == 204


@pytest.mark.parametrize(
    "pattern",
    [
        "**a" * 300 + "b",
        "*a" * 500 + "b",
        "**" + "*a" * 400 + "**b",
        "**/" * 300 + "x",
        "***" * 300 + "x",
        "(a+)+" * 100,
    ],
)
def test_no_pattern_hangs(api: Api, pattern: str) -> None:
    """As a regular expression, the first needs more years than there are."""
    fault = {"status": 503, "path": pattern if pattern.startswith(("/", "*")) else f"/{pattern}", "count": 0}
    assert api.control("POST", "/faults", fault).status == 201
    assert api.raw("GET", "/v1/" + "a" * 4000).status == 401


def as_regular_expression(pattern: str) -> re.Pattern[str]:
    """What patterns meant, and mean."""
    known = {"**": ".*", "*": "[^/]*"}
    parts = re.split(r"(\*\*|\*)", pattern)
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts) + r"\Z", re.DOTALL)


@given(st.text("a/b*", max_size=8), st.text("a/b", max_size=8))
def test_patterns_mean_what_they_say(pattern: str, path: str) -> None:
    assert compiled(pattern).matches(path) == bool(as_regular_expression(pattern).match(path))


def test_a_path_of_any_length_is_hit_by_all(api: Api) -> None:
    api.control("POST", "/faults", {"status": 503, "path": "**", "count": 0})
    assert api.raw("GET", "/v1/" + "a" * 50_000).status == 503


@pytest.mark.parametrize(
    "fault",
    [
        {"latency_ms": 10**30},
        {"latency_ms": 10**400},
        {"slow_body_ms": 10**400},
        {"status": 503, "retry_after": 10**4000},
        {"status": 503, "nth": 10**30},
        {"status": 503, "count": 10**30},
        {"status": 10**30},
        {"status": 503, "path": "/" + "*" * 5000},
        {"status": 503, "error_msg": "x" * 100_000},
        {"x" * 100_000: 1},
        {"status": 503, "operation": "x" * 1000},
        [{"status": 503}] * 1001,
    ],
    ids=lambda fault: str(fault)[:40],
)
def test_what_would_never_end_is_refused_in_a_short_sentence(api: Api, fault: Any) -> None:
    answer = api.control("POST", "/faults", fault)
    assert answer.status == 400
    assert len(answer.body["error"]) < 500
    assert api.control("GET", "/faults").body == {"faults": []}


def test_many_faults_are_bounded_in_sum(api: Api) -> None:
    for _ in range(4):
        assert api.control("POST", "/faults", [{"status": 503, "nth": 9}] * 250).status == 201
    assert api.control("POST", "/faults", {"status": 503}).status == 400
    assert api.control("DELETE", "/faults").status == 204
    assert api.control("POST", "/faults", {"status": 503}).status == 201


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/failures", {"operation": "start", "count": 10**400}),
        ("POST", "/failures", {"operation": "x" * 10_000}),
        ("POST", "/reset", {"quota": 10**400}),
        ("POST", "/reset", {"rules": "x" * 10_000}),
        ("POST", "/reset", {"x" * 10_000: 1}),
        ("PATCH", "/notebooks/{id}", {"lease": {"duration": 10**400}}),
        ("PATCH", "/notebooks/{id}", {"capacity": -(10**400)}),
        ("PATCH", "/notebooks/{id}", {"status": "x" * 10_000}),
        ("PATCH", "/notebooks/{id}", {"x" * 10_000: 1}),
        ("PATCH", "/notebooks/{id}", {"image_id": "x" * 10_000}),
        ("GET", "/requests?since=%C2%B2", None),
        ("GET", "/requests?since=" + "9" * 5000, None),
        ("GET", "/requests?operation=" + "x" * 5000, None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_odd_controls_are_short_sentences(api: Api, method: str, path: str, body: Any) -> None:
    ident = api.running()
    answer = api.control(method, path.format(id=ident), body)
    assert (answer.status, len(answer.body["error"]) < 500) == (400, True)
    assert api.show(ident)["status"] == "RUNNING"


def start(*flags: str) -> tuple[subprocess.Popen[str], Control]:
    command = [sys.executable, "-m", "modelarts_emulator", "serve", "--time-scale", "0", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, Control(process.stdout.readline().split()[-1])


def opened(control: Control, request: bytes) -> socket.socket:
    host, port = control.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    connection.sendall(request)
    return connection


OPEN = {
    "an idle connection": (None, b"", None),
    "half a head": (None, b"GET /v1/p/note", None),
    "half a body": (None, b"POST /v1/p/notebooks HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", None),
    "half a body of the control": (
        None,
        b"POST /_emulator/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        None,
    ),
    "an hour of latency": (
        {"latency_ms": 3_600_000},
        b"GET /v1/p/notebooks HTTP/1.1\r\nHost: x\r\n\r\n",
        "ListNotebooks",
    ),
    "a slow body": ({"slow_body_ms": 3_600_000}, b"GET /v1/p/notebooks HTTP/1.1\r\nHost: x\r\n\r\n", "ListNotebooks"),
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("case", OPEN)
def test_a_signal_always_ends_it(case: str, number: int) -> None:
    fault, request, operation = OPEN[case]
    process, control = start()
    try:
        if fault is not None:
            control.add_fault(**fault, count=0)
        with opened(control, request):
            while operation and not control.requests(operation=operation):
                time.sleep(0.01)
            process.send_signal(number)
            out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (0, "", "")


def test_a_client_that_reads_nothing_does_not_hold_up_the_end() -> None:
    process, control = start("--quota", "0")
    try:
        body = json.dumps({"error_msg": "x" * 1000, "status": 500, "count": 0})
        control.call("POST", "/faults", json.loads(body))
        with opened(control, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 2000):
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0


def test_names_on_the_command_line() -> None:
    process, control = start("--allow-host", "emulator.internal")
    try:
        named = replace(control)
        port = control.url.rsplit(":", 1)[1]
        request = "GET /_emulator/healthz HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n"
        assert exchange(named.url, request.format("emulator.internal", port).encode()).startswith(b"HTTP/1.1 200 ")
        assert exchange(named.url, request.format("evil.internal", port).encode()).startswith(b"HTTP/1.1 403 ")
    finally:
        process.terminate()
        process.communicate(timeout=30)
    wrong = [sys.executable, "-m", "modelarts_emulator", "serve", "--allow-host", "http://emulator"]
    done = subprocess.run(wrong, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
