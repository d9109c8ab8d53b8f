"""Auto-stop ("lease") arithmetic: which duration a start must carry so that the user's setting survives.

All durations and moments are milliseconds, moments since the epoch in UTC, as in the API. The service starts a
notebook with an auto-stop of one hour when a start names none, so every start of ours names one.

The API reports ``duration`` as (moment of the last setting - create_at) + the duration asked for, hence a TIMING lease
ends at create_at + duration. Checked against the documentation's own numbers and one published live measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

MINUTE = 60_000
HOUR = 60 * MINUTE
SHORTEST = HOUR
LONGEST = 72 * HOUR
DIFFERENCE = 1000
"""A restart stops the notebook a second earlier than it would have stopped, so that its lease can be told from the
one before it: that is how a mark of an interrupted update knows that a start has followed."""

DISABLED = -1
"""Switches auto-stop off. Not documented; Huawei's own provider sends it and reads ``enable = false`` back."""

TIMING = "TIMING"
IDLE = "IDLE"


@dataclass(frozen=True, slots=True)
class Lease:
    """An auto-stop setting as it is sent.

    Attributes:
        duration: Milliseconds from the moment of sending; ``DISABLED`` switches auto-stop off.
        type: ``TIMING`` or ``IDLE``; None leaves it to the service (TIMING), as for a disabled lease.
    """

    duration: int
    type: str | None = TIMING

    @classmethod
    def off(cls) -> Lease:
        """Auto-stop switched off."""
        return cls(DISABLED, None)

    def describe(self) -> str:
        """The setting in words."""
        if self.duration == DISABLED:
            return "auto-stop off"
        if self.type == IDLE:
            return f"auto-stop after {_in_words(self.duration)} without use"
        return f"auto-stop after {_in_words(self.duration)}"


@dataclass(frozen=True, slots=True)
class ObservedLease:
    """The API's ``lease`` object. Any key may be missing from an answer, except that a lease is on or off."""

    enabled: bool
    duration: int | None = None
    type: str | None = None
    create_at: int | None = None
    update_at: int | None = None

    @classmethod
    def from_api(cls, lease: dict[str, Any] | None) -> ObservedLease | None:
        """Read the API's object; None where the answer has none."""
        if not lease:
            return None
        kind = lease.get("type")
        return cls(
            enabled=bool(lease.get("enable", True)),
            duration=lease.get("duration"),
            type=str(kind).upper() if kind else None,
            create_at=lease.get("create_at"),
            update_at=lease.get("update_at"),
        )

    @property
    def ends_at(self) -> int | None:
        """The moment at which a TIMING lease stops the notebook."""
        if self.create_at is None or self.duration is None:
            return None
        return self.create_at + self.duration

    @property
    def asked_for(self) -> int | None:
        """The duration that the last setting asked for, or None where it cannot be told.

        For TIMING the answer counts from ``create_at``. Sources leave open whether it does for IDLE, and one documented
        sample (RenewLease) shows a plain duration, so both readings are tried. People ask for whole minutes, and the
        time between two moments hardly ever is one: that tells them apart.
        """
        possible = self.readings
        if not possible:
            return None
        return next((reading for reading in possible if reading % MINUTE == 0), possible[0])

    def asks_for(self, lease: Lease) -> bool:
        """Whether this is what has been asked for already."""
        if not self.enabled or lease.duration == DISABLED:
            return not self.enabled and lease.duration == DISABLED
        return (self.type or TIMING) == (lease.type or TIMING) and self.asked_for == lease.duration

    @property
    def readings(self) -> tuple[int, ...]:
        """What the last setting may have asked for, the likeliest first; see asked_for."""
        if self.duration is None or self.duration <= 0:
            return ()
        readings = [self.duration]
        if self.create_at is not None and self.update_at is not None:
            since_setting = self.duration - (self.update_at - self.create_at)
            readings.insert(1 if self.type == IDLE else 0, since_setting)
        return tuple(reading for reading in readings if reading > 0)


@dataclass(frozen=True, slots=True)
class SameMoment:
    """For a restart of ours: the notebook stops by itself when it would have done without us."""

    observed: ObservedLease | None

    def describe(self) -> str:
        """The setting in words."""
        return "auto-stop as it was"


@dataclass(frozen=True, slots=True)
class SameDuration:
    """For a start of a notebook that was down: what was last asked for begins anew."""

    observed: ObservedLease | None

    def describe(self) -> str:
        """The setting in words."""
        return "auto-stop as it was last set"


StartLease: TypeAlias = Lease | SameMoment | SameDuration
"""What a start carries. The two rules become a duration at the moment of the start, not when it is planned."""


def lease_for_restart(observed: ObservedLease | None, now: int) -> tuple[Lease | None, str | None]:
    """The lease that a restart of ours sends, and a warning where it cannot be the one that was there.

    Args:
        observed: The lease as it was before our stop.
        now: The moment of the start.

    Returns:
        The lease to send (None: nothing is known, the service's default applies) and a warning or None.
    """
    if observed is None or not observed.enabled or observed.type == IDLE:
        return lease_for_start(observed)
    ends_at = observed.ends_at
    if ends_at is None:
        return lease_for_start(observed)
    remaining = ends_at - now - DIFFERENCE
    if remaining < SHORTEST:
        left = _in_words(max(0, remaining))
        return Lease(SHORTEST), (
            f"Auto-stop had {left} left, and the service accepts no less than 1 h: it now stops in 1 h."
        )
    return _clamped(Lease(remaining))


def lease_for_start(observed: ObservedLease | None) -> tuple[Lease | None, str | None]:
    """The lease for starting a notebook that was down, from what its last lease asked for; see lease_for_restart."""
    if observed is None:
        return None, "The auto-stop setting could not be read: the service's default (1 h) applies from this start."
    if not observed.enabled:
        return Lease.off(), None
    asked_for = observed.asked_for
    if observed.type == IDLE and asked_for is not None:
        return Lease(asked_for, IDLE), None
    if asked_for is None:
        return Lease(
            SHORTEST, observed.type or TIMING
        ), "The auto-stop duration could not be read: 1 h from this start."
    return _clamped(Lease(asked_for))


def resolve(wish: StartLease, now: int) -> tuple[Lease | None, str | None]:
    """The lease that a start sends at the moment ``now``, and a warning or None."""
    match wish:
        case Lease():
            return wish, None
        case SameMoment(observed):
            return lease_for_restart(observed, now)
        case SameDuration(observed):
            return lease_for_start(observed)


def _clamped(lease: Lease) -> tuple[Lease, str | None]:
    allowed = min(max(lease.duration, SHORTEST), LONGEST)
    if allowed == lease.duration:
        return lease, None
    return Lease(allowed, lease.type), (
        f"Auto-stop was to come in {_in_words(lease.duration)}, and the service accepts 1 h to 72 h: "
        f"it now stops in {_in_words(allowed)}."
    )


def _in_words(duration: int) -> str:
    hours, rest = divmod(duration, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    words = " ".join(part for part in parts if part)
    return words or f"{rest // 1000} s"
