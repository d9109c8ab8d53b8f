"""What the commands meet outside: `docs` and `generate` write in a checkout alone, and an output may end early."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelarts_provider.cli import run

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = pytest.mark.parametrize("command", ["docs", "generate"])


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@COMMANDS
@pytest.mark.parametrize("missing", [("templates", "examples"), ("templates",), ("examples",)], ids=" ".join)
def test_outside_a_checkout(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    missing: tuple[str],
) -> None:
    for name in {"templates", "examples"} - set(missing):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules", "cdktf.out"))
    before = everything(tmp_path)
    monkeypatch.chdir(tmp_path)
    for arguments in ([], ["--root", str(tmp_path)]):
        assert run([command, *arguments]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert f"{tmp_path} has no {missing[0]}/" in said.err
        assert (
            "no checkout of the project. Nothing was written. Run this in a checkout, or name one with --root"
            in said.err
        )
        assert said.err.count("\n") == 1
    assert everything(tmp_path) == before


@COMMANDS
def test_a_root_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    (tmp_path / "file").touch()
    for root in (tmp_path / "none", tmp_path / "file"):
        assert run([command, "--root", str(root)]) == 1
        assert "no checkout of the project" in capsys.readouterr().err


@COMMANDS
@pytest.mark.parametrize("damage", ["empty", "unreadable", "binary", "folder in the way"])
def test_a_damaged_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, damage: str) -> None:
    for name in ("templates", "examples"):
        (tmp_path / name).mkdir()
    if damage != "empty":
        shutil.copytree(ROOT / "templates", tmp_path / "templates", dirs_exist_ok=True)
        for name in ("provider", "resources"):
            shutil.copytree(ROOT / "examples" / name, tmp_path / "examples" / name)
    if damage == "binary":
        (tmp_path / "templates" / "index.md.tmpl").write_bytes(b"\xff\xfe")
    if damage == "unreadable":
        (tmp_path / "docs").touch()  # a file where a folder has to be stops root, too
    if damage == "folder in the way":
        (tmp_path / "docs" / "index.md").mkdir(parents=True)
    assert run([command, "--root", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("terraform-provider-modelarts: ")
    assert said.err.count("\n") == 1


OUTPUTS = {
    "a reader that is gone": ("| head -c 1", ""),
    "a full disk": (
        "> /dev/full",
        "terraform-provider-modelarts: the output can't be written: No space left on device.\n",
    ),
    "none": (">&-", ""),
}


@pytest.mark.parametrize("command", ["schema", "--help", "install --dir mirror", "uninstall --dir mirror"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_an_output_that_ends_early(tmp_path: Path, command: str, output: str) -> None:
    where, said = OUTPUTS[output]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    line = f'"{sys.executable}" -m modelarts_provider {command} {where}'
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, env=buffered, capture_output=True, text=True, check=False
    )
    assert done.stderr == said


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_an_empty_folder_is_not_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        run([command, "--dir", ""])
    assert "it names no folder" in capsys.readouterr().err
    assert everything(tmp_path) == []
