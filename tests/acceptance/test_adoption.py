"""What a killed create leaves: named by the next create, or taken over and brought to the configuration."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from terraform_workspace import ADDRESS, BASE, CPU_8U, MARK, Workspace


def marks(workspace: Workspace) -> list[str]:
    return [tag["value"] for tag in workspace.there()["tags"] if tag["key"] == MARK and tag["value"] != "managed"]


def forgotten(workspace: Workspace) -> str:
    """What a killed create leaves: an instance that no state knows, and that nobody has signed."""
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.clear_requests()
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
