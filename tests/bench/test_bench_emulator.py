"""The rows of the emulator, measured on a few notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.bench import budgets, emulator
from tools.bench.environment import Environment
from tools.bench.workspace import Tools
from tools.echo import CannotGoOnError

from modelarts_emulator.testing import Control, running_emulator


def test_every_row_is_measured(tmp_path):
    environment = Environment(tmp_path, Control("http://127.0.0.1:9"), Path("unused"), Tools("unused", {}), runs=2)
    rows = {row.what: row for row in emulator.emulator(environment, count=60)}
    assert [row.unit for row in rows.values()] == ["ms", "ms", "ms", "ms", "1/s", "MB"]
    assert {budgets.EMULATOR_PAGE, budgets.EMULATOR_MEMORY} <= set(rows)
    assert {budgets.EMULATOR_PAGE, budgets.EMULATOR_MEMORY} <= set(budgets.BUDGETS)
    assert all(row.ours.least > 0 for row in rows.values())
    assert len(rows[budgets.EMULATOR_PAGE].ours.values) == 10
    assert rows[budgets.EMULATOR_MEMORY].ours.median > 10


def test_a_refusal_is_not_measured():
    with running_emulator() as control:
        client = emulator.Client(control.url.removeprefix("http://"))
        with pytest.raises(CannotGoOnError, match=r"6404"):
            client.call("GET", "/none")
        client.close()
