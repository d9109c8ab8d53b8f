"""The state in an SQLite file: written before a call is answered, so that a killed emulator loses nothing it confirmed.

The log of calls is not kept. A file belongs to one emulator at a time.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

APPLICATION_ID = 0x4D414E42  # "MANB"
VERSION = 1
_BUSY_SECONDS = 0.2


class StateError(Exception):
    """The file cannot be used; the text is one sentence."""


def _why_closed(path: Path) -> str:
    """SQLite has the same words for all of these."""
    if path.is_dir():
        return "it is a folder"
    if not path.parent.is_dir():
        return f"its folder {path.parent} does not exist"
    return "it, or its folder, cannot be written by this user"


class StateFile:
    """Rows of JSON by kind and id.

    Raises:
        StateError: the file is busy, corrupt, of another program or of another version.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        with self._explained("opened"):
            # no transactions of the module's own; used from one thread at a time
            self._db = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            with self._explained("read"):
                self._prepare()
        except StateError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("BEGIN EXCLUSIVE")
        application = self._pragma("application_id")
        version = self._pragma("user_version")
        empty = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
        if not empty and application != APPLICATION_ID:
            raise StateError(f"the state file {self._path} is an SQLite file of another program")
        if not empty and version != VERSION:
            raise StateError(
                f"the state file {self._path} has version {version}; this emulator reads version {VERSION}"
            )
        if not empty and self._db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise StateError(f"the state file {self._path} is corrupt; restore it, or remove it to start from nothing")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS entry (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )
        self._db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        self._db.execute(f"PRAGMA user_version={VERSION}")
        self._db.execute("COMMIT")
        # one append per commit, and a reader after a kill finds all commits
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def load(self) -> dict[str, dict[str, Any]]:
        """Everything: kind -> id -> JSON value.

        Raises:
            StateError: a row cannot be read.
        """
        found: dict[str, dict[str, Any]] = {}
        with self._explained("read"):
            for kind, ident, body in self._db.execute("SELECT kind, id, body FROM entry ORDER BY kind, id"):
                found.setdefault(kind, {})[ident] = json.loads(body)
        return found

    def write(self, rows: dict[tuple[str, str], Any], *, replace_all: bool = False) -> None:
        """Write rows in one transaction; a value of None removes the row.

        Raises:
            StateError: nothing was written.
        """
        with self._explained("written"):
            self._db.execute("BEGIN")
            try:
                if replace_all:
                    self._db.execute("DELETE FROM entry")
                for (kind, ident), value in rows.items():
                    if value is None:
                        self._db.execute("DELETE FROM entry WHERE kind = ? AND id = ?", (kind, ident))
                    else:
                        self._db.execute(
                            "INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", (kind, ident, json.dumps(value))
                        )
                self._db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let others have the file."""
        self._db.close()

    @contextlib.contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            text = str(error)
            if "locked" in text:
                text = "another process uses it"
            elif "not a database" in text or "malformed" in text:
                text = "it is corrupt or no state file; restore it, or remove it to start from nothing"
            elif "unable to open" in text:
                text = _why_closed(Path(self._path))
            raise StateError(f"the state file {self._path} cannot be {what}: {text}") from None
        except ValueError:
            raise StateError(f"the state file {self._path} holds a row that cannot be read") from None
