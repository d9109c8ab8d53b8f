from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from modelarts_provider.api import signing
from modelarts_provider.api.auth import AkSkAuth, TokenAuth
from modelarts_provider.api.credentials import AccessKey

# The vector that the API Request Signing Guide publishes.
SECRET = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
PATH = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs"
QUERY = [("limit", "2"), ("marker", "13551d6b-755d-4757-b956-536f674975c0")]
HEADERS = {
    "content-type": "application/json",
    "host": "service.region.example.com",
    "x-sdk-date": "20191115T033655Z",
}
SIGNATURE = "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"


def test_published_vector():
    canonical = signing.canonical_request("GET", PATH, QUERY, HEADERS, b"")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert digest.startswith("b25362e6")
    assert digest.endswith("bcd7a")
    text = signing.string_to_sign(canonical, "20191115T033655Z")
    assert signing.signature(text, SECRET) == SIGNATURE


def test_a_wrong_secret_or_one_more_header_changes_the_signature():
    signed = {
        signing.authorization("GET", PATH, QUERY, headers, b"", access_key="A", secret_key=secret)
        for headers in (HEADERS, {**HEADERS, "x-project-id": "p"})
        for secret in (SECRET, SECRET + "x")
    }
    assert len(signed) == 4


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
header_values = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=["Cs", "Cc"]), max_size=20
)
header_names = st.sampled_from(
    ["X-Project-Id", "X-Domain-Id", "X-Security-Token", "User-Agent", "X-Language", "Accept"]
)


requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
        "segments": st.lists(texts, max_size=5),
        "slash": st.sampled_from(["", "/"]),
        "query": st.lists(st.tuples(st.one_of(texts, st.sampled_from(["a", "b"])), texts), max_size=6),
        "headers": st.dictionaries(header_names, header_values),
        "body": st.binary(max_size=64),
        "seconds": st.integers(min_value=0, max_value=2**32),
        "secret": st.text(st.characters(codec="ascii"), min_size=1, max_size=40),
    }
)


@settings(max_examples=1200)
@given(requests)
def test_equal_to_the_official_signer(sdk_signer, given_):
    path = "/" + "/".join(signing.encode(segment) for segment in given_["segments"]) + given_["slash"]
    date = signing.timestamp(datetime.fromtimestamp(given_["seconds"], UTC))
    headers = {"Content-Type": "application/json", "Host": "a.test:81", "X-Sdk-Date": date, **given_["headers"]}
    query, body, secret = given_["query"], given_["body"], given_["secret"]
    request = SimpleNamespace(
        method=given_["method"],
        resource_path=path,
        query_params=list(query),
        header_params=dict(headers),
        body=body,
        host="a.test:81",
        uri="",
    )
    sdk_signer(SimpleNamespace(ak="AK", sk=secret)).sign(request)
    mine = signing.authorization(given_["method"], path, query, headers, body, access_key="AK", secret_key=secret)
    assert mine == request.header_params["Authorization"]
    assert signing.parse_query(signing.canonical_query(query)) == sorted(query)


@settings(max_examples=300)
@given(
    query=st.lists(st.tuples(texts, texts), max_size=5),
    body=st.binary(max_size=32),
    token=st.none() | st.just("temporary"),
)
def test_a_request_of_httpx_is_signed_as_the_official_signer_would(sdk_signer, query, body, token):
    now = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    sent = sign_with_httpx(
        AkSkAuth("AK", "SK", security_token=token, project_id="p" * 32, now=lambda: now), query, body
    )
    names = signed_names(sent)
    assert names == sorted(
        {"host", "x-sdk-date", "content-type", "x-project-id"} | ({"x-security-token"} if token else set())
    )
    request = SimpleNamespace(
        method="POST",
        resource_path="/v1/a b",
        query_params=list(query),
        header_params={name: sent.headers[name] for name in names},
        body=body,
        host="x",
        uri="",
    )
    sdk_signer(SimpleNamespace(ak="AK", sk="SK")).sign(request)
    assert sent.headers["Authorization"] == request.header_params["Authorization"]
    assert signing.parse_query(sent.url.query.decode()) == sorted(query)


def sign_with_httpx(auth: httpx.Auth, query: list[tuple[str, str]], body: bytes) -> httpx.Request:
    seen: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    async def run() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(serve), auth=auth, trust_env=False) as client:
            await client.post(
                "http://a.test:81/v1/a b", params=query, content=body, headers={"Content-Type": "application/json"}
            )

    asyncio.run(run())
    return seen[0]


def signed_names(request: httpx.Request) -> list[str]:
    value = request.headers["Authorization"]
    return value.partition("SignedHeaders=")[2].partition(",")[0].split(";")


def test_a_token_is_sent_and_nothing_is_signed():
    sent = sign_with_httpx(TokenAuth("tok"), [], b"")
    assert sent.headers["X-Auth-Token"] == "tok"
    assert "Authorization" not in sent.headers


def test_credentials_do_not_show_in_a_repr():
    shown: Any = repr(AccessKey("AKID", "the-secret", "the-token"))
    assert "AKID" in shown
    assert "the-secret" not in shown
    assert "the-token" not in shown
