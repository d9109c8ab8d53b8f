"""PUT /notebooks/{id}: which field in which status, what it does, and that a refusal changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import ARM, CPU2, CPU8, FREE, GPU, IMAGE, IMAGE_ARM, IMAGE_GPU, IMAGE_NEWER, IMAGE_SSH_ONLY, Api

SSH = {"service": "SSH", "key_pair_names": ["k1"]}
SSH_IPS = {**SSH, "allowed_access_ips": ["8.8.8.8"]}
HOOK = {"container_hooks": {"pre_start": {"script": "/home/ma-user/work/init.sh"}}}
VALUES: dict[str, Any] = {
    "name": "renamed",
    "description": "new",
    "flavor": CPU8,
    "image_id": IMAGE_NEWER,
    "storage_new_size": 60,
    "hooks": HOOK,
    "endpoints": [{**SSH, "key_pair_names": ["k2"]}],
    "ips": [SSH_IPS],
}
ALWAYS = {"name", "description", "ips"}


def _put(api: Api, ident: str, field: str) -> Any:
    key = "endpoints" if field == "ips" else field
    return api.put(ident, **{key: VALUES[field]})


@pytest.mark.parametrize("field", VALUES)
@pytest.mark.parametrize("rules", ["documented", "observed"])
@pytest.mark.parametrize("status", ["RUNNING", "STOPPED"])
def test_which_field_in_which_status(rules: str, status: str, field: str) -> None:
    api = Api(rules=rules)
    ident = (api.running if status == "RUNNING" else api.stopped)(endpoints=[SSH])
    before = api.behind(ident)["behind"]
    answer = _put(api, ident, field)
    if field == "storage_new_size":
        allowed = rules == "documented" or status == "RUNNING"
    else:
        allowed = status == "STOPPED" or (rules == "observed" and field in ALWAYS)
    if allowed:
        assert answer.status == 200, answer.raw
        return
    assert (answer.status, answer.code) == (400, "6347")
    parameter = "allowed_access_ips" if field == "ips" else field
    assert status in answer.body["error_msg"]
    assert f"'{parameter}'" in answer.body["error_msg"]
    assert api.behind(ident)["behind"] == before


def test_everything_at_once(api: Api) -> None:
    ident = api.stopped(endpoints=[SSH], hooks=HOOK, description="old")
    new_hooks = {"container_hooks": {"post_start": {"type": "command", "script": "ZWNobyBoaQ==", "mode": "block"}}}
    answer = api.put(
        ident,
        name="n2",
        description="d2",
        flavor=GPU,
        image_id=IMAGE_GPU,
        storage_new_size=150,
        endpoints=[{"service": "ssh", "key_pair_names": ["a", "b"], "allowed_access_ips": ["1.1.1.1", "9.9.9.9"]}],
        hooks=new_hooks,
    )
    assert answer.status == 200
    assert answer.body["id"] == ident
    api.wait(10)
    shown = api.show(ident)
    assert (shown["name"], shown["description"], shown["flavor"]) == ("n2", "d2", GPU)
    assert (shown["image"]["id"], shown["volume"]["capacity"]) == (IMAGE_GPU, 150)
    ssh = next(item for item in shown["endpoints"] if item["service"] == "SSH")
    assert ssh["dev_service"] == "SSH"
    assert ssh["key_pair_names"] == ssh["ssh_keys"] == ["a", "b"]
    assert ssh["allowed_access_ips"] == ["1.1.1.1", "9.9.9.9"]
    assert api.behind(ident)["hooks"] == {"post_start": {"type": "COMMAND", "script": "ZWNobyBoaQ==", "mode": "BLOCK"}}
    assert "hooks" not in shown


def test_growth_of_the_disk(api: Api) -> None:
    ident = api.running()
    answer = api.put(ident, storage_new_size=120)
    assert answer.body["volume"] | {"id": ""} == {
        "category": "EVS",
        "ownership": "MANAGED",
        "mount_path": "/home/ma-user/work/",
        "capacity": 50,
        "status": "RESIZING",
        "id": "",
    }
    assert api.put(ident, storage_new_size=130).code == "6357"
    api.wait(10)
    volume = api.show(ident)["volume"]
    assert volume["capacity"] == 120
    assert "status" not in volume
    assert api.status(ident) == "RUNNING"


@pytest.mark.parametrize(
    ("rules", "size", "code"),
    [
        ("documented", 50, "6331"),
        ("documented", 49, "6331"),
        ("documented", 150, ""),
        ("documented", 151, "6331"),  # more than 100 GB in one step
        ("observed", 151, ""),
        ("observed", 4096, ""),
        ("observed", 4097, "6331"),
        ("documented", "60", "6332"),
        ("documented", True, "6332"),
        ("documented", 60.5, "6332"),
    ],
)
def test_sizes(rules: str, size: Any, code: str) -> None:
    api = Api(rules=rules)
    ident = api.running()
    assert api.put(ident, storage_new_size=size).code == code
    api.wait(10)
    assert api.show(ident)["volume"]["capacity"] == (50 if code else size)


def test_only_evs_grows(api: Api) -> None:
    ident = api.stopped(volume={"category": "EFS", "ownership": "MANAGED"})
    assert api.show(ident)["volume"]["capacity"] == 50
    assert api.put(ident, storage_new_size=60).code == "6324"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"hooks": {"container_hooks": {"pre_start": {}}}}, "6335"),
        ({"dew_secret_name": ""}, "6967"),
        ({"endpoints": [{"service": "SSH", "dev_service": "FTP"}]}, "6336"),
        ({"endpoints": [{"service": "SSH", "key_pair_names": ["k"], "ssh_keys": 5}]}, "6332"),
    ],
)
def test_what_looks_like_nothing_is_checked_all_the_same(api: Api, body: dict[str, Any], code: str) -> None:
    ident = api.stopped()
    before = api.behind(ident)
    assert api.put(ident, **body).code == code
    assert api.behind(ident) == before


@pytest.mark.parametrize("hooks", [{}, {"container_hooks": {}}, {"container_hooks": None}])
def test_hooks_are_replaced_as_a_whole(api: Api, hooks: Any) -> None:
    ident = api.stopped(hooks=HOOK)
    assert api.behind(ident)["hooks"] == {
        "pre_start": {"type": "SCRIPT", "script": "/home/ma-user/work/init.sh", "mode": "ASYNC"}
    }
    assert api.put(ident, hooks=hooks).status == 200
    assert api.behind(ident)["hooks"] == {}


def test_endpoints_are_replaced_and_https_stays(api: Api) -> None:
    ident = api.stopped(endpoints=[SSH_IPS])
    assert [item["service"] for item in api.show(ident)["endpoints"]] == ["NOTEBOOK", "SSH"]
    assert api.put(ident, endpoints=[]).status == 200
    assert [item["service"] for item in api.show(ident)["endpoints"]] == ["NOTEBOOK"]
    assert api.put(ident, endpoints=[{"dev_service": "ssh", "ssh_keys": ["old"]}]).status == 200
    assert api.show(ident)["endpoints"][1]["key_pair_names"] == ["old"]
    assert api.put(ident, endpoints=[{"allowed_access_ips": ["8.8.4.4"]}]).status == 200
    assert api.show(ident)["endpoints"][1]["service"] == "SSH"


def test_an_empty_description_clears_it(api: Api) -> None:
    ident = api.stopped(description="something")
    assert api.put(ident, description="").status == 200
    assert api.show(ident)["description"] == ""


def test_unknown_and_null_fields_are_ignored(api: Api) -> None:
    ident = api.stopped(description="kept")
    assert api.put(ident, description=None, tags=[{"key": "a"}], surprise={"x": 1}).status == 200
    shown = api.show(ident)
    assert shown["description"] == "kept"
    assert "tags" not in shown


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"flavor": "no.such"}, "6323"),
        ({"flavor": FREE}, "6870"),
        ({"flavor": ARM}, "6792"),
        ({"flavor": GPU}, "6792"),  # the image that it has knows no GPU
        ({"flavor": GPU, "image_id": IMAGE_GPU}, ""),
        ({"flavor": ARM, "image_id": IMAGE_ARM}, ""),
        ({"image_id": IMAGE_ARM}, "6323"),
        ({"image_id": "00000000-0000-4000-8000-000000000000"}, "6797"),
        ({"image_id": "not-a-uuid"}, "6336"),
        ({"image_id": IMAGE_SSH_ONLY}, "6768"),
        ({"image_id": IMAGE_SSH_ONLY, "endpoints": [SSH]}, ""),
        ({"flavor": ""}, "6336"),
        ({"name": ""}, "6336"),
        ({"name": "a b"}, "6334"),
        ({"name": 5}, "6332"),
        ({"hooks": []}, "6332"),
        ({"endpoints": {}}, "6332"),
        ({"endpoints": [SSH, SSH]}, "6336"),
        ({"name": "fine", "description": "a<b"}, "6334"),
    ],
)
def test_what_fits(api: Api, body: dict[str, Any], code: str) -> None:
    ident = api.stopped()
    before = api.behind(ident)["behind"]
    assert api.put(ident, **body).code == code
    assert (api.behind(ident)["behind"] == before) == bool(code)


def test_an_image_with_ssh_only_has_no_https(api: Api) -> None:
    ident = api.stopped(image_id=IMAGE_SSH_ONLY, endpoints=[SSH])
    assert [item["service"] for item in api.show(ident)["endpoints"]] == ["SSH"]
    assert api.put(ident, image_id=IMAGE).status == 200
    assert [item["service"] for item in api.show(ident)["endpoints"]] == ["NOTEBOOK", "SSH"]


def test_an_empty_body_changes_nothing(api: Api, observed: Api) -> None:
    assert api.put(api.stopped()).status == 200
    assert api.put(api.running()).code == "6347"
    assert observed.put(observed.running()).status == 200


@pytest.mark.parametrize(("rules", "code"), [("documented", "6347"), ("observed", "")])
def test_a_failed_start_can_be_mended_under_the_observed_rules(rules: str, code: str) -> None:
    api = Api(rules=rules)
    ident = api.stopped()
    api.put_into(ident, "START_FAILED")
    assert api.put(ident, flavor=CPU8).code == code
    assert api.show(ident)["flavor"] == (CPU2 if code else CPU8)


@pytest.mark.parametrize("status", ["FROZEN", "ERROR", "CREATE_FAILED"])
def test_a_dead_one_is_not_changed(observed: Api, status: str) -> None:
    ident = observed.running()
    observed.put_into(ident, status)
    assert observed.put(ident, name="x").code == "6347"
