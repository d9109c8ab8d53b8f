from __future__ import annotations

from typing import Any

import httpx
import pytest

from modelarts_provider.api.auth.credential_files import FileLogin
from modelarts_provider.api.auth.credentials import AccessKey, Token
from modelarts_provider.api.auth.login import LoginSettings, OidcRole, Role, Services, login
from modelarts_provider.api.auth.metadata import Metadata
from modelarts_provider.api.auth.sources import Agency, Fixed, Oidc, Password
from modelarts_provider.api.endpoints import endpoint
from modelarts_provider.api.errors import ConnectionFailed, NoCredentials
from modelarts_provider.api.http.client import Client
from modelarts_provider.api.http.tls import verify
from modelarts_provider.framework.cancellation import Cancel


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"login() called {request.url}")


def services() -> Services:
    client = Client(
        "http://service.test", "", None, cancel=Cancel(), transport=httpx.MockTransport(never), base_path=""
    )
    return Services(client, client, client)


KEY = {"access_key": "AK", "secret_key": "SK"}
PASSWORD = {"user_name": "u", "password": "pw", "domain_name": "d", "region": "cn-north-4"}
OIDC = {"assume_role_with_oidc": OidcRole("idp", id_token="t")}
SHARED = FileLogin("shared", key=AccessKey("SHARED", "s"))
SDK = FileLogin("sdk", key=AccessKey("SDK", "s"))
EVERYTHING: dict[str, Any] = {"token": "tok"} | KEY | PASSWORD | OIDC


@pytest.mark.parametrize(
    ("without", "shared", "sdk", "kind", "origin"),
    [
        ((), SHARED, SDK, Fixed, "token"),
        (("token",), SHARED, SDK, Fixed, "access key"),
        (("token", *KEY), SHARED, SDK, Password, "user name and password"),
        (("token", *KEY, *PASSWORD), SHARED, SDK, Oidc, "OIDC id token"),
        (("token", *KEY, *PASSWORD, *OIDC), SHARED, SDK, Fixed, "shared"),
        (("token", *KEY, *PASSWORD, *OIDC), None, SDK, Fixed, "sdk"),
        (("token", *KEY, *PASSWORD, *OIDC), None, None, Metadata, "ECS metadata service"),
    ],
)
def test_the_order_of_the_ways_to_log_in(without, shared, sdk, kind, origin):
    settings = LoginSettings(**{key: value for key, value in EVERYTHING.items() if key not in without})
    source = login(settings, services(), shared, sdk)
    assert (type(source), source.origin) == (kind, origin)


def test_what_was_given_is_used():
    assert login(LoginSettings(token="t"), services()).given == Token("t")
    temporary = login(LoginSettings(**KEY, security_token="st"), services())
    assert (temporary.given, temporary.origin) == (AccessKey("AK", "SK", "st"), "temporary access key")
    password = login(LoginSettings(**PASSWORD), services())
    assert (password.user_name, password.domain_name, password.project_name) == ("u", "d", "cn-north-4")
    password = login(LoginSettings(**PASSWORD, project_name="cn-north-4_team", project_id="p"), services())
    assert (password.project_name, password.project_id) == ("cn-north-4_team", "p")


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"access_key": "AK"}, "secret_key (HW_SECRET_KEY)"),
        ({"secret_key": "hidden"}, "access_key (HW_ACCESS_KEY)"),
        ({"user_name": "u"}, "password (HW_USER_PASSWORD)"),
        ({"user_id": "u"}, "password (HW_USER_PASSWORD)"),
        ({"password": "hidden"}, "user_name (HW_USER_NAME)"),
    ],
)
def test_half_of_a_pair(settings, missing):
    with pytest.raises(NoCredentials) as raised:
        login(LoginSettings(**settings), services(), SHARED)
    assert missing in str(raised.value)
    assert missing in raised.value.next_step
    assert "hidden" not in str(raised.value)


