"""Schemathesis against the emulator's own document: the same signed requests on every run; `make fuzz` sends many more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from modelarts_emulator.http.routes import OPERATIONS

ROOT = Path(__file__).resolve().parents[3]

# Five operations that do wrong, each in another way, each to be found by another check.
BROKEN_OPERATIONS = """
import sys
from modelarts_emulator.http import routes
from modelarts_emulator.notebooks import images
from modelarts_emulator.calls import ok
from modelarts_emulator.errors import Refusal, refuse

def broken(call):
    raise ZeroDivisionError

def undocumented_field(call):
    return ok({**images.show(call).body, "colour": "red"})

def undocumented_status(call):
    raise Refusal(418, "ModelArts.0104", "a teapot")

def half_done(call):
    call.notebook().tags["half"] = "done"
    raise refuse("0104", "no")

def credulous(call):
    return ok({"create_at": 1, "duration": 1, "enable": True, "update_at": 1})

broken_operations = {
    "ListFeatures": broken,
    "ShowImage": undocumented_field,
    "ShowCluster": undocumented_status,
    "CreateNotebookTags": half_done,
    "RenewLease": credulous,
}
for operation in routes.OPERATIONS:
    if operation.name in broken_operations:
        object.__setattr__(operation, "handler", broken_operations[operation.name])

from tools.fuzz.__main__ import main
only = [part for name in broken_operations for part in ("--only", name)]
sys.exit(main(["--cases", "3", "--fixed", "--rules", "documented", *only]))
"""


def _run(*arguments: str) -> tuple[int, str]:
    env = {**os.environ, "COLUMNS": "120"}  # its headings fill the line
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_operation_keeps_to_the_document() -> None:
    code, said = _run("-m", "tools.fuzz", "--cases", "6", "--fixed", "--rules", "documented")
    assert code == 0, said
    assert f"Tested: {len(OPERATIONS)}\n" in said
    assert int(re.findall(r"(\d+) generated", said)[0]) > 1500


@pytest.fixture(scope="module")
def findings() -> str:
    code, said = _run("-c", BROKEN_OPERATIONS)
    assert code == 1, said
    return said


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/authoring/features/{feature}", "Server error"),
        ("/images/{id}", "Response violates schema"),
        ("/authoring/clusters/{cluster_id}", "Undocumented status code"),
        ("/notebooks/{id}/tags/create", "these changed: notebook "),
        ("/notebooks/{id}/lease", "Schema-violating request accepted"),
    ],
)
def test_what_is_wrong_is_found(findings: str, path: str, words: str) -> None:
    sections = re.split(r"^_+ \w+ /v1/{project_id}(\S+) _+$", findings, flags=re.MULTILINE)
    assert words in dict(zip(sections[1::2], sections[2::2], strict=True))[path]


def test_an_operation_that_never_succeeds_is_named(findings: str) -> None:
    assert "CreateNotebookTags never answered with a success" in findings
