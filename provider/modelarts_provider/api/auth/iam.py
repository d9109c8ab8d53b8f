"""The calls to IAM and STS that a login is made of, and the look-up of projects.

Shapes: IAM API reference (tokens, temporary access keys, projects), the official SDK's core, and what Huawei's own
Terraform provider sends for agencies.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from modelarts_provider.api import errors
from modelarts_provider.api.auth.credentials import AccessKey, Token, access_key_in, moment
from modelarts_provider.api.http import responses

if TYPE_CHECKING:
    from modelarts_provider.api.http.client import Client

_TOKENS = "/v3/auth/tokens"
_ID_TOKENS = "/v3.0/OS-AUTH/id-token/tokens"
_KEYS = "/v3.0/OS-CREDENTIAL/securitytokens"
_ASSUME = "/v5/agencies/assume"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_NAMED: Final = 5

SESSION_SECONDS = 12 * 60 * 60
"""Life of a temporary key that nobody chose a duration for; Huawei's own provider asks for the same."""


async def token_by_password(client: Client, user: dict[str, Any], scope: dict[str, Any]) -> Token:
    """A token for a user.

    Args:
        client: Of IAM, without authentication.
        user: name and domain, or id; and password.
        scope: Such as ``{"project": {"name": "cn-north-4"}}``.

    Raises:
        AuthenticationFailed: Name, password or domain is wrong, or the user must not use this API.
    """
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": scope}}
    try:
        answer = await client.answer(
            "POST", _TOKENS, params={"nocatalog": "true"}, json=body, repeatable=True, reads=True
        )
    except errors.AuthenticationFailed as error:
        error.next_step = "Check user_name, password and domain_name; the name is an IAM user's: a HUAWEI ID (main account) can't log in here."
        raise
    return _token(answer)


async def token_by_id_token(client: Client, provider_id: str, id_token: str) -> Token:
    """A token of the whole account for an OIDC id token.

    Raises:
        AuthenticationFailed: The identity provider or the id token is not accepted.
    """
    body = {"auth": {"id_token": {"id": id_token}}}
    try:
        answer = await client.answer(
            "POST", _ID_TOKENS, json=body, repeatable=True, reads=True, headers={"X-Idp-Id": provider_id}
        )
    except (errors.AuthenticationFailed, errors.Forbidden, errors.InvalidRequest, errors.NotFound) as error:
        error.next_step = (
            "Check idp_id, and that the id token is fresh and issued for that identity provider's client id."
        )
        raise
    return _token(answer)


async def key_by_token(client: Client, token: str, seconds: int = SESSION_SECONDS) -> AccessKey:
    """A temporary access key with the rights of a token."""
    identity = {"methods": ["token"], "token": {"id": token, "duration_seconds": seconds}}
    return _key(
        await client.request("POST", _KEYS, json={"auth": {"identity": identity}}, repeatable=True, reads=True), _KEYS
    )


async def key_by_agency(
    client: Client, agency: str, domain_name: str, seconds: int | None, place: str = "assume_role"
) -> AccessKey:
    """A temporary access key of an agency, named by its account's name (IAM v3)."""
    role = {"agency_name": agency, "domain_name": domain_name, "duration_seconds": seconds or SESSION_SECONDS}
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": role}}}
    try:
        return _key(await client.request("POST", _KEYS, json=body, repeatable=True, reads=True), _KEYS)
    except (errors.Forbidden, errors.InvalidRequest, errors.NotFound) as error:
        error.next_step = _agency_step(place, "domain_name")
        raise


async def key_by_trust_agency(
    client: Client, agency: str, domain_id: str, seconds: int | None, place: str = "assume_role"
) -> AccessKey:
    """A temporary access key of a trust agency, named by its account's id (STS v5, signed calls only)."""
    body: dict[str, Any] = {"agency_urn": f"iam::{domain_id}:agency:{agency}", "agency_session_name": agency}
    if seconds:
        body["duration_seconds"] = seconds
    try:
        return _key(await client.request("POST", _ASSUME, json=body, repeatable=True, reads=True), _ASSUME)
    except (errors.Forbidden, errors.InvalidRequest, errors.NotFound) as error:
        error.next_step = _agency_step(place, "domain_id")
        raise


