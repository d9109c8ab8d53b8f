"""The OpenAPI document: complete, and every operation shows a success and a documented refusal."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import IMAGE, JUDGE, PROJECT, Api

from modelarts_emulator import errors, openapi, routes

MISSING = "00000000-0000-4000-8000-000000000000"
STORAGE = {"category": "OBS", "mount_path": "/data/m/", "uri": "obs://bucket/"}
CREATE = {
    "name": "n",
    "flavor": "modelarts.vm.cpu.2u",
    "image_id": IMAGE,
    "volume": {"category": "EVS", "ownership": "MANAGED"},
}
TAGS = {"tags": [{"key": "k", "value": "v"}]}
SAVE = {"name": "saved", "namespace": "team"}
REGISTER = {"swr_path": "swr.example.com/team/own:1.0"}
# operation -> (method, path, body, query) that works, and the same that is refused
CASES: dict[str, tuple[tuple[Any, ...], tuple[Any, ...]]] = {
    "CreateNotebook": (("POST", "/notebooks", CREATE, {}), ("POST", "/notebooks", {}, {})),
    "ListNotebooks": (("GET", "/notebooks", None, {}), ("GET", "/notebooks", None, {"limit": "x"})),
    "ListAllNotebooks": (("GET", "/notebooks/all", None, {}), ("GET", "/notebooks/all", None, {"sort_key": "x"})),
    "ListFlavors": (("GET", "/notebooks/flavors", None, {}), ("GET", "/notebooks/flavors", None, {"offset": "-1"})),
    "ShowNotebookTags": (("GET", "/notebooks/tags", None, {}), ("GET", "/notebooks/tags", None, {}, "project")),
    "ShowNotebook": (("GET", "/notebooks/{on}", None, {}), ("GET", f"/notebooks/{MISSING}", None, {})),
    "UpdateNotebook": (("PUT", "/notebooks/{off}", {"name": "x"}, {}), ("PUT", "/notebooks/{on}", {"name": "x"}, {})),
    "DeleteNotebook": (("DELETE", "/notebooks/{on}", None, {}), ("DELETE", f"/notebooks/{MISSING}", None, {})),
    "StartNotebook": (("POST", "/notebooks/{off}/start", None, {}), ("POST", "/notebooks/{on}/start", None, {})),
    "StopNotebook": (("POST", "/notebooks/{on}/stop", None, {}), ("POST", "/notebooks/{off}/stop", None, {})),
    "ShowLease": (("GET", "/notebooks/{on}/lease", None, {}), ("GET", "/notebooks/{off}/lease", None, {})),
    "RenewLease": (("PATCH", "/notebooks/{on}/lease", {}, {}), ("PATCH", "/notebooks/{on}/lease", {"duration": 1}, {})),
    "ShowSwitchableFlavors": (
        ("GET", "/notebooks/{on}/flavors", None, {}),
        ("GET", "/notebooks/{on}/flavors", None, {"limit": "0"}),
    ),
    "CreateNotebookTags": (
        ("POST", "/notebooks/{on}/tags/create", TAGS, {}),
        ("POST", "/notebooks/{on}/tags/create", {}, {}),
    ),
    "DeleteNotebookTags": (
        ("DELETE", "/notebooks/{on}/tags/delete", TAGS, {}),
        ("DELETE", "/notebooks/{on}/tags/delete", {}, {}),
    ),
    "CreateImage": (
        ("POST", "/notebooks/{on}/create-image", SAVE, {}),
        ("POST", "/notebooks/{off}/create-image", SAVE, {}),
    ),
    "AttachDynamicStorage": (
        ("POST", "/notebooks/{on}/storage", {**STORAGE, "mount_path": "/data/other/"}, {}),
        ("POST", "/notebooks/{off}/storage", STORAGE, {}),
    ),
    "ListDynamicStorages": (
        ("GET", "/notebooks/{on}/storage", None, {}),
        ("GET", f"/notebooks/{MISSING}/storage", None, {}),
    ),
    "ShowDynamicStorage": (
        ("GET", "/notebooks/{on}/storage/{storage}", None, {}),
        ("GET", "/notebooks/{on}/storage/none", None, {}),
    ),
    "DetachDynamicStorage": (
        ("DELETE", "/notebooks/{on}/storage/{storage}", None, {}),
        ("DELETE", "/notebooks/{on}/storage/none", None, {}),
    ),
    "ListImage": (("GET", "/images", None, {"limit": "1"}), ("GET", "/images", None, {"sort_key": "x"})),
    "ShowImage": (("GET", f"/images/{IMAGE}", None, {}), ("GET", "/images/none", None, {})),
    "RegisterImage": (("POST", "/images", {"swr_path": "swr.example.com/team/x:2"}, {}), ("POST", "/images", {}, {})),
    "DeleteImage": (("DELETE", "/images/{image}", None, {}), ("DELETE", f"/images/{IMAGE}", None, {})),
    "SyncImage": (("POST", "/images/{image}/sync", None, {}), ("POST", f"/images/{IMAGE}/sync", None, {})),
    "ListFeatures": (("GET", "/authoring/features/NOTEBOOK", None, {}), ("GET", "/authoring/features/X", None, {})),
    "ListAuthoringClusters": (
        ("GET", "/authoring/clusters", None, {"type": "MANAGED"}),
        ("GET", "/authoring/clusters", None, {}),
    ),
    "ShowCluster": (
        ("GET", "/authoring/clusters/public-emulator", None, {}),
        ("GET", "/authoring/clusters/none", None, {}),
    ),
}


def test_every_operation_is_described_and_tried() -> None:
    names = {operation.name for operation in routes.OPERATIONS}
    assert names == set(openapi.DOCS) == set(CASES)
    document = openapi.document()
    described = {operation["operationId"] for methods in document["paths"].values() for operation in methods.values()}
    assert described == names
    reading = {operation.name for operation in routes.OPERATIONS if operation.reads_body}
    assert reading == {name for name, doc in openapi.DOCS.items() if doc.body is not None}


@pytest.mark.parametrize("name", CASES)
def test_a_success_and_a_refusal(api: Api, name: str) -> None:
    on, off = api.running(), api.stopped()
    storage = api.call("POST", f"/notebooks/{on}/storage", STORAGE).body["id"]
    api.wait(5)
    image = api.call("POST", "/images", REGISTER).body["id"]
    values = {"on": on, "off": off, "storage": storage, "image": image}
    good, bad = CASES[name]
    method, path, body, query, *elsewhere = bad
    refused = api.call(method, path.format(**values), body, query=query, project="0" * 32 if elsewhere else PROJECT)
    assert 400 <= refused.status < 500
    method, path, body, query = good
    done = api.call(method, path.format(**values), body, query=query)
    assert done.status in {200, 204}, done.raw
    assert [entry["operation"] for entry in api.log()[-2:]] == [name, name]


def test_it_is_served_with_the_address_of_the_server(api: Api) -> None:
    answer = api.raw("GET", "/openapi.json", "", {"host": "example:1"})
    assert answer.body["servers"] == [{"url": "http://example:1"}]
    assert answer.body["openapi"] == "3.1.0"
    assert answer.body["paths"] == openapi.document()["paths"]
    assert api.log() == []


def test_every_reference_and_every_code_is_known() -> None:
    text = str(openapi.document())
    for name in openapi.document()["components"]["schemas"]:
        assert f"#/components/schemas/{name}'" in text or name in {"UpdatedNotebook"}, name
    listed = {number for doc in openapi.DOCS.values() for number in doc.codes.split()}
    assert listed <= set(errors.MEANINGS)
    assert set(errors.MEANINGS) - listed == {"0210", "0212", "6302"} - listed


def test_the_judge_judges() -> None:
    good = b'{"tags": []}'
    path = f"/v1/{PROJECT}/notebooks/tags"
    JUDGE.check("GET", path, 200, good)
    for status, raw in ((200, b"{}"), (200, b'{"tags": [{"key": 1}]}'), (200, b'{"tags": [], "x": 1}'), (418, good)):
        with pytest.raises(AssertionError):
            JUDGE.check("GET", path, status, raw)
    with pytest.raises(AssertionError, match="6360"):
        JUDGE.check("GET", path, 403, b'{"error_code": "ModelArts.6360", "error_msg": ""}')
