"""One login and what it opens: project ids, and the notebook API of any of its regions and projects."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from modelarts_provider.api.auth import metadata
from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.credentials import Token
from modelarts_provider.api.auth.login import LoginSettings, Services, login
from modelarts_provider.api.auth.projects import Projects, may_belong
from modelarts_provider.api.auth.sources import Password
from modelarts_provider.api.endpoints import endpoint
from modelarts_provider.api.errors import ApiError, NoCredentials, UnknownProject
from modelarts_provider.api.http.client import Client
from modelarts_provider.api.modelarts.notebooks import Notebooks

if TYPE_CHECKING:
    import httpx

    from modelarts_provider.api.auth.credential_files import FileLogin
    from modelarts_provider.api.http.attempt import Log
    from modelarts_provider.api.http.limiter import Limiter
    from modelarts_provider.api.http.responses import Answer
    from modelarts_provider.framework.cancellation import Cancel


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How calls travel; the same for all services.

    Attributes:
        cancel: Ends waits and reads (see Client).
        user_agent: As the services' logs show it.
        endpoints: The user's own URLs by service (modelarts, iam, sts, metadata).
        cloud: The domain of a partner's or private cloud.
        auth_url: IAM's URL with /v3, as users of Huawei's provider write it.
        verify: See ``http.tls.verify``.
        max_retries: How often a call is sent again.
        log: Receives each call, masked.
        limiter: One for the process.
        secrets: Values that no error shows, besides those of the credentials.
        transport: Takes the place of the network, in tests.
        metadata_endpoint: The ECS metadata service, where ``endpoints`` doesn't name another (``metadata``).
    """

    cancel: Cancel
    user_agent: str
    endpoints: Mapping[str, str] = field(default_factory=dict)
    cloud: str | None = None
    auth_url: str | None = None
    verify: Any = True
    max_retries: int = 5
    log: Log | None = None
    limiter: Limiter | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    transport: httpx.AsyncBaseTransport | None = None
    metadata_endpoint: str = metadata.ENDPOINT

    def client(self, service: str, region: str, project_id: str | None = None) -> Client:
        """A client of a service in a region, without authentication; with a project id its paths start below it."""
        url = endpoint(service, region, cloud=self.cloud, overrides=self.endpoints, auth_url=self.auth_url)
        return self._client(url, project_id)

    def metadata_client(self) -> Client:
        """A client of the ECS metadata service: never through a proxy, and quick to give up where there is none."""
        return self._client(
            self.endpoints.get("metadata") or self.metadata_endpoint,
            None,
            timeout=2.0,
            attempt_timeout=5.0,
            max_retries=1,
            environment_proxies=False,
        )

    def _client(self, url: str, project_id: str | None, **other: Any) -> Client:
        usual: dict[str, Any] = {
            "cancel": self.cancel,
            "user_agent": self.user_agent,
            "verify": self.verify,
            "max_retries": self.max_retries,
            "log": self.log,
            "limiter": self.limiter,
            "secrets": self.secrets,
            "transport": self.transport,
        }
        return Client(url, project_id or "", None, base_path=None if project_id else "", **(usual | other))


