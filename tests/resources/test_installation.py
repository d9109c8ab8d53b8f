"""The mirror that Terraform reads: one launcher whose bytes never change, and errors that say what to do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modelarts_provider import __version__
from modelarts_provider.cli import run
from modelarts_provider.installation import (
    InstallationError,
    cli_configuration,
    compile_sources,
    install,
    python_of,
    target,
)


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
    with pytest.raises(InstallationError, match=f"{name} does not belong in the provider's folder.*: remove it"):
        install(tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        "modelarts", "a/b", "a/b/c/d", "//", "a//c", "", "../../x", "..", "../x/y", "x/../y", "x/y/..", "./x/y", "x/./y",
        "/x/y", "x/y/", "~/x/y", "x/y/z\n", "x/y z/w", "x/y/z\0", "a b/c/d", 'x/y/"', "x/${y}/z", "-/x/y", "x\\y/z/w", ".x/y/z",
    ],
)  # fmt: skip
def test_a_malformed_address(tmp_path: Path, source: str) -> None:
    with pytest.raises(InstallationError, match="is not a provider address: write HOST/NAMESPACE/TYPE"):
        install(tmp_path, source=source)
    assert contents(tmp_path) == {}
    assert run(["install", "--dir", str(tmp_path / "mirror"), f"--source={source}"]) == 1
    assert run(["uninstall", "--dir", str(tmp_path / "mirror"), f"--source={source}"]) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "source", ["local/modelarts/modelarts", "Example.com:8443/team-a/modelarts", "localhost/a_b/c"]
)
def test_an_address_is_read_as_terraform_compares_it(tmp_path: Path, source: str) -> None:
    assert install(tmp_path, source=source).is_relative_to(tmp_path / source.lower())


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


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("with space", "with space"),
        ('qu"ote', 'qu\\"ote'),
        ("back\\slash", "back\\\\slash"),
        ("a${b}", "a\\u0024{b}"),
        ("$${c", "$\\u0024{c"),
        ("%{d}", "\\u0025{d}"),
        ("$HOME", "$HOME"),
        ("new\nline", "new\\u000aline"),
        ("\x1b[31m", "\\u001b[31m"),
        ("ü", "ü"),
    ],
)
def test_odd_folders_are_quoted(name: str, written: str) -> None:
    assert f'path    = "/m/{written}/p"\n' in cli_configuration(Path("/m") / name / "p")


def test_a_folder_that_no_configuration_can_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of files are bytes, a configuration is UTF-8."""
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    assert run(["install", "--dir", folder, "--print-config"]) == 1
    assert "not UTF-8" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert run(["install", "--dir", folder]) == 0
    assert r"\xff" in capsys.readouterr().out


def test_a_home_of_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("install", "uninstall"):
        assert run([command, "--dir", "~no-such-user/plugins"]) == 1
        assert "~no-such-user/plugins leads nowhere" in capsys.readouterr().err


@pytest.fixture
def umask() -> Iterator[Callable[[int], None]]:
    before = os.umask(0o022)
    os.umask(before)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("value", [0o000, 0o002, 0o022])
def test_nobody_else_can_write_what_is_installed(tmp_path: Path, umask: Callable[[int], None], value: int) -> None:
    umask(value)
    install(tmp_path / "new" / "mirror")
    assert open_to_others(tmp_path) == []
    (tmp_path / "after").touch()
    assert stat.S_IMODE((tmp_path / "after").stat().st_mode) == 0o666 & ~value, "the caller's umask is as before"


def open_to_others(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)]


def test_what_an_open_installation_left_is_closed(tmp_path: Path) -> None:
    launcher = install(tmp_path)
    paths = [launcher, python_of(launcher), *(path for path in launcher.parents if path.is_relative_to(tmp_path))]
    for path in paths:
        if path != tmp_path:
            path.chmod(0o777)
    assert install(tmp_path) == launcher
    assert open_to_others(tmp_path) == []
    assert os.access(launcher, os.X_OK)


def test_byte_code_is_closed_to_others_too(tmp_path: Path, umask: Callable[[int], None], monkeypatch: Any) -> None:
    package = tmp_path / "imported_by_a_start"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("modelarts_provider.installation.IMPORTED_BY_A_START", ("imported_by_a_start",))
    umask(0o000)
    compile_sources()
    assert list((package / "__pycache__").iterdir())
    assert open_to_others(tmp_path) == []


def test_a_link_in_place_of_the_new_file_is_not_followed(tmp_path: Path) -> None:
    launcher = install(tmp_path / "mirror")
    launcher.unlink()
    target = tmp_path / "precious"
    target.write_text("mine")
    launcher.parent.with_name(f".{launcher.name}.{os.getpid()}").symlink_to(target)
    install(tmp_path / "mirror")
    assert target.read_text() == "mine"


def test_what_install_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["install", "--dir", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"installed {tmp_path}" in said
    assert "--print-config" in said
    assert "CDKTF_SKIP_PROVIDER_LOCK=true" in said


def test_the_python_that_is_recorded_is_this_one(tmp_path: Path) -> None:
    launcher = install(tmp_path)
    assert launcher.parent.with_name(f"{launcher.parent.name}.python").read_text() == f"{sys.executable}\n"
