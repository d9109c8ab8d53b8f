"""The real thing: the command, its sentences, its end, and connections that are really reset."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelarts_emulator import cli
from modelarts_emulator.http.app import create_app
from modelarts_emulator.http.request_examples import BODIES
from modelarts_emulator.testing import Control, ControlError, in_process_transport, running_emulator

COMMAND = [sys.executable, "-m", "modelarts_emulator", "serve"]


NOTEBOOK = BODIES["CreateNotebookRequest"]


def _start(*flags: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([*COMMAND, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", line)
    if found is None:
        process.kill()
        raise AssertionError(f"{line!r} {process.communicate()}")
    return process, found[1]


def _end(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


@pytest.fixture(scope="module")
def served() -> Iterator[Control]:
    process, url = _start("--time-scale", "0", "--quota", "0")
    yield Control(url)
    assert _end(process) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    port_file = tmp_path / "port"
    port_file.write_text("1\n")  # of an earlier run
    process, url = _start("--port-file", str(port_file), "--rules", "observed", "--seed", "7", "--time-scale", "0.01")
    assert port_file.read_text().strip() == url.rsplit(":", 1)[1]
    health = Control(url).call("GET", "/healthz")
    assert (health["rules"], health["time_scale"]) == ("observed", 0.01)
    with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))):  # an idle client doesn't hold it up
        assert _end(process, number) == (0, "", "")


@pytest.mark.parametrize(
    "flags",
    [
        ["--rules", "strict"],
        ["--port", "x"],
        ["--port", "70000"],
        ["--time-scale", "-1"],
        ["--time-scale", "fast"],
        ["--lease-scale", "0"],
        ["--quota", "-1"],
        ["--project", "cn-north-9"],
        ["--unknown"],
        ["--seed", "x"],
        ["--seed", "9" * 5000],
        ["--host", "256.0.0.1"],
        ["--port-file", "/nonexistent-folder/port"],
        ["--port-file", "/"],
        ["--state", "/nonexistent-folder/state.db"],
        ["--access-key", "a,b"],
        ["--secret-key", ""],
        ["--project", f"cn-north-9={'a' * 32}", "--project", f"cn-north-9={'b' * 32}"],
        ["--project", f"cn-north-8={'a' * 32}", "--project", f"cn-north-9={'a' * 32}"],
        ["--project", "cn-north-9=0123456789abcdef0123456789abcdef"],
        ["--assume", "empty-hooks"],
    ],
)
def test_wrong_flags_are_one_sentence(flags: list[str]) -> None:
    done = subprocess.run([*COMMAND, *flags], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("modelarts-emulator: ")
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 400
    for of_the_program in ("invalid _", "invalid int", "Errno", ".partial"):
        assert of_the_program not in done.stderr


def test_a_taken_port_is_one_sentence(served: Control) -> None:
    port = served.url.rsplit(":", 1)[1]
    done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"modelarts-emulator: cannot listen on 127.0.0.1 port {port}: ")
    assert done.stderr.count("\n") == 1


def test_keys_and_projects_of_its_own() -> None:
    process, url = _start("--access-key", "AK", "--secret-key", "SK", "--project", f"cn-north-9={'a' * 32}")
    try:
        answer = httpx.get(
            f"{url}/v1/x/notebooks", headers={"authorization": "SDK-HMAC-SHA256 Access=emulator-access-key"}
        )
        assert answer.status_code == 401
    finally:
        assert _end(process)[0] == 0


def test_a_project_of_a_default_s_name_replaces_it() -> None:
    # clients look the id up by the region's name, and more than one answer would be none to them
    process, url = _start("--project", f"cn-north-4={'a' * 32}")
    try:
        control = Control(url, project_id="a" * 32)
        assert control.api("GET", "/notebooks")["total"] == 0
        with pytest.raises(ControlError, match=r"403 .*ModelArts\.0210"):
            Control(url).api("GET", "/notebooks")
    finally:
        assert _end(process)[0] == 0


def test_it_tells_its_version() -> None:
    done = subprocess.run([*COMMAND[:-1], "--version"], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"modelarts-emulator \d+\.\d+\.\d+\S*\n", done.stdout)


def test_calls_under_way_do_not_hold_up_the_end() -> None:
    process, url = _start("--time-scale", "0")
    control = Control(url)
    control.add_fault(operation="ListNotebooks", latency_ms=600_000)
    ended: list[Any] = []

    def wait() -> None:
        try:
            control.api("GET", "/notebooks")
        except OSError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    while not control.requests(operation="ListNotebooks"):
        time.sleep(0.01)
    assert _end(process) == (0, "", "")
    thread.join()
    assert len(ended) == 1


def _exchange(url: str, request: bytes) -> bytes:
    """Everything that a raw socket reads until the end; a reset raises."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
        return received


