"""The notebook between Terraform's values and the API's JSON: request bodies, fragments of a PUT, and states."""

from __future__ import annotations

from typing import Any

import pytest
from notebook_values import API, ID, IMAGE, MINE, OTHER_IMAGE, READING, SSH, Values, configured, state, whole

from modelarts_provider.api.modelarts.shapes import LAST_MOMENT_MS
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.notebook.service.conversion import create_body, rfc3339, to_state, update_fragments

BASE: Values = {"name": "nb", "flavor": "modelarts.vm.cpu.2u", "image_id": IMAGE}
EVS: Values = {"category": "EVS", "ownership": "MANAGED"}
HOOK: Values = {"type": "SCRIPT", "script": "/x"}


@pytest.mark.parametrize(
    ("planned", "body"),
    [
        ({"storage": EVS}, {**BASE, "volume": EVS}),
        ({"storage": {**EVS, "size": UNKNOWN}, "feature": UNKNOWN}, {**BASE, "volume": EVS}),
        ({"storage": {**EVS, "size": 10}}, {**BASE, "volume": {**EVS, "capacity": 10}}),
        ({"storage": EVS, "description": ""}, {**BASE, "volume": EVS, "description": ""}),
        ({"storage": EVS, "endpoints": {}, "hooks": {}}, {**BASE, "volume": EVS}),
        (
            {"storage": EVS, "endpoints": SSH},
            {
                **BASE,
                "volume": EVS,
                "endpoints": [{"service": "SSH", "key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}],
            },
        ),
        (
            {"storage": EVS, "endpoints": {"SSH": {"key_pair_names": []}, "NOTEBOOK": {}}},
            {**BASE, "volume": EVS, "endpoints": [{"service": "NOTEBOOK"}, {"service": "SSH"}]},
        ),
        (
            {"storage": EVS, "hooks": {"post_start": {**HOOK, "mode": "BLOCK"}}},
            {**BASE, "volume": EVS, "hooks": {"container_hooks": {"post_start": {**HOOK, "mode": "BLOCK"}}}},
        ),
        (
            {
                "storage": {
                    "category": "OBS",
                    "ownership": "DEDICATED",
                    "uri": "obs://b/",
                    "dew_secret_name": "s",
                    "size": UNKNOWN,
                    "mount_path": UNKNOWN,
                },
                "feature": "DEFAULT",
                "workspace_id": "0",
                "pool_id": "pool",
                "region": "r",
                "project_id": "p",
                "timeouts": {"create": "1m"},
                "id": UNKNOWN,
            },
            {
                **BASE,
                "feature": "DEFAULT",
                "workspace_id": "0",
                "pool_id": "pool",
                "volume": {"category": "OBS", "ownership": "DEDICATED", "uri": "obs://b/", "dew_secret_name": "s"},
            },
        ),
    ],
)
def test_create_body(planned: Values, body: Values) -> None:
    assert create_body(whole({**BASE, **planned})) == body


def fragments(prior: Values, planned: Values, *rows: str) -> Any:
    return update_fragments(whole(prior), whole(planned), frozenset(rows))


@pytest.mark.parametrize(
    ("planned", "row", "fragment"),
    [
        ({"name": "other"}, "name", {"name": "other"}),
        ({"flavor": "f"}, "flavor", {"flavor": "f"}),
        ({"image_id": OTHER_IMAGE}, "image_id", {"image_id": OTHER_IMAGE}),
        ({"description": "x"}, "description", {"description": "x"}),
        ({"description": ""}, "description", {"description": ""}),
        ({"description": None}, "description", {"description": ""}),
        ({"storage": {"size": 20}}, "storage_size", {"storage_new_size": 20}),
        ({"hooks": None}, "hooks", {"hooks": {"container_hooks": {}}}),
        ({"hooks": {}}, "hooks", {"hooks": {"container_hooks": {}}}),
        ({"hooks": {"pre_start": HOOK}}, "hooks", {"hooks": {"container_hooks": {"pre_start": HOOK}}}),
    ],
)
def test_update_fragments(planned: Values, row: str, fragment: Values) -> None:
    assert fragments({**MINE, "hooks": {"post_start": HOOK}}, {**MINE, **planned}, row) == {row: fragment}


@pytest.mark.parametrize(
    ("prior", "planned", "entries"),
    [
        (SSH, None, []),
        (SSH, {}, []),
        (None, {"SSH": {}}, [{"service": "SSH"}]),
        (
            SSH,
            {"SSH": {"key_pair_names": ["k1"]}},
            [{"service": "SSH", "key_pair_names": ["k1"], "allowed_access_ips": []}],
        ),
        (SSH, {"SSH": {}}, [{"service": "SSH", "key_pair_names": [], "allowed_access_ips": []}]),
        (
            {**SSH, "NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]}},
            SSH,
            [{"service": "SSH", "key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}],
        ),
        (
            SSH,
            {"NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]}, "SSH": {"key_pair_names": ["k1"]}},
            [
                {"service": "NOTEBOOK", "allowed_access_ips": ["9.9.9.9"]},
                {"service": "SSH", "key_pair_names": ["k1"], "allowed_access_ips": []},
            ],
        ),
    ],
)
@pytest.mark.parametrize("row", ["endpoints", "key_pair_names", "allowed_access_ips"])
def test_the_endpoints_of_an_update_replace_the_whole_list(prior: Any, planned: Any, entries: Any, row: str) -> None:
    found = fragments({**MINE, "endpoints": prior}, {**MINE, "endpoints": planned}, row)
    assert found == {row: {"endpoints": entries}}


def test_only_the_rows_that_change_are_in_the_fragments() -> None:
    planned = {**MINE, "name": "other", "flavor": "f", "storage": {"size": 20}}
    assert fragments(MINE, planned, "name", "storage_size") == {
        "name": {"name": "other"},
        "storage_size": {"storage_new_size": 20},
    }
    assert fragments(MINE, planned) == {}


def test_the_state_of_a_running_notebook() -> None:
    found = state()
    assert {name: found[name] for name in ("id", *MINE)} == {"id": ID, **MINE}
    assert found["endpoints"] == {
        "SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"], "uri": "ssh://x:1"}
    }
    assert found["storage"] == {
        **dict.fromkeys(("uri", "id", "dew_secret_name", "status")),
        "category": "EVS",
        "ownership": "MANAGED",
        "size": 10,
        "mount_path": "/home/ma-user/work/",
    }
    assert (found["status"], found["fail_reason"], found["ssh_uri"]) == ("RUNNING", None, "ssh://x:1")
    assert (found["feature"], found["workspace_id"], found["pool_id"], found["pool"]) == ("NOTEBOOK", "0", None, None)
    assert (found["region"], found["project_id"]) == (READING.region, READING.project_id)
    assert (found["create_at"], found["created_at"]) == (1_700_000_000_000, "2023-11-14T22:13:20.000Z")
    assert (found["update_at"], found["updated_at"]) == (1_700_000_000_002, "2023-11-14T22:13:20.002Z")
    assert found["lease"]["stops_at"] == "2023-11-14T23:13:20.000Z"
    assert found["user"] == {"id": "u", "name": "user", "domain": {"id": "d", "name": "domain"}}
    assert found["image"]["created_at"] == "2023-11-14T22:13:20.000Z"
    assert found["action_progress"] == [
        {"notebook_id": ID, "step": 1, "status": "COMPLETED", "step_description": "Prepare storage"}
    ]
    assert "token" not in found


def without(*names: str) -> Values:
    return {name: value for name, value in API.items() if name not in names}


@pytest.mark.parametrize(
    "left_out",
    [
        ("url", "volume", "endpoints", "action_progress"),  # the answer to a create
        ("volume",),  # shown while CREATING
        ("url", "endpoints", "action_progress", "user", "billing_items", "create_at", "update_at"),  # an item of a list
        ("description", "fail_reason", "feature", "workspace_id", "lease", "image", "status"),
        tuple(name for name in API if name != "id"),
    ],
)
def test_answers_that_lack_what_their_samples_lack(left_out: tuple[str, ...]) -> None:
    """A state is made of what is there; what a user wrote and the answer lacks isn't invented."""
    prior = state()
    found = to_state(without(*left_out), prior, READING)
    assert found.keys() == prior.keys()
    assert found["id"] == ID
    assert found["storage"]["category"] == "EVS"
    assert (found["feature"], found["workspace_id"]) == ("NOTEBOOK", "0")
    for name in ("url", "user", "billing_items", "lease", "status"):
        assert (found[name] is None) is (name in left_out), name
    if "create_at" in left_out and "lease" not in left_out:
        assert found["create_at"] == 1_700_000_000_000
    imported = to_state(without(*left_out), None, READING)
    assert imported.keys() == prior.keys()
    assert imported["storage"] == (None if "volume" in left_out else prior["storage"])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (0, None),
        (-1, None),
        (None, None),
        ("1", None),
    ],
)
def test_times(value: Any, expected: str | None) -> None:
    assert rfc3339(value) == expected


@pytest.mark.parametrize(
    ("lease", "stops_at"),
    [
        ({"enable": True, "type": "TIMING"}, "2023-11-14T23:13:20.000Z"),
        ({"enable": True, "type": None}, "2023-11-14T23:13:20.000Z"),
        ({"enable": True, "type": "IDLE"}, None),
        ({"enable": False, "type": "TIMING"}, None),
        ({"enable": True, "type": "TIMING", "duration": None}, None),
        ({"enable": True, "type": "TIMING", "duration": 2**53}, None),
        ({"enable": True, "type": "TIMING", "duration": -(2**53)}, None),
        ({"enable": True, "type": "TIMING", "create_at": LAST_MOMENT_MS}, None),
        ({"enable": True, "create_at": LAST_MOMENT_MS - 1, "duration": 1}, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_when_the_lease_stops(lease: Values, stops_at: str | None) -> None:
    assert state({"lease": {**API["lease"], **lease}})["lease"]["stops_at"] == stops_at


SAVED = {"id": OTHER_IMAGE, "name": "saved", "origin": "IMAGE_SAVE", "type": "DEDICATED"}
CHOSEN_SAVED = {"id": OTHER_IMAGE, "name": "mine", "origin": "IMAGE_SAVE"}


@pytest.mark.parametrize(
    ("prior", "now", "image_id"),
    [
        ({}, {}, IMAGE),
        ({}, {"image": SAVED}, IMAGE),
        ({}, {"image": {"id": OTHER_IMAGE, "origin": "CUSTOMIZE"}}, OTHER_IMAGE),
        ({"image": SAVED}, {"image": SAVED}, OTHER_IMAGE),
        ({"image": SAVED}, {"image": {**SAVED, "id": "third"}}, "third"),
        ({"image": SAVED}, {}, IMAGE),
    ],
    ids=["unchanged", "saved", "changed outside", "chose a saved one", "another saved one", "back to a plain one"],
)
def test_saving_an_image_is_no_change_of_the_chosen_one(prior: Values, now: Values, image_id: str) -> None:
    """Rule 8: reality is in ``image``, what the user chose stays in ``image_id``."""
    before = state(prior, image_id=(prior.get("image") or API["image"])["id"])
    found = to_state({**API, **now}, before, READING)
    assert found["image_id"] == image_id
    assert found["image"]["id"] == now.get("image", API["image"])["id"]
    again = to_state({**API, **now}, found, READING)
    assert again["image_id"] == image_id


@pytest.mark.parametrize(
    ("before", "services"),
    [
        (SSH, ["SSH"]),
        (None, ["SSH"]),
        ({**SSH, "NOTEBOOK": {}}, ["NOTEBOOK", "SSH"]),
        ({"NOTEBOOK": {}}, ["NOTEBOOK", "SSH"]),
    ],
)
def test_the_https_entry_stays_out_unless_it_was_there(before: Any, services: list[str]) -> None:
    """Rule 3."""
    assert sorted(state(endpoints=before)["endpoints"]) == services


@pytest.mark.parametrize(
    ("before", "shown", "kept"),
    [({}, [{"service": "NOTEBOOK"}], {}), (None, [{"service": "NOTEBOOK"}], None), (None, [], None), ({}, None, {})],
)
def test_no_endpoints_keep_their_form(before: Any, shown: Any, kept: Any) -> None:
    assert state({"endpoints": shown}, endpoints=before)["endpoints"] == kept


@pytest.mark.parametrize(
    ("name", "before", "api", "kept"),
    [
        ("description", "", None, ""),
        ("description", None, "", None),
        ("description", "", "", ""),
        ("description", "x", "", None),
    ],
)
def test_empty_and_absent_keep_the_form_that_was_there(name: str, before: Any, api: Any, kept: Any) -> None:
    found = state({name: api}, **{name: before})[name]
    assert found == kept or (kept is None and not found)


@pytest.mark.parametrize("written", [None, []])
def test_empty_key_pairs_keep_their_form(written: Any) -> None:
    shown = [{"service": "SSH"}]
    found = state({"endpoints": shown}, endpoints={"SSH": {"key_pair_names": written, "allowed_access_ips": written}})
    assert found["endpoints"] == {"SSH": {"key_pair_names": written, "allowed_access_ips": written, "uri": None}}


@pytest.mark.parametrize(
    ("written", "shown", "category"),
    [("OBS", "OBSFS", "OBS"), ("OBSFS", "OBSFS", "OBSFS"), ("OBS", "OBS", "OBS"), ("EVS", "EFS", "EFS")],
)
def test_obs_reads_back_as_obsfs_and_equals_it(written: str, shown: str, category: str) -> None:
    volume = {"category": shown, "ownership": "DEDICATED", "uri": "obs://b/"}
    found = state({"volume": volume}, storage={"category": written, "ownership": "DEDICATED", "uri": "obs://b/"})
    assert found["storage"]["category"] == category


@pytest.mark.parametrize(
    ("ownership", "uri", "ident"), [("DEDICATED", "u", "i"), ("MANAGED", None, None), (None, None, None)]
)
def test_the_address_of_storage_is_only_that_of_ones_own(ownership: Any, uri: Any, ident: Any) -> None:
    volume = {"category": "EFS", "ownership": ownership, "uri": "u", "id": "i", "capacity": 50}
    found = state({"volume": volume}, storage={"category": "EFS", "ownership": ownership})["storage"]
    assert (found["uri"], found["id"], found["ownership"]) == (uri, ident, ownership or "MANAGED")


def test_what_the_api_never_returns_is_kept_and_an_import_leaves_it_null() -> None:
    hooks = {"pre_start": {"type": "SCRIPT", "script": "/x"}}
    found = state(hooks=hooks, timeouts={"create": "1h"})
    assert found["hooks"] == configured(hooks=hooks)["hooks"]
    assert found["timeouts"]["create"] == "1h"
    imported = to_state(API, None, READING)
    assert (imported["hooks"], imported["timeouts"]) == (None, None)
    assert imported["endpoints"].keys() == {"SSH"}


def test_what_was_planned_unknown_is_never_in_a_state() -> None:
    planned = configured(storage={"size": UNKNOWN, "mount_path": UNKNOWN}, status=UNKNOWN, url=UNKNOWN)
    found = to_state(without("volume", "url"), planned, READING)
    assert "UNKNOWN" not in repr(found)
