"""Takes away the socket folders of plugins that were killed before they could do it themselves."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Final

from modelarts_provider.protocol.handshake import FOLDER_PREFIX, SOCKET_NAME

# A plugin that is just starting has a folder whose socket does not listen yet, for less than a millisecond.
_MIN_AGE_SECONDS: Final = 60.0


def remove_leftovers(place: Path, min_age: float = _MIN_AGE_SECONDS) -> list[Path]:
    """Remove this user's socket folders in a place that nobody listens in any more.

    Whether somebody listens is found out by connecting, which tells the truth about other containers that share the
    place, as process ids would not.

    Returns:
        The folders that were removed.
    """
    removed = []
    try:
        folders = [Path(entry) for entry in os.scandir(place) if entry.name.startswith(FOLDER_PREFIX)]
    except OSError:
        return []
    for folder in folders:
        try:
            facts = folder.stat()
            if facts.st_uid != os.getuid() or time.time() - facts.st_mtime < min_age or _is_listened_to(folder):
                continue
            (folder / SOCKET_NAME).unlink(missing_ok=True)
            folder.rmdir()
        except OSError:  # somebody else was faster, or it holds something that is not ours to judge
            continue
        removed.append(folder)
    return removed


def _is_listened_to(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(folder / SOCKET_NAME))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:  # a full backlog: alive and busy
            return True
        return True
