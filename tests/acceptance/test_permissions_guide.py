"""The guide on permissions: its policies are enough for what it says, no action can be spared, and every name is a real one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, OTHER_IMAGE, Workspace

from modelarts_emulator.identity.permissions import ACTIONS

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "permissions.md").read_text()
READING, EVERYTHING, PROJECTS = (
    frozenset(action for statement in json.loads(block)["Statement"] for action in statement["Action"])
    for block in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
)
OTHER_SERVICES = ("iam:tokens:assume", "kps:", "csms:", "sfsturbo:", "obs:")


def allow_only(workspace: Workspace, allowed: frozenset[str]) -> None:
    workspace.emulator.deny(*sorted({*ACTIONS.values()} - allowed))


@pytest.fixture
def checked(workspace: Workspace) -> Workspace:
    workspace.provider_block |= {"check_flavors_at_plan": True, "project_id": None}
    return workspace


def test_every_action_that_it_names_is_one() -> None:
    named = set(re.findall(r"`((?:modelarts|iam):[\w:]+)`", GUIDE)) | READING | EVERYTHING | PROJECTS
    unknown = {action for action in named if action not in ACTIONS.values()}
    assert {action for action in unknown if not action.startswith(OTHER_SERVICES)} == set()


def refused(workspace: Workspace) -> list[str]:
    return [call["operation"] for call in workspace.emulator.requests() if call["status"] == 403]


def life(workspace: Workspace) -> None:
    """All that the resource can do, an import by name among it."""
    workspace.configure(tags={"team": "a"}, desired_status="STOPPED")
    workspace.apply().ok()
    for change in (
        {"desired_status": "RUNNING"},
        {"flavor": CPU_8U, "image_id": OTHER_IMAGE, "storage": {"size": 20}, "tags": {"team": "b"}},
        {"flavor": CPU_8U, "image_id": OTHER_IMAGE, "auto_stop": {"type": "TIMING", "duration": "4h"}},
    ):
        workspace.configure({"storage": {"size": 20}, **change})
        workspace.apply().ok()
    (workspace.folder / "terraform.tfstate").unlink()
    assert workspace.run("import", "-input=false", ADDRESS, "nb", machine=False).code == 0
    workspace.destroy().ok()


def test_the_policies_are_enough_for_everything(checked: Workspace) -> None:
    allow_only(checked, EVERYTHING | PROJECTS)
    life(checked)
    assert refused(checked) == []
    assert checked.emulator.notebooks() == []


@pytest.mark.parametrize("rules", ["documented", "observed"])
def test_every_action_of_them_is_used(checked: Workspace, rules: str) -> None:
    checked.emulator.reset(rules=rules, quota=0)
    life(checked)
    used = {ACTIONS[name] for call in checked.emulator.requests() if (name := call["operation"]) in ACTIONS}
    assert used == EVERYTHING | PROJECTS


def test_the_reading_policy_is_enough_for_plans(checked: Workspace) -> None:
    checked.configure()
    checked.apply().ok()
    ident = checked.id()
    checked.fresh_provider()
    allow_only(checked, READING | PROJECTS)
    checked.emulator.clear_requests()
    checked.clean()
    changes: tuple[dict[str, Any], ...] = ({"flavor": CPU_8U}, {"image_id": OTHER_IMAGE}, {"tags": {"a": "b"}})
    for change in changes:
        checked.configure(change)
        assert checked.plan().ok().actions == ["update"]
    (checked.folder / "terraform.tfstate").unlink()
    for identifier in ("nb", ident):
        block = [{"to": ADDRESS, "id": identifier}]
        body = {"name": "nb", "flavor": CPU_8U, "image_id": OTHER_IMAGE, "storage": {"size": 10}}
        checked.write({"import": block, "resource": {"modelarts_notebook": {"this": body}}})
        checked.plan().ok()
    assert refused(checked) == []


def test_an_update_alone_needs_neither_list_nor_projects(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    allow_only(workspace, frozenset(f"modelarts:notebook:{each}" for each in ("get", "update", "stop", "start")))
    workspace.fresh_provider()
    workspace.emulator.clear_requests()
    workspace.configure(flavor=CPU_8U)
    workspace.apply().ok()
    workspace.clean()
    assert refused(workspace) == []
