"""The mirror that Terraform reads: one launcher whose bytes never change, and errors that say what to do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelarts_provider import __version__
from modelarts_provider.cli import run
from modelarts_provider.installation import InstallationError, cli_configuration, install, target


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_layout_that_terraform_expects(tmp_path: Path) -> None:
    launcher = install(tmp_path, python="/opt/python")
    folder = f"local/modelarts/modelarts/{__version__}/{target()}"
    assert contents(tmp_path).keys() == {
        f"{folder}/terraform-provider-modelarts_v{__version__}",
        f"{folder}.python",
    }
    assert launcher == tmp_path / folder / f"terraform-provider-modelarts_v{__version__}"
    assert os.access(launcher, os.X_OK)
    assert (tmp_path / f"{folder}.python").read_text() == "/opt/python\n"


def test_installing_again_changes_no_byte_and_no_file(tmp_path: Path) -> None:
    launcher = install(tmp_path)
    before, stamp = contents(tmp_path), launcher.stat().st_mtime_ns
    assert install(tmp_path) == launcher
    assert contents(tmp_path) == before
    assert launcher.stat().st_mtime_ns == stamp


def test_the_launcher_is_the_same_for_every_python_and_place(tmp_path: Path) -> None:
    one = install(tmp_path / "one", python="/a/python").read_bytes()
    other = install(tmp_path / "a folder", python="/b/python", source="example.com/team/modelarts").read_bytes()
    assert one == other
    assert str(tmp_path).encode() not in one


def test_a_moved_python_is_taken_over_without_touching_the_launcher(tmp_path: Path) -> None:
    launcher = install(tmp_path, python="/old/python")
    stamp = launcher.stat().st_mtime_ns
    install(tmp_path, python="/new/python")
    assert launcher.parent.with_name(f"{launcher.parent.name}.python").read_text() == "/new/python\n"
    assert launcher.stat().st_mtime_ns == stamp


def test_a_damaged_launcher_is_mended(tmp_path: Path) -> None:
    launcher = install(tmp_path)
    right = launcher.read_bytes()
    launcher.write_text("something else")
    launcher.chmod(0o644)
    install(tmp_path)
    assert launcher.read_bytes() == right
    assert os.access(launcher, os.X_OK)


def test_the_launcher_starts_the_provider_and_leaves_nothing_behind(tmp_path: Path) -> None:
    launcher = install(tmp_path / "a folder with spaces")
    before = contents(tmp_path)
    for _ in range(2):
        done = subprocess.run([launcher, "--version"], capture_output=True, text=True, check=True, timeout=60)
        assert done.stdout == f"terraform-provider-modelarts {__version__}\n"
    assert contents(tmp_path) == before


def test_a_python_that_is_gone_is_said_in_a_sentence(tmp_path: Path) -> None:
    launcher = install(tmp_path, python="/no/such/python")
    done = subprocess.run([launcher], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "its Python (/no/such/python) is gone; run 'terraform-provider-modelarts install' again" in done.stdout


@pytest.mark.parametrize("name", ["__pycache__", "stray.txt"])
def test_a_stray_file_is_named(tmp_path: Path, name: str) -> None:
    launcher = install(tmp_path)
    (launcher.parent / name).mkdir() if name == "__pycache__" else (launcher.parent / name).touch()
    with pytest.raises(InstallationError, match=f"{name} does not belong into the provider's folder.*: remove it"):
        install(tmp_path)


@pytest.mark.parametrize("source", ["modelarts", "a/b", "a/b/c/d", "//", "a//c"])
def test_a_malformed_address(tmp_path: Path, source: str) -> None:
    with pytest.raises(InstallationError, match="is no provider address: write HOST/NAMESPACE/TYPE"):
        install(tmp_path, source=source)
    assert contents(tmp_path) == {}


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file where a folder has to be stops every user, root too."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(InstallationError, match=r"can't be written: .*Choose a folder of yours with --dir"):
        install(tmp_path / "taken")
    assert run(["install", "--dir", str(tmp_path / "taken")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("terraform-provider-modelarts: ")
    assert str(tmp_path / "taken") in error
    assert "Traceback" not in error


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the refusal is made by hand."""

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(InstallationError, match=f"{tmp_path}.* can't be written: Permission denied"):
        install(tmp_path)


def test_the_printed_configuration_names_the_folder_and_the_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["install", "--dir", str(tmp_path), "--print-config"]) == 0
    printed = capsys.readouterr().out
    assert printed == cli_configuration(tmp_path)
    assert f'path    = "{tmp_path}"' in printed
    assert printed.count('["local/modelarts/modelarts"]') == 2
    assert contents(tmp_path) != {}


def test_what_install_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["install", "--dir", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"installed {tmp_path}" in said
    assert "--print-config" in said
    assert "CDKTF_SKIP_PROVIDER_LOCK=true" in said


def test_the_python_that_is_recorded_is_this_one(tmp_path: Path) -> None:
    launcher = install(tmp_path)
    assert launcher.parent.with_name(f"{launcher.parent.name}.python").read_text() == f"{sys.executable}\n"
