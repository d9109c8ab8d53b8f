"""A request of httpx, signed with an access key."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from modelarts_provider.api.auth import signing
from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.http import url_encoding

if TYPE_CHECKING:
    import httpx

_SIGNED = ("host", "content-type", "x-project-id", "x-domain-id", "x-security-token", "x-sdk-date")
"""Which headers are signed where they are present.

Not User-Agent and Accept: proxies rewrite them. The gateway verifies exactly the list in SignedHeaders, whatever it is.
"""


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
