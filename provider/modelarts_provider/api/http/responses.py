"""From an HTTP answer to a JSON object or an error; knows the envelopes and nothing about httpx or retries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from modelarts_provider.api import error_codes, errors
from modelarts_provider.api.http.masking import MOST_TEXT, mask_text, mask_url
from modelarts_provider.api.http.parsing import MOST_VALUES, has_too_many_values, http_date, read_json

_CODE_KEYS = ("error_code", "errorCode", "code")
_MESSAGE_KEYS = ("error_msg", "errorMsg", "message", "error_message", "title")
_EXCERPT = 200
_LONGEST_NAME: Final = 100
"""Of a code, a request id, a content type: longer ones are none."""

_LONGEST_PAUSE: Final = 24 * 60 * 60.0
"""Seconds of a Retry-After that are believed."""

_REDIRECT = HTTPStatus.MULTIPLE_CHOICES
_FAILED = HTTPStatus.INTERNAL_SERVER_ERROR
_CLEAR_WITHOUT_BODY = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})
_ECHO = re.compile("canonicalRequest:", re.IGNORECASE)
"""The gateway repeats the whole request where a signature is wrong, which drowns what it says."""

_SKEW = re.compile(
    r"signature expired, {0,9}signature time: {0,9}([^,|]{1,99}), {0,9}server time: {0,9}([^,|\s]{1,99})", re.IGNORECASE
)
"""Every repetition has a limit: the time to look must not grow faster than the text."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, with the call that it belongs to.

    Attributes:
        method: The call's method.
        path: The call's path, as errors show it.
        status: HTTP status.
        headers: Names in lower case.
        body: As it came.
        repeatable: Whether repeating the call does no harm; otherwise an error says that it may have acted.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    repeatable: bool = True

    @property
    def request_id(self) -> str | None:
        """The service's id of this call."""
        return _name(self.headers.get("x-request-id"))


def read(answer: Answer, secrets: Sequence[str] = ()) -> dict[str, Any] | None:
    """The JSON object in a good answer, None where it has no body (tags answer 204).

    Raises:
        ApiError: The answer is an error, or isn't the API's.
    """
    raise_for_error(answer, secrets)
    return _object(answer, secrets)


def raise_for_error(answer: Answer, secrets: Sequence[str] = ()) -> None:
    """Raise the error that an answer tells of, whatever a good answer's body holds.

    Raises:
        ApiError: The status is none of success.
    """
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise _error(answer, secrets)


def _object(answer: Answer, secrets: Sequence[str]) -> dict[str, Any] | None:
    if answer.status == HTTPStatus.NO_CONTENT or not answer.body.strip():
        return None
    value = _parsed(answer.body)
    if isinstance(value, dict):
        return value
    raise malformed(answer, _what_came(answer, secrets))


def malformed(answer: Answer, what: str) -> errors.MalformedAnswer:
    """The error for an answer that isn't the API's."""
    return errors.MalformedAnswer(
        what,
        status=answer.status,
        request_id=answer.request_id,
        method=answer.method,
        path=answer.path,
        may_have_acted=not answer.repeatable
        and (answer.status == HTTPStatus.REQUEST_TIMEOUT or not _REDIRECT <= answer.status < _FAILED),
    )


