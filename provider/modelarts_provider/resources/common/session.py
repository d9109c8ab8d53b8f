"""What the provider block makes of a process: where calls go, as whom, and the flag that ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from modelarts_provider.framework.cancellation import Cancel, CancelledByUser
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.provider_block import NOT_CONFIGURED, ProviderBlock

if TYPE_CHECKING:
    from modelarts_provider.api.modelarts.notebooks import Notebooks

T = TypeVar("T")


class NotConfigured(Exception):
    """A call needs settings of the provider block that aren't known yet, or were never given."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        super().__init__(", ".join(sorted(names)) or "the provider block")


class NoConnection(Exception):
    """Who the user is, or where to call, could not be settled; ``cause`` is the API's error."""

    def __init__(self, cause: Exception) -> None:
        self.cause = cause
        super().__init__(str(cause))


class Caller(Protocol):
    """What a login opens (see api.account)."""

    async def project_id(self, region: str) -> str:
        """The project of a region."""

    async def holds(self, region: str, project_id: str) -> bool:
        """Whether a project is one of a region's."""

    async def notebooks(self, region: str, project_id: str | None = None) -> Notebooks:
        """The notebook API of a region and project."""

    async def aclose(self) -> None:
        """Close every connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How the service is reached.

    Attributes:
        block: What the provider block says of resources.
        identity: Everything that the login and the calls depend on: equal ones can share their connections.
        open: Makes the account, when the first call is made.
        unknown: Settings that aren't known yet, and without which nothing can be called.
    """

    block: ProviderBlock
    identity: Any
    open: Callable[[], Caller] = field(compare=False)
    unknown: frozenset[str] = frozenset()


@dataclass(slots=True)
class Session:
    """The process's connection, once configured, and the account that is opened with the first call.

    httpx is imported with it, which no validate and no schema call ever needs.
    """

    cancel: Cancel = field(default_factory=Cancel)
    _connection: Connection | None = None
    _account: Caller | None = None
    _looked_up: dict[Hashable, asyncio.Future[Any]] = field(default_factory=dict)

    async def configure(self, connection: Connection) -> None:
        """Take the settings; the same ones again keep the open connections.

        A process that serves many Terraform commands is configured by each: a cancel of an earlier one is over then.
        """
        if self.cancel.is_set:
            self.cancel = Cancel()
        self._forget()
        if connection != self._connection:
            await self.aclose()
        self._connection = connection

    @property
    def block(self) -> ProviderBlock:
        """What the provider block says."""
        return self._connection.block if self._connection else NOT_CONFIGURED

    async def once(self, what: Hashable, look: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What a look-up gives, or raises: it is made once for each command of Terraform, however many ask for it."""
        if what not in self._looked_up:
            self._looked_up[what] = asyncio.ensure_future(look())
        found: T = await asyncio.shield(self._looked_up[what])
        return found

    def _forget(self) -> None:
        for look in self._looked_up.values():
            look.cancel()
        self._looked_up = {}

    async def notebooks(self, region: str, project_id: str) -> Notebooks:
        """The notebook API of a region and project.

        Its calls aren't ended by the cancel: who runs them watches it, so that restoring stays possible.

        Raises:
            NotConfigured: settings are missing.
            NoConnection: the login failed.
        """
        return await _connected(self._opened().notebooks(region, project_id))

    async def location(self, region: Any, project_id: Any) -> tuple[str, str]:
        """Region and project: those given, or, where they are null or unknown, the provider's; looked up if need be.

        The provider's project is its region's: in any other region the project is looked up.

        Raises:
            NotConfigured: settings are missing.
            NoConnection: the login or the look-up failed, or a stop was asked for meanwhile.
        """
        account = self._opened()
        region = self.block.region if region in (None, UNKNOWN) else region
        if region in (None, UNKNOWN):
            raise NotConfigured(frozenset({"region"}))
        if project_id in (None, UNKNOWN) and region == self.block.region:
            project_id = self.block.project_id
        if project_id in (None, UNKNOWN):
            project_id = await _connected(account.project_id(region), self.cancel)
        return region, project_id

    async def holds(self, region: str, project_id: str) -> bool:
        """Whether a project is one of a region's, as far as IAM tells.

        Raises:
            NotConfigured: settings are missing.
            NoConnection: the login or the look-up failed.
        """
        account = self._opened()
        return await self.once(
            ("holds", region, project_id), lambda: _connected(account.holds(region, project_id), self.cancel)
        )

    def _opened(self) -> Caller:
        connection = self._connection
        if connection is None or connection.unknown:
            raise NotConfigured(connection.unknown if connection else frozenset())
        if self._account is None:
            self._account = connection.open()
        return self._account

    async def aclose(self) -> None:
        """Close every connection, on the event loop that opened them."""
        self._forget()
        account, self._account = self._account, None
        if account is not None:
            await account.aclose()


async def _connected(work: Coroutine[Any, Any, T], cancel: Cancel | None = None) -> T:
    from modelarts_provider.api.errors import ApiError  # noqa: PLC0415 - only a call needs it
    from modelarts_provider.framework.cancellation import unless_cancelled  # noqa: PLC0415 - as above

    try:
        return await (work if cancel is None else unless_cancelled(work, cancel))
    except (ApiError, CancelledByUser) as error:
        raise NoConnection(error) from error
