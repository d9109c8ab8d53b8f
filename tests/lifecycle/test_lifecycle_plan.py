"""The planner as tables: what changes, what is there and what is wanted on the left, the exact steps on the right."""

from __future__ import annotations

import pytest
from fake_notebook import Changes, plan_update

from modelarts_provider.lifecycle.changes import History, Observed, RefusedPut
from modelarts_provider.lifecycle.choose import NoWay
from modelarts_provider.lifecycle.lease import HOUR, Lease, ObservedLease, SameDuration, SameMoment
from modelarts_provider.lifecycle.plan import ConsentNeeded, sizes_on_the_way
from modelarts_provider.lifecycle.power import Power
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
    WaitStable,
)

R, S = Power.RUNNING, Power.STOPPED
LEASE = ObservedLease(True, 5 * HOUR, "TIMING", 0, 0)
NEW_LEASE = Lease(8 * HOUR)
KEPT, ANEW = Start(SameMoment(LEASE)), Start(SameDuration(LEASE))

NAME = {"name": {"name": "n"}}
FLAVOR = {"flavor": {"flavor": "f"}}
SIZE = {"storage_size": {"storage_new_size": 80}}
KEYS_AND_IPS = {"key_pair_names": {"endpoints": [1]}, "allowed_access_ips": {"endpoints": [1]}}

PUT_NAME = Update({"name": "n"}, ("name",))
PUT_FLAVOR = Update({"flavor": "f"}, ("flavor",))
PUT_SIZE = Update({"storage_new_size": 80}, ("storage_size",))
GROWN = WaitResized(80)
PUT_BOTH = Update({"name": "n", "flavor": "f"}, ("name", "flavor"))
PUT_SIZE_FLAVOR = Update({"storage_new_size": 80, "flavor": "f"}, ("storage_size", "flavor"))
PUT_KEYS = Update({"endpoints": [1]}, ("allowed_access_ips", "key_pair_names"))
PUT_NAME_SIZE = Update({"name": "n", "storage_new_size": 80}, ("name", "storage_size"))
OFF, ON, ON_ANEW = (Stop(), WaitFor(S)), (KEPT, WaitFor(R)), (ANEW, WaitFor(R))


def put(power, *names):
    return RefusedPut(frozenset(names), power)


