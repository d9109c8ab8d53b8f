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
class Mutation:
    """A small change of the provider's code that a test must notice.

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


def copy_provider(folder: Path) -> Path:
    """Copy the provider's package into a folder for the import path; its compiled files stay valid."""
    source = folder / "provider"
    shutil.copytree(ROOT / "provider" / PACKAGE, source / PACKAGE)
    return source


def apply_mutation(source: Path, mutation: Mutation) -> None:
    """Replace the mutation's text in a copy of the provider.

    Raises:
        AssertionError: The text isn't there, or not only once: the code has changed, and the mutation must follow it.
    """
    file = source / PACKAGE / mutation.file
    text = file.read_text()
    times = text.count(mutation.old)
    assert times == 1, f"{mutation.name!r}: its text is {times} times in {mutation.file}: bring it up to date"
    assert mutation.new != mutation.old
    file.write_text(text.replace(mutation.old, mutation.new))
    for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
        compiled.unlink()


def run_tests(source: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a process of their own with this copy of the provider (a plugin sees to it that it is this one)."""
    own = ("PYTEST_", "COV_", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    environment["PYTHONPATH"] = os.pathsep.join([str(source), str(Path(__file__).parent)])
    environment["MUTATED_SOURCE"] = str(source)
    options = ["-p", "mutation_check", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=short", "-q"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--rootdir={ROOT}", "-c", str(ROOT / "pyproject.toml"), *tests],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        timeout=240,
        check=False,
    )


def assert_fails(mutation: Mutation, folder: Path) -> None:
    """Assert that the mutation's test fails as a test does, not because the code cannot be run."""
    source = copy_provider(folder)
    apply_mutation(source, mutation)
    done = run_tests(source, mutation.test)
    said = f"{mutation.name}: {mutation.test}\n{done.stdout}{done.stderr}"
    assert done.returncode == 1, f"no test noticed the mutation (pytest ended with {done.returncode})\n{said}"
    assert re.search(r"\b1 failed\b", done.stdout), said
    assert not re.search(r"\b\d+ (passed|errors?)\b", done.stdout), said
    assert not PROGRAM_ERRORS.search(done.stdout), f"the mutation does not compile\n{said}"


def assert_passes_unmutated(mutations: tuple[Mutation, ...], folder: Path) -> None:
    """Assert that every test passes with an unmutated copy, so that it is the mutation which makes it fail."""
    tests = tuple(dict.fromkeys(mutation.test for mutation in mutations))
    done = run_tests(copy_provider(folder), *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"\b{len(tests)} passed\b", done.stdout), done.stdout
