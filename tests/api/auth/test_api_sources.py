"""Each way to log in against a small IAM of our own: what it is asked, and what comes of its answers."""

from __future__ import annotations

import httpx
import pytest
from fake_iam import (
    BASE,
    END,
    ENDS,
    NOT_TRUSTED,
    WRONG_PASSWORD,
    fetch,
    key,
    refused,
    service,
    token,
    v3_key,
    v5_key,
)

from modelarts_provider.api.auth.credentials import AccessKey, Token, access_key_in, moment
from modelarts_provider.api.auth.metadata import Metadata
from modelarts_provider.api.auth.sources import Agency, Fixed, Oidc, Password
from modelarts_provider.api.errors import AuthenticationFailed, Forbidden, MalformedAnswer, NoCredentials


@pytest.mark.parametrize(
    ("settings", "user", "scope"),
    [
        (
            {"user_name": "u", "domain_name": "d", "project_name": "cn-north-4"},
            {"name": "u", "password": "pw", "domain": {"name": "d"}},
            {"project": {"name": "cn-north-4"}},
        ),
        (
            {"user_name": "u", "domain_name": "d", "domain_id": "i", "project_id": "p"},
            {"name": "u", "password": "pw", "domain": {"id": "i"}},
            {"project": {"id": "p"}},
        ),
        ({"user_id": "u", "project_name": "r"}, {"id": "u", "password": "pw"}, {"project": {"name": "r"}}),
    ],
)
def test_password(settings, user, scope):
    iam = service(tokens=token("tok", "p"))
    assert fetch(Password(iam.client(), "pw", **settings)) == Token("tok", ENDS, "p")
    identity = {"methods": ["password"], "password": {"user": user}}
    assert iam.bodies == [{"auth": {"identity": identity, "scope": scope}}]
    assert iam.callers == [None]


def test_a_wrong_password_says_what_to_check():
    error = refused(Password(service(tokens=WRONG_PASSWORD).client(), "pw", "u", domain_name="d"), AuthenticationFailed)
    assert str(error) == "POST /v3/auth/tokens: 401: The username or password is wrong."
    assert "domain_name" in error.next_step
    assert "HUAWEI ID" in error.next_step


def test_a_user_without_an_account_is_not_sent():
    iam = service(tokens=token("tok"))
    assert "domain_name" in refused(Password(iam.client(), "pw", "u"), NoCredentials).next_step
    assert iam.asked == []


def test_a_token_answer_without_its_header_is_malformed():
    iam = service(tokens=httpx.Response(201, json={"token": {}}))
    refused(Password(iam.client(), "pw", "u", domain_name="d"), MalformedAnswer)


def test_oidc_reads_its_file_again_each_time(tmp_path):
    file = tmp_path / "id-token"
    iam = service(id_tokens=token("unscoped"), keys=v3_key("TEMP"))
    source = Oidc(iam.client(), "idp", id_token_file=str(file))
    assert source.renewable
    for text in ("first\n", "second"):
        file.write_text(text, encoding="utf-8")
        assert fetch(source) == key("TEMP")
    assert [body["auth"]["id_token"]["id"] for body in iam.bodies[::2]] == ["first", "second"]
    assert [request.headers["x-idp-id"] for request in iam.asked[::2]] == ["idp", "idp"]
    assert iam.bodies[1]["auth"]["identity"]["token"]["id"] == "unscoped"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "can't be read"), ("", "is empty"), (b"\xff\xfe", "can't be read")]
)
def test_oidc_without_a_usable_file(tmp_path, content, said):
    file = tmp_path / "id-token"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    error = refused(Oidc(service().client(), "idp", id_token_file=str(file)), NoCredentials)
    assert said in str(error)
    assert str(file) in str(error)
    hidden = refused(Oidc(service().client(), "idp", id_token_file=str(file), hides_path=True), NoCredentials)
    assert str(hidden) == str(error).replace(f"the id token file {file}", "the file of id_token_file")


def test_oidc_refused():
    iam = service(id_tokens=WRONG_PASSWORD)
    source = Oidc(iam.client(), "idp", id_token="given")
    assert not source.renewable
    assert "idp_id" in refused(source, AuthenticationFailed).next_step


def test_agency_by_the_account_s_name():
    iam = service(domains=httpx.Response(200, json={"domains": [{"id": "own"}]}), keys=v3_key("AGENCY"))
    source = Agency(BASE, iam.client(), iam.client(), "a", domain_name="other", duration=900)
    assert fetch(source) == key("AGENCY")
    role = {"agency_name": "a", "domain_name": "other", "duration_seconds": 900}
    assert iam.bodies == [None, {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}]
    assert iam.callers == ["BASE", "BASE"]
    assert iam.asked[1].headers["x-domain-id"] == "own"
    assert "x-domain-id" in iam.asked[1].headers["authorization"]
    assert source.origin == "agency 'a' assumed with access key"


def test_agency_where_the_own_account_is_known_or_can_not_be_asked_for():
    known = service(keys=v3_key("AGENCY"))
    fetch(Agency(BASE, known.client(), known.client(), "a", domain_name="other", base_domain_id="own"))
    assert known.asked[0].headers["x-domain-id"] == "own"
    assert known.bodies[0]["auth"]["identity"]["assume_role"]["duration_seconds"] == 12 * 3600
    shy = service(domains=NOT_TRUSTED, keys=v3_key("AGENCY"))
    assert fetch(Agency(BASE, shy.client(), shy.client(), "a", domain_name="other")) == key("AGENCY")
    assert "x-domain-id" not in shy.asked[1].headers


