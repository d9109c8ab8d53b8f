"""The signature SDK-HMAC-SHA256, as pure functions. Equal to the official SDK's signer for the same signed headers.

Source: Huawei Cloud's API Request Signing Guide; where it leaves room, what the official SDK does (sorting the query by the
decoded text, splitting the path after decoding), because the gateway is known to accept that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote

from modelarts_provider.api.http.url_encoding import canonical_query, encode

ALGORITHM = "SDK-HMAC-SHA256"
DATE_FORMAT = "%Y%m%dT%H%M%SZ"

Pairs = Sequence[tuple[str, str]]


def timestamp(moment: datetime) -> str:
    """A moment in UTC as X-Sdk-Date has it, such as ``20261122T101500Z``."""
    return moment.strftime(DATE_FORMAT)


def canonical_path(path: str) -> str:
    """The path with each segment encoded once, and a slash at its end (in the signature only, not in the request)."""
    encoded = "/".join(encode(segment) for segment in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else encoded + "/"


def canonical_request(method: str, path: str, query: Pairs, headers: Mapping[str, str], body: bytes) -> str:
    """What gets hashed and signed.

    Args:
        method: The HTTP method.
        path: The path, encoded or not.
        query: Decoded names and values, in any order.
        headers: The headers to sign, and no others.
        body: The body as it is sent.
    """
    signed = {name.lower(): value.strip() for name, value in headers.items()}
    names = sorted(signed)
    lines = "".join(f"{name}:{signed[name]}\n" for name in names)
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join((method.upper(), canonical_path(path), canonical_query(query), lines, ";".join(names), digest))


def string_to_sign(canonical: str, date: str) -> str:
    """Algorithm, date and the hash of the canonical request, one a line."""
    return f"{ALGORITHM}\n{date}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def signature(text: str, secret_key: str) -> str:
    """HMAC-SHA256 with the secret key itself (nothing is derived from it), in hexadecimal."""
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def authorization(
    method: str, path: str, query: Pairs, headers: Mapping[str, str], body: bytes, *, access_key: str, secret_key: str
) -> str:
    """The value of the Authorization header.

    Args:
        method: The HTTP method.
        path: The path of the URL.
        query: Decoded names and values.
        headers: The headers to sign; ``X-Sdk-Date`` has to be one of them (see timestamp).
        body: The body as it is sent.
        access_key: Names the key.
        secret_key: Signs.

    Raises:
        KeyError: X-Sdk-Date is not among the headers.
    """
    date = {name.lower(): value for name, value in headers.items()}["x-sdk-date"]
    canonical = canonical_request(method, path, query, headers, body)
    signed = ";".join(sorted(name.lower() for name in headers))
    value = signature(string_to_sign(canonical, date.strip()), secret_key)
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={signed}, Signature={value}"
