"""How a request is authenticated, as httpx.Auth: signed with an access key, or carrying a token."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import UTC, datetime

import httpx

from modelarts_provider.api.auth import signing
from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.http import url_encoding

_SIGNED = ("host", "content-type", "x-project-id", "x-domain-id", "x-security-token", "x-sdk-date")
"""Which headers are signed where they are present.

Not User-Agent and Accept: proxies rewrite them. The gateway verifies exactly the list in SignedHeaders, whatever it is.
"""


def _now() -> datetime:
    return datetime.now(UTC)


def sign(
    request: httpx.Request, key: AccessKey, *, now: datetime, project_id: str | None, domain_id: str | None
) -> None:
    """Add the headers of a signed request, in place; its query becomes the canonical one.

    Args:
        request: Its body must have been read.
        key: The access key.
        now: The moment of the signature, UTC.
        project_id: Sent as X-Project-Id, for regional services.
        domain_id: Sent as X-Domain-Id, for global services such as IAM.
    """
    query = url_encoding.parse_query(request.url.query.decode("ascii"))
    path = request.url.raw_path.partition(b"?")[0].decode("ascii")
    if query:
        request.url = request.url.copy_with(query=url_encoding.canonical_query(query).encode("ascii"))
    request.headers["X-Sdk-Date"] = signing.timestamp(now)
    for name, value in (
        ("X-Project-Id", project_id),
        ("X-Domain-Id", domain_id),
        ("X-Security-Token", key.security_token),
    ):
        if value:
            request.headers[name] = value
    headers = {name: request.headers[name] for name in _SIGNED if name in request.headers}
    request.headers["Authorization"] = signing.authorization(
        request.method, path, query, headers, request.content, access_key=key.access_key, secret_key=key.secret_key
    )


class AkSkAuth(httpx.Auth):
    """Signs with an access key; a temporary one sends its security token along.

    Args:
        access_key: AK.
        secret_key: SK.
        security_token: Of a temporary access key.
        project_id: Sent and signed as X-Project-Id.
        domain_id: Sent and signed as X-Domain-Id.
        now: The clock, for tests.
    """

    requires_request_body = True

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        *,
        security_token: str | None = None,
        project_id: str | None = None,
        domain_id: str | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._key = AccessKey(access_key, secret_key, security_token)
        self._project_id = project_id
        self._domain_id = domain_id
        self._now = now

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be shown."""
        return self._key.secrets

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Sign and send."""
        sign(request, self._key, now=self._now(), project_id=self._project_id, domain_id=self._domain_id)
        yield request


class TokenAuth(httpx.Auth):
    """Sends an IAM token that somebody else fetched, as X-Auth-Token."""

    def __init__(self, token: str) -> None:
        self._token = token

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be shown."""
        return (self._token,)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        """Add the token and send."""
        request.headers["X-Auth-Token"] = self._token
        yield request