REQUEST = b"GET /v1/p/notebooks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_raw_socket_sees_the_reset(served: Control, cut: str) -> None:
    served.clear_faults()
    served.add_fault(path="/v1/p/notebooks", cut=cut)
    with pytest.raises(ConnectionResetError):
        _exchange(served.url, REQUEST)
    assert _exchange(served.url, REQUEST).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("status", [200, 204, 302, 304, 418, 500, 599])
def test_every_status_that_a_fault_can_have_arrives(served: Control, status: int) -> None:
    served.clear_faults()
    served.add_fault(path="/v1/p/notebooks", status=status)
    assert _exchange(served.url, REQUEST).startswith(f"HTTP/1.1 {status} ".encode())
    assert _exchange(served.url, REQUEST).startswith(b"HTTP/1.1 401 ")


def test_half_a_request_has_no_effect(served: Control) -> None:
    """A token, unlike a signature, says nothing of the body: cut short, it must not count as an empty one."""
    served.reset()
    ident = served.api("POST", "/notebooks", NOTEBOOK)["id"]
    before = served.notebook(ident)["lease"]
    token = _token(served)
    path = f"/v1/{served.project_id}/notebooks/{ident}/lease"
    head = f"PATCH {path} HTTP/1.1\r\nhost: x\r\nx-auth-token: {token}\r\ncontent-length: 30\r\n\r\n"
    host, port = served.url.removeprefix("http://").split(":")
    for _ in range(3):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(head.encode() + b'{"dura')
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    assert served.notebook(ident)["lease"] == before
    assert served.requests(operation="RenewLease") == []
    whole = httpx.patch(f"{served.url}{path}", headers={"x-auth-token": token}, json={"duration": 7_200_000})
    assert whole.status_code == 200


def _token(control: Control) -> str:
    user = {"name": "emulator", "password": "emulator", "domain": {"name": "emulator"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"id": control.project_id}}
    answer = httpx.post(f"{control.url}/v3/auth/tokens", json={"auth": {"identity": identity, "scope": scope}})
    return answer.headers["x-subject-token"]


def test_latency_holds_one_call_and_no_other(served: Control) -> None:
    served.clear_faults()
    served.clear_requests()
    served.add_fault(path="/v1/slow/**", latency_ms=60_000)
    answers: list[Any] = []

    def slow() -> None:
        try:
            httpx.get(f"{served.url}/v1/slow/notebooks", timeout=0.5)
        except httpx.HTTPError as error:
            answers.append(error)

    thread = threading.Thread(target=slow)
    thread.start()
    while not served.requests(path="/v1/slow/notebooks"):
        time.sleep(0.01)
    assert httpx.get(f"{served.url}/v1/p/notebooks").status_code == 401
    assert served.requests(path="/v1/slow/notebooks")[0]["status"] is None
    thread.join()
    assert isinstance(answers[0], httpx.ReadTimeout)


def test_a_broken_request_line_is_no_server_error(served: Control) -> None:
    assert _exchange(served.url, b"NONSENSE\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert served.call("GET", "/healthz")["status"] == "ok"


def test_the_control_client_tells_what_was_wrong(served: Control) -> None:
    with pytest.raises(ControlError, match="'cut' is before or after"):
        served.add_fault(cut="never")


def test_it_runs_in_a_thread_and_stops() -> None:
    with running_emulator(rules="observed") as emulator:
        assert emulator.call("GET", "/healthz")["rules"] == "observed"
        assert emulator.requests() == []
        emulator.reset(quota=3)
    with pytest.raises(OSError, match="refused"):
        emulator.call("GET", "/healthz")


def test_the_transport_without_a_socket_reads_a_cut_as_a_read_error() -> None:
    async def run() -> None:
        transport = in_process_transport(create_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://emulator") as client:
            assert (await client.post("/_emulator/faults", json={"cut": "before"})).status_code == 201
            with pytest.raises(httpx.ReadError):
                await client.get("/v1/p/notebooks")
            assert (await client.get("/v1/p/notebooks")).status_code == 401

    asyncio.run(run())


def test_the_emulator_imports_nothing_of_the_provider_or_the_constructs() -> None:
    code = (
        "import sys, pkgutil, importlib, modelarts_emulator as package\n"
        "for module in pkgutil.iter_modules(package.__path__):\n"
        "    if module.name not in ('__main__', 'pytest_plugin'): importlib.import_module('modelarts_emulator.' + module.name)\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('modelarts_provider', 'modelarts_constructs', 'httpx', 'pydantic', 'pytest')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout.strip() == "[]"


def test_nothing_that_a_terminal_obeys_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a\x1b[2J\r\u202e.json"
    file.write_text("this is no state file, and long enough to be told from an empty one")
    assert cli.main(["serve", "--port", "0", "--state", str(file)]) == 2
    said = capsys.readouterr().err
    assert said.removesuffix("\n").isprintable()
    assert r"a\x1b[2J\r\u202e.json" in said
