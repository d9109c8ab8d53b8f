"""Settings and files: where each value comes from, never the value itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from modelarts_provider.api.auth.credential_files import KOOCLI_FILE, SDK_FILE, FileLogin
from modelarts_provider.api.errors import ApiError
from modelarts_provider.api.http.tls import verify
from modelarts_provider.api.local_files import is_file
from modelarts_provider.doctor.findings import Finding, error, failed, ok, warning
from modelarts_provider.login_settings import SECRET, location_origin, origins, read_files
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.settings import (
    ENDPOINTS,
    IGNORED_TAGS,
    OIDC,
    ROLE,
    SETTINGS,
    BadSetting,
    Settings,
    check,
    resolve,
)
from modelarts_provider.settings import SDK_FILE as SDK_FILE_SETTING

Files = tuple[FileLogin | None, FileLogin | None]

ALIKE: Final = 0.75
"""From which likeness on (difflib's ratio) a name counts as a typing error: HW_REGION is that for HW_REGION_NAME."""


def read_settings(region: str | None, environment: Mapping[str, str]) -> tuple[Settings | None, list[Finding]]:
    """The settings, None where one can't be read, and what there is to say about the variables.

    Args:
        region: As the command line says; it goes before the environment.
        environment: The variables.
    """
    config = dict.fromkeys(SCHEMA.attributes) | {"region": region}
    try:
        settings = resolve(config, environment)
        check(settings, without=("endpoints",))  # those are told with the calls that need them
    except BadSetting as cause:
        return None, [error("settings", str(cause), "Correct the variable, or unset it.")]
    return settings, list(_misspelled(environment))


def _misspelled(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Variables that nothing reads and whose name is close to one that is read and not set."""
    groups = (*SETTINGS, *ENDPOINTS, *IGNORED_TAGS, *ROLE, *OIDC, SDK_FILE_SETTING)
    known = {name for setting in groups for name in setting.environment}
    for name in sorted(environment):
        if not name.startswith("HW_") or name in known or not environment[name]:
            continue
        meant = difflib.get_close_matches(name, sorted(known), n=1, cutoff=ALIKE)
        if meant and not environment.get(meant[0]):
            yield warning(f"variable {name}", "set, and this provider doesn't read it", f"Did you mean {meant[0]}?")


def check_settings(settings: Settings, files: Files) -> Iterator[Finding]:
    """A finding for each setting that has a value, and one for a missing region."""
    for name, origin in origins(settings, files).items():
        # the command line is the only configuration that there is here
        yield ok(f"setting {name}", "command line" if origin == "configuration" else origin)
    if not location_origin(settings, "region", files):
        names = " or ".join(next(setting.environment for setting in SETTINGS if setting.name == "region"))
        yield error(
            "setting region", "missing", f"Set region in the provider block, {names}, or --region for this check."
        )


def check_files(settings: Settings) -> tuple[Files, list[Finding]]:
    """The logins that files hold, and whether the files that matter can be read."""
    try:
        files = read_files(settings)
    except ApiError as cause:
        return (None, None), [failed("login files", cause), *_trust(settings)]
    return files, [_shared_config(files[0]), _sdk_file(settings, files[1]), *_trust(settings)]


def _shared_config(file: FileLogin | None) -> Finding:
    check = "shared config file"
    if file:
        return ok(check, f"{file.origin}: readable, {_held(file)}")
    if is_file(KOOCLI_FILE):
        return ok(
            check, f"none is named; KooCLI's {KOOCLI_FILE} is there and only read when shared_config_file names it"
        )
    return ok(check, "none is named")


def _sdk_file(settings: Settings, file: FileLogin | None) -> Finding:
    check = "SDK credentials file"
    if file:
        return ok(check, f"{file.origin}: readable, {_held(file)}")
    if settings[SDK_FILE_SETTING.name] or is_file(SDK_FILE):
        return ok(check, f"{SDK_FILE} is there and not read: other settings say who you are")
    return ok(check, f"there is none at {SDK_FILE}")


def _held(file: FileLogin) -> str:
    if file.key:
        return "holds an access key, not encrypted"
    return "says to ask the ECS metadata service" if file.uses_metadata else "names a file with an OIDC id token"


def _trust(settings: Settings) -> Iterator[Finding]:
    """Which certificates are accepted, where that isn't the usual."""
    if settings["insecure"]:
        mend = "Unset insecure (HW_INSECURE); for a private certificate authority set cacert_file (HW_CACERT_FILE)."
        yield warning("certificates", "any certificate is accepted: whoever is on the way can read the token", mend)
    elif settings["cacert_file"]:
        try:
            verify(cacert_file=settings["cacert_file"])
        except ApiError as cause:
            yield failed("certificates", cause)
        else:
            yield ok("certificates", "those of cacert_file are trusted besides the usual ones")


def secrets_of(settings: Settings, files: Files) -> tuple[str, ...]:
    """Every value that must not be shown, wherever it turns up."""
    own = [settings[name] for name in SECRET]
    own.append(settings["assume_role_with_oidc"].get("id_token"))
    held = [secret for file in files if file and file.key for secret in (*file.key.secrets, file.key.access_key)]
    return tuple(secret for secret in (*own, *held) if secret)
