"""Attached storage, saved and registered images, switches and pools."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import CPU8, IMAGE, POOL, POOL_ONLY, Api

OBS = {"category": "OBS", "mount_path": "/data/mine/", "uri": "obs://bucket/dir/"}
SAVE = {"name": "my-image", "namespace": "team", "tag": "1.0", "description": "mine"}
REGISTER = {"swr_path": "swr.example.com/team/own-image:2.0"}


def test_storage_is_mounted_and_unmounted(api: Api) -> None:
    ident = api.running()
    path = f"/notebooks/{ident}/storage"
    attached = api.call("POST", path, OBS).body
    assert (attached["category"], attached["status"], attached["mount_type"]) == ("OBSFS", "MOUNTING", "DYNAMIC")
    one = f"{path}/{attached['id']}"
    assert api.call("DELETE", one).code == "6357"
    api.wait(5)
    assert api.call("GET", one).body == {**attached, "status": "MOUNTED"}
    page = api.call("GET", path).body
    assert (page["total"], page["current"], page["data"][0]["uri"]) == (1, 1, "obs://bucket/dir/")
    assert api.show(ident)["data_volumes"] == [
        {
            "category": "OBSFS",
            "mount_path": "/data/mine/",
            "url": "obs://bucket/dir/",
            "status": "MOUNTED",
            "mount_type": "DYNAMIC",
        }
    ]
    assert api.call("DELETE", one).body["status"] == "UNMOUNTING"
    api.wait(5)
    assert api.call("GET", one).code == "6404"
    assert "data_volumes" not in api.show(ident)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": None}, "6335"),
        ({"category": "EVS"}, "6324"),
        ({"mount_path": None}, "6927"),
        ({"mount_path": "/data/mine"}, "6785"),
        ({"mount_path": "/home/x/"}, "6785"),
        ({"uri": None}, "6335"),
        ({"uri": "obs://bucket/dir"}, "6318"),
        ({"uri": "https://bucket/"}, "6336"),
        ({"uri": "obs://missing-bucket/"}, "6772"),
        ({"category": "EFS", "uri": "efs:/"}, "6335"),
    ],
)
def test_wrong_storage(api: Api, changes: dict[str, Any], code: str) -> None:
    ident = api.running()
    body = {key: value for key, value in {**OBS, **changes}.items() if value is not None}
    assert api.call("POST", f"/notebooks/{ident}/storage", body).code == code
    assert api.call("GET", f"/notebooks/{ident}/storage").body["total"] == 0


def test_storage_needs_a_running_instance(api: Api) -> None:
    ident = api.stopped()
    assert api.call("POST", f"/notebooks/{ident}/storage", OBS).code == "6958"
    assert api.call("DELETE", f"/notebooks/{ident}/storage/x").code == "6958"
    assert api.call("GET", f"/notebooks/{ident}/storage/x").code == "6404"


def test_ten_storages_and_each_path_once(api: Api) -> None:
    ident = api.running()
    path = f"/notebooks/{ident}/storage"
    for index in range(10):
        assert api.call("POST", path, {**OBS, "mount_path": f"/data/m{index}/"}).status == 200
        assert index or api.call("POST", path, {**OBS, "mount_path": "/data/m0/"}).code == "6336"
    assert api.call("POST", path, OBS).code == "0104"


def test_a_mount_that_fails_can_be_detached(api: Api) -> None:
    ident = api.running()
    api.control("POST", "/failures", {"operation": "attach", "fail_reason": "no access"})
    storage = api.call("POST", f"/notebooks/{ident}/storage", OBS).body
    assert "failure_reason" not in storage
    api.wait(5)
    path = f"/notebooks/{ident}/storage/{storage['id']}"
    found = api.call("GET", path).body
    assert (found["status"], found["failure_reason"]) == ("MOUNT_FAILED", "no access")
    assert api.call("DELETE", path).status == 200


def test_a_stop_takes_dynamic_storage_away_and_leaves_static(api: Api) -> None:
    volume = {"category": "OBS", "ownership": "DEDICATED", "mount_path": "/data/own/", "uri": "obs://b/x/"}
    ident = api.running(data_volumes=[volume])
    api.call("POST", f"/notebooks/{ident}/storage", OBS)
    api.wait(5)
    assert [item["mount_type"] for item in api.show(ident)["data_volumes"]] == ["STATIC", "DYNAMIC"]
    api.call("POST", f"/notebooks/{ident}/stop")
    api.wait(15)
    assert [item["url"] for item in api.show(ident)["data_volumes"]] == ["obs://b/x/"]
    assert api.put(ident, data_volumes=[]).status == 200
    assert "data_volumes" not in api.show(ident)


@pytest.mark.parametrize(
    ("volume", "code"),
    [
        ({}, "6335"),
        ({"category": "EVS"}, "6324"),
        ({"category": "OBS", "mount_path": "data"}, "6785"),
        ({"category": "OBS", "mount_path": "/data/x/"}, "6335"),
        ("x", "6332"),
    ],
)
def test_wrong_data_volumes(api: Api, volume: Any, code: str) -> None:
    assert api.create(data_volumes=[volume]).code == code


def test_saving_an_image_changes_the_instances_own(api: Api) -> None:
    ident = api.running()
    saved = api.call("POST", f"/notebooks/{ident}/create-image", SAVE).body
    assert (saved["status"], saved["origin"], saved["type"]) == ("INIT", "IMAGE_SAVE", "DEDICATED")
    assert (saved["arch"], saved["visibility"], saved["workspace_id"]) == ("x86_64", "PRIVATE", "0")
    assert saved["swr_path"].endswith("/team/my-image:1.0")
    assert api.status(ident) == "SNAPSHOTTING"
    assert api.call("GET", f"/images/{saved['id']}").body["status"] == "CREATING"
    assert api.call("DELETE", f"/images/{saved['id']}").code == "6357"
    assert api.call("POST", f"/images/{saved['id']}/sync").code == "6357"
    assert api.call("POST", f"/notebooks/{ident}/create-image", SAVE).code == "6357"
    api.wait(120)
    shown = api.show(ident)
    assert (shown["status"], shown["image"]["id"], shown["image"]["origin"]) == ("RUNNING", saved["id"], "IMAGE_SAVE")
    assert api.call("GET", f"/images/{saved['id']}").body["status"] == "ACTIVE"
    assert api.call("DELETE", f"/images/{saved['id']}").code == "0104"  # in use
    assert api.call("POST", f"/notebooks/{ident}/create-image", SAVE).code == "6737"
    assert api.call("GET", "/images", query={"type": "DEDICATED"}).body["total"] == 1
    other = "1123456789abcdef0123456789abcdef"
    assert api.call("GET", f"/images/{saved['id']}", project=other).code == "6797"
    assert api.create(image_id=saved["id"]).status == 200


def test_a_save_that_fails(api: Api) -> None:
    ident = api.running()
    api.control("POST", "/failures", {"operation": "create-image", "fail_reason": "too big"})
    saved = api.call("POST", f"/notebooks/{ident}/create-image", SAVE).body
    api.wait(120)
    image = api.call("GET", f"/images/{saved['id']}").body
    assert (image["status"], image["status_message"]) == ("CREATE_FAILED", "too big")
    assert (api.status(ident), api.show(ident)["image"]["id"]) == ("RUNNING", IMAGE)
    assert api.create(image_id=saved["id"]).code == "6797"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": None}, "6335"),
        ({"namespace": None}, "6335"),
        ({"name": "Upper"}, "6336"),
        ({"name": "-x"}, "6336"),
        ({"namespace": "9x"}, "6336"),
        ({"tag": "a b"}, "6336"),
        ({"tag": "t" * 65}, "6336"),
        ({"description": "d" * 513}, "6336"),
        ({"workspace_id": "1"}, "0102"),
    ],
)
def test_wrong_saves(api: Api, changes: dict[str, Any], code: str) -> None:
    ident = api.running()
    body = {key: value for key, value in {**SAVE, **changes}.items() if value is not None}
    assert api.call("POST", f"/notebooks/{ident}/create-image", body).code == code
    assert api.status(ident) == "RUNNING"


def test_only_a_running_one_is_saved(api: Api) -> None:
    assert api.call("POST", f"/notebooks/{api.stopped()}/create-image", SAVE).code == "6327"


def test_a_registered_image_is_used_and_removed(api: Api) -> None:
    body = {
        **REGISTER,
        "arch": "X86_64",
        "resource_category": ["cpu"],
        "services": ["SSH"],
        "tags": ["a", {"key": "b"}],
    }
    made = api.call("POST", "/images", {**body, "visibility": "public", "service_type": "train"}).body
    assert (made["name"], made["namespace"], made["tag"], made["status"]) == ("own-image", "team", "2.0", "ACTIVE")
    assert (made["resource_categories"], made["dev_services"], made["arch"]) == (["CPU"], ["SSH"], "x86_64")
    assert (made["origin"], made["service_type"], made["visibility"]) == ("CUSTOMIZE", "TRAIN", "PUBLIC")
    assert made["tags"] == [{"key": "a", "value": ""}, {"key": "b", "value": ""}]
    assert api.call("POST", "/images", body).code == "6737"
    ident = api.running(image_id=made["id"], endpoints=[{"service": "SSH"}])
    assert api.call("DELETE", f"/images/{made['id']}", {"is_force": True}).code == "0104"
    api.call("DELETE", f"/notebooks/{ident}")
    api.wait(10)
    synced = api.call("POST", f"/images/{made['id']}/sync").body
    assert synced["update_at"] == api.clock.now()
    gone = api.call("DELETE", f"/images/{made['id']}")
    assert (gone.status, gone.body["status"]) == (200, "DELETED")
    assert api.call("GET", f"/images/{made['id']}").code == "6797"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "6335"),
        ({"swr_path": "short:1"}, "6336"),
        ({"swr_path": "swr.example.com/no-organisation"}, "6336"),
        ({**REGISTER, "arch": "x86_64"}, "6336"),
        ({**REGISTER, "resource_category": ["TPU"]}, "6336"),
        ({**REGISTER, "services": []}, "6336"),
        ({**REGISTER, "services": "SSH"}, "6332"),
        ({**REGISTER, "tags": [1]}, "6332"),
        ({**REGISTER, "tags": ["x"] * 21}, "6336"),
        ({**REGISTER, "read_me": "x" * 3001}, "6336"),
        ({**REGISTER, "visibility": "SECRET"}, "6336"),
    ],
)
def test_wrong_registrations(api: Api, body: dict[str, Any], code: str) -> None:
    assert api.call("POST", "/images", body).code == code
    assert api.call("GET", "/images", query={"type": "DEDICATED"}).body["total"] == 0


def test_built_in_images_stay(api: Api) -> None:
    for answer in (api.call("DELETE", f"/images/{IMAGE}"), api.call("POST", f"/images/{IMAGE}/sync")):
        assert (answer.status, answer.code) == (403, "0108")


def test_features() -> None:
    api = Api(quota=5)
    api.create()
    body = api.call("GET", "/authoring/features/NOTEBOOK").body
    assert (body["enabled"], body["quota"], body["used"], body["name"]) == (True, 5, 1, "NOTEBOOK")
    assert api.call("GET", "/authoring/features/DEFAULT").body["quota"] == 1
    assert api.call("GET", "/authoring/features/NOTHING").code == "0104"


def test_clusters(api: Api) -> None:
    public = api.call("GET", "/authoring/clusters", query={"type": "MANAGED"}).body["data"]
    assert [item["type"] for item in public] == ["MANAGED"]
    assert CPU8 in [flavor["id"] for flavor in public[0]["flavors"]]
    pools = api.call("GET", "/authoring/clusters", query={"type": "dedicated", "scope": "NOTEBOOK"}).body["data"]
    assert [(item["pool_id"], len(item["flavors"])) for item in pools] == [(POOL, 2)]
    one = api.call("GET", f"/authoring/clusters/{pools[0]['logic_cluster_id']}").body
    assert one == pools[0]
    assert POOL_ONLY in [flavor["id"] for flavor in one["flavors"]]
    assert api.call("GET", "/authoring/clusters").code == "6335"
    assert api.call("GET", "/authoring/clusters", query={"type": "X"}).code == "6336"
    assert api.call("GET", "/authoring/clusters", query={"type": "MANAGED", "scope": "TRAIN"}).code == "6336"
    assert api.call("GET", "/authoring/clusters/none").code == "0104"
