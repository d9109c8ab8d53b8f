"""The notebook's own rules of a plan, decided from configuration, state, private data and the provider block alone."""

from __future__ import annotations

from typing import Any

import pytest
from notebook_values import (
    API,
    ID,
    OTHER_IMAGE,
    PROJECT,
    SSH,
    Values,
    configured,
    details,
    errors,
    plan,
    state,
    warnings,
)

from modelarts_provider.framework.planning.passes import requires_replace
from modelarts_provider.framework.resource import PlanResponse
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.notebook.plan.changes import attribute_names, changed_rows, lifecycle_changes
from modelarts_provider.resources.notebook.plan.rules import APPLIED_SIZE, IMPORTED
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

CPU_8U = "modelarts.vm.cpu.8u"
HOOKS: Values = {"pre_start": {"script": "/x"}}
EFS: Values = {"category": "EFS"}
EFS_VOLUME: Values = {"volume": {"category": "EFS", "ownership": "MANAGED", "capacity": 50}}


def replaced(config: Values, prior: Values, answer: PlanResponse) -> set[str]:
    """Every path that replaces: what the schema says, and what the plan adds."""
    return {str(at) for at in (*requires_replace(SCHEMA, config, prior, answer.planned), *answer.requires_replace)}


def test_without_a_change_everything_stays_known() -> None:
    prior = state()
    answer = plan(configured(), prior)
    assert answer.planned == prior
    assert list(answer.diagnostics) == []


@pytest.mark.parametrize("timeouts", [{"update": "5m"}, {}, None])
def test_only_the_providers_own_business_changes_nothing_else(timeouts: Any) -> None:
    prior = state(timeouts={"update": "1m"})
    planned = plan(configured(timeouts=timeouts), prior).planned
    assert {name for name in planned if planned[name] != prior[name]} == {"timeouts"}


def test_moving_the_configured_region_replaces() -> None:
    prior = state()
    config = configured(region="elsewhere")
    assert replaced(config, prior, plan(config, prior)) == {"region"}


@pytest.mark.parametrize(
    ("config", "api", "before", "paths"),
    [
        ({"pool_id": "pool-1"}, {}, {}, {"pool_id"}),
        ({"pool_id": UNKNOWN}, {}, {}, {"pool_id"}),
        ({"workspace_id": UNKNOWN}, {}, {}, {"workspace_id"}),
        ({"workspace_id": "0"}, {}, {}, set()),
        ({"feature": "DEFAULT"}, {}, {}, {"feature"}),
        ({}, {"feature": "DEFAULT"}, {}, set()),
        ({"storage": EFS}, {}, {}, {"storage.category"}),
        ({"storage": {}}, EFS_VOLUME, {"storage": EFS}, {"storage.category"}),
        ({"storage": {"category": UNKNOWN}}, {}, {}, {"storage.category"}),
        (
            {"storage": UNKNOWN},
            {},
            {},
            {f"storage.{name}" for name in ("category", "ownership", "uri", "id", "dew_secret_name")},
        ),
    ],
)
def test_what_replaces_and_the_warning_that_names_the_disk(
    config: Values, api: Values, before: Values, paths: set[str]
) -> None:
    """Rule 4: an unknown replace-only value counts as changed."""
    prior = state(api, **before)
    wanted = configured(**config)
    answer = plan(wanted, prior)
    assert replaced(wanted, prior, answer) == paths
    assert warnings(answer) == (['Notebook "nb" will be replaced'] if paths else [])
    if paths:
        (text,) = details(answer)
        assert all(at in text for at in paths)
        assert f"nb ({ID}) is destroyed" in text
        assert "Its disk and everything on it is deleted with it." in text


def test_the_storage_of_ones_own_survives_a_replacement() -> None:
    volume = {"category": "EFS", "ownership": "DEDICATED", "uri": "h:/", "id": "i"}
    storage = {"category": "EFS", "ownership": "DEDICATED", "uri": "h:/", "id": "i"}
    answer = plan(configured(storage=storage, pool_id="pool-1"), state({"volume": volume}, storage=storage))
    assert "Its storage is your own and stays" in details(answer)[0]


