"""The documented error codes as data: which class of error, what it means, what to do.

Sources: the error table of the ModelArts API reference (Open Telekom Cloud's edition holds it in full), the gateway's error
table of the API Request Signing Guide, and codes that only real clients have met. Meanings are in our words.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from modelarts_provider.api import errors as e


class Code(NamedTuple):
    """One documented code.

    ``status`` is set where the same code means different things under two HTTP statuses; None matches any.
    An empty ``next_step`` takes the class's own.
    """

    code: str
    kind: type[e.ApiError]
    meaning: str
    next_step: str = ""
    status: int | None = None
    is_about_the_project: bool = False


_PARAMETER = "A value in the request is not allowed"
_GATEWAY_AUTH = "The gateway could not verify the credentials"
_RENEW = "Get a new token: it is missing, expired, damaged, or of another region."
_AUTO_STOP = "Choose 1 to 72 hours; of idle time, 15 minutes may do."
_POLICY = "Ask an administrator for this permission on the project."

SERVICE_CODES: tuple[Code, ...] = (
    Code("0010", e.ServerError, "Internal error"),
    Code("0101", e.InvalidRequest, _PARAMETER),
    Code("0102", e.MissingReference, "The workspace does not exist", "Check workspace_id."),
    Code("0104", e.InvalidRequest, _PARAMETER),
    Code("0107", e.InvalidRequest, "Some values are not allowed"),
    Code("0108", e.Forbidden, "The user is not authorised for this operation", _POLICY),
    Code("0112", e.Forbidden, "A policy denies this operation", _POLICY),
    Code("0113", e.QuotaExceeded, "The quota of notebook instances is used up"),
    Code("0116", e.QuotaExceeded, "A quota is exceeded"),
    Code("0118", e.QuotaExceeded, "The quota does not suffice"),
    Code("0201", e.AuthenticationFailed, "The request carries no token", _RENEW),
    Code("0202", e.AuthenticationFailed, "The token has expired", _RENEW),
    Code("0203", e.AuthenticationFailed, "The token is not valid", _RENEW),
    Code("0204", e.AuthenticationFailed, "The token can't be read", _RENEW),
    Code("0206", e.AuthenticationFailed, "The access key or secret key is wrong"),
    Code(
        "0207", e.AuthenticationFailed, "The token belongs to no project", "Get a token with the project as its scope."
    ),
    Code(
        "0210",
        e.Forbidden,
        "The project in the URL is not the credentials' one",
        "Check project_id and region: both must be of the project that the credentials belong to.",
        is_about_the_project=True,
    ),
    Code(
        "0212", e.AuthenticationFailed, "The token belongs to no project", "Get a token with the project as its scope."
    ),
    Code("6100", e.ServerError, "The service gave up waiting"),
    Code("6101", e.Throttled, "The service is busy"),
    Code("6102", e.ServerError, "Internal error"),
    Code("6200", e.ServerError, "Internal error"),
    Code("6201", e.Frozen, "The account is suspended"),
    Code("6203", e.Frozen, "The account is restricted"),
    Code("6301", e.InvalidRequest, "It already exists", "Choose another name, or import what is there."),
    Code("6302", e.QuotaExceeded, "The limit of instances is reached"),
    Code("6303", e.InvalidRequest, "A list can't be sorted by this field"),
    Code("6304", e.WrongState, "The instance must be stopped first"),
    Code("6305", e.AlreadyThere, "The instance is already running"),
    Code("6306", e.Busy, "The instance is starting"),
    Code("6307", e.AlreadyThere, "The instance is already stopped"),
    Code("6308", e.Busy, "The instance is stopping"),
    Code("6309", e.NotFound, "The instance does not exist"),
    Code("6316", e.InvalidRequest, "A parameter of the storage is missing"),
    Code("6317", e.InvalidRequest, "The OBS path is not valid", "Check storage.uri: obs://bucket/folder/."),
    Code("6318", e.InvalidRequest, "The OBS path is not valid", "Check storage.uri: obs://bucket/folder/."),
    Code(
        "6323",
        e.InvalidRequest,
        "The flavor is not supported, for this image or at all",
        "Choose a flavor that fits the image and that the project has: the console lists them, and so does `doctor`. With check_flavors_at_plan = "
        "true in the provider block, a plan says so.",
    ),
    Code("6324", e.InvalidRequest, "The type of storage is not supported", "Choose a storage that the flavor lists."),
    Code("6326", e.Frozen, "The instance or the account is frozen"),
    Code("6327", e.NotRunning, "The instance is not running"),
    Code("6328", e.Forbidden, "No permission for this flavor", "Choose another flavor, or ask for access to this one."),
    Code("6329", e.NoCapacity, "The flavor is sold out"),
    Code(
        "6331",
        e.OutOfRange,
        "The size of the disk is out of range",
        "Choose a size up to 4096 GB and not below the present one; one step grows by 100 GB at most.",
    ),
    Code("6332", e.InvalidRequest, "A value has the wrong type"),
    Code(
        "6334",
        e.InvalidRequest,
        "The name or description holds a character that is not allowed",
        "Names take letters, digits, - and _; descriptions none of & < > \" ' /.",
    ),
    Code("6335", e.InvalidRequest, "A required property is missing"),
    Code("6336", e.InvalidRequest, "A property has a wrong value"),
    Code("6346", e.OutOfRange, "The auto-stop setting is not valid", _AUTO_STOP),
    Code("6347", e.WrongState, "This can't be changed in the instance's present state"),
    Code("6348", e.OutOfRange, "The auto-stop duration is not valid", _AUTO_STOP),
    Code("6349", e.OutOfRange, "The auto-stop duration is not valid", _AUTO_STOP),
    Code("6355", e.Busy, "The instance is being initialised"),
    # Never NotFound: Huawei's own Terraform provider reads this one as "gone" while deleting, but it says no more than that
    # something else is going on.
    Code("6357", e.Busy, "Another operation is running on the instance, or it already is in the wanted state"),
    Code("6360", e.NoCapacity, "There are not enough resources to start the instance"),
    Code("6361", e.ServerError, "Internal error"),
    Code(
        "6379",
        e.MissingReference,
        "No agency is authorised for ModelArts",
        "Authorise ModelArts in its console: Settings, Permission Management.",
    ),
    Code("6400", e.InvalidRequest, "The body of the request is not valid"),
    Code("6401", e.AuthenticationFailed, "The token is not valid", _RENEW),
    Code("6404", e.NotFound, "The instance does not exist"),
    Code("6407", e.Forbidden, "No permission for this operation", _POLICY),
    Code("6528", e.InvalidRequest, "There is no EVS disk to change"),
    Code("6699", e.ServerError, "Internal error"),
    Code(
        "6701",
        e.MissingReference,
        "No agency is configured for ModelArts",
        "Authorise ModelArts in its console: Settings, Permission Management.",
    ),
    Code(
        "6702",
        e.InvalidRequest,
        "This combination of storage category and ownership is not supported",
        "OBS and OBSFS need ownership DEDICATED, uri, dew_secret_name and a dedicated pool.",
    ),
    Code("6716", e.NoCapacity, "The flavor is sold out"),
    Code("6737", e.InvalidRequest, "The image's tag is taken", "Choose another tag."),
    Code(
        "6768",
        e.InvalidRequest,
        "The image can only be used through SSH, and no SSH endpoint is set",
        "Add an SSH endpoint with a key pair.",
    ),
    Code("6771", e.InvalidRequest, "The image is too big"),
    Code(
        "6772",
        e.MissingReference,
        "The bucket is missing, not readable, or no parallel file system",
        "Check storage.uri and the agency's permissions on the bucket.",
    ),
    Code(
        "6782",
        e.InvalidRequest,
        "OBS storage needs an access key",
        "Set storage.dew_secret_name to a secret that holds one.",
    ),
    Code(
        "6785",
        e.InvalidRequest,
        "The mount path is not valid",
        "Use the form /data/<name>/, with the slash at the end.",
    ),
    Code(
        "6789",
        e.Forbidden,
        "The key pair may not be used",
        "Choose a key pair of this user, or share it with the account.",
    ),
    Code(
        "6792",
        e.InvalidRequest,
        "The instance can't change to this flavor",
        "Choose one of the flavors that the instance can switch to.",
    ),
    Code("6797", e.MissingReference, "The image does not exist", "Check image_id: the console lists the images."),
    Code("6870", e.InvalidRequest, "The flavor does not fit the feature"),
    Code("6927", e.InvalidRequest, "The mount path is missing or not valid"),
    Code("6958", e.NotRunning, "Storage can only be mounted on a running instance"),
    Code("6967", e.InvalidRequest, "The DEW secret is empty", "Set storage.dew_secret_name."),
    Code("7000", e.InvalidRequest, "This kind of server does not support the operation"),
)

GATEWAY_CODES: tuple[Code, ...] = (
    Code("0101", e.WrongEndpoint, "The gateway knows no such path or method"),
    Code("0103", e.WrongEndpoint, "The gateway knows no such path or method"),
    Code("0104", e.InvalidRequest, "The gateway could not read the request"),
    Code("0105", e.InvalidRequest, "The gateway could not read the request"),
    Code("0106", e.InvalidRequest, "The gateway could not read the request"),
    Code("0201", e.InvalidRequest, "The gateway refused the request", status=400),
    Code("0201", e.InvalidRequest, "The body is larger than 12 MB", status=413),
    Code("0201", e.InvalidRequest, "The URL is too long", status=414),
    Code("0201", e.InvalidRequest, "The headers are too large", status=494),
    Code("0201", e.ServerError, "The gateway could not reach the service, or it did not answer in time"),
    Code("0301", e.AuthenticationFailed, _GATEWAY_AUTH),
    Code("0302", e.Forbidden, "The gateway's list of users does not let this one in"),
    Code("0303", e.AuthenticationFailed, _GATEWAY_AUTH),
    Code("0304", e.Forbidden, "The gateway does not let this application in"),
    Code("0305", e.AuthenticationFailed, _GATEWAY_AUTH),
    Code("0306", e.Forbidden, "The gateway denies access to this API"),
    Code("0307", e.AuthenticationFailed, "The token must be renewed, or is of another region", _RENEW),
    Code("0308", e.Throttled, "The gateway's limit of calls is reached"),
    Code(
        "0310",
        e.Forbidden,
        "The project can't be used",
        "Check in the console that the project is not suspended.",
        is_about_the_project=True,
    ),
    Code("0401", e.Forbidden, "The gateway does not let this IP address in"),
    Code("0402", e.Forbidden, "The gateway does not let this IP address in"),
    Code("0404", e.Forbidden, "The gateway does not let this IP address in"),
    Code("0501", e.InvalidRequest, "The gateway does not support this method here"),
    Code("0502", e.InvalidRequest, "The gateway does not support this method here"),
    Code("0601", e.ServerError, "The gateway failed"),
    Code("0602", e.InvalidRequest, "The gateway could not read the request"),
    Code("0605", e.ServerError, "The gateway could not find the service"),
    Code("0606", e.ServerError, "The gateway failed"),
    Code("0607", e.InvalidRequest, "The gateway could not read the request", status=400),
    Code("0608", e.ServerError, "The gateway failed"),
    Code("0609", e.ServerError, "The gateway failed"),
    Code("0610", e.ServerError, "The gateway got no good answer from the service"),
    Code("0611", e.ServerError, "The gateway failed"),
    Code("0612", e.ServerError, "The gateway failed"),
    Code("0613", e.ServerError, "The identity service is down"),
    Code("0705", e.ServerError, "The gateway failed while it checked the signature"),
    Code("0801", e.Forbidden, "The gateway denies access"),
    Code("0802", e.Forbidden, "The gateway denies access"),
)


class Variant(NamedTuple):
    """One of the things that APIGW.0301 stands for, by words of its message."""

    words: str
    meaning: str
    next_step: str


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "verify aksk signature fail",
        "The secret key does not belong to the access key",
        "Check secret_key (HW_SECRET_KEY). If it is right, look at this machine's clock, and for a proxy that changes requests.",
    ),
    Variant(
        "not exist",
        "The service knows no such access key",
        "Check access_key (HW_ACCESS_KEY): it is mistyped, deleted, a temporary one that has ended, or of another cloud.",
    ),
    Variant(
        "decrypt token fail",
        "The token (of a temporary key: its security token) can't be read",
        "Check token or security_token: it is damaged, or of another region or key. A temporary key comes with its "
        "security token, and both end together.",
    ),
    Variant(
        "failed to reach the limit",
        "The access key is locked for a while, after too many calls with a wrong secret key",
        "Correct secret_key (HW_SECRET_KEY), wait some minutes, then try again.",
    ),
    Variant(
        "no authorization information",
        "The call came without a signature",
        "Look for a proxy on the way that takes the Authorization header away.",
    ),
)
"""The gateway's messages are those that issues of public clients quote."""


