"""What refers to a notebook is moved by what concerns it, and by nothing else (rule 1)."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from terraform_workspace import BASE, CPU_8U, IMAGE, OTHER_IMAGE, Run, Workspace, binary

SSH = {"SSH": {"key_pair_names": ["k1"], "allowed_access_ips": ["8.8.8.8"]}}
REFERRED_TO = ("url", "ssh_uri", "image.id", "image.swr_path", "status", "image_id", "created_at", "lease.stops_at")
"""What dependents refer to here, each by a resource that is replaced when it changes."""


def written(workspace: Workspace, more: dict[str, Any] | None = None, **settings: Any) -> None:
    """A notebook, a dependent for each value, and a second notebook with the image of the first."""
    first = {**BASE, "endpoints": SSH, "tags": {"team": "a"}, **settings}
    own = {name: value for name, value in first.items() if value is not None}
    address = "modelarts_notebook.this"
    dependents = {name.replace(".", "-"): {"triggers_replace": [f"${{{address}.{name}}}"]} for name in REFERRED_TO} | {
        "address": {"triggers_replace": [f'${{{address}.endpoints["SSH"].uri}}']}
    }
    second = {**BASE, "name": "second", "image_id": f"${{{address}.image.id}}"}
    third = {**BASE, "name": "third", "image_id": f"${{{address}.image_id}}"}
    resources = {"modelarts_notebook": {"this": own, "second": second, "third": third}, "terraform_data": dependents}
    workspace.write({"resource": resources, **(more or {})})


def moved_by(run: Run) -> set[str]:
    """The dependents that an apply has replaced, and notebooks that it has touched beside the first."""
    touched = {m["change"]["resource"]["addr"] for m in run.messages if m.get("type") == "planned_change"}
    return {at.removeprefix("terraform_data.") for at in touched - {"modelarts_notebook.this"}}


def unknown(workspace: Workspace) -> set[str]:
    """The attributes of the first notebook that are known after the apply only."""
    shown = subprocess.run(
        [binary(), "show", "-json", "saved"],
        cwd=workspace.folder,
        env=workspace.environment,
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )
    plan = json.loads(shown.stdout)
    (change,) = [each["change"] for each in plan["resource_changes"] if each["address"] == "modelarts_notebook.this"]
    return {name for name, value in change["after_unknown"].items() if _any_true(value)}


def _any_true(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_any_true(item) for item in value.values())
    return any(_any_true(item) for item in value) if isinstance(value, list) else bool(value)


RESTART = {"ssh_uri", "address", "lease-stops_at"}
IMAGES = {"image_id", "image-id", "image-swr_path", "modelarts_notebook.second", "modelarts_notebook.third"}
CHANGES: dict[str, tuple[dict[str, Any], set[str]]] = {
    "tags": ({"tags": {"team": "b"}}, set()),
    "tags removed": ({"tags": None}, set()),
    "auto_stop": ({"auto_stop": {"duration": "5h"}}, {"lease-stops_at"}),
    "name": ({"name": "other"}, set()),
    "description": ({"description": "other"}, set()),
    "addresses": ({"endpoints": {"SSH": SSH["SSH"] | {"allowed_access_ips": ["1.1.1.1"]}}}, set()),
    "timeouts": ({"timeouts": {"update": "5m"}}, set()),
    "protection": ({"deletion_protection": True}, set()),
    "size": ({"storage": {"size": 20}}, set()),
    "flavor": ({"flavor": CPU_8U}, RESTART),
    "image": ({"image_id": OTHER_IMAGE}, RESTART | IMAGES),
    "hooks": ({"hooks": {"post_start": {"script": "/home/ma-user/work/x.sh"}}}, RESTART),
    "stop": ({"desired_status": "STOPPED"}, {*RESTART, "status"}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_dependent_is_moved_by_what_concerns_it_alone(workspace: Workspace, case: str) -> None:
    change, moved = CHANGES[case]
    workspace.emulator.reset(rules="observed", quota=0)
    written(workspace)
    workspace.apply().ok()
    written(workspace, **change)

    run = workspace.apply().ok()

    assert moved_by(run) == moved
    workspace.clean()


def test_default_tags_move_nothing(workspace: Workspace) -> None:
    written(workspace)
    workspace.apply().ok()
    workspace.provider_block["default_tags"] = {"owner": "ml"}
    written(workspace)

    run = workspace.apply().ok()

    assert moved_by(run) == {"modelarts_notebook.second", "modelarts_notebook.third"}, "which have those tags, too"
    assert not run.warnings
    workspace.clean()


@pytest.mark.parametrize("given", [{"tags": {}}, {"endpoints": {}}, {"hooks": {}}, {"description": ""}])
def test_empty_instead_of_none_calls_nothing(workspace: Workspace, given: dict[str, Any]) -> None:
    """Rule 3: Terraform can't be kept from showing that line."""
    workspace.configure()
    workspace.apply().ok()
    before = workspace.state()
    for config in (given, {}, dict.fromkeys(given)):
        workspace.configure(**config)
        plan = workspace.plan("-out=saved").ok()
        assert not plan.warnings
        if plan.actions:
            assert unknown(workspace) == set()
        workspace.emulator.clear_requests()
        workspace.apply("saved").ok()
        assert [r["operation"] for r in workspace.emulator.requests()] == []
        workspace.clean()
    assert workspace.state() == before


