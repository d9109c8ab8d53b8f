"""Sensitive variables in the provider block: whatever is wrong with them, no error of plan or apply shows any of them.

But for the host of a call that fails: whoever reads that has to know where it went (decisions/0011).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from terraform_workspace import BASE, Workspace

from modelarts_provider.provider_schema import SCHEMA

HIDDEN: Final = "hunter2secret"
NUMBER: Final = "987654321"
NO_KEY: Final[dict[str, Any]] = {"access_key": None, "secret_key": None}
OWN_AGENCY: Final = {"agency_name": "own_agency", "domain_name": "emulator"}

Block = dict[str, Any]
Case = Callable[[Workspace], Block]


def given(**block: Any) -> Case:
    """These arguments, with a key that is right."""
    return lambda _: block


def login(**block: Any) -> Case:
    """These arguments in place of the key."""
    return lambda _: NO_KEY | block


def with_sts(**block: Any) -> Case:
    """These arguments, where agencies are assumed by the id of an account."""

    def make(workspace: Workspace) -> Block:
        return {
            "endpoints": dict.fromkeys(("modelarts", "iam", "sts"), workspace.emulator.url),
            "max_retries": 0,
            **block,
        }

    return make


def file(folder: Path, text: str) -> str:
    """A file whose path is secret."""
    path = folder / HIDDEN / "file"
    path.parent.mkdir()
    path.write_text(text)
    return str(path)


def written(argument: str, text: str) -> Case:
    return lambda workspace: {argument: file(workspace.folder, text)}


def koocli(*, profile: str | None = None, encrypted: str = "false", **changes: Any) -> Case:
    def make(workspace: Workspace) -> Block:
        key = {"accessKeyId": workspace.emulator.access_key, "secretAccessKey": workspace.emulator.secret_key}
        found = {"name": HIDDEN, "mode": "AKSK", **key, "region": "cn-north-4", **changes}
        document = {"current": HIDDEN, "authEncrypt": encrypted, "profiles": [found]}
        path = file(workspace.folder, json.dumps(document))
        return {**NO_KEY, "region": None, "project_id": None, "shared_config_file": path, "profile": profile or HIDDEN}

    return make


def oidc(**role: Any) -> Case:
    return login(assume_role_with_oidc={"idp_id": "emulator-idp", **role})


CASES: Final[dict[str, Case]] = {
    "access_key": given(access_key=HIDDEN),
    "access_key with a line break": given(access_key=f"{HIDDEN}\nx"),
    "secret_key": given(secret_key=HIDDEN),
    "security_token": given(security_token=HIDDEN),
    "token": login(token=HIDDEN),
    "user_name and password": login(user_name=HIDDEN, password=HIDDEN, domain_name=HIDDEN),
    "user_name without domain_name": login(user_name=HIDDEN, password=HIDDEN),
    "user_name without password": login(user_name=HIDDEN),
    "user_id": login(user_id=HIDDEN, password=HIDDEN),
    "domain_id": login(user_name=HIDDEN, password=HIDDEN, domain_id=HIDDEN),
    "project_id": given(project_id=HIDDEN),
    "project_id of nobody": given(project_id="hunter2" + "a" * 25),
    "project_name": given(project_id=None, project_name=HIDDEN),
    "region": given(region=f"{HIDDEN}/x"),
    "cloud": given(cloud=f"{HIDDEN}/x"),
    "auth_url": given(auth_url=HIDDEN),
    "endpoints": given(endpoints={"modelarts": HIDDEN}),
    "assume_role": given(assume_role=[{"agency_name": HIDDEN, "domain_name": HIDDEN}]),
    "assume_role by id": with_sts(assume_role=[{"agency_name": HIDDEN, "domain_id": HIDDEN}]),
    "assume_role without an account": given(assume_role=[{"agency_name": HIDDEN}]),
    "assume_role twice": given(assume_role=[OWN_AGENCY, {"agency_name": HIDDEN, "domain_name": HIDDEN}]),
    "assume_role's duration": given(assume_role=[OWN_AGENCY | {"duration": NUMBER}]),
    "assume_role_with_oidc": oidc(idp_id=HIDDEN, id_token=HIDDEN),
    "assume_role_with_oidc's id_token_file": oidc(id_token_file=f"/nowhere/{HIDDEN}"),
    "assume_role_with_oidc's empty file": lambda workspace: oidc(id_token_file=file(workspace.folder, ""))(workspace),
    "assume_role_with_oidc's agency": oidc(id_token="emulator-id-token", agency_name=HIDDEN, domain_name=HIDDEN),
    "shared_config_file": login(shared_config_file=f"/nowhere/{HIDDEN}"),
    "shared_config_file of no home": login(shared_config_file=f"~{HIDDEN}/x"),
    "shared_config_file that is not JSON": written("shared_config_file", "{"),
    "shared_config_file that is a list": written("shared_config_file", "[]"),
    "shared_config_file without profiles": written("shared_config_file", "{}"),
    "shared_config_file encrypted": koocli(encrypted="true"),
    "shared_config_file without a key": koocli(accessKeyId=""),
    "shared_config_file with a line break": koocli(accessKeyId="a\nb"),
    "shared_config_file with a wrong region": koocli(region="A/b"),
    "shared_config_file with a wrong project": koocli(projectId="A/b"),
    "shared_config_file with a wrong key": koocli(secretAccessKey="made-up", projectId="f" * 32),
    "shared_config_file with an agency": koocli(agencyName="nobodys", agencyDomainName="nobody"),
    "profile": koocli(profile=f"{HIDDEN}s", name="team", current="team"),
    "profile without a file": login(profile=HIDDEN),
    "cacert_file": given(cacert_file=f"/nowhere/{HIDDEN}"),
    "cacert_file without a certificate": written("cacert_file", "x"),
    "cacert_file that is a text": given(cacert_file=f"-----BEGIN {HIDDEN}"),
    "max_retries": given(max_retries=NUMBER),
    "requests_per_second": given(requests_per_second=f"-{NUMBER}"),
    "insecure": given(insecure=HIDDEN),
    "default_tags": given(default_tags={"team": f"{HIDDEN}<&"}),
    "default_tags too long": given(default_tags={"team": HIDDEN * 40}),
    "ignore_tags": given(ignore_tags={"keys": [HIDDEN], "key_prefixes": [HIDDEN]}, secret_key="made-up"),
    "allow_stopping_for_update": given(allow_stopping_for_update=HIDDEN),
    "deletion_protection": given(deletion_protection=HIDDEN),
    "check_flavors_at_plan": given(check_flavors_at_plan=HIDDEN),
}


def is_hidden(value: Any) -> bool:
    return isinstance(value, str) and ("hunter2" in value.lower() or NUMBER in value)


def hide(value: Any, variables: dict[str, str]) -> Any:
    """The same with each secret in a sensitive variable: Terraform shows literal lines of a configuration itself."""
    if isinstance(value, dict):
        return {key: hide(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [hide(item, variables) for item in value]
    if not is_hidden(value):
        return value
    name = f"secret_{len(variables)}"
    variables[name] = value
    return f"${{var.{name}}}"


def write(workspace: Workspace, block: Block) -> dict[str, str]:
    """A notebook with this provider block; the sensitive variables of it."""
    variables: dict[str, str] = {}
    workspace.provider_block = hide({**workspace.provider_block, **block}, variables)
    declared = {name: {"type": "string", "sensitive": True} for name in variables}
    workspace.environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}
    workspace.write({"variable": declared, "resource": {"modelarts_notebook": {"this": BASE}}})
    assert variables
    return variables


def printed(workspace: Workspace) -> str:
    """All that plan and apply print; the latter has to fail."""
    return workspace.plan().text + workspace.apply().failed().text


@pytest.mark.parametrize("case", CASES)
def test_wrong_value_is_not_printed(workspace: Workspace, case: str) -> None:
    write(workspace, CASES[case](workspace))
    shown = printed(workspace)
    assert not is_hidden(shown), [line for line in shown.splitlines() if is_hidden(line)]


def test_every_argument_is_among_the_cases() -> None:
    names = {case.split(" ")[0].split(".")[0].removesuffix("'s") for case in CASES} | {"password", "domain_name"}
    assert names == set(SCHEMA.attributes)


@pytest.mark.parametrize(
    ("operation", "case"),
    [
        ("KeystoneCreateUserTokenByPassword", "user_name and password"),
        ("KeystoneCreateUserTokenByPassword", "user_id"),
        ("KeystoneListProjects", "project_name"),
        ("CreateTemporaryAccessKey", "assume_role"),
        ("AssumeAgency", "assume_role by id"),
        ("CreateTokenWithIdToken", "assume_role_with_oidc"),
        ("ListNotebooks", "access_key"),
        ("ListNotebooks", "project_id of nobody"),
    ],
)
@pytest.mark.parametrize("status", [400, 403])
def test_value_that_service_repeats_is_not_printed(
    workspace: Workspace, operation: str, case: str, status: int
) -> None:
    variables = write(workspace, CASES[case](workspace))
    said = f"no right: {' '.join(variables.values())}!"
    workspace.emulator.add_fault(operation=operation, status=status, error_code="X.1", error_msg=said, count=0)
    shown = printed(workspace)
    assert "no right: ***" in shown
    assert not is_hidden(shown)
