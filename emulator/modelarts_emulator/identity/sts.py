"""STS: temporary keys of agencies that are named by URN, and who is calling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.calls import Reply
from modelarts_emulator.identity.iam import (
    IamCall,
    as_agency,
    federated,
    iso,
    refuse,
    seconds,
    temporary_key,
    text,
    trusting,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelarts_emulator.config import Agency, User


def _agency_by_urn(call: IamCall) -> Agency:
    urn = text(call.body, "agency_urn")
    for agency in call.identities.config.agencies:
        if urn == f"iam::{agency.domain_id}:agency:{agency.name}":
            return agency
    raise refuse(404, f"The agency {urn or '(none)'} is not found.")


def _sts_reply(call: IamCall, agency: Agency, user: User) -> Reply:
    key = temporary_key(call.identities, call.ids, as_agency(user, agency), seconds(call.body))
    credentials = {
        "access_key_id": key.access,
        "secret_access_key": key.secret,
        "security_token": key.security_token,
        "expiration": iso(key.expires_at or 0),
    }
    session = text(call.body, "agency_session_name") or "session"
    assumed = {"urn": f"sts::{agency.domain_id}:assumed-agency:{agency.name}/{session}", "id": f"{agency.id}:{session}"}
    return Reply(200, {"assumed_agency": assumed, "credentials": credentials})


def assume(call: IamCall) -> Reply:
    """POST /v5/agencies/assume."""
    caller = call.caller().user
    return _sts_reply(call, trusting(_agency_by_urn(call), caller), caller)


def assume_with_oidc(call: IamCall) -> Reply:
    """POST /v5/agencies/assume-with-oidc: by an ID token instead of credentials."""
    user = federated(call, text(call.body, "id_token"))
    return _sts_reply(call, trusting(_agency_by_urn(call), user), user)


def caller_identity(call: IamCall) -> Reply:
    """GET /v5/caller-identity."""
    user = call.caller().user
    urn = f"iam::{user.domain_id}:user:{user.name}"
    return Reply(200, {"account_id": user.domain_id, "principal_id": user.id, "principal_urn": urn})


OPERATIONS: dict[tuple[str, str], tuple[str, Callable[[IamCall], Reply]]] = {
    ("POST", "/v5/agencies/assume"): ("AssumeAgency", assume),
    ("POST", "/v5/agencies/assume-with-oidc"): ("AssumeAgencyWithOidc", assume_with_oidc),
    ("GET", "/v5/caller-identity"): ("GetCallerIdentity", caller_identity),
}
