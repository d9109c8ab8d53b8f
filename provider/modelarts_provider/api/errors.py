"""What can go wrong in a call to the API, as one tree. Which code leads to which class, ``error_codes`` says.

::

    ApiError                    anything below; status, code, message, request_id, method, path, next_step
    ├── NotFound                the object in the URL is gone
    ├── Busy                    another operation is running or has already led there
    ├── AlreadyThere            the instance is in the power state that was asked for
    ├── WrongState              the instance's state forbids this
    │   └── NotRunning              ... because it has to be running
    ├── NoCapacity              no machine of that flavor right now
    ├── Frozen                  the instance or the account is frozen, usually for unpaid bills
    ├── QuotaExceeded           the account's quota is used up
    ├── InvalidRequest          the request is at fault; sending it again changes nothing
    │   ├── OutOfRange              ... a size or a duration
    │   ├── MissingReference        ... something that it names does not exist: image, workspace, agency, bucket
    │   └── WrongEndpoint           ... the gateway knows no such method or path
    ├── AuthenticationFailed    who is calling could not be established
    │   ├── ClockSkew               ... because the signature's time is more than 15 minutes off
    │   └── NoCredentials           ... because none could be found or read; no call was made with them
    │       ├── EncryptedProfile        ... only KooCLI itself can read them
    │       └── NothingSaysWho          ... none was set, and this machine has none of its own
    ├── UnknownProject          no project id could be found for the region
    ├── Forbidden               the caller is known and may not do this
    ├── Throttled               too many calls; nothing was done; retry_after
    │   └── NoTurn                  ... and no call may be made before the caller's time is over
    ├── ServerError             the service or its gateway failed
    ├── MalformedAnswer         an answer came and it is not the API's: HTML, truncated, a redirect
    │   ├── AnotherInstance         ... but one about another instance than was asked for
    │   └── EndlessList             ... but one more page of a list that doesn't end
    ├── OutOfTime               a list was not read to its end within the operation's timeout
    └── ConnectionFailed        no answer; reason says why; may_have_acted says whether the request may have arrived
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar, Literal, TypedDict, Unpack

Reason = Literal["dns", "refused", "tls", "proxy", "timeout", "reset", "unusable", "unknown"]


class Facts(TypedDict, total=False):
    """What is known about a failed call; each key becomes an attribute of the error."""

    status: int | None
    code: str | None
    request_id: str | None
    method: str
    path: str
    meaning: str
    next_step: str
    may_have_acted: bool
    retry_after: float | None
    is_about_the_project: bool


class ApiError(Exception):
    """A call failed.

    Attributes:
        message: What the service (or the network) said, with secrets masked.
        status: The HTTP status, None when no answer came.
        code: The service's code in full, with whose it is: ``ModelArts.`` or ``APIGW.`` and four digits.
        request_id: The service's id of the call, which Huawei's support asks for.
        method: The HTTP method of the call.
        path: The path below ``/v1/{project_id}``.
        meaning: What the code means according to the documentation; empty for codes that are not documented.
        next_step: What the user can do now.
        may_have_acted: Whether the service may have done what was asked although the call failed.
        retry_after: Seconds that the service asked to wait for, None when it gave none (its gateway gives none).
        is_about_the_project: Whether the credentials are of another project, or it can't be used: no other call would fare
            better.
        time_was_up: Whether the call would have been sent again, had its operation's timeout left time for that.
    """

    default_next_step: ClassVar[str] = ""

    def __init__(self, message: str, **facts: Unpack[Facts]) -> None:
        super().__init__(message)
        self.message = message
        self.status = facts.get("status")
        self.code = facts.get("code")
        self.request_id = facts.get("request_id")
        self.method = facts.get("method", "")
        self.path = facts.get("path", "")
        self.meaning = facts.get("meaning", "")
        self.may_have_acted = facts.get("may_have_acted", False)
        self.retry_after = facts.get("retry_after")
        self.is_about_the_project = facts.get("is_about_the_project", False)
        self.time_was_up = False
        self.next_step = facts.get("next_step") or self.default_next_step or self._unknown()

    def __str__(self) -> str:
        """``PUT /notebooks/x: 400 code: message (request id 0a1b)``, without the parts that are unknown."""
        answered = " ".join(str(part) for part in (self.status, self.code) if part)
        called = " ".join(part for part in (self.method, self.path) if part)
        text = ": ".join(part for part in (called, answered, self.message) if part)
        return _on_one_line(f"{text} (request id {self.request_id})" if self.request_id else text)

    @property
    def transient(self) -> bool:
        """Whether reading again can succeed without anybody doing anything."""
        return False

    def _unknown(self) -> str:
        came = _on_one_line(" ".join(str(part) for part in (self.status, self.code) if part) or "no status")
        quoted = f" and quote request id {_on_one_line(self.request_id)}" if self.request_id else ""
        return f"The answer ({came}) is not documented. Try again; if it stays, ask Huawei Cloud's support{quoted}."


def _on_one_line(text: str) -> str:
    r"""What the service said as a part of a sentence: each of its line breaks as ``\n``, so that none begins a line."""
    return "\\n".join(text.splitlines())


class NotFound(ApiError):
    """The object in the URL does not exist (any more)."""

    default_next_step = (
        "Check the id, the region and the project: an id of another project looks the same as a deleted one."
    )


class Busy(ApiError):
    """Another operation is running on the instance, or has already brought it there."""

    default_next_step = "Wait until the instance is in a stable state, then try again."


class AlreadyThere(ApiError):
    """The instance already is in the power state that was asked for."""

    default_next_step = "Nothing has to be done: the instance is in that state."


class WrongState(ApiError):
    """The instance's state forbids the operation."""

    default_next_step = "Stop the instance, make the change, and start it again."


