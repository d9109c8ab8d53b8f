"""The log of the calls that reached the emulator."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST = 50_000
_SECRET_KEYS = frozenset({"password", "secret", "token", "id_token", "access", "securitytoken", "security_token"})


@dataclass(slots=True)
class Entry:
    """One call.

    Attributes:
        index: position in the log since the last reset, from 0.
        service: ``modelarts``, ``iam`` or ``metadata``.
        operation: the SDK's name of the operation, None for an unknown path.
        notebook_id: the instance that the path names or that the call made.
        status: of the answer; None when none was sent (the connection was cut, or the call is still running).
        at: real moment of arrival, UTC ms; ``emulated_at`` the same on the emulated clock.
        duration_ms: real time until the answer, None as status.
        fault: what an injected fault did to the call.
    """

    index: int
    service: str
    operation: str | None
    method: str
    path: str
    query: dict[str, str]
    body: Any
    at: int
    emulated_at: int
    user: str | None = None
    notebook_id: str | None = None
    status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: int | None = None
    fault: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry as the control answers it."""
        out = {name: getattr(self, name) for name in self.__slots__}
        out["time"] = datetime.fromtimestamp(self.at / 1000, UTC).isoformat(timespec="milliseconds")
        return out


class Journal:
    """The last calls, in the order of their arrival."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MOST)
        self._next = 0

    def add(self, entry: Entry) -> Entry:
        """Append a call."""
        entry.index = self._next
        self._next += 1
        entry.body = masked(entry.body)
        self._entries.append(entry)
        return entry

    def entries(self) -> list[Entry]:
        """All calls since the last clear."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget everything and count from 0 again."""
        self._entries.clear()
        self._next = 0


def masked(value: Any) -> Any:
    """The value with passwords and tokens at any depth replaced, for a log that people read."""
    if isinstance(value, dict):
        return {
            key: "***" if key.lower() in _SECRET_KEYS and isinstance(item, str) else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value
