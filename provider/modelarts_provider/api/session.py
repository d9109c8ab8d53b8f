"""Authentication with credentials that end: fetched when needed, replaced before their end and once after a 401."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import httpx

from modelarts_provider.api.auth import sign
from modelarts_provider.api.credentials import AccessKey, Credential, refresh_at
from modelarts_provider.api.errors import ApiError, AuthenticationFailed, Forbidden

if TYPE_CHECKING:
    from modelarts_provider.api.wire import Log

PAUSE = timedelta(minutes=1)
"""After a replacement failed (or brought nothing newer), how long the present credential is used without another try."""


class Source(Protocol):
    """Where credentials come from.

    Attributes:
        origin: In words, for the log and ``doctor``; never a value.
        renewable: Whether fetching again can give something else.
        gives_token: Whether it gives tokens, and not access keys.
    """

    @property
    def origin(self) -> str:
        """In words."""
        ...

    @property
    def renewable(self) -> bool:
        """Whether fetching again can give something else."""
        ...

    @property
    def gives_token(self) -> bool:
        """Whether it gives tokens."""
        ...

    async def fetch(self) -> Credential:
        """A credential, new if possible."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


class SessionAuth(httpx.Auth):
    """Signs or adds a token with what a source gives; shared by all calls to one project.

    Args:
        source: Where credentials come from.
        project_id: Sent and signed as X-Project-Id.
        domain_id: Sent and signed as X-Domain-Id.
        now: The clock, for tests.
        log: Receives a sentence and its facts when a credential is fetched.
    """

    requires_request_body = True

    def __init__(
        self,
        source: Source,
        *,
        project_id: str | None = None,
        domain_id: str | None = None,
        now: Callable[[], datetime] = _now,
        log: Log | None = None,
    ) -> None:
        self.project_id = project_id
        self.domain_id = domain_id
        self._source = source
        self._now = now
        self._log = log
        self._one_at_a_time = asyncio.Lock()
        self._credential: Credential | None = None
        self._refresh_at: datetime | None = None
        self._secrets: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be shown: of the present credential and of the one before."""
        return self._secrets

    async def credential(self) -> Credential:
        """The present credential, replaced when its end is near.

        Raises:
            ApiError: None could be fetched, and there is none that still works.
        """
        if self._credential is None or self._is_due():
            async with self._one_at_a_time:
                if self._credential is None or self._is_due():
                    await self._replace()
        assert self._credential is not None  # noqa: S101  # _replace sets it or raises
        return self._credential

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Authenticate and send; after a 401, once more with a new credential where the source can give one.

        A 401 means that nothing was done, so this is safe for a POST as well.
        """
        used = await self.credential()
        self._apply(request, used)
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED or not self._source.renewable:
            return
        body = await response.aread()
        if b"signature expired" in body:
            return  # this machine's clock is wrong; no other credential helps
        fresh = await self._renewed_after(used)
        if fresh != used:
            self._apply(request, fresh)
            yield request

    async def _renewed_after(self, refused: Credential) -> Credential:
        """A newer credential than the refused one; many calls that were refused together fetch once."""
        async with self._one_at_a_time:
            if self._credential == refused:
                self._credential = None
                await self._replace()
            assert self._credential is not None  # noqa: S101  # _replace sets it or raises
            return self._credential

    async def _replace(self) -> None:
        old = self._credential
        try:
            new = await self._source.fetch()
        except ApiError as error:
            if old is None or (old.expires_at is not None and old.expires_at <= self._now()):
                raise _about_the_login(error) from error
            self._refresh_at = self._now() + PAUSE
            self._say("The credentials could not be renewed; the present ones still work", error=str(error))
            return
        now = self._now()
        due = refresh_at(new, now)
        self._refresh_at = max(due, now + PAUSE) if due is not None and new == old else due
        self._credential = new
        self._secrets = tuple(dict.fromkeys((*new.secrets, *self._secrets)))[:6]
        self._say("Credentials fetched", expires_at=new.expires_at.isoformat() if new.expires_at else None)

    def _is_due(self) -> bool:
        return self._refresh_at is not None and self._now() >= self._refresh_at

    def _apply(self, request: httpx.Request, credential: Credential) -> None:
        if isinstance(credential, AccessKey):
            sign(request, credential, now=self._now(), project_id=self.project_id, domain_id=self.domain_id)
        else:
            request.headers["X-Auth-Token"] = credential.value

    def _say(self, text: str, **facts: str | None) -> None:
        if self._log is not None:
            self._log(text, {"from": self._source.origin, **facts})


def _about_the_login(error: ApiError) -> ApiError:
    """The error that a call ends with when the login before it failed.

    Never one that the call's own answer could have been: an agency that is not found must not read as "the notebook is
    gone", or its state would be dropped.
    """
    if error.transient or isinstance(error, AuthenticationFailed | Forbidden):
        return error
    return AuthenticationFailed(
        f"the login failed: {error.message}",
        status=error.status,
        code=error.code,
        request_id=error.request_id,
        method=error.method,
        path=error.path,
        meaning=error.meaning,
        next_step=error.next_step,
    )
