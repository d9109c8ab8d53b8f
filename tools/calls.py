"""Finding and starting other programs: the one place of the tools that does."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

Version = tuple[int, int, int]


class Answer(NamedTuple):
    """What a program left behind: its exit code (127: it could not be started) and all that it printed."""

    code: int
    text: str


def capture(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
) -> Answer:
    """Runs a program to its end, with no standard input; one that takes longer than the timeout counts as not started."""
    try:
        done = subprocess.run(  # noqa: S603 - the commands are ours, and no shell reads them
            [str(part) for part in command],
            env=None if env is None else dict(env),
            cwd=cwd,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Answer(127, str(error))
    return Answer(done.returncode, done.stdout.decode("utf-8", "replace"))


def version_after(words: str, text: str) -> Version | None:
    """Reads the first version that follows the words (a regular expression) at the start of a line."""
    found = re.search(rf"^(?:{words})(\d+)\.(\d+)\.(\d+)", text, re.MULTILINE)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def programs(name: str, path: str, leave_out: Path) -> Iterator[Path]:
    """Yields the executables of a name in the order of PATH, each file once, without those in the folder to leave out."""
    seen: set[str] = set()
    for folder in path.split(os.pathsep):
        program = Path(folder or ".") / name
        real = os.path.realpath(program)
        if real not in seen and Path(folder) != leave_out and program.is_file() and os.access(program, os.X_OK):
            seen.add(real)
            yield program.absolute()
