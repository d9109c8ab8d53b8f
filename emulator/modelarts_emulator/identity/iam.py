"""IAM and STS, as far as the ways to authenticate need them: tokens, projects, accounts, agencies, OIDC.

Times are real ones, since clients compare them with their own clocks.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from modelarts_emulator.calls import Reply
from modelarts_emulator.errors import Refusal
from modelarts_emulator.identity.callers import Key, Token
from modelarts_emulator.notebooks import request_fields

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelarts_emulator.config import Agency, Project, User
    from modelarts_emulator.identity.callers import Caller, Identities
    from modelarts_emulator.identity.signing import Message
    from modelarts_emulator.state.ids import Ids

IDP_ID, ID_TOKEN = "emulator-idp", "emulator-id-token"
TOKEN_MS = 24 * 60 * 60 * 1000
KEY_SECONDS_MIN, KEY_SECONDS_MAX, KEY_SECONDS = 900, 86400, 900


@dataclass(frozen=True, slots=True)
class IamCall:
    """One request to IAM or STS; ``caller`` verifies its credentials when it is asked."""

    identities: Identities
    ids: Ids
    message: Message
    query: dict[str, str]
    body: dict[str, Any]

    def caller(self) -> Caller:
        """The verified caller.

        Raises:
            Refusal: APIGW.0301 or 0307 (401).
        """
        return self.identities.authenticate(self.message)


def refuse(status: int, message: str) -> Refusal:
    """A refusal in IAM's own form, ``{"error": {"code", "message", "title"}}``."""
    title = HTTPStatus(status).phrase
    body = {"error": {"code": status, "message": message, "title": title}}
    return Refusal(status, f"IAM.{status}", message, body=body)


def _reading(call: IamCall, *path: str) -> dict[str, Any]:
    """The object at a path of the body; empty objects where parts are missing."""
    found: Any = call.body
    for key in path:
        found = found.get(key)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise refuse(400, f"'{key}' has to be an object.")
    return found  # type: ignore[no-any-return]


def text(found: dict[str, Any], key: str) -> str:
    """A string of a request, "" when it isn't given."""
    value = found.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or not request_fields.is_clean(value):
        raise refuse(400, f"'{key}' has to be a string.")
    return value


def create_token(call: IamCall) -> Reply:
    """POST /v3/auth/tokens: by password, or an agency's by the caller's own credentials."""
    methods = _reading(call, "auth", "identity").get("methods")
    if methods == ["password"]:
        user = _user_by_password(call)
    elif methods == ["assume_role"]:
        user = as_agency(call.caller().user, _agency(call, _reading(call, "auth", "identity", "assume_role")))
    else:
        raise refuse(400, '\'methods\' has to be ["password"] or ["assume_role"].')
    return _token_reply(call, user, _scope(call, user), tuple(methods))


def _user_by_password(call: IamCall) -> User:
    given = _reading(call, "auth", "identity", "password", "user")
    name, password = text(given, "name"), text(given, "password")
    domain = _reading(call, "auth", "identity", "password", "user", "domain")
    domain_name, domain_id = text(domain, "name"), text(domain, "id")
    if not name and not text(given, "id"):
        raise refuse(400, "The name of the user is missing.")
    for user in call.identities.config.users:
        named = user.id == given.get("id") if "id" in given else user.name == name
        if named and user.password == password and (user.domain_name == domain_name or user.domain_id == domain_id):
            return user
    raise refuse(401, "The username or password is wrong.")


def _scope(call: IamCall, user: User) -> Project | None:
    """The project that a token is for, None for an account's token."""
    project = _reading(call, "auth", "scope", "project")
    if not project:
        return None
    ident, name = text(project, "id"), text(project, "name")
    for found in call.identities.projects_of(user.domain_id):
        if found.id == ident if ident else found.name == name:
            return found
    raise refuse(401, "The project of the scope is not found.")


def _issue(call: IamCall, user: User, project: Project | None, methods: tuple[str, ...]) -> Token:
    now = call.identities.wall()
    token = Token(f"MIIemulated{call.ids.secret()}", user, project, now, now + TOKEN_MS, methods)
    call.identities.add_token(token)
    return token


def _token_reply(call: IamCall, user: User, project: Project | None, methods: tuple[str, ...]) -> Reply:
    token = _issue(call, user, project, methods)
    return Reply(201, {"token": _token_view(token)}, {"x-subject-token": token.id})


def _token_view(token: Token) -> dict[str, Any]:
    user = token.user
    domain = {"id": user.domain_id, "name": user.domain_name}
    out: dict[str, Any] = {
        "issued_at": iso(token.issued_at),
        "expires_at": iso(token.expires_at),
        "methods": list(token.methods),
        "user": {"id": user.id, "name": user.name, "domain": domain, "password_expires_at": ""},
        "roles": [{"id": "0", "name": "te_admin"}],
        "catalog": [],
    }
    if token.project is None:
        out["domain"] = domain
    else:
        out["project"] = {"id": token.project.id, "name": token.project.name, "domain": domain}
    return out


def show_token(call: IamCall) -> Reply:
    """GET /v3/auth/tokens: what the token in X-Subject-Token is."""
    call.caller()
    token = call.identities.tokens.get(call.message.headers.get("x-subject-token", ""))
    if token is None:
        raise refuse(404, "The token is not found.")
    return Reply(200, {"token": _token_view(token)}, {"x-subject-token": token.id})


