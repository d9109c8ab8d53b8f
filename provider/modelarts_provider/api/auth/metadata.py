"""The access key that an ECS machine gets from its metadata service, version 2 with fall-back to version 1."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from modelarts_provider.api import errors
from modelarts_provider.api.auth.credentials import Credential, access_key_in
from modelarts_provider.api.http import responses

if TYPE_CHECKING:
    from modelarts_provider.api.http.client import Client

ENDPOINT = "http://169.254.169.254"
_TOKEN_PATH = "/meta-data/latest/api/token"  # noqa: S105  # a path
_KEY_PATH = "/openstack/latest/securitykey"
_TOKEN_SECONDS = "21600"  # noqa: S105  # six hours, as the official SDK asks for
_VERSION_1_ONLY = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.SERVICE_UNAVAILABLE})
_LONGEST_SESSION = 4096
_NO_AGENCY = "configure Cloud Service Agency"


@dataclass(frozen=True, slots=True)
class Metadata:
    """A source of temporary access keys on an ECS machine with an agency.

    Attributes:
        client: Of the metadata service: without authentication and proxies, with a short time limit and one retry.
        origin: In words.
        is_last_resort: Nobody asked for it, and nothing says who the user is: where it gives nothing, that is the error.
    """

    client: Client
    origin: str = "ECS metadata service"
    is_last_resort: bool = False
    renewable: bool = True
    gives_token: bool = False

    async def fetch(self) -> Credential:
        """The machine's present key; the service replaces it by itself some time before its end.

        Raises:
            NoCredentials: This is no ECS machine, or it has no agency.
        """
        try:
            return await _fetched(self.client)
        except errors.NoCredentials as error:
            if not self.is_last_resort:
                raise
            raise errors.NothingSaysWho(
                f"no credentials are set, and there is no agency of an ECS instance either: {error.message}"
            ) from error


async def _fetched(client: Client) -> Credential:
    try:
        headers = await _session(client)
        answer = await client.answer("GET", _KEY_PATH, headers=headers)
        key = access_key_in(responses.read(answer))
    except errors.ConnectionFailed as error:
        message = f"this machine has no ECS metadata service ({error.message})"
        raise errors.NoCredentials(message) from error
    except errors.ApiError as error:
        raise _explained(error) from error
    if key is None:
        raise errors.NoCredentials("the ECS metadata service gave no access key", next_step=_ATTACH)
    return key


_ATTACH = "Attach an agency (ECS console, Agency) to this machine, or set access_key and secret_key."


async def _session(client: Client) -> dict[str, str]:
    """The header of a version 2 session, none where the service has version 1 only."""
    try:
        wanted = {"X-Metadata-Token-Ttl-Seconds": _TOKEN_SECONDS}
        answer = await client.answer("PUT", _TOKEN_PATH, headers=wanted, reads=True)
    except errors.ApiError as error:
        if error.status in _VERSION_1_ONLY:
            return {}
        raise
    session = answer.body[: _LONGEST_SESSION + 1].decode("ascii", "replace").strip()
    if not session or len(session) > _LONGEST_SESSION or not (session.isascii() and session.isprintable()):
        raise responses.malformed(answer, "the answer is no session")
    return {"X-Metadata-Token": session}


def _explained(error: errors.ApiError) -> errors.NoCredentials:
    if _NO_AGENCY in error.message:
        return errors.NoCredentials("this ECS machine has no agency", next_step=_ATTACH)
    message = f"the ECS metadata service gave no access key: {error}"
    return errors.NoCredentials(message, next_step=_ATTACH)
