"""A run that takes over from one that was killed, and restores: the automatic stop comes when it would have come."""

from __future__ import annotations

import pytest
from fake_notebook import DOCUMENTED, EPOCH, Changes, FakeNotebook, Fault, run

from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.lease import HOUR, Lease, ObservedLease
from modelarts_provider.lifecycle.outcome import Reason
from modelarts_provider.lifecycle.power import Power

NAME = {"name": {"name": "new"}}
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
    outcome = run(notebook, Changes(), managed_lease=managed, mark=True, interrupted=Power.RUNNING)
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
    outcome = run(notebook, changes, managed_lease=Lease(10 * HOUR), mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert outcome.restored is True
    assert (notebook.status, notebook.calls()[-2:]) == ("RUNNING", ["start", "unmark"])
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert 0 <= 4 * HOUR - carried.duration < 10_000


@pytest.mark.parametrize("status", ["STOPPED", "STOPPING", "START_FAILED"])
def test_what_a_killed_run_owes_is_found_where_the_plan_knew_nothing_of_it(status):
    """A plan that was saved before the kill, or made without a refresh: the first look of the apply tells."""
    notebook = FakeNotebook(status=status, lease=TEN_HOURS)
    asked: list[str] = []

    def owes(seen):
        asked.append(seen.status)
        return Power.RUNNING

    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, owes=owes)
    assert outcome.error is None, outcome.detail
    assert asked == [status]
    assert (notebook.status, notebook.values["flavor"]) == ("RUNNING", "big")
    assert notebook.calls() == ["update flavor", "start", "unmark"]
    assert any("killed before it ran again" in warning for warning in outcome.warnings)
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert 0 <= 4 * HOUR - carried.duration < 60_000


def test_what_nobody_owes_stays_stopped():
    notebook = FakeNotebook(status="STOPPED", lease=TEN_HOURS)
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, owes=lambda _: None)
    assert (outcome.error, outcome.warnings, notebook.calls()) == (None, (), ["update flavor"])


