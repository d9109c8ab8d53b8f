"""Makes `.venv` and puts the locked packages into it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools import stamps
from tools.calls import capture
from tools.environment import cleaned, for_pip
from tools.layout import ROOT, STAMPS, VENV, VENV_PYTHON
from tools.say import CannotGoOnError, say

if TYPE_CHECKING:
    from pathlib import Path

_PROBE = "import os, sys, pip; print(os.path.realpath(sys.prefix), '%d.%d.%d' % sys.version_info[:3], sep='\\n')"
_OLDEST = (3, 11)

# What pip prints -> what that means and how it is mended; the first match counts.
_PIP_FAILURES = (
    ("No space left on device", "the disk is full: make room (about 1.5 GB)"),
    (
        "DO NOT MATCH THE HASHES",
        "a downloaded file is not the locked one: clear pip's cache, or ask who runs your index",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "the package index's certificate is not trusted: set PIP_CERT to your organisation's",
    ),
    ("ProxyError", "the proxy does not answer: check HTTPS_PROXY"),
    ("Permission denied", "a file of .venv cannot be written: remove .venv, or check who owns it"),
    (
        "NewConnectionError",
        "the package index cannot be reached: check the network, a proxy (HTTPS_PROXY) or PIP_INDEX_URL",
    ),
    ("Name or service not known", "the package index cannot be reached: check the network or PIP_INDEX_URL"),
    ("name resolution", "the package index cannot be reached: check the network or PIP_INDEX_URL"),
    ("Read timed out", "the package index is too slow: try again, or set PIP_DEFAULT_TIMEOUT"),
    (
        "No matching distribution",
        "there is no ready-made package for this machine and Python: use Python 3.11, 3.12 or 3.13",
    ),
)


@dataclass(frozen=True)
class VenvState:
    """What is known of a `.venv` that can be used.

    Attributes:
        version: Its Python's version, such as `3.11.7`.
    """

    version: str

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)

    @property
    def site_packages(self) -> Path:
        """The folder of installed packages."""
        major, minor = self.minor
        return VENV / "lib" / f"python{major}.{minor}" / "site-packages"


def inspect(venv: Path = VENV) -> VenvState | None:
    """Looks at an environment that may be old, half made, moved here from elsewhere, or missing.

    Returns:
        Its state, or None when it has to be made anew.
    """
    python = venv / "bin" / "python"
    answer = capture([python, "-I", "-c", _PROBE], env=cleaned(os.environ), timeout=60)
    lines = answer.text.splitlines()
    if answer.code != 0 or lines[:1] != [str(venv)] or not _made_here(venv):
        return None
    state = VenvState(lines[-1])
    return state if state.minor >= _OLDEST else None


def _made_here(venv: Path) -> bool:
    """Says whether the environment's scripts point into it: they don't in a copied or renamed checkout."""
    try:
        start = (venv / "bin" / "pip").read_text()
    except (OSError, UnicodeDecodeError):
        return False
    return str(venv) in "".join(start.splitlines()[:2])  # a long path is in the second line, behind /bin/sh


def ensure() -> VenvState:
    """Makes sure that `.venv` holds exactly what the locks say, and the project itself.

    Returns:
        The environment's state.

    Raises:
        CannotGoOnError: it could not be made, with the reason and the mend.
    """
    state = inspect()
    wanted = running_python()
    if state is not None and os.environ.get("MODELARTS_PYTHON_CHOSEN") and state.minor != wanted:
        say(f".venv has Python {state.version}, and PYTHON asks for {wanted[0]}.{wanted[1]}.")
        state = None
    made_now = state is None
    if state is None:
        state = _create()
    locks = [ROOT / "requirements-build.lock", ROOT / "requirements.lock"]
    stamp, key = STAMPS / "python", stamps.key_of([state.version, str(ROOT)], [*locks, ROOT / "pyproject.toml"])
    if stamps.is_fresh(stamp, key):
        return state
    stamp.unlink(missing_ok=True)
    try:
        _install(locks)
    except CannotGoOnError:
        if made_now:
            raise
        say("the packages could not be brought up to date in the .venv that is here.")
        state = _create()
        _install(locks)
    stamps.write(stamp, key)
    return state


def running_python() -> tuple[int, int]:
    """Returns major and minor version of the Python that runs the set-up."""
    return sys.version_info[0], sys.version_info[1]


def _create() -> VenvState:
    if VENV.is_symlink() or VENV.exists():
        say("removing the .venv that is here: it can't be used as it is.")
        _remove(VENV)
    say(f"making .venv with Python {'.'.join(str(part) for part in sys.version_info[:3])}.")
    answer = capture([sys.executable, "-m", "venv", VENV], env=cleaned(os.environ))
    state = inspect()
    if answer.code != 0 or state is None:
        missing = "ensurepip" in answer.text
        _remove(VENV)
        if missing:
            raise CannotGoOnError(
                f"{sys.executable} cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install python3-venv)."
            )
        raise CannotGoOnError(f".venv could not be made with {sys.executable}: {_last_line(answer.text)}")
    return state


def _install(locks: list[Path]) -> None:
    say("installing the locked Python packages (about a minute the first time).")
    pip_install(*(part for lock in locks for part in ("-r", str(lock))), "--require-hashes", "--only-binary=:all:")
    pip_install("--no-build-isolation", "--no-deps", "-e", str(ROOT))


def pip_install(*arguments: str) -> None:
    """Runs pip in `.venv`.

    Args:
        arguments: What follows `pip install`.

    Raises:
        CannotGoOnError: pip failed, with the reason and the mend.
    """
    command: list[str | Path] = [
        VENV_PYTHON,
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-warn-script-location",
        *arguments,
    ]
    answer = capture(command, env=for_pip(os.environ), cwd=ROOT)
    if answer.code != 0:
        raise CannotGoOnError(explain_pip(answer.text))


def explain_pip(text: str) -> str:
    """Turns pip's output into one sentence with the reason and the mend."""
    for sign, meaning in _PIP_FAILURES:
        if sign.lower() in text.lower():
            return f"pip could not install the locked packages: {meaning}."
    return f"pip could not install the locked packages: {_last_line(text)}"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["it said nothing"])[-1]


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        try:
            shutil.rmtree(path)
        except OSError as error:
            raise CannotGoOnError(f"{path} cannot be removed ({error}): remove it yourself, then try again.") from error
