"""What a mark calls for, from what the API shows of the notebook now: pure, and without any history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelarts_provider.lifecycle.lease import HOUR, IDLE, LONGEST, MINUTE, TIMING, Lease
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.interruption import (
    MANAGED,
    Mark,
    adopter_of,
    adopting_value,
    is_managed,
    read_mark,
    started_value,
    stopped_value,
)

LEFT = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
NOW = round(LEFT.timestamp() * 1000)
CREATED = NOW - 30 * HOUR


class Clock(datetime):
    """The moment at which every mark of these tests is left."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # the one moment, whatever is asked
        return LEFT if tz else LEFT.replace(tzinfo=None)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelarts_provider.resources.notebook.service.interruption.datetime", Clock)


def lease(sent: Lease, at: int = NOW, **other: Any) -> dict[str, Any]:
    """The API's lease after a start with this one at a moment (notebook-api 2.3: a TIMING duration counts from create_at)."""
    off = sent == Lease.off()
    shown = sent.duration + (at - CREATED if sent.type == TIMING else 0)
    shape = {"create_at": CREATED, "duration": shown, "enable": not off, "type": sent.type or TIMING, "update_at": at}
    return {**shape, **other}


def notebook(status: str, value: str, of: dict[str, Any] | None) -> dict[str, Any]:
    return {"status": status, "lease": of, "tags": [{"key": "team", "value": "a"}, {"key": MARK, "value": value}]}


FOUR_HOURS, FIVE_HOURS, IDLE_LEASE, OFF = Lease(4 * HOUR), Lease(5 * HOUR), Lease(2 * HOUR, IDLE), Lease.off()
NO_TYPE = {name: value for name, value in lease(FOUR_HOURS).items() if name != "type"}

STOPPED_BY_US = {
    "down since": ("STOPPED", lease(FOUR_HOURS), Mark.RESTART),
    "on its way down": ("STOPPING", lease(FOUR_HOURS), Mark.RESTART),
    "a stop moves update_at": ("STOPPED", lease(FOUR_HOURS, update_at=NOW + MINUTE), Mark.RESTART),
    "runs": ("RUNNING", lease(FOUR_HOURS), Mark.REMOVE),
    "starts": ("STARTING", lease(FOUR_HOURS), Mark.REMOVE),
    "started and stopped since": ("STOPPED", lease(FOUR_HOURS, NOW + MINUTE), Mark.REMOVE),
    "started with another type and stopped": ("STOPPED", lease(Lease(4 * HOUR, IDLE)), Mark.REMOVE),
    "its start failed": ("START_FAILED", lease(FIVE_HOURS), Mark.RESTART),
    "another failure": ("ERROR", lease(FOUR_HOURS), Mark.REMOVE),
    "frozen: it waits": ("FROZEN", lease(FOUR_HOURS), None),
    "frozen, and started before": ("FROZEN", lease(FOUR_HOURS, NOW + MINUTE), Mark.REMOVE),
    "without a lease": ("STOPPED", None, Mark.REMOVE),
}


@pytest.mark.parametrize("case", STOPPED_BY_US)
def test_a_mark_left_before_a_stop_counts_while_no_start_followed(case: str) -> None:
    status, now, calls_for = STOPPED_BY_US[case]
    assert read_mark(notebook(status, stopped_value(lease(FOUR_HOURS)), now)) is calls_for


SET_ANEW = {
    # the lease before our stop; when it was set last and the instance updated last, as the API says now; what follows
    "idle, nothing has moved": (IDLE_LEASE, NOW - HOUR, NOW + MINUTE, Mark.RESTART),
    "idle, started and stopped since": (IDLE_LEASE, NOW + MINUTE, NOW + 2 * MINUTE, Mark.REMOVE),
    "off, started and stopped since": (OFF, NOW + MINUTE, NOW + 2 * MINUTE, Mark.REMOVE),
    "off, nothing has moved": (OFF, NOW - HOUR, NOW - HOUR, Mark.RESTART),
    "it moves with the instance: our own stop": (OFF, NOW + MINUTE, NOW + MINUTE, Mark.RESTART),
    "it moves with the instance, long after our own stop": (OFF, NOW + 46 * MINUTE, NOW + 46 * MINUTE, Mark.REMOVE),
    "nothing says when the instance was updated": (OFF, NOW + MINUTE, None, Mark.RESTART),
    "nothing says when, long after": (OFF, NOW + 46 * MINUTE, None, Mark.REMOVE),
    "nothing says when it was set": (OFF, None, NOW + HOUR, Mark.RESTART),
}


