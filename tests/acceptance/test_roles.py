"""Credentials that may not do everything: what each operation does without a permission, and what it says."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, MARK, Run, Workspace, tags_there

LIST, GET = "modelarts:notebook:list", "modelarts:notebook:get"
TAGGING = ("CreateNotebookTags", "DeleteNotebookTags")
UNLISTED = "Existing notebooks could not be listed"


@pytest.fixture
def limited(workspace: Workspace) -> Workspace:
    """A provider that doesn't repeat calls, so that every call counts."""
    workspace.provider_block["max_retries"] = 0
    return workspace


@pytest.fixture
def existing(limited: Workspace) -> Workspace:
    """A notebook in the state; then a provider that remembers nothing."""
    limited.configure()
    limited.apply().ok()
    limited.fresh_provider()
    limited.emulator.clear_requests()
    return limited


def said(run: Run, *words: str) -> None:
    text = " ".join(run.error_text().split())
    assert [word for word in words if word not in text] == [], text


def forget_state(workspace: Workspace) -> None:
    (workspace.folder / "terraform.tfstate").unlink()


# --- get, but not list


def test_create_without_list_warns_and_goes_on(limited: Workspace) -> None:
    limited.emulator.deny(LIST)
    limited.configure()

    run = limited.apply().ok()

    [warning] = run.warnings
    assert warning["summary"] == UNLISTED
    assert [word for word in (LIST, "ModelArts.0112", '"nb"') if word not in warning["detail"]] == []
    limited.clean()


def test_create_without_list_folds_its_warning(limited: Workspace) -> None:
    limited.emulator.deny(LIST)
    body = {"flavor": CPU_8U, "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090", "storage": {"size": 10}}
    notebooks = {name: {**body, "name": name} for name in ("one", "two", "three")}
    limited.write({"resource": {"modelarts_notebook": notebooks}})
    assert {warning["summary"] for warning in limited.apply().ok().warnings} == {UNLISTED}


def test_create_without_list_does_not_adopt(limited: Workspace) -> None:
    """Who asks for an adoption gets no second instance."""
    limited.configure()
    limited.apply().ok()
    limited.emulator.patch_notebook(limited.id(), tags={})
    forget_state(limited)
    limited.fresh_provider()
    limited.emulator.deny(LIST)
    limited.emulator.clear_requests()
    limited.configure(adopt_existing=True)

    said(limited.apply().failed(), "adopt_existing", LIST, "Nothing was created", "ModelArts.0112")

    assert limited.calls(marks=True) == []
    limited.emulator.deny()
    limited.apply().ok()
    assert limited.calls() == []
    assert len(limited.emulator.notebooks()) == 1


def test_create_without_list_and_without_an_answer(limited: Workspace) -> None:
    limited.emulator.deny(LIST)
    limited.emulator.add_fault(operation="CreateNotebook", cut="after")
    limited.configure()

    said(limited.apply().failed(), "Whether an instance was created is not known", "terraform import <address> <id>")

    assert limited.calls() == ["CreateNotebook"]
    assert limited.state() is None


def test_import_without_list(existing: Workspace) -> None:
    """By id it needs none; by name the error says so."""
    ident = existing.id()
    forget_state(existing)
    existing.emulator.deny(LIST)

    by_name = existing.run("import", "-input=false", ADDRESS, "nb", machine=False)

    text = " ".join(by_name.text.split())
    assert by_name.code == 1
    assert [word for word in (LIST, "An import by id needs no list", "Nothing was imported") if word not in text] == []
    assert existing.run("import", "-input=false", ADDRESS, ident, machine=False).code == 0
    existing.clean()


def test_the_rest_of_a_life_needs_no_list(existing: Workspace) -> None:
    existing.emulator.deny(LIST)
    existing.clean()
    existing.configure(flavor=CPU_8U, description="more", tags={"team": "a"})
    existing.apply().ok()
    existing.destroy().ok()
    assert existing.emulator.notebooks() == []


# --- list, but not get


def test_refresh_without_get_keeps_the_state(existing: Workspace) -> None:
    existing.emulator.deny(GET)
    said(existing.plan().failed(), "Unable to read", GET, "doesn't count as gone")
    assert existing.state() is not None


def test_create_without_get_taints(limited: Workspace) -> None:
    limited.emulator.deny(GET)
    limited.configure()
    said(limited.apply().failed(), GET, "stays in the state, tainted")
    assert limited.state()["id"] == limited.there()["id"]  # type: ignore[index]
    assert limited.is_tainted()


def test_import_without_get(existing: Workspace) -> None:
    ident = existing.id()
    forget_state(existing)
    existing.emulator.deny(GET)
    run = existing.run("import", "-input=false", ADDRESS, ident, machine=False)
    assert run.code == 1
    assert GET in run.text
    assert "needs no list" not in run.text


def test_destroy_without_get_says_that_the_deletion_is_under_way(existing: Workspace) -> None:
    existing.emulator.deny(GET)
    said(existing.destroy("-refresh=false").failed(), GET, "has accepted the deletion", "stays in the state")
    existing.emulator.deny()
    existing.destroy().ok()


# --- not tag


