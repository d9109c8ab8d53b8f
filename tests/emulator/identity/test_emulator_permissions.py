"""Roles: what may be taken away from a user, and how a call is then refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from emulator_api import PROJECT, Api

from modelarts_emulator.config import Config
from modelarts_emulator.control.console_changes import InvalidControl
from modelarts_emulator.http import routes
from modelarts_emulator.identity import permissions


def deny(api: Api, *what: str, user: str = "emulator") -> Any:
    return api.control("PATCH", f"/users/{user}", {"denied": [*what]})


def test_everybody_may_do_everything_at_first(api: Api) -> None:
    users = api.control("GET", "/users").body["users"]
    assert [(user["name"], user["denied"]) for user in users] == [("emulator", []), ("stranger", [])]
    assert "secret" not in str(users)


def test_one_may_get_and_not_list(api: Api) -> None:
    ident = api.running()
    assert deny(api, "modelarts:notebook:list").body["denied"] == ["modelarts:notebook:list"]
    refused = api.call("GET", "/notebooks")
    assert (refused.status, refused.code) == (403, "0112")
    assert "modelarts:notebook:list" in refused.body["error_msg"]
    assert api.show(ident)["id"] == ident
    assert deny(api).body["denied"] == []
    assert api.call("GET", "/notebooks").status == 200


def test_a_refused_call_has_no_effect_and_stands_in_the_log(api: Api) -> None:
    ident = api.running()
    deny(api, "modelarts:notebook:stop", "CreateNotebookTags", "modelarts:notebook:create")
    assert api.call("POST", f"/notebooks/{ident}/stop").code == "0112"
    assert api.call("POST", f"/notebooks/{ident}/tags/create", {"tags": [{"key": "a", "value": "b"}]}).code == "0112"
    assert api.create().code == "0112"
    assert api.status(ident) == "RUNNING"
    assert "tags" not in api.show(ident)
    assert [(e["operation"], e["error_code"]) for e in api.log() if e["status"] == 403] == [
        ("StopNotebook", "ModelArts.0112"),
        ("CreateNotebookTags", "ModelArts.0112"),
        ("CreateNotebook", "ModelArts.0112"),
    ]


def test_another_user_is_not_concerned(api: Api) -> None:
    deny(api, "modelarts:*", user="stranger")
    assert api.call("GET", "/notebooks").status == 200


def test_the_project_is_checked_first(api: Api) -> None:
    deny(api, "modelarts:*")
    assert api.call("GET", "/notebooks", project="0" * 32).code == "0210"
    assert api.call("GET", "/notebooks").code == "0112"
    assert api.call("GET", "/authoring/clusters/x").code == "0104"  # no action is named for it


def test_projects_of_iam(api: Api) -> None:
    deny(api, "iam:projects:listProjects")
    refused = api.call("GET", "/v3/projects", query={"name": "cn-north-4"})
    assert refused.status == 403
    assert "iam:projects:listProjects" in refused.body["error"]["message"]
    assert api.call("GET", "/v3/auth/projects").status == 200
    login = {"methods": ["password"], "password": {"user": {"name": "emulator", "password": "emulator"}}}
    login["password"]["user"]["domain"] = {"name": "emulator"}  # type: ignore[index]
    body = {"auth": {"identity": login, "scope": {"project": {"id": PROJECT}}}}
    assert api.raw_json("POST", "/v3/auth/tokens", body).status == 201


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"denied": ["modelarts:notebook:lists"]}, "did you mean 'modelarts:notebook:list'?"),
        ({"denied": ["ecs:*"]}, "no call needs 'ecs:*'"),
        ({"denied": ["ShowNotebooks"]}, "did you mean"),
        ({"denied": "modelarts:notebook:list"}, "an empty list"),
        ({"denied": [1]}, "an empty list"),
        ({"allowed": []}, "an empty list"),
        ([], "an empty list"),
    ],
    ids=str,
)
def test_what_is_not_understood_is_a_sentence_and_changes_nothing(api: Api, body: Any, words: str) -> None:
    deny(api, "modelarts:image:get")
    refused = api.control("PATCH", "/users/emulator", body)
    assert (refused.status, words in refused.body["error"]) == (400, True), refused.body
    assert api.control("GET", "/users").body["users"][0]["denied"] == ["modelarts:image:get"]
    assert api.control("PATCH", "/users/nobody", {"denied": []}).status == 404


def test_the_config_says_it_from_the_start_and_a_reset_goes_back_to_it() -> None:
    api = Api(denied={"emulator": ("modelarts:notebook:list",)})
    assert api.call("GET", "/notebooks").code == "0112"
    deny(api, "modelarts:notebook:get")
    assert api.call("GET", "/notebooks").status == 200
    assert api.control("POST", "/reset", {}).status == 204
    assert api.call("GET", "/notebooks").code == "0112"
    with pytest.raises(InvalidControl, match="no call needs"):
        Api(denied={"emulator": ("modelarts:colour:get",)})


def test_the_state_file_keeps_it(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    api = Api(state=state)
    deny(api, "modelarts:notebook:list")
    api.app.state.emulator.close()
    again = Api(state=state)
    assert again.call("GET", "/notebooks").code == "0112"
    again.app.state.emulator.close()


def test_an_agency_has_permissions_of_its_own(api: Api) -> None:
    """Its user is another one: what is taken away from who assumes it, is not from it."""
    deny(api, "modelarts:notebook:list")
    identity = {
        "methods": ["assume_role"],
        "assume_role": {"agency_name": "own_agency", "domain_name": "emulator"},
    }
    body = {"auth": {"identity": identity, "scope": {"project": {"id": PROJECT}}}}
    token = api.call("POST", "/v3/auth/tokens", body).headers["x-subject-token"]
    assert api.raw("GET", f"/v1/{PROJECT}/notebooks", "", {"x-auth-token": token}).status == 200


def test_every_action_belongs_to_an_operation() -> None:
    assert set(permissions.ACTIONS) <= permissions.OPERATIONS
    unnamed = {operation.name for operation in routes.OPERATIONS} - set(permissions.ACTIONS)
    assert unnamed == {
        "ListFlavors",
        "ShowNotebookTags",
        "ShowLease",
        "ShowSwitchableFlavors",
        "CreateNotebookTags",
        "DeleteNotebookTags",
        "ListFeatures",
        "ListAuthoringClusters",
        "ShowCluster",
    }
    assert Config().denied == {}