class NotRunning(WrongState):
    """The operation needs a running instance."""

    default_next_step = "Start the instance, then try again."


class NoCapacity(ApiError):
    """The service has no machine of this flavor to give."""

    default_next_step = "Try again later, or choose another flavor."


class Frozen(ApiError):
    """The service has frozen the instance or the account, usually for unpaid bills."""

    default_next_step = "Settle the account's bills in the console's Billing Center, then try again."


class QuotaExceeded(ApiError):
    """The account's quota is used up."""

    default_next_step = "Delete instances that nobody needs, or ask for a larger quota in the console."


class InvalidRequest(ApiError):
    """The request is at fault: sending it again changes nothing."""

    default_next_step = "Correct the value that the message names."


class OutOfRange(InvalidRequest):
    """A size or a duration is outside of what the service allows now."""


class MissingReference(InvalidRequest):
    """Something that the request names (image, workspace, agency, bucket) does not exist or can't be read."""


class WrongEndpoint(InvalidRequest):
    """The gateway knows no such method or path, so this is no statement about the object."""

    default_next_step = "Check the endpoint and the region: the host that answered does not offer this API."


class AuthenticationFailed(ApiError):
    """The service could not establish who is calling."""

    default_next_step = "Check the access key and secret key (or the token), and that they have not expired."


class ClockSkew(AuthenticationFailed):
    """The time in the signature is more than 15 minutes away from the service's clock."""

    default_next_step = (
        "Set this machine's clock: signatures are only accepted within 15 minutes of the service's time."
    )


class NoCredentials(AuthenticationFailed):
    """No usable credentials: a file or profile is missing, damaged or encrypted, or the machine has no agency."""

    default_next_step = "Set access_key and secret_key (HW_ACCESS_KEY, HW_SECRET_KEY), or another way to authenticate."


class EncryptedProfile(NoCredentials):
    """The profile's secrets are encrypted; only KooCLI itself can read them."""

    default_next_step = "Run `hcloud configure set --cli-auth-encrypt=false` and enter the keys again, or set HW_ACCESS_KEY and HW_SECRET_KEY."


class NothingSaysWho(NoCredentials):
    """No way to log in is set, and this machine has no agency either."""

    default_next_step = (
        "Set access_key and secret_key in the provider block, or HW_ACCESS_KEY and HW_SECRET_KEY in the environment. Other "
        "ways: token (HW_AUTH_TOKEN); user_name, password and domain_name; shared_config_file; assume_role_with_oidc."
    )


