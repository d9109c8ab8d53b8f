"""Cleans up after a run of ours that was killed and could not do it itself.

Usage: `python -m tools.guard NAME=VALUE FOLDER`, with a pipe from the run as standard input. While the run lives, nothing
comes through the pipe. A line `done` says that it cleaned up; an end without one, that it was killed or leaves it to us.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING

from tools.layout import ROOT
from tools.processes import end_marked

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = 8.0


def start_guard(
    mark: str, folder: Path, stdin: int | IO[bytes] = subprocess.PIPE, pass_fds: Iterable[int] = ()
) -> subprocess.Popen[bytes]:
    """Starts the process that cleans up, in a session of its own.

    Args:
        mark: An entry of the environment that the run's processes inherit, `NAME=value`.
        folder: The run's folder of temporary files; it need not exist yet.
        stdin: The end of a pipe to read from; one is made by default.
        pass_fds: Descriptors that stay open as long as it works, such as a lock.
    """
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tools.guard", mark, str(folder)],
        cwd=ROOT,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        pass_fds=tuple(pass_fds),
    )


def guarded() -> dict[str, str]:
    """Starts a guard that waits for the end of this process, and returns what the environment needs for it.

    The guard reads from a pipe whose other end stays open in this process alone, through `exec` as well: programs that
    this one starts don't inherit it.
    """
    folder = Path(tempfile.gettempdir()) / f"mt-{uuid.uuid4().hex[:8]}"  # short: sockets lie below it
    reading, writing = os.pipe()
    start_guard(f"TMPDIR={folder}", folder, stdin=reading)
    os.close(reading)
    os.set_inheritable(writing, True)
    folder.mkdir(mode=0o700)
    return {"TMPDIR": str(folder)}


def main(mark: str, folder: str) -> int:
    """Waits for the end of the run, and does what the run could not."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.read().strip() != "done":
        end_marked(mark, (), set(), _SECONDS)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
