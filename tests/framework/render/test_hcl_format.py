"""Every HCL that users read is as `terraform fmt` writes it: files, and blocks of READMEs, templates and pages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("docs", "templates", "examples", "decisions")
MADE = {"node_modules", "cdktf.out", ".gen", ".terraform", "imports"}
BLOCK = re.compile(r"^(?P<indent> *)```(?:hcl|terraform|tf)\n(?P<text>.*?)^(?P=indent)```", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.acceptance


def texts() -> Iterator[tuple[str, str]]:
    """Each piece of HCL, by the file and the line where it begins."""
    files = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file())]
    for path in sorted(files):
        name = path.relative_to(ROOT)
        if MADE.intersection(name.parts) or path.suffix not in (".md", ".tmpl", ".tf", ".tfvars"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".tf", ".tfvars"):
            yield str(name), text
            continue
        for block in BLOCK.finditer(text):
            lines = block["text"].splitlines(keepends=True)
            where = f"{name}:{text.count(chr(10), 0, block.start()) + 1}"
            yield where, "".join(line.removeprefix(block["indent"]) for line in lines)


TEXTS = dict(texts())


def test_there_is_hcl_to_look_at() -> None:
    found = {where.partition(":")[0] for where in TEXTS}
    assert {"README.md", "docs/index.md", "docs/resources/notebook.md", "examples/hcl/main.tf"} <= found


@pytest.mark.parametrize("where", TEXTS)
def test_hcl_is_formatted(where: str) -> None:
    binary = shutil.which("terraform") or shutil.which("tofu")
    assert binary, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    done = subprocess.run(
        [binary, "fmt", "-check", "-diff", "-no-color", "-"],
        input=TEXTS[where],
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
