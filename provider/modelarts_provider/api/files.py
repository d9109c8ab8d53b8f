"""Credentials in files that other tools write: KooCLI's shared configuration, and the official SDK's credentials file."""

from __future__ import annotations

import configparser
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelarts_provider.api.credentials import AccessKey
from modelarts_provider.api.errors import EncryptedProfile, NoCredentials

KOOCLI_FILE = "~/.hcloud/config.json"
SDK_FILE = "~/.huaweicloud/credentials"


@dataclass(frozen=True, slots=True)
class FileLogin:
    """What a profile or section says; parts that it doesn't have are None.

    Attributes:
        origin: The file and the profile, for the log and ``doctor``.
        key: An access key.
        uses_metadata: The profile says to ask the ECS metadata service (KooCLI's mode ecsAgency).
        region: As the other fields, a setting with less weight than configuration and environment.
        project_id: Likewise.
        domain_id: Likewise.
        agency_name: An agency to assume with the key.
        agency_domain_name: Its account.
        agency_domain_id: Its account.
        idp_id: An OIDC identity provider (SDK's file).
        id_token_file: The file with its id token.
        iam_endpoint: IAM's URL (SDK's file).
    """

    origin: str
    key: AccessKey | None = field(default=None, repr=False)
    uses_metadata: bool = False
    region: str | None = None
    project_id: str | None = None
    domain_id: str | None = None
    agency_name: str | None = None
    agency_domain_name: str | None = None
    agency_domain_id: str | None = None
    idp_id: str | None = None
    id_token_file: str | None = None
    iam_endpoint: str | None = None


def read_shared_config(path: str, profile: str | None = None) -> FileLogin:
    """A profile of KooCLI's configuration (config.json).

    Args:
        path: The file; ``~`` is the user's home.
        profile: Its name; by default the file's ``current``.

    Raises:
        EncryptedProfile: Its secrets are encrypted (KooCLI's default).
        NoCredentials: The file is missing or damaged, or has no such profile, or that has no usable credentials.
    """
    config = _json(path)
    profiles = [entry for entry in config.get("profiles") or [] if isinstance(entry, dict)]
    name = profile or config.get("current") or "default"
    found = next((entry for entry in profiles if entry.get("name") == name), None)
    if found is None:
        names = ", ".join(sorted(str(entry.get("name")) for entry in profiles)) or "none"
        message = f"the shared config file {path} has no profile {name!r} (it has: {names})"
        raise NoCredentials(message, next_step="Set profile (HW_PROFILE) to one of them, or check shared_config_file.")
    mode = str(found.get("mode") or "AKSK")
    uses_metadata = mode.lower() == "ecsagency"
    # KooCLI writes the flag as text; older versions and hand-written files don't have it.
    if not uses_metadata and str(config.get("authEncrypt", "")).lower() == "true":
        raise EncryptedProfile(f"profile {name!r} of {path} is encrypted")
    key = _key_of_profile(found, mode)
    if key is None and not uses_metadata:
        message = f"profile {name!r} of {path} (mode {mode}) holds no access key"
        step = (
            "Log in again with `hcloud configure sso`."
            if mode.upper() == "SSO"
            else "Enter one with `hcloud configure set`."
        )
        raise NoCredentials(message, next_step=step)
    return FileLogin(
        origin=f"{path}, profile {name!r}",
        key=key,
        uses_metadata=uses_metadata,
        region=_text(found.get("region")),
        project_id=_text(found.get("projectId")),
        domain_id=_text(found.get("domainId")),
        agency_name=_text(found.get("agencyName")),
        agency_domain_name=_text(found.get("agencyDomainName")),
        agency_domain_id=_text(found.get("agencyDomainId")),
    )


def _key_of_profile(profile: dict[str, Any], mode: str) -> AccessKey | None:
    """The key that the mode uses: with SSO, the temporary one of the last login."""
    held = profile
    if mode.upper() == "SSO":
        sso = profile.get("ssoAuth")
        inner = sso.get("stsToken") if isinstance(sso, dict) else None
        held = inner if isinstance(inner, dict) else {}
    access, secret = _text(held.get("accessKeyId")), _text(held.get("secretAccessKey"))
    return AccessKey(access, secret, _text(held.get("securityToken"))) if access and secret else None


def read_sdk_credentials(path: str) -> FileLogin:
    """The section [basic] of the official SDK's credentials file.

    Raises:
        NoCredentials: The file is missing or damaged, or has neither a key nor an id token's file.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_content(path))
    except configparser.Error as error:
        # The parser's message repeats the line that it could not read, which may hold a secret.
        raise NoCredentials(f"the credentials file {path} is no INI file ({type(error).__name__})") from None
    if not parser.has_section("basic"):
        raise NoCredentials(
            f"the credentials file {path} has no section [basic]", next_step="Add [basic] with ak and sk."
        )
    section = parser["basic"]
    access, secret = _text(section.get("ak")), _text(section.get("sk"))
    idp_id, id_token_file = _text(section.get("idp_id")), _text(section.get("id_token_file"))
    if not (access and secret) and not (idp_id and id_token_file):
        message = f"the section [basic] of {path} has neither ak and sk nor idp_id and id_token_file"
        raise NoCredentials(message, next_step="Add ak and sk to it.")
    return FileLogin(
        origin=f"{path}, section [basic]",
        key=AccessKey(access, secret, _text(section.get("security_token"))) if access and secret else None,
        project_id=_text(section.get("project_id")),
        idp_id=idp_id,
        id_token_file=id_token_file,
        iam_endpoint=_text(section.get("iam_endpoint")),
    )


def _json(path: str) -> dict[str, Any]:
    try:
        value = json.loads(_content(path))
    except ValueError as error:
        raise NoCredentials(f"the shared config file {path} is not JSON ({error})") from None
    if not isinstance(value, dict):
        raise NoCredentials(f"the shared config file {path} holds no JSON object")
    return value


def _content(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = f"the file {path} does not exist"
        raise NoCredentials(message, next_step="Check the path, or authenticate in another way.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NoCredentials(f"the file {path} can't be read ({error.__class__.__name__})") from None


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