def test_restart_without_tagging_warns_once_and_goes_on(existing: Workspace) -> None:
    """The interruption tag can't be set: only a killed run would have needed it. None is there to be removed."""
    existing.emulator.deny(*TAGGING)
    existing.configure(flavor=CPU_8U)

    run = existing.apply().ok()

    told = [warning for warning in run.warnings if "CreateNotebookTags" in warning["detail"]]
    assert len(told) == 1, run.warning_text()
    assert "nothing would bring the power state back" in told[0]["detail"]
    assert "DeleteNotebookTags" not in run.warning_text()
    assert existing.calls(marks=True) == ["CreateNotebookTags", "StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert existing.there()["status"] == "RUNNING"
    existing.clean()


def test_update_of_tags_without_tagging(existing: Workspace) -> None:
    existing.emulator.deny(*TAGGING)
    existing.configure(tags={"team": "a"})

    said(existing.apply().failed(), "Could not update tags", "CreateNotebookTags", "ModelArts.0112", "is RUNNING")

    assert tags_there(existing) == {}
    assert existing.plan().ok().actions == ["update"]
    existing.emulator.deny()
    existing.apply().ok()
    assert tags_there(existing) == {"team": "a"}


def test_removal_of_tags_without_removing(existing: Workspace) -> None:
    existing.configure(tags={"team": "a"})
    existing.apply().ok()
    existing.emulator.deny("DeleteNotebookTags")
    existing.configure()
    said(existing.apply().failed(), "Could not update tags", "DeleteNotebookTags")
    assert existing.state()["tags"] == {"team": "a"}  # type: ignore[index]


def test_create_with_tags_without_tagging_taints(limited: Workspace) -> None:
    limited.emulator.deny(*TAGGING)
    limited.configure(tags={"team": "a"})
    said(limited.apply().failed(), "Could not update tags", "terraform untaint")
    assert limited.is_tainted()
    assert limited.there()["status"] == "RUNNING"


def test_create_without_tagging(limited: Workspace) -> None:
    """Without tags it needs none; its instance looks like one that an interrupted create has left, to a later create."""
    limited.emulator.deny(*TAGGING)
    limited.configure()
    limited.apply().ok()
    limited.clean()
    assert MARK not in {tag["key"] for tag in limited.there().get("tags") or []}


# --- one permission missing, each in turn


@pytest.mark.parametrize(
    ("action", "change", "calls", "status"),
    [
        ("update", {"description": "new"}, ["UpdateNotebook"], "RUNNING"),
        ("update", {"flavor": CPU_8U}, ["StopNotebook", "UpdateNotebook", "StartNotebook"], "RUNNING"),
        ("stop", {"flavor": CPU_8U}, ["StopNotebook"], "RUNNING"),
        ("stop", {"desired_status": "STOPPED"}, ["StopNotebook"], "RUNNING"),
        ("updateStopPolicy", {"auto_stop": {"type": "TIMING", "duration": "4h"}}, ["RenewLease"], "RUNNING"),
    ],
    ids=str,
)
def test_update_without_a_permission(
    existing: Workspace, action: str, change: dict[str, Any], calls: list[str], status: str
) -> None:
    existing.emulator.reset(rules="observed", quota=0)
    forget_state(existing)
    existing.configure()
    existing.apply().ok()
    existing.emulator.clear_requests()
    existing.emulator.deny(f"modelarts:notebook:{action}")
    existing.configure(change)

    said(existing.apply().failed(), f"modelarts:notebook:{action}", "Ask an administrator", f"is {status}")

    assert existing.calls() == calls
    assert existing.there()["status"] == status
    existing.emulator.deny()
    existing.apply().ok()
    existing.clean()


def test_restart_without_start_is_brought_back_by_the_next_apply(existing: Workspace) -> None:
    existing.emulator.deny("modelarts:notebook:start")
    existing.configure(flavor=CPU_8U)

    said(existing.apply().failed(), "modelarts:notebook:start", "could not be started again", "is STOPPED")

    existing.emulator.deny()
    assert "interrupted" in existing.plan().ok().warning_text()
    existing.apply().ok()
    assert existing.there()["status"] == "RUNNING"


@pytest.mark.parametrize(("denied", "operation"), [("modelarts:notebook:create", "CreateNotebook")])
def test_create_without_a_permission(limited: Workspace, denied: str, operation: str) -> None:
    limited.emulator.deny(denied)
    limited.configure()
    said(limited.apply().failed(), denied, "Nothing was created")
    assert limited.calls() == [operation]
    assert limited.state() is None


def test_create_stopped_without_stop_taints(limited: Workspace) -> None:
    limited.emulator.deny("modelarts:notebook:stop")
    limited.configure(desired_status="STOPPED")
    said(limited.apply().failed(), "modelarts:notebook:stop", "is RUNNING", "terraform untaint")
    assert limited.is_tainted()


def test_destroy_without_delete(existing: Workspace) -> None:
    existing.emulator.deny("modelarts:notebook:delete")
    said(existing.destroy().failed(), "modelarts:notebook:delete", "stays in the state")
    assert existing.state() is not None
    assert existing.there()["status"] == "RUNNING"


def test_a_project_that_may_not_be_looked_up(limited: Workspace) -> None:
    limited.provider_block["project_id"] = None
    limited.emulator.deny("iam:projects:listProjects")
    limited.configure()
    said(limited.apply().failed(), "iam:projects:listProjects", "Set project_id (HW_PROJECT_ID)")
    limited.provider_block["project_id"] = limited.emulator.project_id
    limited.configure()
    limited.apply().ok()


def test_images_that_may_not_be_read_are_not_checked(limited: Workspace) -> None:
    limited.provider_block["check_flavors_at_plan"] = True
    limited.emulator.deny("modelarts:image:get")
    limited.configure(image_id="00000000-0000-4000-8000-000000000000")
    assert limited.plan().ok().warnings == []
