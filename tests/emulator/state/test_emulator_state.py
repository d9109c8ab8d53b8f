"""The state file: nothing that was confirmed is lost, and a file that cannot be used is one sentence."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from emulator_api import CPU2, PROJECT, SOLD_OUT, Api

from modelarts_emulator.config import Config
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.http.request_examples import BODIES
from modelarts_emulator.state.entities import notebook_from_json
from modelarts_emulator.state.state_file import StateError, StateFile
from modelarts_emulator.testing import Control

COMMAND = [sys.executable, "-m", "modelarts_emulator", "serve", "--time-scale", "0", "--quota", "0"]
PATH = f"/v1/{PROJECT}/notebooks"
NOTEBOOK = BODIES["CreateNotebookRequest"]


OPENED: list[Api] = []


def _open(path: str, **settings: Any) -> Api:
    """An emulator with a state file, closed after the test."""
    OPENED.append(Api(state=path, **settings))
    return OPENED[-1]


def _again(api: Api) -> Api:
    """The emulator, closed and opened again from its file."""
    api.app.state.emulator.close()
    other = _open(str(api.config.state), rules=api.config.rules)
    other.clock._now, other.wall = api.clock.now(), api.wall
    return other


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().app.state.emulator.close()


@pytest.fixture
def kept(tmp_path: Path) -> Api:
    return _open(str(tmp_path / "state.db"))


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


def test_ssh_ports_come_back_and_go_on(tmp_path: Path) -> None:
    def uri(api: Api) -> str:
        return next(entry["uri"] for entry in api.show(ident)["endpoints"] if entry["service"] == "SSH")

    kept = _open(str(tmp_path / "state.db"), rules="observed")
    ident = kept.running(endpoints=[{"service": "SSH", "key_pair_names": ["k"]}])
    uris = [uri(kept)]
    for _ in range(3):
        kept = _again(kept)
        assert uri(kept) == uris[-1]
        for action in ("stop", "start"):
            kept.call("POST", f"/notebooks/{ident}/{action}")
            kept.wait(60)
        uris.append(uri(kept))
    assert len(set(uris)) == 4


def test_a_state_file_without_ssh_ports_keeps_those_that_it_showed(kept: Api) -> None:
    row = kept.behind(kept.running())["behind"]
    del row["ssh_port"]
    assert notebook_from_json(row).ssh_port == 30_001


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
    kept = _open(path)
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
    command = [*COMMAND, "--rules", "observed", "--state", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[-1]


class Customer(threading.Thread):
    """Makes instances, renames, tags and deletes them until the emulator dies, and remembers what may be true of each.

    A confirmed call leaves one possibility; one that is under way leaves two.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self.possible: dict[str, set[Any]] = {}
        self.confirmed = 0
        self._control = Control(url)

    def run(self) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for life in itertools.count():
                self._live(delete=life % 3 == 2)

    def _live(self, *, delete: bool) -> None:
        path = f"/notebooks/{self._control.api('POST', '/notebooks', NOTEBOOK)['id']}"
        ident, name, tags = path.rsplit("/", 1)[1], NOTEBOOK["name"], ()
        self.possible[ident] = {(name, tags)}
        for number in range(3):
            self._do(ident, (f"n{number}", tags), "PUT", path, {"name": f"n{number}"})
            name, tags = f"n{number}", (*tags, f"k{number}")
            body = {"tags": [{"key": f"k{number}", "value": "v"}]}
            self._do(ident, (name, tags), "POST", f"{path}/tags/create", body)
        if delete:
            self._do(ident, None, "DELETE", path)

    def _do(self, ident: str, after: Any, method: str, path: str, body: Any = None) -> None:
        self.possible[ident].add(after)
        self._control.api(method, path, body)
        self.possible[ident] = {after}
        self.confirmed += 1


def _found(url: str) -> dict[str, Any]:
    return {
        item["id"]: (item["name"], tuple(tag["key"] for tag in item.get("tags", ())))
        for item in Control(url).notebooks()
    }


def test_nothing_confirmed_is_lost_by_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    possible: dict[str, set[Any]] = {}
    for enough in (1, 7, 30, 61, 104):  # confirmed calls before the kill
        process, url = _start(path)
        customers = [Customer(url) for _ in range(2)]
        for customer in customers:
            customer.start()
        while sum(customer.confirmed for customer in customers) < enough:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        for customer in customers:
            customer.join()
            possible |= customer.possible
        assert process.wait() == -signal.SIGKILL
        process.communicate()

        process, url = _start(path)
        found = _found(url)
        process.terminate()
        assert process.wait() == 0
        process.communicate()
        wrong = {ident: found.get(ident) for ident, allowed in possible.items() if found.get(ident) not in allowed}
        assert wrong == {}
        unknown = set(found) - set(possible)
        assert len(unknown) <= len(customers)  # creates that were under way
        possible |= {ident: {found[ident]} for ident in unknown}
        possible |= {ident: {found.get(ident)} for ident in possible}  # whatever it was, it stays so
