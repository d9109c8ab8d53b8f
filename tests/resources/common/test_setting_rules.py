"""The rules of the provider's settings, wherever a value comes from; no error shows the value."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from modelarts_provider.api.endpoints import endpoint
from modelarts_provider.api.errors import ConnectionFailed
from modelarts_provider.framework.schema.validation import validate
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.login_settings import _rate
from modelarts_provider.provider import ModelartsProvider
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.settings import BadSetting, check, resolve

NOTHING: dict[str, Any] = dict.fromkeys(SCHEMA.attributes)
PROJECT = "0123456789abcdef0123456789abcdef"
LOGIN = {"HW_REGION_NAME": "cn-north-4", "HW_ACCESS_KEY": "ak", "HW_SECRET_KEY": "hunter2-sk"}

NO_REGION = ["evil.example/x", "evil.example", "CN-North-4", "cn_north_4", "cn north 4", "-cn", "cn-", "cn--north", "a/b", "a@b", "a:1",
             "a?b", "a#b", "a\\b", "a%2fb", "ü", "a\nb", "..", "\x1b[31m"]  # fmt: skip
NO_CLOUD = ["evil.example/x", "evil.example?x", "a@evil.example", "evil.example:443", "evil.example#", "evil..example", ".example",
            "example.", "a b", "a\\b", "-a.example", "a_b.example", "a" * 64, "ü.example", "a\nb", "https://a"]  # fmt: skip
NO_URL = ["a.example", "ftp://a", "http://", "http:///x", "http://:80", "http://a:0", "http://a:65536", "http://a:99999", "http://a:x",
          "http://a:-1", "http://a:", "http://a?b", "http://a#b", "http://a b", "http://u:hunter2@a", "http://u@a", "http://a/\x00",
          "http://a/\x7f", "http://a\r\nHost: b", "http://[::1", "http://::1", "http://[x]", "//a", "http:a", "http//a"]  # fmt: skip
NO_NUMBER = ["abc", "-1", "101", "1.5", "1e3", str(10**30), "9" * 5000, "5_0", "٣", "0x1", "NaN", "5 5", "--5"]

VARIABLES: list[tuple[str, str]] = [
    *(("HW_REGION_NAME", value) for value in NO_REGION),
    *(("HW_CLOUD", value) for value in NO_CLOUD),
    *(
        (name, value)
        for name in ("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT", "HW_ENDPOINT_MODELARTS", "HW_ENDPOINT_IAM")
        for value in NO_URL
    ),
    *(("HW_MAX_RETRIES", value) for value in NO_NUMBER),
    *(("HW_REQUESTS_PER_SECOND", value) for value in ("0", "-1", "fast", "inf", "NaN", "1e", "-1e-400")),
    *(("HW_PROJECT_ID", value) for value in ("p", PROJECT[:-1], PROJECT + "0", PROJECT[:-1] + "/", "../" + PROJECT[3:])),
    *(("HW_DEFAULT_TAGS", value) for value in ("a", "a=1,b", "a=1,a=2")),
    *((name, value) for name in ("HW_INSECURE", "HW_ALLOW_STOPPING_FOR_UPDATE") for value in ("maybe", "2", "ja")),
    ("HW_PROJECT_NAME", os.fsdecode(b"\xff")),
    ("HW_DOMAIN_NAME", os.fsdecode(b"\xff")),
    ("HW_SECRET_KEY", os.fsdecode(b"hunter2\xff")),
]  # fmt: skip


def configured(config: dict[str, Any], environment: dict[str, str]) -> list[Any]:
    provider = ModelartsProvider({**LOGIN, **environment})
    return list(asyncio.run(provider.configure(NOTHING | config, "1.11.4")))


@pytest.mark.parametrize(("name", "value"), VARIABLES, ids=lambda text: repr(text)[:40])
def test_a_variable_that_breaks_a_rule_is_named_and_not_shown(name: str, value: str) -> None:
    found = configured({}, {name: value})
    assert [each.summary for each in found] == ["Unable to configure the provider"]
    detail = found[0].detail
    assert detail.startswith(f"The environment variable {name} can't be used: it must ")
    assert detail.endswith("Nothing was called.")
    assert "hunter2" not in detail
    assert value not in detail or value in ("http://", "cn-", "a", "0")  # the rules hold these
    assert detail.isprintable()


@pytest.mark.parametrize("variable", ["HW_ASSUME_ROLE_DURATION"])
@pytest.mark.parametrize("value", ["abc", "899", "86401", "1.5", str(10**30)])
@pytest.mark.parametrize(
    "by", [{"HW_ASSUME_ROLE_AGENCY_NAME": "a"}, {"HW_ASSUME_ROLE_IDP_ID": "i"}], ids=["agency", "OIDC"]
)
def test_the_duration_of_an_agency_s_key(variable: str, value: str, by: dict[str, str]) -> None:
    (found,) = configured({}, {variable: value, **by})
    assert f"The environment variable {variable} can't be used: it must be a whole number" in found.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("region", value) for value in NO_REGION),
        *(("cloud", value) for value in NO_CLOUD),
        *(("auth_url", value) for value in NO_URL),
        ("max_retries", 10**30),
        ("max_retries", -1),
        ("project_id", "p"),
        ("requests_per_second", 0),
    ],
    ids=lambda text: repr(text)[:40],
)
def test_the_provider_block_has_the_same_rules(name: str, value: Any) -> None:
    """They are checked by validate, and once more by configure: a value may have become known in between."""
    found = validate(SCHEMA, NOTHING | {name: value})
    assert [each.path and str(each.path) for each in found if each.summary.startswith("Invalid value")][:1] == [name]
    (again,) = configured({name: value}, {})
    assert again.detail.startswith(f"The provider block's {name} can't be used: it must ")


@pytest.mark.parametrize("value", NO_URL)
def test_an_endpoint_of_the_provider_block(value: str) -> None:
    assert validate(SCHEMA, NOTHING | {"endpoints": {"iam": value}}).has_error
    (found,) = configured({"endpoints": {"iam": value}}, {})
    assert found.detail.startswith(
        "The provider block's endpoints.iam can't be used: it must be an http:// or https://"
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"HW_REGION_NAME": "eu-west-101"},
        {"HW_CLOUD": "MyHuaweiCloud.eu"},
        {"HW_CLOUD": "localdomain"},
        {"HW_AUTH_URL": "https://iam.example.com:65535/v3"},
        {"HW_ENDPOINT_MODELARTS": "http://[::1]:8080"},
        {"HW_ENDPOINT_MODELARTS": "http://emu_lator:1/a/b%20c/"},
        {"HW_ENDPOINT_MODELARTS": "https://bücher.example"},
        {"HW_MAX_RETRIES": " 7 "},
        {"HW_MAX_RETRIES": "100"},
        {"HW_REQUESTS_PER_SECOND": "1e400"},
        {"HW_REQUESTS_PER_SECOND": "1e-400"},
        {"HW_PROJECT_ID": PROJECT.upper()},
        {"HW_DEFAULT_TAGS": "a b=1,c=x=y/z,"},
        {"HW_CACERT_FILE": ""},
        {"HW_MAX_RETRIES": "5\r\n"},
    ],
    ids=str,
)
def test_what_is_right_passes(environment: dict[str, str]) -> None:
    assert configured({}, environment) == []


def test_a_variable_that_the_provider_block_overrides_is_not_held_against_rules() -> None:
    assert (
        configured({"region": "cn-north-4", "max_retries": 1}, {"HW_REGION_NAME": "a/b", "HW_MAX_RETRIES": "101"}) == []
    )


def test_what_is_not_known_yet_is_not_held_against_rules() -> None:
    check(resolve(NOTHING | {"region": UNKNOWN, "endpoints": {"iam": UNKNOWN}}, {}))
    with pytest.raises(BadSetting, match="HW_MAX_RETRIES"):
        check(resolve(NOTHING | {"region": UNKNOWN}, {"HW_MAX_RETRIES": "101"}))


@pytest.mark.parametrize("region", NO_REGION)
def test_a_region_of_koocli_s_file(tmp_path: Path, region: str) -> None:
    profile = {"name": "default", "accessKeyId": "ak", "secretAccessKey": "hunter2-sk", "region": region}
    (tmp_path / "config.json").write_text(json.dumps({"profiles": [profile]}))
    file = {"HW_SHARED_CONFIG_FILE": str(tmp_path / "config.json")}
    provider = ModelartsProvider(file)
    (found,) = asyncio.run(provider.configure(NOTHING, "1.11.4"))
    assert found.summary == "Unable to configure the provider"
    assert "region" in found.detail
    assert str(tmp_path / "config.json") in found.detail
    assert "Nothing was called" in found.detail
    if region.isprintable():
        assert configured({}, file) == [], "the environment's region goes before it"


@pytest.mark.parametrize("project_id", ["../x", "..", "p", PROJECT[:-1] + "/", PROJECT + "0"])
@pytest.mark.parametrize("beside", [{"region": "cn-north-4"}, {}], ids=["with its region", "alone"])
def test_a_project_of_koocli_s_file(tmp_path: Path, project_id: str, beside: dict[str, str]) -> None:
    profile = {
        "name": "default",
        "accessKeyId": "ak",
        "secretAccessKey": "hunter2-sk",
        "projectId": project_id,
        **beside,
    }
    (tmp_path / "config.json").write_text(json.dumps({"profiles": [profile]}))
    file = {"HW_SHARED_CONFIG_FILE": str(tmp_path / "config.json")}
    (found,) = configured({}, file)
    assert found.detail.startswith(
        f"The project id of {tmp_path / 'config.json'}, profile 'default' can't be used: it must "
    )
    assert "Nothing was called. Correct it there, or set project_id in the provider block." in found.detail
    assert configured({"project_id": PROJECT}, file) == [], "the provider block's goes before it"
    assert configured({}, {**file, "HW_PROJECT_ID": PROJECT}) == [], "so does the environment's"


def test_a_project_of_the_sdk_s_file(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("[basic]\nak=a\nsk=hunter2-sk\nproject_id=../x\n")
    (found,) = configured({}, {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path / "credentials")})
    assert found.detail.startswith(
        f"The project id of {tmp_path / 'credentials'}, section [basic] can't be used: it must "
    )


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ("_sys_x=1", 'default_tags["_sys_x"] has a key that is reserved: it must not start with _sys_'),
        ("a=hunter2;", 'default_tags["a"] must consist of letters, digits, spaces'),
        ("a=" + "x" * 256, 'default_tags["a"] has 256 characters and must have at most 255 characters.'),
        ("=1", 'default_tags[""] has a key that has 0 characters and must have 1 to 128 characters.'),
    ],
)
def test_the_environment_s_default_tags(tags: str, words: str) -> None:
    found = configured({}, {"HW_DEFAULT_TAGS": tags})
    assert f"The environment variable HW_DEFAULT_TAGS can't be used: {words}" in found[0].detail
    assert "hunter2" not in found[0].detail


@pytest.mark.parametrize("url", ["ftp://a", "http://a:99999", "iam.example.com"])
def test_an_address_of_the_sdk_s_file(tmp_path: Path, url: str) -> None:
    (tmp_path / "credentials").write_text(f"[basic]\nak=a\nsk=hunter2-sk\niam_endpoint={url}\n")
    (found,) = configured({}, {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(tmp_path / "credentials")})
    assert "The iam_endpoint of" in found.detail
    assert "can't be used: it must be an http:// or https:// address" in found.detail


@pytest.mark.parametrize("region", [*NO_REGION, ""])
def test_no_host_is_made_of_a_region_that_is_none(region: str) -> None:
    """Whoever wrote it: a state, an import id, a rule that somebody forgot."""
    with pytest.raises(ConnectionFailed) as raised:
        endpoint("modelarts", region)
    assert (raised.value.reason, raised.value.transient) == ("unusable", False)
    assert endpoint("modelarts", region, overrides={"modelarts": "http://a"}) == "http://a"


@pytest.mark.parametrize("cloud", NO_CLOUD)
def test_no_host_is_made_of_a_cloud_that_is_none(cloud: str) -> None:
    with pytest.raises(ConnectionFailed):
        endpoint("modelarts", "cn-north-4", cloud=cloud)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/nowhere/ca.pem", "does not exist"), ("/", "it is a folder"), ("/dev/zero", "it is a device"),
     ("/etc/hostname", "holds no certificate"), ("~nobody-of-this-name/x", "does not exist")],
)  # fmt: skip
@pytest.mark.parametrize("by", ["configuration", "environment"])
def test_authorities_that_can_not_be_used(path: str, words: str, by: str) -> None:
    config, environment = ({"cacert_file": path}, {}) if by == "configuration" else ({}, {"HW_CACERT_FILE": path})
    (found,) = configured(config, environment)
    assert found.summary == "Unable to configure the provider"
    assert words in found.detail
    named = f"{path} " if by == "environment" else "the file of cacert_file "
    assert named in found.detail
    assert "Nothing was called. Set cacert_file (HW_CACERT_FILE)" in found.detail
    assert str(found.path) == ("cacert_file" if by == "configuration" else "None")
    passing = configured({**config, "insecure": True}, environment)
    assert [each.summary for each in passing] == ["The provider doesn't verify certificates"]


@pytest.mark.parametrize(
    ("rate", "used"), [(None, None), (0.5, 0.5), (10**400, 1e6), (3, 3.0)]
)  # a configured number may have any number of digits
def test_a_rate_that_can_be_reckoned_with(rate: Any, used: float | None) -> None:
    assert _rate(rate) == used
    assert _rate(resolve(NOTHING, {"HW_REQUESTS_PER_SECOND": "1e-400"})["requests_per_second"]) == 0.001
    assert _rate(resolve(NOTHING, {"HW_REQUESTS_PER_SECOND": "1e400"})["requests_per_second"]) == 1e6