@pytest.mark.parametrize("case", SET_ANEW)
def test_a_start_with_the_very_same_auto_stop_is_told_by_when_it_was_set(case: str) -> None:
    of, set_at, updated, calls_for = SET_ANEW[case]
    value = stopped_value(lease(of, NOW - HOUR))
    now = notebook("STOPPED", value, lease(of, NOW - HOUR, update_at=set_at))
    assert read_mark({**now, "update_at": updated}) is calls_for
    moment, run, _, fingerprint = value.split("/")
    older = notebook("STOPPED", f"{moment}/{run}/{fingerprint}", now["lease"])  # left by an older version
    assert read_mark({**older, "update_at": updated}) is Mark.RESTART


STARTED_BY_US = {
    "runs since": ("RUNNING", FOUR_HOURS, lease(FOUR_HOURS), Mark.STOP),
    "on its way up": ("STARTING", FOUR_HOURS, lease(FOUR_HOURS), Mark.STOP),
    "an image is saved": ("SNAPSHOTTING", FOUR_HOURS, lease(FOUR_HOURS), Mark.STOP),
    "the clocks differ": ("RUNNING", FOUR_HOURS, lease(FOUR_HOURS, NOW + 14 * MINUTE), Mark.STOP),
    "the clocks differ the other way": ("RUNNING", FOUR_HOURS, lease(FOUR_HOURS, NOW - 14 * MINUTE), Mark.STOP),
    "the growth moves update_at": ("RUNNING", FOUR_HOURS, lease(FOUR_HOURS, update_at=NOW + HOUR), Mark.STOP),
    "create_at is set anew": (
        "RUNNING",
        FOUR_HOURS,
        lease(FOUR_HOURS, create_at=NOW, duration=4 * HOUR),
        Mark.STOP,
    ),
    "an answer without a type": ("RUNNING", FOUR_HOURS, NO_TYPE, Mark.STOP),
    "the service's default": ("RUNNING", None, lease(Lease(HOUR)), Mark.STOP),
    "idle": ("RUNNING", IDLE_LEASE, lease(IDLE_LEASE), Mark.STOP),
    "idle, counted from create_at": (
        "RUNNING",
        IDLE_LEASE,
        lease(IDLE_LEASE, duration=2 * HOUR + NOW - CREATED),
        Mark.STOP,
    ),
    "off": ("RUNNING", OFF, lease(OFF), Mark.STOP),
    "its start failed": ("START_FAILED", FOUR_HOURS, lease(FOUR_HOURS), Mark.STOP),
    "somebody's start failed": ("START_FAILED", FOUR_HOURS, lease(FIVE_HOURS), Mark.REMOVE),
    "somebody's later start failed": ("START_FAILED", FOUR_HOURS, lease(FOUR_HOURS, NOW + HOUR), Mark.REMOVE),
    "stopped since": ("STOPPED", FOUR_HOURS, lease(FOUR_HOURS), Mark.REMOVE),
    "on its way down": ("STOPPING", FOUR_HOURS, lease(FOUR_HOURS), Mark.REMOVE),
    "another failure": ("ERROR", FOUR_HOURS, lease(FOUR_HOURS), Mark.REMOVE),
    "started by somebody later": ("RUNNING", FOUR_HOURS, lease(FOUR_HOURS, NOW + 16 * MINUTE), Mark.REMOVE),
    "never started by us": ("RUNNING", FOUR_HOURS, lease(FOUR_HOURS, NOW - 16 * MINUTE), Mark.REMOVE),
    "its lease was renewed": ("RUNNING", FOUR_HOURS, lease(FIVE_HOURS), Mark.REMOVE),
    "its lease was switched off": ("RUNNING", FOUR_HOURS, lease(OFF), Mark.REMOVE),
    "its lease was switched on": ("RUNNING", OFF, lease(FOUR_HOURS), Mark.REMOVE),
    "another type": ("RUNNING", FOUR_HOURS, lease(Lease(4 * HOUR, IDLE)), Mark.REMOVE),
    "idle, of another duration": ("RUNNING", IDLE_LEASE, lease(Lease(3 * HOUR, IDLE)), Mark.REMOVE),
    "idle, started by somebody later": ("RUNNING", IDLE_LEASE, lease(IDLE_LEASE, NOW + HOUR), Mark.REMOVE),
    "off, started by somebody later": ("RUNNING", OFF, lease(OFF, NOW + HOUR), Mark.REMOVE),
    "off, and nothing tells when": ("RUNNING", OFF, lease(OFF, update_at=None), Mark.REMOVE),
    "without a lease": ("RUNNING", FOUR_HOURS, None, Mark.REMOVE),
}


@pytest.mark.parametrize("case", STARTED_BY_US)
def test_a_mark_left_before_a_start_counts_while_that_start_is_in_force(case: str) -> None:
    status, sent, now, calls_for = STARTED_BY_US[case]
    assert read_mark(notebook(status, started_value(sent, None), now)) is calls_for


