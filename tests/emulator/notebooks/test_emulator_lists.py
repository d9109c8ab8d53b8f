"""Lists: pages, filters, order; flavors, images, tags."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import CPU2, CPU8, FREE, GPU, IMAGE_GPU, POOL, POOL_ONLY, Api

OTHER_PROJECT = "1123456789abcdef0123456789abcdef"


def _names(api: Api, **query: Any) -> list[str]:
    answer = api.call("GET", "/notebooks", query=query)
    assert answer.status == 200, answer.raw
    return [item["name"] for item in answer.body["data"]]


@pytest.fixture
def five(api: Api) -> Api:
    for name, changes in {
        "alpha": {"description": "first of all"},
        "beta": {"flavor": GPU, "image_id": IMAGE_GPU},
        "gamma": {"pool_id": POOL, "flavor": POOL_ONLY},
        "delta": {"workspace_id": "abcdef0123456789abcdef0123456789"},
        "free": {"flavor": FREE, "feature": "DEFAULT"},
    }.items():
        api.create(name=name, **changes)
        api.wait(1)
    return api


def test_newest_first_and_only_of_one_feature(five: Api) -> None:
    assert _names(five) == ["delta", "gamma", "beta", "alpha"]
    assert _names(five, feature="DEFAULT") == ["free"]
    assert _names(five, sort_dir="ASC") == ["alpha", "beta", "gamma", "delta"]
    assert _names(five, sort_key="name", sort_dir="asc") == ["alpha", "beta", "delta", "gamma"]
    assert _names(five, sort_key="status,name", sort_dir="asc") == ["alpha", "beta", "delta", "gamma"]
    assert _names(five, sort_key="create_at,name") == ["delta", "gamma", "beta", "alpha"]
    assert _names(five, sort_key="status") == ["delta", "gamma", "beta", "alpha"]
    assert five.call("GET", "/notebooks", query={"sort_key": "colour"}).code == "6303"
    assert five.call("GET", "/notebooks", query={"sort_dir": "UP"}).code == "0104"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"name": "a"}, ["delta", "gamma", "beta", "alpha"]),
        ({"name": "lph"}, ["alpha"]),
        ({"description": "first"}, ["alpha"]),
        ({"flavor": "gpu"}, ["beta"]),
        ({"image_id": IMAGE_GPU}, ["beta"]),
        ({"pool_id": POOL}, ["gamma"]),
        ({"pool_name": "emulator"}, ["gamma"]),
        ({"workspace_id": "abcdef0123456789abcdef0123456789"}, ["delta"]),
        ({"workspaceId": "abcdef0123456789abcdef0123456789"}, ["delta"]),
        ({"status": "creating"}, ["delta", "gamma", "beta", "alpha"]),
        ({"status": "RUNNING"}, []),
        ({"swr_path": "cuda"}, ["beta"]),
        ({"username": "emul"}, ["delta", "gamma", "beta", "alpha"]),
        ({"owner": "somebody"}, []),
        ({"billing": "STORAGE"}, ["delta", "gamma", "beta", "alpha"]),
        ({"billing": "COMPUTE"}, []),
        ({"name": "alpha", "flavor": "gpu"}, []),
        ({"tags": "k|v"}, []),
    ],
)
def test_filters(five: Api, query: dict[str, str], names: list[str]) -> None:
    assert _names(five, **query) == names


def test_filter_by_tags_and_id(api: Api) -> None:
    ident = api.create(name="tagged").body["id"]
    api.create(name="other")
    api.call("POST", f"/notebooks/{ident}/tags/create", {"tags": [{"key": "k", "value": "v"}, {"key": "k2"}]})
    assert _names(api, tags="k|v") == ["tagged"]
    assert _names(api, tags="k|v,k2|") == ["tagged"]
    assert _names(api, tags="k|w") == []
    assert _names(api, id=ident) == ["tagged"]


def test_pages(api: Api) -> None:
    for index in range(23):
        api.create(name=f"n{index:02}")
    first = api.call("GET", "/notebooks").body
    assert (first["current"], first["pages"], first["size"], first["total"]) == (0, 3, 10, 23)
    assert len(first["data"]) == 10
    last = api.call("GET", "/notebooks", query={"limit": 10, "offset": 20}).body
    assert (last["current"], len(last["data"]), last["data"][-1]["name"]) == (2, 3, "n00")
    assert len(api.call("GET", "/notebooks", query={"limit": 50, "offset": 3}).body["data"]) == 20
    assert api.call("GET", "/notebooks", query={"limit": 10, "offset": 999}).body["data"] == []


@pytest.mark.parametrize(("query", "size"), [({}, 2), ({"limit": 50}, 50)])
def test_size_is_the_limit_or_what_is_there(api: Api, query: dict[str, Any], size: int) -> None:
    api.create(), api.create()
    assert api.call("GET", "/notebooks", query=query).body["size"] == size


@pytest.mark.parametrize("limit", ["15", "0", "-1", "x", "1e3"])
def test_limits_that_no_document_names(limit: str) -> None:
    assert Api().call("GET", "/notebooks", query={"limit": limit}).code == "0104"


def test_observed_limits_are_capped(observed: Api) -> None:
    assert observed.call("GET", "/notebooks", query={"limit": 15}).body["size"] == 15
    assert observed.call("GET", "/notebooks", query={"limit": 1000}).body["size"] == 50


def test_list_items_lack_what_the_sample_lacks(api: Api, observed: Api) -> None:
    for one in (api, observed):
        one.running(endpoints=[{"service": "SSH", "key_pair_names": ["k"]}])
    item = api.call("GET", "/notebooks").body["data"][0]
    assert set(item) == {
        "description",
        "feature",
        "flavor",
        "id",
        "image",
        "lease",
        "name",
        "status",
        "token",
        "volume",
        "workspace_id",
    }
    assert set(item["image"]) == {"id", "name", "swr_path", "type"}
    assert set(item["lease"]) == {"create_at", "duration", "enable", "update_at"}
    whole = observed.call("GET", "/notebooks").body["data"][0]
    assert {"endpoints", "create_at", "user", "billing_items"} <= set(whole)
    assert "url" not in whole


def test_projects_and_users_are_apart(api: Api) -> None:
    ident = api.create().body["id"]
    assert api.call("GET", "/notebooks", project=OTHER_PROJECT).body["total"] == 0
    assert api.call("GET", f"/notebooks/{ident}", project=OTHER_PROJECT).code == "6404"
    assert api.call("GET", "/notebooks/all").body["total"] == 1


def test_flavors(api: Api) -> None:
    body = api.call("GET", "/notebooks/flavors").body
    ids = [item["id"] for item in body["data"]]
    assert body["flavors"] == body["data"]
    assert body["total"] == body["size"] == len(ids)
    assert CPU2 in ids
    assert POOL_ONLY not in ids
    two = next(item for item in body["data"] if item["id"] == CPU2)
    assert (two["memory"], two["vcpus"], two["arch"], two["sold_out"]) == (8388608, 2, "x86_64", False)
    gpus = api.call("GET", "/notebooks/flavors", query={"category": "gpu", "feature": "NOTEBOOK"}).body["data"]
    assert [(item["id"], item["gpu"]["type"]) for item in gpus if not item["sold_out"]] == [(GPU, "T4")]
    pool = api.call("GET", "/notebooks/flavors", query={"type": "DEDICATED"}).body["data"]
    assert [item["id"] for item in pool] == [CPU8, POOL_ONLY]
    paged = api.call("GET", "/notebooks/flavors", query={"limit": 2, "offset": 2, "sort_key": "id", "sort_dir": "ASC"})
    assert [item["id"] for item in paged.body["data"]] == sorted(ids)[2:4]
    assert api.call("GET", "/notebooks/flavors", query={"sort_key": "price"}).code == "6303"


def test_images(api: Api) -> None:
    body = api.call("GET", "/images").body
    assert body["total"] == 6
    assert all(image["type"] == "BUILD_IN" and image["status"] == "ACTIVE" for image in body["data"])
    assert api.call("GET", "/images", query={"type": "DEDICATED"}).body["data"] == []
    assert api.call("GET", "/images", query={"name": "cuda"}).body["data"][0]["id"] == IMAGE_GPU
    assert api.call("GET", "/images", query={"name": "cuda", "name_fuzzy_match": "false"}).body["data"] == []
    assert api.call("GET", "/images", query={"name_fuzzy_match": "null"}).code == "0104"
    image = api.call("GET", f"/images/{IMAGE_GPU}").body
    assert image["resource_categories"] == image["support_res_categories"] == ["CPU", "GPU"]
    assert api.call("GET", "/images/no-such").code == "6797"
    assert api.call("GET", "/images", query={"sort_key": "colour"}).code == "6303"


def test_tags_come_and_go(api: Api) -> None:
    ident = api.create().body["id"]
    path = f"/notebooks/{ident}/tags"
    answer = api.call("POST", f"{path}/create", {"tags": [{"key": "team", "value": "a/b"}, {"key": "Owner:x"}]})
    assert (answer.status, answer.raw) == (204, b"")
    api.call("POST", f"{path}/create", {"tags": [{"key": "team", "value": "c"}]})
    assert api.show(ident)["tags"] == [{"key": "team", "value": "c"}, {"key": "Owner:x", "value": ""}]
    other = api.create().body["id"]
    api.call("POST", f"/notebooks/{other}/tags/create", {"tags": [{"key": "team", "value": "d"}]})
    assert api.call("GET", "/notebooks/tags").body == {
        "tags": [{"key": "team", "values": ["c", "d"]}, {"key": "Owner:x", "values": [""]}]
    }
    body = {"tags": [{"key": "team", "value": "another"}, {"key": "missing"}, {"key": "Owner:x"}]}
    assert api.call("DELETE", f"{path}/delete", body).status == 204
    assert api.show(ident)["tags"] == [{"key": "team", "value": "c"}]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([], "6335"),
        ([{}], "6335"),
        ([{"key": ""}], "6335"),
        ([{"key": "_sys_x"}], "6336"),
        ([{"key": " x"}], "6336"),
        ([{"key": "a/b"}], "6336"),
        ([{"key": "k" * 129}], "6336"),
        ([{"key": "k", "value": "v" * 256}], "6336"),
        ([{"key": "k", "value": "a*b"}], "6336"),
        ([{"key": 1}], "6332"),
        ({"key": "k"}, "6332"),
        ([{"key": f"k{index}"} for index in range(21)], "6336"),
    ],
)
def test_wrong_tags(api: Api, tags: Any, code: str) -> None:
    ident = api.create().body["id"]
    answer = api.call("POST", f"/notebooks/{ident}/tags/create", {"tags": tags})
    assert answer.code == code
    assert api.behind(ident)["behind"]["tags"] == {}


def test_twenty_tags_at_most(api: Api) -> None:
    ident = api.create().body["id"]
    path = f"/notebooks/{ident}/tags/create"
    assert api.call("POST", path, {"tags": [{"key": f"k{index}"} for index in range(20)]}).status == 204
    assert api.call("POST", path, {"tags": [{"key": "k0", "value": "new"}]}).status == 204
    assert api.call("POST", path, {"tags": [{"key": "one-more"}]}).code == "0104"