def list_projects(call: IamCall) -> Reply:
    """GET /v3/projects and /v3/auth/projects: the caller's projects, by ``name`` where it is given."""
    user = call.caller().user
    name, domain_id = call.query.get("name"), call.query.get("domain_id")
    found = [
        {
            "id": project.id,
            "name": project.name,
            "domain_id": project.domain_id,
            "parent_id": project.domain_id,
            "is_domain": False,
            "enabled": True,
            "description": "",
            "links": {"self": f"/v3/projects/{project.id}"},
        }
        for project in call.identities.projects_of(user.domain_id)
        if name in (None, "", project.name) and domain_id in (None, "", project.domain_id)
    ]
    return Reply(200, {"projects": found, "links": {"self": "/v3/projects"}})


def list_domains(call: IamCall) -> Reply:
    """GET /v3/auth/domains: the caller's account."""
    user = call.caller().user
    domain = {
        "id": user.domain_id,
        "name": user.domain_name,
        "enabled": True,
        "description": "",
        "links": {"self": f"/v3/domains/{user.domain_id}"},
    }
    return Reply(200, {"domains": [domain], "links": {"self": "/v3/auth/domains"}})


def _agency(call: IamCall, given: dict[str, Any]) -> Agency:
    """The agency of a request, which has to trust the caller's account."""
    name, domain_name, domain_id = (text(given, key) for key in ("agency_name", "domain_name", "domain_id"))
    if not name or not (domain_name or domain_id):
        raise refuse(400, "'agency_name' and one of 'domain_name' and 'domain_id' are needed.")
    caller = call.caller().user
    for agency in call.identities.config.agencies:
        if agency.name == name and (agency.domain_name == domain_name or agency.domain_id == domain_id):
            return trusting(agency, caller)
    raise refuse(404, f"The agency {name} is not found.")


def trusting(agency: Agency, caller: User) -> Agency:
    """The agency, where it trusts the caller's account."""
    if agency.trusted_domain_id != caller.domain_id:
        raise refuse(403, f"The agency {agency.name} does not trust the account {caller.domain_name}.")
    return agency


def as_agency(user: User, agency: Agency) -> User:
    """The caller as it acts for an agency: in the agency's account."""
    return dataclasses.replace(
        user,
        id=agency.id,
        name=f"{user.domain_name}/{agency.name}",
        domain_id=agency.domain_id,
        domain_name=agency.domain_name,
    )


def seconds(given: dict[str, Any]) -> int:
    """How long a temporary key is to live."""
    value = given.get("duration_seconds")
    if value is None:
        return KEY_SECONDS
    if isinstance(value, bool) or not isinstance(value, int) or not KEY_SECONDS_MIN <= value <= KEY_SECONDS_MAX:
        raise refuse(400, f"'duration_seconds' lies between {KEY_SECONDS_MIN} and {KEY_SECONDS_MAX}.")
    return value


def temporary_key(identities: Identities, ids: Ids, user: User, seconds: int) -> Key:
    """A new pair of keys with a security token."""
    now = identities.wall()
    key = Key(f"HST{ids.secret()[:17].upper()}", ids.secret()[:40], user, ids.secret() * 4, now + seconds * 1000)
    identities.add_key(key)
    return key


def credential_view(key: Key) -> dict[str, Any]:
    """A temporary key as IAM v3 and the metadata service spell it."""
    return {
        "access": key.access,
        "secret": key.secret,
        "securitytoken": key.security_token,
        "expires_at": iso(key.expires_at or 0),
    }


def create_security_token(call: IamCall) -> Reply:
    """POST /v3.0/OS-CREDENTIAL/securitytokens: temporary keys of an agency, or for a token."""
    methods = _reading(call, "auth", "identity").get("methods")
    if methods == ["assume_role"]:
        given = _reading(call, "auth", "identity", "assume_role")
        user = as_agency(call.caller().user, _agency(call, given))
    elif methods == ["token"]:
        given = _reading(call, "auth", "identity", "token")
        token = call.identities.tokens.get(text(given, "id"))
        if token is None or token.expires_at <= call.identities.wall():
            raise refuse(401, "The token is not valid.")
        user = token.user
    else:
        raise refuse(400, '\'methods\' has to be ["assume_role"] or ["token"].')
    key = temporary_key(call.identities, call.ids, user, seconds(given))
    return Reply(201, {"credential": credential_view(key)})


def create_token_by_id_token(call: IamCall) -> Reply:
    """POST /v3.0/OS-AUTH/id-token/tokens: the token of a federated user, by an OpenID Connect ID token."""
    if call.message.headers.get("x-idp-id", "") != IDP_ID:
        raise refuse(404, "The identity provider is not found.")
    user = federated(call, text(_reading(call, "auth", "id_token"), "id"))
    return _token_reply(call, user, _scope(call, user), ("mapped",))


def federated(call: IamCall, id_token: str) -> User:
    """The user that an ID token stands for."""
    if id_token != ID_TOKEN:
        raise refuse(401, "The ID token is not valid.")
    return call.identities.config.users[0]


def iso(moment: int) -> str:
    """UTC with microseconds and a Z, as IAM prints times."""
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# (method, path) -> the SDK's name of the operation, and its handler
OPERATIONS: dict[tuple[str, str], tuple[str, Callable[[IamCall], Reply]]] = {
    ("POST", "/v3/auth/tokens"): ("KeystoneCreateUserTokenByPassword", create_token),
    ("GET", "/v3/auth/tokens"): ("KeystoneValidateToken", show_token),
    ("GET", "/v3/projects"): ("KeystoneListProjects", list_projects),
    ("GET", "/v3/auth/projects"): ("KeystoneListAuthProjects", list_projects),
    ("GET", "/v3/auth/domains"): ("KeystoneListAuthDomains", list_domains),
    ("POST", "/v3.0/OS-CREDENTIAL/securitytokens"): ("CreateTemporaryAccessKey", create_security_token),
    ("POST", "/v3.0/OS-AUTH/id-token/tokens"): ("CreateTokenWithIdToken", create_token_by_id_token),
}
