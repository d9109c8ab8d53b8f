"""The encoded schema that one start leaves for the next ones: used while it is true, and never a failure's cause."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from modelarts_provider.framework.protocol.codec import encode
from modelarts_provider.framework.protocol.schema_cache import METHOD, SchemaCache, SchemaFirst
from modelarts_provider.framework.protocol.status import RpcError

SCHEMA = encode(f"{METHOD}.Response", {"provider": {"version": 7, "block": {}}})
OTHER = encode(f"{METHOD}.Response", {"provider": {"version": 8, "block": {}}})
FAILURE = encode(f"{METHOD}.Response", {"diagnostics": [{"severity": 1, "summary": "a defect"}]})


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two sources, in a Python that may write beside them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "core").mkdir()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "a.py").write_text("a = 1\n")
    (tmp_path / "core" / "b.py").write_text("b = 1\n")
    return tmp_path


class Start:
    """One start of the provider: what it made, and what it answers."""

    def __init__(self, package: Path, answer: bytes = SCHEMA) -> None:
        self.made = 0
        self.methods: list[str] = []
        self._answer = answer
        self._first = SchemaFirst(SchemaCache(str(package)), self._make)

    def _make(self):
        self.made += 1

        async def dispatch(method, request):
            self.methods.append(method)
            if method == "Unknown":
                raise RpcError.unimplemented(method)
            return self._answer

        return dispatch

    def ask(self, method: str = METHOD) -> bytes:
        return asyncio.run(self._first(method, b""))


def kept(package: Path) -> list[str]:
    return sorted(path.name for path in (package / "__pycache__").iterdir())


def test_the_second_start_makes_nothing(package):
    first, second = Start(package), Start(package, answer=OTHER)
    assert (first.ask(), first.made) == (SCHEMA, 1)
    assert (second.ask(), second.made) == (SCHEMA, 0)


def test_other_calls_make_the_dispatch_once_and_the_schema_then_comes_from_it(package):
    Start(package).ask()
    start = Start(package, answer=OTHER)
    assert [start.ask("ValidateProviderConfig"), start.ask("StopProvider"), start.ask()] == [OTHER] * 3
    assert (start.made, start.methods) == (1, ["ValidateProviderConfig", "StopProvider", METHOD])


def test_an_unknown_call_stays_one(package):
    with pytest.raises(RpcError, match="not implemented"):
        Start(package).ask("Unknown")


@pytest.mark.parametrize(
    "change",
    [
        lambda package: (package / "core" / "b.py").write_text("b = 22\n"),
        lambda package: os.utime(package / "a.py", ns=(1, 1)),
        lambda package: (package / "core" / "c.py").write_text(""),
        lambda package: (package / "a.py").unlink(),
        lambda package: (package / "a.py").rename(package / "d.py"),
        lambda package: (package / "__pycache__" / "provider-schema.bin").write_bytes(b""),
        lambda package: (package / "__pycache__" / "provider-schema.bin").write_bytes(b"x" * 50),
    ],
    ids=["grown", "touched", "added", "removed", "renamed", "emptied", "overwritten"],
)
def test_what_does_not_fit_the_sources_any_more_is_made_anew(package, change):
    Start(package).ask()
    change(package)
    assert Start(package, answer=OTHER).ask() == OTHER
    assert Start(package).ask() == OTHER


def test_compiled_sources_and_leftovers_of_others_change_nothing(package):
    Start(package).ask()
    (package / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"")
    (package / "notes.txt").write_text("x")
    assert Start(package, answer=OTHER).ask() == SCHEMA


def test_a_failure_is_not_kept(package):
    assert Start(package, answer=FAILURE).ask() == FAILURE
    assert kept(package) == []
    assert Start(package).ask() == SCHEMA


def test_nothing_is_written_where_python_writes_no_compiled_sources(package, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert Start(package).ask() == SCHEMA
    assert kept(package) == []


def test_a_folder_that_cannot_be_written_is_no_error(package):
    (package / "__pycache__").rmdir()
    assert Start(package).ask() == SCHEMA
    assert not (package / "__pycache__").exists()


def test_nothing_but_the_file_is_left(package):
    Start(package).ask()
    assert kept(package) == ["provider-schema.bin"]
