"""Starting other programs: the one place of the tools that does."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Answer:
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
    """Runs a program to its end, with no standard input.

    Args:
        command: The program and its arguments, never through a shell.
        env: The whole environment; None hands on this process's own.
        cwd: The folder to run in.
        timeout: Seconds; a program that takes longer is ended and counts as not started.

    Returns:
        The exit code, and stdout and stderr as one text in the order of writing.
    """
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
