"""The provider's settings: configuration, then environment, then default, decided in this one place.

Each value remembers where it came from, for the debug log; a value itself is never logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from modelarts_provider.core.values import UNKNOWN, is_fully_known


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its environment names in order, how their text is read, and its default."""

    name: str
    environment: tuple[str, ...]
    read: Callable[[str], Any] = str
    default: Any = None


class BadSetting(Exception):
    """An environment variable holds a value that can't be used; the message names it."""


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("must be true or false")


def _pairs(text: str) -> dict[str, str]:
    pairs = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    if len(pairs) != len([part for part in text.split(",") if part]):
        raise ValueError("must be written as key=value,key2=value2")
    return pairs


def _names(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


SETTINGS: Final = (
    Setting("region", ("HW_REGION_NAME",)),
    Setting("access_key", ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK")),
    Setting("secret_key", ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK")),
    Setting("security_token", ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN")),
    Setting("project_id", ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID")),
    Setting("insecure", ("HW_INSECURE",), _flag, default=False),
    Setting("cacert_file", ("HW_CACERT_FILE",)),
    Setting("max_retries", ("HW_MAX_RETRIES",), int, default=5),
    Setting("default_tags", ("HW_DEFAULT_TAGS",), _pairs),
    Setting("allow_stopping_for_update", ("HW_ALLOW_STOPPING_FOR_UPDATE",), _flag, default=True),
)

IGNORED_TAGS: Final = (
    Setting("keys", ("HW_IGNORE_TAGS_KEYS",), _names),
    Setting("key_prefixes", ("HW_IGNORE_TAGS_KEY_PREFIXES",), _names),
)

ENDPOINTS: Final = (
    Setting("modelarts", ("HW_ENDPOINT_MODELARTS",)),
    Setting("iam", ("HW_ENDPOINT_IAM",)),
)

EUROPEAN_REGIONS: Final = "eu-west-1"
"""Regions that start so belong to the European site, whose names end in .eu (Huawei's own provider)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved settings: values by name, where each came from, and which aren't known yet."""

    values: Mapping[str, Any]
    endpoints: Mapping[str, str]
    origins: Mapping[str, str]
    unknown: frozenset[str]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def endpoint(self, service: str, region: str) -> str:
        """The address of a service in a region, without a slash at its end."""
        if service in self.endpoints:
            return self.endpoints[service].rstrip("/")
        suffix = "eu" if region.startswith(EUROPEAN_REGIONS) else "com"
        return f"https://{service}.{region}.myhuaweicloud.{suffix}"


def resolve(config: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """Resolve every setting.

    Raises:
        BadSetting: an environment variable can't be read.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    unknown: set[str] = set()
    for setting in SETTINGS:
        configured = config[setting.name]
        if not is_fully_known(configured):
            unknown.add(setting.name)
            configured = UNKNOWN
        values[setting.name], origins[setting.name] = _resolve(setting, configured, environment)
    endpoints = _group("endpoints", ENDPOINTS, config, environment, origins, unknown)
    values["ignore_tags"] = _group("ignore_tags", IGNORED_TAGS, config, environment, origins, unknown)
    return Settings(values, endpoints, origins, frozenset(unknown))


def _group(
    name: str,
    settings: tuple[Setting, ...],
    config: Mapping[str, Any],
    environment: Mapping[str, str],
    origins: dict[str, str],
    unknown: set[str],
) -> dict[str, Any]:
    """The members of a nested setting that have a value; one unknown member makes the whole unknown."""
    configured = config[name]
    if configured is UNKNOWN or not is_fully_known(configured):
        unknown.add(name)
        configured = None
    members: dict[str, Any] = {}
    for setting in settings:
        value, origin = _resolve(setting, (configured or {}).get(setting.name), environment)
        if value is not None:
            members[setting.name], origins[f"{name}.{setting.name}"] = value, origin
    return members


def _resolve(setting: Setting, configured: Any, environment: Mapping[str, str]) -> tuple[Any, str]:
    if configured is UNKNOWN:
        return None, "configuration (not known yet)"
    if configured is not None and configured != "":
        return configured, "configuration"
    for name in setting.environment:
        text = environment.get(name, "")
        if not text:
            continue
        try:
            return setting.read(text), f"environment {name}"
        except ValueError as error:
            msg = f"the environment variable {name} can't be used: {error}"
            raise BadSetting(msg) from error
    return setting.default, "default" if setting.default is not None else "unset"
