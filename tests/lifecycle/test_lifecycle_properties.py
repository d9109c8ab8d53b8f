"""What holds for every configuration, every observed state and every reading of the API's rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_notebook import ANY, RUNNING, STOPPED, Changes, FakeNotebook, Fault, plan_update, run
from hypothesis import given, settings
from hypothesis import strategies as st

from modelarts_provider.lifecycle.changes import History, Observed, RefusedPut
from modelarts_provider.lifecycle.choose import NoWay
from modelarts_provider.lifecycle.fields import FIELDS, UpdateCall
from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.lifecycle.lease import HOUR, Lease, ObservedLease
from modelarts_provider.lifecycle.outcome import Reason
from modelarts_provider.lifecycle.plan import ConsentNeeded
from modelarts_provider.lifecycle.power import FAILED, Power, heading_of, power_of
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.lifecycle.steps import (
    Mark,
    SetLease,
    SetTags,
    Start,
    Stop,
    Unmark,
    Update,
    WaitFor,
    WaitResized,
)

FRAGMENTS = {
    "name": {"name": "new"},
    "description": {"description": ""},
    "allowed_access_ips": {"endpoints": [{"service": "SSH"}]},
    "key_pair_names": {"endpoints": [{"service": "SSH"}]},
    "endpoints": {"endpoints": [{"service": "SSH"}]},
    "storage_size": {"storage_new_size": 320},
    "flavor": {"flavor": "f"},
    "image_id": {"image_id": "i"},
    "hooks": {"hooks": {}},
}
PUT_FIELDS = sorted(FRAGMENTS)
BODY_KEYS = sorted({key for fragment in FRAGMENTS.values() for key in fragment})
SETTLED = ["RUNNING", "STOPPED"]
MOVING = ["STARTING", "STOPPING", "SNAPSHOTTING", "CREATING"]

powers = st.sampled_from([None, Power.RUNNING, Power.STOPPED])
field_sets = st.frozensets(st.sampled_from(PUT_FIELDS))
leases = st.sampled_from(
    [
        None,
        ObservedLease(False, -1, "TIMING", 0, 0),
        ObservedLease(True, 5 * HOUR, "TIMING", 0, 0),
        ObservedLease(True, HOUR, "IDLE", 0, 0),
    ]
)
wishes = st.sampled_from([None, Lease(4 * HOUR), Lease(HOUR, "IDLE"), Lease.off()])


@st.composite
def changes(draw):
    return Changes(
        fields={name: FRAGMENTS[name] for name in sorted(draw(field_sets))},
        add_tags=draw(st.sampled_from([{}, {"a": "1"}])),
        remove_tags=draw(st.sampled_from([(), ("b",)])),
        lease=draw(wishes),
    )


refusals = st.frozensets(
    st.builds(RefusedPut, st.frozensets(st.sampled_from(PUT_FIELDS), min_size=1), st.sampled_from(list(Power))),
    max_size=3,
)
histories = st.sampled_from(
    [
        History(),
        History(found=Power.RUNNING, stops=1),
        History(found=Power.RUNNING, stops=1, starts=1),
        History(found=Power.STOPPED, starts=1),
        History(found=Power.RUNNING, stops=1, in_steps=True),
        History(unstoppable=True),
    ]
)
situations = st.fixed_dictionaries(
    {
        "changes": changes(),
        "status": st.sampled_from([*SETTLED, *MOVING, *sorted(FAILED), "DELETING", "DELETED"]),
        "size": st.sampled_from([None, 50, 300, 320]),
        "lease": leases,
        "wanted": powers,
        "consent": st.booleans(),
        "refused": refusals,
        "history": histories,
        "managed": wishes,
        "mark": st.booleans(),
    }
)


def plan_of(case, **other):
    case = {**case, **other}
    observed = Observed(status=case["status"], storage_size=case["size"], lease=case["lease"])
    return plan_update(
        case["changes"],
        observed,
        case["wanted"],
        policy=RestartPolicy.ALLOWED if case["consent"] else RestartPolicy.FORBIDDEN,
        refused=case["refused"],
        history=case["history"],
        managed_lease=case["managed"],
        mark=case["mark"],
    )


def replay(plan, case):
    """Walk through the steps, checking each against the power state in which it comes; the final power state."""
    power = plan.assumed
    for position, step in enumerate(plan.steps):
        match step:
            case Stop():
                assert plan.steps[position + 1] == WaitFor(Power.STOPPED)
            case Start():
                assert plan.steps[position + 1] == WaitFor(Power.RUNNING)
            case WaitFor(reached):
                power = reached
            case Update(body, names):
                assert body, "never an empty PUT"
                assert set(body) == {FIELDS[name].body_key for name in names}
                if power is not None:
                    assert power is Power.STOPPED or not any(FIELDS[name].needs_stop for name in names)
                    assert not any(put.power is power and put.fields <= set(names) for put in case["refused"])
            case SetLease(lease):
                assert power is Power.RUNNING
                assert lease == case["changes"].lease
            case _:
                pass
    return power


def plan_or_none(case):
    try:
        return plan_of(case)
    except (ConsentNeeded, NoWay):
        return None


@settings(max_examples=500, deadline=None, derandomize=True)
@given(situations)
def test_at_most_one_stop_and_one_start_and_the_promised_power(case):
    plan = plan_or_none(case)
    if plan is None:
        return
    kinds = [type(step) for step in plan.steps]
    final = replay(plan, case)
    if case["status"] in FAILED:
        promised = case["wanted"] or case["history"].found
        assert kinds.count(Stop) + kinds.count(Start) == (promised is not None)
        # What can't be stopped is started; the next plan stops it.
        assert final is (Power.RUNNING if promised and case["history"].unstoppable else promised)
        return
    assert kinds.count(Stop) + case["history"].stops <= 1
    assert kinds.count(Start) + case["history"].starts <= 1
    here = power_of(case["status"]) or heading_of(case["status"])
    assert final is plan.final
    assert final is (case["wanted"] or case["history"].found or here)
    if not case["mark"]:
        assert not {Mark, Unmark} & set(kinds)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(situations)
def test_bodies_hold_what_changes_once_and_nothing_else(case):
    plan = plan_or_none(case)
    if plan is None:
        return
    changed = set(case["changes"].fields)
    if (
        case["status"] in FAILED and (case["wanted"] or case["history"].found) is not None
    ):  # the next plan, from the state that is wanted, has it
        refused = {name for put in case["refused"] if put.power is None for name in put.fields}
        changed -= {"storage_size"} | refused
    updates = [step for step in plan.steps if isinstance(step, Update)]
    sent = [(name, step.body[FIELDS[name].body_key]) for step in updates for name in step.fields]
    others = [(name, value) for name, value in sent if name != "storage_size"]
    assert sorted(name for name, _ in others) == sorted(changed - {"storage_size"})
    assert all(value == FRAGMENTS[name][FIELDS[name].body_key] for name, value in others)
    grows = [value for name, value in sent if name == "storage_size"]
    assert grows == sorted(set(grows))
    assert grows[-1:] == ([320] if "storage_size" in changed and case["size"] != 320 else [])
    assert [step.size for step in plan.steps if isinstance(step, WaitResized)] == grows


@settings(max_examples=300, deadline=None, derandomize=True)
@given(situations)
def test_tags_and_auto_stop_go_once(case):
    plan = plan_or_none(case)
    if plan is None:
        return
    kinds = [type(step) for step in plan.steps]
    tags_change = bool(case["changes"].add_tags or case["changes"].remove_tags)
    assert kinds.count(SetTags) == tags_change
    if tags_change:
        assert not {Stop, Start, Update} & set(kinds[: kinds.index(SetTags)]), "before anything that disrupts"
    starts = [step for step in plan.steps if isinstance(step, Start)]
    if case["changes"].lease is None:
        assert SetLease not in kinds
        return
    assert all(start.lease == case["changes"].lease for start in starts)
    carried = kinds.count(SetLease) + len(starts)
    assert carried <= 1
    assert (carried == 0) == any("next start" in text for text in plan.warnings)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(situations)
def test_nothing_is_stopped_without_consent(case):
    allowed = plan_or_none({**case, "consent": True})
    denied = plan_or_none({**case, "consent": False})
    if denied is not None:
        assert denied == allowed
        assert not denied.restarts_for
    elif allowed is not None:
        needed = allowed.restarts_for
        assert needed
        assert set(needed) <= set(case["changes"].fields)
        with pytest.raises(ConsentNeeded) as raised:
            plan_of({**case, "consent": False})
        assert raised.value.fields == needed


@settings(max_examples=300, deadline=None, derandomize=True)
@given(situations)
def test_nothing_moves_without_a_reason(case):
    """No stop, no start: for tags, auto-stop and gentle fields; for anything on a stopped notebook; never to rename."""
    case = {**case, "refused": frozenset(), "history": History(), "consent": True}
    if case["status"] not in SETTLED:
        case["status"] = "RUNNING"
    if case["size"] not in {None, 50, 300}:
        case["size"] = 50
    plan = plan_of(case)
    moves = [step for step in plan.steps if isinstance(step, Stop | Start)]
    here = Power(case["status"])
    reasons = any(FIELDS[name].needs_stop for name in case["changes"].fields) and here is Power.RUNNING
    if case["wanted"] in {None, here}:
        assert bool(moves) == reasons
        assert [type(move) for move in moves] == ([Stop, Start] if reasons else [])
        puts = [step for step in plan.steps if isinstance(step, Update)]
        assert len(puts) == bool(case["changes"].fields), "one PUT carries everything"
    else:
        assert [type(move) for move in moves] == [Start if case["wanted"] is Power.RUNNING else Stop]


# -- the runner, against any reading of the rules ---------------------------------------------------------------------

rule_sets = st.fixed_dictionaries({key: st.sampled_from([ANY, RUNNING, STOPPED]) for key in BODY_KEYS})
kinds = st.sampled_from(list(Refusal))
faults = st.dictionaries(
    st.tuples(st.sampled_from(["show", "stop", "start", "update", "set_lease", "set_tags"]), st.integers(1, 6)),
    st.builds(Fault, kinds, st.booleans()),
    max_size=3,
)
lives = st.fixed_dictionaries(
    {
        "status": st.sampled_from([*SETTLED, *MOVING]),
        "rules": rule_sets,
        "most_growth": st.sampled_from([None, 100, 300]),
        "lease": leases,
    }
)


accidents = st.fixed_dictionaries(
    {
        "faults": faults,
        "seconds": st.sampled_from([20.0, 60.0, 1800.0]),
        "cancel_at": st.none() | st.integers(1, 80),
        "hang_on_cancel": st.sampled_from(["", "before", "after"]),
    }
)


def in_order(notebook):
    """No promise about calls is broken: accepted stops and starts."""
    assert notebook.power_log.count("stop") <= 1
    assert notebook.power_log.count("start") <= 1


def is_where_promised(notebook, change, wanted, found):
    """In the power state that the contract promises, or, where tags alone have changed, on its way there by itself."""
    if change.names == ("tags",) and wanted is None:
        return heading_of(notebook.status) is found
    return notebook.status == (wanted or found).value


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lives, changes(), powers, st.booleans())
def test_every_update_ends_as_the_contract_says_or_says_why_not(life, change, wanted, consent):
    notebook = FakeNotebook(**life)
    found = heading_of(notebook.status)
    outcome = run(notebook, change, wanted=wanted, policy=RestartPolicy.ALLOWED if consent else RestartPolicy.FORBIDDEN)
    in_order(notebook)
    assert outcome.fresh
    assert outcome.observed == notebook.observe()
    if outcome.error is None:
        assert is_where_promised(notebook, change, wanted, found)
        for fragment in change.fields.values():
            for key, value in fragment.items():
                assert notebook.values[key] == value
        assert set(change.fields) <= outcome.applied
    else:
        assert outcome.error.reason in {Reason.CONSENT, Reason.NO_WAY, Reason.REFUSED}
        # As it was found; where a power state is wanted, that is as good.
        assert heading_of(notebook.status) in {found, wanted}
    keys = {key for entry in notebook.log if entry[0] == "update" for key in entry[1]}
    assert keys <= {FIELDS[name].body_key for name in change.fields}
    if not consent and wanted is not Power.STOPPED:
        assert "stop" not in notebook.calls()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lives, changes(), st.booleans())
def test_a_running_one_is_stopped_only_where_the_rules_leave_no_other_way(life, change, growing_in_steps):
    life = {**life, "status": "RUNNING", "most_growth": 100 if growing_in_steps else None}
    notebook = FakeNotebook(**life)
    outcome = run(notebook, change)
    names = set(change.fields)
    needs = any(FIELDS[name].needs_stop for name in names)
    refuses = any("RUNNING" not in life["rules"][FIELDS[name].body_key] for name in names)
    assert ("stop" in notebook.calls()) == (needs or refuses)
    if not (needs or refuses):
        assert outcome.error is None
    # What can be done within one stop and one start is done.
    strict = {FIELDS[name].body_key for name in names if FIELDS[name].needs_stop}
    if all("STOPPED" in life["rules"][key] for key in strict):
        gentle = {FIELDS[name].body_key for name in names} - strict
        mixed = {life["rules"][key] for key in gentle if life["rules"][key] is not ANY}
        if not {RUNNING, STOPPED} <= mixed:
            assert outcome.error is None, outcome.detail


@settings(max_examples=300, deadline=None, derandomize=True)
@given(lives, changes(), powers, accidents)
def test_whatever_happens_the_truth_is_returned(life, change, wanted, accident):
    seconds = accident["seconds"]
    notebook = FakeNotebook(**life, **{key: value for key, value in accident.items() if key != "seconds"})
    found = heading_of(notebook.status)
    outcome = run(notebook, change, wanted=wanted, seconds=seconds, restore_timeout=300.0)
    in_order(notebook)
    if outcome.fresh:
        assert outcome.observed == notebook.observe()
    else:
        assert outcome.error is not None or outcome.warnings
    if outcome.error is None:
        assert outcome.restored is None
        assert is_where_promised(notebook, change, wanted, found)
        return
    assert outcome.detail
    if outcome.restored is True:
        assert heading_of(notebook.status) is (wanted or found)
    if outcome.restored is not False and wanted is None and outcome.fresh:
        assert heading_of(notebook.status) is found, outcome


def test_every_field_of_the_table_is_in_these_properties():
    assert set(FRAGMENTS) == {field.name for field in FIELDS.values() if field.call is UpdateCall.PUT}
    assert replace(Changes(), fields=FRAGMENTS).names == tuple(
        f.name for f in FIELDS.values() if f.call is UpdateCall.PUT
    )
