"""The rules that Terraform's core enforces, each through Terraform: break one and users see a diff that never ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from terraform_workspace import BASE, IMAGE, Workspace

KEY = {"SSH": {"key_pair_names": ["k"]}}
OTHER_REGION_PROJECT = "21230000000000000000000000000000"


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()


@pytest.mark.parametrize(
    "attributes",
    [
        {"description": ""},
        {"description": None},
        {"endpoints": {}},
        {"endpoints": {"SSH": {"key_pair_names": ["b", "a"], "allowed_access_ips": []}}},
        {"endpoints": {"SSH": {"key_pair_names": ["a"]}, "NOTEBOOK": {}}},
        {"endpoints": {"NOTEBOOK": {"allowed_access_ips": ["9.9.9.9", "8.8.8.8"]}}},
        {"hooks": {}},
        {"timeouts": {}},
        {"feature": "NOTEBOOK", "workspace_id": "0"},
        {"storage": {"category": "EFS"}},
    ],
    ids=str,
)
def test_empty_absent_and_unordered_forms_stay_as_they_were_written(
    workspace: Workspace, attributes: dict[str, Any]
) -> None:
    made(workspace, **attributes)
    before = workspace.calls()

    workspace.apply().ok()

    assert workspace.calls() == before


def test_changing_only_the_form_sends_nothing(workspace: Workspace) -> None:
    made(workspace, description="", endpoints={})
    workspace.emulator.clear_requests()

    made(workspace, description=None, endpoints=None)

    assert workspace.calls() == []


def test_the_entry_that_the_service_lists_by_itself_stays_out_of_the_state(workspace: Workspace) -> None:
    made(workspace, endpoints=KEY)

    state = workspace.state()

    assert state is not None
    assert list(state["endpoints"]) == ["SSH"]
    assert {e["service"] for e in workspace.there()["endpoints"]} == {"SSH", "NOTEBOOK"}


def save_image(workspace: Workspace) -> str:
    """Save the running instance's image, as its owner would in the console; the id of the saved one."""
    image = {"name": "saved", "namespace": "team", "tag": "v1"}
    answer = workspace.emulator.api("POST", f"/notebooks/{workspace.id()}/create-image", image)
    return str(answer["id"])


def test_saving_an_image_is_no_drift_of_the_image_that_was_chosen(workspace: Workspace) -> None:
    made(workspace)
    saved = save_image(workspace)

    workspace.clean()
    workspace.apply("-refresh-only").ok()
    state = workspace.state()

    assert state is not None
    assert (state["image_id"], state["image"]["id"]) == (IMAGE, saved)
    workspace.clean()
    made(workspace, description="still the chosen one")
    assert workspace.there()["image"]["id"] == saved


def test_drift_of_what_is_managed_is_shown_and_mended(workspace: Workspace) -> None:
    made(workspace, description="mine", endpoints=KEY)
    workspace.emulator.patch_notebook(workspace.id(), name="theirs", description="theirs", capacity=50)

    plan = workspace.plan().ok()
    assert plan.actions == ["update"]
    assert plan.warning_text().count("`size = 50`") == 1  # a grown disk can't be taken back
    workspace.configure(description="mine", endpoints=KEY, storage={})
    workspace.apply().ok()

    assert (workspace.there()["name"], workspace.there()["description"]) == ("nb", "mine")
    workspace.clean()


@pytest.mark.parametrize(
    "change",
    [{"workspace_id": "abcdef0123456789abcdef0123456789"}, {"storage": {"category": "EFS"}}, {"pool_id": "pool-x"}],
    ids=str,
)
def test_what_cannot_change_replaces_and_says_what_is_lost(workspace: Workspace, change: dict[str, Any]) -> None:
    made(workspace)
    workspace.configure(**change)

    run = workspace.plan().ok()

    assert run.actions == ["replace"]
    assert 'Notebook "nb" will be replaced' in run.warning_text()
    assert next(iter(change)) in run.warning_text()


def test_read_and_destroy_use_the_places_of_the_state(workspace: Workspace) -> None:
    made(workspace)
    workspace.provider_block["project_id"] = OTHER_REGION_PROJECT
    workspace.configure(project_id=workspace.emulator.project_id)

    workspace.clean()
    workspace.destroy().ok()

    assert workspace.emulator.notebooks() == []


def test_settings_that_only_apply_knows(workspace: Workspace) -> None:
    """Validate and plan of a new notebook work; its place is known after apply."""
    workspace.provider_block["project_id"] = "${terraform_data.project.output}"
    document = {
        "resource": {
            "terraform_data": {"project": {"input": workspace.emulator.project_id}},
            "modelarts_notebook": {
                "this": {"name": "nb", "flavor": "modelarts.vm.cpu.2u", "image_id": IMAGE, "storage": {"size": 10}}
            },
        }
    }
    workspace.write(document)

    assert workspace.validate().code == 0
    workspace.plan().ok()
    workspace.apply().ok()
    workspace.clean()


def test_an_update_plans_unknown_only_what_may_change(workspace: Workspace) -> None:
    made(workspace, endpoints=KEY)
    workspace.configure(endpoints=KEY, description="x")
    plan = workspace.folder / "plan"
    workspace.plan(f"-out={plan}").ok()

    shown = workspace.run("show", "-json", str(plan), machine=False)
    change = json.loads(shown.text)["resource_changes"][0]["change"]["after_unknown"]
    unknown = {name for name, value in change.items() if value is True}

    assert unknown == {"updated_at", "update_at"}
    assert change["endpoints"] == {"SSH": {"key_pair_names": [False]}}
    assert change["storage"] == {}


UNKNOWN = {"terraform_data": {"ip": {"input": "8.8.8.8"}, "other": {"input": "9.9.9.9"}}}


@pytest.mark.parametrize("first", [None, {"SSH": {"key_pair_names": ["k"]}}], ids=["create", "update"])
@pytest.mark.parametrize(
    "endpoints",
    [
        {"SSH": {"allowed_access_ips": ["${terraform_data.ip.output}", "${terraform_data.other.output}"]}},
        {"SSH": '${{ allowed_access_ips = [terraform_data.ip.output], key_pair_names = ["k"] }}'},
        '${ { "SSH" = { allowed_access_ips = [terraform_data.ip.output] } } }',
    ],
    ids=["two unknown elements", "an object with an unknown member", "a map with an unknown member"],
)
def test_values_that_only_apply_knows_inside_collections(
    workspace: Workspace, endpoints: Any, first: dict[str, Any] | None
) -> None:
    if first is not None:
        made(workspace, endpoints=first)
    if isinstance(endpoints, dict) and isinstance(endpoints["SSH"], str):
        endpoints = {"SSH": endpoints["SSH"].replace("${{", "${ {").replace("}}", "} }")}
    body = {**BASE, "endpoints": endpoints}
    workspace.write({"resource": {**UNKNOWN, "modelarts_notebook": {"this": body}}})

    workspace.plan().ok()
    workspace.apply().ok()

    state = workspace.state()
    assert state is not None
    assert "8.8.8.8" in state["endpoints"]["SSH"]["allowed_access_ips"]
    workspace.clean()
