"""Rule 1: an update leaves open what its changes can alter, and nothing else; a value to come counts as the widest change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_values import OTHER_IMAGE, PROVIDER, SSH, Values, configured, errors, plan, state, warnings

from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.framework.schema.walk import walk
from modelarts_provider.lifecycle.fields import FIELDS
from modelarts_provider.resources.common.tags import MARK, TagPolicy
from modelarts_provider.resources.notebook.plan.changes import lifecycle_changes
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES
from modelarts_provider.resources.notebook.service.interruption import FOUND

CPU_8U = "modelarts.vm.cpu.8u"
MOMENTS = {"updated_at", "update_at"}
POWER = MOMENTS | {"ssh_uri", 'endpoints["SSH"].uri', "lease", "billing_items", "action_progress"}
RESTARTED = 'Notebook "nb" will be stopped and started again'


def unknown(planned: Values) -> set[str]:
    return {str(at) for at, _, value in walk(ATTRIBUTES, planned) if value is UNKNOWN}


RUNNING = {
    # what changes: what becomes unknown of a notebook that runs
    "nothing": ({}, set()),
    "name": ({"name": "other"}, MOMENTS),
    "description": ({"description": "other"}, MOMENTS),
    "description cleared": ({"description": None}, MOMENTS),
    "tags": ({"tags": {"team": "b"}}, set()),
    "auto_stop": ({"auto_stop": {"duration": "5h"}}, {"lease"}),
    "addresses": ({"endpoints": {"SSH": SSH["SSH"] | {"allowed_access_ips": ["1.1.1.1"]}}}, MOMENTS),
    "size": ({"storage": {"size": 20}}, MOMENTS | {"storage.status"}),
    "flavor": ({"flavor": CPU_8U}, POWER),
    "image": ({"image_id": OTHER_IMAGE}, POWER | {"image"}),
    "hooks": ({"hooks": {"post_start": {"script": "/x"}}}, POWER),
    "keys": ({"endpoints": {"SSH": {"key_pair_names": ["k1"], "allowed_access_ips": ["8.8.8.8"]}}}, POWER),
    "an endpoint more": ({"endpoints": {**SSH, "NOTEBOOK": {}}}, POWER | {'endpoints["NOTEBOOK"].uri'}),
    "no endpoint": ({"endpoints": None}, POWER - {'endpoints["SSH"].uri'}),
    "a stop": ({"desired_status": "STOPPED"}, POWER),
    "what it is already": ({"desired_status": "RUNNING"}, set()),
    "timeouts": ({"timeouts": {"update": "5m"}}, set()),
    "consent": ({"allow_stopping_for_update": False}, set()),
    "protection": ({"deletion_protection": True}, set()),
    "adoption": ({"adopt_existing": True}, set()),
    "name and size": ({"name": "other", "storage": {"size": 20}}, MOMENTS | {"storage.status"}),
    "tags and a flavor": ({"tags": {"team": "b"}, "flavor": CPU_8U}, POWER),
    "another spelling": ({"image_id": configured()["image_id"].upper()}, set()),
    "empty instead of none": ({"tags": {}, "hooks": {}}, set()),
}


@pytest.mark.parametrize("case", RUNNING)
def test_what_a_change_leaves_open(case: str) -> None:
    changes, expected = RUNNING[case]
    prior = state()
    planned = plan(configured(**changes), prior).planned
    assert unknown(planned) == expected
    same = set(planned) - {at.split(".")[0].split("[")[0] for at in expected} - set(changes) - {"tags_all", "status"}
    assert {name: planned[name] for name in same} == {name: prior[name] for name in same}
    assert planned["status"] == ("STOPPED" if case == "a stop" else "RUNNING")
    assert planned["tags_all"] == ({"team": "b"} if "team" in str(changes) else {})


@pytest.mark.parametrize("case", RUNNING)
def test_a_stopped_notebook_is_not_moved(case: str) -> None:
    changes, expected = RUNNING[case]
    if "desired_status" in changes:
        return
    added = {'endpoints["NOTEBOOK"].uri'} & expected
    addresses = {"ssh_uri"} if case in ("keys", "an endpoint more", "no endpoint") else set()
    kept = expected if expected <= {"lease", *MOMENTS, "storage.status"} else MOMENTS | (expected & {"image"})
    planned = plan(configured(**changes), state({"status": "STOPPED"})).planned
    assert unknown(planned) == kept | added | addresses
    assert planned["status"] == "STOPPED"


@pytest.mark.parametrize(
    ("status", "config", "planned"),
    [
        ("RUNNING", {}, "RUNNING"),
        ("STOPPED", {}, "STOPPED"),
        ("STARTING", {}, UNKNOWN),
        ("STOPPING", {}, UNKNOWN),
        ("SNAPSHOTTING", {}, UNKNOWN),
        ("ERROR", {}, UNKNOWN),
        ("FROZEN", {}, UNKNOWN),
        ("SOMETHING_NEW", {}, UNKNOWN),
        ("STARTING", {"flavor": CPU_8U}, "RUNNING"),
        ("STOPPING", {"flavor": CPU_8U}, UNKNOWN),
        ("STOPPED", {"desired_status": "RUNNING"}, "RUNNING"),
        ("STOPPING", {"desired_status": "RUNNING"}, "RUNNING"),
        ("START_FAILED", {"desired_status": "RUNNING"}, "RUNNING"),
        ("START_FAILED", {"desired_status": "STOPPED"}, "STOPPED"),
        ("RUNNING", {"desired_status": "STOPPED"}, "STOPPED"),
        ("RUNNING", {"desired_status": UNKNOWN}, UNKNOWN),
    ],
)
def test_the_planned_status(status: str, config: Values, planned: Any) -> None:
    prior = state({"status": status, "fail_reason": "no capacity" if "FAILED" in status else ""})
    answer = plan(configured(tags={"a": "b"}, **config), prior)
    assert answer.planned["status"] is planned or answer.planned["status"] == planned
    reason = None if planned == "RUNNING" or not prior["fail_reason"] else UNKNOWN
    assert answer.planned["fail_reason"] is reason


def test_default_tags_alone_move_nothing() -> None:
    prior = state()
    planned = plan(configured(), prior, replace(PROVIDER, tags=TagPolicy({"owner": "ml"}))).planned
    assert planned == prior | {"tags_all": {"owner": "ml"}}
    planned = plan(configured(), prior, replace(PROVIDER, tags=TagPolicy(UNKNOWN))).planned
    assert unknown(planned) == {"tags_all"}


@pytest.mark.parametrize("provided", [True, False, UNKNOWN])
def test_consent_of_the_provider_that_is_to_come_leaves_the_repair_open(provided: Any) -> None:
    left = state({"tags": [{"key": MARK, "value": "20261123T120000Z/0123abcd/none"}]})
    answer = plan(configured(), left, replace(PROVIDER, allow_stopping_for_update=provided), private={FOUND: "stop"})
    expected = {True: "STOPPED", False: "RUNNING"}.get(provided, UNKNOWN)
    assert answer.planned["status"] is expected or answer.planned["status"] == expected


def test_the_table_names_computed_attributes_only() -> None:
    """A typing error in the table would leave a value known that changes."""
    for row in FIELDS.values():
        for name in row.alters:
            first, *below = name.split(".")
            attribute = ATTRIBUTES[first.removesuffix("[*]")]
            for step in below:
                attribute = attribute.type.attributes[step]  # type: ignore[union-attr]
            assert attribute.computed, name
            assert not attribute.configurable, name


VALUES: dict[str, tuple[Any, ...]] = {
    "name": ("nb", "other"),
    "description": ("notes", "", None, "other"),
    "flavor": (configured()["flavor"], CPU_8U),
    "image_id": (configured()["image_id"], configured()["image_id"].upper(), OTHER_IMAGE),
    "endpoints": (
        SSH,
        None,
        {},
        {"SSH": {}},
        {"SSH": SSH["SSH"] | {"allowed_access_ips": []}},
        {**SSH, "NOTEBOOK": {"allowed_access_ips": ["1.1.1.1"]}},
        {"SSH": SSH["SSH"] | {"key_pair_names": ["k1"]}},
    ),
    "hooks": (None, {}, {"pre_start": {"script": "/x"}}, {"post_start": {"script": "/y", "mode": "BLOCK"}}),
    "storage": ({"size": 10}, {"size": None}, {"size": 20}, {"category": "EVS", "size": 10}),
    "auto_stop": (None, {"duration": "4h"}, {"duration": "240m"}, {"enabled": False}),
    "desired_status": (None, "RUNNING", "STOPPED"),
    "tags": (None, {}, {"team": "a"}, {"team": "b", "more": ""}),
    "allow_stopping_for_update": (None, True),
    "timeouts": (None, {}, {"update": "5m"}),
}
CONFIGS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})
STATUSES = st.sampled_from(["RUNNING", "STOPPED", "STARTING", "STOPPING", "START_FAILED", "ERROR"])


@st.composite
def veils(draw: st.DrawFn, config: Values) -> Values:
    """The configuration with some of it unknown, as a whole or inside."""
    veiled = dict(config)
    for name in draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=4)):
        value = config[name]
        inside = isinstance(value, dict) and value and draw(st.booleans())
        veiled[name] = (
            {key: draw(st.sampled_from([item, UNKNOWN])) for key, item in value.items()} if inside else UNKNOWN
        )
    return veiled


@given(st.data())
def test_a_plan_never_widens_between_plan_and_apply(data: st.DataObject) -> None:
    """What was planned known is planned the same when everything is known (core refuses anything else)."""
    before, after = data.draw(CONFIGS), data.draw(CONFIGS)
    private = data.draw(st.sampled_from([{}, {FOUND: "restart"}, {FOUND: "stop"}, {FOUND: "remove"}]))
    tags = [{"key": MARK, "value": "20261123T120000Z/0123abcd/none"}] if private else []
    there = {"status": data.draw(STATUSES), "tags": tags, "fail_reason": data.draw(st.sampled_from(["", "why"]))}
    prior = state(there, **before) | {"interrupted_update": bool(private)}
    veiled = data.draw(veils(after))
    defaults = data.draw(st.sampled_from([{}, {"owner": "ml"}]))
    known = replace(PROVIDER, tags=TagPolicy(defaults))
    early = replace(known, tags=TagPolicy(data.draw(st.sampled_from([defaults, UNKNOWN]))))

    first = plan(configured(**veiled), prior, early, private=private)
    final = plan(configured(**after), prior, known, private=private)

    if first.requires_replace or any("replaced" in each for each in warnings(first)) or errors(first) or errors(final):
        return
    assert not list(_widened(first.planned, final.planned))


def _widened(first: Any, final: Any, at: str = "") -> Any:
    """Where something that was planned known is another value, or unknown, in the final plan."""
    if first is UNKNOWN:
        return
    if isinstance(first, dict) and isinstance(final, dict):
        for key in first.keys() | final.keys():
            yield from _widened(first.get(key), final.get(key), f"{at}.{key}")
    elif isinstance(first, list) and UNKNOWN in first:
        return
    elif first != final:
        yield at, first, final


def test_an_update_without_a_call_has_no_changes() -> None:
    config, prior = configured(tags={}, hooks={}), state()
    planned = plan(config, prior).planned
    assert planned != prior
    changes = lifecycle_changes(config, prior, planned)
    assert (changes.fields, changes.add_tags, changes.remove_tags, changes.lease) == ({}, {}, (), None)
