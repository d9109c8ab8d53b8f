"""Finds the processes of a run by what all of them inherit, an entry of the environment, and ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PROC = Path("/proc")
_PAUSE = 0.05


def end_marked(
    mark: str, sessions: Iterable[int], spare: set[int], seconds: float, reap: Callable[[], None] = lambda: None
) -> list[int]:
    """Ends every process that carries a mark.

    Args:
        mark: An entry of the environment, `NAME=value`.
        sessions: Sessions to end where there is no `/proc` to look for the mark in.
        spare: Processes to leave alone.
        seconds: How long to wait for processes that were asked to end.
        reap: Called between two looks, to collect children that have ended.

    Returns:
        The processes that had to be killed.
    """
    if not _PROC.is_dir():
        for session in sessions:
            signal_session(session, signal.SIGTERM)
        return []
    asked: set[int] = set()
    until = time.monotonic() + seconds
    while left := marked(mark) - spare:
        for process in left - asked:
            _signal(process, signal.SIGTERM)
        asked |= left
        if time.monotonic() > until:
            for process in left:
                _signal(process, signal.SIGKILL)
            return sorted(left)
        time.sleep(_PAUSE)
        reap()
    return []


def marked(mark: str) -> set[int]:
    """Returns the living processes that carry a mark, this one aside."""
    found = set()
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):  # ended meanwhile, or not ours
                if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.add(int(folder.name))
    return found


def signal_session(session: int, number: signal.Signals) -> None:
    """Sends a signal to all of a session that we started; one that has ended is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, number)


def _signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(process, number)
