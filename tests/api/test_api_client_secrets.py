from __future__ import annotations

import json

import httpx
import pytest

from modelarts_provider.api.errors import AuthenticationFailed


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
