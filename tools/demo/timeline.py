"""The calls that reached the API: what an update must consist of, and how they are shown."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

LoggedCall = dict[str, Any]

# Names of the API's operations, as the official SDK calls them.
STOP, UPDATE, START = "StopNotebook", "UpdateNotebook", "StartNotebook"
ADD_TAGS, REMOVE_TAGS = "CreateNotebookTags", "DeleteNotebookTags"
# The update's three calls, alone or between setting and removing the mark that survives a killed run.
UPDATE_SEQUENCES = (
    (STOP, UPDATE, START),
    (ADD_TAGS, STOP, UPDATE, START, REMOVE_TAGS),
    (ADD_TAGS, STOP, UPDATE, START, ADD_TAGS),  # of a young instance the sign takes the mark's place
)


def is_read(call: LoggedCall) -> bool:
    """Says whether a call only looks."""
    return bool(call["method"] == "GET")


def complaints(calls: Iterable[LoggedCall], changed_id: str, fields: set[str]) -> list[str]:
    """Checks that an update was exactly: stop, one PUT with the changed fields alone, start.

    Args:
        calls: Every call since the deployment began, oldest first.
        changed_id: The one instance whose configuration changed.
        fields: The fields that the request body must have.

    Returns:
        What was otherwise, a sentence each; none when all is as it must be.
    """
    writes = [call for call in calls if not is_read(call)]
    found: list[str] = []
    strangers = [f"{call['method']} {call['path']}" for call in writes if call.get("notebook_id") != changed_id]
    if strangers:
        found.append(f"calls that change something else than the one notebook: {', '.join(strangers)}")
    sequence = tuple(call["operation"] for call in writes if call.get("notebook_id") == changed_id)
    if sequence not in UPDATE_SEQUENCES:
        found.append(f"not stop, one update, start: {', '.join(sequence) or 'no call at all'}")
    found += [
        f"{call['method']} {call['path']} was answered with {call['status']} {call.get('error_code') or ''}".rstrip()
        for call in writes
        if not 200 <= (call["status"] or 0) < 300  # noqa: PLR2004 - HTTP's range of success
    ]
    for call in writes:
        sent = set(call["body"] or {}) if call["operation"] == UPDATE else fields
        if sent != fields:
            found.append(f"the update sent {_names(sent)}; the changed fields are {_names(fields)}")
    return found


def render(calls: Sequence[LoggedCall], names: Mapping[str, str]) -> list[str]:
    """Writes the calls as a time line, a line each; reads between two writes share one line.

    Args:
        calls: The calls, oldest first, with the time as ISO text.
        names: What to call an instance, by id.
    """
    lines: list[str] = []
    reads: list[LoggedCall] = []
    start = _moment(calls[0]) if calls else 0.0
    for call in calls:
        if is_read(call):
            reads.append(call)
            continue
        lines += _reads(reads, start, names)
        reads = []
        note = ", ".join(call["body"] or {}) if call["method"] in {"PUT", "POST"} else ""
        lines.append(_line(_moment(call) - start, call["method"], _path(call, names), _status(call), note))
    return lines + _reads(reads, start, names)


def _reads(reads: Sequence[LoggedCall], start: float, names: Mapping[str, str]) -> list[str]:
    if not reads:
        return []
    counts: dict[str, int] = {}
    for call in reads:
        counts[_path(call, names)] = counts.get(_path(call, names), 0) + 1
    paths = ", ".join(f"{path} x{count}" if count > 1 else path for path, count in counts.items())
    return [_line(_moment(reads[0]) - start, "GET", paths, "", "")]


def _line(seconds: float, method: str, path: str, status: str, note: str) -> str:
    return f"{seconds:7.2f} s  {method:<6}  {path:<32}  {status:<4} {note}".rstrip()


def _path(call: LoggedCall, names: Mapping[str, str]) -> str:
    """Leaves out version and project, and writes an instance's name for its id."""
    path = "/" + "/".join(call["path"].split("/")[3:]) if call["path"].startswith("/v1/") else call["path"]
    for ident, name in names.items():
        path = path.replace(ident, f"{{{name}}}")
    return path


def _status(call: LoggedCall) -> str:
    return "cut" if call["status"] is None else str(call["status"])


def _moment(call: LoggedCall) -> float:
    return datetime.fromisoformat(call["time"]).timestamp()


def _names(fields: set[str]) -> str:
    return ", ".join(sorted(fields)) or "nothing"
