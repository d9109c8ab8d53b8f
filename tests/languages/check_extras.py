"""Each extra, installed from the checkout with plain pip, as the README says. Run by ``make test-languages``."""

from __future__ import annotations

import os
import sys

import pytest
from outside_programs import ROOT, run


@pytest.mark.parametrize(
    ("extra", "module"),
    [("cdktf", "modelarts_constructs"), ("cdktn", "modelarts_constructs"), ("emulator", "modelarts_emulator.cli")],
)
def test_an_extra_brings_all_that_it_needs(tmp_path, extra, module):
    python = tmp_path / "environment" / "bin" / "python"
    run([sys.executable, "-m", "venv", tmp_path / "environment"], tmp_path)
    run([python, "-m", "pip", "install", "--quiet", f"{ROOT}[{extra}]"], tmp_path, PIP_CONSTRAINT=os.devnull)
    found = run([python, "-c", f"import {module}; print({module}.__file__)"], tmp_path)
    assert str(tmp_path) in found, "the checkout hides what was installed"
