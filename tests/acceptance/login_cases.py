"""Every way to log in, each with right, wrong, ended and missing credentials, and what has to come of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from watched_service import Watched

RIGHT, WRONG, EXPIRED, MISSING = "right", "wrong", "expired", "missing"
COLUMNS: Final = (RIGHT, WRONG, EXPIRED, MISSING)

Provider = dict[str, Any]


@dataclass
class Stage:
    """Where a case plays: the service, a folder for files, a port where nobody listens, the provider's variables."""

    service: Watched
    folder: Path
    closed_port: int
    environment: dict[str, str] = field(default_factory=dict)

    def file(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)


@dataclass(frozen=True)
class Cell:
    """One cell of the table.

    Attributes:
        settings: Makes the provider block's arguments, and files and variables as it needs them.
        says: Words of the error, all of which must be there; none where the command must succeed.
        ends: Whether everything that was given out ends in the middle of an update.
        carries: Headers that every call of the notebook API must have carried.
        faults: Of the emulator.
    """

    settings: Callable[[Stage], Provider]
    says: tuple[str, ...] = ()
    ends: bool = False
    carries: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Empty:
    """A cell that can't exist, and why."""

    why: str


KEY: Final = {"access_key": "emulator-access-key", "secret_key": "emulator-secret-key"}
USER: Final = {"user_name": "emulator", "password": "emulator", "domain_name": "emulator"}
OWN: Final = {"agency_name": "own_agency", "domain_name": "emulator"}
ABROAD: Final = {"agency_name": "elsewhere_agency", "domain_name": "elsewhere"}
BACK: Final = {"agency_name": "emulator_agency", "domain_name": "emulator"}
BY_ID: Final = {"agency_name": "own_agency", "domain_id": "d0000000000000000000000000000001"}

SIGNED, TEMPORARY, TOKEN = ("authorization",), ("authorization", "x-security-token"), ("x-auth-token",)
NOT_SET: Final = (
    'notebook "nb" Set access_key and secret_key in the provider block',
    "HW_ACCESS_KEY",
    "No credentials are set",
)


def fixed(**provider: Any) -> Callable[[Stage], Provider]:
    return lambda _: provider


def key_of(stage: Stage, *, ended: bool = False) -> Provider:
    key = stage.service.temporary_key(ended=ended)
    return {"access_key": key.access, "secret_key": key.secret, "security_token": key.security_token}


def oidc(token: str | None = "emulator-id-token", **more: Any) -> Callable[[Stage], Provider]:
    return fixed(assume_role_with_oidc={"idp_id": "emulator-idp", **({"id_token": token} if token else {}), **more})


def oidc_file(content: str | None) -> Callable[[Stage], Provider]:
    def make(stage: Stage) -> Provider:
        path = stage.file("id-token", content) if content is not None else "/nowhere/id-token"
        return {"assume_role_with_oidc": {"idp_id": "emulator-idp", "id_token_file": path}}

    return make


def metadata(stage: Stage) -> Provider:
    """Nothing but the address of the metadata service."""
    url = stage.service.control.url
    return {"endpoints": {"modelarts": url, "iam": url, "sts": url, "metadata": url}}


def nothing(stage: Stage) -> Provider:
    here = metadata(stage)
    here["endpoints"]["metadata"] = f"http://127.0.0.1:{stage.closed_port}"
    return here


def koocli(mode: str = "AKSK", **changes: Any) -> Callable[[Stage], Provider]:
    """A profile of KooCLI's file; ``sso`` makes what a log-in in the browser left."""

    def make(stage: Stage) -> Provider:
        profile = {"name": "team", "mode": mode, "region": "cn-north-4", **changes}
        if mode == "AKSK":
            profile = {"accessKeyId": KEY["access_key"], "secretAccessKey": KEY["secret_key"], **profile}
        if profile.pop("sso", None) is not None:
            key = key_of(stage, ended=changes["sso"] == "ended")
            secret = key["secret_key"] if changes["sso"] != "wrong" else "made-up-secret"
            parts = {
                "accessKeyId": key["access_key"],
                "secretAccessKey": secret,
                "securityToken": key["security_token"],
            }
            profile["ssoAuth"] = {"stsToken": parts}
        document = {"current": "team", "profiles": [profile], "authEncrypt": "false"}
        address = metadata(stage) if mode == "ecsAgency" else {}
        return {**address, "shared_config_file": stage.file("koocli.json", json.dumps(document))}

    return make


def sdk_file(text: str | None, *, temporary: str = "") -> Callable[[Stage], Provider]:
    def make(stage: Stage) -> Provider:
        body = text
        if temporary:
            key = key_of(stage, ended=temporary == "ended")
            body = f"[basic]\nak = {key['access_key']}\nsk = {key['secret_key']}\nsecurity_token = {key['security_token']}\n"
        path = stage.file("credentials", body) if body is not None else "/nowhere/credentials"
        stage.environment["HUAWEICLOUD_SDK_CREDENTIALS_FILE"] = path
        return {}

    return make


