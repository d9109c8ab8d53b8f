"""What the service or somebody else changes between two steps of a run: it goes by what was there before our first move."""

from __future__ import annotations

from dataclasses import replace

from fake_notebook import DOCUMENTED, EPOCH, OBSERVED_RULES, Changes, FakeNotebook, Fault, run

from modelarts_provider.lifecycle.changes import Observed
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.lease import HOUR, ObservedLease
from modelarts_provider.lifecycle.outcome import Reason

FLAVOR = {"flavor": {"flavor": "big"}}
SIZE = {"storage_size": {"storage_new_size": 80}}
TEN_HOURS = ObservedLease(True, 10 * HOUR, "TIMING", EPOCH - 6 * HOUR, EPOCH - 6 * HOUR)
"""Four hours are left of it at EPOCH."""


class Forgetful(FakeNotebook):
    """A service that shows no lease of a stopped notebook."""

    def observe(self) -> Observed:
        seen = super().observe()
        return seen if self.status == "RUNNING" else replace(seen, lease=None)


def test_the_lease_before_our_stop_is_the_one_that_a_second_plan_keeps():
    """The growth is refused while it is stopped, so that the rest is planned again, from a stopped notebook."""
    notebook = Forgetful(rules=OBSERVED_RULES, lease=TEN_HOURS)
    outcome = run(notebook, Changes(fields={**FLAVOR, **SIZE}))
    assert outcome.error is None, outcome.detail
    [carried] = [entry[1] for entry in notebook.log if entry[0] == "start"]
    assert 0 <= 4 * HOUR - carried.duration < 60_000


class Late(FakeNotebook):
    """A service whose volume is in use again before it shows its new size."""

    sizes_at_start: tuple[int | None, ...] = ()

    def observe(self) -> Observed:
        return replace(super().observe(), storage_status="IN_USE")

    async def start(self, lease):
        self.sizes_at_start += (self.size,)
        await super().start(lease)


def test_a_growth_is_over_when_its_size_shows():
    notebook = Late(rules=DOCUMENTED)
    outcome = run(notebook, Changes(fields={**FLAVOR, **SIZE}))
    assert outcome.error is None, outcome.detail
    assert notebook.sizes_at_start == (80,), "no start while it grows"


def test_what_has_come_to_rest_elsewhere_is_planned_again():
    """It was starting when it was planned for, and somebody has stopped it before it rests."""
    notebook = FakeNotebook(
        status="STARTING", rules=DOCUMENTED, outside={3: lambda there: there.move("STOPPING", "STOPPED", 3.0)}
    )
    outcome = run(notebook, Changes(fields=FLAVOR))
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["update flavor"], "what somebody has stopped isn't started for it"
    assert notebook.status == "STOPPED"


class Marked(FakeNotebook):
    """Notes when it was marked, and when its start was accepted."""

    moments: tuple[tuple[str, float], ...] = ()

    async def mark_started(self, seen, lease):
        await super().mark_started(seen, lease)
        self.moments += (("mark", self.time),)

    async def start(self, lease):
        await super().start(lease)
        self.moments += (("start", self.time),)


def test_a_start_that_waits_for_capacity_is_marked_again():
    """A mark tells the moment of its start, too: one that is left long before tells of somebody else's."""
    refused = {("start", number): Fault(Refusal.NO_CAPACITY) for number in range(1, 11)}
    notebook = Marked(status="STOPPED", faults=refused)
    outcome = run(notebook, Changes(fields=SIZE), mark=True)
    assert outcome.error is None, outcome.detail
    assert (notebook.status, notebook.marks) == ("STOPPED", 0)
    *marks, (what, at) = notebook.moments
    assert (what, {name for name, _ in marks}) == ("start", {"mark"})
    assert at - marks[0][1] > 45.0, "it was waited for"
    assert at - marks[-1][1] <= 30.0
    assert len(marks) < 6, "not before each attempt"


class Throttled(FakeNotebook):
    """A service that asks for a pause, longer than anybody's timeout, once it has stopped the notebook."""

    async def _call(self, name, entry, effect):
        if self.power_log:
            raise Refused(Refusal.NO_TURN)
        await super()._call(name, entry, effect)


def test_a_pause_longer_than_the_timeout_ends_the_run_at_once_and_the_mark_stays():
    notebook = Throttled()
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.error is not None
    assert outcome.error.reason is Reason.TIMEOUT
    assert notebook.time < 30.0
    assert notebook.marks == 1
    assert "a stop was accepted since; the next apply brings it back" in outcome.detail
