"""A disk that has grown in the console is no error (rule 4)."""

from __future__ import annotations

import json

import pytest
from terraform_workspace import Workspace

LARGER = "Disks of notebooks are larger than configured"


def grown(workspace: Workspace, *, size: int | None = 50, to: int = 100) -> None:
    """A notebook whose disk was given a size, and has another one by now."""
    workspace.emulator.reset(rules="observed", quota=0)
    workspace.configure(storage={} if size is None else {"size": size})
    workspace.apply().ok()
    workspace.emulator.patch_notebook(workspace.id(), capacity=to)
    workspace.emulator.clear_requests()


def test_it_is_kept_with_a_warning_until_the_configuration_says_so(workspace: Workspace) -> None:
    grown(workspace)
    for _ in range(2):
        run = workspace.plan().ok()
        assert run.actions == []
        assert [w["summary"] for w in run.warnings] == [LARGER]
        assert "`size = 100`" in run.warning_text()
        assert workspace.apply().ok().actions == []
    assert workspace.calls() == []
    workspace.configure(storage={"size": 100})
    run = workspace.plan().ok()
    assert (run.actions, run.warnings) == ([], [])
    workspace.configure(storage={})
    assert workspace.plan().ok().warnings == []


def test_other_changes_go_on(workspace: Workspace) -> None:
    grown(workspace)
    workspace.configure(storage={"size": 50}, tags={"a": "b"}, name="other")
    assert workspace.apply().ok().actions == ["update"]
    assert workspace.put_bodies() == [{"name": "other"}]
    assert [w["summary"] for w in workspace.plan().ok().warnings] == [LARGER]
    workspace.configure(storage={"size": 120}, tags={"a": "b"}, name="other")
    workspace.apply().ok()
    workspace.clean()
    assert workspace.there()["volume"]["capacity"] == 120


def test_a_smaller_size_is_refused_with_the_actual_one(workspace: Workspace) -> None:
    grown(workspace)
    workspace.configure(storage={"size": 60})
    run = workspace.plan().failed()
    assert "`size = 100`" in run.error_text()
    assert "terraform destroy -refresh=false" in run.error_text()
    workspace.configure(storage={"size": 60, "category": "EFS"})
    run = workspace.plan()
    assert "can't be given a size" in run.error_text() or "applies to EVS" in run.error_text()
    workspace.configure(storage={"size": 60}, pool_id="pool-emulator-0001", flavor="modelarts.pool.cpu.16u")
    assert workspace.plan().ok().actions == ["replace"], "a new disk may be smaller"


def test_it_can_be_destroyed(workspace: Workspace) -> None:
    grown(workspace)
    workspace.destroy().ok()
    assert workspace.emulator.notebooks() == []


def test_the_size_of_an_imported_disk_is_not_known_to_have_been_asked_for(workspace: Workspace) -> None:
    grown(workspace)
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    assert workspace.run("import", "-input=false", "modelarts_notebook.this", identifier, machine=False).code == 0
    run = workspace.plan().ok()
    assert [w["summary"] for w in run.warnings if w["summary"] == LARGER] == [LARGER]


def test_a_disk_that_grows_between_plan_and_apply_is_told(workspace: Workspace) -> None:
    workspace.emulator.reset(rules="observed", quota=0)
    for size in ({"size": 50}, {}):
        workspace.configure(storage=size, tags={"a": json.dumps(size)[1:-1].replace('"', "")})
        workspace.apply().ok()
        workspace.configure(storage=size, tags={"a": "c"})
        workspace.plan("-out=saved").ok()
        capacity = workspace.there()["volume"]["capacity"] + 50
        workspace.emulator.patch_notebook(workspace.id(), capacity=capacity)
        run = workspace.apply("saved").ok()
        assert "storage.size" in run.warning_text()
        assert f"is {capacity}" in run.warning_text()
        workspace.apply().ok()
        state = workspace.state()
        assert state is not None
        assert state["storage"]["size"] == capacity


@pytest.mark.parametrize("live", [120, 200])
def test_a_planned_growth_looks_at_the_disk_first(workspace: Workspace, live: int) -> None:
    workspace.emulator.reset(rules="observed", quota=0)
    workspace.configure(storage={"size": 50})
    workspace.apply().ok()
    workspace.configure(storage={"size": 120})
    workspace.plan("-out=saved").ok()
    workspace.emulator.patch_notebook(workspace.id(), capacity=live)
    workspace.emulator.clear_requests()
    run = workspace.apply("saved")
    assert workspace.calls() == []
    if live == 120:
        run.ok()
    else:
        assert "200 GB" in run.failed().error_text()
    workspace.apply()
    assert workspace.there()["volume"]["capacity"] == live
