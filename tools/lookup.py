"""Finds programs on PATH: every one of a name, not only the first."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def programs(name: str, path: str, leave_out: Path) -> Iterator[Path]:
    """Yields the executables of a name in the order of PATH, each file once.

    Args:
        name: The program's name.
        path: The value of PATH.
        leave_out: A folder whose programs don't count: the one that the set-up itself fills.
    """
    seen: set[str] = set()
    for folder in path.split(os.pathsep):
        program = Path(folder or ".") / name
        real = os.path.realpath(program)
        if real in seen or Path(folder) == leave_out or not program.is_file() or not os.access(program, os.X_OK):
            continue
        seen.add(real)
        yield program.absolute()