@pytest.mark.parametrize(
    ("size", "refused"), [(None, False), (10, False), (11, False), (9, True), (5, True), (UNKNOWN, False)]
)
def test_a_disk_never_shrinks(size: Any, refused: bool) -> None:
    answer = plan(configured(storage={"size": size}), state(), private={APPLIED_SIZE: 10})
    found = errors(answer)
    assert len(found) == refused
    if refused:
        assert 'the disk of notebook "nb"' in found[0].summary
        assert str(found[0].path) == "storage.size"
        assert f"storage.size is {size}, but the disk has 10 GB" in found[0].detail
        assert "Nothing was changed" in found[0].detail
        assert "`size = 10`" in found[0].detail


@pytest.mark.parametrize("private", [{APPLIED_SIZE: 5}, {}], ids=["applied last", "imported"])
@pytest.mark.parametrize("more", [{}, {"name": "other"}, {"tags": {"a": "b"}}])
def test_a_disk_that_has_grown_elsewhere_is_kept(private: Values, more: Values) -> None:
    """Rule 4: the warning repeats until the configuration says the actual size, or none."""
    prior = state()
    answer = plan(configured(storage={"size": 5}, **more), prior, private=private)
    assert errors(answer) == []
    told = [each for each in answer.diagnostics if each.summary == "Disks of notebooks are larger than configured"]
    assert [str(each.path) for each in told] == ["storage.size"]
    assert "`size = 10`" in told[0].detail
    assert answer.planned["storage"] == prior["storage"]
    assert more or answer.planned == prior


def test_a_size_that_was_changed_to_a_smaller_one_is_refused_on_a_disk_that_has_grown() -> None:
    answer = plan(configured(storage={"size": 7}), state(), private={APPLIED_SIZE: 5})
    assert ["`size = 10`" in each.detail for each in errors(answer)] == [True]
    assert warnings(answer) == []


def test_shrinking_is_no_error_where_it_is_replaced_anyway() -> None:
    assert errors(plan(configured(storage={"size": 5}, pool_id="pool-1"), state())) == []


STOPPED_AND_STARTED = 'Notebook "nb" will be stopped and started again'
STARTED_AND_STOPPED = 'Notebook "nb" may be started and stopped again'
PERHAPS = 'Notebook "nb" may be stopped and started again'


