"""Lease arithmetic (reference 2.3), checked there against the numbers in the documents' own samples."""

from __future__ import annotations

from modelarts_emulator.errors import refuse, wrong_type, wrong_value
from modelarts_emulator.state.clock import HOUR, MINUTE
from modelarts_emulator.state.entities import Lease, Notebook

DEFAULT = HOUR
MAX = 72 * HOUR
OFF = -1
# Shortest accepted duration by type: the documents give 1 h for both, a help page of 2026 speaks of 15 min when idle.
MIN = {"TIMING": HOUR, "IDLE": 15 * MINUTE}


def make(duration: int, kind: str, *, created: int, now: int) -> Lease:
    """A lease set at ``now`` for an instance created at ``created``.

    TIMING prints (now - created) + duration, so that created + duration is the moment of the stop. IDLE prints what
    was asked for (assumption ``idle-duration``). -1 switches auto stop off.
    """
    if duration == OFF:
        return Lease(duration=OFF, enable=False, type=kind, update_at=now, requested=OFF)
    shown = duration + (now - created) if kind == "TIMING" else duration
    return Lease(duration=shown, enable=True, type=kind, update_at=now, requested=duration)


def stop_moment(notebook: Notebook) -> int | None:
    """When auto stop fires, or None while it is off or the instance isn't known to be idle."""
    lease = notebook.lease
    if not lease.enable:
        return None
    if lease.type == "TIMING":
        return notebook.create_at + lease.duration
    return None if notebook.idle_since is None else notebook.idle_since + lease.duration


def check_type(value: object, name: str = "lease.type") -> str:
    """TIMING or IDLE, in any letter case (a public client sends lower case)."""
    if not isinstance(value, str):
        raise wrong_type(name, "string")
    kind = value.upper()
    if kind not in MIN:
        raise wrong_value(name, "TIMING or IDLE")
    return kind


def check_duration(value: object, kind: str, name: str = "duration") -> int:
    """Milliseconds within the documented range, or -1."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type(name, "integer")
    if value != OFF and not MIN[kind] <= value <= MAX:
        raise refuse("6349", f"The parameter '{name}' must lie between {MIN[kind]} and {MAX} milliseconds, or be -1.")
    return value