def sdk_oidc(content: str | None) -> Callable[[Stage], Provider]:
    def make(stage: Stage) -> Provider:
        path = stage.file("id-token", content) if content is not None else "/nowhere/id-token"
        return sdk_file(f"[basic]\nidp_id = emulator-idp\nid_token_file = {path}\n")(stage)

    return make


V1_ONLY: Final = ({"operation": "CreateMetadataToken", "status": 404, "count": 0},)
NO_AGENCY: Final = (
    {
        "operation": "ShowSecurityKey",
        "status": 401,
        "error_msg": "Please configure Cloud Service Agency first",
        "error_code": "Metadata.401",
        "count": 0,
    },
)
NO_SECRET = Empty("nobody writes a secret: who the machine is decides")
WRONG_SECRET: Final = (
    "APIGW.0301",
    "secret key does not belong to the access key",
    "Check secret_key",
    "clock",
    "request id",
)
ENDED: Final = ("APIGW.0307", "must be renewed")

TABLE: Final[dict[str, dict[str, Cell | Empty]]] = {
    "access key": {
        RIGHT: Cell(fixed(**KEY), carries=SIGNED),
        WRONG: Cell(fixed(**KEY | {"secret_key": "made-up-secret"}), WRONG_SECRET),
        EXPIRED: Empty("a permanent key has no end; a deleted one is answered like one that never was"),
        MISSING: Cell(fixed(access_key=KEY["access_key"]), ("secret_key is missing", "Set both")),
    },
    "access key that nobody has": {
        RIGHT: Empty("it is the wrong one: see access key"),
        WRONG: Cell(fixed(**KEY | {"access_key": "NOBODYSKEY"}), ("APIGW.0301", "no such access key", "Check access_key")),
        EXPIRED: Empty("see access key"),
        MISSING: Cell(fixed(secret_key="x-secret"), ("access_key is missing", "Set both")),
    },
    "temporary key": {
        RIGHT: Cell(key_of, carries=TEMPORARY),
        WRONG: Cell(lambda stage: key_of(stage) | {"security_token": "made-up"}, ("APIGW.0301", "security_token")),
        EXPIRED: Cell(lambda stage: key_of(stage, ended=True), ENDED),
        MISSING: Cell(lambda stage: key_of(stage) | {"security_token": None}, ("APIGW.0301", "security_token")),
    },
    "token": {
        RIGHT: Cell(lambda stage: {"token": stage.service.token().id}, carries=TOKEN),
        WRONG: Cell(fixed(token="made-up-token"), ("APIGW.0301", "token")),
        EXPIRED: Cell(lambda stage: {"token": stage.service.token(ended=True).id}, (*ENDED, "Get a new token")),
        MISSING: Empty("without it nothing says who the user is: see nothing"),
    },
    "password": {
        RIGHT: Cell(fixed(**USER), carries=TOKEN),
        WRONG: Cell(fixed(**USER | {"password": "made-up-password"}), ("password is wrong", "Check user_name, password and domain_name")),
        EXPIRED: Cell(fixed(**USER), ends=True),
        MISSING: Cell(fixed(user_name="emulator"), ("password is missing", "Set both")),
    },
    "OIDC id token": {
        RIGHT: Cell(oidc(), carries=TEMPORARY),
        WRONG: Cell(oidc("made-up-id-token"), ("ID token is not valid", "Check idp_id", "fresh")),
        EXPIRED: Cell(oidc(), ("ID token has expired", "fresh"), faults=({"operation": "CreateTokenWithIdToken", "status": 401, "error_code": "IAM.401", "error_msg": "The ID token has expired."},)),
        MISSING: Cell(oidc(None), ("There is no id token", "id_token_file")),
    },
    "OIDC id token file": {
        RIGHT: Cell(oidc_file("emulator-id-token\n"), carries=TEMPORARY),
        WRONG: Cell(oidc_file("made-up-id-token"), ("ID token is not valid", "fresh")),
        EXPIRED: Cell(oidc_file("emulator-id-token"), ends=True),
        MISSING: Cell(oidc_file(None), ("file of id_token_file can't be read", "Check id_token_file")),
    },
    "agency": {
        RIGHT: Cell(fixed(**KEY, assume_role=[OWN]), carries=TEMPORARY),
        WRONG: Cell(fixed(**KEY, assume_role=[BACK]), ("does not trust", "agency_name and domain_name of assume_role:", "Agent Operator")),
        EXPIRED: Cell(fixed(**KEY, assume_role=[OWN]), ends=True),
        MISSING: Cell(fixed(**KEY, assume_role=[{"agency_name": "own_agency"}]), ("account of the agency in assume_role is not named", "domain_name")),
    },
    "trust agency (STS)": {
        RIGHT: Cell(fixed(**KEY, assume_role=[BY_ID]), carries=TEMPORARY),
        WRONG: Cell(fixed(**KEY, assume_role=[BY_ID | {"agency_name": "nobodys_agency"}]), ("not found", "agency_name and domain_id of assume_role:")),
        EXPIRED: Cell(fixed(**KEY, assume_role=[BY_ID]), ends=True),
        MISSING: Empty("domain_id is what makes it one: without it see agency"),
    },
    "agency of an agency": {
        RIGHT: Cell(fixed(**KEY, assume_role=[ABROAD, BACK]), carries=TEMPORARY),
        WRONG: Cell(fixed(**KEY, assume_role=[OWN, BACK]), ("does not trust", "agency_name and domain_name of assume_role[1]:")),
        EXPIRED: Cell(fixed(**KEY, assume_role=[ABROAD, BACK]), ends=True),
        MISSING: Cell(fixed(**KEY, assume_role=[ABROAD, {"agency_name": "emulator_agency"}]), ("account of the agency in assume_role[1] is not named",)),
    },
    "agency after a password": {
        RIGHT: Cell(fixed(**USER, assume_role=[OWN]), carries=TEMPORARY),
        WRONG: Cell(fixed(**USER | {"password": "made-up-password"}, assume_role=[OWN]), ("password is wrong",)),
        EXPIRED: Cell(fixed(**USER, assume_role=[OWN]), ends=True),
        MISSING: Cell(fixed(user_name="emulator", assume_role=[OWN]), ("password is missing",)),
    },
    "ECS metadata, version 2": {
        RIGHT: Cell(metadata, carries=TEMPORARY),
        WRONG: NO_SECRET,
        EXPIRED: Cell(metadata, ends=True),
        MISSING: Cell(metadata, (*NOT_SET, "this ECS machine has no agency"), faults=NO_AGENCY),
    },
    "ECS metadata, version 1": {
        RIGHT: Cell(metadata, carries=TEMPORARY, faults=V1_ONLY),
        WRONG: NO_SECRET,
        EXPIRED: Cell(metadata, ends=True, faults=V1_ONLY),
        MISSING: Cell(metadata, (*NOT_SET, "this ECS machine has no agency"), faults=(*V1_ONLY, *NO_AGENCY)),
    },
    "KooCLI profile": {
        RIGHT: Cell(koocli(), carries=SIGNED),
        WRONG: Cell(koocli(secretAccessKey="made-up-secret"), WRONG_SECRET),
        EXPIRED: Empty("its key is a permanent one: see access key; an SSO profile's isn't"),
        MISSING: Cell(koocli(secretAccessKey=""), ("Profile 'team' of", "holds no access key", "hcloud configure set")),
    },
    "KooCLI profile, SSO": {
        RIGHT: Cell(koocli("SSO", sso="right"), carries=TEMPORARY),
        WRONG: Cell(koocli("SSO", sso="wrong"), WRONG_SECRET),
        EXPIRED: Cell(koocli("SSO", sso="ended"), ENDED),
        MISSING: Cell(koocli("SSO"), ("holds no access key", "hcloud configure sso")),
    },
    "KooCLI profile, ecsAgency": {
        RIGHT: Cell(koocli("ecsAgency"), carries=TEMPORARY),
        WRONG: NO_SECRET,
        EXPIRED: Cell(koocli("ecsAgency"), ends=True),
        MISSING: Cell(koocli("ecsAgency"), ("This ECS machine has no agency", "Attach an agency"), faults=NO_AGENCY),
    },
    "SDK's credentials file": {
        RIGHT: Cell(sdk_file(f"[basic]\nak = {KEY['access_key']}\nsk = {KEY['secret_key']}\n"), carries=SIGNED),
        WRONG: Cell(sdk_file(f"[basic]\nak = {KEY['access_key']}\nsk = made-up-secret\n"), WRONG_SECRET),
        EXPIRED: Cell(sdk_file(None, temporary="ended"), ENDED),
        MISSING: Cell(sdk_file(None), ("/nowhere/credentials does not exist",)),
    },
    "SDK's credentials file, temporary key": {
        RIGHT: Cell(sdk_file(None, temporary="right"), carries=TEMPORARY),
        WRONG: Empty("see temporary key: the file only carries it"),
        EXPIRED: Cell(sdk_file(None, temporary="ended"), ENDED),
        MISSING: Cell(sdk_file("[basic]\nak = alone\n"), ("neither ak and sk", "Add ak and sk")),
    },
    "SDK's credentials file, id token file": {
        RIGHT: Cell(sdk_oidc("emulator-id-token"), carries=TEMPORARY),
        WRONG: Cell(sdk_oidc("made-up-id-token"), ("ID token is not valid",)),
        EXPIRED: Cell(sdk_oidc("emulator-id-token"), ends=True),
        MISSING: Cell(sdk_oidc(None), ("/nowhere/id-token", "can't be read")),
    },
    "nothing": {
        RIGHT: Empty("there is nothing to be right"),
        WRONG: Empty("likewise"),
        EXPIRED: Empty("likewise"),
        MISSING: Cell(nothing, (*NOT_SET, "no ECS metadata service")),
    },
}  # fmt: skip
