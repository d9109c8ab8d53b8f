"""The mark of an update under way: a tag of ours that survives a hard kill while a notebook is out of its power state.

Its value holds when it was left, by which run, and a lease, which is how it knows what has happened since:

- Left before our stop, with the lease as it was: a start sets the lease anew, so the mark is honoured only while the
  lease is the same. A restart of ours shortens a TIMING lease by a second, which makes it another one, too.
- Left before our start of a stopped notebook (its disk grows only while it runs), with the lease that our start sends:
  the mark is honoured only while that lease is the one in force, and was set when the mark was left (by the service's
  clock, where an answer has told its time).

So a notebook that somebody started and stopped again later is none of our business. What a mark can't tell is in
decisions/0006.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from modelarts_provider.framework.schema.values import Json
from modelarts_provider.lifecycle.lease import IDLE, SHORTEST, TIMING, Lease, ObservedLease
from modelarts_provider.lifecycle.power import FROZEN, START_FAILED, Power, heading_of
from modelarts_provider.resources.common.odd_fields import is_odd
from modelarts_provider.resources.common.tags import MARK

RUN_ID: Final = secrets.token_hex(4)
MANAGED: Final = "managed"
"""The tag's value on a notebook whose create has returned: its id stands in somebody's state, so no create takes it."""

ADOPTING: Final = "adopting"
"""How the tag's value begins while a create takes an unmanaged notebook: in no state yet, so it doesn't count as managed."""

FOUND: Final = "mark"
"""Private data: what the last read made of a mark."""

STARTED: Final = "started"
"""The part of a value that tells a mark left before our start from one left before our stop, which has no such part."""

SOON_SECONDS: Final = 60
"""How far a start of ours may lie from its mark, by the service's clock: it is the call after it."""

CLOCKS_DIFFER_SECONDS: Final = 15 * 60
"""The same by a clock of ours: the service refuses requests of one that is further off (signing, APIG's documentation)."""

OWN_MOVES_MS: Final = (CLOCKS_DIFFER_SECONDS + 30 * 60) * 1000
"""How long after a mark our own stop and update may still have moved something: the usual timeouts.update, and clocks."""

_MOMENT: Final = "%Y%m%dT%H%M%SZ"


class Mark(Enum):
    """What a mark on a notebook calls for; the values stand in private data."""

    RESTART = "restart"
    """We stopped it and nobody has started it since, or the start failed: it has to run again."""

    STOP = "stop"
    """We started it, and it has run since or failed to: it has to be stopped again."""

    REMOVE = "remove"
    """It is where it was, or was moved by somebody since: only the mark has to go."""


def stopped_value(lease: Json | None) -> str:
    """The value of a mark that is left now, before our stop, on a notebook with this lease."""
    return f"{datetime.now(UTC):{_MOMENT}}/{RUN_ID}/{(lease or {}).get('update_at', 0)}/{_fingerprint(lease)}"


def started_value(lease: Lease | None, ahead: float | None) -> str:
    """The value of a mark that is left now, before our start.

    Args:
        lease: What the start sends; None is the service's default of 1 h.
        ahead: By how many seconds the service's clock is ahead of ours; None where that isn't known.
    """
    sent = lease or Lease(SHORTEST)
    fingerprint = f"{sent.duration}:{sent.type or TIMING}:{int(sent != Lease.off())}"
    moment = datetime.now(UTC) + timedelta(seconds=ahead or 0.0)
    within = CLOCKS_DIFFER_SECONDS if ahead is None else SOON_SECONDS
    return f"{moment:{_MOMENT}}/{RUN_ID}/{STARTED}/{within}/{fingerprint}"


def is_managed(api: Json) -> bool:
    """Whether a state holds a notebook: it carries the provider's tag, and not for an adoption that is under way."""
    return _value(api) is not None and adopter_of(api) is None


def adopter_of(api: Json) -> str | None:
    """The run that was adopting a notebook when it was read; None where none was."""
    adopting, _, run = (_value(api) or "").partition("/")
    return run if adopting == ADOPTING else None


def adopting_value(run: str) -> str:
    """The tag's value while a run adopts a notebook."""
    return f"{ADOPTING}/{run}"


def _value(api: Json) -> str | None:
    """The value of the provider's tag; None where there is no such tag."""
    return next((tag.get("value") or "" for tag in api.get("tags") or [] if tag.get("key") == MARK), None)


