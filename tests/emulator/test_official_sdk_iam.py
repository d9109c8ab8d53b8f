"""Huawei's own SDK against the emulator's IAM; its ways to find an endpoint have a module of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from official_sdk import (
    BasicCredentials,
    ClientRequestException,
    GlobalCredentials,
    Region,
    iam,
    ma,
)

from modelarts_emulator.testing import Control, running_emulator

STRANGERS_PROJECT = "9123456789abcdef0123456789abcdef"


@pytest.fixture
def emulator() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


@pytest.fixture
def client(emulator: Control) -> Any:
    """An IAM client; its credentials look their account up by themselves."""
    credentials = GlobalCredentials(emulator.access_key, emulator.secret_key).with_iam_endpoint(emulator.url)
    region = Region("cn-north-4", emulator.url)
    return iam.IamClient.new_builder().with_credentials(credentials).with_region(region).build()


def _total(client: Any) -> int:
    found: int = client.list_notebooks(ma.ListNotebooksRequest()).total
    return found


def test_a_project_of_another_region_is_looked_up(emulator: Control) -> None:
    BasicCredentials._CACHE.clear()  # it remembers project ids for the life of the process
    credentials = BasicCredentials(emulator.access_key, emulator.secret_key).with_iam_endpoint(emulator.url)
    region = Region("ap-southeast-3", emulator.url)
    client = ma.ModelArtsClient.new_builder().with_credentials(credentials).with_region(region).build()
    assert _total(client) == 0
    assert [call["operation"] for call in emulator.requests()] == ["KeystoneListProjects", "ListNotebooks"]
    assert emulator.requests()[1]["path"] == "/v1/2123456789abcdef0123456789abcdef/notebooks"


def test_projects_and_domains(emulator: Control, client: Any) -> None:
    found = client.keystone_list_projects(iam.KeystoneListProjectsRequest(name="cn-north-4"))
    assert [(project.id, project.enabled) for project in found.projects] == [(emulator.project_id, True)]
    domains = client.keystone_list_auth_domains(iam.KeystoneListAuthDomainsRequest())
    assert [domain.name for domain in domains.domains] == ["emulator"]
    assert len(client.keystone_list_auth_projects(iam.KeystoneListAuthProjectsRequest()).projects) == 3


def test_a_token_by_password(emulator: Control, client: Any) -> None:
    def ask(password: str) -> Any:
        domain = iam.PwdPasswordUserDomain(name="emulator")
        user = iam.PwdPasswordUser(domain=domain, name="emulator", password=password)
        identity = iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(user=user))
        scope = iam.AuthScope(project=iam.AuthScopeProject(name="cn-north-4"))
        body = iam.KeystoneCreateUserTokenByPasswordRequestBody(auth=iam.PwdAuth(identity=identity, scope=scope))
        return client.keystone_create_user_token_by_password(
            iam.KeystoneCreateUserTokenByPasswordRequest(body=body, nocatalog="true")
        )

    made = ask("emulator")
    assert made.x_subject_token
    assert (made.token.project.id, made.token.user.name) == (emulator.project_id, "emulator")
    with pytest.raises(ClientRequestException) as caught:
        ask("wrong")
    assert (caught.value.status_code, caught.value.error_code) == (401, 401)
    assert "password" in caught.value.error_msg


def test_keys_of_an_agency(emulator: Control, client: Any) -> None:
    assumed = iam.IdentityAssumerole(agency_name="elsewhere_agency", domain_name="elsewhere", duration_seconds=900)
    identity = iam.AgencyAuthIdentity(methods=["assume_role"], assume_role=assumed)
    body = iam.CreateTemporaryAccessKeyByAgencyRequestBody(auth=iam.AgencyAuth(identity=identity))
    request = iam.CreateTemporaryAccessKeyByAgencyRequest(body=body)
    made = client.create_temporary_access_key_by_agency(request).credential
    credentials = BasicCredentials(made.access, made.secret, STRANGERS_PROJECT).with_security_token(made.securitytoken)
    acting = ma.ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(emulator.url).build()
    assert _total(acting) == 0


def test_an_oidc_token_file(emulator: Control, tmp_path: Any) -> None:
    file = tmp_path / "token"
    file.write_text("emulator-id-token")
    credentials = (
        BasicCredentials()
        .with_project_id(emulator.project_id)
        .with_iam_endpoint(emulator.url)
        .with_idp_id("emulator-idp")
        .with_id_token_file(str(file))
    )
    client = ma.ModelArtsClient.new_builder().with_credentials(credentials).with_endpoint(emulator.url).build()
    assert _total(client) == 0
    assert [call["operation"] for call in emulator.requests()] == [
        "CreateTokenWithIdToken",
        "CreateTemporaryAccessKey",
        "ListNotebooks",
    ]
