"""Every step fails in every way: the power state comes back where that is possible, and the truth is returned."""

from __future__ import annotations

import pytest
from fake_notebook import DOCUMENTED, OBSERVED_RULES, Changes, FakeNotebook, Fault, Halt, run

from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.lease import HOUR, Lease
from modelarts_provider.lifecycle.outcome import Reason
from modelarts_provider.lifecycle.power import Power, heading_of
from modelarts_provider.lifecycle.restore import Restoration
from modelarts_provider.lifecycle.run import _once

EVERYTHING = Changes(
    fields={"flavor": {"flavor": "big"}, "name": {"name": "new"}, "storage_size": {"storage_new_size": 80}},
    add_tags={"a": "1"},
    lease=Lease(4 * HOUR),
)
GENTLE = Changes(fields={"name": {"name": "new"}}, add_tags={"a": "1"}, lease=Lease(4 * HOUR))
GROW = Changes(fields={"storage_size": {"storage_new_size": 80}})

SCENES = {
    "restart": ("RUNNING", EVERYTHING, None),
    "gentle": ("RUNNING", GENTLE, None),
    "start to grow": ("STOPPED", GROW, None),
    "wanted stopped": ("RUNNING", EVERYTHING, Power.STOPPED),
    "wanted running": ("STOPPED", EVERYTHING, Power.RUNNING),
}
CALLS = [("stop", 1), ("start", 1), ("update", 1), ("update", 2), ("update", 3), ("set_tags", 1), ("set_lease", 1)]
KINDS = list(Refusal)


def promised(status, wanted):
    return wanted or Power(status)


def check(notebook, outcome, status, wanted):
    """What holds after any run, failed or not."""
    assert notebook.power_log.count("stop") <= 1
    assert notebook.power_log.count("start") <= 1
    assert outcome.fresh
    assert outcome.observed == notebook.observe(), "the truth is what is returned"
    if outcome.error is None:
        assert outcome.restored is None
        assert notebook.status == promised(status, wanted).value
        return
    assert outcome.detail.count(".") >= 3, "what happened, where it is now, what to do"
    assert notebook.status in outcome.detail
    if outcome.restored is not False and wanted is None:
        assert heading_of(notebook.status) is Power(status), "it is as it was found"


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]}{call[1]}")
@pytest.mark.parametrize("scene", SCENES)
def test_one_fault(scene, call, kind, effect):
    status, changes, wanted = SCENES[scene]
    notebook = FakeNotebook(status=status, faults={call: Fault(kind, effect=effect)})
    outcome = run(notebook, changes, wanted=wanted)
    check(notebook, outcome, status, wanted)
    met = notebook.counts.get(call[0], 0) >= call[1]
    if met and kind in {Refusal.UNREACHABLE, Refusal.BUSY, Refusal.ALREADY_THERE}:
        assert outcome.error is None, outcome.detail
    # A single refusal of a start that is used up by it is the one way not to come back.
    if outcome.restored is False:
        assert call[0] in {"start", "stop"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {Refusal.BUSY, Refusal.GONE}])
@pytest.mark.parametrize("call", ["stop", "start", "update", "set_tags", "set_lease"])
@pytest.mark.parametrize("scene", SCENES)
def test_a_fault_that_stays(scene, call, kind):
    status, changes, wanted = SCENES[scene]
    notebook = FakeNotebook(status=status, always={call: Fault(kind)})
    outcome = run(notebook, changes, wanted=wanted, seconds=600.0, restore_timeout=300.0)
    check(notebook, outcome, status, wanted)
    assert notebook.time < 1000.0
    if notebook.counts.get(call):
        assert outcome.error is not None
        assert not {"stop", "start"} & {call} or call not in notebook.power_log
    if outcome.restored is False:
        assert call in {"stop", "start"}


