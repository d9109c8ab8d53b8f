"""The control: log, faults, looking behind, changing from outside, reset."""

from __future__ import annotations

import re
from typing import Any

import pytest
from emulator_api import CPU2, IMAGE_GPU, PROJECT, Api


def test_the_log_tells_the_exact_sequence(api: Api) -> None:
    ident = api.stopped()
    api.control("DELETE", "/requests")
    api.put(ident, name="n2")
    api.call("POST", f"/notebooks/{ident}/start", query={"duration": -1})
    api.call("GET", "/notebooks/flavors")
    api.create(name="bad name")
    log = api.log()
    assert [(entry["index"], entry["operation"], entry["status"]) for entry in log] == [
        (0, "UpdateNotebook", 200),
        (1, "StartNotebook", 200),
        (2, "ListFlavors", 200),
        (3, "CreateNotebook", 400),
    ]
    assert log[0]["body"] == {"name": "n2"}
    assert (log[0]["method"], log[0]["path"]) == ("PUT", f"/v1/{PROJECT}/notebooks/{ident}")
    assert log[1]["query"] == {"duration": "-1"}
    assert [entry["notebook_id"] for entry in log] == [ident, ident, None, None]
    assert log[3]["error_code"] == "ModelArts.6334"
    assert {entry["user"] for entry in log} == {"emulator"}
    assert all(entry["time"].endswith("+00:00") and len(entry["request_id"]) == 32 for entry in log)


def test_a_created_instance_is_named_in_the_log(api: Api) -> None:
    ident = api.create().body["id"]
    assert api.log()[0]["notebook_id"] == ident


def test_the_log_can_be_filtered(api: Api) -> None:
    ident = api.running()
    api.create()
    found = api.control("GET", f"/requests?operation=ShowNotebook&notebook_id={ident}").body["requests"]
    assert [entry["operation"] for entry in found] == ["ShowNotebook"]
    assert len(api.control("GET", "/requests?since=2").body["requests"]) == 1
    assert api.control("GET", "/requests?since=x").status == 400
    assert api.control("GET", "/requests?colour=red").status == 400
    assert len(api.control("GET", "/requests?method=post").body["requests"]) == 2
    misspelt = api.control("GET", "/requests?operation=ShowNotebok")  # no calls at all would be a wrong answer
    assert (misspelt.status, "ShowNotebook is close" in misspelt.body["error"]) == (400, True)


@pytest.mark.parametrize(
    "fault",
    [
        [1],
        {},
        {"status": 99},
        {"status": "500"},
        {"status": True},
        {"status": 500, "colour": "red"},
        {"status": 500, "method": "FETCH"},
        {"status": 500, "nth": 0},
        {"status": 500, "count": -1},
        {"cut": "sometimes"},
        {"latency_ms": -5},
        {"method": "GET"},
        {"status": 500, "operation": "UpdateNotebok"},
        {"status": 500, "path": "notebooks/*"},
        {"status": 500, "path": ""},
        {"latency_ms": 1, "error_code": "ModelArts.6357"},
        {"cut": "after", "retry_after": 1},
        {"status": 500, "cut": "after"},
        [{"status": 500}, {"status": 99}],
        "text",
    ],
)
def test_an_invalid_fault_is_one_sentence(api: Api, fault: Any) -> None:
    answer = api.control("POST", "/faults", fault)
    assert answer.status == 400
    assert set(answer.body) == {"error"}
    assert "\n" not in answer.body["error"]
    assert api.control("GET", "/faults").body == {"faults": []}


def test_a_misspelt_operation_is_told_the_right_one(api: Api) -> None:
    answer = api.control("POST", "/faults", {"status": 500, "operation": "UpdateNotebok"})
    assert "UpdateNotebook is close" in answer.body["error"]
    for operation in ("UpdateNotebook", "KeystoneCreateUserTokenByPassword", "AssumeAgency", "ShowSecurityKey"):
        assert api.control("POST", "/faults", {"status": 500, "operation": operation}).status == 201


def test_faults_have_numbers_of_their_own(api: Api) -> None:
    fresh = Api()
    for _ in range(2):
        api.control("POST", "/faults", [{"status": 500, "path": "/a"}, {"status": 503, "path": "/b"}])
    assert [fault["id"] for fault in api.control("GET", "/faults").body["faults"]] == [1, 2, 3, 4]
    one, other = api.running(), fresh.running()
    assert api.show(one)["ip"] == fresh.show(other)["ip"]  # what an instance gets doesn't hang on faults


