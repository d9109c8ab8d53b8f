"""Stamp files: what was set up, from what, so that doing it again costs nothing while nothing changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def key_of(texts: Iterable[str], files: Iterable[Path]) -> str:
    """Returns a key that changes with any of the texts and with the content of any of the files.

    Args:
        texts: Facts such as a version, in a fixed order.
        files: Files that must exist, in a fixed order.
    """
    digest = hashlib.sha256()
    for part in [*(text.encode() for text in texts), *(file.read_bytes() for file in files)]:
        digest.update(f"{len(part)}:".encode())
        digest.update(part)
    return digest.hexdigest()


def is_fresh(stamp: Path, key: str) -> bool:
    """Says whether the stamp was written for this key."""
    try:
        return stamp.read_text() == key
    except (OSError, UnicodeDecodeError):
        return False


def write(stamp: Path, key: str) -> None:
    """Writes the stamp; call it when the work is done, never before."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)