@pytest.mark.parametrize("call", ["stop", "start", "update", "set_tags", "set_lease"])
@pytest.mark.parametrize("scene", SCENES)
def test_busy_for_ever_ends_with_the_timeout(scene, call):
    status, changes, wanted = SCENES[scene]
    notebook = FakeNotebook(status=status, always={call: Fault(Refusal.BUSY)})
    outcome = run(notebook, changes, wanted=wanted, seconds=400.0, restore_timeout=200.0)
    check(notebook, outcome, status, wanted)
    if notebook.counts.get(call):
        assert outcome.error is not None
        assert outcome.error.reason is Reason.TIMEOUT
        assert 400.0 <= notebook.time <= 700.0


@pytest.mark.parametrize("hangs", ["", "before", "after"], ids=["answers", "hangs-before", "hangs-after"])
@pytest.mark.parametrize("rules", [DOCUMENTED, OBSERVED_RULES], ids=["documented", "observed"])
@pytest.mark.parametrize("scene", SCENES)
def test_cancel_at_every_await(scene, rules, hangs):
    status, changes, wanted = SCENES[scene]
    undisturbed = FakeNotebook(status=status, rules=rules)
    assert run(undisturbed, changes, wanted=wanted).error is None
    for moment in range(1, undisturbed.awaits + 1):
        notebook = FakeNotebook(status=status, rules=rules, cancel_at=moment, hang_on_cancel=hangs)
        outcome = run(notebook, changes, wanted=wanted)
        assert notebook.cancelled_at is not None
        assert notebook.power_log.count("stop") <= 1
        assert notebook.power_log.count("start") <= 1
        assert outcome.observed == notebook.observe()
        if outcome.error is None:
            assert heading_of(notebook.status) is promised(status, wanted)
            continue
        assert outcome.error.reason is Reason.CANCELLED
        assert outcome.restored is not False
        notebook.finish()
        if wanted is None:
            assert notebook.status == status, f"cancelled at await {moment}: as it was found"
        assert notebook.status in {status, promised(status, wanted).value}


def test_a_stop_that_takes_effect_after_it_was_refused_is_noticed():
    def late(fake):
        fake.move("STOPPING", "STOPPED", 12.0)

    # Await 1 is the look before, 2 the refused stop, 3 the look after it: it shows RUNNING, and then the stop begins.
    notebook = FakeNotebook(faults={("stop", 1): Fault(Refusal.OTHER)}, outside={4: late})
    outcome = run(notebook, Changes(fields={"flavor": {"flavor": "big"}}))
    assert outcome.error is not None
    assert notebook.calls() == ["stop", "start"]
    assert outcome.restored is True
    assert notebook.status == "RUNNING"


def test_cancel_does_not_wait_for_a_start_to_end():
    notebook = FakeNotebook(cancel_at=4)
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.restored is True
    assert notebook.status == "STARTING"
    assert notebook.time - notebook.cancelled_at < 30.0, "the stop had to end first; the start is only sent"
    assert notebook.calls()[-1] == "start"


@pytest.mark.parametrize("seconds", [0.05, 1.0, 5.0, 12.5, 14.0, 30.0, 45.0])
@pytest.mark.parametrize("scene", SCENES)
def test_timeout_at_any_time(scene, seconds):
    status, changes, wanted = SCENES[scene]
    notebook = FakeNotebook(status=status)
    outcome = run(notebook, changes, wanted=wanted, seconds=seconds)
    check(notebook, outcome, status, wanted)
    if outcome.error is not None:
        assert outcome.error.reason is Reason.TIMEOUT
        assert outcome.restored is not False


@pytest.mark.parametrize("failed", ["ERROR", "FROZEN", "START_FAILED"])
def test_a_wait_for_a_start_ends_at_once_in_a_failed_state(failed):
    notebook = FakeNotebook(starts_into=[failed])
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.error.reason is (Reason.FROZEN if failed == "FROZEN" else Reason.FAILED_STATE)
    assert "no reason" in outcome.detail
    assert outcome.restored is False
    assert notebook.time < 90.0
    assert notebook.power_log == ["stop", "start"]
    assert outcome.observed == notebook.observe()


@pytest.mark.parametrize("failed", ["ERROR", "FROZEN"])
def test_a_wait_for_a_stop_ends_at_once_in_a_failed_state(failed):
    notebook = FakeNotebook(stops_into=failed)
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.restored is False
    assert failed in outcome.where
    assert notebook.calls() == ["set_tags", "stop"]