TABLE = [
    # (scenario, status, changed fields, wanted, refused so far, steps)
    ("nothing", "RUNNING", {}, None, (), ()),
    ("name, running", "RUNNING", NAME, None, (), (PUT_NAME,)),
    ("name, stopped", "STOPPED", NAME, None, (), (PUT_NAME,)),
    ("name, refused running", "RUNNING", NAME, None, (put(R, "name"),), (*OFF, PUT_NAME, *ON)),
    ("flavor, running", "RUNNING", FLAVOR, None, (), (*OFF, PUT_FLAVOR, *ON)),
    ("flavor, stopped", "STOPPED", FLAVOR, None, (), (PUT_FLAVOR,)),
    ("all in the one PUT", "RUNNING", {**NAME, **FLAVOR}, None, (), (*OFF, PUT_BOTH, *ON)),
    ("size, running", "RUNNING", SIZE, None, (), (PUT_SIZE, GROWN)),
    ("size, stopped", "STOPPED", SIZE, None, (), (PUT_SIZE, GROWN)),
    ("size, refused running", "RUNNING", SIZE, None, (put(R, "storage_size"),), (*OFF, PUT_SIZE, GROWN, *ON)),
    (
        "size, refused stopped",
        "STOPPED",
        SIZE,
        None,
        (put(S, "storage_size"),),
        (ANEW, WaitFor(R), PUT_SIZE, GROWN, *OFF),
    ),
    ("size rides along", "RUNNING", {**SIZE, **FLAVOR}, None, (), (*OFF, PUT_SIZE_FLAVOR, GROWN, *ON)),
    (
        "name and size, refused running together",
        "RUNNING",
        {**NAME, **SIZE},
        None,
        (put(R, "name", "storage_size"),),
        (*OFF, Update({"name": "n", "storage_new_size": 80}, ("name", "storage_size")), GROWN, *ON),
    ),
    (
        "name and size, refused stopped: both go where size has another way",
        "STOPPED",
        {**NAME, **SIZE},
        None,
        (put(S, "name", "storage_size"),),
        (ANEW, WaitFor(R), PUT_NAME_SIZE, GROWN, *OFF),
    ),
    (
        "name and size, refused stopped and running: each by itself",
        "STOPPED",
        {**NAME, **SIZE},
        None,
        (put(S, "name", "storage_size"), put(R, "name", "storage_size")),
        (PUT_NAME, ANEW, WaitFor(R), PUT_SIZE, GROWN, *OFF),
    ),
    (
        "name, size and flavor, refused stopped: the start spares no PUT",
        "STOPPED",
        {**NAME, **SIZE, **FLAVOR},
        None,
        (put(S, "name", "storage_size", "flavor"),),
        (PUT_BOTH, ANEW, WaitFor(R), PUT_SIZE, GROWN, *OFF),
    ),
    (
        "IPs that travel with keys, and size, refused stopped: the keys stay there",
        "STOPPED",
        {**KEYS_AND_IPS, **SIZE},
        None,
        (put(S, "allowed_access_ips", "key_pair_names", "storage_size"),),
        (PUT_KEYS, ANEW, WaitFor(R), PUT_SIZE, GROWN, *OFF),
    ),
    (
        "wanted running, name and size refused stopped",
        "STOPPED",
        {**NAME, **SIZE},
        R,
        (put(S, "name", "storage_size"),),
        (ANEW, WaitFor(R), PUT_NAME_SIZE, GROWN),
    ),
    (
        "IPs travel with the keys",
        "RUNNING",
        KEYS_AND_IPS,
        None,
        (),
        (*OFF, PUT_KEYS, *ON),
    ),
    ("wanted running", "STOPPED", NAME, R, (), (PUT_NAME, ANEW, WaitFor(R))),
    ("wanted running, is", "RUNNING", NAME, R, (), (PUT_NAME,)),
    (
        "wanted running, size refused stopped",
        "STOPPED",
        SIZE,
        R,
        (put(S, "storage_size"),),
        (ANEW, WaitFor(R), PUT_SIZE, GROWN),
    ),
    ("wanted running, name refused stopped", "STOPPED", NAME, R, (put(S, "name"),), (ANEW, WaitFor(R), PUT_NAME)),
    ("wanted stopped", "RUNNING", NAME, S, (), (*OFF, PUT_NAME)),
    ("wanted stopped, flavor", "RUNNING", FLAVOR, S, (), (*OFF, PUT_FLAVOR)),
    ("wanted stopped, size first", "RUNNING", {**SIZE, **FLAVOR}, S, (), (PUT_SIZE, GROWN, *OFF, PUT_FLAVOR)),
    (
        "wanted stopped, size refused running",
        "RUNNING",
        {**SIZE, **FLAVOR},
        S,
        (put(R, "storage_size"),),
        (*OFF, PUT_SIZE_FLAVOR, GROWN),
    ),
    ("wanted stopped, is", "STOPPED", NAME, S, (), (PUT_NAME,)),
    ("only power, off", "RUNNING", {}, S, (), OFF),
    ("only power, on", "STOPPED", {}, R, (), (ANEW, WaitFor(R))),
    ("starting", "STARTING", FLAVOR, None, (), (WaitStable(), *OFF, PUT_FLAVOR, *ON)),
    ("saving an image", "SNAPSHOTTING", NAME, None, (), (WaitStable(), PUT_NAME)),
    ("stopping", "STOPPING", FLAVOR, None, (), (WaitStable(), PUT_FLAVOR)),
    ("creating", "CREATING", NAME, None, (), (WaitStable(), PUT_NAME)),
    ("failed", "START_FAILED", {**NAME, **FLAVOR}, None, (), (PUT_BOTH,)),
    ("failed, wanted running", "START_FAILED", FLAVOR, R, (), (PUT_FLAVOR, ANEW, WaitFor(R))),
    ("failed, wanted stopped", "ERROR", FLAVOR, S, (), (PUT_FLAVOR, *OFF)),
    ("failed, wanted running: a disk waits", "ERROR", {**SIZE, **FLAVOR}, R, (), (PUT_FLAVOR, ANEW, WaitFor(R))),
    ("failed, wanted stopped: a disk waits", "ERROR", {**SIZE, **FLAVOR}, S, (), (PUT_FLAVOR, *OFF)),
    ("failed, wanted: what it forbids waits", "ERROR", FLAVOR, R, (put(None, "flavor"),), (ANEW, WaitFor(R))),
    ("frozen", "FROZEN", NAME, None, (), (PUT_NAME,)),
]


