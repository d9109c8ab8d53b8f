"""The pytest plugin, as users have it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

USERS_TESTS = """
import os, subprocess, sys
import pytest

@pytest.fixture(scope="session")
def modelarts_emulator_settings():
    return {"time_scale": 0.0, "quota": 0, "rules": "observed"}

def test_one(modelarts_emulator):
    assert modelarts_emulator.call("GET", "/healthz")["rules"] == "observed"
    modelarts_emulator.add_fault(status=500)
    assert modelarts_emulator.environment()["HW_ENDPOINT_MODELARTS"] == modelarts_emulator.url

def test_two(modelarts_emulator):
    assert modelarts_emulator.call("GET", "/faults") == {"faults": []}
    assert modelarts_emulator.requests() == []
"""


def _pytest(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:schemathesis",
        "-W",
        "error",
        *flags,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_fixture_gives_an_empty_emulator_to_each_test(tmp_path: Path) -> None:
    (tmp_path / "test_users.py").write_text(USERS_TESTS)
    done = _pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_a_run_that_does_not_use_it_pays_nothing(tmp_path: Path) -> None:
    text = "import sys\ndef test_it():\n    assert 'uvicorn' not in sys.modules and 'starlette' not in sys.modules\n"
    (tmp_path / "test_users.py").write_text(text)
    done = _pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
