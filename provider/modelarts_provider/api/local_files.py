"""Files of this machine that settings name: read without ever waiting for their end, whatever they turn out to be.

A path may lead to a named pipe that nobody writes to, to a device that never ends, or to a disk image: opened as it is,
each of them hangs the provider or fills the memory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 1024 * 1024
"""Files with logins have some kilobytes."""

_LONGEST_SHOWN: Final = 300
_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a named pipe, and a file is needed"),
    (stat.S_ISSOCK, "it is a socket, and a file is needed"),
    (stat.S_ISCHR, "it is a device, and a file is needed"),
    (stat.S_ISBLK, "it is a device, and a file is needed"),
)


class UnreadableFile(Exception):
    """A file can't be used; the message names it and says why.

    Attributes:
        why: The same without the path, as the end of a sentence about the file: for a path that no error may show.
        is_missing: There is no such file.
    """

    def __init__(self, path: str, why: str, *, is_missing: bool = False) -> None:
        self.why = why
        self.is_missing = is_missing
        super().__init__(f"{shown_path(path)} {why}")


def shown_path(path: str) -> str:
    """A path in a sentence: one line, and not at any length."""
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in path)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def expanded(path: str) -> Path:
    """The path with ``~`` replaced.

    Raises:
        UnreadableFile: it begins with the home of a user that there isn't.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UnreadableFile(path, "does not exist: there is no such home folder", is_missing=True) from None


def is_file(path: str) -> bool:
    """Whether there is a regular file, as far as this user may know."""
    try:
        return expanded(path).is_file()
    except (OSError, ValueError, UnreadableFile):
        return False


def read_text(path: str, most: int = MOST_BYTES) -> str:
    """The text of a regular file; a byte order mark at its beginning is left out.

    Raises:
        UnreadableFile: there is none, or it is too large, or no text in UTF-8.
    """
    with _opened(path, most) as descriptor:
        content = b""
        while len(content) <= most and (piece := os.read(descriptor, most + 1 - len(content))):
            content += piece
    if len(content) > most:  # it has grown since it was opened, or has no size, as files of /proc
        raise _too_large(path, most)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFile(path, "can't be read: it is not text in UTF-8") from None


def check_regular(path: str, most: int) -> Path:
    """The whole path of a regular file, for a library that opens it itself.

    Raises:
        UnreadableFile: there is none, it can't be opened, or it is too large.
    """
    with _opened(path, most):
        return expanded(path)


@contextmanager
def _opened(path: str, most: int) -> Iterator[int]:
    try:
        # without O_NONBLOCK, opening a pipe waits for somebody who writes
        descriptor = os.open(expanded(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except FileNotFoundError:
        raise UnreadableFile(path, "does not exist", is_missing=True) from None
    except (OSError, ValueError) as error:  # ValueError: no path has a NUL
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no path"
        raise UnreadableFile(path, f"can't be read: {why}") from None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            kind = next((words for is_kind, words in _KINDS if is_kind(facts.st_mode)), "it is no regular file")
            raise UnreadableFile(path, f"can't be read: {kind}")
        if facts.st_size > most:
            raise _too_large(path, most)
        yield descriptor
    except OSError as error:
        raise UnreadableFile(path, f"can't be read: {error.strerror or error}") from None
    finally:
        os.close(descriptor)


def _too_large(path: str, most: int) -> UnreadableFile:
    return UnreadableFile(path, f"can't be read: it is larger than {most // (1024 * 1024)} MB, so it is another file")
