"""Takes away the socket folders of plugins that were killed before they could do it themselves.

The place is one that everybody may write to, such as /tmp: whatever has the name of such a folder may have been put there
by another user. So a folder counts only if it is one (no link to another), belongs to this user and holds nothing but what
a start writes, and everything in it is removed relative to that very folder.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from modelarts_provider.framework.protocol.handshake import KEY_NAME, SOCKET_NAME, folder_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A plugin that is just starting has a folder whose socket does not listen yet, for less than a millisecond.
_MIN_AGE_SECONDS: Final = 60.0

_WRITTEN_BY_A_START: Final[dict[str, Callable[[int], bool]]] = {SOCKET_NAME: stat.S_ISSOCK, KEY_NAME: stat.S_ISREG}
_NO_LINK: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_leftovers(place: Path, name: str = "provider", min_age: float = _MIN_AGE_SECONDS) -> list[Path]:
    """Remove this user's socket folders in a place that nobody listens in any more.

    Whether somebody listens is found out by connecting, which tells the truth about other containers that share the
    place, as process ids would not.

    Args:
        place: Where socket folders are made.
        name: The provider's name, which stands in theirs.
        min_age: Seconds for which a folder is left alone.

    Returns:
        The folders that were removed.
    """
    removed = []
    try:
        names = [entry.name for entry in os.scandir(place) if entry.name.startswith(folder_prefix(name))]
    except OSError:
        return []
    for each in names:
        try:
            if _remove(place / each, min_age):
                removed.append(place / each)
        except OSError:  # another start was faster, or it is none of ours
            continue
    return removed


def _remove(path: Path, min_age: float) -> bool:
    """Remove one folder, if it is what a killed start has left."""
    with _opened(path) as folder:
        facts = os.fstat(folder)
        if facts.st_uid != os.getuid() or time.time() - facts.st_mtime < min_age:
            return False
        names = os.listdir(folder)  # noqa: PTH208 - a descriptor, so that no other folder can take its place
        if not all(_is_of_a_start(name, folder) for name in names):
            return False
        if SOCKET_NAME in names and _is_listened_to(path / SOCKET_NAME):
            return False
        for name in names:
            os.unlink(name, dir_fd=folder)
    path.rmdir()  # a link in its place is no folder, and stays
    return True


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, _NO_LINK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_of_a_start(name: str, folder: int) -> bool:
    is_expected = _WRITTEN_BY_A_START.get(name)
    if is_expected is None:
        return False
    facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    return is_expected(facts.st_mode) and facts.st_uid == os.getuid()


def _is_listened_to(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # a full backlog: alive and busy
            return True
        return True
