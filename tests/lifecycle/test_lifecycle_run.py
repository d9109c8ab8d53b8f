"""Scenarios: what the runner calls, in the order in which the API sees it."""

from __future__ import annotations

import pytest
from fake_notebook import DOCUMENTED, EPOCH, OBSERVED_RULES, STRICT_PEER, Changes, FakeNotebook, Fault, run

from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.lease import DIFFERENCE, HOUR, Lease, ObservedLease
from modelarts_provider.lifecycle.outcome import Reason
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.restart_policy import RestartPolicy

NAME = {"name": {"name": "new"}}
FLAVOR = {"flavor": {"flavor": "big"}}
HOOKS = {"hooks": {"hooks": {}}}
SIZE = {"storage_size": {"storage_new_size": 80}}
IPS = {
    "allowed_access_ips": {
        "endpoints": [{"service": "SSH", "key_pair_names": ["k"], "allowed_access_ips": ["1.1.1.1"]}]
    }
}
ALL = {**NAME, **FLAVOR, **HOOKS, **SIZE, **IPS, "image_id": {"image_id": "i"}, "description": {"description": ""}}
ALL_KEYS = "update description endpoints flavor hooks image_id name storage_new_size"

SCENARIOS = {
    "everything, documented": ("RUNNING", DOCUMENTED, ALL, None, ["stop", ALL_KEYS, "start"], "RUNNING"),
    "everything, observed": (
        "RUNNING",
        OBSERVED_RULES,
        ALL,
        None,
        ["stop", ALL_KEYS, ALL_KEYS.replace(" storage_new_size", ""), "start", "update storage_new_size"],
        "RUNNING",
    ),
    "a peer's own split": (
        "RUNNING",
        STRICT_PEER,
        {**NAME, **FLAVOR},
        None,
        ["stop", "update flavor name", "update flavor", "start", "update name"],
        "RUNNING",
    ),
    "name, observed": ("RUNNING", OBSERVED_RULES, NAME, None, ["update name"], "RUNNING"),
    "name, documented": ("RUNNING", DOCUMENTED, NAME, None, ["update name", "stop", "update name", "start"], "RUNNING"),
    "name of a stopped one": ("STOPPED", DOCUMENTED, NAME, None, ["update name"], "STOPPED"),
    "flavor of a stopped one": ("STOPPED", OBSERVED_RULES, FLAVOR, None, ["update flavor"], "STOPPED"),
    "size of a stopped one, documented": ("STOPPED", DOCUMENTED, SIZE, None, ["update storage_new_size"], "STOPPED"),
    "size of a stopped one, observed": (
        "STOPPED",
        OBSERVED_RULES,
        SIZE,
        None,
        ["update storage_new_size", "start", "update storage_new_size", "stop"],
        "STOPPED",
    ),
    "wanted running": ("STOPPED", DOCUMENTED, FLAVOR, Power.RUNNING, ["update flavor", "start"], "RUNNING"),
    "wanted stopped": (
        "RUNNING",
        DOCUMENTED,
        {**NAME, **FLAVOR},
        Power.STOPPED,
        ["stop", "update flavor name"],
        "STOPPED",
    ),
    "wanted stopped, size": (
        "RUNNING",
        OBSERVED_RULES,
        {**SIZE, **FLAVOR},
        Power.STOPPED,
        ["update storage_new_size", "stop", "update flavor"],
        "STOPPED",
    ),
    "only power": ("RUNNING", DOCUMENTED, {}, Power.STOPPED, ["stop"], "STOPPED"),
    "nothing": ("RUNNING", DOCUMENTED, {}, None, [], "RUNNING"),
    "as it starts": ("STARTING", OBSERVED_RULES, FLAVOR, None, ["stop", "update flavor", "start"], "RUNNING"),
    "as it stops": ("STOPPING", OBSERVED_RULES, FLAVOR, None, ["update flavor"], "STOPPED"),
    "as an image is saved": ("SNAPSHOTTING", OBSERVED_RULES, NAME, None, ["update name"], "RUNNING"),
    "failed to start, flavor": ("START_FAILED", DOCUMENTED, FLAVOR, None, ["update flavor"], "START_FAILED"),
    "failed to start, wanted": (
        "START_FAILED",
        DOCUMENTED,
        FLAVOR,
        Power.RUNNING,
        ["update flavor", "start"],
        "RUNNING",
    ),
    "failed to start, wanted, size": (
        "START_FAILED",
        OBSERVED_RULES,
        {**FLAVOR, **SIZE},
        Power.RUNNING,
        ["update flavor", "start", "update storage_new_size"],
        "RUNNING",
    ),
    "failed to start, wanted stopped, size": (
        "START_FAILED",
        DOCUMENTED,
        {**FLAVOR, **SIZE},
        Power.STOPPED,
        ["update flavor", "stop", "update storage_new_size"],
        "STOPPED",
    ),
    "failed to start, wanted stopped, a size that needs a running one": (
        "START_FAILED",
        OBSERVED_RULES,
        SIZE,
        Power.STOPPED,
        ["stop", "update storage_new_size", "start", "update storage_new_size", "stop"],
        "STOPPED",
    ),
    "frozen, name": ("FROZEN", DOCUMENTED, NAME, None, ["update name"], "FROZEN"),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_update_calls_exactly_this(scenario):
    status, rules, fields, wanted, calls, final = SCENARIOS[scenario]
    notebook = FakeNotebook(status=status, rules=rules)
    outcome = run(notebook, Changes(fields=fields), wanted=wanted)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == calls
    assert notebook.status == final
    assert outcome.observed == notebook.observe()
    assert outcome.fresh
    assert outcome.restored is None
    assert outcome.applied == frozenset(fields)
    assert {key: notebook.values[key] for fragment in fields.values() for key in fragment} == {
        key: value for fragment in fields.values() for key, value in fragment.items()
    }


def test_what_a_failed_state_forbids_waits_for_the_power_state_that_is_wanted():
    notebook = FakeNotebook(status="START_FAILED", faults={("update", 1): Fault(Refusal.WRONG_STATE)})
    outcome = run(notebook, Changes(fields=NAME), wanted=Power.RUNNING)
    assert outcome.error is None, outcome.detail
    assert notebook.calls() == ["update name", "start", "update name"]


def test_what_a_failed_state_forbids_names_the_way_out_where_no_power_state_is_wanted():
    notebook = FakeNotebook(status="START_FAILED", always={"update": Fault(Refusal.WRONG_STATE)})
    outcome = run(notebook, Changes(fields=SIZE))
    assert outcome.error is not None
    assert outcome.error.reason is Reason.FAILED_FORBIDS
    assert 'desired_status = "RUNNING"' in outcome.detail
    assert notebook.calls() == ["update storage_new_size"]


def test_growth_beyond_one_step_goes_in_steps_within_one_stop():
    notebook = FakeNotebook(rules=DOCUMENTED, most_growth=100)
    changes = Changes(fields={**FLAVOR, "storage_size": {"storage_new_size": 320}})
    outcome = run(notebook, changes)
    assert outcome.error is None
    bodies = [entry[1] for entry in notebook.log if entry[0] == "update"]
    assert bodies == [
        {"flavor": "big", "storage_new_size": 320},
        {"flavor": "big", "storage_new_size": 150},
        {"storage_new_size": 250},
        {"storage_new_size": 320},
    ]
    assert notebook.power_log == ["stop", "start"]
    assert notebook.size == 320
    assert outcome.applied == {"flavor", "storage_size"}


def test_growth_within_one_step_that_is_refused_is_an_error():
    notebook = FakeNotebook(always={"update": Fault(Refusal.OUT_OF_RANGE)})
    outcome = run(notebook, Changes(fields=SIZE))
    assert outcome.error is not None
    assert outcome.error.reason is Reason.REFUSED
    assert notebook.calls() == ["update storage_new_size"]


def test_restart_keeps_the_moment_of_auto_stop():
    lease = ObservedLease(True, 5 * HOUR, "TIMING", EPOCH - 2 * HOUR, EPOCH - 2 * HOUR)
    notebook = FakeNotebook(lease=lease)
    outcome = run(notebook, Changes(fields=FLAVOR))
    earlier = lease.ends_at - notebook.lease.ends_at
    assert DIFFERENCE - 100 <= earlier <= DIFFERENCE, "the call itself takes 0.1 s on the fake's clock"
    assert outcome.warnings == ()


def test_restart_with_less_than_an_hour_left_stops_an_hour_later_and_says_so():
    lease = ObservedLease(True, 5 * HOUR, "TIMING", EPOCH - 4 * HOUR - HOUR // 2, EPOCH - 4 * HOUR - HOUR // 2)
    notebook = FakeNotebook(lease=lease)
    outcome = run(notebook, Changes(fields=FLAVOR))
    assert ("start", Lease(HOUR)) in notebook.log
    (warning,) = outcome.warnings
    assert "Auto-stop had 29 min left" in warning


@pytest.mark.parametrize(
    ("observed", "sent"),
    [
        (ObservedLease(False, -1, "TIMING", EPOCH, EPOCH), Lease(-1, None)),
        (ObservedLease(True, 900_000, "IDLE", EPOCH, EPOCH), Lease(900_000, "IDLE")),
    ],
)
def test_restart_keeps_idle_and_disabled_auto_stop(observed, sent):
    notebook = FakeNotebook(lease=observed)
    run(notebook, Changes(fields=FLAVOR))
    assert ("start", sent) in notebook.log


def test_new_auto_stop_goes_alone_to_a_running_one_with_a_restart_or_waits():
    lease = Lease(4 * HOUR)
    running = FakeNotebook()
    assert run(running, Changes(lease=lease)).applied == {"auto_stop"}
    assert running.log == [("set_lease", lease)]

    restarted = FakeNotebook()
    assert run(restarted, Changes(fields=FLAVOR, lease=lease)).applied == {"auto_stop", "flavor"}
    assert restarted.log == [("stop",), ("update", {"flavor": "big"}), ("start", lease)]

    stopped = FakeNotebook(status="STOPPED")
    outcome = run(stopped, Changes(lease=lease))
    assert outcome.applied == frozenset()
    assert stopped.log == []
    assert "next start" in outcome.warnings[0]


def test_start_of_a_stopped_one_carries_the_configured_auto_stop():
    notebook = FakeNotebook(status="STOPPED")
    run(notebook, Changes(), wanted=Power.RUNNING, managed_lease=Lease(7 * HOUR))
    assert notebook.log == [("start", Lease(7 * HOUR))]


def test_tags_stop_nothing_and_come_first():
    notebook = FakeNotebook()
    outcome = run(notebook, Changes(fields=FLAVOR, add_tags={"a": "1"}, remove_tags=("b",)))
    assert notebook.calls() == ["set_tags", "stop", "update flavor", "start"]
    assert outcome.applied == {"tags", "flavor"}


def test_refused_tags_keep_a_running_one_from_being_stopped():
    notebook = FakeNotebook(always={"set_tags": Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR, add_tags={"a": "1"}))
    assert outcome.error is not None
    assert notebook.calls() == ["set_tags"]


def test_consent_is_checked_against_the_live_state():
    notebook = FakeNotebook()
    outcome = run(notebook, Changes(fields={**FLAVOR, **NAME}), policy=RestartPolicy.FORBIDDEN)
    assert outcome.error is not None
    assert outcome.error.reason is Reason.CONSENT
    assert notebook.log == []
    stopped = FakeNotebook(status="STOPPED")
    assert run(stopped, Changes(fields=FLAVOR), policy=RestartPolicy.FORBIDDEN).error is None


def test_consent_is_asked_when_a_gentle_change_turns_out_to_need_a_stop():
    notebook = FakeNotebook(rules=DOCUMENTED)
    outcome = run(notebook, Changes(fields=NAME), policy=RestartPolicy.FORBIDDEN)
    assert notebook.calls() == ["update name"]
    assert outcome.error is not None
    assert outcome.error.reason is Reason.CONSENT
    assert "6347" in outcome.detail
    assert "allow_stopping_for_update" in outcome.detail
    assert notebook.status == "RUNNING"


def test_capacity_is_waited_for():
    faults = {("start", n): Fault(Refusal.NO_CAPACITY) for n in range(1, 20)}
    notebook = FakeNotebook(faults=faults)
    outcome = run(notebook, Changes(fields=FLAVOR))
    assert outcome.error is None
    assert notebook.counts["start"] == 20
    assert notebook.power_log == ["stop", "start"]


def test_capacity_that_never_comes_ends_with_the_timeout_and_is_said():
    notebook = FakeNotebook(always={"start": Fault(Refusal.NO_CAPACITY)})
    outcome = run(notebook, Changes(fields=FLAVOR), seconds=300.0)
    assert outcome.error is not None
    assert outcome.error.reason is Reason.NO_CAPACITY
    assert outcome.restored is False
    assert outcome.observed is not None
    assert outcome.observed.status == "STOPPED"
    assert "could not be started again" in outcome.detail
    assert notebook.time < 330.0
    assert outcome.applied == {"flavor"}


def test_busy_is_waited_out_and_is_no_reason_to_stop():
    faults = {("update", n): Fault(Refusal.BUSY) for n in range(1, 6)}
    notebook = FakeNotebook(faults=faults)
    outcome = run(notebook, Changes(fields=NAME))
    assert outcome.error is None
    assert notebook.calls() == ["update name"] * 6


def test_busy_on_stop_while_an_image_is_saved():
    notebook = FakeNotebook(outside={2: lambda fake: fake.move("SNAPSHOTTING", "RUNNING", 120.0)})
    outcome = run(notebook, Changes(fields=FLAVOR))
    assert outcome.error is None
    assert notebook.calls() == ["stop", "stop", "update flavor", "start"]
    assert notebook.power_log == ["stop", "start"]


def test_auto_stop_that_comes_before_ours_is_taken_as_ours():
    # The notebook was found running: that is what the contract keeps.
    notebook = FakeNotebook(outside={2: lambda fake: fake.move("STOPPING", "STOPPED", 12.0)})
    outcome = run(notebook, Changes(fields=FLAVOR))
    assert outcome.error is None
    assert notebook.status == "RUNNING"
    assert notebook.power_log == ["start"]


def test_somebody_stops_it_before_we_touch_the_power():
    # Refused because it is STOPPED by now: found anew, and not started for it.
    def stopped(fake):
        fake.status = "STOPPED"
        fake.rules = {**DOCUMENTED}

    notebook = FakeNotebook(rules={**DOCUMENTED, "name": frozenset({"STOPPED"})}, outside={2: stopped})
    outcome = run(notebook, Changes(fields=NAME, lease=Lease(HOUR)))
    assert outcome.error is None
    assert notebook.status == "STOPPED"
    assert notebook.power_log == []


def test_a_growth_that_happened_is_not_sent_again():
    notebook = FakeNotebook(faults={("update", 1): Fault(Refusal.UNREACHABLE, effect=True)})
    outcome = run(notebook, Changes(fields={**SIZE, **NAME}))
    assert outcome.error is None
    assert [entry[1] for entry in notebook.log] == [{"name": "new", "storage_new_size": 80}, {"name": "new"}]
    assert outcome.applied == {"name", "storage_size"}


def test_polls_survive_a_bad_network():
    faults = {("show", n): Fault(Refusal.UNREACHABLE) for n in (1, 2, 4, 5, 6, 9)}
    notebook = FakeNotebook(faults=faults)
    assert run(notebook, Changes(fields=FLAVOR)).error is None
    assert notebook.calls() == ["stop", "update flavor", "start"]


def test_a_disk_cannot_shrink_and_nothing_is_called():
    notebook = FakeNotebook(size=100)
    outcome = run(notebook, Changes(fields=SIZE))
    assert outcome.error is not None
    assert "100 GB" in outcome.detail
    assert outcome.error.reason is Reason.TOO_LARGE
    assert notebook.log == []


def test_reads_are_few():
    notebook = FakeNotebook()
    run(notebook, Changes(fields=NAME))
    assert notebook.counts["show"] == 2


def test_mark_around_a_restart_and_nowhere_else():
    notebook = FakeNotebook()
    run(notebook, Changes(fields=FLAVOR), mark=True)
    assert notebook.calls() == ["mark", "stop", "update flavor", "start", "unmark"]
    gentle = FakeNotebook()
    run(gentle, Changes(fields=NAME), mark=True)
    assert gentle.calls() == ["update name"]


@pytest.mark.parametrize("managed", [None, Lease(2 * HOUR), Lease.off()])
def test_the_mark_around_a_start_holds_the_lease_that_the_start_sends(managed):
    notebook = FakeNotebook(status="STOPPED")
    run(notebook, Changes(fields=SIZE), managed_lease=managed, mark=True)
    put = "update storage_new_size"
    assert notebook.calls() == [put, "mark_started", "start", put, "stop", "unmark"]
    [noted], [sent] = ([entry[1] for entry in notebook.log if entry[0] == name] for name in ("mark_started", "start"))
    assert noted == sent == (managed or Lease(5 * HOUR))


@pytest.mark.parametrize("operation", ["mark", "unmark"])
def test_a_mark_that_fails_is_a_warning(operation):
    notebook = FakeNotebook(always={operation: Fault(Refusal.OTHER)})
    outcome = run(notebook, Changes(fields=FLAVOR), mark=True)
    assert outcome.error is None
    assert "mark" in outcome.warnings[0]
    follows = {"mark": "Only a kill of this very run would have needed it", "unmark": "The next plan shows it"}
    assert follows[operation] in outcome.warnings[0]
    assert notebook.power_log == ["stop", "start"]


def test_each_step_is_told_in_words():
    outcome = run(FakeNotebook(), Changes(fields={**FLAVOR, **NAME}))
    assert [step.describe() for step in outcome.done] == [
        "stop the notebook",
        "wait until the notebook is STOPPED",
        "update name and flavor",
        "start the notebook (auto-stop as it was)",
        "wait until the notebook is RUNNING",
    ]
