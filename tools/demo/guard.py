"""Cleans up after a demo that was killed and could not do it itself.

Usage: `python -m tools.demo.guard RUN FOLDER`, with a pipe from the demo as standard input. While the demo lives, nothing
comes through the pipe. A line `done` says that it cleaned up; an end without one that it was killed.
"""

from __future__ import annotations

import shutil
import signal
import sys

from tools.demo.children import end_run


def main(run: str, folder: str) -> int:
    """Waits for the end of the demo, and does what the demo could not.

    Args:
        run: The mark of the demo's processes.
        folder: Its folder of temporary files.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.read().strip() != "done":
        end_run(run, (), set(), 8.0)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
