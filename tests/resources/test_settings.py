"""Settings: configuration, then environment, then default; each remembers where it came from."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.provider import ModelartsProvider
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.settings import BadSetting, Settings, resolve

NOTHING: dict[str, Any] = dict.fromkeys(SCHEMA.attributes)
NOWHERE = "unset"
LATER = "configuration (not known yet)"


def resolved(config: dict[str, Any], environment: dict[str, str]) -> Settings:
    return resolve(NOTHING | config, environment)


@pytest.mark.parametrize(
    ("name", "config", "environment", "value", "origin"),
    [
        ("region", {}, {}, None, NOWHERE),
        ("region", {"region": "here"}, {"HW_REGION_NAME": "there"}, "here", "configuration"),
        ("region", {}, {"HW_REGION_NAME": "there"}, "there", "environment HW_REGION_NAME"),
        ("region", {"region": ""}, {"HW_REGION_NAME": "there"}, "there", "environment HW_REGION_NAME"),
        ("region", {}, {"HW_REGION_NAME": ""}, None, NOWHERE),
        ("region", {"region": UNKNOWN}, {"HW_REGION_NAME": "there"}, None, LATER),
        ("access_key", {}, {"HW_ACCESS_KEY": "a"}, "a", "environment HW_ACCESS_KEY"),
        ("access_key", {}, {"HUAWEICLOUD_SDK_AK": "b"}, "b", "environment HUAWEICLOUD_SDK_AK"),
        (
            "access_key",
            {},
            {"HW_ACCESS_KEY": "a", "HUAWEICLOUD_SDK_AK": "b"},
            "a",
            "environment HW_ACCESS_KEY",
        ),
        ("access_key", {}, {"HW_ACCESS_KEY": "", "HUAWEICLOUD_SDK_AK": "b"}, "b", "environment HUAWEICLOUD_SDK_AK"),
        ("secret_key", {}, {"HUAWEICLOUD_SDK_SK": "b"}, "b", "environment HUAWEICLOUD_SDK_SK"),
        ("secret_key", {}, {"HW_SECRET_KEY": "b \r\n"}, "b ", "environment HW_SECRET_KEY"),
        ("deletion_protection", {}, {}, False, "default"),
        ("deletion_protection", {}, {"HW_DELETION_PROTECTION": "on"}, True, "environment HW_DELETION_PROTECTION"),
        (
            "deletion_protection",
            {"deletion_protection": False},
            {"HW_DELETION_PROTECTION": "on"},
            False,
            "configuration",
        ),
        ("deletion_protection", {"deletion_protection": UNKNOWN}, {"HW_DELETION_PROTECTION": "on"}, None, LATER),
        ("check_flavors_at_plan", {}, {}, False, "default"),
        ("check_flavors_at_plan", {}, {"HW_CHECK_FLAVORS_AT_PLAN": "1"}, True, "environment HW_CHECK_FLAVORS_AT_PLAN"),
        ("security_token", {}, {"HW_SECURITY_TOKEN": "t"}, "t", "environment HW_SECURITY_TOKEN"),
        ("project_id", {}, {"HUAWEICLOUD_SDK_PROJECT_ID": "p"}, "p", "environment HUAWEICLOUD_SDK_PROJECT_ID"),
        ("cacert_file", {}, {"HW_CACERT_FILE": "/ca"}, "/ca", "environment HW_CACERT_FILE"),
        ("insecure", {}, {}, False, "default"),
        ("insecure", {"insecure": True}, {"HW_INSECURE": "false"}, True, "configuration"),
        ("insecure", {"insecure": False}, {"HW_INSECURE": "true"}, False, "configuration"),
        ("insecure", {}, {"HW_INSECURE": "TRUE"}, True, "environment HW_INSECURE"),
        ("insecure", {}, {"HW_INSECURE": "1"}, True, "environment HW_INSECURE"),
        ("insecure", {}, {"HW_INSECURE": "off"}, False, "environment HW_INSECURE"),
        ("max_retries", {}, {}, 5, "default"),
        ("max_retries", {"max_retries": 0}, {"HW_MAX_RETRIES": "3"}, 0, "configuration"),
        ("max_retries", {}, {"HW_MAX_RETRIES": "3"}, 3, "environment HW_MAX_RETRIES"),
        ("allow_stopping_for_update", {}, {}, True, "default"),
        (
            "allow_stopping_for_update",
            {},
            {"HW_ALLOW_STOPPING_FOR_UPDATE": "false"},
            False,
            "environment HW_ALLOW_STOPPING_FOR_UPDATE",
        ),
        ("default_tags", {}, {"HW_DEFAULT_TAGS": "a=1,b=x=y"}, {"a": "1", "b": "x=y"}, "environment HW_DEFAULT_TAGS"),
        ("default_tags", {"default_tags": {"a": UNKNOWN}}, {}, None, LATER),
        ("default_tags", {"default_tags": {}}, {"HW_DEFAULT_TAGS": "a=1"}, {}, "configuration"),
    ],
)
def test_where_a_value_comes_from(
    name: str, config: dict[str, Any], environment: dict[str, str], value: Any, origin: str
) -> None:
    found = resolved(config, environment)
    assert found[name] == value
    assert type(found[name]) is type(value)
    assert found.origins[name] == origin
    assert (name in found.unknown) is (origin == LATER)


@pytest.mark.parametrize(
    ("config", "environment", "endpoints", "origins"),
    [
        (None, {}, {}, {}),
        (
            {"modelarts": "http://a"},
            {"HW_ENDPOINT_MODELARTS": "http://b", "HW_ENDPOINT_IAM": "http://c"},
            {"modelarts": "http://a", "iam": "http://c"},
            {"endpoints.modelarts": "configuration", "endpoints.iam": "environment HW_ENDPOINT_IAM"},
        ),
    ],
)
def test_endpoints(config: Any, environment: dict[str, str], endpoints: Any, origins: dict[str, str]) -> None:
    found = resolved({"endpoints": config}, environment)
    assert found.endpoints == endpoints
    assert {name: origin for name, origin in found.origins.items() if name.startswith("endpoints.")} == origins


@pytest.mark.parametrize("config", [UNKNOWN, {"modelarts": UNKNOWN}, {"modelarts": "http://a", "iam": UNKNOWN}])
def test_an_endpoint_that_is_not_known_yet_is_never_taken_from_elsewhere(config: Any) -> None:
    found = resolved({"endpoints": config}, {})
    assert "endpoints" in found.unknown
    assert found.endpoints == {}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"HW_MAX_RETRIES": "many"}, "HW_MAX_RETRIES can't be used"),
        (
            {"MODELARTS_UNMANAGED_WAIT_SECONDS": "-1"},
            "MODELARTS_UNMANAGED_WAIT_SECONDS can't be used: it must be a number",
        ),
        ({"HW_INSECURE": "maybe"}, "HW_INSECURE can't be used: it must be true or false"),
        ({"HW_DEFAULT_TAGS": "a=1,b"}, "HW_DEFAULT_TAGS can't be used: it must be written as key=value"),
    ],
)
def test_a_variable_that_cannot_be_read_is_an_error_that_names_it(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        resolved({}, environment)
    found = list(asyncio.run(ModelartsProvider(environment).configure(NOTHING, "1.11.4")))
    assert [each.summary for each in found] == ["Unable to configure the provider"]
    assert words in found[0].detail
    assert "Nothing was called" in found[0].detail


def test_a_variable_that_the_configuration_overrides_is_not_read() -> None:
    assert resolved({"max_retries": 1}, {"HW_MAX_RETRIES": "many"})["max_retries"] == 1


@pytest.mark.parametrize(("text", "seconds"), [(None, 30.0), ("0", 0.0), ("2.5", 2.5)])
def test_how_long_a_create_waits_for_a_tag(text: str | None, seconds: float) -> None:
    found = resolved({}, {} if text is None else {"MODELARTS_UNMANAGED_WAIT_SECONDS": text})
    assert found["unmanaged_seconds"] == seconds
    assert "unmanaged_seconds" not in found.origins, "for tests alone: no user is told of it"


PASSWORD = {"region": "cn-north-4", "user_id": "u1", "password": "p"}


@pytest.mark.parametrize(
    ("config", "user_id"),
    [
        (PASSWORD, "u1"),
        ({**PASSWORD, "user_id": None, "user_name": "n", "domain_name": "d"}, None),
        ({**PASSWORD, "access_key": "a", "secret_key": "s"}, None),
        ({**PASSWORD, "token": "t"}, None),
        ({**PASSWORD, "assume_role": [{"agency_name": "a", "domain_name": "d"}]}, None),
        ({"region": "cn-north-4", "access_key": "a", "secret_key": "s"}, None),
    ],
)
def test_which_user_calls_where_the_login_tells_it(config: dict[str, Any], user_id: str | None) -> None:
    provider = ModelartsProvider({})
    assert list(asyncio.run(provider.configure(NOTHING | config, "1.11.4"))) == []
    assert provider._notebook.known.user_id == user_id


def test_secrets_are_not_in_the_origins() -> None:
    found = resolved({"secret_key": "hush"}, {"HW_ACCESS_KEY": "hush"})
    assert "hush" not in str(dict(found.origins))


NOT_FOR_CALLS = {
    "default_tags",
    "ignore_tags",
    "allow_stopping_for_update",
    "deletion_protection",
    "check_flavors_at_plan",
    "requests_per_second",
    "max_retries",
}


@pytest.mark.parametrize("name", sorted(SCHEMA.attributes))
def test_only_what_a_call_needs_has_to_be_known_for_one(name: str) -> None:
    found = resolved({name: UNKNOWN}, {})

    assert found.unknown == {name}
    assert found.unknown_to_calls == (frozenset() if name in NOT_FOR_CALLS else {name})


def test_a_member_of_ignore_tags_is_known_by_itself() -> None:
    found = resolved({"ignore_tags": {"keys": ["a"], "key_prefixes": UNKNOWN}}, {"HW_IGNORE_TAGS_KEY_PREFIXES": "p"})

    assert (found["ignore_tags"], found.unknown) == ({"keys": ["a"]}, {"ignore_tags"})
    assert resolved({"ignore_tags": UNKNOWN}, {"HW_IGNORE_TAGS_KEYS": "k"})["ignore_tags"] == {}


def test_what_is_known_of_default_tags_is_kept() -> None:
    later = {"a": UNKNOWN, "b": "1"}

    assert resolved({"default_tags": later}, {"HW_DEFAULT_TAGS": "c=2"}).later_tags == later


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("HW_DEFAULT_TAGS", " a = 1 , b=x y,", {"a": "1", "b": "x y"}),
        ("HW_DEFAULT_TAGS", "a=", {"a": ""}),
        ("HW_IGNORE_TAGS_KEYS", " a, b ,", {"keys": ["a", "b"]}),
        ("HW_IGNORE_TAGS_KEY_PREFIXES", "p:, q", {"key_prefixes": ["p:", "q"]}),
    ],
)
def test_lists_of_the_environment_may_have_spaces(variable: str, text: str, value: Any) -> None:
    name = "default_tags" if variable == "HW_DEFAULT_TAGS" else "ignore_tags"

    assert resolved({}, {variable: text})[name] == value


@pytest.mark.parametrize("text", ["a", "a=1,b", "a=1,a=2"])
def test_default_tags_that_cannot_be_read(text: str) -> None:
    with pytest.raises(
        BadSetting, match=r"HW_DEFAULT_TAGS can't be used: it must (not name a key twice|be written as)"
    ):
        resolved({}, {"HW_DEFAULT_TAGS": text})
