"""The state file: nothing that was confirmed is lost, and a file that cannot be used is one sentence."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from emulator_api import CPU2, IMAGE, PROJECT, SOLD_OUT, Api, signature, stamp

from modelarts_emulator.config import Config
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.statefile import StateError, StateFile
from modelarts_emulator.testing import Control

COMMAND = [sys.executable, "-m", "modelarts_emulator", "serve", "--time-scale", "0", "--quota", "0"]
PATH = f"/v1/{PROJECT}/notebooks"


def _again(api: Api) -> Api:
    """The emulator, closed and opened again from its file."""
    api.app.state.emulator.close()
    other = Api(state=api.config.state, rules=api.config.rules)
    other.clock._now, other.wall = api.clock.now(), api.wall
    return other


@pytest.fixture
def kept(tmp_path: Path) -> Api:
    return Api(state=str(tmp_path / "state.db"))


def test_everything_comes_back(kept: Api) -> None:
    hooks = {"container_hooks": {"pre_start": {"script": "/a"}}}
    one = kept.running(hooks=hooks, endpoints=[{"service": "SSH", "key_pair_names": ["k"]}])
    kept.call("POST", f"/notebooks/{one}/tags/create", {"tags": [{"key": "a", "value": "ü"}]})
    kept.call("POST", f"/notebooks/{one}/storage", {"category": "OBS", "mount_path": "/data/m/", "uri": "obs://abc/"})
    two = kept.stopped()
    saved = kept.call("POST", f"/notebooks/{one}/create-image", {"name": "i", "namespace": "n"}).body["id"]
    kept.put(two, storage_new_size=60, description="grown")
    kept.control("PATCH", "/catalog", {"flavors": {CPU2: {"sold_out": True}, SOLD_OUT: {"sold_out": False}}})
    kept.control("POST", "/faults", {"path": "/images", "status": 500, "nth": 2})
    kept.control("POST", "/failures", {"operation": "delete", "fail_reason": "x", "count": 2})
    kept.call("GET", "/images")
    before = [kept.behind(ident) for ident in (one, two)]
    again = _again(kept)
    assert [again.behind(ident) for ident in (one, two)] == before
    assert again.call("GET", f"/images/{saved}").body["status"] == "CREATING"
    assert again.control("GET", "/catalog").body == kept.control("GET", "/catalog").body
    assert again.call("GET", "/images").status == 500
    assert again.control("GET", "/failures").body["failures"][0]["count"] == 2
    again.wait(120)
    assert again.show(one)["image"]["id"] == saved
    assert again.show(two)["volume"]["capacity"] == 60
    again.call("DELETE", f"/notebooks/{one}")
    assert _again(again).control("GET", "/failures").body["failures"][0]["count"] == 1


def test_ids_go_on_and_deleted_ones_stay_away(kept: Api) -> None:
    fresh = Api()
    ids = [fresh.create().body["id"] for _ in range(3)]
    first = kept.create().body["id"]
    kept.wait(30)
    kept.call("DELETE", f"/notebooks/{first}")
    kept.wait(10)
    kept.call("GET", "/notebooks")
    again = _again(kept)
    assert again.call("GET", f"/notebooks/{first}").code == "6404"
    assert [first, again.create().body["id"], again.create().body["id"]] == ids


def test_tokens_and_temporary_keys_come_back(kept: Api) -> None:
    identity = {
        "methods": ["password"],
        "password": {"user": {"name": "emulator", "password": "emulator", "domain": {"name": "emulator"}}},
    }
    auth = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECT}}}}
    token = kept.raw_json("POST", "/v3/auth/tokens", auth).headers["x-subject-token"]
    credential = kept.raw("GET", "/openstack/latest/securitykey").body["credential"]
    metadata = kept.raw("PUT", "/meta-data/latest/api/token", "", {"x-metadata-token-ttl-seconds": "60"}).raw.decode()
    again = _again(kept)
    assert again.raw("GET", PATH, "", {"x-auth-token": token}).status == 200
    assert again.raw("GET", "/openstack/latest/securitykey", "", {"x-metadata-token": metadata}).status == 200
    again.access_key, again.secret_key = credential["access"], credential["secret"]
    headers = {"x-security-token": credential["securitytoken"]}
    assert again.call("GET", "/notebooks", headers=headers).status == 200


def test_a_reset_empties_the_file(kept: Api) -> None:
    ident = kept.create().body["id"]
    kept.control("POST", "/faults", {"status": 500})
    kept.control("POST", "/reset")
    again = _again(kept)
    assert again.control("GET", "/notebooks").body == {"notebooks": []}
    assert again.control("GET", "/faults").body == {"faults": []}
    assert again.create().body["id"] == ident


def test_time_does_not_go_back(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    kept = Api(state=path)
    kept.clock.advance(10**12)  # far ahead of the real time
    kept.create()
    kept.app.state.emulator.close()
    emulator = Emulator(Config(state=path))
    assert emulator.clock.now() >= kept.clock.now()
    emulator.close()


def test_a_call_that_cannot_be_saved_is_not_confirmed(kept: Api) -> None:
    kept.app.state.emulator._file._db.execute("PRAGMA query_only=1")
    answer = kept.create()
    assert (answer.status, answer.code) == (500, "6361")
    assert kept.control("POST", "/faults", {"status": 500}).status == 500
    kept.app.state.emulator._file._db.execute("PRAGMA query_only=0")
    kept.control("DELETE", "/faults")
    assert _again(kept).control("GET", "/notebooks").body["notebooks"]


# --- files that cannot be used


def _other_program(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE things (a)")


def _newer(path: Path) -> None:
    StateFile(str(path)).close()
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version=99")


def _bad_row(path: Path) -> None:
    file = StateFile(str(path))
    file.write({("notebook", "x"): {"colour": "red"}})
    file.close()


def _no_json(path: Path) -> None:
    file = StateFile(str(path))
    file._db.execute("INSERT INTO entry VALUES ('notebook', 'x', 'not JSON')")
    file.close()


def _damaged(path: Path) -> None:
    file = StateFile(str(path))
    file.write({("notebook", str(index)): {"text": "x" * 1000} for index in range(200)})
    file.close()
    raw = bytearray(path.read_bytes())
    raw[4096 * 3 : 4096 * 20] = random.Random(1).randbytes(4096 * 17)
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda path: path.write_bytes(b"this is no database, whatever its name says" * 100), "corrupt"),
        (_damaged, "corrupt"),
        (_other_program, "another program"),
        (_newer, "version 99"),
        (_bad_row, "another form"),
        (_no_json, "cannot be read"),
        (lambda path: path.mkdir(), "it is a folder"),
        (lambda path: path.parent.rmdir(), "does not exist"),
    ],
)
def test_an_unusable_file_is_one_sentence(tmp_path: Path, spoil: Any, text: str) -> None:
    path = tmp_path / "folder" / "state.db"
    path.parent.mkdir()
    spoil(path)
    done = subprocess.run([*COMMAND, "--state", str(path)], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert text in done.stderr
    assert str(path) in done.stderr or text == "another form"


def test_a_busy_file_is_one_sentence(kept: Api) -> None:
    kept.create()
    with pytest.raises(StateError, match="another process uses it"):
        StateFile(str(kept.config.state))
    done = subprocess.run(
        [*COMMAND, "--state", str(kept.config.state)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 2
    assert "another process uses it" in done.stderr


# --- kill -9


def _start(path: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen([*COMMAND, "--state", str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


def _create(connection: http.client.HTTPConnection, name: str) -> str:
    volume = {"category": "EVS", "ownership": "MANAGED"}
    body = json.dumps({"name": name, "flavor": CPU2, "image_id": IMAGE, "volume": volume}).encode()
    headers = {"x-sdk-date": stamp(time.time_ns() // 1_000_000)}
    signed = ["x-sdk-date"]
    value = signature("emulator-secret-key", "POST", PATH, "", headers=headers, signed=signed, body=body)
    headers["authorization"] = (
        f"SDK-HMAC-SHA256 Access=emulator-access-key, SignedHeaders=x-sdk-date, Signature={value}"
    )
    connection.request("POST", PATH, body, headers)
    answer = connection.getresponse()
    made = json.loads(answer.read())
    assert answer.status == 200, made
    return str(made["id"])


def _work(url: str, confirmed: list[str]) -> None:
    host, port = url.removeprefix("http://").split(":")
    with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=20)) as connection:
        try:
            while True:
                confirmed.append(_create(connection, "n"))
        except (OSError, http.client.HTTPException):
            return


def test_nothing_confirmed_is_lost_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    confirmed: list[str] = []
    for round_number in range(1, 4):
        process, url = _start(path)
        threads = [threading.Thread(target=_work, args=(url, confirmed)) for _ in range(2)]
        for thread in threads:
            thread.start()
        while len(confirmed) < 40 * round_number:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
        assert process.wait() == -signal.SIGKILL
        process.communicate()
    process, url = _start(path)
    found = {item["id"] for item in Control(url).notebooks()}
    process.terminate()
    assert process.wait() == 0
    process.communicate()
    assert set(confirmed) <= found
    assert len(found) - len(confirmed) <= 3 * 2  # at most the calls that were under way
