"""Tag calls wait for no state; where the service refuses one for its state, they wait, and are sent again."""

from __future__ import annotations

from typing import Any

import pytest
from fake_notebook import HOUR, Changes, FakeNotebook, Fault, plan_update, run

from modelarts_provider.lifecycle.changes import History, Observed
from modelarts_provider.lifecycle.choose import NoWay
from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.lease import Lease
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.steps import SetTags, WaitStable

TAGS = {"add_tags": {"a": "1"}, "remove_tags": ("b",)}
SET = SetTags({"a": "1"}, ("b",))
FLAVOR = {"flavor": {"flavor": "f"}}
NAME = {"name": {"name": "n"}}
MOVING = ["STOPPING", "SNAPSHOTTING", "STARTING", "CREATING", "INIT"]
RUNNING, STOPPED = Power.RUNNING, Power.STOPPED


def seen(status: str, **more: Any) -> Observed:
    return Observed(status=status, storage_size=50, **more)


@pytest.mark.parametrize("status", [*MOVING, "RUNNING", "STOPPED", "ERROR", "FROZEN"])
def test_tags_alone_are_the_only_step(status):
    assert plan_update(Changes(**TAGS), seen(status)).steps == (SET,)


def test_tags_alone_wait_for_no_disk():
    assert plan_update(Changes(**TAGS), seen("RUNNING", storage_status="RESIZING")).steps == (SET,)


def test_tags_alone_wait_for_no_status_that_nobody_knows():
    assert plan_update(Changes(**TAGS), seen("MIGRATING")).steps == (SET,)
    assert plan_update(Changes(**TAGS), seen("MIGRATING"), RUNNING, moves=False).steps == (SET,)
    for changes, wanted in [(Changes(**TAGS), RUNNING), (Changes(**TAGS, fields=NAME), None)]:
        with pytest.raises(NoWay):
            plan_update(changes, seen("MIGRATING"), wanted)


@pytest.mark.parametrize("status", MOVING)
@pytest.mark.parametrize("fields", [NAME, FLAVOR])
def test_tags_come_before_the_wait_that_others_need(status, fields):
    assert plan_update(Changes(**TAGS, fields=fields), seen(status)).steps[:2] == (SET, WaitStable())


def test_auto_stop_waits_after_the_tags():
    changes = Changes(**TAGS, lease=Lease(HOUR))
    assert plan_update(changes, seen("STARTING")).steps[:2] == (SET, WaitStable())


@pytest.mark.parametrize(
    ("status", "wanted"), [("STARTING", RUNNING), ("SNAPSHOTTING", RUNNING), ("STOPPING", STOPPED)]
)
def test_a_power_state_that_is_only_kept_is_not_waited_for(status, wanted):
    assert plan_update(Changes(**TAGS), seen(status), wanted, moves=False).steps == (SET,)
    assert plan_update(Changes(**TAGS), seen(status), wanted).steps == (SET, WaitStable())


@pytest.mark.parametrize(("status", "wanted"), [("STARTING", STOPPED), ("STOPPING", RUNNING)])
def test_the_other_power_state_is_brought_about(status, wanted):
    steps = plan_update(Changes(**TAGS), seen(status), wanted, moves=False).steps
    assert steps[:2] == (SET, WaitStable())
    assert len(steps) > 2


def test_a_run_that_has_moved_it_waits():
    history = History(found=RUNNING, stops=1, starts=1)
    assert plan_update(Changes(**TAGS), seen("STARTING"), history=history).steps == (SET, WaitStable())


@pytest.mark.parametrize("status", MOVING[:4])
def test_no_time_passes(status):
    notebook = FakeNotebook(status=status)
    outcome = run(notebook, Changes(**TAGS))
    assert outcome.error is None
    assert (notebook.calls(), notebook.status, outcome.observed) == (["set_tags"], status, notebook.observe())
    assert notebook.counts["show"] == 2, "one look before, and the state that is returned"


