"""From resolved settings to a login: files are read, and what they say has less weight than configuration and environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from modelarts_provider.api.account import Account, Network
from modelarts_provider.api.auth.credential_files import SDK_FILE, FileLogin, read_sdk_credentials, read_shared_config
from modelarts_provider.api.auth.login import LoginSettings, OidcRole, Role
from modelarts_provider.api.auth.projects import may_belong
from modelarts_provider.api.errors import NoCredentials
from modelarts_provider.api.http.limiter import Limiter
from modelarts_provider.api.http.tls import verify
from modelarts_provider.api.local_files import is_file
from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.resources.common.setting_rules import PROJECT_ID, REGION, URL
from modelarts_provider.settings import CONFIGURED, Settings

Log = Any

OWN = ("access_key", "secret_key", "security_token", "token", "user_name", "user_id", "password")
"""Settings that files never say."""

SECRET = ("access_key", "secret_key", "security_token", "token", "password")
"""Those of them that nothing shows, wherever they were found."""

NAMES = ("domain_name", "domain_id", "project_id", "project_name")
"""Further settings that calls are made of, which the services repeat."""

LOCATION = ("region", "project_id", "domain_id")
"""Settings that files may say."""


@dataclass(frozen=True, slots=True)
class ProviderProject:
    """The project of the provider's region, as far as settings say it.

    A project id belongs to the region that stands beside it: in the environment, or in the same file. One that stands
    in the provider block belongs to the provider's region.

    Attributes:
        id: The project's id, None where no setting has one for the region.
        unplaced_id: Instead of that, an id with no region beside it: only IAM knows whether it is the region's.
        origin: Where the id was found.
    """

    id: str | None = None
    unplaced_id: str | None = None
    origin: str | None = None


def read_files(settings: Settings) -> tuple[FileLogin | None, FileLogin | None]:
    """The shared config file's profile, where a file is named, and the official SDK's file, where there is one.

    Raises:
        NoCredentials: a named file can't be used (EncryptedProfile where it is encrypted).
    """
    shared = settings["shared_config_file"]
    if settings["profile"] and not shared:
        raise NoCredentials(
            "the provider's profile is set, and shared_config_file isn't",
            next_step="Set shared_config_file (HW_SHARED_CONFIG_FILE) to KooCLI's config.json.",
        )
    named = settings["sdk_credentials_file"]
    sdk = named or (SDK_FILE if is_file(SDK_FILE) else None)
    files = (
        read_shared_config(shared, settings["profile"], unshown=configured(settings)) if shared else None,
        read_sdk_credentials(sdk) if sdk and (named or _says_nothing(settings)) else None,
    )
    _check(settings, files)
    return files


def _check(settings: Settings, files: tuple[FileLogin | None, FileLogin | None]) -> None:
    """Hold what files say against the provider block's rules, where nothing else goes before it."""
    for setting, name, rule in (("region", "region", REGION), ("auth_url", "iam_endpoint", URL)):
        file = next((file for file in files if file and getattr(file, name)), None)
        if file and not settings[setting] and any(True for _ in rule.check(getattr(file, name))):
            raise NoCredentials(
                f"the {name} of {file.in_errors} can't be used: it must {rule.describe()}",
                next_step=f"Correct it there, or set {setting} in the provider block.",
            )
    project = provider_project(settings, files)
    file = next((file for file in files if file and project.origin == f"file {file.origin}"), None)
    if file and any(True for _ in PROJECT_ID.check(project.id or project.unplaced_id)):
        raise NoCredentials(
            f"the project id of {file.in_errors} can't be used: it must {PROJECT_ID.describe()}",
            next_step="Correct it there, or set project_id in the provider block.",
        )


def check_trust(settings: Settings) -> None:
    """Read the certificate authorities, where the user names some.

    Raises:
        ConnectionFailed: they can't be used.
    """
    _verify(settings)


def _verify(settings: Settings) -> Any:
    return verify(
        insecure=bool(settings["insecure"]),
        cacert_file=settings["cacert_file"],
        hides_path="cacert_file" in configured(settings),
    )


def configured(settings: Settings) -> frozenset[str]:
    """The settings that the provider block says: their values stand in no error, as Terraform may hold them sensitive."""
    return frozenset(name for name, origin in settings.origins.items() if origin == CONFIGURED)


def unshown_values(settings: Settings) -> tuple[str, ...]:
    """What no error shows, although a service may repeat it: secrets, and what the provider block says of the login.

    Addresses and the region aren't among them: an error of the network has to say where a call went (decisions/0011).
    """
    ours, oidc = configured(settings), settings["assume_role_with_oidc"]
    found = [settings[name] for name in (*OWN, *NAMES) if name in SECRET or name in ours]
    found += [value for name, value in oidc.items() if name == "id_token" or f"assume_role_with_oidc.{name}" in ours]
    found += [value for role in settings["assume_role"] if "assume_role" in ours for value in role.values()]
    return tuple(value for value in found if isinstance(value, str) and value)


