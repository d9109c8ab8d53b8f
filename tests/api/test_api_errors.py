from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from modelarts_provider.api import error_codes, errors
from modelarts_provider.api.errors import (
    AlreadyThere,
    ApiError,
    AuthenticationFailed,
    Busy,
    ClockSkew,
    Forbidden,
    Frozen,
    InvalidRequest,
    MalformedAnswer,
    MissingReference,
    NoCapacity,
    NotFound,
    NotRunning,
    OutOfRange,
    QuotaExceeded,
    ServerError,
    Throttled,
    WrongEndpoint,
    WrongState,
)
from modelarts_provider.api.http import responses


def error_of(status: int, body: object, headers: dict[str, str] | None = None, *, repeatable: bool = True) -> ApiError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = responses.Answer("GET", "/notebooks/x", status, headers or {}, content, repeatable)
    with pytest.raises(ApiError) as raised:
        responses.read(answer, secrets=["a-known-secret"])
    return raised.value


def service(code: str) -> dict[str, str]:
    return {"error_code": code, "error_msg": "what the service says"}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "ModelArts.6309", NotFound),
        (400, "ModelArts.6404", NotFound),
        (404, "ModelArts.6404", NotFound),
        (404, "ModelArts.9999", NotFound),
        (400, "ModelArts.6357", Busy),
        (404, "ModelArts.6357", Busy),
        (400, "ModelArts.6306", Busy),
        (400, "ModelArts.6308", Busy),
        (400, "ModelArts.6355", Busy),
        (409, "ModelArts.9999", Busy),
        (400, "ModelArts.6305", AlreadyThere),
        (400, "ModelArts.6307", AlreadyThere),
        (400, "ModelArts.6304", WrongState),
        (400, "ModelArts.6347", WrongState),
        (400, "ModelArts.6327", NotRunning),
        (400, "ModelArts.6360", NoCapacity),
        (400, "ModelArts.6329", NoCapacity),
        (400, "ModelArts.6716", NoCapacity),
        (400, "ModelArts.6326", Frozen),
        (400, "ModelArts.0113", QuotaExceeded),
        (400, "ModelArts.6302", QuotaExceeded),
        (400, "ModelArts.6331", OutOfRange),
        (400, "ModelArts.6797", MissingReference),
        (400, "ModelArts.0104", InvalidRequest),
        (400, "ModelArts.9999", InvalidRequest),
        (401, "ModelArts.0203", AuthenticationFailed),
        (403, "ModelArts.0203", AuthenticationFailed),
        (403, "ModelArts.0210", Forbidden),
        (403, "ModelArts.9999", Forbidden),
        (429, "ModelArts.6101", Throttled),
        (429, "APIGW.0308", Throttled),
        (429, "ModelArts.9999", Throttled),
        (500, "ModelArts.6200", ServerError),
        (504, "APIGW.0201", ServerError),
        (413, "APIGW.0201", InvalidRequest),
        (401, "APIGW.0301", AuthenticationFailed),
        (404, "APIGW.0101", WrongEndpoint),
        (405, "APIGW.9999", WrongEndpoint),
        (502, "nonsense", ServerError),
    ],
)
def test_class_by_code_then_by_status(status, code, kind):
    error = error_of(status, service(code), {"x-request-id": "0a1b"})
    assert type(error) is kind
    assert (error.status, error.code, error.request_id, error.message) == (
        status,
        code,
        "0a1b",
        "what the service says",
    )
    assert str(error) == f"GET /notebooks/x: {status} {code}: what the service says (request id 0a1b)"
    assert error.next_step


def test_busy_is_never_gone():
    assert not issubclass(Busy, NotFound)
    assert not issubclass(NotFound, Busy)


def test_every_documented_code_has_a_meaning_and_a_next_step():
    for prefix, table in (("ModelArts", error_codes.SERVICE_CODES), ("APIGW", error_codes.GATEWAY_CODES)):
        assert len({(row.code, row.status) for row in table}) == len(table)
        for row in table:
            error = error_of(row.status or 418, service(f"{prefix}.{row.code}"))
            assert type(error) is row.kind, row
            assert error.meaning == row.meaning
            assert error.next_step == (row.next_step or row.kind.default_next_step) or row.kind is InvalidRequest
            assert error.next_step.endswith("."), row


@pytest.mark.parametrize(
    ("code", "is_so"),
    [("ModelArts.0210", True), ("APIGW.0310", True), ("ModelArts.0108", False), ("APIGW.0306", False)],
)
def test_a_project_that_no_call_may_use_is_told_from_a_missing_permission(code, is_so):
    assert error_of(403, service(code)).is_about_the_project is is_so


def test_an_unknown_code_says_what_came():
    error = error_of(418, service("ModelArts.4711"), {"x-request-id": "0a1b"})
    assert error.meaning == ""
    error = errors.ApiError("m", status=418, code="ModelArts.4711", request_id="0a1b")
    assert "418 ModelArts.4711" in error.next_step
    assert "0a1b" in error.next_step


