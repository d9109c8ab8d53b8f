"""What a caller can prove who it is with: an access key, or a token. Inert data; no input or output."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

MARGIN = timedelta(minutes=10)
"""How long before its end a credential is replaced (Huawei's own provider: 10 minutes)."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key, permanent or temporary.

    Attributes:
        access_key: AK, names the key.
        secret_key: SK, signs.
        security_token: Comes with a temporary key.
        expires_at: When a temporary key ends, None for a permanent one.
    """

    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be shown; the service repeats the access key that it refuses."""
        return tuple(value for value in (self.access_key, self.secret_key, self.security_token) if value)


@dataclass(frozen=True, slots=True)
class Token:
    """An IAM token.

    Attributes:
        value: Sent as X-Auth-Token.
        expires_at: When it ends (24 hours after issue), None where nobody said.
        project_id: The project that it was issued for, None for one of the whole account.
        project_name: That project's name, None where nobody said.
    """

    value: str = field(repr=False)
    expires_at: datetime | None = None
    project_id: str | None = None
    project_name: str | None = field(default=None, compare=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be shown."""
        return (self.value,)


Credential: TypeAlias = AccessKey | Token


def moment(text: Any) -> datetime | None:
    """A time as IAM writes it (``2026-11-23T01:02:03.000000Z``), None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def refresh_at(credential: Credential, fetched_at: datetime) -> datetime | None:
    """When to replace a credential: ten minutes before its end, or after three quarters of a short life."""
    if credential.expires_at is None:
        return None
    life = credential.expires_at - fetched_at
    return credential.expires_at - min(MARGIN, life / 4)


def access_key_in(answer: Any) -> AccessKey | None:
    """The temporary access key in an answer of IAM, STS or the metadata service; None where there is none.

    IAM v3 and the metadata service name its parts access, secret, securitytoken and expires_at below ``credential``; STS v5
    access_key_id, secret_access_key, security_token and expiration below ``credentials``.
    """
    outer = answer if isinstance(answer, dict) else {}
    found = outer.get("credential") or outer.get("credentials")
    if not isinstance(found, dict):
        return None
    access = found.get("access") or found.get("access_key_id")
    secret = found.get("secret") or found.get("secret_access_key")
    token = found.get("securitytoken") or found.get("security_token")
    if not (isinstance(access, str) and isinstance(secret, str) and isinstance(token, str)):
        return None
    return AccessKey(access, secret, token, moment(found.get("expires_at") or found.get("expiration")))
