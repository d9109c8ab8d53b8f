"""Folders of killed plugins go; those of living ones stay."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from modelarts_provider.framework.protocol.handshake import open_listener
from modelarts_provider.framework.protocol.stale_sockets import remove_leftovers


@pytest.fixture
def place():
    base = Path("/tmp") / f"l-{os.urandom(4).hex()}"
    base.mkdir()
    yield base
    for folder in base.iterdir():
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    base.rmdir()


def abandoned(place: Path, *, age: float) -> Path:
    """What a killed plugin leaves."""
    listener = open_listener({"TMPDIR": str(place)}, "modelarts")
    listener.socket.close()
    return aged(Path(listener.directory), age)


def aged(folder: Path, age: float) -> Path:
    os.utime(folder, (time.time() - age, time.time() - age))
    return folder


def test_what_a_killed_plugin_left_is_removed(place):
    old, empty = abandoned(place, age=3600), place / "tf-modelarts-0"
    empty.mkdir()
    aged(empty, 3600)
    assert set(remove_leftovers(place, "modelarts")) == {old, empty}
    assert list(place.iterdir()) == []


def test_a_plugin_that_lives_is_left_alone(place):
    listener = open_listener({"TMPDIR": str(place)}, "modelarts")
    aged(Path(listener.directory), 3600)
    assert remove_leftovers(place, "modelarts") == []
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(listener.path)
    listener.socket.close()
    assert remove_leftovers(place, "modelarts") == [Path(listener.directory)]


def test_young_folders_and_those_of_others_stay(place):
    young, foreign, filled = abandoned(place, age=1), place / "somebody-else", place / "tf-modelarts-filled"
    foreign.mkdir()
    filled.mkdir()
    (filled / "notes").touch()
    aged(foreign, 3600)
    aged(filled, 3600)
    assert remove_leftovers(place, "modelarts") == []
    assert set(place.iterdir()) == {young, foreign, filled}
    assert remove_leftovers(place, "modelarts", min_age=0.0) == [young]


def test_a_place_that_is_gone_is_no_error(tmp_path):
    assert remove_leftovers(tmp_path / "nothing", "modelarts") == []


def socket_at(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def test_a_link_in_place_of_a_folder_leads_nowhere(place):
    """Whoever may write to the place can put one there, to anywhere that this user may write to."""
    target = place / "precious"
    target.mkdir()
    socket_at(target / "rpc")
    link = place / "tf-modelarts-link"
    link.symlink_to(target)
    aged(target, 3600)
    os.utime(link, (0, 0), follow_symlinks=False)
    assert remove_leftovers(place, "modelarts") == []
    assert (target / "rpc").is_socket()
    assert link.is_symlink()
    link.unlink()


@pytest.mark.parametrize("name", ["rpc", "key"])
def test_a_link_in_a_folder_stays_with_its_target(place, name):
    folder, target = abandoned(place, age=0), place / "precious"
    target.mkdir()
    (target / "file").write_text("mine")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(target / "file")
    aged(folder, 3600)
    assert remove_leftovers(place, "modelarts") == []
    assert (target / "file").read_text() == "mine"
    assert (folder / name).is_symlink()


@pytest.mark.parametrize("kind", ["file", "fifo", "folder"])
def test_what_is_no_socket_stays(place, kind):
    folder = place / "tf-modelarts-1"
    folder.mkdir()
    make = {"file": Path.touch, "fifo": os.mkfifo, "folder": Path.mkdir}[kind]
    make(folder / "rpc")
    aged(folder, 3600)
    assert remove_leftovers(place, "modelarts") == []
    assert (folder / "rpc").exists()
    if kind == "folder":
        (folder / "rpc").rmdir()


def test_nothing_goes_where_something_stays(place):
    """A folder with anything else in it is none of a start's: its socket stays, too."""
    folder = abandoned(place, age=0)
    (folder / "notes").touch()
    aged(folder, 3600)
    assert remove_leftovers(place, "modelarts") == []
    assert {path.name for path in folder.iterdir()} == {"rpc", "notes"}


@pytest.mark.parametrize("with_socket", [True, False])
def test_the_key_of_a_killed_start_goes_too(place, with_socket):
    folder = abandoned(place, age=0)
    (folder / "key").write_text("-----BEGIN EC PRIVATE KEY-----")
    if not with_socket:
        (folder / "rpc").unlink()
    aged(folder, 3600)
    assert remove_leftovers(place, "modelarts") == [folder]
    assert list(place.iterdir()) == []


def test_the_key_of_a_living_start_stays(place):
    listener = open_listener({"TMPDIR": str(place)}, "modelarts")
    key = Path(listener.directory) / "key"
    key.touch()
    aged(Path(listener.directory), 3600)
    assert remove_leftovers(place, "modelarts") == []
    assert key.exists()
    listener.socket.close()


def test_a_start_that_ends_early_takes_its_key_along(place):
    """SIGTERM may come while the key is on the disk."""
    listener = open_listener({"TMPDIR": str(place)}, "modelarts")
    (Path(listener.directory) / "key").touch()
    listener.socket.close()
    listener.remove()
    assert list(place.iterdir()) == []


def test_folders_of_other_users_stay(place, monkeypatch):
    folder = abandoned(place, age=3600)
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    assert remove_leftovers(place, "modelarts") == []
    assert (folder / "rpc").is_socket()


def test_a_file_with_a_folder_s_name_stays(place):
    file = place / "tf-modelarts-file"
    file.touch()
    os.utime(file, (0, 0))
    assert remove_leftovers(place, "modelarts") == []
    file.unlink()
