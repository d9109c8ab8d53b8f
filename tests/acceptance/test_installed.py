"""The installed form, with real processes: mirror, init without a network, handshake, TLS, lock file."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from terraform_workspace import CPU_8U, Workspace, clean_environment

from modelarts_emulator.testing import Control


def command_line(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modelarts_provider", *arguments],
        env={**clean_environment(), **environment},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() + oct(path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mirror")
    done = command_line("install", "--dir", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def installed(tmp_path: Path, mirror: Path, emulator: Control) -> Iterator[Workspace]:
    configuration = tmp_path / "terraform.rc"
    configuration.write_text(command_line("install", "--dir", str(mirror), "--print-config").stdout)
    folder = tmp_path / "work"
    folder.mkdir()
    temporary = tmp_path / "t"
    temporary.mkdir()
    yield Workspace(
        folder,
        emulator,
        {**clean_environment(), "TF_CLI_CONFIG_FILE": str(configuration), "TMPDIR": str(temporary)},
    )
    assert list(temporary.iterdir()) == [], "a socket folder or a temporary file was left behind"


def test_a_whole_life_and_the_plugin_folder_stays_as_it_is(installed: Workspace, mirror: Path) -> None:
    before = digest(mirror)
    installed.configure()
    assert installed.run("init", machine=False).code == 0

    installed.apply().ok()
    installed.clean()
    installed.emulator.clear_requests()
    installed.configure(flavor=CPU_8U)
    installed.apply().ok()

    assert installed.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    installed.clean()
    installed.destroy().ok()
    assert digest(mirror) == before
    assert installed.run("init", machine=False).code == 0  # the lock file still matches


def test_installing_again_and_from_another_environment_changes_no_checked_byte(tmp_path: Path) -> None:
    first = command_line("install", "--dir", str(tmp_path))
    assert first.returncode == 0
    folders = [path for path in tmp_path.rglob("*") if path.is_dir() and path.name.count("_") == 1]
    before = digest(folders[0])

    again = command_line("install", "--dir", str(tmp_path))

    assert again.returncode == 0
    assert len(folders) == 1
    assert digest(folders[0]) == before
    assert sys.prefix not in next(iter(folders[0].iterdir())).read_text()


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    done = command_line("install", "--dir", str(blocked / "mirror"))

    assert done.returncode == 1
    assert "can't be written" in done.stderr
    assert "--dir" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_launcher_whose_python_is_gone_says_so(tmp_path: Path) -> None:
    command_line("install", "--dir", str(tmp_path))
    next(tmp_path.rglob("*.python")).write_text("/nowhere/python\n")
    launcher = next(path for path in tmp_path.rglob("terraform-provider-modelarts_v*"))

    done = subprocess.run([launcher], text=True, capture_output=True, timeout=10, check=False)

    assert done.returncode == 1
    assert "/nowhere/python" in done.stdout
    assert "install" in done.stdout


def test_the_default_place_is_where_terraform_looks_by_itself(tmp_path: Path) -> None:
    done = command_line("install", HOME=str(tmp_path))

    assert done.returncode == 0
    assert list((tmp_path / ".terraform.d" / "plugins").rglob("terraform-provider-modelarts_v*"))
    assert "CDKTF_SKIP_PROVIDER_LOCK" in done.stdout


def test_without_terraform_the_executable_is_a_command_line() -> None:
    done = command_line()

    assert done.returncode == 0
    assert "install" in done.stdout
    assert os.environ.get("TF_PLUGIN_MAGIC_COOKIE") is None


@pytest.mark.parametrize(
    "name",
    ["a b", 'q"uote', "back\\slash", "${dollar", "a${b}c", "$${d", "%{e", "$HOME", "new\nline", "\\u0041", '${"f"}'],
)
def test_terraform_reads_the_configuration_of_any_folder(tmp_path: Path, emulator: Control, name: str) -> None:
    mirror, configuration, work = tmp_path / name / "mirror", tmp_path / "terraform.rc", tmp_path / "work"
    configuration.write_text(command_line("install", "--dir", str(mirror), "--print-config").stdout)
    work.mkdir()
    workspace = Workspace(work, emulator, {**clean_environment(), "TF_CLI_CONFIG_FILE": str(configuration)})
    workspace.configure()
    done = workspace.run("init", "-input=false", machine=False)
    assert done.code == 0, done.text
    assert workspace.validate().code == 0
    assert command_line("uninstall", "--dir", str(mirror)).returncode == 0
    assert list(mirror.iterdir()) == []