async def own_domain_id(client: Client) -> str | None:
    """The id of the caller's account, None where IAM doesn't tell."""
    answer = await client.request("GET", "/v3/auth/domains") or {}
    domains = _objects(answer, "domains")
    return _id(domains[0].get("id")) if len(domains) == 1 else None


async def project_id(client: Client, name: str, domain_id: str | None = None) -> str:
    """The id of the project with this name (a region's own project has the region's name).

    Raises:
        UnknownProject: There is none, or more than one.
    """
    try:
        answer = await client.request("GET", "/v3/projects", params={"name": name}) or {}
    except errors.Forbidden as error:
        if error.path != "/v3/projects":  # the login was refused, which has advice of its own
            raise
        error.next_step = "Set project_id (HW_PROJECT_ID), which needs no look-up, or ask an administrator for iam:projects:listProjects."
        raise
    except errors.NotFound as error:
        # Whoever waits for this id is about to read a notebook, and must not take this for its absence.
        raise errors.UnknownProject(error.message, status=error.status, method="GET", path="/v3/projects") from error
    found = [project for project in _objects(answer, "projects") if project.get("name") == name]
    own = [project for project in found if domain_id is None or project.get("domain_id") == domain_id]
    ids = sorted(known for project in own if (known := _id(project.get("id"))))
    if len(own) == len(ids) == 1:
        return ids[0]
    if own and not ids:
        raise errors.MalformedAnswer(
            client.masked(f"the project named {name!r} has no id"), method="GET", path="/v3/projects"
        )
    if not own:
        message = client.masked(f"the credentials see no project named {name!r}")
        step = "Check region (and project_name), or set project_id (HW_PROJECT_ID); a region has a project once it was opened in the console."
        raise errors.UnknownProject(message, method="GET", path="/v3/projects", next_step=step)
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    message = client.masked(f"{len(own)} projects are named {name!r}: {', '.join(ids[:_MOST_NAMED])}{more}")
    raise errors.UnknownProject(
        message, method="GET", path="/v3/projects", next_step="Set project_id to the one that is meant."
    )


async def project_names(client: Client) -> dict[str, str]:
    """The names of all projects that the credentials see, by id."""
    try:
        answer = await client.request("GET", "/v3/projects") or {}
    except errors.NotFound as error:
        raise errors.UnknownProject(error.message, status=error.status, method="GET", path="/v3/projects") from error
    known = [(_id(project.get("id")), project.get("name")) for project in _objects(answer, "projects")]
    return {id_.lower(): name for id_, name in known if id_ and isinstance(name, str)}


def _objects(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer; none where there is no such list."""
    found = answer.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _id(value: Any) -> str | None:
    """An id of a project or an account, None for what can't be one: it becomes a part of paths and headers."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _agency_step(place: str, domain: str) -> str:
    return (
        f"Check agency_name and {domain} of {place}: that account must have the agency, the agency must trust this account, "
        "and the caller must be allowed to use it (Agent Operator)."
    )


def _token(answer: responses.Answer) -> Token:
    value = answer.headers.get("x-subject-token")
    if not value:
        raise responses.malformed(answer, "the answer has no X-Subject-Token")
    body = (responses.read(answer) or {}).get("token")
    facts = body if isinstance(body, dict) else {}
    project = facts.get("project")
    id_, name = (project.get("id"), project.get("name")) if isinstance(project, dict) else (None, None)
    ends = moment(facts.get("expires_at"))
    return Token(value, ends, _id(id_), name if isinstance(name, str) and name else None)


def _key(answer: dict[str, Any] | None, path: str) -> AccessKey:
    key = access_key_in(answer)
    if key is None:
        raise errors.MalformedAnswer("the answer holds no temporary access key", method="POST", path=path)
    return key
