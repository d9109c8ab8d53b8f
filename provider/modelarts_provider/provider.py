"""The provider: its block, its resources, and what configuring it does."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

from modelarts_provider import __version__
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.protocol.import_stubs import leave_out, remember_absent
from modelarts_provider.framework.resource import Resource
from modelarts_provider.framework.schema.attributes import Schema
from modelarts_provider.framework.schema.paths import Path, path
from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.resources.common.provider_block import ProviderBlock, ProviderProtection
from modelarts_provider.resources.common.session import Caller, Connection, Session
from modelarts_provider.resources.common.tags import TAG_RULES, TagPolicy
from modelarts_provider.resources.notebook.resource import NotebookResource
from modelarts_provider.settings import CONFIGURED, SETTINGS, BadSetting, Settings, check, resolve

PAIRS: Final = (("access_key", "secret_key"), ("user_name", "password"), ("user_id", "password"))

INSECURE: Final = "The provider doesn't verify certificates"

Log = Any


class ModelartsProvider:
    """The provider as the protocol sees it. Making one calls nothing and reads no setting."""

    def __init__(self, environment: Mapping[str, str] | None = None, log: Log = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._log = log
        self._session = Session()
        self._notebook = NotebookResource(self._session)
        self._notebook.known.log = self._note
        self._resources: Mapping[str, Resource] = {self._notebook.type_name: self._notebook}

    @property
    def schema(self) -> Schema:
        """The schema of the provider block."""
        return SCHEMA

    @property
    def resources(self) -> Mapping[str, Resource]:
        """Resources by type."""
        return self._resources

    def validate(self, config: Values) -> Diagnostics:
        """Check what belongs together in the provider block."""
        found = Diagnostics()
        for one, other in (("access_key", "secret_key"), ("secret_key", "access_key"), ("user_name", "password")):
            if config[one] not in (None, UNKNOWN) and config[other] is None and not self._in_environment(other):
                found.error(
                    f"The provider's {other} is missing",
                    f"{one} is set in the provider block and {other} isn't, there or in the environment. Set both.",
                    path(other),
                )
        return found

    async def configure(self, config: Values, terraform_version: str) -> Diagnostics:
        """Resolve the settings. Unknown ones are taken as they are: a call that needs them says so."""
        found = Diagnostics()
        remember_absent("sniffio")  # the HTTP library looks for it six times per call, which took a third of the call
        leave_out("httpx._main")  # its command line, which imports click and pygments where they happen to be installed
        try:
            settings = resolve(config, self._environment)
            check(settings, without=("default_tags",))  # each of their keys is named below
        except BadSetting as error:
            found.error("Unable to configure the provider", f"{_sentence(error)}. Nothing was called.")
            return found
        if _check_tags(settings, found):
            return found
        if settings["insecure"] is True:
            at = path("insecure") if settings.origins["insecure"] == CONFIGURED else None
            found.warning(INSECURE, _insecure_detail(settings), at)
        if settings.unknown_to_calls:
            self._note_origins(settings, (None, None))
            await self._connect(settings, (None, None), terraform_version)
            return found
        files = _files(settings, found)
        # A file that can't be read may hold what is missing.
        missing = [] if found.has_error else _missing(settings, files)
        _check_trust(settings, found)
        for name in missing:
            found.error(*_missing_error(name), path(name))
        if not found.has_error:
            self._note_origins(settings, files)
            await self._connect(settings, files, terraform_version)
        return found

    def stop(self) -> None:
        """Ask running operations to end: waits end at once, a stopped instance is brought back first."""
        self._session.cancel.set()

    async def aclose(self) -> None:
        """Close connections: for servers that outlive the provider, such as those of tests."""
        await self._session.aclose()

    async def _connect(self, settings: Settings, files: Files, terraform_version: str) -> None:
        opener = self._open(settings, files, terraform_version)
        connection = Connection(
            block=_block(settings, files), identity=(settings, files), open=opener, unknown=settings.unknown_to_calls
        )
        await self._session.configure(connection)
        self._notebook.known.unmanaged_seconds = settings["unmanaged_seconds"]
        self._notebook.known.user_id = _user_id(settings)

    def _open(self, settings: Settings, files: Files, terraform_version: str) -> Callable[[], Caller]:
        agent = f"terraform-provider-modelarts/{__version__} terraform/{terraform_version or 'unknown'}"
        added = "".join(char for char in self._environment.get("TF_APPEND_USER_AGENT", "") if " " <= char <= "~")
        user_agent = f"{agent} {added}".strip()

        def opener() -> Caller:
            from modelarts_provider.login_settings import open_account  # noqa: PLC0415 - imports httpx

            return open_account(settings, files, user_agent, self._call_log())

        return opener

    def _in_environment(self, name: str) -> bool:
        return any(
            self._environment.get(each) for setting in SETTINGS if setting.name == name for each in setting.environment
        )

    def _note_origins(self, settings: Settings, files: Files) -> None:
        if self._log is None or not self._log.is_on("DEBUG"):
            return
        from modelarts_provider.login_settings import origins  # noqa: PLC0415 - imports httpx

        self._log.debug("settings", **origins(settings, files))

    def _note(self, message: str, **facts: Any) -> None:
        """A line at level INFO, where there is a log."""
        if self._log is not None:
            self._log.info(message, **facts)

    def _call_log(self) -> Any:
        log = self._log
        if log is None or not log.is_on("DEBUG"):
            return None
        return lambda message, facts: log.debug(_headline(message, facts), **facts)


def _headline(message: str, facts: Mapping[str, Any]) -> str:
    """The message with what a reader looks for first: Terraform prints the facts behind it in any order."""
    if "method" not in facts:
        return message
    if "retry_in_s" in facts:
        came = f"in {facts['retry_in_s']:g} s"
    else:
        came = f"{facts.get('status') or 'no answer'} in {facts.get('ms')} ms"
    asked = f", request id {facts['request_id']}" if facts.get("request_id") else ""
    return f"{message}: {facts['method']} {facts['path']}: {came} (attempt {facts['attempt']}{asked})"


def _insecure_detail(settings: Settings) -> str:
    origin = settings.origins["insecure"]
    where = "insecure is true in the provider block" if origin == CONFIGURED else f"insecure is true ({origin})"
    return (
        f"{where}: whoever stands between this machine and the service can read and change every call, the login "
        "included. Remove it where the service is a real one, and set cacert_file for an authority of your own."
    )


Files = tuple[Any, Any]


def _files(settings: Settings, found: Diagnostics) -> Files:
    """The logins of files; a file that can't be used is an error at once."""
    from modelarts_provider.api.errors import ApiError  # noqa: PLC0415 - a configured provider imports the API anyway
    from modelarts_provider.login_settings import read_files  # noqa: PLC0415 - as above

    try:
        return read_files(settings)
    except ApiError as error:
        found.error(
            "Unable to configure the provider",
            f"{_sentence(error)}. Nothing was called. {error.next_step}",
            path("shared_config_file") if settings["shared_config_file"] else None,
        )
    return (None, None)