def read_mark(api: Json) -> Mark | None:
    """What the mark on a notebook calls for; None where there is none, or where it has to wait."""
    value = _value(api)
    if value is None or value == MANAGED or adopter_of(api) is not None:
        return None
    status, start = str(api.get("status")), _Start.read(value)
    if status == START_FAILED:  # the start of a killed run, or the one after our stop: what it owes is still to be done
        if start is None:
            return Mark.RESTART
        return Mark.STOP if start.is_in_force(api.get("lease")) else Mark.REMOVE
    if status == FROZEN and start is None and not _started_since(value, api):
        return None  # nothing leads out of here but a payment, after which it rests STOPPED and the mark counts again
    power = heading_of(status)
    if start is not None:
        return Mark.STOP if power is Power.RUNNING and start.is_in_force(api.get("lease")) else Mark.REMOVE
    return Mark.RESTART if power is Power.STOPPED and not _started_since(value, api) else Mark.REMOVE


def found_mark(private: Mapping[str, Any], api: Json) -> dict[str, Any]:
    """Private data with what a read makes of a mark, for the plan."""
    if is_odd(api, "tags"):  # whether there is a mark can't be told: what the last read made of it stays
        return dict(private)
    others = {key: value for key, value in private.items() if key != FOUND}
    mark = read_mark(api)
    return others if mark is None else others | {FOUND: mark.value}


def _fingerprint(lease: Json | None) -> str:
    """What a start changes of a lease, in characters that a tag may have. ``update_at`` changes with a stop as well."""
    if not lease:
        return "none"
    return f"{lease.get('duration')}:{lease.get('type')}:{int(bool(lease.get('enable', True)))}"


def _milliseconds(moment: str) -> int:
    """The moment of a mark since the epoch.

    Raises:
        ValueError: It is none.
    """
    return round(datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC).timestamp() * 1000)


def _started_since(value: str, api: Json) -> bool:
    """Whether a start has set the lease anew since a mark was left before our stop.

    Where the new one asks for the very same (auto-stop off, or the same idle time), ``update_at`` may tell. It is
    documented as the last update of the instance, so our own stop may have moved it; but where the instance was updated
    later than it says, it moves with the lease alone. Else a move long after the mark isn't our stop's.
    """
    lease, parts = api.get("lease") or {}, value.split("/")
    if parts[-1] != _fingerprint(lease):
        return True
    now, updated = lease.get("update_at"), api.get("update_at")
    if len(parts) < len(("moment", "run", "update_at", "lease")) or now is None or str(now) == parts[2]:
        return False
    if updated is not None and now < updated:
        return True
    try:
        return bool(now > _milliseconds(parts[0]) + OWN_MOVES_MS)
    except ValueError:  # somebody has altered it
        return True


@dataclass(frozen=True, slots=True)
class _Start:
    """A start of ours as its mark tells of it.

    Attributes:
        moment: When the mark was left, in milliseconds since the epoch.
        within: Milliseconds that the start may lie from that moment.
        lease: What the start sends.
    """

    moment: int
    within: int
    lease: Lease

    @classmethod
    def read(cls, value: str) -> _Start | None:
        """The start that a mark was left for; None where it was left for a stop, or isn't one of ours."""
        try:
            moment, _, kind, within, fingerprint = value.split("/")
            duration, of_type, enabled = fingerprint.split(":")
            if kind != STARTED:
                return None
            lease = Lease(int(duration), of_type) if enabled == "1" else Lease.off()
            return cls(_milliseconds(moment), int(within) * 1000, lease)
        except ValueError:
            return None

    def is_in_force(self, lease: Json | None) -> bool:
        """Whether the API's lease is the one that this start has set, at its moment."""
        observed = ObservedLease.from_api(dict(lease or {}))
        if observed is None or observed.enabled != (self.lease != Lease.off()):
            return False
        if not observed.enabled:
            set_at = observed.update_at
        elif (observed.type or TIMING) != self.lease.type:
            return False
        elif self.lease.type == IDLE:
            set_at = observed.update_at if self.lease.duration in observed.readings else None
        else:
            # No reading of update_at is needed: an answer counts the duration from create_at on.
            set_at = None if observed.ends_at is None else observed.ends_at - self.lease.duration
        return set_at is not None and abs(set_at - self.moment) <= self.within