@pytest.mark.parametrize(
    "body",
    [
        {"error_code": "ModelArts.6309", "error_msg": "gone"},
        {"errorCode": "ModelArts.6309", "errorMsg": "gone"},
        {"code": "ModelArts.6309", "message": "gone"},
        {"error": {"code": "ModelArts.6309", "message": "gone", "title": "T"}},
        {
            "error_code": "ModelArts.6309",
            "error_message": "gone",
            "request_id": "r",
            "encoded_authorization_message": "…",
        },
    ],
)
def test_every_envelope(body):
    error = error_of(400, body)
    assert (type(error), error.code, error.message) == (NotFound, "ModelArts.6309", "gone")
    assert error.request_id == body.get("request_id")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<html>nginx</html>", MalformedAnswer),
        (b"Not Found", MalformedAnswer),
        (b"", MalformedAnswer),
        (b"[]", MalformedAnswer),
        ({"detail": "Not Found"}, WrongEndpoint),
        ({"error": {"code": 404}}, WrongEndpoint),
        ({"code": 404, "message": "page not found"}, WrongEndpoint),
    ],
)
def test_a_404_that_the_service_did_not_write_says_nothing_about_the_notebook(body, kind):
    assert type(error_of(404, body)) is kind


def test_a_404_of_iam_is_one():
    error = error_of(404, {"error": {"code": 404, "message": "no such agency", "title": "Not Found"}})
    assert (type(error), error.code, str(error)) == (NotFound, None, "GET /notebooks/x: 404: no such agency")


@pytest.mark.parametrize(
    ("status", "body", "transient"),
    [
        (200, b"<html>login</html>", True),
        (200, b'{"id": "trunc', True),
        (200, b"[1]", True),
        (302, b"", False),
        (400, b"<html>", False),
        (403, b"<html>blocked by proxy</html>", False),
    ],
)
def test_answers_that_are_not_the_api_s(status, body, transient):
    error = error_of(status, body, {"location": "http://login.test/", "content-type": "text/html"})
    assert type(error) is MalformedAnswer
    assert error.transient is transient


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b""), (200, b" \n"), (204, b"ignored")])
def test_no_body_is_none(status, body):
    assert responses.read(responses.Answer("POST", "/", status, {}, body)) is None


def test_html_from_a_gateway_that_failed_is_a_server_error():
    error = error_of(502, b"<html>Bad Gateway</html>")
    assert type(error) is ServerError
    assert "Bad Gateway" in error.message


def test_what_a_write_may_have_done():
    assert error_of(502, b"", repeatable=False).may_have_acted
    assert error_of(200, b"<html>", repeatable=False).may_have_acted
    assert not error_of(502, b"", repeatable=True).may_have_acted
    for body in (b"", b"<html>", b"{}", b"[]", service("X.1")):  # what a load balancer answers has no JSON
        assert error_of(408, body, repeatable=False).may_have_acted
        assert error_of(408, body).transient
    broken = responses.malformed(responses.Answer("POST", "/x", 408, {}, b"", repeatable=False), "it broke off")
    assert (broken.may_have_acted, broken.transient) == (True, True)
    assert not error_of(400, service("ModelArts.6357"), repeatable=False).may_have_acted
    assert not error_of(429, service("APIGW.0308"), repeatable=False).may_have_acted


def test_clock_skew_is_said_as_such():
    message = (
        "Incorrect IAM authentication information: calc aksk signature fail:"
        "signature expired, signature time:20261123T010203Z,server time:20261123T020304Z"
    )
    error = error_of(401, {"error_code": "APIGW.0301", "error_msg": message})
    assert type(error) is ClockSkew
    assert "20261123T010203Z" in error.message
    assert "20261123T020304Z" in error.message
    assert "clock" in error.next_step


WRONG = "Incorrect IAM authentication information: "


def test_the_gateway_repeats_the_signed_request_and_we_do_not():
    message = (
        f"{WRONG}verify aksk signature fail, canonicalRequest:GET|/v1/p/|"
        "|host:a|x-security-token:abcdefgh|x-sdk-date:2026||host;x-security-token;x-sdk-date|a-known-secret"
    )
    error = error_of(401, {"error_code": "APIGW.0301", "error_msg": message, "request_id": "r1"})
    assert error.message == f"{WRONG}verify aksk signature fail"
    assert str(error).endswith(
        "401 APIGW.0301: Incorrect IAM authentication information: verify aksk signature fail (request id r1)"
    )


@pytest.mark.parametrize(
    ("message", "meaning", "step"),
    [
        (f"{WRONG}verify aksk signature fail, canonicalRequest:GET|/", "secret key does not belong", "secret_key"),
        (f"{WRONG}ak ABC not exist", "no such access key", "access_key"),
        (f"{WRONG}decrypt token fail", "can't be read", "security_token"),
        (f"{WRONG}AK access failed to reach the limit,forbidden", "locked", "wait some minutes"),
        (f"{WRONG}no authorization information in the request", "without a signature", "proxy"),
        (f"{WRONG}Get secretKey failed", "could not verify", "access key"),
    ],
)
def test_what_apigw_0301_stands_for(message, meaning, step):
    error = error_of(401, {"error_code": "APIGW.0301", "error_msg": message})
    assert type(error) is AuthenticationFailed
    assert meaning in error.meaning
    assert step in error.next_step
    other = error_of(401, {"error_code": "APIGW.0305", "error_msg": message})
    assert "could not verify" in other.meaning


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Mon, 23 Nov 2026 01:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 00:59:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
        ("1.5", None),
    ],
)
def test_retry_after(value, seconds):
    now = datetime(2026, 11, 23, 1, 0, 0, tzinfo=UTC)
    assert responses.retry_after({"retry-after": value}, now) == seconds