class Account:
    """A configured login. Nothing is called before it is needed, and nothing twice.

    Args:
        settings: Who the user is.
        network: How calls travel.
        shared_config: The profile of the shared config file, where one was named.
        sdk_file: The official SDK's credentials file, where there is one.
    """

    def __init__(
        self,
        settings: LoginSettings,
        network: Network,
        *,
        shared_config: FileLogin | None = None,
        sdk_file: FileLogin | None = None,
    ) -> None:
        self._settings = settings
        self._network = network
        self._files = (shared_config, sdk_file)
        self._services: dict[tuple[str, str], Client] = {}
        self._keepers: dict[tuple[str | None, str | None], Keeper] = {}
        self._projects: dict[str, Projects] = {}
        self._apis: dict[tuple[str, str], Client] = {}

    def origin(self, region: str) -> str:
        """How the login works, in words, without any value.

        Raises:
            NoCredentials: Half of a pair is missing.
        """
        return self._keeper(region, None).source.origin

    async def log_in(self, region: str) -> datetime | None:
        """Get credentials now, unless they are there; when they end, None for those that don't (or don't say).

        Keys and tokens that were given are taken as they are: only a call shows whether the service accepts them.

        Raises:
            ApiError: None could be had.
        """
        return (await self._keeper(region, None).credential()).expires_at

    async def probe(self, service: str, region: str) -> Answer:
        """What a service answers to a call without authentication, good or bad.

        Raises:
            ApiError: Nothing answers, or the endpoint can't be used.
        """
        return await self._service(service, region).probe()

    async def project_id(self, region: str) -> str:
        """The project that calls to a region belong to: the configured one, the token's, or looked up by name once.

        A configured project counts for the configured region alone.

        Raises:
            UnknownProject: There is none, or more than one.
            ApiError: The login or IAM failed.
        """
        settings = self._settings
        if region == (settings.region or region):
            if settings.project_id:
                return settings.project_id
            unplaced = settings.unplaced_project_id
            if unplaced and await self.holds(region, unplaced):
                return unplaced
        keeper = self._keeper(region, None)
        if isinstance(keeper.source, Password):
            credential = await keeper.credential()
            if isinstance(credential, Token) and credential.project_id:
                # The token is for that very project: calls to it need no other.
                self._keepers.setdefault((region, credential.project_id), keeper)
                return credential.project_id
        return await self._projects_seen(region).id_of(self._project_name(region))

    async def holds(self, region: str, project_id: str) -> bool:
        """Whether a project is one of a region's, by its name. One that the credentials don't see can be.

        Raises:
            UnknownProject: IAM could not be asked; the message says how to do without.
        """
        try:
            name = await self._name_of(project_id, region)
        except ApiError as error:
            message = f"whether the given project_id belongs to {region} could not be looked up: {error.message}"
            step = f"{error.next_step} Or say it: set HW_REGION_NAME beside HW_PROJECT_ID, or project_id in the provider block."
            raise UnknownProject(
                message,
                status=error.status,
                code=error.code,
                request_id=error.request_id,
                method=error.method,
                path=error.path,
                next_step=step,
            ) from error
        return name is None or may_belong(name, region)

    async def _name_of(self, project_id: str, region: str) -> str | None:
        """A project's name; a user's token for it says it, and serves the calls as well."""
        keeper = self._keeper(region, project_id)
        if isinstance(keeper.source, Password):
            credential = await keeper.credential()
            return credential.project_name if isinstance(credential, Token) else None
        return await self._projects_seen(region).name_of(project_id)

    def _projects_seen(self, region: str) -> Projects:
        if region not in self._projects:
            auth = SessionAuth(self._keeper(region, None))
            self._projects[region] = Projects(self._service("iam", region).with_auth(auth))
        return self._projects[region]

    async def notebooks(self, region: str, project_id: str | None = None) -> Notebooks:
        """The notebook API of a region, in a project (by default the one of project_id(region)).

        Raises:
            ApiError: The project had to be looked up, and that failed.
        """
        given = project_id.lower() if project_id else None  # the service knows ids in lower case alone
        chosen = given or await self.project_id(region)
        key = (region, chosen)
        if key not in self._apis:
            # A user's token is for one project: the one without a project is for the region's usual one.
            other = chosen if chosen == self._settings.unplaced_project_id else None
            auth = SessionAuth(self._keeper(region, given or other), project_id=chosen)
            self._apis[key] = self._network.client("modelarts", region, chosen).with_auth(auth)
        return Notebooks(self._apis[key])

    async def aclose(self) -> None:
        """Close all connections, on the event loop that opened them."""
        clients = [*self._services.values(), *self._apis.values()]
        self._services, self._apis, self._projects, self._keepers = {}, {}, {}, {}
        for client in clients:
            await client.aclose()

    def _project_name(self, region: str) -> str:
        name = self._settings.project_name
        return name if name and region == (self._settings.region or region) else region

    def _keeper(self, region: str, project_id: str | None) -> Keeper:
        """The credentials for a project: one for all, except for a user's tokens, which are each for one project."""
        if not region:
            raise NoCredentials("no region is set", next_step="Set region (HW_REGION_NAME).")
        keeper = self._keepers.get((None, None)) or self._keepers.get((region, project_id))
        if keeper is not None:
            return keeper
        home = self._settings.region or region
        settings = dataclasses.replace(
            self._settings,
            region=region,
            project_name=self._project_name(region),
            project_id=project_id or (self._settings.project_id if region == home else None),
        )
        services = Services(self._service("iam", home), self._service("sts", home), self._service("metadata", ""))
        source = login(settings, services, *self._files)
        keeper = Keeper(source, log=self._network.log)
        self._keepers[(region, project_id) if isinstance(source, Password) else (None, None)] = keeper
        return keeper

    def _service(self, service: str, region: str) -> Client:
        key = (service, region)
        if key not in self._services:
            network = self._network
            self._services[key] = (
                network.metadata_client() if service == "metadata" else network.client(service, region)
            )
        return self._services[key]
