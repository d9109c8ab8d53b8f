"""The provider's settings: configuration, then environment, then default, decided in this one place.

Each value remembers where it came from, for the debug log; a value itself is never logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from modelarts_provider.framework.schema.validators import Each, Validator
from modelarts_provider.framework.schema.values import UNKNOWN, is_fully_known
from modelarts_provider.resources.common.setting_rules import DURATION, RULES
from modelarts_provider.resources.notebook.service.known_instances import UNMANAGED_SECONDS


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its environment names in order, how their text is read, and its default."""

    name: str
    environment: tuple[str, ...]
    read: Callable[[str], Any] = str
    default: Any = None


class BadSetting(Exception):
    """A setting holds a value that can't be used; the message names it, and never the value."""


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("must be true or false")


def _pairs(text: str) -> dict[str, str]:
    parts = _names(text)
    if not all("=" in part for part in parts):
        raise ValueError("must be written as key=value,key2=value2")
    pairs: dict[str, str] = {}
    for part in parts:
        key, _, value = part.partition("=")
        if key.strip() in pairs:
            raise ValueError("must not name a key twice")
        pairs[key.strip()] = value.strip()
    return pairs


def _whole(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?[0-9]{1,100}\s*", text):
        raise ValueError("must be a whole number")
    return int(text)


def _names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise ValueError("must be a number of seconds")
    return seconds


def _rate(text: str) -> int | Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        raise ValueError("must be a number above 0")
    return rate


SETTINGS: Final = (
    Setting("region", ("HW_REGION_NAME",)),
    Setting("token", ("HW_AUTH_TOKEN",)),
    Setting("access_key", ("HW_ACCESS_KEY", "HUAWEICLOUD_SDK_AK")),
    Setting("secret_key", ("HW_SECRET_KEY", "HUAWEICLOUD_SDK_SK")),
    Setting("security_token", ("HW_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN")),
    Setting("user_name", ("HW_USER_NAME",)),
    Setting("user_id", ("HW_USER_ID",)),
    Setting("password", ("HW_USER_PASSWORD",)),
    Setting("domain_name", ("HW_DOMAIN_NAME",)),
    Setting("domain_id", ("HW_DOMAIN_ID", "HUAWEICLOUD_SDK_DOMAIN_ID")),
    Setting("project_id", ("HW_PROJECT_ID", "HUAWEICLOUD_SDK_PROJECT_ID")),
    Setting("project_name", ("HW_PROJECT_NAME",)),
    Setting("shared_config_file", ("HW_SHARED_CONFIG_FILE",)),
    Setting("profile", ("HW_PROFILE",)),
    Setting("cloud", ("HW_CLOUD",)),
    Setting("auth_url", ("HW_AUTH_URL", "HUAWEICLOUD_SDK_IAM_ENDPOINT")),
    Setting("insecure", ("HW_INSECURE",), _flag, default=False),
    Setting("cacert_file", ("HW_CACERT_FILE",)),
    Setting("max_retries", ("HW_MAX_RETRIES",), _whole, default=5),
    Setting("requests_per_second", ("HW_REQUESTS_PER_SECOND",), _rate),
    Setting("default_tags", ("HW_DEFAULT_TAGS",), _pairs),
    Setting("allow_stopping_for_update", ("HW_ALLOW_STOPPING_FOR_UPDATE",), _flag, default=True),
    Setting("deletion_protection", ("HW_DELETION_PROTECTION",), _flag, default=False),
    Setting("check_flavors_at_plan", ("HW_CHECK_FLAVORS_AT_PLAN",), _flag, default=False),
)

ENDPOINTS: Final = (
    Setting("modelarts", ("HW_ENDPOINT_MODELARTS",)),
    Setting("iam", ("HW_ENDPOINT_IAM",)),
    Setting("sts", ("HW_ENDPOINT_STS", "HUAWEICLOUD_SDK_STS_ENDPOINT")),
    Setting("metadata", ("HW_ENDPOINT_METADATA",)),
)

CONFIGURED: Final = "configuration"
"""The origin of a value that stands in the provider block."""

IGNORED_TAGS: Final = (
    Setting("keys", ("HW_IGNORE_TAGS_KEYS",), _names),
    Setting("key_prefixes", ("HW_IGNORE_TAGS_KEY_PREFIXES",), _names),
)

ROLE: Final = (
    Setting("agency_name", ("HW_ASSUME_ROLE_AGENCY_NAME",)),
    Setting("domain_name", ("HW_ASSUME_ROLE_DOMAIN_NAME",)),
    Setting("domain_id", ("HW_ASSUME_ROLE_DOMAIN_ID",)),
    Setting("duration", ("HW_ASSUME_ROLE_DURATION",), _whole),
)

OIDC: Final = (
    *ROLE,
    Setting("idp_id", ("HW_ASSUME_ROLE_IDP_ID", "HUAWEICLOUD_SDK_IDP_ID")),
    Setting("id_token", ("HW_ASSUME_ROLE_ID_TOKEN",)),
    Setting("id_token_file", ("HW_ASSUME_ROLE_ID_TOKEN_FILE", "HUAWEICLOUD_SDK_ID_TOKEN_FILE")),
)

SDK_FILE: Final = Setting("sdk_credentials_file", ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",))
"""The official SDK's credentials file; its usual place is read where nothing else says who the user is."""

UNMANAGED: Final = Setting(
    "unmanaged_seconds", ("MODELARTS_UNMANAGED_WAIT_SECONDS",), _seconds, default=UNMANAGED_SECONDS
)
"""How long a create waits for the managed tag of an instance that rests (see ``Claims``). For tests, so undocumented."""

_NO_CALL: Final = frozenset(
    {
        "default_tags",
        "ignore_tags",
        "allow_stopping_for_update",
        "deletion_protection",
        "check_flavors_at_plan",
        "requests_per_second",
        "max_retries",
    }
)
"""Settings that a read can do without: they concern plans and writes, or have a default that is good enough."""


PATHS: Final = frozenset({"shared_config_file", "cacert_file", "sdk_credentials_file", "id_token_file"})
"""Settings that name a file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved settings: values by name, where each came from, and which aren't known yet.

    ``later_tags`` are the configured default tags, whose keys may be known where values aren't.
    """

    values: Mapping[str, Any]
    endpoints: Mapping[str, str]
    origins: Mapping[str, str]
    unknown: frozenset[str]
    environment_region: str | None = None
    """The region that the environment names, whichever region is used: the environment's project belongs to it."""
    later_tags: Any = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def unknown_to_calls(self) -> frozenset[str]:
        """Those that aren't known yet and without which nothing can be called."""
        return self.unknown - _NO_CALL


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
    values["ignore_tags"] = _ignored(config["ignore_tags"], environment, origins, unknown)
    values["assume_role_with_oidc"] = _group("assume_role_with_oidc", OIDC, config, environment, origins, unknown)
    values["assume_role"] = _roles(config["assume_role"], environment, origins, unknown)
    values[SDK_FILE.name], origins[SDK_FILE.name] = _resolve(SDK_FILE, None, environment)
    values[UNMANAGED.name], _ = _resolve(UNMANAGED, None, environment)
    region = next(setting for setting in SETTINGS if setting.name == "region")
    environment_region, _ = _resolve(region, None, environment)
    return Settings(values, endpoints, origins, frozenset(unknown), environment_region, config["default_tags"])


def check(settings: Settings, *, without: tuple[str, ...] = ()) -> None:
    """Hold every known value against the rules of the provider block, the environment's too.

    Args:
        settings: All of them.
        without: Names that are left to the caller, who has more to say of them.

    Raises:
        BadSetting: one breaks a rule; the message says where it stands and what it must be.
    """
    for name, rules in RULES.items():
        if name in without:
            continue
        if name == "endpoints":
            for service, url in settings.endpoints.items():
                _hold({service: url}, rules, f"{name}.{service}", settings.origins[f"{name}.{service}"])
        elif settings[name] is not None and name not in settings.unknown:
            _hold(settings[name], rules, name, settings.origins[name])
    variable = "environment HW_ASSUME_ROLE_DURATION"
    oidc = settings["assume_role_with_oidc"].get("duration")
    if oidc is not None:
        origin = settings.origins["assume_role_with_oidc.duration"]
        _hold(oidc, (DURATION,), "assume_role_with_oidc.duration", origin)
    for number, role in enumerate(settings["assume_role"]):
        origin = CONFIGURED if settings.origins["assume_role"] == CONFIGURED else variable
        if role.get("duration") is not None:
            _hold(role["duration"], (DURATION,), f"assume_role[{number}].duration", origin)


def _hold(value: Any, rules: tuple[Validator, ...], name: str, origin: str) -> None:
    """Raise for the first rule that a value breaks."""
    for rule in rules:
        if any(True for _ in rule.check(value)):
            _, _, variable = origin.partition("environment ")
            where = f"the environment variable {variable}" if variable else f"the provider block's {name}"
            words = rule.validator.describe() if isinstance(rule, Each) else rule.describe()
            msg = f"{where} can't be used: it must {words}"
            raise BadSetting(msg)


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


def _ignored(
    configured: Any, environment: Mapping[str, str], origins: dict[str, str], unknown: set[str]
) -> dict[str, Any]:
    """What is known to be ignored: a member that isn't known yet leaves the other one as it is."""
    members: dict[str, Any] = {}
    for setting in IGNORED_TAGS:
        value = UNKNOWN if configured is UNKNOWN else (configured or {}).get(setting.name)
        if not is_fully_known(value):
            unknown.add("ignore_tags")
            value = UNKNOWN
        value, origin = _resolve(setting, value, environment)
        if value is not None:
            members[setting.name], origins[f"ignore_tags.{setting.name}"] = value, origin
    return members


def _roles(
    configured: Any, environment: Mapping[str, str], origins: dict[str, str], unknown: set[str]
) -> tuple[dict[str, Any], ...]:
    """The chain of agencies: the configuration's, or the one that the environment names."""
    if not is_fully_known(configured):
        unknown.add("assume_role")
        return ()
    if configured:
        origins["assume_role"] = CONFIGURED
        return tuple({name: value for name, value in role.items() if value is not None} for role in configured)
    role = {setting.name: _resolve(setting, None, environment)[0] for setting in ROLE}
    if not role["agency_name"] or environment.get("HW_ASSUME_ROLE_IDP_ID"):
        return ()
    origins["assume_role"] = "environment HW_ASSUME_ROLE_AGENCY_NAME"
    return ({name: value for name, value in role.items() if value is not None},)


def _resolve(setting: Setting, configured: Any, environment: Mapping[str, str]) -> tuple[Any, str]:
    if configured is UNKNOWN:
        return None, "configuration (not known yet)"
    if configured is not None and configured != "":
        return configured, CONFIGURED
    for name in setting.environment:
        text = environment.get(name, "").rstrip("\r\n")  # what reads a file into a variable often leaves its line break
        if not text:
            continue
        try:
            if setting.name not in PATHS and not text.isascii():
                text.encode()  # names of files are bytes, which no service takes
            return setting.read(text), f"environment {name}"
        except UnicodeEncodeError as error:
            msg = f"the environment variable {name} can't be used: it must be text in UTF-8"
            raise BadSetting(msg) from error
        except ValueError as error:
            msg = f"the environment variable {name} can't be used: it {error}"
            raise BadSetting(msg) from error
    return setting.default, "default" if setting.default is not None else "unset"