def _says_nothing(settings: Settings) -> bool:
    """Whether neither configuration nor environment says who the user is."""
    login = ("access_key", "secret_key", "token", "user_name", "user_id", "password", "shared_config_file")
    return not any(settings[name] for name in login) and not settings["assume_role_with_oidc"]


def location_setting(settings: Settings, name: str, files: tuple[FileLogin | None, FileLogin | None]) -> str | None:
    """Region, project id or domain id: the setting, else what the files say."""
    found: str | None = settings[name] or next(
        (getattr(file, name) for file in files if file and getattr(file, name)), None
    )
    return found


def location_origin(settings: Settings, name: str, files: tuple[FileLogin | None, FileLogin | None]) -> str | None:
    """Where ``location_setting`` found it, None where nothing says it."""
    if settings[name]:
        return settings.origins[name]
    return next((f"file {file.origin}" for file in files if file and getattr(file, name)), None)


def provider_project(settings: Settings, files: tuple[FileLogin | None, FileLogin | None]) -> ProviderProject:
    """The project of the provider's region; a project id of another region is passed over."""
    configured, origin = settings["project_id"], settings.origins["project_id"]
    if configured and origin == CONFIGURED:
        return ProviderProject(id=configured.lower(), origin=origin)
    region = location_setting(settings, "region", files)
    found = [(configured, settings.environment_region, origin)] if configured else []
    found += [(file.project_id, file.region, f"file {file.origin}") for file in files if file and file.project_id]
    for project_id, beside, came_from in found:
        if beside is None:
            return ProviderProject(unplaced_id=project_id.lower(), origin=came_from)
        if beside == region:
            return ProviderProject(id=project_id.lower(), origin=came_from)
    return ProviderProject()


def _project_name(settings: Settings, region: str | None) -> str | None:
    """The project's name, unless it is the environment's for another region."""
    name: str | None = settings["project_name"]
    if not name or settings.origins["project_name"] == CONFIGURED or region is None:
        return name
    belongs = (settings.environment_region or region) == region and may_belong(name, region)
    return name if belongs else None


def origins(settings: Settings, files: tuple[FileLogin | None, FileLogin | None]) -> dict[str, str]:
    """Where each setting that has a value got it, for the debug log and ``doctor``; never a value."""
    found = {name: origin for name, origin in settings.origins.items() if origin != "unset"}
    from_files = {name: location_origin(settings, name, files) for name in LOCATION if name not in found}
    return found | {name: origin for name, origin in from_files.items() if origin}


def open_account(
    settings: Settings, files: tuple[FileLogin | None, FileLogin | None], user_agent: str, log: Log
) -> Account:
    """The account; nothing is called before it is needed. Its calls aren't ended by the provider's cancel."""
    network = Network(
        cancel=Cancel.shield(),
        user_agent=user_agent,
        endpoints=settings.endpoints,
        cloud=settings["cloud"],
        auth_url=settings["auth_url"]
        or next((file.iam_endpoint for file in files if file and file.iam_endpoint), None),
        verify=_verify(settings),
        max_retries=int(settings["max_retries"] if settings["max_retries"] is not None else 5),
        log=log,
        limiter=Limiter(_rate(settings["requests_per_second"])),
        secrets=unshown_values(settings),
    )
    region, project = location_setting(settings, "region", files), provider_project(settings, files)
    login = LoginSettings(
        **{name: settings[name] for name in OWN},
        region=region,
        domain_id=location_setting(settings, "domain_id", files),
        project_id=project.id,
        unplaced_project_id=project.unplaced_id,
        project_name=_project_name(settings, region),
        domain_name=settings["domain_name"],
        assume_role=tuple(_role(role) for role in settings["assume_role"]),
        assume_role_with_oidc=_oidc(settings),
    )
    return Account(login, network, shared_config=files[0], sdk_file=files[1])


def _rate(rate: Decimal | float | None) -> float | None:
    """A rate that can be reckoned with: one call in 20 minutes is as good as none, a million a second as no limit."""
    return float(min(max(Decimal(rate), Decimal("0.001")), Decimal(1_000_000))) if rate else None


def _role(role: Mapping[str, Any]) -> Role:
    return Role(role["agency_name"], role.get("domain_name"), role.get("domain_id"), role.get("duration"))


def _oidc(settings: Settings) -> OidcRole | None:
    oidc = settings["assume_role_with_oidc"]
    if not oidc.get("idp_id"):
        return None
    role = _role(oidc) if oidc.get("agency_name") else None
    hides_path = "assume_role_with_oidc.id_token_file" in configured(settings)
    return OidcRole(oidc["idp_id"], oidc.get("id_token"), oidc.get("id_token_file"), role, hides_path)
