"""What the provider block makes of a process: where calls go, as whom, and the flag that ends them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from modelarts_provider.framework.cancellation import Cancel, CancelledByUser
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.tags import TagPolicy
from modelarts_provider.resources.notebook.plan.protection import NOT_PROTECTED, ProviderProtection
from modelarts_provider.resources.notebook.service.known_instances import UNMANAGED_SECONDS, Claims

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


class Account(Protocol):
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
    """What the provider block says.

    Attributes:
        region: Its region, None, or UNKNOWN.
        project_id: The project id of that region, None where it is looked up, or UNKNOWN.
        unplaced_project_id: A project id of which only IAM knows whether it is that region's, or None.
        origins: Where region and project id were found, in words, by the setting's name.
        identity: Everything that the login and the calls depend on: equal ones can share their connections.
        open: Makes the account, when the first call is made.
        tags: Default and ignored tags.
        allow_stopping_for_update: Whether updates may stop running instances, or UNKNOWN.
        check_flavors_at_plan: Whether plans look flavors up.
        deletion_protection: Whether notebooks are protected that don't say so themselves, and what says so.
        unmanaged_seconds: See ``Claims``.
        user_id: The id of the IAM user who calls, where the settings tell it.
        unknown: Settings that aren't known yet, and without which nothing can be called.
    """

    region: Any
    project_id: Any
    identity: Any
    open: Callable[[], Account] = field(compare=False)
    tags: TagPolicy = field(default_factory=TagPolicy)
    allow_stopping_for_update: Any = True
    check_flavors_at_plan: bool = False
    deletion_protection: ProviderProtection = NOT_PROTECTED
    unmanaged_seconds: float = UNMANAGED_SECONDS
    user_id: str | None = None
    unknown: frozenset[str] = frozenset()
    unplaced_project_id: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """The process's connection, once configured, and the account that is opened with the first call.

    httpx is imported with it, which no validate and no schema call ever needs.
    """

    cancel: Cancel = field(default_factory=Cancel)
    claims: Claims = field(default_factory=Claims)
    _connection: Connection | None = None
    _account: Account | None = None
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
        self.claims.unmanaged_seconds = connection.unmanaged_seconds
        self.claims.user_id = connection.user_id

    @property
    def region(self) -> Any:
        """The provider's region: a text, None, or UNKNOWN."""
        return self._connection.region if self._connection else UNKNOWN

    @property
    def project_id(self) -> Any:
        """The project id of the provider's region: a text, None where it is looked up, or UNKNOWN."""
        return self._connection.project_id if self._connection else UNKNOWN

    @property
    def unplaced_project_id(self) -> str | None:
        """A project id of which only IAM knows whether it is the provider's region's, or None."""
        return self._connection.unplaced_project_id if self._connection else None

    @property
    def origins(self) -> Mapping[str, str]:
        """Where the provider's region and project id were found, in words, by the setting's name."""
        return self._connection.origins if self._connection else {}

    @property
    def tags(self) -> TagPolicy:
        """What the provider block says about tags."""
        return self._connection.tags if self._connection else TagPolicy(defaults=UNKNOWN)

    @property
    def allow_stopping_for_update(self) -> Any:
        """Whether updates may stop running instances, where a resource doesn't say; UNKNOWN where that isn't known yet."""
        return self._connection.allow_stopping_for_update if self._connection else UNKNOWN

    @property
    def check_flavors_at_plan(self) -> bool:
        """Whether plans look flavors up."""
        return self._connection.check_flavors_at_plan if self._connection else False

    @property
    def deletion_protection(self) -> ProviderProtection:
        """Whether notebooks are protected that don't say so themselves."""
        return self._connection.deletion_protection if self._connection else ProviderProtection(UNKNOWN)

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

    async def place(self, region: Any, project_id: Any) -> tuple[str, str]:
        """Region and project: those given, or, where they are null or unknown, the provider's; looked up if need be.

        The provider's project is its region's: in any other region the project is looked up.

        Raises:
            NotConfigured: settings are missing.
            NoConnection: the login or the look-up failed, or a stop was asked for meanwhile.
        """
        account = self._opened()
        region = self.region if region in (None, UNKNOWN) else region
        if region in (None, UNKNOWN):
            raise NotConfigured(frozenset({"region"}))
        if project_id in (None, UNKNOWN) and region == self.region:
            project_id = self.project_id
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

    def _opened(self) -> Account:
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
    from modelarts_provider.api.racing import unless_cancelled  # noqa: PLC0415 - as above

    try:
        return await (work if cancel is None else unless_cancelled(work, cancel))
    except (ApiError, CancelledByUser) as error:
        raise NoConnection(error) from error
