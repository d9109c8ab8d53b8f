"""`terraform plan -generate-config-out` for each kind of storage and with every option: valid, clean, and no call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from terraform_workspace import ADDRESS, Workspace

from modelarts_emulator.notebooks import views

POOL = {"pool_id": "pool-emulator-0001", "flavor": "modelarts.vm.cpu.8u"}
OWN_EFS = {
    "category": "EFS",
    "ownership": "DEDICATED",
    "uri": "192.168.0.1:/",
    "id": "5f5a0cf4-9c7d-4b5b-a3c9-0a4f8b6d1c2e",
}
OWN_OBS = {"ownership": "DEDICATED", "uri": "obs://bucket/folder/", "dew_secret_name": "secret"}

CASES: dict[str, dict[str, Any]] = {
    "EVS": {"storage": {}},
    "EVS with a size": {"storage": {"category": "EVS", "ownership": "MANAGED", "size": 77}},
    "EFS": {"storage": {"category": "EFS"}},
    "EFS of one's own": {"storage": OWN_EFS},
    "OBS": {**POOL, "storage": {"category": "OBS", **OWN_OBS}},
    "OBSFS": {**POOL, "storage": {"category": "OBSFS", **OWN_OBS}},
    "every option": {
        **POOL,
        "description": "notes: [a] {b}, 100%",
        "endpoints": {
            "SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8", "1.1.1.1"]},
            "NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]},
        },
        "hooks": {
            "pre_start": {"type": "COMMAND", "script": "ZWNobyAkSE9NRQ=="},
            "post_start": {"script": "/home/ma-user/work/x.sh", "mode": "BLOCK"},
        },
        "storage": {"size": 20},
        "auto_stop": {"type": "IDLE", "duration": "2h"},
        "desired_status": "RUNNING",
        "allow_stopping_for_update": True,
        "deletion_protection": False,
        "adopt_existing": True,
        "tags": {"cost center": "7", "Team": "a/b"},
        "feature": "NOTEBOOK",
        "workspace_id": "0",
        "region": "cn-north-4",
        "project_id": "0123456789abcdef0123456789abcdef",
        "timeouts": {"create": "10m", "read": "1m", "update": "10m", "delete": "10m"},
    },
    "stopped": {"desired_status": "STOPPED", "auto_stop": {"enabled": False}},
    "another workspace": {"workspace_id": "abcdef0123456789abcdef0123456789"},
}


def generated(workspace: Workspace) -> str:
    """Forgets the state, generates the configuration of what is there, and applies the import."""
    identifier = str(workspace.there()["id"])
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.emulator.clear_requests()
    workspace.fresh_provider()
    workspace.write({"import": [{"to": ADDRESS, "id": identifier}]})
    out = workspace.folder / "generated.tf"

    planned = workspace.plan(f"-generate-config-out={out}").ok()
    assert workspace.validate().code == 0
    applied = workspace.apply().ok()

    assert [m["change"]["action"] for m in planned.messages if m.get("type") == "planned_change"] == ["import"]
    assert "0 added, 0 changed, 0 destroyed" in applied.text
    assert workspace.calls(marks=True) == []
    workspace.clean()
    return out.read_text()


@pytest.mark.parametrize("case", CASES)
def test_generated_configuration_is_valid_and_plans_clean(workspace: Workspace, case: str) -> None:
    workspace.configure(CASES[case])
    workspace.apply().ok()
    workspace.clean()

    text = generated(workspace)

    category = CASES[case].get("storage", {}).get("category", "EVS")
    shown = "OBSFS" if category == "OBS" else category
    assert re.search(rf'category += "{shown}"', text), text


def test_sfs_of_an_old_instance_is_read_imported_and_never_created(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.configure()
    workspace.apply().ok()
    volume: Callable[..., dict[str, Any]] = views.volume  # the emulator runs in this process, and creates none
    monkeypatch.setattr(views, "volume", lambda *given, **more: {**volume(*given, **more), "category": "SFS"})

    assert '"SFS"' in generated(workspace)

    workspace.destroy().ok()
    workspace.emulator.clear_requests()
    (workspace.folder / "generated.tf").unlink()
    workspace.configure(storage={"category": "SFS"})
    run = workspace.plan().failed()
    assert "can't be created with SFS storage" in run.error_text()
    assert workspace.calls() == []


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("00000000-0000-4000-8000-000000000000", ["ModelArts.6404", "region cn-north-4", "Nothing was imported"]),
        ("00000000-0000-4000-8000", ["No notebook instance has exactly this name", "region cn-north-4"]),
        ("modelarts_notebook.this", ["is not the id of a notebook instance", "Nothing was imported"]),
        ("nb/other", ["no project named 'nb'", "Check region"]),
        ("nb/some/other", ["is not the id of a notebook instance", "Nothing was imported"]),
        ("x" * 129, ["is not the id of a notebook instance", "Nothing was imported"]),
    ],
    ids=["foreign id", "half an id", "an address", "a path", "a longer path", "too long"],
)
def test_an_import_of_what_is_no_instance_of_this_project(
    workspace: Workspace, identifier: str, words: list[str]
) -> None:
    workspace.configure()

    run = workspace.run("import", ADDRESS, identifier, machine=False)

    text = " ".join(re.sub(r"[│╷╵]", " ", run.text).split())
    assert run.code == 1
    assert [word for word in words if word not in text] == []
    assert workspace.state() is None


def test_an_id_of_another_project_is_not_found(workspace: Workspace) -> None:
    """The service answers for the provider's project alone, and the error names it."""
    workspace.configure()
    workspace.apply().ok()
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    other = "fedcba9876543210fedcba9876543210"
    workspace.provider_block["project_id"] = other
    workspace.configure()

    run = workspace.run("import", ADDRESS, identifier, machine=False)

    assert run.code == 1
    assert f"project {other}" in " ".join(re.sub(r"[│╷╵]", " ", run.text).split())
