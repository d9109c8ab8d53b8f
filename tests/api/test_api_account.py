from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.api.account import Account, Network
from modelarts_provider.api.auth.credential_files import FileLogin
from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.auth.login import LoginSettings, Role
from modelarts_provider.api.errors import NoCredentials
from modelarts_provider.api.http.limiter import Limiter
from modelarts_provider.framework.cancellation import Cancel

KEY = {"access_key": "emulator-access-key", "secret_key": "emulator-secret-key", "region": "cn-north-4"}
USER = {"user_name": "emulator", "password": "emulator", "domain_name": "emulator", "region": "cn-north-4"}
HOME = "0123456789abcdef0123456789abcdef"
ELSEWHERE = "ap-southeast-3"


@pytest.fixture(scope="module")
def server() -> Iterator[Control]:
    with running_emulator(time_scale=0.0) as control:
        yield control


@pytest.fixture
def emulator(server: Control) -> Control:
    server.clear_requests()
    return server


def told(
    emulator: Control, settings: dict[str, Any], scenario: Callable[[Account], Awaitable[Any]], **files: FileLogin
) -> Any:
    url = emulator.url
    network = Network(
        cancel=Cancel(),
        user_agent="a test",
        endpoints={"modelarts": url, "iam": url, "sts": url},
        limiter=Limiter(),
        metadata_endpoint=url,
    )

    async def run() -> Any:
        account = Account(LoginSettings(**settings), network, **files)
        try:
            return await scenario(account)
        finally:
            await account.aclose()

    return asyncio.run(run())


def operations(emulator: Control) -> list[str]:
    return [call["operation"] for call in emulator.requests()]


async def everywhere(account: Account) -> list[str]:
    """Use two regions, several times and at once; gives their projects."""
    apis = await asyncio.gather(*[account.notebooks(region) for region in ("cn-north-4", ELSEWHERE) * 5])
    await asyncio.gather(*[api.flavors() for api in apis])
    return [await account.project_id(region) for region in ("cn-north-4", ELSEWHERE)]


def test_one_look_up_per_region(emulator):
    home, other = told(emulator, KEY, everywhere)
    assert home == HOME
    assert other not in {home, ""}
    assert sorted(set(operations(emulator))) == ["KeystoneListProjects", "ListFlavors"]
    assert operations(emulator).count("KeystoneListProjects") == 2


def test_a_user_s_tokens_are_one_per_project_and_need_no_look_up(emulator):
    home, _ = told(emulator, USER, everywhere)
    assert home == HOME
    assert operations(emulator).count("KeystoneCreateUserTokenByPassword") == 2
    assert "KeystoneListProjects" not in operations(emulator)


def test_the_token_that_named_the_project_serves_its_calls(emulator):
    """As Terraform has it: the project goes into the state, and calls name it."""

    async def scenario(account: Account) -> None:
        project = await account.project_id("cn-north-4")
        await (await account.notebooks("cn-north-4", project)).flavors()

    told(emulator, USER, scenario)
    assert operations(emulator) == ["KeystoneCreateUserTokenByPassword", "ListFlavors"]


def test_an_agency_s_key_is_fetched_once_for_all_regions(emulator):
    told(emulator, KEY | {"assume_role": (Role("own_agency", "emulator"),)}, everywhere)
    assert operations(emulator).count("CreateTemporaryAccessKey") == 1


def test_a_configured_project_is_not_looked_up_and_belongs_to_its_region_only(emulator):
    async def scenario(account: Account) -> Any:
        await (await account.notebooks("cn-north-4")).flavors()
        return await account.project_id("cn-north-4"), await account.project_id(ELSEWHERE)

    home, other = told(emulator, KEY | {"project_id": HOME}, scenario)
    assert home == HOME
    assert other != HOME
    assert operations(emulator) == ["ListFlavors", "KeystoneListProjects"]


TEAM = "1123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("login", [KEY, USER], ids=["key", "password"])
@pytest.mark.parametrize(
    ("given", "used"),
    [(TEAM, TEAM), (HOME, HOME), ("2123456789abcdef0123456789abcdef", HOME)],
    ids=["a team's", "the region's own", "another region's"],
)
def test_a_project_without_a_region_is_used_where_iam_says_that_it_is_the_region_s(emulator, login, given, used):
    async def scenario(account: Account) -> Any:
        await (await account.notebooks("cn-north-4")).flavors()
        return await account.project_id("cn-north-4"), await account.project_id(ELSEWHERE)

    home, other = told(emulator, login | {"unplaced_project_id": given}, scenario)
    assert home == used
    assert other == "2123456789abcdef0123456789abcdef"
    (call,) = [each for each in emulator.requests() if each["operation"] == "ListFlavors"]
    assert call["path"] == f"/v1/{used}/notebooks/flavors"


def test_a_user_s_token_says_whose_project_it_is_and_serves_the_calls(emulator):
    async def scenario(account: Account) -> None:
        await (await account.notebooks("cn-north-4", await account.project_id("cn-north-4"))).flavors()

    told(emulator, USER | {"unplaced_project_id": TEAM}, scenario)
    assert operations(emulator) == ["KeystoneCreateUserTokenByPassword", "ListFlavors"]


def test_a_project_that_the_credentials_do_not_see_stays_the_user_s_word(emulator):
    async def scenario(account: Account) -> str:
        return await account.project_id("cn-north-4")

    assert told(emulator, KEY | {"unplaced_project_id": "f" * 32}, scenario) == "f" * 32


def test_a_project_id_in_capitals(emulator):
    async def scenario(account: Account) -> None:
        await (await account.notebooks("cn-north-4", TEAM.upper())).flavors()

    told(emulator, KEY, scenario)
    told(emulator, USER, scenario)
    assert {each["path"] for each in emulator.requests() if each["service"] == "modelarts"} == {
        f"/v1/{TEAM}/notebooks/flavors"
    }


def test_a_named_project_of_the_region(emulator):
    async def scenario(account: Account) -> str:
        return await account.project_id("cn-north-4")

    for settings in (KEY, USER):
        project = told(emulator, settings | {"project_name": "cn-north-4_team"}, scenario)
        assert project.startswith("1123")


@pytest.mark.parametrize(
    ("settings", "files", "origin"),
    [
        (KEY, {}, "access key"),
        (USER, {}, "user name and password"),
        ({}, {"shared_config": FileLogin("the file", key=AccessKey("AK", "SK"))}, "the file"),
        ({}, {}, "ECS metadata service"),
    ],
)
def test_the_login_says_what_it_is_without_any_call(emulator, settings, files, origin):
    async def scenario(account: Account) -> str:
        return account.origin("cn-north-4")

    assert told(emulator, settings, scenario, **files) == origin
    assert operations(emulator) == []


def test_no_region(emulator):
    with pytest.raises(NoCredentials) as raised:
        told(emulator, {"access_key": "a", "secret_key": "b"}, lambda account: account.notebooks(""))
    assert "HW_REGION_NAME" in raised.value.next_step


def test_it_can_be_used_again_after_it_was_closed(emulator):
    async def scenario(account: Account) -> int:
        await (await account.notebooks("cn-north-4")).flavors()
        await account.aclose()
        return len(await (await account.notebooks("cn-north-4")).flavors())

    assert told(emulator, KEY, scenario) > 0