def _check_tags(settings: Settings, found: Diagnostics) -> bool:
    """Whether default tags of the environment are wrong, which no check of the configuration has seen."""
    origin = settings.origins["default_tags"]
    if not origin.startswith("environment "):
        return False
    variable = origin.replace("environment ", "environment variable ")
    wrong = {
        str(Path((*path("default_tags").steps, *below.steps))): problem
        for rule in TAG_RULES
        for below, problem in rule.check(settings["default_tags"])
    }
    for where, problem in wrong.items():
        found.error(
            "Unable to configure the provider",
            f"The {variable} can't be used: {where} {problem}. Nothing was called.",
        )
    return bool(wrong)


def _check_trust(settings: Settings, found: Diagnostics) -> None:
    """An error where the certificate authorities that the user names can't be used."""
    if not settings["cacert_file"] or settings["insecure"]:
        return
    from modelarts_provider.api.errors import ApiError  # noqa: PLC0415 - as above
    from modelarts_provider.login_settings import check_trust  # noqa: PLC0415 - as above

    try:
        check_trust(settings)
    except ApiError as error:
        at = path("cacert_file") if settings.origins["cacert_file"] == CONFIGURED else None
        found.error(
            "Unable to configure the provider", f"{_sentence(error)}. Nothing was called. {error.next_step}", at
        )


def _sentence(error: Exception) -> str:
    return f"{str(error)[:1].upper()}{str(error)[1:]}"


def _missing(settings: Settings, files: Files) -> list[str]:
    """Settings that nothing can do without: the region, and the other half of a pair."""
    from modelarts_provider.login_settings import location_setting  # noqa: PLC0415 - as above

    missing = [] if location_setting(settings, "region", files) else ["region"]
    halves = [(one, other) for one, other in PAIRS if bool(settings[one]) and not settings[other]]
    halves += [(one, other) for other, one in PAIRS[:1] if bool(settings[one]) and not settings[other]]
    return [*missing, *sorted({other for _, other in halves})]


def _missing_error(name: str) -> tuple[str, str]:
    environment = " or ".join(next(setting.environment for setting in SETTINGS if setting.name == name))
    return (
        f"The provider's {name} is missing",
        f"Set {name} in the provider block, or {environment} in the environment. Nothing was called.",
    )


def _block(settings: Settings, files: Files) -> ProviderBlock:
    from modelarts_provider.login_settings import location_origin, location_setting, provider_project  # noqa: PLC0415 - imports httpx

    project = provider_project(settings, files)
    # While the region isn't known, nor is whether a project that stands elsewhere is its own.
    open_project = "project_id" in settings.unknown or ("region" in settings.unknown and project.origin != CONFIGURED)
    unnamed = {f"file {file.origin}": file.unnamed for file in files if file and file.unnamed}
    found_at = {"region": location_origin(settings, "region", files), "project_id": project.origin}
    return ProviderBlock(
        region=UNKNOWN if "region" in settings.unknown else location_setting(settings, "region", files),
        project_id=UNKNOWN if open_project else project.id,
        unplaced_project_id=None if open_project else project.unplaced_id,
        origins={name: unnamed.get(origin, origin) for name, origin in found_at.items() if origin},
        tags=TagPolicy(
            defaults=settings.later_tags if "default_tags" in settings.unknown else settings["default_tags"] or {},
            ignored_keys=frozenset(settings["ignore_tags"].get("keys", ())),
            ignored_prefixes=tuple(settings["ignore_tags"].get("key_prefixes", ())),
            ignores_more="ignore_tags" in settings.unknown,
        ),
        allow_stopping_for_update=(
            UNKNOWN if "allow_stopping_for_update" in settings.unknown else settings["allow_stopping_for_update"]
        ),
        check_flavors_at_plan=settings["check_flavors_at_plan"] is True,
        deletion_protection=_protection(settings),
    )


def _protection(settings: Settings) -> ProviderProtection:
    if "deletion_protection" in settings.unknown:
        return ProviderProtection(UNKNOWN)
    _, _, variable = settings.origins["deletion_protection"].partition("environment ")
    return ProviderProtection(settings["deletion_protection"] is True, variable)


def _user_id(settings: Settings) -> str | None:
    """The id of the IAM user who calls: told by a login with user id and password, unless an agency calls in its place."""
    other = any(settings[name] for name in ("token", "access_key", "secret_key", "assume_role"))
    return None if other or not settings["password"] else settings["user_id"]
