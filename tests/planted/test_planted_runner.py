"""The runner of plants can fail: a plant that nobody notices, that has lost its place, or that isn't a program is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from planted_run import Plant, assert_turns_red, broken, copied, run_tests

QUICK = "tests/lifecycle/test_lifecycle_plan.py::test_steps[all in the one PUT]"
FILE = "lifecycle/power.py"
HARMLESS = Plant("a comment", FILE, "# A new notebook has no power", "# A notebook that is new has no power", QUICK)


def test_a_plant_that_nobody_notices_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="nobody noticed the plant"):
        assert_turns_red(HARMLESS, tmp_path)


def test_a_plant_that_is_no_program_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"pytest ended with [24]"):
        assert_turns_red(replace(HARMLESS, new="(\n#"), tmp_path)


@pytest.mark.parametrize(("old", "times"), [("no such text", "0 times"), ("RUNNING", r"\d+ times")])
def test_a_plant_that_lost_its_place_is_told(tmp_path: Path, old: str, times: str) -> None:
    with pytest.raises(AssertionError, match=f"is {times} in {FILE}: bring it up to date"):
        broken(copied(tmp_path), replace(HARMLESS, old=old))


def test_no_other_provider_is_taken_for_the_copy(tmp_path: Path) -> None:
    done = run_tests(tmp_path, QUICK)

    assert done.returncode == 4
    assert "and not the copy in" in done.stdout + done.stderr
