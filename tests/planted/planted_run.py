"""Running one of the project's tests against a copy of the provider, whole or with one thing broken."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "modelarts_provider"
PROGRAM_ERRORS = re.compile(
    r"^E +(SyntaxError|ImportError|ModuleNotFoundError|NameError|UnboundLocalError)\b", re.MULTILINE
)


@dataclass(frozen=True)
class Plant:
    """A small breakage.

    Attributes:
        name: What is wrong then.
        file: Below ``provider/modelarts_provider``.
        old: Text that is there exactly once.
        new: What stands there instead.
        test: The node id of a test that must fail with it.
    """

    name: str
    file: str
    old: str
    new: str
    test: str


def copied(folder: Path) -> Path:
    """A copy of the provider's package in a folder, to be put on the path; its compiled files stay valid."""
    source = folder / "provider"
    shutil.copytree(ROOT / "provider" / PACKAGE, source / PACKAGE)
    return source


def broken(source: Path, plant: Plant) -> None:
    """Break the copy.

    Raises:
        AssertionError: The text isn't there, or not only once: the code has moved on, and the plant must follow it.
    """
    file = source / PACKAGE / plant.file
    text = file.read_text()
    times = text.count(plant.old)
    assert times == 1, f"the text of the plant {plant.name!r} is {times} times in {plant.file}: bring it up to date"
    assert plant.new != plant.old
    file.write_text(text.replace(plant.old, plant.new))
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def run_tests(source: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a process of their own with this copy of the provider (a plugin sees to it that it is this one)."""
    own = ("PYTEST_", "COV_", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environment["PYTHONPATH"] = os.pathsep.join([str(source), str(Path(__file__).parent)])
    environment["PLANTED_SOURCE"] = str(source)
    options = ["-p", "planted_check", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", "-q"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml"), *tests],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        timeout=240,
        check=False,
    )


def assert_turns_red(plant: Plant, folder: Path) -> None:
    """The plant's test fails with it: as a test does, not because the code can't be run."""
    source = copied(folder)
    broken(source, plant)
    done = run_tests(source, plant.test)
    said = f"{plant.name}: {plant.test}\n{done.stdout}{done.stderr}"
    assert done.returncode == 1, f"nobody noticed the plant (pytest ended with {done.returncode})\n{said}"
    assert re.search(r"\b1 failed\b", done.stdout), said
    assert not re.search(r"\b\d+ (passed|errors?)\b", done.stdout), said
    assert not PROGRAM_ERRORS.search(done.stdout), f"the plant isn't a program\n{said}"


def assert_stays_green(plants: tuple[Plant, ...], folder: Path) -> None:
    """Without a plant every one of their tests passes with a copy, so that what turns them red is the plant."""
    tests = tuple(dict.fromkeys(plant.test for plant in plants))
    done = run_tests(copied(folder), *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"\b{len(tests)} passed\b", done.stdout), done.stdout
