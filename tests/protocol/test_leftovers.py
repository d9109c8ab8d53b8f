"""Folders of killed plugins go; those of living ones stay."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from modelarts_provider.protocol.handshake import open_listener
from modelarts_provider.protocol.leftovers import remove_leftovers


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
    listener = open_listener({"TMPDIR": str(place)})
    listener.socket.close()
    return aged(Path(listener.directory), age)


def aged(folder: Path, age: float) -> Path:
    os.utime(folder, (time.time() - age, time.time() - age))
    return folder


def test_what_a_killed_plugin_left_is_removed(place):
    old, empty = abandoned(place, age=3600), place / "tf-modelarts-0"
    empty.mkdir()
    aged(empty, 3600)
    assert set(remove_leftovers(place)) == {old, empty}
    assert list(place.iterdir()) == []


def test_a_plugin_that_lives_is_left_alone(place):
    listener = open_listener({"TMPDIR": str(place)})
    aged(Path(listener.directory), 3600)
    assert remove_leftovers(place) == []
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(listener.path)
    listener.socket.close()
    assert remove_leftovers(place) == [Path(listener.directory)]


def test_young_folders_and_those_of_others_stay(place):
    young, foreign, filled = abandoned(place, age=1), place / "somebody-else", place / "tf-modelarts-filled"
    foreign.mkdir()
    filled.mkdir()
    (filled / "notes").touch()
    aged(foreign, 3600)
    aged(filled, 3600)
    assert remove_leftovers(place) == []
    assert set(place.iterdir()) == {young, foreign, filled}
    assert remove_leftovers(place, min_age=0.0) == [young]


def test_a_place_that_is_gone_is_no_error(tmp_path):
    assert remove_leftovers(tmp_path / "nothing") == []
