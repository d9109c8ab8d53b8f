"""Update in place, as a user lives through it: which calls the API sees, and what it holds afterwards."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from terraform_workspace import CPU_8U, OTHER_IMAGE, Workspace

SSH = {"SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}}
HOOKS = {
    "pre_start": {"script": "/home/ma-user/work/pre.sh"},
    "post_start": {"type": "COMMAND", "script": base64.b64encode(b"pip install x").decode(), "mode": "ASYNC"},
}


def running(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.emulator.clear_requests()


def stopped(workspace: Workspace, **attributes: Any) -> None:
    running(workspace, **attributes)
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")
    workspace.emulator.clear_requests()


def test_everything_at_once_is_one_stop_one_put_one_start(workspace: Workspace) -> None:
    running(workspace)
    workspace.configure(
        name="renamed",
        description="new",
        flavor=CPU_8U,
        image_id=OTHER_IMAGE,
        endpoints=SSH,
        hooks=HOOKS,
        storage={"size": 20},
    )

    planned = workspace.plan().ok()
    workspace.emulator.clear_requests()
    applied = workspace.apply().ok()

    assert planned.actions == ["update"]
    assert 'Notebook "nb" will be stopped and started again' in planned.warning_text()
    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.put_bodies() == [
        {
            "name": "renamed",
            "description": "new",
            "flavor": CPU_8U,
            "image_id": OTHER_IMAGE,
            "storage_new_size": 20,
            "endpoints": [{"service": "SSH", "key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}],
            "hooks": {
                "container_hooks": {
                    "pre_start": {"type": "SCRIPT", "script": "/home/ma-user/work/pre.sh"},
                    "post_start": HOOKS["post_start"],
                }
            },
        }
    ]
    assert applied.errors == []
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@pytest.mark.parametrize(
    ("before", "after", "body"),
    [
        ({"description": "x"}, {"description": None}, {"description": ""}),
        ({"description": "x"}, {"description": ""}, {"description": ""}),
        ({"hooks": HOOKS}, {"hooks": None}, {"hooks": {"container_hooks": {}}}),
        (
            {"hooks": HOOKS},
            {"hooks": {"pre_start": HOOKS["pre_start"]}},
            {"hooks": {"container_hooks": {"pre_start": {"type": "SCRIPT", "script": "/home/ma-user/work/pre.sh"}}}},
        ),
        ({"endpoints": SSH}, {"endpoints": None}, {"endpoints": []}),
        ({"endpoints": SSH}, {"endpoints": {}}, {"endpoints": []}),
        (
            {"endpoints": SSH},
            {"endpoints": {"SSH": {"key_pair_names": ["k1"]}}},
            {"endpoints": [{"service": "SSH", "key_pair_names": ["k1"], "allowed_access_ips": []}]},
        ),
        (
            {"endpoints": {**SSH, "NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]}}},
            {"endpoints": SSH},
            {"endpoints": [{"service": "SSH", "key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}]},
        ),
    ],
)
def test_clearing_and_removing(
    workspace: Workspace, before: dict[str, Any], after: dict[str, Any], body: dict[str, Any]
) -> None:
    stopped(workspace, **before)
    workspace.configure(**after)

    workspace.apply().ok()

    assert workspace.put_bodies() == [body]
    assert workspace.calls() == ["UpdateNotebook"]
    workspace.clean()


def test_renaming_a_stopped_notebook_never_starts_it(workspace: Workspace) -> None:
    stopped(workspace)
    workspace.configure(name="renamed")

    planned = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert planned.warnings == []
    assert workspace.calls() == ["UpdateNotebook"]
    assert (workspace.there()["name"], workspace.there()["status"]) == ("renamed", "STOPPED")
    workspace.clean()


@pytest.mark.parametrize("rules", ["documented", "observed"])
def test_a_running_notebook_runs_again(workspace: Workspace, rules: str) -> None:
    workspace.emulator.reset(rules=rules, quota=0)
    running(workspace)
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.put_bodies() == [{"flavor": CPU_8U}]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


def test_only_timeouts_change_calls_nothing(workspace: Workspace) -> None:
    running(workspace)
    workspace.configure(timeouts={"update": "5m"})

    planned = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert planned.actions == ["update"]
    assert workspace.calls() == []
    workspace.clean()


def test_a_removal_that_the_service_ignores_is_an_error_after_the_read(workspace: Workspace) -> None:
    stopped(workspace, endpoints=SSH)
    identifier = workspace.id()
    workspace.configure(endpoints=None)
    workspace.emulator.add_fault(operation="UpdateNotebook", status=200, nth=1, count=1)

    run = workspace.apply().failed()

    assert "did not become what was asked for" in run.error_text()
    state = workspace.state()
    assert state is not None
    assert state["id"] == identifier
    assert "SSH" in state["endpoints"]
    assert workspace.plan().actions == ["update"]
