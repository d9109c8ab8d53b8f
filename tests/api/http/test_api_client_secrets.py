from __future__ import annotations

import base64
import json

import httpx
import pytest

from modelarts_provider.api.errors import ApiError, AuthenticationFailed
from modelarts_provider.api.http.responses import Answer, raise_for_error


def test_the_log_has_each_attempt_and_no_secret(bench):
    secrets = ["the-secret-key", "the-security-token", "notebook-token", "a-password"]
    answer = {"id": "x", "token": "notebook-token", "deep": [{"password": "a-password"}], "echo": "the-secret-key"}
    api = bench(
        httpx.Response(503, html="the-security-token"), httpx.Response(200, json=answer, headers={"x-request-id": "r7"})
    )
    api.call("PUT", "/notebooks/x", params={"token": "the-secret-key"}, json={"password": "a-password", "name": "nb"})
    assert any("the-security-token" in value for value in api.requests[0].headers.values())
    shown = json.dumps(api.log)
    assert [secret for secret in secrets if secret in shown] == []
    assert [text for text, _ in api.log] == ["API call", "API call will be tried again", "API call"]
    facts = api.log[-1][1]
    assert facts["ms"] >= 0
    assert {key: facts[key] for key in ("method", "path", "attempt", "status", "request_id")} == {
        "method": "PUT",
        "path": "/notebooks/x",
        "attempt": 2,
        "status": 200,
        "request_id": "r7",
    }
    assert facts["body"]["name"] == "nb"


def test_errors_hold_no_secret(bench):
    body = {
        "error_code": "APIGW.0301",
        "error_msg": "fail the-secret-key, x-security-token:the-security-token, canonicalRequest:PUT|the-secret-key",
    }
    with pytest.raises(AuthenticationFailed) as raised:
        bench(httpx.Response(401, json=body)).call("GET", "/x")
    shown = f"{raised.value} {raised.value!r} {vars(raised.value)}"
    assert "401 APIGW.0301: fail" in shown
    assert "the-security-token" not in shown
    assert "the-secret-key" not in shown


SCRIPT = base64.b64encode(b"set -e\nexport PASSWORD_OF_DB='hunter2'\n").decode()


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        ({"hooks": {"container_hooks": {"post_start": {"type": "COMMAND", "script": SCRIPT}}}}, SCRIPT),
        ({"hooks": {"post_start": {"script": SCRIPT}}}, "line 2: export PASSWORD_OF_DB='hunter2': not found"),
        ({"hooks": {"pre_start": {"type": "SCRIPT", "script": "/home/hunter2.sh"}}}, '"/home/hunter2.sh"'),
        ({"name": "nb", "tags": [{"key": "team", "value": "hunter2"}]}, "tags[0].value hunter2 is invalid"),
    ],
)
@pytest.mark.parametrize("status", [400, 503])
def test_what_a_service_repeats_of_scripts_and_tags_is_masked(bench, status, body, repeated):
    answer = {"error_code": "ModelArts.0104", "error_msg": f"invalid parameter: {repeated}"}
    api = bench(*[httpx.Response(status, json=answer)] * 9)
    with pytest.raises(ApiError) as raised:
        api.call("POST", "/notebooks", json=body)
    shown = f"{raised.value!s} {json.dumps([facts.get('answer') for _, facts in api.log])}"
    assert "invalid parameter: " in shown
    assert "hunter2" not in shown
    assert SCRIPT not in shown


@pytest.mark.parametrize(
    "body",
    [None, [], {"hooks": 5, "tags": {}}, {"hooks": {"a": [1]}, "tags": [5, {"value": 5}]}, {"hooks": {"script": 5}}],
)
def test_bodies_without_scripts_and_tags_are_no_problem(bench, body):
    with pytest.raises(ApiError, match="said"):
        bench(httpx.Response(400, json={"error_code": "ModelArts.0104", "error_msg": "said"})).call(
            "PUT", "/x", json=body
        )


def test_a_secret_that_is_a_word_of_the_service_hides_no_meaning():
    body = json.dumps({"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}).encode()
    refused = Answer("GET", "/x", 401, {}, body, repeatable=True)
    with pytest.raises(AuthenticationFailed) as raised:
        raise_for_error(refused, ("signature",))
    assert "verify aksk *** fail" in str(raised.value)
    assert "secret key" in raised.value.meaning
