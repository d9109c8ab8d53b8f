"""The field table, the statuses, and auto-stop arithmetic."""

from __future__ import annotations

import pytest

from modelarts_provider.lifecycle.fields import (
    FIELDS,
    UpdateCall,
    fields_needing_stop,
    fields_that_may_need_stop,
    rows,
)
from modelarts_provider.lifecycle.lease import (
    DIFFERENCE,
    HOUR,
    MINUTE,
    Lease,
    ObservedLease,
    SameDuration,
    SameMoment,
    lease_for_restart,
    lease_for_start,
    resolve,
)
from modelarts_provider.lifecycle.power import FAILED, TRANSITIONAL, Power, heading_of, power_of, read_as

DOCUMENTED_STATUSES = {
    "INIT": (None, Power.RUNNING, "INIT"),
    "CREATING": (None, Power.RUNNING, "CREATING"),
    "STARTING": (None, Power.RUNNING, "RUNNING"),
    "STOPPING": (None, Power.STOPPED, "STOPPED"),
    "DELETING": (None, None, "DELETING"),
    "RUNNING": (Power.RUNNING, Power.RUNNING, "RUNNING"),
    "STOPPED": (Power.STOPPED, Power.STOPPED, "STOPPED"),
    "SNAPSHOTTING": (None, Power.RUNNING, "RUNNING"),
    "CREATE_FAILED": (None, None, "CREATE_FAILED"),
    "START_FAILED": (None, None, "START_FAILED"),
    "DELETE_FAILED": (None, None, "DELETE_FAILED"),
    "ERROR": (None, None, "ERROR"),
    "DELETED": (None, None, "DELETED"),
    "FROZEN": (None, None, "FROZEN"),
}


@pytest.mark.parametrize("status", DOCUMENTED_STATUSES)
def test_statuses(status):
    assert (power_of(status), heading_of(status), read_as(status)) == DOCUMENTED_STATUSES[status]


def test_statuses_fall_into_one_class_each():
    classes = [FAILED, TRANSITIONAL, {"RUNNING", "STOPPED"}, {"DELETED"}]
    for status in DOCUMENTED_STATUSES:
        assert sum(status in members for members in classes) == 1


def test_every_row_has_its_evidence_and_its_effect():
    assert len(FIELDS) == len(rows())
    for field, row in zip(FIELDS.values(), rows(), strict=True):
        assert field.evidence.endswith(".")
        assert field.effect.endswith(".")
        assert (field.call is UpdateCall.PUT) == (field.body_key is not None)
        assert row.attribute == field.attribute
        assert row.sent


NEEDS = {"key_pair_names", "endpoints", "flavor", "image_id", "hooks"}
MAY = {"name", "description", "allowed_access_ips", "storage_size"}


def test_what_stops_a_running_notebook():
    every = tuple(FIELDS)
    assert set(fields_needing_stop(FIELDS, every, Power.RUNNING)) == NEEDS
    assert set(fields_that_may_need_stop(FIELDS, every, Power.RUNNING)) == MAY
    assert set(FIELDS) - NEEDS - MAY == {"tags", "auto_stop"}
    for power in (Power.STOPPED, None):
        assert fields_needing_stop(FIELDS, every, power) == ()
    assert fields_that_may_need_stop(FIELDS, every, Power.STOPPED) == ("storage_size",)
    assert fields_that_may_need_stop(FIELDS, every, None) == ()
    assert fields_needing_stop(FIELDS, ["name", "tags"], Power.RUNNING) == ()


# The documentation's own numbers: (create_at, moment of the setting, duration shown) for one hour asked for.
SAMPLES = [(1638841744515, 1638844471727, 6327212), (1638841744515, 1638843457621, 5313106)]


@pytest.mark.parametrize(
    ("lease", "wanted", "same"),
    [
        (ObservedLease(True, 7 * HOUR, "TIMING", 0, 3 * HOUR), Lease(4 * HOUR), True),
        (ObservedLease(True, 7 * HOUR, None, 0, 3 * HOUR), Lease(4 * HOUR), True),
        (ObservedLease(True, 7 * HOUR, "TIMING", 0, 3 * HOUR), Lease(7 * HOUR), False),
        (ObservedLease(True, 4 * HOUR, "IDLE", 0, 3 * HOUR), Lease(4 * HOUR), False),
        (ObservedLease(True, 4 * HOUR, "IDLE", 0, 3 * HOUR), Lease(4 * HOUR, "IDLE"), True),
        (ObservedLease(True, 4 * HOUR, "IDLE", 0, 3 * HOUR), Lease.off(), False),
        (ObservedLease(False, -1, "TIMING"), Lease.off(), True),
        (ObservedLease(False, 4 * HOUR, "TIMING"), Lease(4 * HOUR), False),
        (ObservedLease(True), Lease(HOUR), False),
    ],
)
def test_whether_a_lease_is_what_is_asked_for(lease, wanted, same):
    assert lease.asks_for(wanted) is same


