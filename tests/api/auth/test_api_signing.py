from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any

import httpx
from given_login import logged_in, with_key
from hypothesis import given, settings
from hypothesis import strategies as st

from modelarts_provider.api.auth import signing
from modelarts_provider.api.auth.credentials import AccessKey, Token
from modelarts_provider.api.http import url_encoding

Query = list[tuple[str, str]]

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
    assert digest == "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"
    text = signing.string_to_sign(canonical, "20191115T033655Z")
    assert signing.signature(text, SECRET) == SIGNATURE


def test_published_vector_as_the_official_signer_signs_it(sdk_signer):
    """Whoever judges the random requests below agrees with the published one."""
    assert signed_by_the_official(sdk_signer, "GET", PATH, QUERY, HEADERS, b"", SECRET) == (
        f"SDK-HMAC-SHA256 Access=AK, SignedHeaders=content-type;host;x-sdk-date, Signature={SIGNATURE}"
    )


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


def signed_by_the_official(
    signer: Any, method: str, path: str, query: Query, headers: dict[str, str], body: bytes, secret: str
) -> str:
    """The official signer's Authorization header."""
    request = SimpleNamespace(
        method=method,
        resource_path=path,
        query_params=list(query),
        header_params=dict(headers),
        body=body,
        host="a.test:81",
        uri="",
    )
    signer(SimpleNamespace(ak="AK", sk=secret)).sign(request)
    return str(request.header_params["Authorization"])


@settings(max_examples=1200)
@given(requests)
def test_equal_to_the_official_signer(sdk_signer, given_):
    path = "/" + "/".join(url_encoding.encode(segment) for segment in given_["segments"]) + given_["slash"]
    date = signing.timestamp(datetime.fromtimestamp(given_["seconds"], UTC))
    headers = {"Content-Type": "application/json", "Host": "a.test:81", "X-Sdk-Date": date, **given_["headers"]}
    parts = (given_["method"], path, given_["query"], headers, given_["body"])
    mine = signing.authorization(*parts, access_key="AK", secret_key=given_["secret"])
    assert mine == signed_by_the_official(sdk_signer, *parts, given_["secret"])
    query = given_["query"]
    assert url_encoding.parse_query(url_encoding.canonical_query(query)) == sorted(query)


REQUESTS = 5000
LEAST_OF_EACH_KIND = 500
ALPHABETS = (
    "abcXYZ019",
    "-_.~",
    " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}",
    "äßøñ",
    "模型笔记本",
    "😀🚀🧪",
    "\u0301\u200d\ufeff",
)


def any_text(random: Random) -> str:
    """Empty in one of five, else of one to three alphabets."""
    if random.random() < 0.2:
        return ""
    letters = "".join(random.sample(ALPHABETS, random.randint(1, 3)))
    return "".join(random.choices(letters, k=random.randint(1, 12)))


def any_query(random: Random) -> Query:
    keys = [any_text(random) for _ in range(random.randint(0, 4))]
    repeated = random.choices(keys, k=random.randint(0, 3)) if keys else []
    return [(key, any_text(random)) for key in (*keys, *repeated)]


def test_equal_to_the_official_signer_on_thousands_of_requests(sdk_signer):
    """Plain random ones: cheaper than those above, so there can be many, and each kind is counted."""
    random = Random(20261123)
    kinds: Counter[str] = Counter()
    for _ in range(REQUESTS):
        query = any_query(random)
        segments = [any_text(random) for _ in range(random.randint(0, 5))]
        path = "/" + "/".join(url_encoding.encode(segment) for segment in segments)
        date = signing.timestamp(datetime.fromtimestamp(random.randrange(2**32), UTC))
        more = {"X-Project-Id": "p" * 32, "X-Security-Token": "st/+=", "X-Domain-Id": "d", "User-Agent": "a  b "}
        chosen = random.sample(sorted(more), random.randint(0, len(more)))
        headers = {"Content-Type": "application/json", "Host": "a.test:81", "X-Sdk-Date": date}
        headers |= {name: more[name] for name in chosen}
        body = random.randbytes(random.choice((0, 0, 1, 200)))
        parts = (random.choice(("GET", "POST", "PUT", "PATCH", "DELETE")), path, query, headers, body)
        mine = signing.authorization(*parts, access_key="AK", secret_key="a-secret")
        assert mine == signed_by_the_official(sdk_signer, *parts, "a-secret"), parts
        keys = [key for key, _ in query]
        kinds["repeated key"] += len(set(keys)) < len(keys)
        kinds["repeated key with another value"] += len(set(query)) > len(set(keys))
        kinds["empty value"] += "" in [value for _, value in query]
        kinds["empty key"] += "" in keys
        kinds["unicode in the query"] += not "".join(f"{key}{value}" for key, value in query).isascii()
        kinds["unicode in the path"] += not "".join(segments).isascii()
        kinds["empty segment"] += "" in segments[:-1]
        kinds["no query"] += not query
        kinds["no body"] += not body
        kinds["body"] += bool(body)
    assert {kind: count for kind, count in kinds.items() if count < LEAST_OF_EACH_KIND} == {}


@settings(max_examples=300)
@given(
    query=st.lists(st.tuples(texts, texts), max_size=5),
    body=st.binary(max_size=32),
    token=st.none() | st.just("temporary"),
)
def test_a_request_of_httpx_is_signed_as_the_official_signer_would(sdk_signer, query, body, token):
    now = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    sent = sign_with_httpx(with_key("AK", "SK", token, project_id="p" * 32, now=lambda: now), query, body)
    names = signed_names(sent)
    assert names == sorted(
        {"host", "x-sdk-date", "content-type", "x-project-id"} | ({"x-security-token"} if token else set())
    )
    signed = {name: sent.headers[name] for name in names}
    assert sent.headers["Authorization"] == signed_by_the_official(
        sdk_signer, "POST", "/v1/a b", query, signed, body, "SK"
    )
    assert url_encoding.parse_query(sent.url.query.decode()) == sorted(query)


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
    sent = sign_with_httpx(logged_in(Token("tok")), [], b"")
    assert sent.headers["X-Auth-Token"] == "tok"
    assert "Authorization" not in sent.headers


def test_credentials_do_not_show_in_a_repr():
    shown: Any = repr(AccessKey("AKID", "the-secret", "the-token"))
    assert "AKID" in shown
    assert "the-secret" not in shown
    assert "the-token" not in shown
