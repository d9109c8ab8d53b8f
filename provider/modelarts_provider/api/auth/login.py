"""Which of the ways to log in is used: the one place that knows their order.

1. ``token``
2. ``access_key`` and ``secret_key`` (with ``security_token`` for a temporary key)
3. ``user_name`` (or ``user_id``) and ``password``
4. ``assume_role_with_oidc``
5. ``shared_config_file`` (KooCLI), the profile's key, or the metadata service where its mode says so
6. the official SDK's credentials file, where there is one
7. the ECS metadata service

Whatever it is, the agencies of ``assume_role`` are assumed with it, one after the other. Values have been read from
configuration, environment and defaults before they come here; nothing here reads the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from modelarts_provider.api.auth.credentials import AccessKey, Token
from modelarts_provider.api.auth.metadata import Metadata
from modelarts_provider.api.auth.sources import Agency, Fixed, Oidc, Password
from modelarts_provider.api.errors import NoCredentials

if TYPE_CHECKING:
    from modelarts_provider.api.auth.credential_cache import Source
    from modelarts_provider.api.auth.credential_files import FileLogin
    from modelarts_provider.api.http.client import Client


@dataclass(frozen=True, slots=True)
class Role:
    """An agency to assume: its name, its account's name or id, and seconds that a key lives (None: default)."""

    agency_name: str
    domain_name: str | None = None
    domain_id: str | None = None
    duration: int | None = None


_PlacedRole: TypeAlias = tuple[str, Role]
"""A role, and where it is set, as errors name it."""


@dataclass(frozen=True, slots=True)
class OidcRole:
    """An identity provider with an id token (or its file), and the agency to assume with it, if any."""

    idp_id: str
    id_token: str | None = field(default=None, repr=False)
    id_token_file: str | None = None
    role: Role | None = None
    hides_path: bool = False
    """Whether errors leave the file's path out: it is the value of an argument of the provider block."""


@dataclass(frozen=True, slots=True)
class LoginSettings:
    """What the user said about who they are; names as in the provider block."""

    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    user_name: str | None = None
    user_id: str | None = None
    password: str | None = field(default=None, repr=False)
    domain_name: str | None = None
    domain_id: str | None = None
    project_id: str | None = None
    unplaced_project_id: str | None = None
    """A project id of which no setting says that it belongs to ``region``: IAM is asked before it is used."""
    project_name: str | None = None
    assume_role: tuple[Role, ...] = ()
    assume_role_with_oidc: OidcRole | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """Clients without authentication, of whom a login may ask something; none is called before it is needed."""

    iam: Client
    sts: Client
    metadata: Client


def login(
    settings: LoginSettings,
    services: Services,
    shared_config: FileLogin | None = None,
    sdk_file: FileLogin | None = None,
) -> Source:
    """The source of credentials for these settings. Makes no call.

    Args:
        settings: What the user said.
        services: Of whom to ask.
        shared_config: The profile of the shared config file, where one was named.
        sdk_file: The official SDK's credentials file, where there is one.

    Raises:
        NoCredentials: A half of a pair is missing, and the message says which.
    """
    base, roles = _base(settings, services, shared_config, sdk_file)
    own_domain = settings.domain_id or (shared_config.domain_id if shared_config else None)
    for place, role in (*roles, *_numbered(settings.assume_role)):
        base = Agency(
            base,
            services.iam,
            services.sts,
            role.agency_name,
            domain_name=role.domain_name,
            domain_id=role.domain_id,
            duration=role.duration,
            # Only the first agency is assumed by the user's own account; the next ones' caller is found by asking.
            base_domain_id=None if isinstance(base, Agency) else own_domain,
            place=place,
        )
    return base


def _numbered(roles: tuple[Role, ...]) -> tuple[_PlacedRole, ...]:
    """The agencies of ``assume_role``, each with its place there where they are several."""
    return tuple((f"assume_role[{at}]" if len(roles) > 1 else "assume_role", role) for at, role in enumerate(roles))


def _base(
    settings: LoginSettings, services: Services, shared_config: FileLogin | None, sdk_file: FileLogin | None
) -> tuple[Source, tuple[_PlacedRole, ...]]:
    """Who the user is before any agency of ``assume_role``, and the agencies that belong to that way of logging in."""
    if settings.token:
        return Fixed(Token(settings.token), "token"), ()
    if settings.access_key or settings.secret_key:
        return _given_key(settings), ()
    if settings.password and (settings.user_name or settings.user_id):
        return _password(settings, services), ()
    if settings.password or settings.user_name or settings.user_id:
        missing = "password (HW_USER_PASSWORD)" if not settings.password else "user_name (HW_USER_NAME)"
        raise NoCredentials(
            f"half of a login is set: {missing} is missing", next_step=f"Set {missing}, or remove the other half."
        )
    oidc = settings.assume_role_with_oidc
    if oidc:
        source = Oidc(services.iam, oidc.idp_id, oidc.id_token, oidc.id_token_file, oidc.hides_path)
        return source, (("assume_role_with_oidc", oidc.role),) if oidc.role else ()
    if shared_config:
        return _of_file(shared_config, services), () if settings.assume_role else _roles_of(shared_config)
    if sdk_file:
        return _of_file(sdk_file, services), ()
    return Metadata(services.metadata, is_last_resort=True), ()


def _given_key(settings: LoginSettings) -> Source:
    if not (settings.access_key and settings.secret_key):
        missing = "secret_key (HW_SECRET_KEY)" if settings.access_key else "access_key (HW_ACCESS_KEY)"
        raise NoCredentials(f"half of an access key is set: {missing} is missing", next_step=f"Set {missing}.")
    key = AccessKey(settings.access_key, settings.secret_key, settings.security_token)
    return Fixed(key, "temporary access key" if settings.security_token else "access key")


def _password(settings: LoginSettings, services: Services) -> Source:
    return Password(
        services.iam,
        settings.password or "",
        user_name=settings.user_name,
        user_id=settings.user_id,
        domain_name=settings.domain_name,
        domain_id=settings.domain_id,
        project_name=settings.project_name or settings.region,
        project_id=settings.project_id,
    )


def _of_file(file: FileLogin, services: Services) -> Source:
    if file.key:
        return Fixed(file.key, file.origin)
    if file.idp_id:
        return Oidc(services.iam, file.idp_id, id_token_file=file.id_token_file, origin=file.origin)
    return Metadata(services.metadata, origin=f"ECS metadata service, as {file.origin} says")


def _roles_of(file: FileLogin) -> tuple[_PlacedRole, ...]:
    if not file.agency_name or not (file.agency_domain_name or file.agency_domain_id):
        return ()
    # A profile that has both is assumed by name, as KooCLI and Huawei's provider do.
    domain_id = None if file.agency_domain_name else file.agency_domain_id
    return ((file.in_errors, Role(file.agency_name, file.agency_domain_name, domain_id)),)
