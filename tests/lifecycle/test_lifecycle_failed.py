"""Stops and starts of what is in a failed state: which refusals are final there, and which are asked about again."""

from __future__ import annotations

import pytest
from fake_notebook import OBSERVED_RULES, Changes, FakeNotebook, Fault, run

from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.outcome import Reason
from modelarts_provider.lifecycle.power import Power

FLAVOR = {"flavor": {"flavor": "big"}}
SIZE = {"storage_size": {"storage_new_size": 80}}


@pytest.mark.parametrize("status", ["START_FAILED", "ERROR"])
def test_what_has_failed_and_cannot_be_stopped_is_started_first(status):
    notebook = FakeNotebook(status=status, rules=OBSERVED_RULES, faults={("stop", 1): Fault(Refusal.WRONG_STATE)})
    outcome = run(notebook, Changes(fields={**FLAVOR, **SIZE}), wanted=Power.STOPPED)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["update flavor", "stop", "start", "update storage_new_size", "stop"]
    assert notebook.status == "STOPPED"


@pytest.mark.parametrize("status", ["START_FAILED", "ERROR", "CREATE_FAILED"])
@pytest.mark.parametrize("kind", [Refusal.BUSY, Refusal.UNREACHABLE])
@pytest.mark.parametrize("effect", [False, True])
def test_a_stop_of_what_has_failed_is_sent_again_and_no_start_comes_before(status, kind, effect):
    notebook = FakeNotebook(status=status, faults={("stop", 1): Fault(kind, effect)})
    outcome = run(notebook, Changes(), wanted=Power.STOPPED)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == (["stop"] if effect else ["stop", "stop"])
    assert notebook.status == "STOPPED"


@pytest.mark.parametrize(
    ("kind", "reason"), [(Refusal.BUSY, Reason.FAILED_STATE), (Refusal.UNREACHABLE, Reason.UNREACHABLE)]
)
def test_what_has_failed_is_never_started_because_a_stop_had_no_answer(kind, reason):
    notebook = FakeNotebook(status="START_FAILED", always={"stop": Fault(kind)})
    outcome = run(notebook, Changes(), wanted=Power.STOPPED)
    assert outcome.error is not None
    assert outcome.error.reason is reason
    assert set(notebook.calls()) == {"stop"}
    assert notebook.status == "START_FAILED"


def test_a_start_of_what_has_failed_is_sent_again_when_it_had_no_answer():
    notebook = FakeNotebook(status="START_FAILED", faults={("start", 1): Fault(Refusal.UNREACHABLE)})
    outcome = run(notebook, Changes(), wanted=Power.RUNNING)
    assert outcome.error is None, outcome.detail
    assert (notebook.calls(), notebook.status) == (["start", "start"], "RUNNING")


@pytest.mark.parametrize("status", ["CREATE_FAILED", "DELETE_FAILED", "FROZEN"])
def test_what_has_failed_otherwise_is_not_started_to_be_stopped(status):
    notebook = FakeNotebook(status=status, always={"stop": Fault(Refusal.WRONG_STATE)})
    outcome = run(notebook, Changes(), wanted=Power.STOPPED)
    assert outcome.error is not None
    assert notebook.calls() == ["stop"]


@pytest.mark.parametrize("status", ["START_FAILED", "ERROR"])
def test_what_has_failed_and_answers_busy_for_ever_is_given_up_with_its_reason(status):
    notebook = FakeNotebook(status=status, always={"start": Fault(Refusal.BUSY)})
    outcome = run(notebook, Changes(), wanted=Power.RUNNING)
    assert outcome.error is not None
    assert outcome.error.reason is Reason.FAILED_STATE
    assert f"The notebook is {status} (no reason)." in outcome.detail
    assert set(notebook.calls()) == {"start"}
    assert 5 < notebook.time < 20, "as long as something may still end, and no longer"


def test_a_start_that_stays_busy_is_not_asked_for_again_by_restoring():
    notebook = FakeNotebook(status="START_FAILED", always={"start": Fault(Refusal.BUSY)})
    outcome = run(notebook, Changes(fields=FLAVOR), interrupted=Power.RUNNING)
    assert outcome.error is not None
    assert notebook.calls().count("start") == 6, "twelve before: restoring asked for the same again"


def test_the_refusal_of_the_update_itself_is_told_beside_that_of_the_start():
    notebook = FakeNotebook(
        status="START_FAILED",
        always={"start": Fault(Refusal.BUSY)},
        faults={("update", 1): Fault(Refusal.WRONG_STATE)},
    )
    outcome = run(notebook, Changes(fields=FLAVOR), wanted=Power.RUNNING)
    assert outcome.error is not None
    assert "the API refused the update before: " in outcome.detail
