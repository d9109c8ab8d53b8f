"""What a defect tells: its kind and its place, and no value, in the diagnostic as in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from servicer_bench import CONFIGURED, STATE, Bench, unpacked, value

from modelarts_provider.framework.resource import ApplyResponse
from modelarts_provider.framework.schema.values import number

SECRET = 'hunter2 it\'s "secret"'
CONFIG = CONFIGURED | {"secret": SECRET, "name": "abc"}


def _chained() -> None:
    try:
        float(SECRET)
    except ValueError as error:
        raise RuntimeError(f"can't use {SECRET}") from error


def _raise(error: Exception) -> None:
    raise error


RAISING: dict[str, Callable[[], Any]] = {
    "int": lambda: int(SECRET),
    "key": lambda: {}[SECRET],
    "encoding": lambda: SECRET.encode().decode("utf-16"),
    "number": lambda: number(SECRET),
    "chained": _chained,
    "unquoted": lambda: _raise(RuntimeError(f"the value {SECRET} is bad")),
    "repr": lambda: _raise(RuntimeError(f"can't take {SECRET!r}")),
    "long": lambda: _raise(RuntimeError("x" * 100_000 + SECRET)),
}
"""Exceptions whose texts quote the value in the ways that code has."""


def raised(kind: str) -> Exception:
    try:
        RAISING[kind]()
    except Exception as error:  # noqa: BLE001 - that is what is made here
        return error
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", RAISING)
def test_text_of_exception_shows_no_value(kind: str) -> None:
    bench = Bench()
    bench.thing.answers["validate"] = raised(kind)
    (found,) = bench.call("ValidateResourceConfig", config=value(CONFIG))["diagnostics"]
    assert found["summary"] == "The provider met a defect of its own"
    assert type(bench.thing.answers["validate"]).__name__ in found["detail"]
    assert ".py, line " in found["detail"]
    for text in (found["detail"], *bench.logged):
        assert "hunter2" not in text
        assert len(text) < 10_000
    assert all("Traceback" in text for text in bench.logged)


def test_values_of_wrong_type_cost_themselves_and_never_the_id() -> None:
    bench = Bench()
    bench.thing.answers["create"] = ApplyResponse(state=STATE | {"id": "new", "zone": {"x": SECRET}, "size": "many"})
    answer = bench.call(
        "ApplyResourceChange", planned_state=value(STATE | {"id": None, "zone": "z"}), config=value(STATE)
    )
    (found,) = answer["diagnostics"]
    assert "schema's types: zone, size" in found["detail"]
    assert "hunter2" not in found["detail"]
    state = unpacked(answer["new_state"])
    assert (state["id"], state["name"], state["zone"], state["size"]) == ("new", "a", "z", 5)
