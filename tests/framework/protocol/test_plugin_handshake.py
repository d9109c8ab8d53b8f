"""Where the socket goes, and what the handshake may cost."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from modelarts_provider.framework.protocol import handshake
from modelarts_provider.framework.protocol.handshake import (
    HandshakeError,
    handshake_line,
    is_started_by_terraform,
    open_listener,
)

# Each costs a start 3 to 60 ms, and none is needed to say where the socket is.
NOT_BEFORE_THE_HANDSHAKE = {
    "asyncio",
    "dataclasses",
    "grpclib",
    "h2",
    "httpx",
    "inspect",
    "json",
    "logging",
    "msgpack",
    "pathlib",
    "pydantic",
    "re",
    "ssl",
    "tempfile",
    "typing",
}


@pytest.fixture
def opened():
    made = []
    yield made
    for listener in made:
        listener.socket.close()
        listener.remove()


@pytest.fixture
def short(tmp_path_factory):
    """A short folder of our own, whatever the length of pytest's."""
    base = Path("/tmp") / f"h-{os.urandom(4).hex()}"
    base.mkdir()
    yield base
    base.rmdir()


def test_a_private_folder_below_tmpdir(short, opened):
    listener = open_listener({"TMPDIR": f"{short}/"})
    opened.append(listener)
    assert Path(listener.directory).parent == short
    assert stat.S_IMODE(Path(listener.directory).stat().st_mode) == 0o700
    assert Path(listener.path).is_socket()
    listener.socket.close()
    listener.remove()
    listener.remove()
    assert list(short.iterdir()) == []


def test_the_folder_that_terraform_names_comes_first(short, opened):
    opened.append(open_listener({"PLUGIN_UNIX_SOCKET_DIR": str(short), "TMPDIR": "/var/tmp"}))
    assert Path(opened[0].directory).parent == short


@pytest.mark.parametrize("unusable", ["/tmp/" + "long/" * 20, "/proc/self/nothing", "/dev/null"])
def test_an_unusable_tmpdir_is_passed_over(opened, unusable):
    opened.append(open_listener({"TMPDIR": unusable}))
    assert Path(opened[0].directory).parent == Path("/tmp")


def test_the_longest_path_that_is_tried_works(short, opened):
    room = handshake._MAX_SOCKET_PATH - len(f"/{Path(_probe(opened)).parent.name}/rpc")
    base = short / ("d" * (room - len(str(short)) - 1))
    base.mkdir()
    opened.append(open_listener({"TMPDIR": str(base)}))
    assert Path(opened[-1].directory).parent == base
    assert len(opened[-1].path) == handshake._MAX_SOCKET_PATH
    last = opened.pop()
    last.socket.close()
    last.remove()
    base.rmdir()


def _probe(opened) -> str:
    opened.append(open_listener({}))
    return opened[-1].path


def test_no_place_at_all_names_every_attempt(monkeypatch):
    def refuse(path, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(HandshakeError) as refusal:
        open_listener({"TMPDIR": "/x" * 100})
    for part in ("too long", "/tmp: Permission denied", "/var/tmp: Permission denied", "Set TMPDIR"):
        assert part in str(refusal.value)


def test_a_place_that_cannot_hold_sockets_is_passed_over_and_left_clean(short, opened, monkeypatch):
    class Picky(socket.socket):
        def bind(self, address):
            if address.startswith(str(short)):
                raise PermissionError(1, "Operation not permitted")
            super().bind(address)

    monkeypatch.setattr(socket, "socket", Picky)
    opened.append(open_listener({"TMPDIR": str(short)}))
    assert Path(opened[0].directory).parent == Path("/tmp")
    assert list(short.iterdir()) == []


def test_a_relative_tmpdir_gives_an_absolute_path(short, opened, monkeypatch):
    monkeypatch.chdir(short)
    opened.append(open_listener({"TMPDIR": "."}))
    assert Path(opened[0].directory).parent == short


def test_two_starts_never_meet(opened):
    opened.extend(open_listener({}) for _ in range(2))
    assert opened[0].directory != opened[1].directory


def test_the_line_without_a_certificate_ends_with_an_empty_field():
    assert handshake_line("/tmp/x", None) == b"1|6|unix|/tmp/x|grpc|\n"


def test_only_the_right_cookie_counts():
    assert is_started_by_terraform({handshake.COOKIE_NAME: handshake.COOKIE_VALUE})
    assert not is_started_by_terraform({handshake.COOKIE_NAME: handshake.COOKIE_VALUE.upper()})
    assert not is_started_by_terraform({})


def test_nothing_heavy_is_imported_before_the_handshake():
    code = (
        "import sys; before = set(sys.modules)\n"
        "import modelarts_provider.framework.protocol.process, modelarts_provider.framework.protocol.certificate\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    imported = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert "modelarts_provider.framework.protocol.handshake" in imported
    assert {name.partition(".")[0] for name in imported} & NOT_BEFORE_THE_HANDSHAKE == set()