def test_empty_members_of_an_endpoint_are_no_change(workspace: Workspace) -> None:
    workspace.configure(endpoints={"SSH": {"key_pair_names": ["k1"]}})
    workspace.apply().ok()
    workspace.configure(endpoints={"SSH": {"key_pair_names": ["k1"], "allowed_access_ips": []}})
    workspace.clean()


def test_an_id_in_capitals_is_the_same_id(workspace: Workspace) -> None:
    workspace.emulator.reset(rules="observed", quota=0)
    workspace.configure(image_id=IMAGE.upper())
    workspace.apply().ok()
    state = workspace.state()
    assert state is not None
    assert state["image_id"] == IMAGE.upper(), "a create keeps the configuration's spelling"
    assert state["image"]["id"] == IMAGE
    (created,) = [r["body"] for r in workspace.emulator.requests() if r["operation"] == "CreateNotebook"]
    assert created["image_id"] == IMAGE, "the service's spelling"
    workspace.clean()
    workspace.configure(image_id=IMAGE)
    workspace.clean()
    workspace.configure(image_id=IMAGE.title(), name="other")
    workspace.apply().ok()
    assert workspace.calls() == ["CreateNotebook", "UpdateNotebook"]
    workspace.clean()


def test_the_id_of_a_file_system_in_capitals_is_the_same_id(workspace: Workspace) -> None:
    own = "abcdefab-2222-3333-4444-555555555555"
    storage = {"category": "EFS", "ownership": "DEDICATED", "uri": "sfs.example.com:/share", "id": own}
    workspace.configure(storage=storage)
    workspace.apply().ok()
    workspace.configure(storage={**storage, "id": own.upper()})
    workspace.clean()
    workspace.configure(storage={**storage, "id": own.upper()}, name="other")
    assert workspace.apply().ok().actions == ["update"]
    workspace.clean()


def test_a_restart_that_only_a_refusal_made_necessary_is_told(workspace: Workspace) -> None:
    """The address was planned to stay; the state keeps it until the next refresh, and a warning says so."""
    workspace.emulator.reset(rules="observed", quota=0)
    written(workspace)
    workspace.apply().ok()
    before = workspace.state()
    assert before is not None
    written(workspace, name="other")
    workspace.emulator.add_fault(
        operation="UpdateNotebook", status=400, error_code="ModelArts.6304", error_msg="stop it first"
    )

    run = workspace.apply().ok()

    assert moved_by(run) == set()
    assert "has changed in a way that the plan did not show" in run.warning_text()
    assert "ssh_uri" in run.warning_text()
    assert "Apply again" in run.warning_text()
    after = workspace.state()
    assert after is not None
    assert after["ssh_uri"] == before["ssh_uri"]
    again = workspace.apply().ok()
    assert moved_by(again) == RESTART
    workspace.clean()
    shown = workspace.state()
    assert shown is not None
    there = workspace.emulator.notebook(shown["id"])
    assert shown["ssh_uri"] == next(each["uri"] for each in there["endpoints"] if each["service"] == "SSH")
