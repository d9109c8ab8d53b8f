"""The table of the measurements: what is said of a figure, and that nothing of the machine's owner gets into it."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from tools.bench import budgets, report
from tools.bench.__main__ import PARTS, main
from tools.bench.figures import Figures, Row
from tools.bench.machine import Circumstances, look
from tools.bench.processes import memory_now, processor_time

ROWS = [
    Row(budgets.HANDSHAKE, "ms", Figures.of([0.03, 0.01, 0.02], 1000), floor=Figures.of([0.0126], 1000)),
    Row(budgets.PLAN_100, "s", Figures((1.2, 1.4, 9.0)), floor=Figures((0.5,)), processor=Figures((2.5,)), calls="100"),
]


@pytest.mark.parametrize(
    ("what", "median", "said"),
    [
        (budgets.PLAN_1, 0.5, "ok (goal)"),
        (budgets.PLAN_1, 0.51, "ok"),
        (budgets.PLAN_1, 0.75, "ok"),
        (budgets.PLAN_1, 0.7501, "missed"),
        (budgets.MEMORY_APPLY, 70.1, "missed"),
        (budgets.EMULATOR_PAGE, 20.0, "ok (goal)"),
        (budgets.EMULATOR_PAGE, 20.1, "missed"),
        (budgets.EMULATOR_MEMORY, 300.5, "missed"),
        ("validate, 1", 99.0, ""),
    ],
)
def test_verdict(what, median, said):
    assert budgets.verdict(what, median) == said


def test_a_goal_is_never_easier_than_the_first_aim():
    assert all(budget.goal <= budget.first for budget in budgets.BUDGETS.values())


def test_a_row_shows_median_and_range_beside_floor_and_budget():
    start, plan = (report.cells(row) for row in ROWS)
    assert start == ("start to handshake", "ms", "20", "10-30", "13", "", "", "", "140", "80", "ok (goal)")
    assert plan == ("plan, 100 existing", "s", "1.40", "1.20-9.00", "0.50", "2.50", "", "100", "1.4", "0.9", "ok")


def test_the_table_is_markdown_of_one_width():
    lines = report.table(ROWS).splitlines()
    assert len(lines) == 2 + len(ROWS)
    assert len({len(line) for line in lines}) == 1
    assert {line.count("|") for line in lines} == {len(report.HEAD) + 1}


def test_the_page_says_when_on_what_and_how_often():
    page = report.page(ROWS, Circumstances({"commit": "abc"}).later(), 12)
    assert "- commit: abc\n" in page
    assert "- runs: 12\n" in page
    assert re.search(r"^- load after: \d", page, re.MULTILINE)
    assert page.endswith("|\n")


def test_the_circumstances_name_no_host_user_or_path():
    facts = look("terraform", "node").facts
    text = "\n".join(facts.values())
    assert set(facts) >= {"date", "commit", "processor", "memory", "Python", "Terraform", "Node"}
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC$", facts["date"])
    assert not re.search(r"(^|\s)/\w", text), text
    assert str(Path.home()) not in text
    assert len(socket.gethostname()) < 5 or socket.gethostname() not in text


def test_own_process_is_measured():
    assert processor_time(os.getpid()) > 0
    assert memory_now(os.getpid()) > 1_000_000


@pytest.mark.parametrize("arguments", [["--only", "nonsense"], ["--runs", "0"], ["--runs", "many"]])
def test_wrong_options_are_refused_before_anything_is_made(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_every_part_of_the_table_can_be_measured_alone():
    assert list(PARTS) == ["start", "memory", "validate", "plan", "apply", "flavor", "synth", "emulator"]