@pytest.mark.parametrize("status", MOVING[:4])
def test_tags_are_set_at_once_and_the_flavor_when_it_rests(status):
    notebook = FakeNotebook(status=status)
    outcome = run(notebook, Changes(**TAGS, fields=FLAVOR), mark=True)
    assert outcome.error is None
    restart = ["mark", "stop", "update flavor", "start", "unmark"] if status != "STOPPING" else ["update flavor"]
    assert notebook.calls() == ["set_tags", *restart]
    assert notebook.marks == 0


@pytest.mark.parametrize("kind", [Refusal.BUSY, Refusal.WRONG_STATE, Refusal.ALREADY_THERE])
@pytest.mark.parametrize("status", MOVING[:4])
def test_a_refusal_for_the_state_is_waited_out(status, kind):
    notebook = FakeNotebook(status=status, faults={("set_tags", 1): Fault(kind)})
    outcome = run(notebook, Changes(**TAGS))
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["set_tags", "set_tags"]
    assert notebook.status == ("STOPPED" if status == "STOPPING" else "RUNNING")
    assert notebook.tags == {"a": "1"}
    assert outcome.applied == {"tags"}


def test_a_missing_answer_is_no_reason_to_wait():
    notebook = FakeNotebook(status="SNAPSHOTTING", faults={("set_tags", 1): Fault(Refusal.UNREACHABLE, effect=True)})
    outcome = run(notebook, Changes(**TAGS))
    assert outcome.error is None
    assert (notebook.calls(), notebook.status) == (["set_tags", "set_tags"], "SNAPSHOTTING")


def test_a_refusal_while_it_goes_elsewhere_is_planned_anew():
    """A running one that somebody stops meanwhile: tags, and the flavor without a stop of ours, and no start."""

    def stopped_by_somebody(notebook: FakeNotebook) -> None:
        notebook.move("STOPPING", "STOPPED", 12.0)

    notebook = FakeNotebook(faults={("set_tags", 1): Fault(Refusal.BUSY)}, outside={2: stopped_by_somebody})
    outcome = run(notebook, Changes(**TAGS, fields=FLAVOR), mark=True)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["set_tags", "set_tags", "update flavor"]
    assert (notebook.status, notebook.marks) == ("STOPPED", 0)


@pytest.mark.parametrize("kind", [Refusal.BUSY, Refusal.WRONG_STATE])
def test_the_mark_of_an_update_waits_as_well(kind):
    notebook = FakeNotebook(faults={("mark", 1): Fault(kind), ("unmark", 1): Fault(kind)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert (outcome.error, outcome.warnings) == (None, ())
    assert notebook.calls() == ["mark", "mark", "stop", "update flavor", "start", "unmark", "unmark"]
    assert (notebook.marks, outcome.marked, outcome.observed) == (0, False, notebook.observe())


@pytest.mark.parametrize("kind", [Refusal.BUSY, Refusal.WRONG_STATE, Refusal.OTHER])
def test_a_mark_that_stays_refused_is_done_without(kind):
    notebook = FakeNotebook(always={"mark": Fault(kind)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.error is None
    assert any("mark the notebook" in text for text in outcome.warnings)
    assert [call for call in notebook.calls() if call not in ("mark", "unmark")] == ["stop", "update flavor", "start"]
    assert notebook.calls().count("mark") == (1 if kind is Refusal.OTHER else 3)


def test_no_mark_is_left_where_somebody_has_stopped_it_meanwhile():
    def stopped_by_somebody(notebook: FakeNotebook) -> None:
        notebook.move("STOPPING", "STOPPED", 12.0)

    notebook = FakeNotebook(faults={("mark", 1): Fault(Refusal.BUSY)}, outside={2: stopped_by_somebody})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.error is None
    assert notebook.calls() == ["mark", "update flavor"]
    assert (notebook.status, outcome.marked) == ("STOPPED", None)
