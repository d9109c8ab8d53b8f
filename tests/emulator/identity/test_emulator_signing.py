"""Signatures: the published vector, what different clients sign, and every kind of wrong one."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

import pytest
from emulator_api import PROJECT, WALL, Api, signature, stamp
from hypothesis import given, settings
from hypothesis import strategies as st

from modelarts_emulator.identity import signing

SECRET = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"
PATH = f"/v1/{PROJECT}/notebooks"


def test_the_vector_of_the_signing_guide() -> None:
    message = signing.Message(
        "GET",
        b"/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
        b"limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        {
            "content-type": "application/json",
            "host": "service.region.example.com",
            "x-sdk-date": "20191115T033655Z",
        },
        b"",
    )
    names = ("content-type", "host", "x-sdk-date")
    canonical = signing.canonical_request(message, names, hashlib.sha256(b"").hexdigest())
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert digest.startswith("b25362e6")
    assert digest.endswith("bcd7a")
    expected = "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
    assert signing.sign(SECRET, "20191115T033655Z", canonical) == expected
    assert signing.matches(message, signing.Signed("AK", names, expected), SECRET)


@settings(deadline=None)
@given(
    path=st.lists(st.text(min_size=1, max_size=8).filter(lambda text: text not in {".", ".."}), max_size=4),
    query=st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=4),
    body=st.binary(max_size=50),
)
def test_any_request_that_is_signed_by_the_recipe_is_accepted(
    path: list[str], query: dict[str, str], body: bytes
) -> None:
    raw_path = "/" + "/".join(quote(part, safe="-_.~") for part in path)
    pairs = sorted((quote(key, safe="-_.~"), quote(value, safe="-_.~")) for key, value in query.items())
    text = "&".join(f"{key}={value}" for key, value in pairs)
    headers = {"x-sdk-date": "20260101T000000Z", "x_odd": "1"}
    # the path is decoded before it is split: an encoded slash is signed as a slash
    signed_path = "/" + "/".join(quote(part, safe="-_.~/") for part in path)
    made = signature(SECRET, "POST", signed_path, text, headers=headers, signed=["x-sdk-date", "x_odd"], body=body)
    message = signing.Message("POST", raw_path.encode(), text.encode(), headers, body)
    signed = signing.Signed("AK", ("x-sdk-date", "x_odd"), made)
    assert signing.matches(message, signed, SECRET)
    assert not signing.matches(message, signed, SECRET + "x")
    tampered = signing.Message("POST", raw_path.encode(), text.encode(), headers, body + b"!")
    assert not signing.matches(tampered, signed, SECRET)


def _signed(api: Api, names: list[str], headers: dict[str, str], **changes: str) -> dict[str, str]:
    secret = changes.get("secret", api.secret_key)
    value = signature(secret, "GET", PATH, "", headers=headers, signed=names, body=b"")
    access = changes.get("access", api.access_key)
    return {
        **headers,
        "authorization": f"SDK-HMAC-SHA256 Access={access}, SignedHeaders={';'.join(names)}, Signature={value}",
    }


@pytest.mark.parametrize(
    "names",
    [
        ["x-sdk-date"],
        ["content-type", "host", "user-agent", "x-project-id", "x-sdk-date"],  # the official SDK
        ["accept", "content-type", "user-agent", "x-language", "x-sdk-date"],  # Huawei's Terraform provider
    ],
)
def test_exactly_the_listed_headers_are_verified(api: Api, names: list[str]) -> None:
    values = {
        "accept": "*/*",
        "content-type": "application/json;charset=utf-8",
        "host": "localhost:1",
        "user-agent": "some client; {x}",
        "x-language": "en-us",
        "x-project-id": PROJECT,
        "x-sdk-date": stamp(WALL),
    }
    headers = _signed(api, names, {name: values[name] for name in names})
    unsigned = {name: "changed on the way" for name in values if name not in names}
    assert api.raw("GET", PATH, "", {**headers, **unsigned}).status == 200


def _wrong(api: Api, kind: str) -> dict[str, str]:
    date = {"x-sdk-date": stamp(WALL)}
    good = _signed(api, ["x-sdk-date"], date)
    return {
        "none": {},
        "other scheme": {**date, "authorization": "AWS4-HMAC-SHA256 Credential=a/b, Signature=c"},
        "unknown key": _signed(api, ["x-sdk-date"], date, access="AKNOBODY"),
        "wrong secret": _signed(api, ["x-sdk-date"], date, secret="x"),
        "old": _signed(api, ["x-sdk-date"], {"x-sdk-date": stamp(WALL - 16 * 60_000)}),
        "future": _signed(api, ["x-sdk-date"], {"x-sdk-date": stamp(WALL + 16 * 60_000)}),
        "date that is no date": _signed(api, ["x-sdk-date"], {"x-sdk-date": "yesterday"}),
        "date not signed": _signed(api, ["host"], {"host": "h", **date}),
        "header changed": {**_signed(api, ["host", "x-sdk-date"], {"host": "a", **date}), "host": "b"},
        "security token of a permanent key": {**good, "x-security-token": "t"},
        "unknown token": {"x-auth-token": "t"},
    }[kind]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("none", "no authorization"),
        ("other scheme", "cannot be read"),
        ("unknown key", "ak AKNOBODY not exist"),
        ("wrong secret", "verify aksk signature fail, canonicalRequest:GET|"),
        ("old", "signature expired"),
        ("future", "signature expired"),
        ("date that is no date", "signature expired"),
        ("date not signed", "verify aksk signature fail"),
        ("header changed", "verify aksk signature fail"),
        ("security token of a permanent key", "decrypt token fail"),
        ("unknown token", "decrypt token fail"),
    ],
)
def test_wrong_ones_are_refused_by_the_gateway(api: Api, kind: str, message: str) -> None:
    answer = api.raw("GET", PATH, "", _wrong(api, kind))
    assert answer.status == 401
    assert answer.body["error_code"] == "APIGW.0301"
    assert answer.body["error_msg"].startswith("Incorrect IAM authentication information")
    assert message in answer.body["error_msg"]
    assert answer.body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["server"] == "api-gateway"
    assert api.log()[-1]["user"] is None


def test_fourteen_minutes_are_tolerated(api: Api) -> None:
    for offset in (-14, 14):
        headers = _signed(api, ["x-sdk-date"], {"x-sdk-date": stamp(WALL + offset * 60_000)})
        assert api.raw("GET", PATH, "", headers).status == 200


def test_a_declared_payload_hash() -> None:
    body = b'{"a": 1}'
    real = hashlib.sha256(body).hexdigest()

    def hashes(declared: str, payload: bytes) -> list[str]:
        return signing.payload_hashes(signing.Message("POST", b"/", b"", {"x-sdk-content-sha256": declared}, payload))

    assert hashes(real, body) == [real]
    assert hashes("0" * 64, body) == [real]
    assert hashes("UNSIGNED-PAYLOAD", body) == [real, "UNSIGNED-PAYLOAD"]


@pytest.mark.parametrize(
    ("project", "status"),
    [
        ("0" * 32, 403),  # no such project
        ("9123456789abcdef0123456789abcdef", 403),  # of another account
        ("1123456789abcdef0123456789abcdef", 200),
        ("2123456789abcdef0123456789abcdef", 200),
    ],
)
def test_only_projects_of_the_account(api: Api, project: str, status: int) -> None:
    answer = api.call("GET", "/notebooks", project=project)
    assert answer.status == status
    if status == 403:
        assert answer.body["error_code"] == "ModelArts.0210"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("PATCH", "/notebooks"),
        ("POST", "/notebooks/x/restart"),
        ("GET", "/v2/x/notebooks"),
        ("GET", "/v1"),
        ("GET", "/v1//notebooks"),
    ],
)
def test_unknown_paths_and_methods(api: Api, method: str, path: str) -> None:
    answer = api.call(method, path)
    assert (answer.status, answer.body["error_code"]) == (404, "APIGW.0101")
    assert api.log()[-1]["operation"] is None


def test_a_body_of_more_than_12_mb(api: Api) -> None:
    answer = api.call("POST", "/notebooks", raw=b" " * (12 * 1024 * 1024 + 1))
    assert (answer.status, answer.body["error_code"]) == (413, "APIGW.0201")
    assert api.call("POST", "/notebooks", raw=b"{}".ljust(12 * 1024 * 1024)).code == "6335"


def test_a_path_with_a_line_break_is_refused_as_any_other(api: Api) -> None:
    answer = api.raw("GET", f"/v1/{PROJECT}/notebooks/a%0Ab", "", {})
    assert (answer.status, answer.body["error_code"]) == (401, "APIGW.0301")


@pytest.mark.parametrize(
    ("project", "headers", "status"),
    [
        ("0123456789abcdef0123456789abcdef", {"x-project-id": "0123456789abcdef0123456789abcdef"}, 200),
        ("2123456789abcdef0123456789abcdef", {"x-project-id": "0123456789abcdef0123456789abcdef"}, 403),
        ("0123456789ABCDEF0123456789ABCDEF", {}, 403),
        ("0123456789abcdef0123456789abcdef", {"host": "modelarts.cn-north-4.myhuaweicloud.com"}, 200),
        ("1123456789abcdef0123456789abcdef", {"host": "modelarts.cn-north-4.myhuaweicloud.com"}, 200),
        ("2123456789abcdef0123456789abcdef", {"host": "modelarts.cn-north-4.myhuaweicloud.com"}, 403),
        ("0123456789abcdef0123456789abcdef", {"host": "modelarts.ap-southeast-3.myhuaweicloud.com"}, 403),
        ("2123456789abcdef0123456789abcdef", {"host": "modelarts.ap-southeast-3.myhuaweicloud.com"}, 200),
    ],
)
def test_a_key_is_good_for_the_project_and_the_region_that_are_named(
    api: Api, project: str, headers: dict[str, str], status: int
) -> None:
    answer = api.call("GET", "/notebooks", project=project, headers=headers)
    assert answer.status == status
    if status == 403:
        assert answer.body["error_code"] == "ModelArts.0210"
