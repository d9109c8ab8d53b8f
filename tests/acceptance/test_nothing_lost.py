"""Kills, lost answers, twins, imports: nothing is lost, nothing is taken from others, nothing stays down."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import ADDRESS, BASE, CPU_8U, MARK, Workspace

KEY = {"SSH": {"key_pair_names": ["k"], "allowed_access_ips": ["8.8.8.8"]}}


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def leave_as_a_kill_would(workspace: Workspace) -> None:
    """Stopped by us, marked, and nobody there to start it again."""
    lease = workspace.there()["lease"]
    mark = f"20261123T000000Z/deadbeef/{lease['duration']}:TIMING:1"
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED", tags={MARK: mark})


def marks(workspace: Workspace) -> list[str]:
    tags = workspace.there().get("tags") or []
    return [tag["key"] for tag in tags if tag["key"] == MARK and tag["value"] != "managed"]


def test_an_update_leaves_a_mark_and_takes_it_away(workspace: Workspace) -> None:
    made(workspace, tags={"team": "a"})
    workspace.configure(flavor=CPU_8U, tags={"team": "a"})

    workspace.apply().ok()

    assert workspace.calls(marks=True) == [
        "CreateNotebookTags",
        "StopNotebook",
        "UpdateNotebook",
        "StartNotebook",
        "CreateNotebookTags",  # of a young notebook the sign takes the mark's place
    ]
    assert marks(workspace) == []
    workspace.clean()


def test_a_killed_update_is_repaired_by_the_next_apply(workspace: Workspace) -> None:
    made(workspace)
    leave_as_a_kill_would(workspace)

    planned = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert planned.actions == ["update"]
    assert "will be started: an update of it was interrupted" in planned.warning_text()
    assert workspace.calls() == ["StartNotebook"]
    assert (workspace.there()["status"], marks(workspace)) == ("RUNNING", [])
    state = workspace.state()
    assert state is not None
    assert (state["interrupted_update"], state["tags"], state["tags_all"]) == (False, None, {})
    workspace.clean()


def test_the_repair_and_what_is_left_of_the_update_are_one_apply(workspace: Workspace) -> None:
    made(workspace)
    leave_as_a_kill_would(workspace)
    workspace.configure(flavor=CPU_8U, name="renamed")

    workspace.apply().ok()

    assert workspace.calls() == ["UpdateNotebook", "StartNotebook"]
    assert (workspace.there()["status"], marks(workspace)) == ("RUNNING", [])
    workspace.clean()


def test_a_mark_on_a_running_notebook_is_only_removed(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), tags={MARK: "20261123T000000Z/deadbeef/1:TIMING:1"})

    planned = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert "will be removed" in planned.warning_text()
    assert workspace.calls() == []
    assert marks(workspace) == []
    workspace.clean()


def test_a_users_own_later_stop_is_never_repaired(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.patch_notebook(
        workspace.id(), status="STOPPED", tags={MARK: "20261123T000000Z/deadbeef/1:TIMING:1"}
    )

    workspace.apply().ok()

    assert workspace.calls() == []
    assert (workspace.there()["status"], marks(workspace)) == ("STOPPED", [])
    workspace.clean()


def test_wanted_stopped_the_repair_only_removes_the_mark(workspace: Workspace) -> None:
    made(workspace)
    leave_as_a_kill_would(workspace)
    workspace.configure(desired_status="STOPPED")

    workspace.apply().ok()

    assert workspace.calls() == []
    assert (workspace.there()["status"], marks(workspace)) == ("STOPPED", [])
    workspace.clean()


def test_where_tagging_fails_the_update_goes_on_with_a_warning(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.add_fault(
        operation="CreateNotebookTags", status=400, error_code="ModelArts.0104", error_msg="too many tags"
    )
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().ok()

    assert "side effect" in run.warning_text()
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@pytest.mark.parametrize("answer", [{"cut": "after"}, {"cut": "before"}], ids=["made", "not made"])
def test_a_create_whose_answer_is_lost(workspace: Workspace, answer: dict[str, str]) -> None:
    workspace.emulator.add_fault(operation="CreateNotebook", **answer)
    workspace.configure()

    run = workspace.apply()

    there = workspace.emulator.notebooks()
    assert workspace.calls() == ["CreateNotebook"]
    if answer["cut"] == "after":
        run.ok()
        assert [n["id"] for n in there] == [workspace.id()]
        workspace.clean()
    else:
        assert "Whether an instance was created is not known" in run.failed().error_text()
        assert there == []
        workspace.apply().ok()


def test_two_creates_of_one_name_with_both_answers_lost(workspace: Workspace) -> None:
    workspace.emulator.add_fault(operation="CreateNotebook", cut="after", count=2)
    body = {name: value for name, value in BASE.items() if value is not None}
    workspace.write({"resource": {"modelarts_notebook": {"this": body, "that": {**body, "description": "that"}}}})

    workspace.apply().ok()

    one, other = workspace.state(ADDRESS), workspace.state("modelarts_notebook.that")
    assert one is not None
    assert other is not None
    assert one["id"] != other["id"]
    assert len(workspace.emulator.notebooks()) == 2
    assert workspace.emulator.notebook(other["id"])["description"] == "that"
    workspace.clean()


def test_import_by_exact_name(workspace: Workspace) -> None:
    made(workspace, endpoints=KEY)
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()

    workspace.run("import", ADDRESS, "nb", machine=False).ok()

    assert workspace.id() == identifier
    workspace.clean()


@pytest.mark.parametrize(
    ("identifier", "message"),
    [("b", "No notebook instance has exactly this name"), ("a b", "is not the id of a notebook instance")],
)
def test_import_by_a_name_that_is_none(workspace: Workspace, identifier: str, message: str) -> None:
    made(workspace)
    (workspace.folder / "terraform.tfstate").unlink()

    run = workspace.run("import", ADDRESS, identifier, machine=False)

    assert run.code == 1
    assert message in " ".join(run.text.split())


def test_import_by_an_ambiguous_name_lists_the_candidates(workspace: Workspace) -> None:
    workspace.write({"resource": {"modelarts_notebook": {"this": BASE, "that": BASE}}})
    workspace.apply().ok()
    ids = [n["id"] for n in workspace.emulator.notebooks()]
    (workspace.folder / "terraform.tfstate").unlink()

    run = workspace.run("import", ADDRESS, "nb", machine=False)

    assert run.code == 1
    assert "2 instances have this name" in " ".join(run.text.split())
    assert all(identifier in run.text for identifier in ids)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"description": "d", "endpoints": KEY, "tags": {"a": "b"}},
        {"storage": {"category": "EFS"}},
        {"workspace_id": "abcdef0123456789abcdef0123456789"},
    ],
    ids=str,
)
def test_generated_configuration_validates_and_plans_clean(workspace: Workspace, attributes: dict[str, Any]) -> None:
    made(workspace, **attributes)
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.write({"import": [{"to": ADDRESS, "id": identifier}]})
    out = workspace.folder / "generated.tf"

    workspace.plan(f"-generate-config-out={out}").ok()
    assert workspace.validate().code == 0
    applied = workspace.apply().ok()

    assert workspace.calls() == []
    assert applied.errors == []
    workspace.clean()
