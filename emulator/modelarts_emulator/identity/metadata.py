"""The metadata service of a server: temporary keys without any credentials.

On a real server it has an address of its own, 169.254.169.254; here it shares the emulator's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.calls import Reply
from modelarts_emulator.errors import Refusal
from modelarts_emulator.identity.iam import IamCall, credential_view, temporary_key

if TYPE_CHECKING:
    from collections.abc import Callable

KEY_SECONDS = 6 * 60 * 60
_TTL_MAX = 21600
TOKEN_PATH, KEY_PATH = "/meta-data/latest/api/token", "/openstack/latest/securitykey"


def _refuse(status: int, message: str) -> Refusal:
    return Refusal(status, f"Metadata.{status}", message, body={"message": message})


def create_token(call: IamCall) -> Reply:
    """PUT /meta-data/latest/api/token: a text that further calls send as X-Metadata-Token."""
    text = call.message.headers.get("x-metadata-token-ttl-seconds", "")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _TTL_MAX):
        raise _refuse(400, f"X-Metadata-Token-Ttl-Seconds has to lie between 1 and {_TTL_MAX}.")
    token = call.ids.secret()
    call.identities.add_metadata_token(token, call.identities.wall() + int(text) * 1000)
    return Reply(200, None, text=token)


def security_key(call: IamCall) -> Reply:
    """GET /openstack/latest/securitykey: keys of the server's agency; the token is checked where it is sent."""
    token = call.message.headers.get("x-metadata-token")
    if token is not None and call.identities.metadata_tokens.get(token, 0) <= call.identities.wall():
        raise _refuse(401, "The metadata token is not valid.")
    key = temporary_key(call.identities, call.ids, call.identities.config.users[0], KEY_SECONDS)
    return Reply(200, {"credential": credential_view(key)})


OPERATIONS: dict[tuple[str, str], tuple[str, Callable[[IamCall], Reply]]] = {
    ("PUT", TOKEN_PATH): ("CreateMetadataToken", create_token),
    ("GET", KEY_PATH): ("ShowSecurityKey", security_key),
}
