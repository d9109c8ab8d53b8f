"""Where the interruption tag can't be set: what is not there is not taken away."""

from __future__ import annotations

from fake_notebook import Changes, FakeNotebook, Fault, run

from modelarts_provider.lifecycle.instance import Refusal

FLAVOR = {"flavor": {"flavor": "big"}}


def test_a_tag_that_was_refused_is_not_taken_away():
    """Nothing stands there: no call, and no warning that the next plan shows it."""
    notebook = FakeNotebook(always={"mark": Fault(Refusal.OTHER), "unmark": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.error is None
    assert len(outcome.warnings) == 1
    assert "Only a kill of this very run" in outcome.warnings[0]
    assert "unmark" not in notebook.calls()


def test_a_tag_without_an_answer_is_taken_away_all_the_same():
    notebook = FakeNotebook(always={"mark": Fault(Refusal.UNREACHABLE)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.error is None
    assert notebook.calls()[-1] == "unmark"
