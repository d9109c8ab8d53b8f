"""The provider: its block, its resources, and what configuring it does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from modelarts_provider import __version__
from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.paths import path
from modelarts_provider.core.schema import Schema
from modelarts_provider.core.values import UNKNOWN
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.resources.base import Resource, Values
from modelarts_provider.resources.notebook import NotebookResource
from modelarts_provider.resources.notebook_tags import TagPolicy
from modelarts_provider.resources.session import Connection, Session
from modelarts_provider.settings import SETTINGS, BadSetting, Settings, resolve

NEEDED: Final = ("region", "access_key", "secret_key", "project_id")

Log = Any


class ModelartsProvider:
    """The provider as the protocol sees it. Making one calls nothing and reads no setting."""

    def __init__(self, environment: Mapping[str, str] | None = None, log: Log = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._log = log
        self._session = Session()
        notebook = NotebookResource(self._session)
        self._resources: Mapping[str, Resource] = {notebook.type_name: notebook}

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
        for one, other in (("access_key", "secret_key"), ("secret_key", "access_key")):
            if config[one] not in (None, UNKNOWN) and config[other] is None and not self._in_environment(other):
                found.error(
                    f"{other} is missing",
                    f"{one} is set in the provider block and {other} isn't, there or in the environment. Set both.",
                    path(other),
                )
        return found

    async def configure(self, config: Values, terraform_version: str) -> Diagnostics:
        """Resolve the settings. Unknown ones are taken as they are: a call that needs them says so."""
        found = Diagnostics()
        try:
            settings = resolve(config, self._environment)
        except BadSetting as error:
            found.error("Unable to configure the provider", f"{error}. Nothing was called.")
            return found
        missing = [name for name in NEEDED if settings[name] is None and name not in settings.unknown]
        for name in missing:
            found.error(*_missing(name), path(name))
        if missing:
            return found
        self._note_origins(settings)
        await self._session.configure(_connection(settings, terraform_version, self._environment, self._call_log()))
        return found

    def stop(self) -> None:
        """Ask running operations to end: waits end at once, a stopped instance is brought back first."""
        self._session.cancel.set()

    async def aclose(self) -> None:
        """Close connections: for servers that outlive the provider, such as those of tests."""
        await self._session.aclose()

    def _in_environment(self, name: str) -> bool:
        return any(
            self._environment.get(each) for setting in SETTINGS if setting.name == name for each in setting.environment
        )

    def _note_origins(self, settings: Settings) -> None:
        if self._log is not None:
            self._log.debug(
                "settings", **{name: origin for name, origin in settings.origins.items() if origin != "unset"}
            )

    def _call_log(self) -> Any:
        log = self._log
        if log is None or not log.is_on("DEBUG"):
            return None
        return lambda message, facts: log.debug(message, **facts)


def _missing(name: str) -> tuple[str, str]:
    environment = " or ".join(next(setting.environment for setting in SETTINGS if setting.name == name))
    return (
        f"The provider's {name} is missing",
        f"Set {name} in the provider block, or {environment} in the environment. Nothing was called.",
    )


def _connection(settings: Settings, terraform_version: str, environment: Mapping[str, str], log: Any) -> Connection:
    def place(name: str) -> Any:
        return UNKNOWN if name in settings.unknown else settings[name]

    agent = f"terraform-provider-modelarts/{__version__} terraform/{terraform_version or 'unknown'}"
    appended = environment.get("TF_APPEND_USER_AGENT", "")
    return Connection(
        region=place("region"),
        project_id=place("project_id"),
        access_key=settings["access_key"] or "",
        secret_key=settings["secret_key"] or "",
        security_token=settings["security_token"],
        overrides=tuple(sorted(settings.endpoints.items())),
        endpoint=lambda region: settings.endpoint("modelarts", region),
        user_agent=f"{agent} {appended}".strip(),
        max_retries=int(settings["max_retries"] if settings["max_retries"] is not None else 5),
        insecure=bool(settings["insecure"]),
        cacert_file=settings["cacert_file"],
        tags=TagPolicy(
            defaults=UNKNOWN if "default_tags" in settings.unknown else dict(settings["default_tags"] or {}),
            ignored_keys=frozenset(settings["ignore_tags"].get("keys", ())),
            ignored_prefixes=tuple(settings["ignore_tags"].get("key_prefixes", ())),
        ),
        allow_stopping_for_update=settings["allow_stopping_for_update"] is not False,
        unknown=settings.unknown,
        log=log,
    )
