"""Every way to log in, end to end against the emulator: right, wrong, expired and missing credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.credential_files import FileLogin
from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.auth.login import LoginSettings, OidcRole, Role, Services, login
from modelarts_provider.api.auth.projects import Projects
from modelarts_provider.api.errors import (
    ApiError,
    AuthenticationFailed,
    Forbidden,
    NoCredentials,
    UnknownProject,
)
from modelarts_provider.api.http.client import Client
from modelarts_provider.framework.cancellation import Cancel

USER = {"user_name": "emulator", "password": "emulator", "domain_name": "emulator", "region": "cn-north-4"}
KEY = {"access_key": "emulator-access-key", "secret_key": "emulator-secret-key"}
OWN = "0123456789abcdef0123456789abcdef"
OIDC = OidcRole("emulator-idp", id_token="emulator-id-token")


@pytest.fixture(scope="module")
def server() -> Iterator[Control]:
    with running_emulator(time_scale=0.0) as control:
        yield control


def flavors(emulator: Control, settings: dict[str, Any], file: FileLogin | None = None) -> tuple[str, int]:
    """Log in, look the region's project up and list flavors: the project's id, and how many there are."""

    async def run() -> tuple[str, int]:
        client = Client(emulator.url, "", None, cancel=Cancel(), base_path="", environment_proxies=False)
        try:
            source = login(LoginSettings(**settings), Services(client, client, client), file)
            auth = SessionAuth(Keeper(source))
            auth.project_id = await Projects(client.with_auth(auth)).id_of(settings.get("region") or "cn-north-4")
            answer = await client.with_auth(auth).request("GET", f"/v1/{auth.project_id}/notebooks/flavors")
            return auth.project_id, len((answer or {})["data"])
        finally:
            await client.aclose()

    return asyncio.run(run())


RIGHT: list[tuple[str, dict[str, Any], FileLogin | None]] = [
    ("access key", KEY, None),
    ("password", USER, None),
    ("oidc", {"assume_role_with_oidc": OIDC}, None),
    ("metadata", {}, None),
    ("file", {}, FileLogin("f", key=AccessKey("emulator-access-key", "emulator-secret-key"))),
    ("file that names the metadata service", {}, FileLogin("f", uses_metadata=True)),
    ("agency by name", KEY | {"assume_role": (Role("own_agency", domain_name="emulator"),)}, None),
    ("agency with a password", USER | {"assume_role": (Role("own_agency", domain_name="emulator"),)}, None),
    (
        "agency after oidc",
        {"assume_role_with_oidc": OIDC, "assume_role": (Role("own_agency", domain_name="emulator", duration=900),)},
        None,
    ),
    ("agency of agency", KEY | {"assume_role": (Role("own_agency", "emulator"), Role("own_agency", "emulator"))}, None),
]


@pytest.mark.parametrize(("settings", "file"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_right(server, settings, file):
    project, count = flavors(server, settings, file)
    assert project == OWN
    assert count >= 5


def test_a_trust_agency_and_a_token_from_somewhere_else(server):
    agency = next(a for a in server_agencies() if a.name == "own_agency")
    by_id = (Role("own_agency", domain_id=agency.domain_id),)
    assert flavors(server, KEY | {"assume_role": by_id})[0] == OWN
    assert flavors(server, USER | {"assume_role": by_id})[0] == OWN

    async def token() -> str:
        client = Client(server.url, "", None, cancel=Cancel(), base_path="")
        source = login(LoginSettings(**USER), Services(client, client, client))
        value = await source.fetch()
        await client.aclose()
        return value.value

    assert flavors(server, {"token": asyncio.run(token())})[0] == OWN


def server_agencies() -> Any:
    from modelarts_emulator.config import Config  # noqa: PLC0415  # only its defaults are wanted

    return Config().agencies


WRONG: list[tuple[str, dict[str, Any], type[ApiError], str]] = [
    ("secret key", KEY | {"secret_key": "made-up"}, AuthenticationFailed, "secret_key"),
    ("access key", KEY | {"access_key": "nobody"}, AuthenticationFailed, "access_key"),
    ("security token", KEY | {"security_token": "made-up"}, AuthenticationFailed, "security_token"),
    ("token", {"token": "made-up"}, AuthenticationFailed, "token"),
    ("password", USER | {"password": "made-up"}, AuthenticationFailed, "password"),
    ("account", USER | {"domain_name": "nobody"}, AuthenticationFailed, "domain_name"),
    (
        "id token",
        {"assume_role_with_oidc": OidcRole("emulator-idp", id_token="made-up")},
        AuthenticationFailed,
        "id token",
    ),
    ("identity provider", {"assume_role_with_oidc": OidcRole("nobody", id_token="x")}, AuthenticationFailed, "idp_id"),
    (
        "agency",
        KEY | {"assume_role": (Role("nobody", "emulator"),)},
        AuthenticationFailed,
        "agency_name and domain_name of assume_role:",
    ),
    (
        "trust agency",
        KEY | {"assume_role": (Role("nobody", domain_id="x"),)},
        AuthenticationFailed,
        "agency_name and domain_id of assume_role:",
    ),
    (
        "second agency",
        KEY | {"assume_role": (Role("own_agency", "emulator"), Role("nobody", "emulator"))},
        AuthenticationFailed,
        "agency_name and domain_name of assume_role[1]:",
    ),
    (
        "agency with an id token",
        {"assume_role_with_oidc": OidcRole("emulator-idp", "emulator-id-token", None, Role("nobody", "emulator"))},
        AuthenticationFailed,
        "agency_name and domain_name of assume_role_with_oidc:",
    ),
    ("region", KEY | {"region": "cn-nowhere-1"}, UnknownProject, "region"),
    ("half a key", {"access_key": "AK"}, NoCredentials, "secret_key"),
    ("no id token", {"assume_role_with_oidc": OidcRole("emulator-idp")}, NoCredentials, "id_token"),
]


@pytest.mark.parametrize(("settings", "kind", "step"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_wrong(server, settings, kind, step):
    with pytest.raises(kind) as raised:
        flavors(server, settings)
    assert type(raised.value) is kind
    assert step in raised.value.next_step
    shown = f"{raised.value} {raised.value!r}"
    assert not [value for value in ("made-up", "emulator-secret-key") if value in shown]


def test_an_agency_that_trusts_somebody_else(server):
    stranger = {"access_key": "stranger-access-key", "secret_key": "stranger-secret-key"}
    with pytest.raises(Forbidden) as raised:
        flavors(server, stranger | {"assume_role": (Role("own_agency", "emulator"),)})
    assert "must trust this account" in raised.value.next_step


def test_a_token_that_dies_in_the_middle_of_a_run_is_replaced_once(server, tmp_path: Path):
    server.clear_requests()

    async def run() -> None:
        client = Client(server.url, "", None, cancel=Cancel(), base_path="")
        source = login(LoginSettings(**USER), Services(client, client, client))
        auth = SessionAuth(Keeper(source))
        api = client.with_auth(auth)
        await api.request("GET", f"/v1/{OWN}/notebooks")
        first = await auth.keeper.credential()
        server.add_fault(
            operation="ListNotebooks", status=401, error_code="APIGW.0307", error_msg="The token must be updated."
        )
        await api.request("GET", f"/v1/{OWN}/notebooks")
        assert await auth.keeper.credential() != first
        await client.aclose()

    asyncio.run(run())
    names = [call["operation"] for call in server.requests()]
    assert names == [
        "KeystoneCreateUserTokenByPassword",
        "ListNotebooks",
        "ListNotebooks",
        "KeystoneCreateUserTokenByPassword",
        "ListNotebooks",
    ]
