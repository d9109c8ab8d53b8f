"""Every generated file is what a fresh render writes, and nothing else lies beside them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modelarts_provider import generated

ROOT = Path(__file__).resolve().parents[3]
FRESH = generated.everything(ROOT)
FOLDER = "constructs/modelarts_constructs/l1"
CONSTRUCTS = {path: text for path, text in FRESH.items() if path.startswith(FOLDER)}
DOCS = {path: text for path, text in FRESH.items() if path.startswith("docs/")}


def test_everything_generated_is_constructs_or_docs():
    assert FRESH == CONSTRUCTS | DOCS
    assert CONSTRUCTS
    assert DOCS


@pytest.mark.parametrize("path", sorted(FRESH))
def test_committed_file_equals_a_fresh_render(path):
    assert (ROOT / path).read_text(encoding="utf-8") == FRESH[path], f"{path} is out of date: run `make generate`"


def test_nothing_else_lies_among_the_generated_constructs():
    found = {
        file.relative_to(ROOT).as_posix() for file in (ROOT / FOLDER).glob("*.py") if not file.name.startswith("_")
    }
    assert found == set(CONSTRUCTS)


def test_nothing_else_lies_in_docs():
    assert {file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").rglob("*") if file.is_file()} == set(DOCS)


@pytest.mark.parametrize("path", sorted(CONSTRUCTS))
def test_generated_code_needs_no_formatting(path):
    command = [sys.executable, "-m", "ruff", "format", "--check", "--stdin-filename", path, "-"]
    run = subprocess.run(command, input=CONSTRUCTS[path], text=True, capture_output=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_rendering_twice_gives_the_same():
    assert generated.everything(ROOT) == FRESH


def test_every_resource_has_an_example():
    _, resources = generated.schemas()
    for type_name in resources:
        assert (ROOT / "examples" / "resources" / type_name / "resource.tf").is_file()
