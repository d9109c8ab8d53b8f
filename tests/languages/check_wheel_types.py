"""A user's project that installs the wheel is clean to strict type checkers. Run by ``make test-languages``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from outside_programs import NODE_MODULES, run

STACK = Path(__file__).with_name("users_stack.py")


@pytest.fixture
def project(tmp_path, users_python):
    shutil.copy(STACK, tmp_path / "stack.py")
    found = run([users_python, "-c", "import modelarts_constructs; print(modelarts_constructs.__file__)"], tmp_path)
    assert str(users_python.parent.parent) in found, "the checkout hides the wheel"
    return tmp_path


def test_mypy(project, users_python):
    run([sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", users_python, "."], project)


@pytest.mark.parametrize("mode", ["standard", "strict"])
def test_pyright(project, users_python, mode):
    (project / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": mode}))
    run([NODE_MODULES / ".bin" / "pyright", "--pythonpath", users_python, "stack.py"], project)
