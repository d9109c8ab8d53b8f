"""Settings and files: each value's origin, never the value; files that can't be used are errors with a mend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from doctor_bench import Bench, errors, unchecked

from modelarts_emulator.testing import Control


@pytest.mark.parametrize(
    ("variables", "setting", "origin"),
    [
        ({"HW_REGION_NAME": "cn-north-4"}, "region", "environment HW_REGION_NAME"),
        ({"HW_ACCESS_KEY": "one"}, "access_key", "environment HW_ACCESS_KEY"),
        ({"HUAWEICLOUD_SDK_AK": "two"}, "access_key", "environment HUAWEICLOUD_SDK_AK"),
        ({"HW_ACCESS_KEY": "one", "HUAWEICLOUD_SDK_AK": "two"}, "access_key", "environment HW_ACCESS_KEY"),
        ({"HW_ENDPOINT_STS": "http://127.0.0.1:1"}, "endpoints.sts", "environment HW_ENDPOINT_STS"),
        ({"HW_IGNORE_TAGS_KEYS": "a,b"}, "ignore_tags.keys", "environment HW_IGNORE_TAGS_KEYS"),
        ({"HW_ASSUME_ROLE_AGENCY_NAME": "x"}, "assume_role", "environment HW_ASSUME_ROLE_AGENCY_NAME"),
        ({}, "max_retries", "default"),
        ({"HW_MAX_RETRIES": "3"}, "max_retries", "environment HW_MAX_RETRIES"),
    ],
    ids=str,
)
def test_the_origin_of_a_setting(bench: Bench, variables: dict[str, str], setting: str, origin: str) -> None:
    bench.set(**variables)
    finding = bench.examine()[f"setting {setting}"]
    assert (finding.status, finding.found) == ("ok", origin)


def test_the_command_line_goes_before_the_environment(bench: Bench, emulator: Control) -> None:
    bench.use(emulator)
    bench.set(HW_REGION_NAME="mars-1")
    found = bench.examine(region="cn-north-4")
    assert found["setting region"].found == "command line"
    assert errors(found) == set()


def test_what_is_read_is_said_plainly(bench: Bench) -> None:
    finding = bench.examine()["what is read"]
    assert finding.status == "ok"
    assert "the environment and login files" in finding.found
    assert "a provider block of a Terraform configuration is not read" in finding.found


def test_nothing_set_says_what_to_set(bench: Bench) -> None:
    found = bench.examine()
    assert errors(found) == {"setting region", "login"}
    assert "HW_REGION_NAME" in found["setting region"].mend
    assert "nothing says who you are" in found["login"].found
    assert "HW_ACCESS_KEY" in found["login"].mend
    assert unchecked(found) == {"service"}


def test_a_login_without_a_region_is_named(bench: Bench) -> None:
    bench.set(HW_ACCESS_KEY="one", HW_SECRET_KEY="two-two")
    found = bench.examine()
    assert errors(found) == {"setting region"}
    assert found["login"].found == "access key"


@pytest.mark.parametrize(
    ("name", "text"),
    [("HW_MAX_RETRIES", "many"), ("HW_INSECURE", "perhaps"), ("HW_REQUESTS_PER_SECOND", "0")],
)
def test_a_variable_that_can_not_be_read(bench: Bench, name: str, text: str) -> None:
    bench.set(**{name: text})
    found = bench.examine()
    assert errors(found) == {"settings"}
    assert name in found["settings"].found
    assert found["terraform"].status == "ok", "the other checks go on"


@pytest.mark.parametrize(
    ("variables", "meant"),
    [
        ({"HW_REGION": "cn-north-4"}, "HW_REGION_NAME"),
        ({"HW_PROJECTID": "x"}, "HW_PROJECT_ID"),
        ({"HW_ACESS_KEY": "x"}, "HW_ACCESS_KEY"),
        ({"HW_REGION": "cn-north-4", "HW_REGION_NAME": "cn-north-4"}, None),
        ({"HW_SOMETHING_ELSE_ENTIRELY": "x"}, None),
        ({"HW_REGION": ""}, None),
    ],
    ids=str,
)
def test_a_misspelled_variable(bench: Bench, variables: dict[str, str], meant: str | None) -> None:
    bench.set(**variables)
    name = next(iter(variables))
    finding = bench.examine().get(f"variable {name}")
    assert (finding.status, finding.mend) == ("warning", f"Did you mean {meant}?") if finding else meant is None


def koocli(folder: Path, *, encrypted: bool = False, **changes: Any) -> str:
    profile = {
        "name": "team",
        "mode": "AKSK",
        "accessKeyId": "emulator-access-key",
        "secretAccessKey": "emulator-secret-key",
        "region": "cn-north-4",
        **changes,
    }
    file = folder / "koocli.json"
    file.write_text(
        json.dumps({"current": "team", "profiles": [profile], "authEncrypt": "true" if encrypted else "false"})
    )
    return str(file)


def test_a_shared_config_file_that_says_everything(bench: Bench, emulator: Control) -> None:
    bench.use(emulator, key=False)
    bench.set(HW_REGION_NAME=None, HW_SHARED_CONFIG_FILE=koocli(bench.home))
    found = bench.examine()
    assert errors(found) == set()
    assert "profile 'team'" in found["setting region"].found
    assert "not encrypted" in found["shared config file"].found
    assert "profile 'team'" in found["login"].found
    assert found["permission to list notebooks"].status == "ok"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"encrypted": True}, "is encrypted"),
        ({"secretAccessKey": ""}, "holds no access key"),
        ({"mode": "SSO"}, "holds no access key"),
        ({"name": "other"}, "has no profile 'team'"),
    ],
    ids=str,
)
def test_a_shared_config_file_that_can_not_be_used(bench: Bench, change: dict[str, Any], words: str) -> None:
    bench.set(HW_REGION_NAME="cn-north-4", HW_SHARED_CONFIG_FILE=koocli(bench.home, **change))
    found = bench.examine()
    assert errors(found) == {"login files"}
    assert words in found["login files"].found
    assert unchecked(found) == {"service"}


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), ("{", "is not JSON"), ("[]", "no JSON object"), ("", "is not JSON")],
)
def test_a_file_that_is_damaged_or_missing(bench: Bench, content: str | None, words: str) -> None:
    file = bench.home / "config.json"
    if content is not None:
        file.write_text(content)
    bench.set(HW_REGION_NAME="cn-north-4", HW_SHARED_CONFIG_FILE=str(file))
    assert words in bench.examine()["login files"].found


def test_a_folder_in_place_of_a_file(bench: Bench) -> None:
    bench.set(HW_REGION_NAME="cn-north-4", HW_SHARED_CONFIG_FILE=str(bench.home))
    assert "can't be read" in bench.examine()["login files"].found


def test_a_profile_without_a_file(bench: Bench) -> None:
    bench.set(HW_REGION_NAME="cn-north-4", HW_PROFILE="team")
    found = bench.examine()
    assert "shared_config_file isn't" in found["login files"].found
    assert "HW_SHARED_CONFIG_FILE" in found["login files"].mend


def test_koocli_s_own_file_is_named_and_not_read(bench: Bench) -> None:
    (bench.home / ".hcloud").mkdir()
    (bench.home / ".hcloud" / "config.json").write_text("{")
    finding = bench.examine()["shared config file"]
    assert finding.status == "ok"
    assert "only read when shared_config_file names it" in finding.found


def sdk_file(bench: Bench) -> None:
    (bench.home / ".huaweicloud").mkdir()
    (bench.home / ".huaweicloud" / "credentials").write_text(
        "[basic]\nak = emulator-access-key\nsk = emulator-secret-key\n"
    )


def test_the_sdk_s_file_where_nothing_else_is_set(bench: Bench, emulator: Control) -> None:
    sdk_file(bench)
    bench.use(emulator, key=False)
    found = bench.examine()
    assert errors(found) == set()
    assert "holds an access key" in found["SDK credentials file"].found
    assert "section [basic]" in found["login"].found


def test_the_sdk_s_file_beside_a_key(bench: Bench, emulator: Control) -> None:
    sdk_file(bench)
    bench.use(emulator)
    found = bench.examine()
    assert "not read" in found["SDK credentials file"].found
    assert found["login"].found == "access key"


@pytest.mark.parametrize(
    ("variables", "status", "words"),
    [
        ({"HW_INSECURE": "true"}, "warning", "any certificate"),
        ({"HW_CACERT_FILE": "/nowhere/ca.pem"}, "error", "/nowhere/ca.pem"),
    ],
    ids=str,
)
def test_certificates(bench: Bench, variables: dict[str, str], status: str, words: str) -> None:
    bench.set(HW_REGION_NAME="cn-north-4", HW_ENDPOINT_MODELARTS="http://127.0.0.1:9", **variables)
    finding = bench.examine()["certificates"]
    assert finding.status == status
    assert words in finding.found


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"HW_ACCESS_KEY": "one"}, "secret_key (HW_SECRET_KEY) is missing"),
        ({"HW_SECRET_KEY": "one-one"}, "access_key (HW_ACCESS_KEY) is missing"),
        ({"HW_USER_NAME": "me"}, "password (HW_USER_PASSWORD) is missing"),
    ],
    ids=str,
)
def test_half_a_login(bench: Bench, emulator: Control, variables: dict[str, str], words: str) -> None:
    bench.use(emulator, key=False)
    bench.set(**variables)
    found = bench.examine()
    assert errors(found) == {"login"}
    assert words in found["login"].found
    assert unchecked(found) == {"authentication", "project", "permissions"}
