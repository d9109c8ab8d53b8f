"""What the system knows of running processes, read from `/proc`."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_PROC = Path("/proc")
_PROVIDER = b"modelarts_provider"
_KIB = 1024


def processor_time(process: int) -> float:
    """Returns the seconds of processor time that a process has used, to the nanosecond where the system counts so."""
    try:
        threads = [task / "schedstat" for task in (_PROC / str(process) / "task").iterdir()]
        return sum(int(file.read_text().split()[0]) for file in threads) / 1e9
    except (FileNotFoundError, IndexError):
        fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_now(process: int) -> int:
    """Returns the resident bytes of a process."""
    return _status(process, "VmRSS")


def _status(process: int, name: str) -> int:
    for line in (_PROC / str(process) / "status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * _KIB
    raise ProcessLookupError(process)


class PeakMemory:
    """Watches, while a block runs, the providers that were started below this process.

    Attributes:
        bytes: The highest resident memory that any one of them had.
    """

    def __init__(self, every: float = 0.02) -> None:
        self.bytes = 0
        self._every = every
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Watch no more."""
        self._over.set()
        self._watcher.join()

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            for process in _providers_below(os.getpid()):
                try:
                    self.bytes = max(self.bytes, _status(process, "VmHWM"))
                except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                    continue


def _providers_below(process: int) -> list[int]:
    found = []
    for child in _children(process):
        try:
            if _PROVIDER in (_PROC / str(child) / "cmdline").read_bytes():
                found.append(child)
        except (FileNotFoundError, ProcessLookupError):
            continue
        found += _providers_below(child)
    return found


def _children(process: int) -> list[int]:
    children = []
    try:
        for task in (_PROC / str(process) / "task").iterdir():
            children += [int(child) for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return children