@pytest.mark.parametrize("duration", [None, 900])
def test_agency_by_the_account_s_id_is_a_trust_agency_of_sts(duration):
    iam, sts = service(), service(assume=v5_key("TRUST"))
    assert fetch(Agency(BASE, iam.client(), sts.client(), "a", domain_id="d1", duration=duration)) == key("TRUST")
    expected = {"agency_urn": "iam::d1:agency:a", "agency_session_name": "a"}
    assert sts.bodies == [expected | ({"duration_seconds": 900} if duration else {})]
    assert sts.callers == ["BASE"]
    assert iam.asked == []


def test_agency_with_a_token():
    given = Fixed(Token("tok"), "token")
    iam, sts = service(keys=v3_key("OFTOKEN")), service(assume=v5_key("TRUST"))
    assert fetch(Agency(given, iam.client(), sts.client(), "a", domain_name="d")) == key("OFTOKEN")
    assert iam.callers == ["tok"]
    assert fetch(Agency(given, iam.client(), sts.client(), "a", domain_id="d1")) == key("TRUST")
    assert iam.bodies[-1]["auth"]["identity"]["methods"] == ["token"]
    assert sts.callers == ["OFTOKEN"]
    assert sts.asked[0].headers["x-security-token"] == "OFTOKEN-st"


def test_a_chain_of_agencies():
    domains = [httpx.Response(200, json={"domains": [{"id": "second"}]})]
    iam = service(domains=domains, keys=[v3_key("FIRST"), v3_key("SECOND")])
    first = Agency(BASE, iam.client(), iam.client(), "one", domain_name="d1", base_domain_id="own")
    second = Agency(first, iam.client(), iam.client(), "two", domain_name="d2")
    assert fetch(second) == key("SECOND")
    assert iam.callers == ["BASE", "FIRST", "FIRST"]
    assert "one" in second.origin
    assert "two" in second.origin


def test_agency_refused_or_without_an_account():
    iam = service(domains=NOT_TRUSTED, keys=NOT_TRUSTED, assume=NOT_TRUSTED)
    for account in ({"domain_name": "d"}, {"domain_id": "d"}):
        error = refused(Agency(BASE, iam.client(), iam.client(), "a", **account), Forbidden)
        assert f"agency_name and {next(iter(account))} of assume_role" in error.next_step
    assert "domain_name" in refused(Agency(BASE, iam.client(), iam.client(), "a"), NoCredentials).next_step


def test_an_answer_without_a_key_is_malformed():
    iam = service(keys=httpx.Response(201, json={"credential": {"access": "x"}}))
    source = Agency(BASE, iam.client(), iam.client(), "a", domain_name="d", base_domain_id="own")
    refused(source, MalformedAnswer)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (END, ENDS),
        ("2126-11-24T01:02:03Z", ENDS),
        ("2126-11-24T01:02:03", ENDS),
        ("tomorrow", None),
        (None, None),
        (7, None),
    ],
)
def test_moments(text, found):
    assert moment(text) == found


@pytest.mark.parametrize(
    "answer", [None, [], {}, {"credential": None}, {"credential": {"access": 1, "secret": 2, "securitytoken": 3}}]
)
def test_no_key_in_an_answer(answer):
    assert access_key_in(answer) is None


def test_no_source_shows_its_secrets():
    iam = service().client()
    sources = [
        Fixed(AccessKey("AKID", "hidden-1", "hidden-2"), "x"),
        Fixed(Token("hidden-3"), "x"),
        Password(iam, "hidden-4", "u"),
        Oidc(iam, "i", id_token="hidden-5"),
    ]
    shown = repr(sources)
    assert "AKID" in shown or "Fixed" in shown
    assert "hidden" not in shown


def test_no_login_leaves_a_secret_in_the_log():
    """Every secret that goes over the wire, either way, and none of them in the log or in an error's text."""
    given = ["hidden-password", "hidden-id-token", "hidden-sk", "hidden-given-token"]
    fetched = ["TEMP-secret", "TEMP-st", "hidden-subject-token", "hidden-session"]
    session = httpx.Response(200, text="hidden-session")
    world = service(
        tokens=token("hidden-subject-token"),
        id_tokens=token("hidden-subject-token"),
        keys=v3_key("TEMP"),
        assume=v5_key("TEMP"),
        md_token=session,
        md_key=v3_key("TEMP"),
        domains=NOT_TRUSTED,
    )
    client = world.client()
    signed = Fixed(AccessKey("AK", "hidden-sk"), "access key")
    with_token = Fixed(Token("hidden-given-token"), "token")
    sources = [
        Password(client, "hidden-password", "u", domain_name="d"),
        Oidc(client, "i", id_token="hidden-id-token"),
        Metadata(client),
        Agency(signed, client, client, "a", domain_name="d"),
        Agency(with_token, client, client, "a", domain_id="d"),
    ]
    for source in sources:
        fetch(source)
    sent = " ".join(f"{request.content!r} {request.headers!r}" for request in world.asked)
    sent += " ".join(str(request.headers.multi_items()) for request in world.asked)
    assert [value for value in given if value not in sent] == ["hidden-sk"]  # the one that only signs
    shown = " ".join(world.log)
    assert len(world.log) == len(world.asked)
    assert [value for value in (*given, *fetched) if value in shown] == []
