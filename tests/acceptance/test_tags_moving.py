"""A change of tags waits for no state; where the service refuses one for its state, it waits for that."""

from __future__ import annotations

from typing import Any

import pytest
from peer_defects_meanwhile import Until, meanwhile
from terraform_workspace import CPU_8U, Workspace, tags_there
from test_tags import made

MOVING = ["STOPPING", "SNAPSHOTTING", "STARTING", "CREATING"]


def moving(workspace: Workspace, status: str, **attributes: Any) -> None:
    """A notebook that stays in a transitional state until it is patched again."""
    made(workspace, tags={"team": "a"}, **attributes)
    workspace.emulator.patch_notebook(workspace.id(), status=status)


def rests(workspace: Workspace, after: str) -> Any:
    """Somebody's work on the notebook ends once a call of an operation has been made."""
    identifier, status = workspace.id(), workspace.there()["status"]

    def scenario(until: Until) -> None:
        until(after)
        assert workspace.emulator.notebook(identifier)["status"] == status
        workspace.emulator.patch_notebook(identifier, status="STOPPED" if status == "STOPPING" else "RUNNING")

    return meanwhile(workspace, scenario)


@pytest.mark.parametrize("wanted", [None, "RUNNING"], ids=["any power", "RUNNING"])
@pytest.mark.parametrize("status", MOVING)
def test_tags_alone_are_set_at_once(workspace: Workspace, status: str, wanted: str | None) -> None:
    """A configured power state that is only kept isn't waited for either; CREATING shows as none."""
    wanted = {"STOPPING": "STOPPED", "CREATING": None}.get(status, wanted) if wanted else None
    made(workspace, tags={"team": "a", "old": "1"}, desired_status=wanted)
    workspace.emulator.patch_notebook(workspace.id(), status=status)
    workspace.configure(tags={"team": "b"}, desired_status=wanted, timeouts={"update": "5s"})
    workspace.emulator.clear_requests()

    workspace.apply().ok()

    assert workspace.calls() == ["DeleteNotebookTags", "CreateNotebookTags"]
    assert tags_there(workspace) == {"team": "b"}
    assert workspace.there()["status"] == status
    workspace.clean()


@pytest.mark.parametrize("status", MOVING)
def test_default_tags_are_set_at_once(workspace: Workspace, status: str) -> None:
    moving(workspace, status)
    workspace.provider_block["default_tags"] = {"cost": "1"}
    workspace.configure(tags={"team": "a"}, timeouts={"update": "5s"})

    workspace.apply().ok()

    assert tags_there(workspace) == {"team": "a", "cost": "1"}
    assert workspace.there()["status"] == status
    workspace.clean()


@pytest.mark.parametrize("status", MOVING)
def test_tags_come_first_and_the_flavor_when_it_rests(workspace: Workspace, status: str) -> None:
    moving(workspace, status)
    workspace.configure(tags={"team": "b"}, flavor=CPU_8U)

    with rests(workspace, "CreateNotebookTags"):
        workspace.apply().ok()

    restart = ["UpdateNotebook"] if status == "STOPPING" else ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.calls() == ["CreateNotebookTags", *restart]
    assert (tags_there(workspace), workspace.there()["flavor"]) == ({"team": "b"}, CPU_8U)
    assert workspace.there()["status"] == ("STOPPED" if status == "STOPPING" else "RUNNING")
    workspace.clean()


@pytest.mark.parametrize("status", MOVING)
def test_a_service_that_refuses_tags_meanwhile_is_waited_for(workspace: Workspace, status: str) -> None:
    workspace.emulator.reset(assume={"tags-while-moving": "refused"})
    moving(workspace, status)
    workspace.configure(tags={"team": "b"})

    with rests(workspace, "CreateNotebookTags"):
        workspace.apply().ok()

    answers = [call["status"] for call in workspace.emulator.requests() if call["operation"] == "CreateNotebookTags"]
    assert answers == [400, 204]
    assert tags_there(workspace) == {"team": "b"}
    workspace.clean()


@pytest.mark.parametrize(
    ("status", "code"), [(400, "ModelArts.6357"), (400, "ModelArts.6304"), (409, "ModelArts.6357")]
)
@pytest.mark.parametrize("operation", ["CreateNotebookTags", "DeleteNotebookTags"])
def test_busy_for_a_moment(workspace: Workspace, operation: str, status: int, code: str) -> None:
    made(workspace, tags={"team": "a", "old": "1"})
    workspace.emulator.add_fault(operation=operation, status=status, error_code=code, error_msg="busy", count=1)
    workspace.configure(tags={"team": "b"})

    workspace.apply().ok()

    assert tags_there(workspace) == {"team": "b"}
    workspace.clean()


@pytest.mark.parametrize("nth", [1, 2], ids=["mark", "unmark"])
def test_the_mark_of_an_update_is_left_and_taken_away_when_it_was_busy(workspace: Workspace, nth: int) -> None:
    made(workspace)
    workspace.emulator.add_fault(
        operation="CreateNotebookTags", status=400, error_code="ModelArts.6357", error_msg="busy", nth=nth, count=1
    )
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().ok()

    assert "mark" not in run.warning_text()
    answers = [call["status"] for call in workspace.emulator.requests() if call["operation"] == "CreateNotebookTags"]
    assert answers == ([400, 204, 204] if nth == 1 else [204, 400, 204])
    workspace.clean()
