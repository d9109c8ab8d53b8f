"""A run that takes over from one that was killed, and restores: the automatic stop comes when it would have come."""

from __future__ import annotations

import pytest
from fake_notebook import EPOCH, FakeNotebook, Fault, run

from modelarts_provider.lifecycle.changes import Changes
from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.lease import HOUR, Lease, ObservedLease

FLAVOR = {"flavor": {"flavor": "big"}}
TEN_HOURS = ObservedLease(True, 10 * HOUR, "TIMING", EPOCH - 6 * HOUR, EPOCH - 6 * HOUR)
"""Four hours are left of it at EPOCH."""
IDLE_LEASE = ObservedLease(True, 3 * HOUR, "IDLE", EPOCH - 6 * HOUR, EPOCH - 6 * HOUR)
NEARLY_OVER = ObservedLease(True, 6 * HOUR + 60_000, "TIMING", EPOCH - 6 * HOUR, EPOCH - 6 * HOUR)
OFF = ObservedLease(False, -1, "TIMING", EPOCH - 6 * HOUR, EPOCH - 6 * HOUR)

TAKEN_OVER = {
    "not managed": (TEN_HOURS, None, Lease(4 * HOUR)),
    "managed": (TEN_HOURS, Lease(10 * HOUR), Lease(4 * HOUR)),
    "idle": (IDLE_LEASE, None, Lease(3 * HOUR, "IDLE")),
    "idle, managed": (IDLE_LEASE, Lease(3 * HOUR, "IDLE"), Lease(3 * HOUR, "IDLE")),
    "less than an hour": (NEARLY_OVER, Lease(8 * HOUR), Lease(HOUR)),
    "off": (OFF, Lease.off(), Lease.off()),
}


@pytest.mark.parametrize("status", ["STOPPED", "START_FAILED"])
@pytest.mark.parametrize("case", TAKEN_OVER)
def test_what_an_interrupted_run_has_stopped_keeps_its_auto_stop(case, status):
    lease, managed, sent = TAKEN_OVER[case]
    notebook = FakeNotebook(status=status, lease=lease)
    outcome = run(notebook, Changes(), managed_lease=managed, mark=True, interrupted=True)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["start", "unmark"]
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert carried.type == sent.type
    assert (
        0 <= sent.duration - carried.duration < 10_000
    )  # less what this run took, and the second that tells a restart
    assert any("now stops in 1 h" in warning for warning in outcome.warnings) is (case == "less than an hour")


@pytest.mark.parametrize("failing", ["update", "set_tags"])
def test_what_an_interrupted_run_has_stopped_runs_again_even_where_its_repair_fails(failing):
    notebook = FakeNotebook(status="STOPPED", lease=TEN_HOURS, always={failing: Fault(Refusal.OTHER)})
    changes = Changes(fields=FLAVOR, add_tags={"a": "b"})
    outcome = run(notebook, changes, managed_lease=Lease(10 * HOUR), mark=True, interrupted=True)
    assert outcome.error is not None
    assert outcome.restored is True
    assert (notebook.status, notebook.calls()[-2:]) == ("RUNNING", ["start", "unmark"])
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert 0 <= 4 * HOUR - carried.duration < 10_000


@pytest.mark.parametrize("failing", ["start", "show"])
def test_the_mark_of_an_interrupted_run_stays_while_the_notebook_is_down(failing):
    notebook = FakeNotebook(status="STOPPED", always={failing: Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, interrupted=True)
    assert outcome.error is not None
    assert "unmark" not in notebook.calls()
    assert notebook.status == "STOPPED"


def test_an_interrupted_run_that_somebody_has_mended_meanwhile_only_loses_its_mark():
    notebook = FakeNotebook(status="RUNNING")
    assert run(notebook, Changes(), mark=True, interrupted=True).error is None
    assert notebook.calls() == ["unmark"]


@pytest.mark.parametrize("managed", [None, Lease(10 * HOUR)])
def test_a_restore_keeps_the_moment_of_the_automatic_stop(managed):
    notebook = FakeNotebook(lease=TEN_HOURS, always={"update": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), managed_lease=managed, mark=True)
    assert outcome.restored is True
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert 0 <= 4 * HOUR - carried.duration < 60_000