@pytest.mark.parametrize("status", ["RUNNING", "STARTING", "SNAPSHOTTING", "STOPPED", "STOPPING", "ERROR", "FROZEN"])
@pytest.mark.parametrize(
    ("config", "running", "names"),
    [
        ({"name": "other"}, PERHAPS, "name"),
        ({"description": None}, PERHAPS, "description"),
        ({"storage": {"size": 20}}, PERHAPS, "storage.size"),
        ({"endpoints": {"SSH": {"key_pair_names": ["k1", "k2"]}}}, PERHAPS, 'endpoints["SSH"].allowed_access_ips'),
        ({"flavor": CPU_8U}, STOPPED_AND_STARTED, "flavor"),
        ({"image_id": OTHER_IMAGE}, STOPPED_AND_STARTED, "image_id"),
        ({"endpoints": None}, STOPPED_AND_STARTED, 'endpoints["SSH"]'),
        ({"endpoints": {"SSH": {}}}, STOPPED_AND_STARTED, 'endpoints["SSH"].key_pair_names'),
        ({"hooks": HOOKS}, STOPPED_AND_STARTED, "hooks"),
        ({"flavor": UNKNOWN}, PERHAPS, "flavor"),
        ({"image_id": UNKNOWN, "name": "other"}, PERHAPS, "image_id"),
        ({"endpoints": {"SSH": {"key_pair_names": UNKNOWN}}}, PERHAPS, 'endpoints["SSH"].key_pair_names'),
        ({"endpoints": {**SSH, "NOTEBOOK": {"key_pair_names": UNKNOWN}}}, STOPPED_AND_STARTED, 'endpoints["NOTEBOOK"]'),
        ({"hooks": {"post_start": {"script": UNKNOWN}}}, STOPPED_AND_STARTED, "hooks"),
        ({"flavor": UNKNOWN, "image_id": OTHER_IMAGE}, STOPPED_AND_STARTED, "image_id"),
        ({"name": "other", "flavor": CPU_8U, "hooks": HOOKS}, STOPPED_AND_STARTED, "flavor and hooks"),
    ],
)
def test_the_warning_before_a_running_notebook_stops(status: str, config: Values, running: str, names: str) -> None:
    answer = plan(configured(**config), state({"status": status}))
    runs = status in ("RUNNING", "STARTING", "SNAPSHOTTING")
    grows = status in ("STOPPED", "STOPPING") and "storage" in config
    assert warnings(answer) == ([running] if runs else [STARTED_AND_STOPPED] if grows else [])
    assert errors(answer) == []
    if runs:
        (text,) = details(answer)
        assert f"Changing {names} " in text
        assert f"nb ({ID}) is {status}" in text
        assert "Everything outside /home/ma-user/work is lost" in text


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({}, [STARTED_AND_STOPPED]),
        ({"desired_status": "STOPPED"}, [STARTED_AND_STOPPED]),
        ({"desired_status": "RUNNING"}, []),
        ({"allow_stopping_for_update": False}, []),
    ],
)
def test_a_stopped_notebook_may_be_started_for_its_disk_where_that_is_allowed(config: Values, told: list[str]) -> None:
    answer = plan(configured(storage={"size": 20}, **config), state({"status": "STOPPED"}, **config))
    assert warnings(answer) == told
    assert errors(answer) == []


def test_a_wish_that_is_still_unknown_may_stop_it() -> None:
    answer = plan(configured(desired_status=UNKNOWN), state(desired_status="RUNNING"))
    assert warnings(answer) == ['Notebook "nb" may be stopped']


def test_where_a_stop_is_not_allowed_a_value_that_is_not_known_yet_is_left_to_the_apply() -> None:
    """It may turn out to be the present one: another notebook's address, say, of which only the tags change."""
    answer = plan(configured(flavor=UNKNOWN, allow_stopping_for_update=False), state())
    assert errors(answer) == []
    assert warnings(answer) == [PERHAPS]
    (text,) = details(answer)
    assert "the apply fails before anything is called, because allow_stopping_for_update is false" in text
    assert errors(plan(configured(flavor=CPU_8U, allow_stopping_for_update=False), state())) != []


@pytest.mark.parametrize(
    ("private", "before", "config", "warned"),
    [
        ({IMPORTED: True}, None, HOOKS, True),
        ({}, None, HOOKS, False),
        ({IMPORTED: True}, None, None, False),
        ({IMPORTED: True}, HOOKS, {"pre_start": {"script": "/y"}}, False),
    ],
)
def test_hooks_after_an_import_cannot_be_read(private: Values, before: Any, config: Any, warned: bool) -> None:
    prior = state({"status": "STOPPED"}, hooks=before)
    answer = plan(configured(hooks=config), prior, private=private)
    assert warnings(answer) == (['The present hooks of notebook "nb" can\'t be read'] if warned else [])
    assert answer.private == private


def test_a_plan_twice_says_the_same() -> None:
    config, prior = configured(flavor=CPU_8U, hooks=HOOKS), state()
    first, second = plan(config, prior), plan(config, prior)
    assert first.planned == second.planned
    assert list(first.diagnostics) == list(second.diagnostics)
    assert prior == state()


def rows(config: Values, prior: Values | None = None, **private: Any) -> dict[str, list[str]]:
    before = prior or state()
    planned = plan(config, before).planned
    return {row: [str(at) for at in paths] for row, paths in changed_rows(config, before, planned).items()}


