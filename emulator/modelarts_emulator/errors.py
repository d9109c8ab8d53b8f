"""Refusals: one exception, and the codes that the notebook API documents with what each means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class Refusal(Exception):
    """An answer that isn't a success.

    Attributes:
        status: HTTP status; every documented business error of notebooks is 400, a missing one too.
        code: ``ModelArts.NNNN``, ``APIGW.NNNN`` or ``IAM.NNNN``.
        message: what the caller reads.
        headers: extra response headers.
        body: replaces the usual envelope (IAM's own form).
    """

    status: int
    code: str
    message: str
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None


# Code -> meaning, from the error table of the API reference of the sister cloud (2025-08) unless noted; the
# wording is ours. OpenAPI lists these, and a test holds that each can be provoked.
MEANINGS: dict[str, str] = {
    "0102": "the workspace does not exist",
    "0104": "a parameter is wrong",
    "0108": "the caller is not allowed to do this (403)",
    "0112": "a policy denies this to the caller (403)",
    "0113": "the notebook quota is used up",
    "0118": "the quota is not sufficient (met by a public client on create)",
    "0210": "the project of the URL does not match the credentials (403)",
    "0212": "the token contains no project (401)",
    "6302": "the number of instances of this kind is limited",
    "6303": "the list cannot be sorted by this field",
    "6317": "OBS storage needs a path",
    "6318": "an OBS path ends with a slash",
    "6323": "the flavor is not supported",
    "6324": "the storage type is not supported",
    "6326": "the instance is frozen because the account is in arrears",
    "6327": "the instance is not running",
    "6329": "the flavor is sold out",
    "6331": "the size of the EVS disk is out of range",
    "6332": "a parameter has the wrong type",
    "6334": "a character is not allowed in the name or the description",
    "6335": "a required property is missing",
    "6336": "a property has a wrong value",
    "6347": "a parameter cannot be changed in this status",
    "6349": "the auto-stop duration is out of range",
    "6357": "another operation is running, or the instance is already in the wanted state",
    "6360": "there are not enough resources to start the instance",
    "6400": "the request body cannot be read",
    "6404": "the instance does not exist (seen live on a sibling resource)",
    "6304": "the instance has to be stopped before it is deleted",
    "6309": "the instance does not exist",
    "6702": "this combination of storage category and ownership is not supported (seen live)",
    "6737": "the image tag exists already",
    "6768": "the image offers SSH only and no SSH endpoint is configured",
    "6772": "the bucket is missing, forbidden or no parallel file system (seen live)",
    "6785": "the mount path has the wrong form (seen live)",
    "6792": "the instance cannot be switched to this flavor",
    "6797": "the image does not exist",
    "6870": "the flavor does not offer this feature",
    "6927": "the mount path is empty (seen live)",
    "6958": "storage is attached and detached only while the instance runs (seen live)",
    "6967": "the name of the DEW secret is empty (seen live)",
}


def refuse(number: str, detail: str, *, status: int = 400) -> Refusal:
    """A refusal of the service itself, ``ModelArts.<number>``."""
    return Refusal(status, f"ModelArts.{number}", detail)


def missing(name: str) -> Refusal:
    """6335 for a property that has to be there."""
    return refuse("6335", f"The property '{name}' is required.")


def wrong_type(name: str, wanted: str) -> Refusal:
    """6332 for a value of another JSON type."""
    return refuse("6332", f"The parameter '{name}' must be of the type '{wanted}'.")


def wrong_value(name: str, why: str) -> Refusal:
    """6336 for a value outside of what is allowed."""
    return refuse("6336", f"The value of the property '{name}' is not allowed: {why}.")


def busy(status: str) -> Refusal:
    """6357: something is under way, or the wanted state is reached already."""
    return refuse(
        "6357",
        f"The operation is not allowed: the instance is {status}; another operation is running or the instance is "
        "already in the wanted state.",
    )


def gateway(status: int, number: str, message: str, headers: dict[str, str] | None = None) -> Refusal:
    """A refusal of the gateway in front of the service, ``APIGW.<number>``."""
    return Refusal(status, f"APIGW.{number}", message, headers or {})


def envelope(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """The JSON body: the service's envelope, or the gateway's, which repeats the request id."""
    if refusal.body is not None:
        return refusal.body
    if refusal.code.startswith("APIGW."):
        return {"error_msg": refusal.message, "error_code": refusal.code, "request_id": request_id}
    return {"error_code": refusal.code, "error_msg": refusal.message}
