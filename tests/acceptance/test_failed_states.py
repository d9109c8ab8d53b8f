"""What has failed: updates where the table allows them, deletions, creates that are not finished; and the ways out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, Workspace, tags_there

from modelarts_provider.resources.notebook.service.instance import NotebookInstance

BUSY = {"status": 400, "error_code": "ModelArts.6357", "error_msg": "busy"}
OTHER_WORKSPACE = "abcdef0123456789abcdef0123456789"


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def failed(workspace: Workspace, status: str) -> None:
    """A notebook in a failed state, by the rules that let something be done about it."""
    workspace.emulator.reset(rules="observed", quota=0)
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), status=status, fail_reason="no reason")


UPDATES: list[tuple[str, dict[str, Any], list[str], str]] = [
    ("START_FAILED", {"name": "renamed"}, ["UpdateNotebook"], "START_FAILED"),
    ("START_FAILED", {"flavor": CPU_8U}, ["UpdateNotebook"], "START_FAILED"),
    ("START_FAILED", {"tags": {"a": "b"}}, ["CreateNotebookTags"], "START_FAILED"),
    ("ERROR", {"tags": {"a": "b"}}, ["CreateNotebookTags"], "ERROR"),
    ("START_FAILED", {"desired_status": "RUNNING"}, ["StartNotebook"], "RUNNING"),
    ("ERROR", {"desired_status": "RUNNING"}, ["StartNotebook"], "RUNNING"),
    (
        "START_FAILED",
        {"desired_status": "RUNNING", "flavor": CPU_8U, "storage": {"size": 20}},
        ["UpdateNotebook", "StartNotebook", "UpdateNotebook"],
        "RUNNING",
    ),
    (  # nothing but a stopped or running notebook takes a flavor here: out of the failed state first
        "ERROR",
        {"desired_status": "RUNNING", "flavor": CPU_8U},
        ["UpdateNotebook", "StartNotebook", "StopNotebook", "UpdateNotebook", "StartNotebook"],
        "RUNNING",
    ),
    (  # the service won't stop what doesn't run
        "START_FAILED",
        {"desired_status": "STOPPED", "storage": {"size": 20}},
        ["StopNotebook", "StartNotebook", "UpdateNotebook", "StopNotebook"],
        "STOPPED",
    ),
]


@pytest.mark.parametrize(("status", "change", "calls", "after"), UPDATES, ids=str)
def test_an_update_in_a_failed_state(
    workspace: Workspace, status: str, change: dict[str, Any], calls: list[str], after: str
) -> None:
    failed(workspace, status)
    workspace.configure(change)

    workspace.apply().ok()

    assert workspace.calls() == calls
    assert workspace.there()["status"] == after
    workspace.clean()


@pytest.mark.parametrize(
    ("status", "change"),
    [
        ("START_FAILED", {"storage": {"size": 20}}),
        ("ERROR", {"name": "renamed"}),
    ],
)
def test_what_a_failed_state_forbids_names_the_way_out(
    workspace: Workspace, status: str, change: dict[str, Any]
) -> None:
    failed(workspace, status)
    workspace.configure(change)

    text = workspace.apply().failed().error_text()

    assert "ModelArts.6347" in text
    assert f"The notebook is {status}" in text
    assert 'Set desired_status = "RUNNING" (or "STOPPED") and apply again' in text
    assert "Stop the instance, make the change" not in text
    assert workspace.calls() == ["UpdateNotebook"]
    assert workspace.there()["status"] == status


@pytest.mark.parametrize(("status", "way"), [("CREATE_FAILED", "-replace"), ("FROZEN", "arrears")])
def test_a_state_that_nothing_leads_out_of_is_said_to_be_one(workspace: Workspace, status: str, way: str) -> None:
    failed(workspace, status)
    workspace.configure(flavor=CPU_8U)

    text = workspace.apply().failed().error_text()

    assert "ModelArts.6347" in text
    assert way in text
    assert "desired_status" not in text
    assert "Stop the instance, make the change" not in text


WARNED = {
    "START_FAILED": 'is START_FAILED: no reason. With desired_status = "RUNNING" the next apply tries to start it',
    "ERROR": 'is ERROR: no reason. With desired_status = "RUNNING" the next apply tries to start it',
    "FROZEN": "is FROZEN: no reason. Settle the account's arrears",
    "CREATE_FAILED": "is CREATE_FAILED: no reason. It never ran: replace it",
    "DELETE_FAILED": "is DELETE_FAILED: no reason. Its deletion failed: destroy it again",
    "DELETING": "is DELETING: somebody deletes it",
}


@pytest.mark.parametrize("status", WARNED)
def test_a_plan_without_a_change_tells_of_what_has_failed_or_goes(workspace: Workspace, status: str) -> None:
    failed(workspace, status)

    planned = workspace.plan().ok()

    assert planned.actions == []
    assert WARNED[status] in planned.warning_text()
    assert workspace.state() is not None


def test_what_somebody_deletes_is_not_updated(workspace: Workspace) -> None:
    failed(workspace, "DELETING")
    workspace.configure(name="renamed")

    text = workspace.apply().failed().error_text()

    assert "somebody is deleting it" in text
    assert "Run terraform plan when it is gone" in text
    assert workspace.calls() == []


def test_what_somebody_else_changes_meanwhile_is_said_with_what_is_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.emulator.reset(rules="observed", quota=0)
    made(workspace, description="old")
    identifier = workspace.id()
    update = NotebookInstance.update

    async def overtaken(instance: NotebookInstance, body: Mapping[str, Any]) -> None:
        await update(instance, body)
        workspace.emulator.patch_notebook(identifier, description="theirs")

    monkeypatch.setattr(NotebookInstance, "update", overtaken)
    workspace.configure(description="ours")

    text = workspace.apply().failed().error_text()

    assert 'description was to be "ours" and is "theirs"' in text
    assert "Somebody else may have changed it meanwhile" in text
    state = workspace.state()
    assert state is not None
    assert state["description"] == "theirs"
    monkeypatch.undo()
    workspace.apply().ok()
    workspace.clean()


def test_a_deletion_that_failed_is_asked_for_again(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.fail_next("delete", "volume is attached elsewhere")

    run = workspace.destroy().failed()

    assert "DELETE_FAILED" in run.error_text()
    assert workspace.calls() == ["DeleteNotebook"]
    assert workspace.state() is not None
    workspace.destroy().ok()
    assert workspace.calls() == ["DeleteNotebook"] * 2
    assert workspace.emulator.notebooks() == []


def test_a_stop_before_the_deletion_that_fails_forgets_nothing(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.add_fault(
        operation="DeleteNotebook", status=400, error_code="ModelArts.6304", error_msg="stop it first"
    )
    workspace.emulator.add_fault(operation="StopNotebook", status=403, error_code="ModelArts.0112", error_msg="no")

    run = workspace.destroy().failed()

    assert "asks for a stop before the deletion, and that failed" in run.error_text()
    assert "ModelArts.0112" in run.error_text()
    assert workspace.calls() == ["DeleteNotebook", "StopNotebook"]
    assert workspace.state() is not None
    assert workspace.there()["status"] == "RUNNING"


@pytest.mark.parametrize(
    "attempt", ["left out", "no refresh", "replaced first", "tainted by hand", "replaced by another region"]
)
def test_deletion_protection_holds_whatever_wants_to_delete(workspace: Workspace, attempt: str) -> None:
    made(workspace, deletion_protection=True)
    arguments: list[str] = []
    match attempt:
        case "left out":
            workspace.write({})
        case "no refresh":
            arguments = ["-destroy", "-refresh=false"]
        case "replaced first":
            cycle = {"create_before_destroy": True}
            workspace.configure(deletion_protection=True, workspace_id=OTHER_WORKSPACE, lifecycle=cycle)
        case "tainted by hand":
            workspace.run("taint", ADDRESS, machine=False).ok()
        case "replaced by another region":
            workspace.configure(deletion_protection=True, region="ap-southeast-3")

    run = workspace.apply(*arguments).failed()

    assert 'Notebook "nb" is protected against deletion' in run.error_text()
    assert "DeleteNotebook" not in workspace.calls()
    assert len(workspace.emulator.notebooks()) == 1


def test_what_a_protection_keeps_as_deposed_has_a_way_out(workspace: Workspace) -> None:
    """A provider isn't told of a forced replacement in the plan, and of a deposed object's configuration never."""
    cycle = {"create_before_destroy": True}
    made(workspace, deletion_protection=True, lifecycle=cycle)
    before = workspace.id()
    said = workspace.apply(f"-replace={ADDRESS}").failed().error_text()
    assert "delete the instance in the console, and the next plan forgets it" in said
    workspace.configure(deletion_protection=False, lifecycle=cycle)
    workspace.apply().failed()

    workspace.emulator.api("POST", f"/notebooks/{before}/stop")
    workspace.emulator.api("DELETE", f"/notebooks/{before}")

    workspace.apply().ok()
    assert [one["id"] for one in workspace.emulator.notebooks()] == [workspace.id()]
    workspace.destroy().ok()


@pytest.mark.parametrize("command", [("apply", "-destroy"), ("destroy",)], ids=" ".join)
@pytest.mark.parametrize(
    "change",
    [{"storage": {"size": 5}}, {"flavor": CPU_8U, "allow_stopping_for_update": False}],
    ids=["smaller disk", "no consent"],
)
def test_a_plan_error_that_blocks_a_destroy_names_the_way_to_it(
    workspace: Workspace, change: dict[str, Any], command: tuple[str, ...]
) -> None:
    """Terraform plans an update first, with the very request of a plan that is no destroy's."""
    made(workspace)
    workspace.configure(change)

    run = workspace.run(*command, "-input=false", "-auto-approve").failed()

    assert "`terraform destroy -refresh=false`" in run.error_text()
    assert workspace.calls() == []
    workspace.run(*command, "-input=false", "-auto-approve", "-refresh=false").ok()
    assert workspace.emulator.notebooks() == []