@pytest.mark.parametrize(("created", "set_at", "shown"), SAMPLES)
def test_the_documentations_own_numbers(created, set_at, shown):
    lease = ObservedLease(True, shown, "TIMING", created, set_at)
    assert lease.asked_for == HOUR
    assert lease.ends_at == set_at + HOUR


@pytest.mark.parametrize(
    ("lease", "asked_for"),
    [
        (ObservedLease(True, 4 * HOUR, "IDLE", 0, 1_234_567), 4 * HOUR),
        (ObservedLease(True, 4 * HOUR + 1_234_567, "IDLE", 0, 1_234_567), 4 * HOUR),
        (ObservedLease(True, 1_234_567, "IDLE"), 1_234_567),
        (ObservedLease(True, 1_000_001, "IDLE", 0, 2_000_000), 1_000_001),
        (ObservedLease(True, 7 * HOUR, "TIMING", 0, 3 * HOUR), 4 * HOUR),
        (ObservedLease(True, 7 * HOUR, "IDLE", 0, 3 * HOUR), 7 * HOUR),
        (ObservedLease(True, 3_600_000, "TIMING", 0, 1_234_567), HOUR),
        (ObservedLease(True, 7_654_321, "TIMING", 0, 1_234_567), 6_419_754),
        (ObservedLease(False, -1), None),
        (ObservedLease(True), None),
    ],
)
def test_what_was_asked_for(lease, asked_for):
    assert lease.asked_for == asked_for


NOW = 1_000 * HOUR


def timing(remaining):
    return ObservedLease(True, NOW + DIFFERENCE + remaining, "TIMING", 0, NOW - HOUR)


@pytest.mark.parametrize(
    ("observed", "lease", "warning"),
    [
        (timing(3 * HOUR + 1), Lease(3 * HOUR + 1), None),
        (timing(HOUR), Lease(HOUR), None),
        (timing(HOUR - 1), Lease(HOUR), "had 59 min left"),
        (timing(20 * MINUTE), Lease(HOUR), "had 20 min left"),
        (timing(-5), Lease(HOUR), "had 0 s left"),
        (timing(80 * HOUR), Lease(72 * HOUR), "80 h"),
        (ObservedLease(False, -1, "TIMING", 0, 0), Lease(-1, None), None),
        (ObservedLease(True, 15 * MINUTE, "IDLE", 0, NOW), Lease(15 * MINUTE, "IDLE"), None),
        (ObservedLease(True, None, "IDLE", 0, NOW), Lease(HOUR, "IDLE"), "could not be read"),
        (ObservedLease(True, 2 * HOUR, "TIMING"), Lease(2 * HOUR), None),
        (ObservedLease(True), Lease(HOUR), "could not be read"),
        (None, None, "could not be read"),
    ],
)
def test_lease_of_our_restart(observed, lease, warning):
    sent, said = lease_for_restart(observed, NOW)
    assert sent == lease
    assert (warning is None) == (said is None)
    assert warning is None or warning in said


def test_lease_of_a_start_begins_anew():
    assert lease_for_start(timing(20 * MINUTE)) == (Lease(HOUR + 20 * MINUTE + DIFFERENCE), None)
    assert lease_for_start(ObservedLease(False, -1)) == (Lease.off(), None)


def test_resolving():
    assert resolve(Lease(5), NOW) == (Lease(5), None)
    assert resolve(SameMoment(timing(2 * HOUR)), NOW) == (Lease(2 * HOUR), None)
    assert resolve(SameDuration(timing(2 * HOUR)), NOW) == (Lease(3 * HOUR + DIFFERENCE), None)


def test_reading_the_apis_lease():
    api = {"create_at": 1, "duration": 2, "enable": True, "type": "timing", "update_at": 3}
    assert ObservedLease.from_api(api) == ObservedLease(True, 2, "TIMING", 1, 3)
    assert ObservedLease.from_api({"duration": 2}) == ObservedLease(True, 2)
    assert ObservedLease.from_api(None) is None


def test_leases_in_words():
    assert Lease(90 * MINUTE).describe() == "auto-stop after 1 h 30 min"
    assert Lease(4 * HOUR, "IDLE").describe() == "auto-stop after 4 h without use"
    assert Lease.off().describe() == "auto-stop off"
