"""A small IAM (STS, metadata service) of our own for tests: gives set answers, remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from modelarts_provider.api.auth.credential_cache import Source
from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.auth.metadata import Metadata
from modelarts_provider.api.auth.sources import Agency, Fixed, Oidc, Password
from modelarts_provider.api.errors import ApiError
from modelarts_provider.api.http.client import Client
from modelarts_provider.framework.cancellation import Cancel

# Far away: these credentials must not have ended when a test runs.
END = "2126-11-24T01:02:03.000000Z"
ENDS = datetime(2126, 11, 24, 1, 2, 3, tzinfo=UTC)


def v3_key(name: str) -> httpx.Response:
    return httpx.Response(
        201,
        json={
            "credential": {"access": name, "secret": f"{name}-secret", "securitytoken": f"{name}-st", "expires_at": END}
        },
    )


def v5_key(name: str) -> httpx.Response:
    parts = {
        "access_key_id": name,
        "secret_access_key": f"{name}-secret",
        "security_token": f"{name}-st",
        "expiration": END,
    }
    return httpx.Response(200, json={"credentials": parts})


def token(value: str, project: str | None = None) -> httpx.Response:
    body: dict[str, Any] = {"expires_at": END, "methods": ["password"]}
    if project:
        body["project"] = {"id": project, "name": "cn-north-4"}
    return httpx.Response(201, json={"token": body}, headers={"X-Subject-Token": value})


def key(name: str) -> AccessKey:
    return AccessKey(name, f"{name}-secret", f"{name}-st", ENDS)


@dataclass
class Service:
    """Gives answers by (method, path), each list in order, the last one for ever; remembers what it was asked."""

    answers: dict[str, list[httpx.Response | Exception]]
    asked: list[httpx.Request] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    async def serve(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        left = self.answers[f"{request.method} {request.url.path}"]
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def client(self) -> Client:
        async def sleep(_: float) -> None: ...

        return Client(
            "http://service.test",
            "",
            None,
            cancel=Cancel(),
            transport=httpx.MockTransport(self.serve),
            base_path="",
            sleep=sleep,
            max_retries=1,
            log=lambda text, facts: self.log.append(f"{text} {facts}"),
        )

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.asked]

    @property
    def callers(self) -> list[str | None]:
        """Who signed, or whose token was sent, per call."""
        return [caller(request) for request in self.asked]


def caller(request: httpx.Request) -> str | None:
    signed = request.headers.get("authorization", "")
    if signed:
        return signed.partition("Access=")[2].partition(",")[0]
    return request.headers.get("x-auth-token")


def service(**answers: Any) -> Service:
    names = {
        "tokens": "POST /v3/auth/tokens",
        "id_tokens": "POST /v3.0/OS-AUTH/id-token/tokens",
        "keys": "POST /v3.0/OS-CREDENTIAL/securitytokens",
        "assume": "POST /v5/agencies/assume",
        "domains": "GET /v3/auth/domains",
        "projects": "GET /v3/projects",
        "md_token": "PUT /meta-data/latest/api/token",
        "md_key": "GET /openstack/latest/securitykey",
    }
    return Service({names[name]: [*value] if isinstance(value, list) else [value] for name, value in answers.items()})


def fetch(source: Any) -> Any:
    return asyncio.run(source.fetch())


def refused(source: Any, kind: type[ApiError]) -> ApiError:
    with pytest.raises(kind) as raised:
        fetch(source)
    return raised.value


WRONG_PASSWORD = httpx.Response(
    401, json={"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}
)
NOT_TRUSTED = httpx.Response(
    403, json={"error": {"code": 403, "message": "You have no right to do this action", "title": "Forbidden"}}
)
TEXT_TOKEN = httpx.Response(200, text="metadata-token")
BASE = Fixed(AccessKey("BASE", "base-secret"), "access key")


SOURCES: dict[str, Callable[[Client, AccessKey], Source]] = {
    "password": lambda client, _: Password(client, "secret", "u", domain_name="d"),
    "OIDC": lambda client, _: Oidc(client, "i", id_token="id-token"),
    "agency": lambda client, key: Agency(Fixed(key, "k"), client, client, "a", domain_name="d", base_domain_id="b"),
    "trust agency": lambda client, key: Agency(Fixed(key, "k"), client, client, "a", domain_id="d"),
    "metadata": lambda client, _: Metadata(client),
}
"""Each way to log in that makes calls, by a client of its service."""
