"""What the provider block makes of a process: where calls go, as whom, and the flag that ends them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from modelarts_provider.core.values import UNKNOWN, Unknown
from modelarts_provider.core.waiting import Cancel
from modelarts_provider.resources.notebook_claims import Claims
from modelarts_provider.resources.notebook_tags import TagPolicy

if TYPE_CHECKING:
    from modelarts_provider.api.notebooks import Notebooks


class NotConfigured(Exception):
    """A call needs settings of the provider block that aren't known yet, or were never given."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        super().__init__(", ".join(sorted(names)) or "the provider block")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Everything a client is made from.

    ``endpoint`` gives the address for a region; it follows from ``overrides``, so that equal settings compare equal.
    """

    region: str | Unknown | None
    project_id: str | Unknown | None
    access_key: str
    secret_key: str
    security_token: str | None
    overrides: tuple[tuple[str, str], ...]
    endpoint: Callable[[str], str] = field(compare=False)
    user_agent: str
    max_retries: int
    insecure: bool = False
    cacert_file: str | None = None
    tags: TagPolicy = field(default_factory=TagPolicy)
    allow_stopping_for_update: bool = True
    unknown: frozenset[str] = frozenset()
    log: Callable[[str, Mapping[str, Any]], None] | None = field(default=None, compare=False)


@dataclass(slots=True)
class Session:
    """The process's connection, once configured, and one client for each region and project that is used.

    httpx is imported with the first client, which no validate and no schema call ever needs.
    """

    cancel: Cancel = field(default_factory=Cancel)
    claims: Claims = field(default_factory=Claims)
    _connection: Connection | None = None
    _notebooks: dict[tuple[str, str], Notebooks] = field(default_factory=dict)

    async def configure(self, connection: Connection) -> None:
        """Take the settings; the same ones again keep the clients with their open connections.

        A process that serves many Terraform commands is configured by each: a cancel of an earlier one is over then.
        """
        if self.cancel.is_set:
            self.cancel = Cancel()
        if connection != self._connection:
            await self.aclose()
        self._connection = connection

    @property
    def region(self) -> Any:
        """The provider's region: a text, None, or UNKNOWN."""
        return self._connection.region if self._connection else UNKNOWN

    @property
    def project_id(self) -> Any:
        """The provider's project id: a text, None, or UNKNOWN."""
        return self._connection.project_id if self._connection else UNKNOWN

    @property
    def tags(self) -> TagPolicy:
        """What the provider block says about tags."""
        return self._connection.tags if self._connection else TagPolicy(defaults=UNKNOWN)

    @property
    def allow_stopping_for_update(self) -> bool:
        """Whether updates may stop running instances, where a resource doesn't say."""
        return self._connection.allow_stopping_for_update if self._connection else True

    def notebooks(self, region: str, project_id: str) -> Notebooks:
        """The notebook API of a region and project.

        Its calls aren't ended by the cancel: who runs them watches it, so that restoring stays possible.

        Raises:
            NotConfigured: settings are missing.
        """
        connection = self._connection
        if connection is None or connection.unknown:
            raise NotConfigured(connection.unknown if connection else frozenset())
        key = (region, project_id)
        if key not in self._notebooks:
            self._notebooks[key] = _connect(connection, region, project_id)
        return self._notebooks[key]

    async def aclose(self) -> None:
        """Close every connection, on the event loop that opened them."""
        clients, self._notebooks = list(self._notebooks.values()), {}
        for client in clients:
            await client.aclose()


def _connect(connection: Connection, region: str, project_id: str) -> Notebooks:
    from modelarts_provider.api.auth import AkSkAuth  # noqa: PLC0415 - imports httpx, which a plan of nothing never needs
    from modelarts_provider.api.client import Client  # noqa: PLC0415 - as above
    from modelarts_provider.api.notebooks import Notebooks  # noqa: PLC0415 - as above

    auth = AkSkAuth(
        connection.access_key,
        connection.secret_key,
        security_token=connection.security_token,
        project_id=project_id,
    )
    verify: Any = not connection.insecure
    if connection.cacert_file and verify:
        import ssl  # noqa: PLC0415 - as above

        verify = ssl.create_default_context(cafile=connection.cacert_file)
    return Notebooks(
        Client(
            connection.endpoint(region),
            project_id,
            auth,
            cancel=Cancel.shield(),
            max_retries=connection.max_retries,
            user_agent=connection.user_agent,
            verify=verify,
            log=connection.log,
        )
    )