def test_what_failed_to_start_is_started_even_where_its_repair_fails():
    notebook = FakeNotebook(status="START_FAILED", lease=TEN_HOURS, always={"update": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert (outcome.restored, outcome.marked) == (True, False)
    assert (notebook.status, notebook.calls()) == ("RUNNING", ["update flavor", "start", "unmark"])


def test_what_failed_to_start_and_fails_again_is_not_started_a_third_time():
    notebook = FakeNotebook(status="START_FAILED", starts_into=["START_FAILED"] * 9)
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert outcome.restored is False
    assert notebook.calls() == ["update flavor", "start"]


def test_what_failed_to_start_is_started_where_it_takes_no_change_before():
    notebook = FakeNotebook(status="START_FAILED", lease=TEN_HOURS, failed_takes_puts=False)
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, interrupted=Power.RUNNING)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["update flavor", "start", "mark", "stop", "update flavor", "start", "unmark"]
    assert (notebook.status, notebook.values) == ("RUNNING", {"flavor": "big"})


SHRINK = {"storage_size": {"storage_new_size": 20}}
BEFORE_A_PLAN = {
    "no way": (SHRINK, {}, Reason.TOO_LARGE),
    "the first look is refused": (FLAVOR, {("show", 1): Fault(Refusal.OTHER)}, Reason.REFUSED),
}


@pytest.mark.parametrize("case", BEFORE_A_PLAN)
@pytest.mark.parametrize("taken_over", TAKEN_OVER)
def test_it_runs_again_even_where_no_plan_came_about(case, taken_over):
    fields, faults, reason = BEFORE_A_PLAN[case]
    lease, managed, sent = TAKEN_OVER[taken_over]
    notebook = FakeNotebook(status="STOPPED", lease=lease, faults=dict(faults))
    outcome = run(notebook, Changes(fields=fields), managed_lease=managed, mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert outcome.error.reason is reason
    assert (outcome.restored, outcome.marked) == (True, False)
    assert (notebook.status, notebook.calls()) == ("RUNNING", ["start", "unmark"])
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert carried.type == sent.type
    assert 0 <= sent.duration - carried.duration < 10_000


def test_a_new_auto_stop_goes_with_the_start_even_where_no_plan_came_about():
    notebook = FakeNotebook(status="STOPPED", lease=TEN_HOURS)
    outcome = run(notebook, Changes(fields=SHRINK, lease=Lease(2 * HOUR)), mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert outcome.applied == {"auto_stop"}
    assert ("start", Lease(2 * HOUR)) in notebook.log


def test_what_is_wanted_stopped_is_not_started_where_no_plan_came_about():
    notebook = FakeNotebook(status="STOPPED")
    outcome = run(notebook, Changes(fields=SHRINK), wanted=Power.STOPPED, mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert "start" not in notebook.calls()


MARKED = {
    "done": ({}, False),
    "not restored": ({"start": Fault(Refusal.OTHER)}, True),
    "restored": ({"update": Fault(Refusal.OTHER)}, False),
    "restored, mark stays": ({"update": Fault(Refusal.OTHER), "unmark": Fault(Refusal.OTHER)}, True),
    "done, mark stays": ({"unmark": Fault(Refusal.OTHER)}, True),
    "never left": ({"mark": Fault(Refusal.OTHER), "start": Fault(Refusal.OTHER)}, None),
}


@pytest.mark.parametrize("case", MARKED)
def test_the_outcome_tells_whether_the_mark_stands(case):
    always, marked = MARKED[case]
    notebook = FakeNotebook(always=always)
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.marked is marked
    assert notebook.marks == bool(marked)


def test_a_mark_that_could_not_be_left_anew_is_the_one_that_was_there():
    notebook = FakeNotebook(status="START_FAILED", failed_takes_puts=False, always={"mark": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, interrupted=Power.RUNNING, seconds=60.0)
    assert outcome.error is not None
    assert outcome.restored is True
    assert (outcome.marked, notebook.calls()[-1]) == (False, "unmark")


@pytest.mark.parametrize("failing", ["start", "show"])
def test_the_mark_of_an_interrupted_run_stays_while_the_notebook_is_down(failing):
    notebook = FakeNotebook(status="STOPPED", always={failing: Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True, interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert "unmark" not in notebook.calls()
    assert notebook.status == "STOPPED"


def test_an_interrupted_run_that_somebody_has_mended_meanwhile_only_loses_its_mark():
    notebook = FakeNotebook(status="RUNNING")
    assert run(notebook, Changes(), mark=True, interrupted=Power.RUNNING).error is None
    assert notebook.calls() == ["unmark"]


@pytest.mark.parametrize("managed", [None, Lease(10 * HOUR)])
def test_a_restore_keeps_the_moment_of_the_automatic_stop(managed):
    notebook = FakeNotebook(lease=TEN_HOURS, always={"update": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), managed_lease=managed, mark=True)
    assert outcome.restored is True
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert 0 <= 4 * HOUR - carried.duration < 60_000


@pytest.mark.parametrize("status", ["RUNNING", "STARTING", "START_FAILED", "STOPPED"])
def test_what_an_interrupted_run_has_started_is_stopped_again(status):
    notebook = FakeNotebook(status=status, lease=TEN_HOURS)
    outcome = run(notebook, Changes(), mark=True, interrupted=Power.STOPPED)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == (["unmark"] if status == "STOPPED" else ["stop", "unmark"])
    assert (notebook.status, outcome.marked) == ("STOPPED", False)


GROWN_AND_CHANGED = Changes(fields={**FLAVOR, "storage_size": {"storage_new_size": 80}}, lease=Lease(2 * HOUR))


def test_a_repair_that_stops_does_all_that_is_left_to_do_on_the_way():
    notebook = FakeNotebook(status="RUNNING", lease=TEN_HOURS)
    outcome = run(notebook, GROWN_AND_CHANGED, mark=True, interrupted=Power.STOPPED)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["update storage_new_size", "stop", "update flavor", "unmark"]
    assert (notebook.status, notebook.lease) == ("STOPPED", TEN_HOURS)
    assert "auto_stop" not in outcome.applied
    assert any("the new value goes with the next start" in warning for warning in outcome.warnings)


@pytest.mark.parametrize("failing", ["update", "set_tags"])
def test_what_an_interrupted_run_has_started_is_stopped_even_where_its_repair_fails(failing):
    notebook = FakeNotebook(status="RUNNING", always={failing: Fault(Refusal.OTHER)})
    changes = Changes(fields=GROWN_AND_CHANGED.fields, lease=Lease(2 * HOUR), add_tags={"a": "b"})
    outcome = run(notebook, changes, mark=True, interrupted=Power.STOPPED)
    assert outcome.error is not None
    assert outcome.restored is True
    assert "auto_stop" not in outcome.applied
    assert (notebook.status, notebook.calls()[-2:]) == ("STOPPED", ["stop", "unmark"])


def test_what_an_interrupted_run_has_started_keeps_its_mark_while_it_cannot_be_stopped():
    notebook = FakeNotebook(status="RUNNING", always={"stop": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(), mark=True, interrupted=Power.STOPPED)
    assert outcome.error is not None
    assert (outcome.marked, notebook.status) == (True, "RUNNING")
    assert "unmark" not in notebook.calls()


def test_what_is_wanted_running_is_not_stopped_for_an_interrupted_run():
    notebook = FakeNotebook(status="RUNNING")
    outcome = run(notebook, Changes(), wanted=Power.RUNNING, mark=True, interrupted=Power.STOPPED)
    assert outcome.error is None
    assert notebook.calls() == ["unmark"]


def test_a_growth_that_an_earlier_run_has_begun_is_not_asked_for_again():
    notebook = FakeNotebook(status="STOPPED", rules=DOCUMENTED)
    notebook.grow(80, seconds=4.0)
    outcome = run(notebook, Changes(fields={"storage_size": {"storage_new_size": 80}, **NAME}))
    assert outcome.error is None, outcome.detail
    assert (notebook.size, notebook.calls()) == (80, ["update name"])


def test_what_somebody_deletes_is_not_updated():
    notebook = FakeNotebook(status="DELETING")
    outcome = run(notebook, Changes(fields=NAME))
    assert outcome.error is not None
    assert outcome.error.reason is Reason.GOING
    assert notebook.calls() == []
    assert outcome.detail.count("DELETING") == 1
