"""Mutations that no test notices, that are out of date or that do not compile are reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mutation_run import Mutation, apply_mutation, assert_fails, copy_provider, run_tests

QUICK = "tests/lifecycle/test_lifecycle_plan.py::test_steps[all in the one PUT]"
FILE = "lifecycle/power.py"
HARMLESS = Mutation("a comment", FILE, "# A new notebook has no power", "# A notebook that is new has no power", QUICK)


def test_unnoticed_mutation_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no test noticed the mutation"):
        assert_fails(HARMLESS, tmp_path)


def test_mutation_that_does_not_compile_is_reported(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"pytest ended with [24]"):
        assert_fails(replace(HARMLESS, new="(\n#"), tmp_path)


@pytest.mark.parametrize(("old", "times"), [("no such text", "0 times"), ("RUNNING", r"\d+ times")])
def test_outdated_mutation_is_reported(tmp_path: Path, old: str, times: str) -> None:
    with pytest.raises(AssertionError, match=f"its text is {times} in {FILE}: bring it up to date"):
        apply_mutation(copy_provider(tmp_path), replace(HARMLESS, old=old))


def test_other_provider_is_not_taken_for_the_copy(tmp_path: Path) -> None:
    done = run_tests(tmp_path, QUICK)

    assert done.returncode == 4
    assert "and not the copy in" in done.stdout + done.stderr
