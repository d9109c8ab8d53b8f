"""Refresh and plan change nothing: whatever is planned, the services see GETs alone, of the operations that the guide names."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, IMAGE, OTHER_IMAGE, Workspace

READS = {"ShowNotebook", "ListNotebooks", "ListFlavors", "ShowImage", "KeystoneListProjects"}

CHANGES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "name": {"name": "other"},
    "flavor": {"flavor": CPU_8U},
    "image": {"image_id": OTHER_IMAGE},
    "larger disk": {"storage": {"size": 50}},
    "smaller disk": {"storage": {"size": 5}},
    "replacement": {"storage": {"category": "EFS"}},
    "tags": {"tags": {"team": "a"}},
    "auto-stop": {"auto_stop": {"type": "TIMING", "duration": "4h"}},
    "power": {"desired_status": "STOPPED"},
    "ssh": {"endpoints": {"SSH": {"key_pair_names": ["k"], "allowed_access_ips": ["203.0.113.7"]}}},
    "hooks": {"hooks": {"pre_start": {"script": "/home/ma-user/work/a.sh", "type": "SCRIPT"}}},
    "no consent": {"flavor": CPU_8U, "allow_stopping_for_update": False},
    "protection": {"deletion_protection": True},
}


@pytest.fixture
def checked(workspace: Workspace) -> Workspace:
    """All that can make a plan look further: the check of flavors, and a project that has to be looked up."""
    workspace.provider_block |= {"check_flavors_at_plan": True, "project_id": None}
    return workspace


def reads_only(workspace: Workspace) -> None:
    calls = workspace.emulator.requests()
    assert [call for call in calls if call["method"] != "GET"] == []
    assert {call["operation"] for call in calls} <= READS
    workspace.emulator.clear_requests()


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(attributes)
    workspace.apply().ok()
    workspace.fresh_provider()
    workspace.emulator.clear_requests()


@pytest.mark.parametrize("rules", ["documented", "observed"])
def test_any_plan_of_an_update(checked: Workspace, rules: str) -> None:
    checked.emulator.reset(rules=rules, quota=0)
    made(checked)
    before = checked.there()
    for change in CHANGES.values():
        checked.configure(change)
        checked.plan()
        reads_only(checked)
    checked.configure()
    for arguments in (("-refresh-only",), ("-destroy",), ("-refresh=false",), (f"-replace={ADDRESS}",)):
        checked.plan(*arguments).ok()
        reads_only(checked)
    checked.run("refresh").ok()
    checked.run("apply", "-refresh-only", "-auto-approve").ok()
    reads_only(checked)
    assert checked.there()["behind"]["update_at"] == before["behind"]["update_at"]


@pytest.mark.parametrize(
    "attributes", [{}, {"adopt_existing": True}, {"image_id": OTHER_IMAGE, "flavor": "no.such"}], ids=str
)
def test_a_plan_of_a_create(checked: Workspace, attributes: dict[str, Any]) -> None:
    checked.configure(attributes)
    checked.plan()
    assert checked.emulator.requests() != []
    reads_only(checked)


@pytest.mark.parametrize("status", ["STOPPED", "START_FAILED", "ERROR", "FROZEN", "CREATE_FAILED", "DELETE_FAILED"])
def test_a_plan_of_what_does_not_run(checked: Workspace, status: str) -> None:
    made(checked, desired_status="RUNNING")
    checked.emulator.patch_notebook(checked.id(), status=status)
    checked.plan()
    checked.configure(desired_status="RUNNING", flavor=CPU_8U)
    checked.plan()
    reads_only(checked)


def test_a_plan_of_an_interrupted_update(checked: Workspace) -> None:
    """The tag is found, the recovery is planned, and nothing is started or removed yet."""
    made(checked)
    checked.emulator.deny("modelarts:notebook:start")
    checked.configure(flavor=CPU_8U)
    checked.apply().failed()
    checked.emulator.deny()
    checked.emulator.clear_requests()
    assert "interrupted" in checked.plan().ok().warning_text()
    reads_only(checked)


@pytest.mark.parametrize("import_id", ["nb", None, "cn-north-4/nb"])
def test_a_plan_of_an_import(checked: Workspace, import_id: str | None) -> None:
    made(checked)
    ident = checked.id()
    (checked.folder / "terraform.tfstate").unlink()
    body = {"name": "nb", "flavor": CPU_8U, "image_id": IMAGE, "storage": {"size": 10}}
    block = {"to": ADDRESS, "id": import_id or ident}
    checked.write({"import": [block], "resource": {"modelarts_notebook": {"this": body}}})
    checked.plan().ok()
    reads_only(checked)


def test_who_may_only_read_can_plan(checked: Workspace) -> None:
    """With every other permission taken away."""
    made(checked)
    writes = ("create", "update", "delete", "start", "stop", "updateStopPolicy")
    tagging = ("CreateNotebookTags", "DeleteNotebookTags")
    checked.emulator.deny(*(f"modelarts:notebook:{action}" for action in writes), *tagging)
    checked.clean()
    for change in CHANGES.values():
        checked.configure(change)
        assert "ModelArts.0112" not in checked.plan().text
    reads_only(checked)