SSH_KEYS, SSH_IPS = 'endpoints["SSH"].key_pair_names', 'endpoints["SSH"].allowed_access_ips'


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, {}),
        ({"timeouts": {"create": "1m"}}, {}),
        ({"name": "x"}, {"name": ["name"]}),
        ({"description": ""}, {"description": ["description"]}),
        ({"storage": {"size": 20}}, {"storage_size": ["storage.size"]}),
        ({"storage": {"size": None}}, {}),
        ({"storage": {"size": UNKNOWN}}, {"storage_size": ["storage.size"]}),
        ({"endpoints": {"SSH": {"key_pair_names": ["k1", "k2"]}}}, {"allowed_access_ips": [SSH_IPS]}),
        (
            {"endpoints": {"SSH": {"allowed_access_ips": ["8.8.8.8"], "key_pair_names": ["k1"]}}},
            {"key_pair_names": [SSH_KEYS]},
        ),
        ({"endpoints": {**SSH, "NOTEBOOK": {}}}, {"endpoints": ['endpoints["NOTEBOOK"]']}),
        (
            {"endpoints": None},
            {"endpoints": ['endpoints["SSH"]'], "key_pair_names": [SSH_KEYS], "allowed_access_ips": [SSH_IPS]},
        ),
        (
            {"endpoints": {"SSH": UNKNOWN}},
            {"key_pair_names": [SSH_KEYS], "allowed_access_ips": [SSH_IPS]},
        ),
        ({"hooks": {}}, {}),
        ({"hooks": HOOKS}, {"hooks": ["hooks.pre_start.type", "hooks.pre_start.script"]}),
        (
            {"name": "x", "flavor": CPU_8U, "image_id": OTHER_IMAGE},
            {"name": ["name"], "flavor": ["flavor"], "image_id": ["image_id"]},
        ),
    ],
)
def test_rows_of_the_field_table_that_change(config: Values, expected: dict[str, list[str]]) -> None:
    assert rows(configured(**config)) == expected


def test_a_size_that_nobody_configured_and_nobody_reports_stays_null() -> None:
    prior = state(EFS_VOLUME | {"volume": {**EFS_VOLUME["volume"], "capacity": None}}, storage=EFS)
    config = configured(storage=EFS, name="x")
    assert plan(config, prior).planned["storage"]["size"] is None
    assert rows(config, prior) == {"name": ["name"]}


def test_the_empty_form_of_what_was_absent_is_no_change() -> None:
    prior = state({"description": None, "endpoints": []}, description=None, endpoints=None)
    assert rows(configured(description="", endpoints={}), prior) == {}


def test_the_changes_at_apply_carry_only_what_changes() -> None:
    config, prior = configured(name="x", storage={"size": 20}, timeouts={"create": "1m"}), state()
    changes = lifecycle_changes(config, prior, plan(config, prior).planned)
    assert changes.fields == {"name": {"name": "x"}, "storage_size": {"storage_new_size": 20}}
    assert (changes.add_tags, changes.remove_tags, changes.lease) == ({}, (), None)


@pytest.mark.parametrize(
    ("config", "only", "words"),
    [
        ({"flavor": CPU_8U}, ("flavor",), "flavor"),
        ({"flavor": CPU_8U, "hooks": HOOKS}, ("flavor", "hooks"), "flavor and hooks"),
        (
            {"flavor": CPU_8U, "hooks": HOOKS, "storage": {"size": 20}},
            ("flavor", "hooks", "storage_size"),
            "flavor, hooks and storage.size",
        ),
        ({"endpoints": None}, ("endpoints",), 'endpoints["SSH"]'),
        ({}, (), ""),
    ],
)
def test_attributes_in_words(config: Values, only: tuple[str, ...], words: str) -> None:
    wanted, prior = configured(**config), state()
    assert attribute_names(changed_rows(wanted, prior, plan(wanted, prior).planned), only) == words


def test_the_usual_state_is_that_of_the_usual_configuration() -> None:
    """A positive control: these tables start from a plan without a change."""
    assert API["status"] == "RUNNING"
    assert state()["project_id"] == PROJECT
    assert plan(configured(), state()).planned["status"] == "RUNNING"
