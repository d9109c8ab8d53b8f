"""Every way to log in, through Terraform: right, wrong, missing; and no secret in whatever Terraform writes or prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
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


def token_of(workspace: Workspace) -> str:
    """A token as IAM gives it to the user."""
    user = {"name": "emulator", "password": "emulator", "domain": {"name": "emulator"}}
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "cn-north-4"}},
        }
    }
    answer = httpx.post(f"{workspace.emulator.url}/v3/auth/tokens", json=body, trust_env=False)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["X-Subject-Token"])


def test_a_token_that_was_given(workspace: Workspace) -> None:
    workspace.provider_block |= {**NO_KEYS, "token": token_of(workspace)}
    workspace.configure()

    workspace.apply().ok()

    workspace.clean()


def test_a_profile_of_the_shared_config_file(workspace: Workspace) -> None:
    workspace.provider_block |= {**shared_config(workspace.folder), "region": None, "project_id": None}
    workspace.configure()

    workspace.apply().ok()

    workspace.clean()


WRONG = [
    ("a wrong password", {**PASSWORD, "password": "not-the-password"}, "username or password is wrong"),
    ("a wrong key", {"secret_key": "not-the-secret"}, "APIGW.0301"),
    ("an unknown key", {"access_key": "nobody", "secret_key": "x"}, "APIGW.0301"),
    (
        "a wrong id token",
        {**OIDC, "assume_role_with_oidc": {"idp_id": "emulator-idp", "id_token": "made-up"}},
        "ID token is not valid",
    ),
    (
        "an agency that trusts somebody else",
        {"assume_role": [{"agency_name": "emulator_agency", "domain_name": "emulator"}]},
        "does not trust",
    ),
    ("an unknown agency", {"assume_role": [{"agency_name": "none", "domain_name": "emulator"}]}, "not found"),
    ("a token that is none", {**NO_KEYS, "token": "made-up"}, "token"),
    ("half a key", {"secret_key": None}, "secret_key is missing"),
    ("half a login", {**NO_KEYS, "user_name": "emulator"}, "password is missing"),
]


@pytest.mark.parametrize(("settings", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong(workspace: Workspace, settings: dict[str, Any], message: str) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.provider_block |= settings
    workspace.configure()

    run = workspace.plan().failed()

    assert message in " ".join(run.error_text().split())
    assert workspace.state() is not None, "a failed login never makes a notebook look gone"


def test_a_region_without_a_project(workspace: Workspace) -> None:
    workspace.provider_block |= {"project_id": None, "region": "af-south-1"}
    workspace.configure()

    run = workspace.apply().failed()

    assert "af-south-1" in run.error_text()
    assert "HW_PROJECT_ID" in run.error_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profile": "nobody"}, "has no profile 'nobody'"),
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


def test_secrets_appear_nowhere(workspace: Workspace) -> None:
    """The provider really got them (the calls are signed and answered), and none is in state, plan or output."""
    secrets = {
        "secret_key": "emulator-secret-key",
        "security_token": "a-security-token-nobody-checks",
        "password": "a-password-nobody-uses",
    }
    workspace.provider_block |= secrets
    workspace.configure(hooks={"pre_start": {"script": "/home/ma-user/work/x.sh"}})
    plan = workspace.folder / "saved.plan"

    outputs = [workspace.plan(f"-out={plan}").text]
    workspace.emulator.add_fault(operation="CreateNotebook", status=403, error_code="ModelArts.0112", error_msg="no")
    outputs.append(workspace.apply().failed().text)
    workspace.emulator.clear_faults()
    applied = workspace.apply()
    outputs.append(applied.text)

    received = [r for r in workspace.emulator.requests() if r["operation"] == "CreateNotebook"]
    assert received, "the provider called nothing: the test would prove nothing"
    shown = workspace.run("show", "-json", str(plan), machine=False).text
    state = workspace.folder / "terraform.tfstate"
    texts = [*outputs, state.read_text() if state.exists() else ""]
    token = workspace.emulator.notebook(workspace.id()).get("token") if state.exists() and workspace.state() else None
    for secret in (*secrets.values(), *([token] if token else [])):
        assert all(secret not in text for text in texts), secret
    assert shown
