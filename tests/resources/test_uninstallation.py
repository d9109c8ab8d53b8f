"""What `install` has written goes, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from modelarts_provider import __version__
from modelarts_provider.cli import run
from modelarts_provider.installation import install, launcher_in, python_of, target


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_uninstall_takes_away_what_install_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["install", "--dir", str(tmp_path / "m")]) == 0
    launcher = capsys.readouterr().out.splitlines()[0].removeprefix("installed ")
    assert run(["uninstall", "--dir", str(tmp_path / "m")]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"removed {launcher}\n")
    assert "pip uninstall" in said
    assert list((tmp_path / "m").iterdir()) == []


def test_uninstall_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert run(["uninstall", "--dir", str(folder)]) == 0
        assert capsys.readouterr().out == f"nothing to remove: version {__version__} is not installed in {folder}\n"
    assert list(tmp_path.iterdir()) == []


def test_uninstall_leaves_all_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other providers, versions, machines and files, and the folders that they are in."""
    launcher = install(tmp_path)
    kind = tmp_path / "local/modelarts/modelarts"
    others = [
        kind / "0.0.1" / target() / "terraform-provider-modelarts_v0.0.1",
        kind / __version__ / "plan9_vax" / "x",
        tmp_path / "local/modelarts/other/1.0.0/x",
        tmp_path / "registry.terraform.io/hashicorp/random/notes",
        launcher.parent / "notes",
    ]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    assert run(["uninstall", "--dir", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"left {launcher.parent / 'notes'}: install did not write it" in said
    assert "still there: 0.0.1; remove each with --version" in said
    assert contents(tmp_path) == {str(path.relative_to(tmp_path)): b"mine" for path in others}


def test_uninstall_of_another_version_and_address(tmp_path: Path) -> None:
    kept = install(tmp_path)
    install(tmp_path, source="example.com/team/modelarts")
    old = launcher_in(tmp_path, version="0.0.1")
    old.parent.mkdir(parents=True)
    old.write_bytes(kept.read_bytes())
    python_of(old).write_text("/a/python\n")
    assert run(["uninstall", "--dir", str(tmp_path), "--version", "0.0.1"]) == 0
    assert run(["uninstall", "--dir", str(tmp_path), "--source", "example.com/team/modelarts"]) == 0
    assert contents(tmp_path).keys() == {str(path.relative_to(tmp_path)) for path in (kept, python_of(kept))}
    assert run(["uninstall", "--dir", str(tmp_path), "--version", "../../../.."]) == 1


@pytest.mark.parametrize("kind", ["file", "large", "link", "folder"])
def test_uninstall_removes_nothing_where_a_stranger_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    launcher, own = install(tmp_path / "m"), tmp_path / "own"
    own.write_bytes(launcher.read_bytes())
    launcher.unlink()
    if kind == "folder":
        launcher.mkdir()
    elif kind == "link":
        launcher.symlink_to(own)
    else:
        launcher.write_bytes(b"\xff" * (10 if kind == "file" else 10_000_000))
    assert run(["uninstall", "--dir", str(tmp_path / "m")]) == 1
    assert "was not written by `terraform-provider-modelarts install`. Nothing was removed" in capsys.readouterr().err
    assert python_of(launcher).is_file()
    assert own.is_file()


def test_uninstall_takes_halves_of_a_killed_install(tmp_path: Path) -> None:
    launcher = install(tmp_path)
    version = launcher.parent.parent
    for name in (f".{launcher.name}.123", f".{python_of(launcher).name}.45"):
        (version / name).touch()
    (version / f".{launcher.name}.txt").touch()
    assert run(["uninstall", "--dir", str(tmp_path)]) == 0
    assert [path.name for path in version.iterdir()] == [f".{launcher.name}.txt"]


def test_uninstall_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Root may remove everything, so the refusal is made by hand."""
    install(tmp_path)

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert run(["uninstall", "--dir", str(tmp_path)]) == 1
    assert "can't be removed: Permission denied" in capsys.readouterr().err