def test_a_put_that_breaks_the_notebook():
    notebook = FakeNotebook(put_breaks_it=True)
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.restored is False
    assert outcome.observed is not None
    assert outcome.observed.status == "ERROR"


def test_a_start_that_falls_back_to_stopped_is_not_waited_for_for_ever():
    notebook = FakeNotebook(starts_into=["STOPPED"])
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.restored is False
    assert notebook.time < 200.0
    assert notebook.power_log == ["stop", "start"]


def test_a_refused_put_leaves_what_the_api_has():
    notebook = FakeNotebook(faults={("update", 1): Fault(Refusal.OTHER)})
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.error.reason is Reason.REFUSED
    assert str(outcome.error.cause) == "fault in update"
    assert outcome.restored is True
    assert outcome.detail == (
        "Could not update name, storage.size and flavor: fault in update. "
        "The notebook was started again. It is RUNNING. "
        "Fix what the message names, and apply again."
    )
    assert notebook.calls()[-1] == "start"
    assert notebook.values == {}
    assert outcome.applied == {"tags", "auto_stop"}, "the restoring start carried auto-stop"


def test_a_defect_in_the_adapter_does_not_leave_it_stopped():
    notebook = FakeNotebook(faults={("update", 1): Halt("a defect")})
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert isinstance(outcome.error.cause, Halt)
    assert outcome.restored is True
    assert notebook.status == "RUNNING"


def test_a_notebook_that_goes_away_half_way():
    def gone(fake):
        fake.gone = True

    for moment in range(2, 20):
        notebook = FakeNotebook(outside={moment: gone})
        outcome = run(notebook, EVERYTHING)
        assert outcome.error is not None
        assert outcome.error.reason is Reason.GONE
        assert "cannot be found" in outcome.detail


def test_not_found_that_a_second_read_denies_is_not_gone():
    faults = {("update", 1): Fault(Refusal.GONE), ("start", 1): Fault(Refusal.GONE)}
    notebook = FakeNotebook(faults=faults)
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.error.reason is Reason.REFUSED
    assert outcome.restored is False
    assert outcome.observed == notebook.observe()


def test_a_service_that_is_away_after_our_stop_is_admitted():
    def away(fake):
        fake.always = {name: Fault(Refusal.UNREACHABLE) for name in ("show", "start", "update", "stop")}

    notebook = FakeNotebook(outside={6: away})
    outcome = run(notebook, EVERYTHING, seconds=300.0, restore_timeout=100.0)
    assert outcome.error is not None
    assert outcome.restored is False
    assert not outcome.fresh
    assert "could not be started again" in outcome.detail
    assert any("could not be read back" in warning for warning in outcome.warnings)
    assert notebook.time < 500.0


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("POST /start: 400 6357: busy (request id a1)", "The notebook could not be started again."),
        ("POST /start: 400 6360: full (request id a1)", None),
    ],
)
def test_a_refusal_that_comes_twice_is_told_once(first, told):
    """Each call has a request id of its own: for the rest the two are the same."""
    sentence = "The notebook could not be started again: POST /start: 400 6357: busy (request id b2)."
    assert _once(Restoration(False, sentence), f"Could not start it: {first}.").sentence == (told or sentence)


def test_a_marked_notebook_keeps_its_mark_only_while_it_is_down():
    back = FakeNotebook(faults={("update", 1): Fault(Refusal.OTHER)})
    run(back, EVERYTHING, mark=True)
    assert back.marks == 0
    down = FakeNotebook(always={"start": Fault(Refusal.OTHER)})
    run(down, EVERYTHING, mark=True)
    assert down.marks == 1


def test_failed_states_are_tried_once():
    notebook = FakeNotebook(status="START_FAILED", always={"update": Fault(Refusal.WRONG_STATE)})
    outcome = run(notebook, EVERYTHING)
    assert outcome.error is not None
    assert outcome.restored is None
    assert notebook.calls() == ["set_tags", "update flavor name storage_new_size"]