def _error(answer: Answer, secrets: Sequence[str]) -> errors.ApiError:
    if _REDIRECT <= answer.status < HTTPStatus.BAD_REQUEST:
        target = mask_url(answer.headers.get("location", "nowhere"), secrets)[:_EXCERPT]
        return malformed(answer, f"a redirect to {target} came instead of the API's answer")
    if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        message = "a proxy on the way wants a user and password, or another one"
        return errors.ConnectionFailed(
            message, reason="proxy", status=answer.status, method=answer.method, path=answer.path
        )
    value = _parsed(answer.body)
    said = _envelope(value if isinstance(value, dict) else {})
    if not (isinstance(value, dict) and value) and answer.status < _FAILED and answer.status not in _CLEAR_WITHOUT_BODY:
        return malformed(answer, _what_came(answer, secrets))
    text = _without_echo(mask_text(said.message or _what_came(answer, secrets), secrets))
    row = error_codes.look_up(said.code, answer.status)
    # by the service's own words: what is masked in them may be a part of those that are looked for
    variant = error_codes.variant_of(said.code, said.message[:MOST_TEXT] or text)
    kind = _kind(answer, row, said)
    skew = _SKEW.search(text)
    if skew and issubclass(kind, errors.AuthenticationFailed):
        kind, text = errors.ClockSkew, f"the signature's time is {skew[1].strip()}, the service's is {skew[2]} ({text})"
    return kind(
        text,
        status=answer.status,
        code=said.code,
        request_id=answer.request_id or said.request_id,
        method=answer.method,
        path=answer.path,
        meaning=variant.meaning if variant else row.meaning if row else "",
        next_step=_next_step(kind, row, variant),
        may_have_acted=kind is errors.ServerError and not answer.repeatable,
        retry_after=retry_after(answer.headers),
        is_about_the_project=row is not None and row.is_about_the_project,
    )


def _next_step(kind: type[errors.ApiError], row: error_codes.Code | None, variant: error_codes.Variant | None) -> str:
    """The most exact one; empty where the kind of error has its own."""
    if row is None or kind is not row.kind:
        return ""
    return variant.next_step if variant else row.next_step


def _kind(answer: Answer, row: error_codes.Code | None, said: _Envelope) -> type[errors.ApiError]:
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return errors.Throttled
    if row is not None:
        return row.kind
    kind = error_codes.kind_of_status(answer.status)
    # A 404 that no service wrote (a wrong host, a proxy) says nothing about the notebook; taking it for "gone" would drop
    # a living instance from the user's state.
    if kind is errors.NotFound and not said.is_the_api_s:
        return errors.WrongEndpoint
    return kind


class _Envelope(NamedTuple):
    """What an error's body says; ``is_the_api_s`` where it has the form that only the services, gateway and IAM use."""

    code: str | None
    message: str
    request_id: str | None
    is_the_api_s: bool


def _envelope(body: Mapping[str, Any]) -> _Envelope:
    """Code, message and request id from any of the shapes that services, gateway and IAM use."""
    inner = body.get("error")
    if isinstance(inner, Mapping):
        body = {**inner, "request_id": body.get("request_id")}
    elif isinstance(inner, str):
        body = {"message": inner, **body}
    code = next((name for key in _CODE_KEYS if (name := _name(body.get(key)))), None)
    message = next((text for text in map(body.get, _MESSAGE_KEYS) if text and isinstance(text, str)), "")
    request_id = _name(body.get("request_id"))
    meaningful = None if code is not None and code.isdigit() else code  # IAM repeats the HTTP status as its code
    known_form = bool(message and code and (meaningful or isinstance(inner, Mapping)))
    return _Envelope(meaningful, message, request_id, known_form)


def _name(value: Any) -> str | None:
    """A code or an id as errors show it; None for what can't be one."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not value:
        return None
    text = str(value)
    return text if len(text) <= _LONGEST_NAME and text.isprintable() else None


def _without_echo(text: str) -> str:
    echo = _ECHO.search(text)
    return text[: echo.start()].rstrip(",; \t\r\n") if echo else text


def _parsed(body: bytes) -> Any:
    try:
        return read_json(body)
    except ValueError:
        return None


def _what_came(answer: Answer, secrets: Sequence[str]) -> str:
    kind = _name(answer.headers.get("content-type")) or "no content type"
    whole = answer.body.decode("utf-8", "replace")
    if has_too_many_values(whole):
        return f"the answer ({kind}) has more than {MOST_VALUES:,} values, which none of the API's has"
    text = " ".join(mask_text(whole, secrets).split())
    if not text:
        return f"an empty answer ({answer.status}) came instead of JSON"
    return f"the answer ({kind}) is not the API's JSON object; it begins: {text[:_EXCERPT]}"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms; None without a usable one."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(_LONGEST_PAUSE, float(value))
    moment = http_date(value)
    if moment is None:
        return None
    return min(_LONGEST_PAUSE, max(0.0, (moment - (now or datetime.now(UTC))).total_seconds()))
