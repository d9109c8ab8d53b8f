"""The invariants of a soak: a final state as configured has no violation, and each kind of violation is found."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from tools.soak.counters import Counters
from tools.soak.episode import Episode
from tools.soak.invariants import FinalState, Kind, Permitted, Violation, check_invariants, repeated_power_calls
from tools.soak.notebooks import CPU_8U, FIRST, IMAGE, MARK, SIGNED, differences
from tools.soak.terraform import Known

Json = dict[str, Any]

THERE: Json = {
    "id": "1",
    "name": "nb",
    "description": None,
    "flavor": FIRST["flavor"],
    "image": {"id": IMAGE},
    "status": "RUNNING",
    "workspace_id": "0",
    "endpoints": [{"service": "NOTEBOOK"}],
    "hooks": {},
    "tags": [],
    "volume": {"capacity": 10},
    "behind": {"lease": {"enable": True, "type": "TIMING", "requested": 3_600_000}},
}
AS_CONFIGURED = FinalState(
    configured={"this": FIRST},
    known={"this": "1"},
    notebooks=[THERE],
    powers={"this": "RUNNING"},
    hooks_known=frozenset({"this"}),
)


def there(**changes: Any) -> Json:
    return {**deepcopy(THERE), **changes}


@pytest.mark.parametrize("tags", [[], [{"key": MARK, "value": SIGNED}]])
def test_a_world_as_it_has_to_be(tags: list[Json]) -> None:
    assert check_invariants(replace(AS_CONFIGURED, notebooks=[there(tags=tags)])) == []


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"notebooks": []}, Kind.LOST),
        ({"known": {}, "notebooks": []}, Kind.LOST),
        ({"configured": {"this": FIRST, "that": FIRST}, "known": {"this": "1", "that": "1"}}, Kind.LOST),
        ({"notebooks": [THERE, there(id="2", name="other")]}, Kind.ORPHAN),
        ({"notebooks": [THERE, there(id="2")]}, Kind.TWIN),
        ({"actions": ["update"]}, Kind.NOT_CLEAN),
        ({"notebooks": [there(status="STOPPED")]}, Kind.POWER),
        ({"powers": {"this": "STOPPED"}}, Kind.POWER),
        ({"notebooks": [there(tags=[{"key": MARK, "value": "x"}])]}, Kind.MARK),
        ({"notebooks": [there(flavor=CPU_8U)]}, Kind.DIFFERENT),
    ],
)
def test_what_is_wrong_is_found(changes: Json, kind: Kind) -> None:
    assert [violation.kind for violation in check_invariants(replace(AS_CONFIGURED, **changes))] == [kind]


@pytest.mark.parametrize(
    ("config", "changes", "field"),
    [
        ({}, {"name": "x"}, "name"),
        ({"description": "d"}, {}, "description"),
        ({}, {"flavor": CPU_8U}, "flavor"),
        ({}, {"image": {"id": "x"}}, "image_id"),
        ({"workspace_id": "1"}, {}, "workspace_id"),
        ({"desired_status": "STOPPED"}, {}, "status"),
        ({"endpoints": {"SSH": {"key_pair_names": ["k"]}}}, {}, "endpoints"),
        ({}, {"endpoints": [{"service": "SSH", "key_pair_names": ["k"]}]}, "endpoints"),
        ({"hooks": {"pre_start": {"script": "/x"}}}, {}, "hooks"),
        ({}, {"hooks": {"container_hooks": {"pre_start": {"type": "SCRIPT", "script": "/x"}}}}, "hooks"),
        ({"tags": {"a": "b"}}, {}, "tags"),
        ({}, {"tags": [{"key": "a", "value": "b"}]}, "tags"),
        ({}, {"volume": {"capacity": 11}}, "size"),
        ({"auto_stop": {"enabled": False}}, {}, "auto_stop"),
        ({"auto_stop": {"type": "IDLE", "duration": "2h"}}, {}, "auto_stop"),
    ],
)
def test_each_field_that_differs_is_named(config: Json, changes: Json, field: str) -> None:
    configured = {**FIRST, **config}
    found = differences(configured, there(**changes))
    assert [text.split(":")[0] for text in found] == [field]


def test_hooks_that_nobody_can_see_after_an_import_are_no_difference() -> None:
    hooked = there(hooks={"container_hooks": {"pre_start": {"type": "SCRIPT", "script": "/x"}}})
    assert differences(FIRST, hooked, hooks_known=False) == []
    assert differences(FIRST, hooked) != []


def call(operation: str, identifier: str = "1") -> Json:
    return {"operation": operation, "notebook_id": identifier, "status": 200}


@pytest.mark.parametrize("operation", ["DeleteNotebook", "StartNotebook", "StopNotebook"])
def test_calls_that_nothing_asked_for_are_found(operation: str) -> None:
    none, one = frozenset[str](), frozenset({"1"})
    assert [c.kind for c in Permitted(none, none, none).violations([call(operation)], one)] == [Kind.FORBIDDEN]
    assert Permitted(one, one, one).violations([call(operation)], one) == []
    assert Permitted(none, none, none).violations([call(operation, "new")], one) == []


def test_an_apply_stops_once_and_starts_once() -> None:
    once = [call("StopNotebook"), call("StartNotebook"), call("StopNotebook", "2")]
    assert repeated_power_calls(once) == []
    assert repeated_power_calls([*once, call("StopNotebook") | {"status": 400}]) == []
    assert [c.kind for c in repeated_power_calls([*once, call("StopNotebook")])] == [Kind.FORBIDDEN]


@pytest.mark.parametrize(
    ("config", "item", "may"),
    [
        (FIRST, THERE, {"start"}),  # a running notebook may always be brought back
        (FIRST, there(status="STOPPED"), set()),
        ({**FIRST, "desired_status": "RUNNING"}, there(status="STOPPED"), {"start"}),
        ({**FIRST, "desired_status": "STOPPED"}, THERE, {"start", "stop"}),
        ({**FIRST, "flavor": CPU_8U}, THERE, {"start", "stop"}),
        ({**FIRST, "flavor": CPU_8U}, there(status="STOPPED"), {"stop"}),
        ({**FIRST, "tags": {"a": "b"}}, there(status="STOPPED"), set()),
        ({**FIRST, "storage": {"size": 11}}, there(status="STOPPED"), {"start", "stop"}),
        ({**FIRST, "workspace_id": "1"}, there(status="STOPPED"), {"delete", "stop"}),
        (None, there(status="STOPPED"), {"delete", "stop"}),
    ],
)
def test_what_an_apply_may_call(config: Json | None, item: Json, may: set[str]) -> None:
    configured = {} if config is None else {"this": config}
    episode = Episode.begin(configured, {"this": Known("1", False)}, [item], frozenset({"this"}))
    found = {"delete": episode.deletes, "start": episode.starts, "stop": episode.stops}
    assert {name for name, ids in found.items() if "1" in ids} == may


def test_an_auto_stop_that_a_restart_has_changed_is_found() -> None:
    episode = Episode.begin({"this": FIRST}, {"this": Known("1", False)}, [THERE], frozenset())
    assert list(episode.leases(AS_CONFIGURED)) == []
    off = there(behind={"lease": {"enable": False, "type": "TIMING", "requested": -1}})
    assert [c.kind for c in episode.leases(replace(AS_CONFIGURED, notebooks=[off]))] == [Kind.DIFFERENT]


def test_the_table_counts() -> None:
    counters = Counters()
    counters.operations["kill"] += 3
    counters.faults["busy"] += 2
    counters.record_violation(Violation(Kind.TWIN, "x"))
    rows = dict(line.strip("| ").split(" | ") for line in counters.table().splitlines()[2:])
    assert (rows["operations"], rows["- kill"], rows["- busy"], rows["twins"], rows["orphans"]) == (
        "3",
        "3",
        "2",
        "1",
        "0",
    )
    assert not counters.enough(3, 1)
    assert counters.enough(3, 0)
