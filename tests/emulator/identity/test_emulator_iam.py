"""Tokens, temporary keys, projects and accounts: what they are good for, and when they stop being so."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_api import PROJECT, Answer, Api

PASSWORD: dict[str, Any] = {
    "methods": ["password"],
    "password": {"user": {"name": "emulator", "password": "emulator", "domain": {"name": "emulator"}}},
}
STRANGERS_PROJECT = "9123456789abcdef0123456789abcdef"
HOURS = 3_600_000


def _token(api: Api, scope: Any = None, identity: Any = None) -> Answer:
    auth: dict[str, Any] = {"identity": identity or PASSWORD}
    if scope is not None:
        auth["scope"] = scope
    return api.raw_json("POST", "/v3/auth/tokens", {"auth": auth})


def _list(api: Api, token: str, project: str = PROJECT) -> Answer:
    return api.raw("GET", f"/v1/{project}/notebooks", "", {"x-auth-token": token})


def _assume(name: str, **more: Any) -> dict[str, Any]:
    return {"auth": {"identity": {"methods": ["assume_role"], "assume_role": {"agency_name": name, **more}}}}


def test_a_token_by_password(api: Api) -> None:
    answer = _token(api, {"project": {"name": "cn-north-4"}})
    assert answer.status == 201
    token = answer.body["token"]
    assert token["project"]["id"] == PROJECT
    assert token["user"]["domain"]["name"] == "emulator"
    assert token["expires_at"] > token["issued_at"]
    assert token["issued_at"].endswith("Z")
    text = answer.headers["x-subject-token"]
    assert _list(api, text).status == 200
    api.wall += 24 * HOURS - 1
    assert _list(api, text).status == 200
    api.wall += 1
    late = _list(api, text)
    assert (late.status, late.body["error_code"]) == (401, "APIGW.0307")


@pytest.mark.parametrize("scope", [{"project": {"id": PROJECT}}, {"project": {"name": "cn-north-4"}}])
def test_a_token_is_good_for_its_project_only(api: Api, scope: Any) -> None:
    text = _token(api, scope).headers["x-subject-token"]
    other = _list(api, text, "1123456789abcdef0123456789abcdef")
    assert (other.status, other.body["error_code"]) == (403, "ModelArts.0210")


@pytest.mark.parametrize("scope", [None, {"domain": {"name": "emulator"}}])
def test_an_accounts_token_is_good_for_iam_only(api: Api, scope: Any) -> None:
    answer = _token(api, scope)
    assert answer.body["token"]["domain"]["name"] == "emulator"
    text = answer.headers["x-subject-token"]
    refused = _list(api, text)
    assert (refused.status, refused.body["error_code"]) == (401, "ModelArts.0212")
    projects = api.raw("GET", "/v3/projects", "name=cn-north-4", {"x-auth-token": text})
    assert [project["id"] for project in projects.body["projects"]] == [PROJECT]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "nobody"}, 401),
        ({"password": "wrong"}, 401),
        ({"domain": {"name": "elsewhere"}}, 401),
        ({"name": None}, 400),
        ({"name": 1}, 400),
        ({"domain": "emulator"}, 400),
    ],
)
def test_wrong_passwords(api: Api, change: dict[str, Any], status: int) -> None:
    user = {**PASSWORD["password"]["user"], **change}
    answer = _token(api, None, {"methods": ["password"], "password": {"user": user}})
    assert answer.status == status
    assert answer.body["error"]["code"] == status
    assert answer.body["error"]["title"] in {"Unauthorized", "Bad Request"}


def test_wrong_scopes_and_methods(api: Api) -> None:
    assert _token(api, {"project": {"name": "cn-north-99"}}).status == 401
    assert _token(api, {"project": {"id": STRANGERS_PROJECT}}).status == 401
    assert _token(api, None, {"methods": ["magic"]}).status == 400
    assert api.raw("POST", "/v3/auth/tokens", "", {}, b"{").status == 400
    assert api.raw("POST", "/v3/auth/tokens", "", {}, b'{"auth": []}').status == 400
    assert api.raw("GET", "/v3/unknown").body["error"]["code"] == 404


def test_passwords_and_tokens_are_not_in_the_log(api: Api) -> None:
    _token(api)
    entry = api.log()[-1]
    assert (entry["service"], entry["operation"]) == ("iam", "KeystoneCreateUserTokenByPassword")
    assert entry["body"]["auth"]["identity"]["password"]["user"]["password"] == "***"


def test_projects_and_domains_of_a_signed_call(api: Api) -> None:
    found = api.call("GET", "/v3/projects", query={"name": "cn-north-4"}).body["projects"]
    assert [(project["id"], project["enabled"]) for project in found] == [(PROJECT, True)]
    assert len(api.call("GET", "/v3/projects").body["projects"]) == 3
    assert api.call("GET", "/v3/projects", query={"name": "nowhere"}).body["projects"] == []
    assert [domain["name"] for domain in api.call("GET", "/v3/auth/domains").body["domains"]] == ["emulator"]
    assert api.call("GET", "/v5/caller-identity").body["principal_urn"].endswith(":user:emulator")
    assert api.raw("GET", "/v3/projects").body["error_code"] == "APIGW.0301"


def _use(api: Api, credential: dict[str, str], project: str, token: str | None = None) -> Answer:
    api.access_key, api.secret_key = credential["access"], credential["secret"]
    headers = {"x-security-token": credential["securitytoken"] if token is None else token}
    return api.call("GET", "/notebooks", project=project, headers=headers)


def test_an_agency_acts_in_its_own_account(api: Api) -> None:
    body = _assume("elsewhere_agency", domain_name="elsewhere", duration_seconds=900)
    answer = api.call("POST", "/v3.0/OS-CREDENTIAL/securitytokens", body)
    assert answer.status == 201
    credential = answer.body["credential"]
    assert _use(api, credential, STRANGERS_PROJECT).status == 200
    assert _use(api, credential, PROJECT).code == "0210"
    assert _use(api, credential, STRANGERS_PROJECT, "wrong").body["error_code"] == "APIGW.0301"
    made = api.call(
        "POST",
        "/notebooks",
        {
            "name": "n",
            "flavor": "modelarts.vm.cpu.2u",
            "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
            "volume": {"category": "EVS", "ownership": "MANAGED"},
        },
        project=STRANGERS_PROJECT,
        headers={"x-security-token": credential["securitytoken"]},
    )
    assert made.body["user"]["domain"]["name"] == "elsewhere"
    api.wall += 900_000
    late = _use(api, credential, STRANGERS_PROJECT)
    assert (late.status, late.body["error_code"]) == (401, "APIGW.0307")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (_assume("no_agency", domain_name="elsewhere"), 404),
        (_assume("elsewhere_agency", domain_name="nowhere"), 404),
        (_assume("emulator_agency", domain_name="emulator"), 403),  # it trusts the other account
        (_assume("elsewhere_agency"), 400),
        (_assume("elsewhere_agency", domain_name="elsewhere", duration_seconds=899), 400),
        (_assume("elsewhere_agency", domain_name="elsewhere", duration_seconds="900"), 400),
        ({"auth": {"identity": {"methods": ["token"], "token": {"id": "none"}}}}, 401),
        ({}, 400),
    ],
)
def test_wrong_agencies(api: Api, body: Any, status: int) -> None:
    answer = api.call("POST", "/v3.0/OS-CREDENTIAL/securitytokens", body)
    assert (answer.status, answer.body["error"]["code"]) == (status, status)


def test_an_agencys_token(api: Api) -> None:
    body = _assume("elsewhere_agency", domain_id="d0000000000000000000000000000002")
    body["auth"]["scope"] = {"project": {"name": "cn-north-4"}}
    answer = api.call("POST", "/v3/auth/tokens", body)
    assert answer.body["token"]["project"]["id"] == STRANGERS_PROJECT
    assert _list(api, answer.headers["x-subject-token"], STRANGERS_PROJECT).status == 200


def test_keys_for_a_token_and_tokens_for_an_id_token(api: Api) -> None:
    body: dict[str, Any] = {"auth": {"id_token": {"id": "emulator-id-token"}}}
    made = api.raw_json("POST", "/v3.0/OS-AUTH/id-token/tokens", body, {"x-idp-id": "emulator-idp"})
    assert made.status == 201
    token = made.headers["x-subject-token"]
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": token, "duration_seconds": 21600}}}}
    credential = api.raw_json("POST", "/v3.0/OS-CREDENTIAL/securitytokens", body).body["credential"]
    assert _use(api, credential, PROJECT).status == 200
    wrong = api.raw_json("POST", "/v3.0/OS-AUTH/id-token/tokens", body, {"x-idp-id": "another"})
    assert wrong.status == 404
    other = {"auth": {"id_token": {"id": "forged"}}}
    assert api.raw_json("POST", "/v3.0/OS-AUTH/id-token/tokens", other, {"x-idp-id": "emulator-idp"}).status == 401


def test_sts(api: Api) -> None:
    urn = "iam::d0000000000000000000000000000002:agency:elsewhere_agency"
    answer = api.call("POST", "/v5/agencies/assume", {"agency_urn": urn, "agency_session_name": "s"})
    keys = answer.body["credentials"]
    found = {
        "access": keys["access_key_id"],
        "secret": keys["secret_access_key"],
        "securitytoken": keys["security_token"],
    }
    oidc = {"agency_urn": urn, "id_token": "emulator-id-token", "duration_seconds": 3600, "provider_urn": "p"}
    assert api.raw_json("POST", "/v5/agencies/assume-with-oidc", oidc).body["credentials"]["expiration"].endswith("Z")
    assert api.raw_json("POST", "/v5/agencies/assume-with-oidc", {**oidc, "id_token": "forged"}).status == 401
    assert api.raw_json("POST", "/v5/agencies/assume-with-oidc", {**oidc, "agency_urn": "x"}).status == 404
    assert _use(api, found, STRANGERS_PROJECT).status == 200


def test_the_metadata_service(api: Api) -> None:
    ttl = {"x-metadata-token-ttl-seconds": "60"}
    token = api.raw("PUT", "/meta-data/latest/api/token", "", ttl)
    assert (token.status, token.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    key_path = "/openstack/latest/securitykey"
    answer = api.raw("GET", key_path, "", {"x-metadata-token": token.raw.decode()})
    assert _use(api, answer.body["credential"], PROJECT).status == 200
    assert api.raw("GET", key_path).status == 200  # the older form knows no token
    assert api.raw("GET", key_path, "", {"x-metadata-token": "wrong"}).status == 401
    api.wall += 60_000
    assert api.raw("GET", key_path, "", {"x-metadata-token": token.raw.decode()}).status == 401
    for wrong in ("", "0", "x", "21601"):
        assert api.raw("PUT", "/meta-data/latest/api/token", "", {"x-metadata-token-ttl-seconds": wrong}).status == 400
    assert {entry["service"] for entry in api.log()} == {"metadata", "modelarts"}


def test_a_token_can_be_looked_at(api: Api) -> None:
    text = _token(api).headers["x-subject-token"]
    shown = api.raw("GET", "/v3/auth/tokens", "", {"x-auth-token": text, "x-subject-token": text})
    assert shown.body["token"]["methods"] == ["password"]
    assert api.raw("GET", "/v3/auth/tokens", "", {"x-auth-token": text, "x-subject-token": "x"}).status == 404