def test_agencies_are_assumed_in_order_and_only_the_first_by_the_user_s_account():
    roles = (Role("one", domain_name="d1", duration=900), Role("two", domain_id="d2"))
    second = login(LoginSettings(**KEY, domain_id="own", assume_role=roles), services())
    assert (second.agency_name, second.domain_id, second.base_domain_id) == ("two", "d2", None)
    first = second.base
    assert isinstance(first, Agency)
    assert (first.agency_name, first.domain_name, first.duration, first.base_domain_id) == ("one", "d1", 900, "own")
    assert isinstance(first.base, Fixed)


def test_the_agency_of_an_oidc_login_comes_before_the_others():
    oidc = OidcRole("idp", id_token_file="/f", role=Role("of-oidc", domain_id="d"))
    source = login(LoginSettings(assume_role_with_oidc=oidc, assume_role=(Role("then", domain_name="n"),)), services())
    assert (source.agency_name, source.base.agency_name, type(source.base.base)) == ("then", "of-oidc", Oidc)


AGENCY_FILE: dict[str, Any] = {"key": AccessKey("AK", "s"), "agency_name": "a", "domain_id": "own"}


@pytest.mark.parametrize(
    ("file", "roles", "expected"),
    [
        (AGENCY_FILE | {"agency_domain_name": "n", "agency_domain_id": "i"}, (), ("a", "n", None, "own")),
        (AGENCY_FILE | {"agency_domain_id": "i"}, (), ("a", None, "i", "own")),
        (AGENCY_FILE | {"agency_domain_name": "n"}, (Role("mine", "m"),), ("mine", "m", None, "own")),
        (AGENCY_FILE, (), None),
    ],
)
def test_the_agency_of_a_profile_counts_where_no_other_is_set(file, roles, expected):
    source = login(LoginSettings(assume_role=roles), services(), FileLogin("f", **file))
    if expected is None:
        assert isinstance(source, Fixed)
        return
    assert (source.agency_name, source.domain_name, source.domain_id, source.base_domain_id) == expected
    assert isinstance(source.base, Fixed)


def test_files_can_point_elsewhere():
    source = login(LoginSettings(), services(), FileLogin("f", uses_metadata=True))
    assert isinstance(source, Metadata)
    assert "f" in source.origin
    source = login(LoginSettings(), services(), None, FileLogin("f", idp_id="i", id_token_file="/t"))
    assert (type(source), source.id_token_file, source.origin) == (Oidc, "/t", "f")


@pytest.mark.parametrize(
    ("service", "region", "settings", "expected"),
    [
        ("modelarts", "cn-north-4", {}, "https://modelarts.cn-north-4.myhuaweicloud.com"),
        ("iam", "cn-north-4", {}, "https://iam.cn-north-4.myhuaweicloud.com"),
        ("modelarts", "eu-west-101", {}, "https://modelarts.eu-west-101.myhuaweicloud.eu"),
        ("modelarts", "eu-west-0", {}, "https://modelarts.eu-west-0.myhuaweicloud.com"),
        ("modelarts", "eu-west-101", {"cloud": "my.cloud"}, "https://modelarts.eu-west-101.my.cloud"),
        ("modelarts", "r", {"overrides": {"modelarts": "http://127.0.0.1:8080/"}}, "http://127.0.0.1:8080"),
        ("iam", "r", {"overrides": {"modelarts": "http://m"}}, "https://iam.r.myhuaweicloud.com"),
        ("iam", "r", {"auth_url": "https://iam.example.com/v3"}, "https://iam.example.com"),
        ("iam", "r", {"auth_url": "https://iam.example.com:443/v3/"}, "https://iam.example.com:443"),
        ("iam", "r", {"auth_url": "https://a/v3", "overrides": {"iam": "https://b"}}, "https://b"),
        ("sts", "r", {"auth_url": "https://a/v3"}, "https://sts.r.myhuaweicloud.com"),
    ],
)
def test_endpoints(service, region, settings, expected):
    assert endpoint(service, region, **settings) == expected


def test_trust(tmp_path):
    assert verify() is True
    assert verify(insecure=True) is False
    for wrong in (str(tmp_path / "none.pem"), "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----"):
        with pytest.raises(ConnectionFailed) as raised:
            verify(cacert_file=wrong)
        assert raised.value.reason == "tls"
        assert "cacert_file" in str(raised.value)
