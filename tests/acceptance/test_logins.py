"""Logging in through Terraform for a notebook's whole life; each way with right and wrong credentials is test_login_table.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import CPU_8U, Workspace

NO_KEYS = {"access_key": None, "secret_key": None}
PASSWORD = {**NO_KEYS, "user_name": "emulator", "password": "emulator", "domain_name": "emulator"}
OIDC = {**NO_KEYS, "assume_role_with_oidc": {"idp_id": "emulator-idp", "id_token": "emulator-id-token"}}
AGENCY = {
    "access_key": "stranger-access-key",
    "secret_key": "stranger-secret-key",
    "assume_role": [{"agency_name": "emulator_agency", "domain_name": "emulator"}],
}


def shared_config(folder: Path, *, encrypted: bool = False, secret: str = "emulator-secret-key") -> dict[str, Any]:
    profile = {
        "name": "team",
        "mode": "AKSK",
        "accessKeyId": "emulator-access-key",
        "secretAccessKey": secret,
        "region": "cn-north-4",
    }
    document = {"current": "team", "profiles": [profile], "authEncrypt": "true" if encrypted else "false"}
    file = folder / "koocli.json"
    file.write_text(json.dumps(document))
    return {**NO_KEYS, "shared_config_file": str(file), "profile": "team"}


RIGHT = [
    ("access key", {}),
    ("access key, project looked up", {"project_id": None}),
    ("password", PASSWORD),
    ("password, project looked up", {**PASSWORD, "project_id": None}),
    ("agency", AGENCY),
    ("oidc", OIDC),
]


@pytest.mark.parametrize("settings", [row[1] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_right(workspace: Workspace, settings: dict[str, Any]) -> None:
    workspace.provider_block |= settings
    workspace.configure()

    workspace.apply().ok()
    workspace.clean()
    workspace.configure(flavor=CPU_8U)
    workspace.apply().ok()

    state = workspace.state()
    assert state is not None
    assert state["project_id"] == workspace.emulator.project_id
    workspace.destroy().ok()
    assert workspace.emulator.notebooks() == []


def test_a_profile_of_the_shared_config_file(workspace: Workspace) -> None:
    workspace.provider_block |= {**shared_config(workspace.folder), "region": None, "project_id": None}
    workspace.configure()

    workspace.apply().ok()

    workspace.clean()


def test_a_region_without_a_project(workspace: Workspace) -> None:
    workspace.provider_block |= {"project_id": None, "region": "af-south-1"}
    workspace.configure()

    run = workspace.apply().failed()

    assert "af-south-1" in run.error_text()
    assert "HW_PROJECT_ID" in run.error_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profile": "nobody"}, "does not have the chosen profile (it has: team)"),
        ({"shared_config_file": "/nowhere/config.json"}, "does not exist"),
        ({"shared_config_file": None}, "shared_config_file isn't"),
    ],
    ids=str,
)
def test_a_shared_config_file_that_can_not_be_used(workspace: Workspace, change: dict[str, Any], message: str) -> None:
    workspace.provider_block |= {**shared_config(workspace.folder), **change}
    workspace.configure()

    assert message in " ".join(workspace.plan().failed().error_text().split())


def test_an_encrypted_profile_is_named(workspace: Workspace) -> None:
    workspace.provider_block |= shared_config(workspace.folder, encrypted=True)
    workspace.configure()

    run = workspace.plan().failed()

    assert "is encrypted" in run.error_text()
    assert "--cli-auth-encrypt=false" in run.error_text()