@pytest.mark.parametrize(
    ("ahead", "late", "calls_for"),
    [
        (0.0, 59_000, Mark.STOP),
        (0.0, 61_000, Mark.REMOVE),
        (0.0, -61_000, Mark.REMOVE),
        (-600.0, -600_000, Mark.STOP),
        (-600.0, 0, Mark.REMOVE),
        (600.0, 601_000, Mark.STOP),
        (None, 601_000, Mark.STOP),
    ],
)
@pytest.mark.parametrize("sent", [FOUR_HOURS, IDLE_LEASE, OFF], ids=["timing", "idle", "off"])
def test_the_services_own_clock_tells_the_moment_of_a_start_closely(
    sent: Lease, ahead: float | None, late: int, calls_for: Mark
) -> None:
    """Somebody who stops it and starts it again with the very same auto-stop isn't as quick."""
    assert read_mark(notebook("RUNNING", started_value(sent, ahead), lease(sent, NOW + late))) is calls_for


sendable = st.one_of(
    st.builds(Lease, st.integers(HOUR, LONGEST), st.sampled_from([TIMING, IDLE])), st.just(OFF), st.just(Lease(HOUR))
)


@settings(deadline=None, derandomize=True)
@given(sent=sendable, late=st.integers(-14 * MINUTE, 14 * MINUTE))
def test_our_own_start_is_known_by_whatever_lease_it_sends(sent: Lease, late: int) -> None:
    value = started_value(sent, None)
    assert read_mark(notebook("RUNNING", value, lease(sent, NOW + late))) is Mark.STOP
    assert read_mark(notebook("STOPPED", value, lease(sent, NOW + late))) is Mark.REMOVE


@pytest.mark.parametrize("status", ["RUNNING", "STOPPED", "STARTING", "ERROR"])
def test_a_sign_is_no_mark(status: str) -> None:
    assert read_mark(notebook(status, MANAGED, lease(FOUR_HOURS))) is None
    assert read_mark({"status": status, "lease": lease(FOUR_HOURS), "tags": None}) is None


@pytest.mark.parametrize(
    "value",
    [
        *("", "x", "a/b", "20261123T120000Z/0123abcd/started/60/", "20261123T120000Z/0123abcd/started/60/x:TIMING:1"),
        *("yesterday/0123abcd/started/60/14400000:TIMING:1", "20261123T120000Z/0123abcd/halted/60/14400000:TIMING:1"),
        "20261123T120000Z/0123abcd/started/60/14400000:TIMING:1/more",
        "20261123T120000Z/0123abcd/started/x/14400000:TIMING:1",
    ],
)
@pytest.mark.parametrize("status", ["RUNNING", "STOPPED"])
def test_a_value_that_somebody_has_altered_moves_nothing(status: str, value: str) -> None:
    assert read_mark(notebook(status, value, lease(FOUR_HOURS))) is Mark.REMOVE


def test_an_altered_moment_moves_nothing() -> None:
    now = lease(OFF, NOW)
    value = f"yesterday/0123abcd/1/{stopped_value(now).rpartition('/')[2]}"
    assert read_mark(notebook("STOPPED", value, now)) is Mark.REMOVE


@given(sent=st.none() | sendable)
@settings(deadline=None, derandomize=True)
def test_a_value_is_one_that_a_tag_may_have(sent: Lease | None) -> None:
    """At most 255 of letters, digits and ``_.:=+-@/`` (notebook-api 1.1, tags)."""
    for value in (started_value(sent, None), stopped_value(lease(sent or Lease(HOUR)))):
        assert len(value) <= 255
        assert all(letter.isalnum() or letter in "_.:=+-@/" for letter in value)


@pytest.mark.parametrize("status", ["RUNNING", "STOPPED", "START_FAILED", "FROZEN"])
@pytest.mark.parametrize(
    ("tags", "managed", "adopter"),
    [
        (None, False, None),
        ([], False, None),
        ([{"key": "team", "value": "managed"}], False, None),
        ([{"key": MARK, "value": MANAGED}], True, None),
        ([{"key": MARK}], True, None),
        ([{"key": MARK, "value": stopped_value(None)}], True, None),
        ([{"key": MARK, "value": adopting_value("ab12")}], False, "ab12"),
    ],
)
def test_what_the_tag_says_of_who_has_a_notebook(tags: Any, managed: bool, adopter: str | None, status: str) -> None:
    api = {"status": status, "tags": tags}
    assert (is_managed(api), adopter_of(api)) == (managed, adopter)
    if adopter is not None:
        assert read_mark(api) is None, "no update was interrupted"
