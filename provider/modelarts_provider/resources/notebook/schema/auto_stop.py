"""The ``auto_stop`` attribute: its rules, and its reading from and writing to the API's lease.

The API reports a lease as it reckons it (milliseconds since the instance was made), so a user's "4h" can't be read back.
Private data therefore remembers the raw lease after each setting of ours and after each read: equal means unchanged, and
the user's text stays; different is drift, unless it asks for the same, or is what a restart of ours makes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, in_place
from modelarts_provider.framework.schema.paths import ROOT
from modelarts_provider.framework.schema.types import BOOL, STRING
from modelarts_provider.framework.schema.validators import Duration, OneOf, Problem, duration_seconds
from modelarts_provider.framework.schema.values import UNKNOWN, Json, Values
from modelarts_provider.lifecycle.lease import IDLE, LONGEST, SHORTEST, TIMING, Lease, ObservedLease
from modelarts_provider.lifecycle.power import Power, power_of
from modelarts_provider.resources.common.odd_fields import is_odd

MEMORY: Final = "lease"
"""Private data: the raw lease that the state's ``auto_stop`` stands for."""

SAME_MOMENT_MS: Final = 5000
"""How far the end of a TIMING lease may move and still be the one that was set: a restart of ours moves it by a second,
and by the time that its call takes. One whose answer Terraform never got (it alone was killed) is recognized by that."""

_RANGES: Final = {
    TIMING: Duration(SHORTEST / 1000, LONGEST / 1000, 'be from "1h" to "72h" where type is TIMING'),
    # The reference says an hour for both, a help page of 2026 says 15 minutes of idle time: the wider one, since the
    # service refuses what it doesn't take.
    IDLE: Duration(15 * 60, LONGEST / 1000, 'be from "15m" to "72h" where type is IDLE'),
}


@dataclass(frozen=True, slots=True)
class AutoStopRules:
    """What goes together: a duration unless it is disabled, and one within the range of its type."""

    def describe(self) -> str:
        """What is allowed."""
        return (
            'be { type, duration } or { enabled = false }; a TIMING duration must be from "1h" to "72h", an IDLE one from '
            '"15m" to "72h"'
        )

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem for each member that doesn't fit the others."""
        enabled, kind, duration = value["enabled"], value["type"], value["duration"]
        if enabled is UNKNOWN:
            return
        if enabled is False:
            for name in ("type", "duration"):
                if value[name] is not None:
                    yield ROOT.name(name), "can't be set together with enabled = false"
        elif duration is None:
            yield ROOT.name("duration"), 'is required, such as "4h", unless enabled = false'
        elif UNKNOWN not in (kind, duration) and kind in (None, *_RANGES) and _is_duration(duration):
            yield from ((ROOT.name("duration"), problem) for _, problem in _RANGES[kind or TIMING].check(duration))


def _is_duration(text: str) -> bool:
    return not any(True for _ in Duration().check(text))


def wanted_lease(auto_stop: Values | None) -> Lease | None:
    """The lease that a configured ``auto_stop`` asks for; None where it isn't managed."""
    if auto_stop is None:
        return None
    if auto_stop["enabled"] is False:
        return Lease.off()
    return Lease(round(duration_seconds(auto_stop["duration"]) * 1000), auto_stop["type"] or TIMING)


def same_lease(one: Any, other: Any) -> bool:
    """Whether two values of ``auto_stop`` ask for the same: ``4h`` and ``240m`` do."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one is not UNKNOWN and other is not UNKNOWN and one == other
    if UNKNOWN in (*one.values(), *other.values()):
        return False
    return wanted_lease(one) == wanted_lease(other)


AUTO_STOP: Final = Attribute(
    type=Nested(
        Nesting.SINGLE,
        {
            "enabled": Attribute(
                type=BOOL,
                description="`false` switches auto-stop off.",
                optional=True,
                change=in_place("auto_stop"),
            ),
            "type": Attribute(
                type=STRING,
                description="`TIMING` (the default): after the duration; `IDLE`: after so long without use.",
                optional=True,
                change=in_place("auto_stop"),
                validators=(OneOf((TIMING, IDLE)),),
            ),
            "duration": Attribute(
                type=STRING,
                description='How long, such as `"4h"` or `"90m"`; 1 to 72 hours for `TIMING`.',
                optional=True,
                change=in_place("auto_stop"),
                validators=(Duration(),),
            ),
        },
    ),
    description=(
        "When the instance stops by itself. Unset: not managed, and whatever is there is kept across restarts. While "
        "the instance is stopped a change waits for the next start."
    ),
    optional=True,
    change=in_place("auto_stop"),
    validators=(AutoStopRules(),),
    equivalent=same_lease,
)


def lease_to_api(auto_stop: Values | None) -> Values:
    """The part of a create request: ``lease``, or the ``duration`` of -1 that switches it off; empty if not managed."""
    lease = wanted_lease(auto_stop)
    if lease is None:
        return {}
    if lease == Lease.off():
        return {"duration": lease.duration}
    return {"lease": {"duration": lease.duration, "type": lease.type}}


def raw_lease(api: Json) -> Values:
    """What private data remembers of a lease."""
    lease = api.get("lease") or {}
    return {name: lease.get(name) for name in ("duration", "enable", "type")}


def read_auto_stop(api: Json, known: Values | None, memory: Values | None) -> Values | None:
    """The ``auto_stop`` of the state.

    Args:
        api: The notebook.
        known: The state's or the plan's value; None where it isn't managed.
        memory: What private data remembers, None where nothing.
    """
    observed = ObservedLease.from_api(api.get("lease"))
    if known is None or observed is None or power_of(str(api.get("status"))) is not Power.RUNNING:
        return known
    if memory is not None and is_remembered(memory, observed):
        return known
    found = _found(observed)
    return known if found is None or same_lease(known, found) else found


def is_remembered(memory: Any, there: ObservedLease) -> bool:
    """Whether a lease is the one that private data remembers, or the same after a restart of ours; see SAME_MOMENT_MS.

    What private data holds may be another version's, or damaged: it counts as another lease then.
    """
    if not isinstance(memory, Mapping) or not isinstance(memory.get("duration"), int | None):
        return False
    known = ObservedLease.from_api(dict(memory))
    if known is None or (known.enabled, known.type or TIMING) != (there.enabled, there.type or TIMING):
        return False
    one, other = known.duration, there.duration
    if one == other or one is None or other is None or not there.enabled:
        return one == other
    return (there.type or TIMING) == TIMING and abs(one - other) <= SAME_MOMENT_MS


def memorized(private: Values, auto_stop: Values | None, api: Json) -> Values:
    """Private data after a read: the state's ``auto_stop`` now stands for the lease that is there.

    Else a lease that a killed apply has set, which the next plan finds to be what is configured, would look like drift
    once that plan's apply compares it with what was there before.
    """
    if (
        auto_stop is None
        or not api.get("lease")
        or is_odd(api, "lease")
        or power_of(str(api.get("status"))) is not Power.RUNNING
    ):
        return private
    return private | {MEMORY: raw_lease(api)}


def _found(observed: ObservedLease) -> Values | None:
    if not observed.enabled:
        return {"enabled": False, "type": None, "duration": None}
    if observed.asked_for is None:
        return None
    return {"enabled": None, "type": observed.type, "duration": duration_text(observed.asked_for)}


def duration_text(milliseconds: int) -> str:
    """A duration as a user would write it: ``4h``, ``1h30m``, ``90s``."""
    seconds = round(milliseconds / 1000)
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else "", f"{rest}s" if rest else ""]
    return re.sub(r"^$", "0s", "".join(parts))
