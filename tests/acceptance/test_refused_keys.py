"""Keys that the service refuses: said first, with what to check, and with nothing about leftovers of other creates."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import Workspace

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "secret key": ({"secret_key": "hunter2-hunter2"}, "Check secret_key (HW_SECRET_KEY)"),
    "access key": ({"access_key": "NOBODY"}, "Check access_key (HW_ACCESS_KEY)"),
    "token": ({"access_key": None, "secret_key": None, "token": "hunter2-hunter2"}, "Check token"),
    "security token": ({"security_token": "hunter2-hunter2"}, "security_token"),
    "password": (
        {"access_key": None, "secret_key": None, "user_name": "emulator", "password": "hunter2-hunter2", "domain_name": "emulator"},
        "Check user_name, password",
    ),
}  # fmt: skip


@pytest.mark.parametrize("project", ["given", "looked up"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_create_says_that_the_login_was_refused(workspace: Workspace, wrong: str, project: str) -> None:
    changes, check = WRONG[wrong]
    workspace.provider_block |= changes
    if project == "looked up":
        workspace.provider_block["project_id"] = None
    workspace.configure()
    run = workspace.apply().failed()
    said = " ".join(run.error_text().split())
    assert said.startswith('Unable to create notebook "nb" The service refused the login: ')
    assert check in said
    assert "Nothing was created." in said
    for misleading in ("killed", "duplicate", "state keeps", "hunter2"):
        assert misleading not in said
    assert len(said.split()) < 110
    assert workspace.emulator.notebooks() == []


@pytest.mark.parametrize("command", ["plan", "destroy"])
def test_so_do_the_others(workspace: Workspace, command: str) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.provider_block["secret_key"] = "hunter2-hunter2"
    workspace.configure()
    said = " ".join(getattr(workspace, command)().failed().error_text().split())
    assert 'notebook "nb" The service refused the login: ' in said
    assert "Check secret_key (HW_SECRET_KEY)" in said
    assert "hunter2" not in said
    assert len(workspace.emulator.notebooks()) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_service_that_fails_is_no_refused_login(workspace: Workspace, status: int) -> None:
    workspace.provider_block["max_retries"] = 0
    workspace.configure()
    workspace.emulator.add_fault(operation="ListNotebooks", status=status, count=0)
    said = " ".join(workspace.apply().failed().error_text().split())
    assert f": {status} " in said
    assert "could not be listed, and a create could make a duplicate. Nothing was created." in said
    assert "refused the login" not in said


@pytest.mark.parametrize("adopt", [True, False])
def test_a_project_of_others_is_no_missing_permission(workspace: Workspace, adopt: bool) -> None:
    workspace.provider_block["project_id"] = "f" * 32
    workspace.configure(adopt_existing=adopt)
    run = workspace.apply().failed()
    said = " ".join(run.error_text().split())
    assert "ModelArts.0210" in said
    assert said.endswith(
        "Nothing was created. Check project_id and region: both must be of the project that the credentials belong to."
    )
    assert "modelarts:notebook:list" not in said
    assert run.warnings == []
    assert [call["operation"] for call in workspace.emulator.requests()] == ["ListNotebooks"]