PASSING = {
    "busy": {**BUSY, "count": 2},
    "5xx": {"status": 503, "count": 2},
    "throttled": {"status": 429, "count": 2},
    "cut before": {"cut": "before"},
    "cut after": {"cut": "after"},
}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("operation", ["CreateNotebookTags", "StopNotebook"])
def test_what_follows_a_create_is_tried_again(workspace: Workspace, operation: str, fault: str) -> None:
    workspace.provider_block["max_retries"] = 0
    workspace.configure(tags={"team": "a"}, desired_status="STOPPED", auto_stop={"duration": "4h"})
    workspace.emulator.add_fault(operation=operation, **PASSING[fault])

    workspace.apply().ok()

    assert not workspace.is_tainted()
    assert workspace.calls().count("CreateNotebook") == 1
    assert (tags_there(workspace), workspace.there()["status"]) == ({"team": "a"}, "STOPPED")
    workspace.clean()


@pytest.mark.parametrize("operation", ["CreateNotebookTags", "StopNotebook"])
@pytest.mark.parametrize("fault", [BUSY, {"status": 403, "error_code": "ModelArts.0112", "error_msg": "no"}], ids=str)
def test_what_cannot_follow_a_create_is_tainted_and_says_how_to_keep_it(
    workspace: Workspace, operation: str, fault: dict[str, Any]
) -> None:
    workspace.configure(tags={"team": "a"}, desired_status="STOPPED", timeouts={"create": "3s"})
    workspace.emulator.add_fault(operation=operation, **fault, count=0)

    run = workspace.apply().failed()

    assert fault["error_code"] in run.error_text()
    assert "run `terraform untaint` on it" in run.error_text()
    assert workspace.is_tainted()
    identifier = workspace.id()
    workspace.emulator.clear_faults()
    workspace.run("untaint", ADDRESS, machine=False).ok()
    workspace.apply().ok()
    assert workspace.id() == identifier
    assert (tags_there(workspace), workspace.there()["status"]) == ({"team": "a"}, "STOPPED")
    workspace.clean()
