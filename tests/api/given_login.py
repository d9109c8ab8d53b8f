"""Credentials that somebody gave, as the product sends them: for tests that are not about logging in."""

from __future__ import annotations

from typing import Any

from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.credentials import AccessKey, Credential
from modelarts_provider.api.auth.sources import Fixed


def logged_in(given: Credential, *, project_id: str | None = None, **clock: Any) -> SessionAuth:
    return SessionAuth(Keeper(Fixed(given, "given"), **clock), project_id=project_id)


def with_key(access_key: str, secret_key: str, security_token: str | None = None, **more: Any) -> SessionAuth:
    return logged_in(AccessKey(access_key, secret_key, security_token), **more)
