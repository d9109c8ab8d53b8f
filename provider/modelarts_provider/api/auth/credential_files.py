"""Credentials in files that other tools write: KooCLI's shared configuration, and the official SDK's credentials file."""

from __future__ import annotations

import configparser
import json
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any, Final

from modelarts_provider.api.auth.credentials import AccessKey
from modelarts_provider.api.errors import EncryptedProfile, NoCredentials
from modelarts_provider.api.local_files import UnreadableFile, read_text, shown_path

KOOCLI_FILE = "~/.hcloud/config.json"
SDK_FILE = "~/.huaweicloud/credentials"

_NOT_KOOCLI_S: Final = "Set shared_config_file (HW_SHARED_CONFIG_FILE) to KooCLI's config.json, or log in another way."
_MOST_NAMES: Final = 20
_MODES: Final = ("AKSK", "SSO", "AssumeRole", "ecsAgency", "STSToken")


@dataclass(frozen=True, slots=True)
class FileLogin:
    """What a profile or section says; parts that it doesn't have are None.

    Attributes:
        origin: The file and the profile, for the log and ``doctor``.
        unnamed: The same for errors, where ``origin`` holds values of the provider block, which no error shows; else empty.
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
    unnamed: str = ""
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

    @property
    def in_errors(self) -> str:
        """The file and the profile, as errors name them."""
        return self.unnamed or self.origin


def read_shared_config(path: str, profile: str | None = None, *, unshown: Container[str] = ()) -> FileLogin:
    """A profile of KooCLI's configuration (config.json).

    Args:
        path: The file; ``~`` is the user's home.
        profile: Its name; by default the file's ``current``.
        unshown: Of ``shared_config_file`` and ``profile`` what the provider block says: its values stand in no error.

    Raises:
        EncryptedProfile: Its secrets are encrypted (KooCLI's default).
        NoCredentials: The file is missing or damaged, or has no such profile, or that has no usable credentials.
    """
    hides_path = "shared_config_file" in unshown
    file = "the file of shared_config_file" if hides_path else f"the shared config file {shown_path(path)}"
    config = _json(path, file)
    listed = config.get("profiles")
    profiles = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    name = profile or _text(config.get("current"), file, "current") or "default"
    found = next((entry for entry in profiles if entry.get("name") == name), None)
    is_chosen = bool(profile) and "profile" in unshown
    shown = "the chosen profile" if is_chosen else f"profile {shown_path(name)!r}"
    if found is None:
        message = f"{file} {'does not have' if is_chosen else 'has no'} {shown} (it has: {_names(profiles)})"
        choose = "Set profile (HW_PROFILE) to one of them, or check" if profiles else "Check"
        raise NoCredentials(message, next_step=f"{choose} shared_config_file (HW_SHARED_CONFIG_FILE).")
    origin = f"{shown} of {file}"
    facts = {key: _text(found.get(key), file, key) for key in _FACTS}
    mode = facts["mode"] or "AKSK"
    uses_metadata = mode.lower() == "ecsagency"
    # KooCLI writes the flag as text; older versions and hand-written files don't have it.
    if not uses_metadata and str(config.get("authEncrypt", ""))[:5].lower() == "true":
        raise EncryptedProfile(f"{origin} is encrypted")
    key = _key_of_profile(found, mode, file)
    if key is None and not uses_metadata:
        known = next((word for word in _MODES if word.lower() == mode.lower()), "that KooCLI doesn't document")
        message = f"{origin} (mode {known}) holds no access key"
        step = (
            "Log in again with `hcloud configure sso`."
            if mode.upper() == "SSO"
            else "Enter one with `hcloud configure set`."
        )
        raise NoCredentials(message, next_step=step)
    return FileLogin(
        origin=f"{shown_path(path)}, profile {shown_path(name)!r}",
        unnamed=origin if hides_path or is_chosen else "",
        key=key,
        uses_metadata=uses_metadata,
        region=facts["region"],
        project_id=facts["projectId"],
        domain_id=facts["domainId"],
        agency_name=facts["agencyName"],
        agency_domain_name=facts["agencyDomainName"],
        agency_domain_id=facts["agencyDomainId"],
    )


_FACTS: Final = (
    "mode",
    "region",
    "projectId",
    "domainId",
    "agencyName",
    "agencyDomainName",
    "agencyDomainId",
)


def _names(profiles: list[dict[str, Any]]) -> str:
    """The names of profiles, as a sentence shows them."""
    names = sorted({entry["name"] for entry in profiles if isinstance(entry.get("name"), str)})
    shown = ", ".join(shown_path(name) for name in names[:_MOST_NAMES]) or "none"
    return f"{shown} and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else shown


def _key_of_profile(profile: dict[str, Any], mode: str, file: str) -> AccessKey | None:
    """The key that the mode uses: with SSO, the temporary one of the last login."""
    held = profile
    if mode.upper() == "SSO":
        sso = profile.get("ssoAuth")
        inner = sso.get("stsToken") if isinstance(sso, dict) else None
        held = inner if isinstance(inner, dict) else {}
    access, secret, token = (
        _text(held.get(name), file, name) for name in ("accessKeyId", "secretAccessKey", "securityToken")
    )
    return AccessKey(access, secret, token) if access and secret else None


def read_sdk_credentials(path: str) -> FileLogin:
    """The section [basic] of the official SDK's credentials file.

    Raises:
        NoCredentials: The file is missing or damaged, or has neither a key nor an id token's file.
    """
    parser, file = configparser.ConfigParser(interpolation=None), shown_path(path)
    try:
        parser.read_string(_content(path, f"the file {file}", "HUAWEICLOUD_SDK_CREDENTIALS_FILE"))
    except (configparser.Error, AttributeError, ValueError) as error:  # the latter two on odd continuation lines
        # The parser's message repeats the line that it could not read, which may hold a secret.
        message = f"the credentials file {file} is not an INI file ({type(error).__name__})"
        raise NoCredentials(
            message, next_step="Write [basic] with ak and sk into it, or authenticate in another way."
        ) from None
    if not parser.has_section("basic"):
        raise NoCredentials(
            f"the credentials file {file} has no section [basic]", next_step="Add [basic] with ak and sk."
        )
    facts = {name: _text(parser["basic"].get(name), f"the file {file}", name) for name in _BASIC}
    access, secret, idp_id, id_token_file = (facts[name] for name in ("ak", "sk", "idp_id", "id_token_file"))
    if not (access and secret) and not (idp_id and id_token_file):
        message = f"the section [basic] of {file} has neither ak and sk nor idp_id and id_token_file"
        raise NoCredentials(message, next_step="Add ak and sk to it.")
    return FileLogin(
        origin=f"{file}, section [basic]",
        key=AccessKey(access, secret, facts["security_token"]) if access and secret else None,
        project_id=facts["project_id"],
        idp_id=idp_id,
        id_token_file=id_token_file,
        iam_endpoint=facts["iam_endpoint"],
    )


_BASIC: Final = ("ak", "sk", "security_token", "project_id", "idp_id", "id_token_file", "iam_endpoint")


def _json(path: str, file: str) -> dict[str, Any]:
    try:
        value = json.loads(_content(path, file, "shared_config_file (HW_SHARED_CONFIG_FILE)"))
    except json.JSONDecodeError as error:
        message = f"{file} is not JSON ({error})"
        raise NoCredentials(message, next_step=_NOT_KOOCLI_S) from None
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        message = f"{file} is not JSON that KooCLI writes"
        raise NoCredentials(message, next_step=_NOT_KOOCLI_S) from None
    if not isinstance(value, dict):
        raise NoCredentials(f"{file} holds no JSON object", next_step=_NOT_KOOCLI_S)
    return value


def _content(path: str, file: str, setting: str) -> str:
    try:
        return read_text(path)
    except UnreadableFile as error:
        step = f"Check the path in {setting}, or log in another way."
        raise NoCredentials(f"{file} {error.why}", next_step=step) from None


def _text(value: Any, file: str, name: str) -> str | None:
    """A value as it can be sent in a header; None for an empty one, and for what is no text."""
    text = value.strip() if isinstance(value, str) else ""
    if any(not char.isprintable() for char in text):  # lone surrogates of JSON among them
        message = f"the value of {name} in {file} holds a character that can't be sent, such as a line break"
        raise NoCredentials(message, next_step=f"Write {name} again, without it.")
    return text or None
