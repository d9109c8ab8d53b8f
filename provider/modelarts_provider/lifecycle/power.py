"""Power states, and what each status of the API says about them.

Source of the statuses: the API's own list (no "updating" or "resizing" exists: growth shows in the volume's status).
"""

from __future__ import annotations

from enum import Enum


class Power(Enum):
    """Whether a notebook runs; the values are the API's statuses and those of ``desired_status``."""

    RUNNING = "RUNNING"
    STOPPED = "STOPPED"

    @property
    def other(self) -> Power:
        """The opposite power state."""
        return Power.STOPPED if self is Power.RUNNING else Power.RUNNING

    def __str__(self) -> str:
        return self.value


FROZEN = "FROZEN"
"""Frozen for arrears: a start is refused until the account has paid."""

START_FAILED = "START_FAILED"

DELETED = "DELETED"

GOING: frozenset[str] = frozenset({"DELETING", DELETED})
"""Statuses of what somebody has deleted."""

FAILED: frozenset[str] = frozenset({"CREATE_FAILED", START_FAILED, "DELETE_FAILED", "ERROR", FROZEN})
"""Statuses in which nothing moves any more by itself. Waits end in them at once, with ``fail_reason``."""

STARTABLE: frozenset[str] = frozenset({START_FAILED, "ERROR"})
"""Failed statuses from which a start is worth a try, though no source says so; the others have no compute or may not."""

TRANSITIONAL: frozenset[str] = frozenset({"INIT", "CREATING", "STARTING", "STOPPING", "SNAPSHOTTING", "DELETING"})
"""Statuses that end by themselves, and in which the service refuses writes."""

SETTLED: dict[str, Power] = {power.value: power for power in Power}
"""Statuses in which a notebook rests in a power state."""

_READ_AS: dict[str, Power] = {
    **SETTLED,
    "STARTING": Power.RUNNING,
    "SNAPSHOTTING": Power.RUNNING,
    "STOPPING": Power.STOPPED,
}

# A new notebook has no power state to show yet, but it becomes RUNNING when nothing goes wrong.
_BECOMES: dict[str, Power] = {**_READ_AS, "INIT": Power.RUNNING, "CREATING": Power.RUNNING}

VOLUME_PENDING: frozenset[str] = frozenset({"INITIALIZING", "RESIZING", "DELETING"})
"""Statuses of a volume in which it is still being worked on (RESIZING: documentation, the others: Huawei's provider)."""


def power_of(status: str) -> Power | None:
    """The power state in which ``status`` rests; None while it moves, and for failed or unknown statuses."""
    return SETTLED.get(status)


def heading_of(status: str) -> Power | None:
    """The power state in which a notebook with this status rests or will rest; None where none can be told."""
    return _BECOMES.get(status)


def read_as(status: str) -> str:
    """What ``desired_status`` shows for a status: the power state it rests in or goes to, any other as it is."""
    power = _READ_AS.get(status)
    return power.value if power is not None else status
