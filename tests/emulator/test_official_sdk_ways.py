"""Every operation of the notebook surface, by each of the three ways in which Huawei's SDK finds an endpoint.

What the surface is, the SDK's own client says: an operation that a newer one adds is missed here, and fails.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from official_sdk import BasicCredentials, ModelArtsRegion, Region, ma

from modelarts_emulator.http import routes
from modelarts_emulator.http.request_examples import BODIES
from modelarts_emulator.testing import Control, running_emulator

IMAGE = BODIES["CreateNotebookRequest"]["image_id"]
# Groups of images are no part of what the emulator emulates.
LEFT_OUT = {"list_image_group", "update_image_group", "delete_image_group"}


def _surface() -> dict[str, str]:
    """The SDK's methods for paths of the notebook surface: name -> HTTP method and path."""
    found = {}
    for name in dir(ma.ModelArtsClient):
        if not name.endswith("_http_info"):
            continue
        source = inspect.getsource(getattr(ma.ModelArtsClient, name))
        method, path = (re.search(rf'"{key}": "([^"]+)"', source) for key in ("method", "resource_path"))
        if method and path and re.match(r"/v1/{project_id}/(notebooks|images|authoring)\b", path[1]):
            found[name.removeprefix("_").removesuffix("_http_info")] = f"{method[1]} {path[1]}"
    return found


SURFACE = _surface()


def _no_placeholder_names(route: str) -> str:
    return re.sub(r"{\w+}", "{}", route.replace("/v1/{project_id}", ""))


def test_the_sdk_knows_the_operations_of_the_emulator_and_no_more() -> None:
    assert set(SURFACE) >= LEFT_OUT
    ours = {_no_placeholder_names(f"{item.method} {item.path}") for item in routes.OPERATIONS}
    theirs = {_no_placeholder_names(route) for name, route in SURFACE.items() if name not in LEFT_OUT}
    assert theirs == ours
    assert {_camel(name) for name in set(SURFACE) - LEFT_OUT} == {item.name for item in routes.OPERATIONS}


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


@pytest.fixture
def emulator() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


def by_endpoint(control: Control, monkeypatch: pytest.MonkeyPatch) -> Any:
    credentials = BasicCredentials(control.access_key, control.secret_key, control.project_id)
    return ma.ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(control.url).build()


def by_region(control: Control, monkeypatch: pytest.MonkeyPatch) -> Any:
    credentials = BasicCredentials(control.access_key, control.secret_key).with_iam_endpoint(control.url)
    region = Region(control.region, control.url)
    return ma.ModelArtsClient.new_builder().with_credentials(credentials).with_region(region).build()


def by_environment(control: Control, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in control.environment().items():
        if name.startswith("HUAWEICLOUD_SDK_") and name != "HUAWEICLOUD_SDK_PROJECT_ID":
            monkeypatch.setenv(name, value)
    region = ModelArtsRegion.value_of(control.region)
    return ma.ModelArtsClient.new_builder().with_region(region).build()


class Walk:
    """Calls operations of the SDK's client by name and remembers which."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.called: set[str] = set()

    def __call__(self, name: str, **values: Any) -> Any:
        self.called.add(name)
        return getattr(self.client, name)(getattr(ma, f"{_camel(name)}Request")(**values))

    def lists(self) -> None:
        self("list_flavors", category="CPU")
        self("list_image", limit=10)
        self("show_image", id=IMAGE)
        self("list_features", feature="NOTEBOOK")
        pool = self("list_authoring_clusters", type="MANAGED").data[0]
        self("show_cluster", cluster_id=pool.logic_cluster_id)

    def instance(self) -> str:
        volume = ma.VolumeMountRequest(category="EVS", ownership="MANAGED", capacity=50)
        order = ma.NotebookCreateRequest(name="n", flavor="modelarts.vm.cpu.2u", image_id=IMAGE, volume=volume)
        ident: str = self("create_notebook", body=order).id
        assert self("list_notebooks", limit=10).data[0].id == ident
        assert self("list_all_notebooks", limit=10).total == 1
        assert self("show_notebook", id=ident).status == "RUNNING"
        self("show_switchable_flavors", id=ident)
        self("show_lease", id=ident)
        self("renew_lease", id=ident, body=ma.LeaseReq(duration=7_200_000, type="TIMING"))
        tags = ma.CreateTmsTagsRequest(tags=[ma.TmsTag(key="k", value="v")])
        assert self("create_notebook_tags", resource_id=ident, body=tags).status_code == 204
        assert self("show_notebook_tags").tags[0].values == ["v"]
        gone = ma.DeleteTmsTagsRequest(tags=[ma.TmsTagForDeletion(key="k")])
        assert self("delete_notebook_tags", resource_id=ident, body=gone).status_code == 204
        return ident

    def storage(self, ident: str) -> None:
        body = ma.DataVolumesReq(category="OBSFS", mount_path="/data/mine/", uri="obs://bucket/")
        storage = self("attach_dynamic_storage", instance_id=ident, body=body).id
        assert self("list_dynamic_storages", instance_id=ident).data[0].id == storage
        assert self("show_dynamic_storage", instance_id=ident, storage_id=storage).status == "MOUNTED"
        self("detach_dynamic_storage", instance_id=ident, storage_id=storage)

    def images(self, ident: str) -> None:
        self("create_image", id=ident, body=ma.ImageCreateReq(name="saved", namespace="team"))
        order = ma.ImageRegRequest(swr_path="swr.example.com/team/own:2", arch="X86_64")
        image = self("register_image", body=order).id
        assert self("sync_image", image_id=image).id == image
        assert self("delete_image", id=image).status == "DELETED"

    def power(self, ident: str) -> None:
        self("stop_notebook", id=ident)
        assert self("update_notebook", id=ident, body=ma.NotebookUpdateRequest(name="n2")).name == "n2"
        self("start_notebook", id=ident, duration=3_600_000)
        assert self("delete_notebook", id=ident).status == "DELETING"


@pytest.mark.parametrize("way", [by_endpoint, by_region, by_environment])
def test_every_operation_by_each_way(emulator: Control, monkeypatch: pytest.MonkeyPatch, way: Any) -> None:
    BasicCredentials._CACHE.clear()  # it remembers project ids for the life of the process
    walk = Walk(way(emulator, monkeypatch))
    walk.lists()
    ident = walk.instance()
    walk.storage(ident)
    walk.images(ident)
    walk.power(ident)
    assert walk.called == set(SURFACE) - LEFT_OUT
    calls = emulator.requests(service="modelarts")
    assert {call["operation"] for call in calls} == {item.name for item in routes.OPERATIONS}
    assert all(call["status"] in {200, 204} for call in calls)
    looked_up = emulator.requests(operation="KeystoneListProjects")
    assert len(looked_up) == (0 if way is by_endpoint else 1)