@pytest.mark.parametrize(("method", "path"), [("GET", "/request"), ("PUT", "/faults"), ("GET", "/"), ("POST", "/ui/x")])
def test_an_unknown_control_is_told_what_there_is(api: Api, method: str, path: str) -> None:
    answer = api.control(method, path)
    assert answer.status == 404
    assert f"no {method} {path}; it knows GET healthz, GET requests, " in answer.body["error"]


def test_the_control_s_own_address_tells_what_there_is(api: Api) -> None:
    answer = api.raw("GET", "/_emulator")
    assert (answer.status, "it knows GET healthz" in answer.body["error"]) == (404, True)
    assert api.log() == []


def test_a_large_body_is_not_kept_in_the_log(api: Api) -> None:
    answer = api.create(description="d" * 70_000)
    assert answer.code == "6336"
    assert re.fullmatch(r"70\d{3} bytes, too many for the log", api.log()[-1]["body"])


def test_the_nth_call_fails_and_has_no_effect(api: Api) -> None:
    ident = api.stopped()
    fault = {"method": "put", "path": "/notebooks/*", "nth": 2, "count": 2, "status": 500}
    api.control("POST", "/faults", {**fault, "error_code": "ModelArts.0010", "error_msg": "broken"})
    answers = [api.put(ident, name=f"n{index}") for index in range(5)]
    assert [answer.status for answer in answers] == [200, 500, 500, 200, 200]
    assert answers[1].body == {"error_code": "ModelArts.0010", "error_msg": "broken"}
    names = [entry["fault"] for entry in api.log() if entry["method"] == "PUT"]
    assert names == [None, "status 500", "status 500", None, None]
    counted = api.control("GET", "/faults").body["faults"][0]
    assert (counted["seen"], counted["hit"]) == (5, 2)
    assert api.control("DELETE", "/faults").status == 204
    assert api.show(ident)["name"] == "n4"


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("/notebooks/*", True),
        ("/notebooks/*/start", False),
        ("/notebooks/**", True),
        ("**", True),
        (f"/v1/{PROJECT}/notebooks/*", True),
        ("/v1/*/notebooks", False),
        ("/notebooks", False),
        ("/notebook.*", False),
    ],
)
def test_patterns(api: Api, pattern: str, hit: bool) -> None:
    ident = api.create().body["id"]
    api.control("POST", "/faults", {"path": pattern, "status": 503})
    assert (api.call("GET", f"/notebooks/{ident}").status == 503) == hit


@pytest.mark.parametrize("retry_after", [None, 7])
def test_too_many_requests(api: Api, retry_after: int | None) -> None:
    fault = {"status": 429} if retry_after is None else {"status": 429, "retry_after": retry_after}
    api.control("POST", "/faults", {**fault, "operation": "ListNotebooks", "count": 0})
    for _ in range(3):
        answer = api.call("GET", "/notebooks")
        assert (answer.status, answer.body["error_code"]) == (429, "APIGW.0308")
        assert answer.headers.get("retry-after") == (None if retry_after is None else "7")
    assert api.call("GET", "/images").status == 200


@pytest.mark.parametrize(("cut", "effect"), [("before", False), ("after", True)])
def test_a_cut_connection(api: Api, cut: str, effect: bool) -> None:
    ident = api.stopped()
    api.control("POST", "/faults", {"method": "PUT", "cut": cut})
    with pytest.raises(ConnectionResetError):
        api.put(ident, name="changed")
    assert (api.show(ident)["name"] == "changed") == effect
    entry = next(entry for entry in api.log() if entry["method"] == "PUT")
    assert entry["status"] is None
    assert entry["fault"] == f"connection cut {cut} the effect"


def test_looking_behind(api: Api) -> None:
    ident = api.create(hooks={"container_hooks": {"pre_start": {"script": "/a"}}}).body["id"]
    found = api.behind(ident)
    assert found["hooks"] == {"pre_start": {"type": "SCRIPT", "script": "/a", "mode": "ASYNC"}}
    assert found["volume"]["capacity"] == 50
    assert found["behind"]["transition"]["to"] == "RUNNING"
    assert [item["id"] for item in api.control("GET", "/notebooks").body["notebooks"]] == [ident]
    assert api.control("GET", "/notebooks/none").status == 404
    assert api.control("PATCH", "/notebooks/none", {"name": "x"}).status == 404
    assert len(api.log()) == 1


