"""What the public acceptance tests of Huawei's own provider, run against the service, show of it: the emulator does the same.

Each step is one of theirs (huaweicloud_modelarts_notebook, its list, its attached storage, August 2026), in the API's terms.
"""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import CPU2, CPU8, IMAGE, IMAGE_NEWER, POOL, Api

SSH = {"service": "SSH", "key_pair_names": ["kp"]}
EFS = {
    "category": "EFS",
    "ownership": "DEDICATED",
    "uri": "192.168.0.9:/",
    "id": "0b6c5f21-6a3f-4e2b-8f38-3f2f6f4d1b10",
}


@pytest.fixture
def api() -> Api:
    return Api(rules="observed")


def set_tags(api: Api, ident: str, **tags: str) -> None:
    body = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
    assert api.call("POST", f"/notebooks/{ident}/tags/create", body).status == 204


def remove_tags(api: Api, ident: str, *keys: str) -> None:
    body = {"tags": [{"key": key} for key in keys]}
    assert api.call("DELETE", f"/notebooks/{ident}/tags/delete", body).status == 204


def tags_of(shown: dict[str, Any]) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in shown.get("tags") or []}


def restart(api: Api, ident: str, **body: Any) -> None:
    """A stop, the request, and a start that keeps auto stop off."""
    assert api.call("POST", f"/notebooks/{ident}/stop").status == 200
    api.wait(15)
    assert api.put(ident, **body).status == 200
    assert api.call("POST", f"/notebooks/{ident}/start", query={"duration": -1}).status == 200
    api.wait(30)


def test_a_life_with_managed_evs(api: Api) -> None:
    volume = {"category": "EVS", "ownership": "MANAGED", "capacity": 10}
    ident = api.running(volume=volume, description="Created", duration=-1, feature="NOTEBOOK")
    set_tags(api, ident, foo="bar", key="value")

    shown = api.show(ident)
    assert {name: shown["volume"].get(name) for name in ("category", "ownership", "capacity", "id", "uri")} == {
        "category": "EVS",
        "ownership": "MANAGED",
        "capacity": 10,
        "id": None,
        "uri": None,
    }
    assert not [entry for entry in shown["endpoints"] if entry["service"] == "SSH"]
    assert shown["lease"]["enable"] is False
    assert shown["image"]["type"] == "BUILD_IN"
    assert all(shown[name] for name in ("url", "create_at", "update_at"))
    assert all(shown["image"][name] for name in ("name", "swr_path"))
    assert tags_of(shown) == {"foo": "bar", "key": "value"}

    assert api.put(ident, name="renamed", description="Updated", storage_new_size=20).status == 200
    api.wait(10)
    restart(api, ident, flavor=CPU8, image_id=IMAGE_NEWER)
    remove_tags(api, ident, "foo", "key")
    set_tags(api, ident, foo="baar", owner="terraform")

    shown = api.show(ident)
    assert (shown["name"], shown["description"], shown["flavor"]) == ("renamed", "Updated", CPU8)
    assert (shown["image"]["id"], shown["volume"]["capacity"]) == (IMAGE_NEWER, 20)
    assert {"id", "uri"} & set(shown["volume"]) == set()
    assert shown["lease"]["enable"] is False
    assert tags_of(shown) == {"foo": "baar", "owner": "terraform"}
    assert api.call("DELETE", f"/notebooks/{ident}").status == 200
    api.wait(10)
    assert api.call("GET", f"/notebooks/{ident}").code == "6404"


def test_a_life_with_dedicated_efs_in_a_pool(api: Api) -> None:
    ident = api.running(volume=EFS, endpoints=[SSH], pool_id=POOL, flavor=CPU8, description="Created", duration=-1)

    shown = api.show(ident)
    assert (shown["volume"]["uri"], shown["volume"]["id"]) == (EFS["uri"], EFS["id"])
    assert shown["pool"] == {"id": POOL, "name": "emulator-pool"}
    [ssh] = [entry for entry in shown["endpoints"] if entry["service"] == "SSH"]
    assert (ssh["key_pair_names"], bool(ssh["uri"]), "allowed_access_ips" in ssh) == (["kp"], True, False)
    assert tags_of(shown) == {}

    assert api.put(ident, description="").status == 200
    ips = ["203.0.113.9", "198.51.100.4"]
    restart(api, ident, flavor=CPU8, image_id=IMAGE_NEWER, endpoints=[{**SSH, "allowed_access_ips": ips}])

    shown = api.show(ident)
    assert shown["description"] == ""
    [ssh] = [entry for entry in shown["endpoints"] if entry["service"] == "SSH"]
    assert (ssh["allowed_access_ips"], bool(ssh["uri"])) == (ips, True)
    assert (shown["volume"]["uri"], shown["volume"]["id"]) == (EFS["uri"], EFS["id"])


def test_the_list(api: Api) -> None:
    ident = api.running(endpoints=[SSH], description="Created")
    filters = {"id": ident, "name": "nb", "status": "RUNNING", "flavor": CPU2, "image_id": IMAGE, "workspace_id": "0"}
    for name, value in {**filters, "feature": "NOTEBOOK", "billing": "STORAGE"}.items():
        [item] = api.call("GET", "/notebooks", query={name: value, "limit": 50}).body["data"]
    shown = api.show(ident)
    for name in ("id", "name", "flavor", "description", "workspace_id", "endpoints"):
        assert item[name] == shown[name]
    assert {name: item["image"][name] for name in ("id", "type", "swr_path", "name")} == {
        name: shown["image"][name] for name in ("id", "type", "swr_path", "name")
    }
    assert "STORAGE" in item["billing_items"]
    empty = api.call("GET", "/notebooks", query={"workspace_id": "f" * 32, "limit": 50})
    assert (empty.status, empty.body["data"], empty.body["total"]) == (200, [], 0)


def test_images(api: Api) -> None:
    images = api.call("GET", "/images").body["data"]
    assert {image["type"] for image in images} == {"BUILD_IN"}
    assert images[0]["arch"] == images[0]["arch"].lower()
    assert all(images[0][name] for name in ("id", "name", "swr_path", "description"))


def test_a_managed_efs_needs_no_size_and_attached_obs_is_obsfs(api: Api) -> None:
    ident = api.running(volume={"category": "EFS", "ownership": "MANAGED"})
    assert {"id", "uri"} & set(api.show(ident)["volume"]) == set()
    wanted = {"category": "OBS", "uri": "obs://bucket/", "mount_path": "/data/test/"}
    storage = api.call("POST", f"/notebooks/{ident}/storage", wanted).body["id"]
    api.wait(5)
    shown = api.call("GET", f"/notebooks/{ident}/storage/{storage}").body
    assert {name: shown[name] for name in ("category", "uri", "mount_path", "status")} == {
        "category": "OBSFS",
        "uri": "obs://bucket/",
        "mount_path": "/data/test/",
        "status": "MOUNTED",
    }


@pytest.mark.parametrize("rules", ["documented", "observed"])
@pytest.mark.parametrize(("choice", "shown"), [("left out", False), ("shown", True)])
def test_the_id_of_managed_storage(rules: str, choice: str, shown: bool) -> None:
    """In no answer: not a read's, a list's, an update's, nor behind the API."""
    api = Api(rules=rules, assume={"managed-volume-id": choice})
    ident = api.stopped()
    seen = [
        api.show(ident),
        api.call("GET", "/notebooks").body["data"][0],
        api.put(ident, name="nb").body,
        api.call("POST", f"/notebooks/{ident}/start").body,
    ]
    assert [bool(each["volume"].get("id")) for each in seen] == [shown] * 4
