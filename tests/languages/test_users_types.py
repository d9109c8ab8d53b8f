"""A user's project is clean to ``mypy --strict``, and what is wrong in it is seen (each ignored line must be one)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

STACK = Path(__file__).with_name("users_stack.py")


@pytest.fixture
def check(tmp_path):
    def checked(text):
        (tmp_path / "stack.py").write_text(text)
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}/c", "stack.py"]
        return subprocess.run(command, cwd=tmp_path, text=True, capture_output=True, check=False)

    return checked


def test_users_project_is_clean(check):
    done = check(STACK.read_text())
    assert done.returncode == 0, done.stdout + done.stderr


def test_mistakes_are_seen(check):
    """The positive control: without the remarks, every line that is marked as wrong is an error, and no other."""
    lines = [line.partition("  # type: ignore")[0] for line in STACK.read_text().splitlines()]
    wrong = {str(number) for number, line in enumerate(STACK.read_text().splitlines(), 1) if "# WRONG" in line}
    done = check("\n".join(lines))
    assert {line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line} == wrong
    assert len(wrong) == 6


def test_the_stack_is_a_program_as_well(tmp_path):
    shutil.copy(STACK, tmp_path / "stack.py")
    program = (
        "import stack\nfrom modelarts_constructs.testing import Template, scratch_app\n"
        "team = stack.Team(scratch_app(), 'team', ['ann'])\n"
        "print(sorted(Template.synth(team).notebooks()))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.stdout.strip() == "['ann', 'ann_copy']", done.stderr
