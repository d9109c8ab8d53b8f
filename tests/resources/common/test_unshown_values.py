"""Which values no error shows: those of the provider block's arguments, and secrets wherever they come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelarts_provider.api.errors import NoCredentials
from modelarts_provider.login_settings import read_files, unshown_values
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.settings import Settings, resolve


def resolved(config: dict[str, Any], environment: dict[str, str] | None = None) -> Settings:
    return resolve(dict.fromkeys(SCHEMA.attributes) | config, environment or {})


@pytest.mark.parametrize(
    ("config", "hidden"),
    [
        ({"user_name": "u", "password": "p", "domain_name": "d"}, {"u", "p", "d"}),
        ({"user_id": "u", "domain_id": "d", "project_id": "i", "project_name": "n"}, {"u", "d", "i", "n"}),
        ({"access_key": "a", "secret_key": "s", "security_token": "t"}, {"a", "s", "t"}),
        ({"token": "t"}, {"t"}),
        (
            {"assume_role": [{"agency_name": "a", "domain_name": "n", "domain_id": "i", "duration": 900}]},
            {"a", "n", "i"},
        ),
        (
            {"assume_role_with_oidc": {"idp_id": "i", "id_token": "t", "agency_name": "a", "domain_name": "n"}},
            {"i", "t", "a", "n"},
        ),
        ({"endpoints": {"iam": "https://h:8/p/"}, "auth_url": "https://h", "cloud": "c"}, set()),
        ({"region": "cn-north-4"}, set()),
    ],
)
def test_values_of_the_provider_block(config: dict[str, Any], hidden: set[str]) -> None:
    assert set(unshown_values(resolved(config))) == hidden


def test_of_the_environment_only_secrets() -> None:
    shown = {
        "HW_USER_NAME": "u",
        "HW_DOMAIN_NAME": "d",
        "HW_PROJECT_NAME": "n",
        "HW_CLOUD": "c",
        "HW_ENDPOINT_IAM": "https://h",
        "HW_ASSUME_ROLE_AGENCY_NAME": "a",
        "HW_ASSUME_ROLE_IDP_ID": "i",
    }
    secret = {
        "HW_ACCESS_KEY": "ak",
        "HW_SECRET_KEY": "sk",
        "HW_SECURITY_TOKEN": "st",
        "HW_AUTH_TOKEN": "t",
        "HW_USER_PASSWORD": "p",
        "HW_ASSUME_ROLE_ID_TOKEN": "id",
    }
    assert set(unshown_values(resolved({}, shown | secret))) == set(secret.values())


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"profiles": [{"name": "p", "region": "A/b"}]})])
def test_a_file_is_named_by_its_path_unless_the_provider_block_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    path = str(tmp_path / "config.json")
    with pytest.raises(NoCredentials) as by_block:
        read_files(resolved({"shared_config_file": path, "profile": "p"}))
    with pytest.raises(NoCredentials) as by_environment:
        read_files(resolved({}, {"HW_SHARED_CONFIG_FILE": path, "HW_PROFILE": "p"}))
    assert path in str(by_environment.value)
    assert path not in str(by_block.value)
    assert "'p'" not in str(by_block.value)
    assert "shared_config_file" in str(by_block.value)
    assert by_block.value.next_step == by_environment.value.next_step