def test_changing_from_outside(api: Api) -> None:
    ident = api.running()
    changes = {
        "name": "by hand",
        "description": "<anything>",
        "status": "ERROR",
        "fail_reason": "broke",
        "tags": {"a": "b"},
        "lease": {"duration": 7_200_000, "type": "idle"},
        "endpoints": [{"service": "SSH", "key_pair_names": ["k"]}],
        "hooks": {"container_hooks": {"post_start": {"script": "/x"}}},
        "capacity": 77,
        "image_id": IMAGE_GPU,
        "flavor": "modelarts.vm.gpu.t4u8",
    }
    assert api.control("PATCH", f"/notebooks/{ident}", changes).status == 200
    shown = api.show(ident)
    assert (shown["name"], shown["description"]) == ("by hand", "<anything>")
    assert (shown["status"], shown["fail_reason"]) == ("ERROR", "broke")
    assert shown["tags"] == [{"key": "a", "value": "b"}]
    assert (shown["lease"]["type"], shown["lease"]["duration"]) == ("IDLE", 7_200_000)
    assert [item["service"] for item in shown["endpoints"]] == ["NOTEBOOK", "SSH"]
    assert (shown["volume"]["capacity"], shown["image"]["id"]) == (77, IMAGE_GPU)
    assert "post_start" in api.behind(ident)["hooks"]


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"status": "ASLEEP"},
        {"status": 1},
        {"name": 5},
        {"tags": ["a"]},
        {"tags": {"a": 1}},
        {"lease": {"duration": "1h"}},
        {"lease": {"type": "NEVER"}},
        {"endpoints": [{"service": "FTP"}]},
        {"capacity": "5"},
        {"image_id": "none"},
        {"idle": "yes"},
        {"fail_reason": 4},
        {"name": "fine", "capacity": None},
        [],
    ],
)
def test_a_wrong_change_from_outside_changes_nothing(api: Api, change: Any) -> None:
    ident = api.running()
    before = api.behind(ident)
    answer = api.control("PATCH", f"/notebooks/{ident}", change)
    assert answer.status == 400
    assert answer.body["error"]
    assert api.behind(ident) == before


def test_an_instance_can_vanish(api: Api) -> None:
    ident = api.running()
    assert api.control("DELETE", f"/notebooks/{ident}").status == 204
    assert api.call("GET", f"/notebooks/{ident}").code == "6404"
    assert api.control("DELETE", f"/notebooks/{ident}").status == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/catalog", {}),
        ("PATCH", "/catalog", {"flavors": {"none": {"sold_out": True}}}),
        ("PATCH", "/catalog", {"flavors": {CPU2: {"sold_out": 1}}}),
        ("PATCH", "/catalog", {"flavors": {CPU2: {"vcpus": 1}}}),
        ("PATCH", "/catalog", {"images": {}}),
        ("POST", "/failures", {"operation": "stop"}),
        ("POST", "/failures", {"operation": "start", "count": 0}),
        ("POST", "/failures", {"operation": "start", "fail_reason": 1}),
        ("POST", "/reset", {"rules": "other"}),
        ("POST", "/reset", {"quota": -1}),
        ("POST", "/reset", {"quota": "1"}),
        ("POST", "/reset", {"colour": "red"}),
        ("POST", "/reset", []),
    ],
)
def test_wrong_controls_are_one_sentence(api: Api, method: str, path: str, body: Any) -> None:
    ident = api.create().body["id"]
    answer = api.control(method, path, body)
    assert answer.status == 400
    assert "\n" not in answer.body["error"]
    assert api.call("GET", f"/notebooks/{ident}").status == 200


def test_reset_starts_from_nothing(api: Api) -> None:
    first = api.create().body["id"]
    api.control("POST", "/faults", {"status": 500})
    api.control("PATCH", "/catalog", {"flavors": {CPU2: {"sold_out": True}}})
    assert api.control("POST", "/reset", {"rules": "observed", "quota": 1}).status == 204
    assert api.log() == []
    assert api.control("GET", "/healthz").body | {"emulated_now": 0} == {
        "status": "ok",
        "rules": "observed",
        "time_scale": 1.0,
        "emulated_now": 0,
        "notebooks": 0,
    }
    assert api.create().body["id"] == first
    assert api.create().code == "0118"


def test_the_catalog_can_be_read(api: Api) -> None:
    body = api.control("GET", "/catalog").body
    assert CPU2 in [flavor["id"] for flavor in body["flavors"]]
    assert len(body["images"]) == 6
    assert body["workspaces"][0] == "0"


def test_a_slow_body_comes_in_pieces(api: Api) -> None:
    whole = api.call("GET", "/notebooks/flavors")
    api.control("POST", "/faults", {"slow_body_ms": 20, "count": 2})
    slow = api.call("GET", "/notebooks/flavors")
    assert (whole.pieces, slow.raw) == (1, whole.raw)
    assert slow.pieces >= 10
    assert api.call("GET", "/notebooks/none").pieces >= 10
    assert api.log()[-1]["fault"] == "slow body 20 ms"
