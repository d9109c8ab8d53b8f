"""Tags of the service itself: held, shown and found, never written through the API; and tags while an instance moves."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import Api

SYSTEM = {"_sys_enterprise_project_id": "0"}
SHOWN = [{"key": "_sys_enterprise_project_id", "value": "0"}]


def holding(api: Api, **tags: str) -> str:
    ident = str(api.running())
    assert api.control("PATCH", f"/notebooks/{ident}", {"tags": SYSTEM | tags}).status == 200
    return ident


def change(api: Api, ident: str, what: str, *tags: dict[str, Any]) -> Any:
    method = "POST" if what == "create" else "DELETE"
    return api.call(method, f"/notebooks/{ident}/tags/{what}", {"tags": list(tags)})


def test_the_console_holds_them_and_the_api_shows_them(api: Api) -> None:
    ident = holding(api)

    assert api.show(ident)["tags"] == SHOWN
    assert api.call("GET", "/notebooks/tags").body["tags"] == [{"key": "_sys_enterprise_project_id", "values": ["0"]}]


@pytest.mark.parametrize("what", ["create", "delete"])
@pytest.mark.parametrize(
    "tag", [{"key": "_sys_enterprise_project_id", "value": "0"}, {"key": "_sys_enterprise_project_id"}], ids=str
)
def test_nobody_writes_them(api: Api, what: str, tag: dict[str, str]) -> None:
    ident = holding(api)

    answer = change(api, ident, what, {"key": "a", "value": "1"}, tag)

    assert (answer.status, answer.code) == (400, "6336")
    assert api.show(ident)["tags"] == SHOWN


def test_others_come_and_go_beside_them(api: Api) -> None:
    ident = holding(api)

    assert change(api, ident, "create", {"key": "a", "value": "1"}).status == 204
    assert api.show(ident)["tags"] == [*SHOWN, {"key": "a", "value": "1"}]
    assert change(api, ident, "delete", {"key": "a"}).status == 204
    assert api.show(ident)["tags"] == SHOWN


@pytest.mark.parametrize(("assumed", "free"), [("none", 20), ("one of the 20 each", 19)])
def test_the_slots_that_they_take(assumed: str, free: int) -> None:
    api = Api(assume={"system-tags": assumed})
    ident = holding(api)

    assert change(api, ident, "create", *({"key": f"k{n}"} for n in range(free))).status == 204
    assert change(api, ident, "create", {"key": "more"}).code == "0104"


@pytest.mark.parametrize("status", ["STOPPING", "STARTING", "CREATING", "SNAPSHOTTING", "RUNNING", "STOPPED", "ERROR"])
@pytest.mark.parametrize("what", ["create", "delete"])
@pytest.mark.parametrize("assumed", ["accepted", "refused"])
def test_tags_while_it_moves(assumed: str, what: str, status: str) -> None:
    api = Api(assume={"tags-while-moving": assumed})
    ident = holding(api)
    api.control("PATCH", f"/notebooks/{ident}", {"status": status})

    answer = change(api, ident, what, {"key": "a"})

    refused = assumed == "refused" and (status.endswith("ING") and status != "RUNNING")
    assert (answer.status, answer.code) == ((400, "6357") if refused else (204, ""))
