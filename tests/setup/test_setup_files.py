"""The files of the set-up: locks that pin and name no host, stamps, launchers, the Makefile."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import python_venv as stamps
from tools.calls import programs
from tools.toolchain import launcher

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def test_there_is_a_lock_for_each_part_of_the_set_up():
    assert [lock.name for lock in LOCKS] == [
        "requirements-build.lock",
        "requirements-cdktn.lock",
        "requirements-node.lock",
        "requirements-terraform.lock",
        "requirements-uv.lock",
        "requirements.lock",
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_a_version_and_hashes_and_no_address(lock):
    text = lock.read_text()
    assert "://" not in text
    requirements = text.replace("\\\n", " ").splitlines()
    assert requirements
    for requirement in requirements:
        assert re.match(r"[A-Za-z0-9._-]+==[^ ]+ ", requirement), requirement
        assert " --hash=sha256:" in requirement, requirement


def test_the_npm_lock_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        hashed = package.get("integrity", "").startswith("sha")
        assert hashed or name == "" or package.get("inBundle"), name
    assert lock["packages"]["node_modules/cdktf-cli"]["version"] == "0.21.0"
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


HOSTS = [
    f"{name}.{top}" for name, top in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com")]
]
MADE = ("node_modules", "__pycache__", "dist", "build", "cdktf.out")


def our_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in MADE and (name == ".ci" or not name.startswith("."))]
        yield from (Path(folder, name) for name in files)


def test_no_file_names_the_host_of_a_registry_of_packages():
    """Everybody's own settings say where packages come from; Terraform's registry is part of addresses."""
    files = {path: path.read_bytes() for path in our_files()}
    assert {*LOCKS, ROOT / "README.md", ROOT / ".npmrc", ROOT / ".ci" / "run"} <= set(files)
    assert [(path, host) for path, text in files.items() for host in HOSTS if host.encode() in text] == []


def test_npm_runs_no_script_of_a_package():
    settings = (ROOT / ".npmrc").read_text().splitlines()
    assert {"ignore-scripts=true", "omit-lockfile-registry-resolved=true", "audit=false", "fund=false"} <= set(settings)


def test_cdktf_reports_nothing_home():
    assert json.loads((ROOT / "cdktf.json").read_text())["sendCrashReports"] == "false"


def test_the_libraries_of_cli_and_lock_are_of_one_version():
    python = re.search(r"^cdktf==([0-9.]+) ", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert python is not None
    assert python[1] == json.loads((ROOT / "package.json").read_text())["dependencies"]["cdktf-cli"]


def test_a_stamp_is_for_one_key(tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("a==1")
    stamp = tmp_path / "stamp"
    key = stamps.key_of(["3.11.7"], [lock])
    assert not stamps.is_fresh(stamp, key)
    stamp.write_text(key)
    assert stamps.is_fresh(stamp, key)
    assert not stamps.is_fresh(stamp, stamps.key_of(["3.12.1"], [lock]))
    lock.write_text("a==2")
    assert not stamps.is_fresh(stamp, stamps.key_of(["3.11.7"], [lock]))
    stamp.write_bytes(b"\xff\xfe")
    assert not stamps.is_fresh(stamp, key)


def test_keys_do_not_run_into_each_other():
    assert stamps.key_of(["ab", "c"], []) != stamps.key_of(["a", "bc"], [])


def test_the_terraform_launcher_survives_spaces():
    text = launcher(Path("/a b/python"), "-ISB", Path("/c d/wrapper.py"), Path("/e f/lib.so"))
    assert text == "#!/bin/sh\nexec '/a b/python' -ISB '/c d/wrapper.py' '/e f/lib.so' \"$@\"\n"


def test_programs_are_looked_up_in_the_order_of_path_each_once(tmp_path):
    first, second, ours, linked = (tmp_path / name for name in ("first", "second", "ours", "linked"))
    for folder in (first, second, ours, linked):
        folder.mkdir()
    for folder in (first, second, ours):
        (folder / "node").write_text("#!/bin/sh\n")
        (folder / "node").chmod(0o755)
    (linked / "node").symlink_to(first / "node")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "node").write_text("not executable")
    path = ":".join(str(folder) for folder in (ours, tmp_path / "gone", tmp_path / "plain", first, linked, second))
    assert list(programs("node", path, leave_out=ours)) == [first / "node", second / "node"]


def run_with_python(path: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(ROOT / "tools" / "with-python"), "-c", "hello"]
    return subprocess.run(command, env={"PATH": path, **env}, capture_output=True, text=True, check=False)


def fake_python(folder: Path, name: str, version: tuple[int, int], *, starts: bool = True) -> Path:
    """Writes a program that answers the question for its version as a Python of that version would."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    check = f"import sys; sys.version_info = {(*version, 0)}; exec(sys.argv[1])"
    real = f'exec "{sys.executable}" -c "{check}" "$2"'
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = hello ]; then echo "{name} {version}"; exit 0; fi\n{real if starts else "exit 127"}\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": (3, 12)}, "python3 (3, 12)"),
        ({"python3": (3, 9), "python3.11": (3, 11)}, "python3.11 (3, 11)"),
        ({"python3": (3, 14), "python3.13": (3, 13)}, "python3.13 (3, 13)"),
        ({"python3": (3, 13), "python3.11": (3, 11)}, "python3 (3, 13)"),
    ],
)
def test_a_tested_python_is_found(tmp_path, pythons, chosen):
    for name, version in pythons.items():
        fake_python(tmp_path / "bin", name, version)
    done = run_with_python(str(tmp_path / "bin"))
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, chosen, "")


def test_a_python_that_was_asked_for_comes_first(tmp_path):
    fake_python(tmp_path / "bin", "python3", (3, 13))
    wanted = fake_python(tmp_path / "other", "snake", (3, 11))
    assert run_with_python(str(tmp_path / "bin"), PYTHON=str(wanted)).stdout.strip() == "snake (3, 11)"


def test_a_python_that_was_asked_for_and_does_not_start_is_named(tmp_path):
    fake_python(tmp_path / "bin", "python3", (3, 13))
    done = run_with_python(str(tmp_path / "bin"), PYTHON="/nowhere/python")
    assert done.stdout.strip() == "python3 (3, 13)"
    assert done.stderr.startswith("set-up: PYTHON=/nowhere/python is not a Python 3.11 or newer that starts")


def test_a_shim_that_does_not_start_is_passed_over(tmp_path):
    fake_python(tmp_path / "bin", "python3", (3, 12), starts=False)
    fake_python(tmp_path / "bin", "python3.11", (3, 11))
    assert run_with_python(str(tmp_path / "bin")).stdout.strip() == "python3.11 (3, 11)"


def test_make_alone_lists_every_target():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "lint", "fmt", "generate", "build", "install", "bench", "fresh", "clean", "help"):
        assert re.search(rf"^  make {target} +\w", done.stdout, re.MULTILINE), target
