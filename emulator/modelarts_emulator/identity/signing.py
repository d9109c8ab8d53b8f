"""Verification of SDK-HMAC-SHA256 request signatures, over exactly what SignedHeaders lists.

Clients differ in what they sign (the official SDK signs host and skips names with an underscore, Huawei's Terraform
provider doesn't sign host), so nothing but that list decides. Checked in the tests against the vector that the
signing guide publishes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "SDK-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
TOLERANCE_MS = 15 * 60 * 1000
_AUTHORIZATION = re.compile(
    ALGORITHM
    + r" +Access=(?P<access>[^,\s]+), *SignedHeaders=(?P<signed>[^,\s]*), *Signature=(?P<signature>[0-9a-f]{64})\Z"
)
_UNRESERVED = "-_.~"


@dataclass(frozen=True, slots=True)
class Signed:
    """A parsed Authorization header."""

    access_key: str
    headers: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of a request that a signature covers, as they came in."""

    method: str
    raw_path: bytes
    raw_query: bytes
    headers: dict[str, str]
    body: bytes


def parse(authorization: str) -> Signed | None:
    """The parts of an Authorization header, or None where it has another form."""
    found = _AUTHORIZATION.match(authorization.strip())
    if found is None:
        return None
    return Signed(found["access"], tuple(found["signed"].split(";")), found["signature"])


def parse_date(text: str) -> int | None:
    """``YYYYMMDDTHHMMSSZ`` as UTC milliseconds, or None."""
    try:
        moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp() * 1000)


def canonical_request(message: Message, signed: tuple[str, ...], payload_hash: str) -> str:
    """The text whose hash is signed."""
    names = sorted(signed)
    block = "".join(f"{name}:{message.headers.get(name, '').strip()}\n" for name in names)
    return "\n".join(
        [
            message.method,
            _canonical_path(message.raw_path),
            _canonical_query(message.raw_query),
            block,
            ";".join(names),
            payload_hash,
        ]
    )


def sign(secret_key: str, date: str, canonical: str) -> str:
    """The signature of a canonical request, lower-case hex."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{date}\n{digest}"
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed_headers(message: Message, access_key: str, secret_key: str, moment: int) -> dict[str, str]:
    """What a client adds to a request to sign it, with the moment (real UTC ms) as the only signed header.

    For our own callers of an emulator, where the signature isn't what is tested.
    """
    date = datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    dated = dataclasses.replace(message, headers={"x-sdk-date": date})
    canonical = canonical_request(dated, ("x-sdk-date",), hashlib.sha256(message.body).hexdigest())
    value = sign(secret_key, date, canonical)
    return {
        "x-sdk-date": date,
        "authorization": f"{ALGORITHM} Access={access_key}, SignedHeaders=x-sdk-date, Signature={value}",
    }


def matches(message: Message, signed: Signed, secret_key: str) -> bool:
    """Whether the signature was made with this key over this request."""
    date = message.headers.get("x-sdk-date", "")
    if "x-sdk-date" not in signed.headers:
        return False
    return any(
        hmac.compare_digest(
            sign(secret_key, date, canonical_request(message, signed.headers, payload)), signed.signature
        )
        for payload in payload_hashes(message)
    )


def payload_hashes(message: Message) -> list[str]:
    """The payload hashes that are honest for this body.

    A client may send the hash as a header (or say that it didn't sign the body). With an empty body one client family
    uses that header and another ignores it, so both are accepted there; a header that lies about the body is not.
    """
    real = hashlib.sha256(message.body).hexdigest()
    declared = message.headers.get("x-sdk-content-sha256")
    return [real, UNSIGNED] if declared == UNSIGNED else [real]


def _canonical_path(raw: bytes) -> str:
    # clients decode first and split then, so that an encoded slash is a slash in what they sign
    segments = [quote(segment, safe=_UNRESERVED) for segment in unquote_to_bytes(raw).split(b"/")]
    path = "/".join(segments)
    return path if path.endswith("/") else path + "/"


def _canonical_query(raw: bytes) -> str:
    pairs = []
    for part in raw.split(b"&"):
        if part:
            key, _, value = part.partition(b"=")
            pairs.append((_requote(key), _requote(value)))
    return "&".join(f"{key}={value}" for key, value in sorted(pairs))


def _requote(raw: bytes) -> str:
    return quote(unquote_to_bytes(raw.replace(b"+", b" ")), safe=_UNRESERVED)
