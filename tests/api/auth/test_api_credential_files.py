from __future__ import annotations

import json
from typing import Any

import pytest

from modelarts_provider.api.auth.credential_files import FileLogin, read_sdk_credentials, read_shared_config
from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.errors import EncryptedProfile, NoCredentials

PLAIN = {"name": "default", "mode": "AKSK", "accessKeyId": "AK", "secretAccessKey": "hidden-sk", "region": "cn-north-4"}


@pytest.fixture
def config(tmp_path):
    def write(value: Any) -> str:
        file = tmp_path / "config.json"
        file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        return str(file)

    return write


def profile(**facts: Any) -> FileLogin:
    return FileLogin(**facts)


SHARED: list[tuple[dict[str, Any], str | None, dict[str, Any]]] = [
    (
        {"current": "default", "profiles": [PLAIN]},
        None,
        {"key": AccessKey("AK", "hidden-sk"), "region": "cn-north-4"},
    ),
    (
        {
            "current": "other",
            "authEncrypt": "false",
            "profiles": [PLAIN, PLAIN | {"name": "other", "accessKeyId": "AK2"}],
        },
        None,
        {"key": AccessKey("AK2", "hidden-sk"), "region": "cn-north-4"},
    ),
    (
        {"current": "other", "profiles": [PLAIN, {"name": "other"}]},
        "default",
        {"key": AccessKey("AK", "hidden-sk"), "region": "cn-north-4"},
    ),
    (
        {"profiles": [PLAIN | {"region": "", "projectId": "p", "domainId": "d"}]},
        None,
        {"project_id": "p", "domain_id": "d"},
    ),
    ({"profiles": [PLAIN | {"securityToken": "st"}]}, None, {"key": AccessKey("AK", "hidden-sk", "st")}),
    (
        {
            "profiles": [
                PLAIN | {"mode": "AssumeRole", "agencyName": "a", "agencyDomainName": "n", "agencyDomainId": "i"}
            ]
        },
        None,
        {"agency_name": "a", "agency_domain_name": "n", "agency_domain_id": "i"},
    ),
    (
        {
            "profiles": [
                {
                    "name": "default",
                    "mode": "SSO",
                    "ssoAuth": {"stsToken": {"accessKeyId": "T", "secretAccessKey": "s", "securityToken": "st"}},
                }
            ]
        },
        None,
        {"key": AccessKey("T", "s", "st")},
    ),
    (
        {"authEncrypt": "true", "profiles": [{"name": "default", "mode": "ecsAgency", "region": "r"}]},
        None,
        {"uses_metadata": True, "key": None, "region": "r"},
    ),
]


@pytest.mark.parametrize(("content", "name", "facts"), SHARED)
def test_shared_config(config, content, name, facts):
    found = read_shared_config(config(content), name)
    assert {key: getattr(found, key) for key in facts} == facts
    assert "config.json, profile '" in found.origin
    assert "hidden" not in repr(found)


@pytest.mark.parametrize("flag", ["true", "True", True])
def test_an_encrypted_profile_is_an_error_of_its_own(config, flag):
    with pytest.raises(EncryptedProfile) as raised:
        read_shared_config(config({"current": "default", "authEncrypt": flag, "profiles": [PLAIN]}))
    assert "'default'" in str(raised.value)
    assert "cli-auth-encrypt=false" in raised.value.next_step


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ({"profiles": [PLAIN]}, "dev", "no profile 'dev' (it has: default)"),
        ({}, None, "no profile 'default' (it has: none)"),
        ({"profiles": [PLAIN | {"secretAccessKey": ""}]}, None, "holds no access key"),
        ({"profiles": [{"name": "default", "mode": "SSO"}]}, None, "mode SSO"),
        ("{'profiles'", None, "is not JSON"),
        ("[]", None, "holds no JSON object"),
    ],
)
def test_shared_config_that_can_not_be_used(config, content, name, said):
    with pytest.raises(NoCredentials) as raised:
        read_shared_config(config(content), name)
    assert said in str(raised.value)
    assert raised.value.next_step
    assert not isinstance(raised.value, EncryptedProfile)


def test_missing_and_unreadable_files(tmp_path):
    for read in (read_shared_config, read_sdk_credentials):
        with pytest.raises(NoCredentials, match="does not exist"):
            read(str(tmp_path / "none"))
        with pytest.raises(NoCredentials, match="can't be read"):
            read(str(tmp_path))


def test_the_home_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".hcloud").mkdir()
    (tmp_path / ".hcloud" / "config.json").write_text(json.dumps({"profiles": [PLAIN]}), encoding="utf-8")
    assert read_shared_config("~/.hcloud/config.json").key == AccessKey("AK", "hidden-sk")


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        ("[basic]\nak = AK\nsk = s%k\n", {"key": AccessKey("AK", "s%k"), "project_id": None}),
        (
            "[global]\nak=x\n[basic]\nak=AK\nsk=sk\nsecurity_token=st\nproject_id=p\niam_endpoint=http://i\n",
            {"key": AccessKey("AK", "sk", "st"), "project_id": "p", "iam_endpoint": "http://i"},
        ),
        ("[basic]\nidp_id=i\nid_token_file=/f\n", {"key": None, "idp_id": "i", "id_token_file": "/f"}),
    ],
)
def test_sdk_credentials(tmp_path, content, facts):
    file = tmp_path / "credentials"
    file.write_text(content, encoding="utf-8")
    found = read_sdk_credentials(str(file))
    assert {key: getattr(found, key) for key in facts} == facts


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[global]\nak=a\nsk=hidden\n", "no section [basic]"),
        ("[basic]\nak=a\n", "neither ak and sk"),
        ("hidden-secret without a section\n", "not an INI file"),
        ("[basic]\nsk=hidden\nsk=hidden\n", "not an INI file"),
    ],
)
def test_sdk_credentials_that_can_not_be_used(tmp_path, content, said):
    file = tmp_path / "credentials"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(NoCredentials) as raised:
        read_sdk_credentials(str(file))
    assert said in str(raised.value)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000], ids=["empty", "a list", "cut", "deep"])
def test_a_shared_config_of_another_kind_names_its_setting(config, content):
    with pytest.raises(NoCredentials) as raised:
        read_shared_config(config(content))
    assert raised.value.next_step.startswith("Set shared_config_file (HW_SHARED_CONFIG_FILE) to KooCLI's config.json")


def test_no_profile_at_all_offers_none(config):
    with pytest.raises(NoCredentials) as raised:
        read_shared_config(config({"profiles": []}))
    assert raised.value.next_step == "Check shared_config_file (HW_SHARED_CONFIG_FILE)."