def variant_of(code: str | None, message: str) -> Variant | None:
    """The row of a message of APIGW.0301, None for one that isn't known."""
    if code != "APIGW.0301":
        return None
    return next((row for row in VARIANTS if row.words in message.lower()), None)


_BY_CODE: dict[tuple[str, int | None], Code] = {
    **{(f"ModelArts.{row.code}", row.status): row for row in SERVICE_CODES},
    **{(f"APIGW.{row.code}", row.status): row for row in GATEWAY_CODES},
}

_BY_STATUS: dict[int, type[e.ApiError]] = {
    401: e.AuthenticationFailed,
    403: e.Forbidden,
    404: e.NotFound,
    405: e.WrongEndpoint,
    408: e.ServerError,
    409: e.Busy,
    429: e.Throttled,
}


def look_up(code: str | None, status: int) -> Code | None:
    """The row of a documented code, None for any other.

    A gateway's code under a status that contradicts its class (a 5xx for a code of bad requests) is still that code: the
    code says more than the status, which the sources give inconsistently.
    """
    return None if code is None else _BY_CODE.get((code, status)) or _BY_CODE.get((code, None))


def kind_of_status(status: int) -> type[e.ApiError]:
    """The class of error for an answer whose code says nothing."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return e.ServerError
    return _BY_STATUS.get(status, e.InvalidRequest)