class UnknownProject(ApiError):
    """The region's project could not be found among those that the credentials may see."""

    default_next_step = "Set project_id (HW_PROJECT_ID); the console lists ids under My Credentials."


class Forbidden(ApiError):
    """The caller is known, and isn't allowed to do this."""

    default_next_step = (
        "Ask an administrator for the permission that the message names (ModelArts FullAccess has them all)."
    )


class Throttled(ApiError):
    """Too many calls; nothing was done."""

    default_next_step = "Wait a minute, or lower requests_per_second or Terraform's -parallelism."

    @property
    def transient(self) -> bool:
        """True: waiting helps."""
        return True


class NoTurn(Throttled):
    """No call was made, and none can be made in the time that the caller has: waiting doesn't help."""


class ServerError(ApiError):
    """The service or its gateway failed."""

    default_next_step = "Try again in some minutes; if it stays, ask Huawei Cloud's support with the request id."

    @property
    def transient(self) -> bool:
        """True: waiting helps."""
        return True


class MalformedAnswer(ApiError):
    """An answer came, and it is not one of the API's: HTML, cut off in the middle, a redirect."""

    default_next_step = "Check the endpoint, and whether a proxy on the way answers in its place."

    @property
    def transient(self) -> bool:
        """True for damaged good answers and for a gateway's own pages, false for a redirect or a refusal in HTML."""
        status = self.status
        if status is None or status == HTTPStatus.REQUEST_TIMEOUT:
            return True
        return not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR


class AnotherInstance(MalformedAnswer):
    """The answer is about another instance than the one that was asked for."""

    default_next_step = "Try again. If it stays, look for a proxy or cache on the way that mixes answers up, and ask Huawei Cloud's support."

    @property
    def transient(self) -> bool:
        """False: it was asked for twice, and what mixes answers up would have a write change another instance."""
        return False


class EndlessList(MalformedAnswer):
    """A list goes on after more pages than any project can fill."""

    default_next_step = "Check the endpoint: the service (or what answers in its place) doesn't end its list."

    @property
    def transient(self) -> bool:
        """False: the next one is as long."""
        return False


class OutOfTime(ApiError):
    """The operation's timeout was over before all pages of a list were read."""

    default_next_step = "Raise the timeout, or try again when the service answers faster."

    def __init__(self, message: str, **facts: Unpack[Facts]) -> None:
        super().__init__(message, **facts)
        self.time_was_up = True


class ConnectionFailed(ApiError):
    """No answer came.

    Attributes:
        reason: ``dns``, ``refused``, ``tls``, ``proxy``, ``timeout``, ``reset``, ``unusable`` (endpoint or proxy setting that
            can't be used) or ``unknown``.
    """

    def __init__(self, message: str, *, reason: Reason = "unknown", **facts: Unpack[Facts]) -> None:
        self.reason: Reason = reason
        super().__init__(message, **facts)

    @property
    def transient(self) -> bool:
        """False where somebody has to mend a setting first (TLS, proxy, endpoint)."""
        return self.reason not in {"tls", "proxy", "unusable"}

    def _unknown(self) -> str:
        return NEXT_STEPS[self.reason]


NEXT_STEPS: dict[Reason, str] = {
    "dns": "Check the region and the endpoint for a typing error, and that this machine can resolve names (or needs a proxy).",
    "refused": "Check the endpoint's host and port, and that a firewall lets this machine through.",
    "tls": "Set cacert_file to the certificate authority of your proxy or private endpoint, or mend the certificate.",
    "proxy": "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY, and the proxy's user and password.",
    "timeout": "Check the network (a firewall that drops packets looks like this), then try again.",
    "reset": "Try again; if it stays, look for a proxy or firewall that cuts connections.",
    "unusable": "Correct the endpoint or proxy setting that the message names: it must be an http:// or https:// URL.",
    "unknown": "Check the network and the endpoint, then try again.",
}
