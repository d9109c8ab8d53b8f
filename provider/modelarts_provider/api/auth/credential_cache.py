"""Authentication with credentials that end: fetched when needed, replaced before their end and once after a 401."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import httpx

from modelarts_provider.api.auth.credentials import AccessKey, Credential, refresh_at
from modelarts_provider.api.auth.request_auth import sign
from modelarts_provider.api.errors import ApiError, AuthenticationFailed, Forbidden

if TYPE_CHECKING:
    from modelarts_provider.api.http.attempt import Log

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


class Keeper:
    """The present credential of one source, fetched when it is needed and replaced before it ends.

    Args:
        source: Where credentials come from.
        now: The clock, for tests.
        log: Receives a sentence and its facts when a credential is fetched.
    """

    def __init__(self, source: Source, *, now: Callable[[], datetime] = _now, log: Log | None = None) -> None:
        self.source = source
        self.now = now
        self.secrets: tuple[str, ...] = ()
        self._log = log
        self._one_at_a_time = asyncio.Lock()
        self._credential: Credential | None = None
        self._refresh_at: datetime | None = None

    async def credential(self) -> Credential:
        """The present credential, replaced when its end is near.

        Raises:
            ApiError: None could be fetched, and there is none that still works.
        """
        present = self._credential
        if present is None or self._is_due():
            async with self._one_at_a_time:
                present = self._credential
                if present is None or self._is_due():
                    present = await self._replaced(present)
        return present

    async def renewed_after(self, refused: Credential) -> Credential:
        """A newer credential than the refused one; many calls that were refused together fetch once."""
        async with self._one_at_a_time:
            present = self._credential
            if present is None or present == refused:
                present = await self._replaced(None)
            return present

    async def _replaced(self, old: Credential | None) -> Credential:
        """A fetched credential; the old one where fetching fails and it still works."""
        try:
            new = await self.source.fetch()
        except ApiError as error:
            if old is None or (old.expires_at is not None and old.expires_at <= self.now()):
                told = _about_the_login(error)
                if told is error:
                    raise  # "from error" would make it its own cause, and hide the one that it has
                raise told from error
            self._refresh_at = self.now() + PAUSE
            self._say("The credentials could not be renewed; the present ones still work", error=str(error))
            return old
        now = self.now()
        due = refresh_at(new, now)
        self._refresh_at = max(due, now + PAUSE) if due is not None and new == old else due
        self._credential = new
        self.secrets = tuple(dict.fromkeys((*new.secrets, *self.secrets)))[:9]
        self._say("Credentials fetched", expires_at=new.expires_at.isoformat() if new.expires_at else None)
        return new

    def _is_due(self) -> bool:
        return self._refresh_at is not None and self.now() >= self._refresh_at

    def _say(self, text: str, **facts: str | None) -> None:
        if self._log is not None:
            self._log(text, {"from": self.source.origin, **facts})


class SessionAuth(httpx.Auth):
    """Signs or adds a token with what a keeper holds.

    Args:
        keeper: Of the credentials; shared by the auths of several projects.
        project_id: Sent and signed as X-Project-Id.
        domain_id: Sent and signed as X-Domain-Id.
    """

    requires_request_body = True

    def __init__(self, keeper: Keeper, *, project_id: str | None = None, domain_id: str | None = None) -> None:
        self.keeper = keeper
        self.project_id = project_id
        self.domain_id = domain_id

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never be shown: of the present credential and of the ones before."""
        return self.keeper.secrets

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Authenticate and send; after a 401, once more with a new credential where the source can give one.

        A 401 means that nothing was done, so this is safe for a POST as well.
        """
        used = await self.keeper.credential()
        self._apply(request, used)
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED or not self.keeper.source.renewable:
            return
        try:
            body = await response.aread()
        except httpx.DecodingError:
            return  # whoever reads the answer finds that out as well, and tells
        if b"signature expired" in body:
            return  # this machine's clock is wrong; no other credential helps
        fresh = await self.keeper.renewed_after(used)
        if fresh != used:
            self._apply(request, fresh)
            yield request

    def _apply(self, request: httpx.Request, credential: Credential) -> None:
        if isinstance(credential, AccessKey):
            now = self.keeper.now()
            sign(request, credential, now=now, project_id=self.project_id, domain_id=self.domain_id)
        else:
            request.headers["X-Auth-Token"] = credential.value


def _about_the_login(error: ApiError) -> ApiError:
    """The error that a call ends with when the login before it failed: the very one, or one made of it.

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
