"""Kills, lost answers, twins, imports: nothing is lost, nothing is taken from others, nothing stays down."""

from __future__ import annotations

import threading
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


def forgotten(workspace: Workspace) -> str:
    """What a killed create leaves: an instance that no state knows, and that nobody has signed."""
    made(workspace)
    identifier = workspace.id()
    workspace.emulator.patch_notebook(identifier, tags={})
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.fresh_provider()
    return identifier


def test_the_next_create_names_what_a_killed_one_left(workspace: Workspace) -> None:
    identifier = forgotten(workspace)

    run = workspace.apply().failed()

    assert identifier in run.error_text()
    assert f"terraform import <address> {identifier}" in run.error_text()
    assert "adopt_existing = true" in run.error_text()
    assert workspace.calls() == []
    assert workspace.state() is None


def test_adopt_existing_takes_it_over(workspace: Workspace) -> None:
    identifier = forgotten(workspace)
    workspace.configure(adopt_existing=True)

    run = workspace.apply().ok()

    assert "was taken over" in run.warning_text()
    assert workspace.calls() == []
    assert workspace.id() == identifier
    workspace.clean()


ADOPTED: dict[str, dict[str, Any]] = {
    "description": {"description": "notes"},
    "key pairs": {"endpoints": {"SSH": {"key_pair_names": ["k1"]}}},
    "a larger disk": {"storage": {"size": 70}},
    "hooks": {"hooks": {"pre_start": {"script": "/home/ma-user/work/init.sh"}}},
    "auto-stop": {"auto_stop": {"duration": "5h"}},
    "tags": {"tags": {"team": "a"}},
    "stopped": {"desired_status": "STOPPED"},
}


@pytest.mark.parametrize("status", ["RUNNING", "STOPPED"])
@pytest.mark.parametrize("configured", [*ADOPTED, "everything"])
def test_what_is_taken_over_becomes_what_is_configured(workspace: Workspace, configured: str, status: str) -> None:
    identifier = forgotten(workspace)
    workspace.emulator.patch_notebook(identifier, status=status)
    asked = ADOPTED.get(configured) or {name: value for each in ADOPTED.values() for name, value in each.items()}
    workspace.configure(**asked, adopt_existing=True)

    run = workspace.apply().ok()

    assert "was taken over" in run.warning_text()
    there = workspace.there()
    assert (there["id"], there["status"]) == (identifier, asked.get("desired_status", "RUNNING"))
    assert "CreateNotebook" not in workspace.calls()
    assert there["volume"]["capacity"] == asked.get("storage", BASE["storage"]).get("size", there["volume"]["capacity"])
    assert (there["description"] or None) == asked.get("description")
    assert bool((there["hooks"] or {}).get("pre_start")) == ("hooks" in asked)
    if "auto_stop" in asked and there["status"] == "RUNNING":
        assert there["lease"]["duration"] >= 5 * 3_600_000
    assert marks(workspace) == []
    workspace.clean()


@pytest.mark.parametrize(
    ("configured", "named"),
    [
        ({"storage": {"category": "EFS"}}, "storage.category"),
        ({"storage": {"size": 5}}, "storage.size"),
        ({"workspace_id": "7" * 32}, "workspace_id"),
    ],
)
def test_what_cannot_become_what_is_configured_is_not_taken_over(
    workspace: Workspace, configured: dict[str, Any], named: str
) -> None:
    identifier = forgotten(workspace)
    before = workspace.emulator.notebook(identifier)["behind"]
    workspace.configure(**configured, adopt_existing=True)

    said = workspace.apply().failed().error_text()

    assert named in said
    assert identifier in said
    assert workspace.state() is None, "a tainted one would be replaced, and its disk lost"
    assert workspace.emulator.notebook(identifier)["behind"] == before
    assert workspace.calls() == []


def test_what_could_not_be_brought_to_the_configuration_is_not_tainted(workspace: Workspace) -> None:
    identifier = forgotten(workspace)
    workspace.configure(description="notes", tags={"team": "a"}, adopt_existing=True)
    workspace.emulator.add_fault(operation="UpdateNotebook", status=400, error_code="ModelArts.6400", count=1)

    said = workspace.apply().failed().error_text()

    assert "was not taken over" in said
    assert "ModelArts.6400" in said
    assert workspace.state() is None
    workspace.apply().ok()
    assert (workspace.id(), workspace.there()["description"]) == (identifier, "notes")
    workspace.clean()


def test_nothing_is_stopped_to_be_taken_over_without_consent(workspace: Workspace) -> None:
    identifier = forgotten(workspace)
    workspace.configure(**ADOPTED["hooks"], adopt_existing=True, allow_stopping_for_update=False)

    said = workspace.apply().failed().error_text()

    assert "allow_stopping_for_update" in said
    assert workspace.state() is None
    assert workspace.emulator.notebook(identifier)["status"] == "RUNNING"
    assert "StopNotebook" not in workspace.calls()


def test_what_somebody_deletes_is_not_taken_over(workspace: Workspace) -> None:
    identifier = forgotten(workspace)
    workspace.emulator.patch_notebook(identifier, status="DELETING")
    workspace.configure(adopt_existing=True)

    workspace.apply().ok()

    assert workspace.id() != identifier
    workspace.clean()


def test_an_old_namesake_is_none_of_our_business(workspace: Workspace) -> None:
    forgotten(workspace)
    workspace.configure(timeouts={"create": "1s"})
    threading.Event().wait(1.1)  # the age of the instance is what is tested

    workspace.apply().ok()

    assert len(workspace.emulator.notebooks()) == 2


@pytest.mark.parametrize("adopt", [True, False])
def test_notebooks_of_one_name_never_take_or_block_each_other(workspace: Workspace, adopt: bool) -> None:
    """A real command's plan and apply are two processes: what the first has read, the second doesn't know."""
    body = {**BASE, "adopt_existing": adopt}
    workspace.write({"resource": {"modelarts_notebook": {"this": {**body, "count": 2}}}})
    workspace.apply().ok()
    body["flavor"] = CPU_8U
    workspace.write({"resource": {"modelarts_notebook": {"this": {**body, "count": 2}}}})
    workspace.apply().ok()  # a restart of each, which must not make them look lost
    plan = workspace.folder / "plan"
    workspace.write({"resource": {"modelarts_notebook": {"this": {**body, "count": 3}}}})
    workspace.plan(f"-out={plan}", f"-replace={ADDRESS}[0]").ok()

    workspace.fresh_provider()
    workspace.run("apply", "-input=false", str(plan)).ok()

    ids = [workspace.state(f"{ADDRESS}[{n}]") for n in range(3)]
    assert sorted(str(state and state["id"]) for state in ids) == sorted(
        n["id"] for n in workspace.emulator.notebooks()
    )
    assert len(workspace.emulator.notebooks()) == 3
    workspace.clean()


@pytest.mark.parametrize("adopt", [True, False])
def test_a_replacement_made_first_never_takes_what_it_replaces(workspace: Workspace, adopt: bool) -> None:
    body = {**BASE, "adopt_existing": adopt, "lifecycle": {"create_before_destroy": True}}
    workspace.write({"resource": {"modelarts_notebook": {"this": body}}})
    workspace.apply().ok()
    before = workspace.id()
    assert workspace.run("taint", ADDRESS, machine=False).code == 0
    plan = workspace.folder / "plan"
    workspace.plan(f"-out={plan}").ok()

    workspace.fresh_provider()
    workspace.run("apply", "-input=false", str(plan)).ok()

    assert workspace.id() != before
    assert [n["id"] for n in workspace.emulator.notebooks()] == [workspace.id()]
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