@pytest.mark.parametrize(
    ("status", "fields", "wanted", "refused", "steps"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_steps(status, fields, wanted, refused, steps):
    observed = Observed(status=status, storage_size=50, lease=LEASE)
    assert plan_update(Changes(fields=fields), observed, wanted, refused=frozenset(refused)).steps == tuple(steps)


STOPPED_BY_US = History(found=R, lease=LEASE, stops=1)
STARTED_BY_US = History(found=S, starts=1)
RESTARTED = History(found=R, lease=LEASE, stops=1, starts=1)

LATER = [
    ("go on after our stop", "STOPPED", FLAVOR, (), STOPPED_BY_US, (PUT_FLAVOR, *ON)),
    (
        "size after the start",
        "STOPPED",
        {**SIZE, **FLAVOR},
        (put(S, "storage_size", "flavor"),),
        STOPPED_BY_US,
        (PUT_FLAVOR, *ON, PUT_SIZE, GROWN),
    ),
    (
        "a field that only a running one takes, after size was no better",
        "STOPPED",
        {**NAME, **SIZE, **FLAVOR},
        (put(S, "name", "storage_size", "flavor"), put(S, "name", "flavor")),
        STOPPED_BY_US,
        (PUT_FLAVOR, *ON, Update({"name": "n", "storage_new_size": 80}, ("name", "storage_size")), GROWN),
    ),
    ("what is left after the restart", "RUNNING", SIZE, (), RESTARTED, (PUT_SIZE, GROWN)),
    ("nothing is left but the start", "STOPPED", {}, (), STOPPED_BY_US, ON),
]


@pytest.mark.parametrize(
    ("status", "fields", "refused", "history", "steps"),
    [row[1:] for row in LATER],
    ids=[row[0] for row in LATER],
)
def test_steps_of_a_second_plan(status, fields, refused, history, steps):
    observed = Observed(status=status, storage_size=50, lease=None)
    plan = plan_update(Changes(fields=fields), observed, refused=frozenset(refused), history=history)
    assert plan.steps == tuple(steps)
    assert plan.final is R


DEAD_ENDS = [
    ("flavor, refused stopped", "STOPPED", FLAVOR, None, (put(S, "flavor"),), History()),
    ("name, refused stopped: never started for it", "STOPPED", NAME, None, (put(S, "name"),), History()),
    ("name, refused both ways", "RUNNING", NAME, None, (put(R, "name"), put(S, "name")), History()),
    ("a second stop", "RUNNING", FLAVOR, None, (), RESTARTED),
    ("a second start", "STOPPED", {}, None, (), RESTARTED),
    ("shrinking", "RUNNING", {"storage_size": {"storage_new_size": 20}}, None, (), History()),
    ("being deleted", "DELETING", NAME, None, (), History()),
    ("deleted", "DELETED", NAME, None, (), History()),
    ("refused in a failed state", "ERROR", NAME, None, (put(None, "name"),), History()),
]


@pytest.mark.parametrize(
    ("status", "fields", "wanted", "refused", "history"),
    [row[1:] for row in DEAD_ENDS],
    ids=[row[0] for row in DEAD_ENDS],
)
def test_dead_ends(status, fields, wanted, refused, history):
    with pytest.raises(NoWay):
        plan_update(
            Changes(fields=fields),
            Observed(status=status, storage_size=50),
            wanted,
            refused=frozenset(refused),
            history=history,
        )


CONSENT = [
    ("flavor", "RUNNING", {**FLAVOR, **NAME}, None, (), ("flavor",)),
    ("name that was refused", "RUNNING", NAME, None, (put(R, "name"),), ("name",)),
    ("powering on to grow", "STOPPED", SIZE, None, (put(S, "storage_size"),), ("storage_size",)),
    ("powering on to grow what is wanted stopped", "STOPPED", SIZE, S, (put(S, "storage_size"),), ("storage_size",)),
    ("wanted running", "RUNNING", FLAVOR, R, (), ("flavor",)),
]


@pytest.mark.parametrize(
    ("status", "fields", "wanted", "refused", "named"), [row[1:] for row in CONSENT], ids=[row[0] for row in CONSENT]
)
def test_consent_is_needed(status, fields, wanted, refused, named):
    observed = Observed(status=status, storage_size=50)
    with pytest.raises(ConsentNeeded) as raised:
        plan_update(
            Changes(fields=fields), observed, wanted, policy=RestartPolicy.FORBIDDEN, refused=frozenset(refused)
        )
    assert raised.value.fields == named
    assert raised.value.power is Power(status)


@pytest.mark.parametrize(
    ("status", "fields", "wanted"),
    [
        ("STOPPED", FLAVOR, None),
        ("RUNNING", NAME, None),
        ("RUNNING", FLAVOR, S),
        ("STOPPED", FLAVOR, R),
        ("ERROR", FLAVOR, S),
    ],
)
def test_consent_is_not_needed(status, fields, wanted):
    observed = Observed(status=status, storage_size=50)
    assert plan_update(Changes(fields=fields), observed, wanted, policy=RestartPolicy.FORBIDDEN) == plan_update(
        Changes(fields=fields), observed, wanted
    )


LEASES = [
    ("running", "RUNNING", {}, None, None, (SetLease(NEW_LEASE),)),
    ("with a restart", "RUNNING", FLAVOR, None, None, (*OFF, PUT_FLAVOR, Start(NEW_LEASE), WaitFor(R))),
    ("stopped: not sent", "STOPPED", NAME, None, None, (PUT_NAME,)),
    ("stopped, wanted running", "STOPPED", {}, R, None, (Start(NEW_LEASE), WaitFor(R))),
    ("wanted stopped: not sent", "RUNNING", {}, S, None, OFF),
    ("failed: not sent", "ERROR", NAME, None, None, (PUT_NAME,)),
    ("failed, wanted running", "ERROR", {}, R, Lease(HOUR), (Start(NEW_LEASE), WaitFor(R))),
]


@pytest.mark.parametrize(
    ("status", "fields", "wanted", "managed", "steps"), [row[1:] for row in LEASES], ids=[row[0] for row in LEASES]
)
def test_new_auto_stop(status, fields, wanted, managed, steps):
    observed = Observed(status=status, lease=LEASE)
    plan = plan_update(Changes(fields=fields, lease=NEW_LEASE), observed, wanted, managed_lease=managed)
    assert plan.steps == tuple(steps)
    sent = any(isinstance(step, SetLease | Start) for step in steps)
    assert any("next start" in warning for warning in plan.warnings) is not sent


@pytest.mark.parametrize(
    ("status", "wanted", "managed", "start"),
    [
        ("RUNNING", None, None, SameMoment(LEASE)),
        ("RUNNING", None, Lease(4 * HOUR), SameMoment(LEASE)),
        ("RUNNING", None, Lease(HOUR, "IDLE"), Lease(HOUR, "IDLE")),
        ("STOPPED", R, None, SameDuration(LEASE)),
        ("STOPPED", R, Lease(4 * HOUR), Lease(4 * HOUR)),
    ],
)
def test_auto_stop_of_a_start(status, wanted, managed, start):
    plan = plan_update(Changes(fields=FLAVOR), Observed(status=status, lease=LEASE), wanted, managed_lease=managed)
    assert Start(start) in plan.steps


def test_tags_come_before_anything_that_disrupts():
    changes = Changes(fields=FLAVOR, add_tags={"a": "b"}, remove_tags=("c",))
    plan = plan_update(changes, Observed(status="RUNNING", lease=LEASE))
    assert plan.steps == (SetTags({"a": "b"}, ("c",)), *OFF, PUT_FLAVOR, *ON)


@pytest.mark.parametrize(
    ("status", "fields", "refused", "words"),
    [
        ("RUNNING", NAME, put(R, "name"), "refused name while the notebook is RUNNING"),
        ("STOPPED", SIZE, put(S, "storage_size"), "refused storage.size while the notebook is STOPPED"),
    ],
)
def test_a_power_change_that_no_plan_could_announce_is_a_warning(status, fields, refused, words):
    plan = plan_update(Changes(fields=fields), Observed(status=status), refused=frozenset({refused}))
    assert words in plan.warnings[0]


def test_what_a_restart_is_for():
    plan = plan_update(Changes(fields={**NAME, **FLAVOR}), Observed(status="RUNNING"))
    assert plan.restarts_for == ("flavor",)
    assert plan_update(Changes(fields=FLAVOR), Observed(status="RUNNING"), S).restarts_for == ()


def test_a_volume_that_is_worked_on_is_waited_for():
    observed = Observed(status="RUNNING", storage_size=50, storage_status="RESIZING")
    assert plan_update(Changes(fields=NAME), observed).steps == (WaitStable(), PUT_NAME)


def test_a_growth_that_is_done_is_not_sent():
    observed = Observed(status="RUNNING", storage_size=80)
    assert plan_update(Changes(fields=SIZE), observed).steps == ()
    assert plan_update(Changes(fields={**SIZE, **NAME}), observed).steps == (PUT_NAME,)


def test_a_mark_surrounds_a_start_that_a_stop_follows():
    stopped = Observed(status="STOPPED", lease=LEASE, storage_size=50)
    refused = frozenset({put(S, "storage_size")})
    grown = (*ON_ANEW, PUT_SIZE, GROWN, *OFF)
    plan = plan_update(Changes(fields=SIZE), stopped, refused=refused, mark=True)
    assert plan.steps == (Mark(SameDuration(LEASE)), *grown, Unmark())
    wanted = plan_update(Changes(fields=SIZE), stopped, S, refused=refused, managed_lease=NEW_LEASE, mark=True)
    assert wanted.steps[:2] == (Mark(NEW_LEASE), Start(NEW_LEASE))
    assert plan_update(Changes(fields=SIZE), stopped, refused=refused).steps == grown
    started = plan_update(Changes(fields=SIZE), stopped, R, refused=refused, mark=True)
    assert not any(isinstance(step, Mark | Unmark) for step in started.steps)
    resumed = plan_update(Changes(), Observed(status="RUNNING"), history=STARTED_BY_US, mark=True)
    assert resumed.steps == (*OFF, Unmark())


def test_a_mark_surrounds_a_restart_only():
    running = Observed(status="RUNNING", lease=LEASE)
    plan = plan_update(Changes(fields=FLAVOR), running, mark=True)
    assert plan.steps == (Mark(), *OFF, PUT_FLAVOR, *ON, Unmark())
    for fields, wanted in [(NAME, None), (FLAVOR, S)]:
        steps = plan_update(Changes(fields=fields), running, wanted, mark=True).steps
        assert not any(isinstance(step, Mark | Unmark) for step in steps)
    resumed = plan_update(Changes(), Observed(status="STOPPED"), history=STOPPED_BY_US, mark=True)
    assert resumed.steps == (*ON, Unmark())


@pytest.mark.parametrize(
    ("current", "target", "in_steps", "sizes"),
    [
        (50, 400, False, (400,)),
        (50, 400, True, (150, 250, 350, 400)),
        (50, 150, True, (150,)),
        (50, 250, True, (150, 250)),
        (None, 400, True, (400,)),
    ],
)
def test_growth(current, target, in_steps, sizes):
    assert sizes_on_the_way(current, target, 100 if in_steps else None) == sizes


def test_changes_refuse_what_put_does_not_carry():
    with pytest.raises(ValueError, match="no fields of the update call: pool_id, tags"):
        Changes(fields={"pool_id": {}, "tags": {}})
    with pytest.raises(ValueError, match="two values for endpoints"):
        Changes(fields={"key_pair_names": {"endpoints": [1]}, "allowed_access_ips": {"endpoints": [2]}})
