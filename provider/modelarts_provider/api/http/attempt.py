"""One attempt of one call over HTTP: building the request, sending it, reading all of the answer, logging it."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

from modelarts_provider.api.errors import ApiError, ConnectionFailed
from modelarts_provider.api.http import addresses, network_errors, responses, unpacking, url_encoding
from modelarts_provider.api.http.masking import MASK, mask, mask_text, mask_url, private_texts
from modelarts_provider.api.http.parsing import read_json
from modelarts_provider.api.http.proxies import open_transport, proxy_secrets
from modelarts_provider.api.local_files import shown_path
from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded

Log: TypeAlias = Callable[[str, dict[str, Any]], None]
Params: TypeAlias = Mapping[str, str | int | bool | None]

MAX_PARALLEL = 100
_LONGEST_LOGGED = 8192
_OURS = (ApiError, CancelledByUser, DeadlineExceeded, TimeoutError)
"""What passes through a call as it is; a TimeoutError is told of where the time limit stands."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A call, independent of how often it is sent.

    Attributes:
        method: HTTP method.
        path: Below the base path, as errors and the log show it.
        params: Query; None values are left out.
        body: JSON, or None for no body at all.
        repeatable: Whether doing it twice does no harm.
        headers: In addition to the common ones.
        reads: Whether giving it up half way leaves nothing behind.
    """

    method: str
    path: str
    params: Params
    body: Any
    repeatable: bool
    headers: Mapping[str, str]
    reads: bool = False


class _Shared:
    """What the copies of a wire have in common: one pool of connections, and whether the endpoint is known to live."""

    def __init__(self) -> None:
        self.http: httpx.AsyncClient | None = None
        self.places = asyncio.Semaphore(MAX_PARALLEL)
        self.ever_answered = False


class Wire:
    """The connections to one endpoint, opened at the first call and shared by all of them.

    Args:
        endpoint: Such as ``https://modelarts.cn-north-4.myhuaweicloud.com``; a path in it is kept.
        base_path: Goes between endpoint and the call's path.
        auth: Signs, or adds a token.
        transport: Takes the place of the network.
        timeout: Seconds for connecting, and between two pieces of an answer.
        attempt_timeout: Seconds for an attempt as a whole.
        verify: False for any certificate, or a context with own authorities.
        user_agent: As the service's logs show it.
        log: Receives a sentence and its facts for each attempt, with secrets masked.
        secrets: Known secret values, which are masked wherever they turn up.
        environment_proxies: Whether HTTP_PROXY and its kin are heeded.
    """

    def __init__(
        self,
        endpoint: str,
        base_path: str,
        *,
        auth: httpx.Auth | None,
        transport: httpx.AsyncBaseTransport | None,
        timeout: float,
        attempt_timeout: float,
        verify: Any,
        user_agent: str,
        log: Log | None,
        secrets: Sequence[str],
        environment_proxies: bool,
    ) -> None:
        self._base = _checked(endpoint).rstrip("/") + base_path
        self._auth = auth
        self._transport = transport
        self._timeout = timeout
        self._attempt_timeout = attempt_timeout
        self._verify = verify
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": user_agent,
            "X-Language": "en-us",
        }
        self._log = log
        self._proxies = environment_proxies and transport is None
        self._secrets = (*secrets, *(proxy_secrets() if self._proxies else ()))
        self._shared = _Shared()

    def with_auth(self, auth: httpx.Auth | None) -> Wire:
        """The same connections, with another authentication."""
        other = copy.copy(self)
        other._auth = auth  # noqa: SLF001  # a copy of this very object
        return other

    @property
    def ever_answered(self) -> bool:
        """Whether the endpoint has answered anything since the process started."""
        return self._shared.ever_answered

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values to mask: those given, and those that the auth holds by now."""
        return (*self._secrets, *getattr(self._auth, "secrets", ()))

    def secrets_of(self, call: HttpRequest) -> tuple[str, ...]:
        """The values to mask in what is said about a call."""
        return (*self.secrets, *private_texts(call.body))

    async def send(self, call: HttpRequest, attempt: int, left: float | None = None) -> responses.Answer:
        """The answer, good or bad.

        Args:
            call: The call.
            attempt: How often it has been sent, with this.
            left: Seconds that its caller still has, None where it is waited for.

        Raises:
            ConnectionFailed: No answer came.
            MalformedAnswer: It broke off, or could not be unpacked.
        """
        started = time.monotonic()
        facts: dict[str, Any] = {"method": call.method, "path": mask_url(call.path, self.secrets), "attempt": attempt}
        try:
            # Waiting for a place must not count: hundreds of calls may be queued behind a slow service.
            async with asyncio.timeout(left) as own, self._shared.places, asyncio.timeout(self._attempt_timeout):
                started = time.monotonic()
                answer = await self._exchange(call)
        except TimeoutError as error:
            failed = self._explained(error, call)
            failed.time_was_up = own.expired()
            self._note(call, facts, started, error=failed)
            raise failed from error
        except ApiError as error:
            self._note(call, facts, started, error=error)
            raise
        self._shared.ever_answered = True
        self._note(call, facts, started, answer=answer)
        return answer

    async def aclose(self) -> None:
        """Close the connections; a later call opens new ones."""
        http, self._shared.http = self._shared.http, None
        if http is not None:
            await http.aclose()

    def _request(self, call: HttpRequest) -> httpx.Request:
        pairs = [(name, _text(value)) for name, value in call.params.items() if value is not None]
        query = url_encoding.canonical_query(pairs)
        url = f"{self._base}{call.path}" + (f"?{query}" if query else "")
        content = None if call.body is None else json.dumps(call.body, separators=(",", ":")).encode()
        return httpx.Request(call.method, url, headers={**self._headers, **call.headers}, content=content)

    async def _exchange(self, call: HttpRequest) -> responses.Answer:
        try:
            request = self._request(call)
            http = self._connected()
            response = await http.send(request, auth=self._auth, stream=True, follow_redirects=False)
        except _OURS:
            raise
        except Exception as error:
            # Anything that a library raises here is a call that failed, and whoever made it has to restore.
            raise self._explained(error, call) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        answer = responses.Answer(call.method, call.path, response.status_code, headers, b"", call.repeatable)
        try:
            body = await response.aread()
            if len(body) > unpacking.MOST_BYTES:
                raise unpacking.TooLarge
        except _OURS:
            raise
        except Exception as error:
            what = f"the answer broke off or could not be unpacked: {mask_text(str(error), self.secrets)}"
            raise responses.malformed(answer, what) from error
        finally:
            await response.aclose()
        return responses.Answer(call.method, call.path, response.status_code, headers, body, call.repeatable)

    def _explained(self, error: Exception, call: HttpRequest) -> ConnectionFailed:
        return network_errors.explain(
            error,
            httpx.URL(self._base),
            call.method,
            call.path,
            repeatable=call.repeatable,
            proxies=self._proxies,
            secrets=self.secrets,
        )

    def _connected(self) -> httpx.AsyncClient:
        if self._shared.http is None:
            # A context for TLS takes 15 ms to build; a plain http endpoint (the emulator's) never needs one.
            verify = self._verify if self._base.startswith("https:") else False
            limits = httpx.Limits(
                max_connections=MAX_PARALLEL, max_keepalive_connections=MAX_PARALLEL, keepalive_expiry=15.0
            )
            transport = self._transport or open_transport(
                self._base, verify=verify, environment=self._proxies, limits=limits
            )
            self._shared.http = httpx.AsyncClient(
                transport=transport,
                trust_env=False,
                timeout=httpx.Timeout(self._timeout, connect=min(10.0, self._timeout), pool=None),
                follow_redirects=False,
                event_hooks={"response": [unpacking.bound]},
            )
        return self._shared.http

    def _note(
        self,
        call: HttpRequest,
        facts: dict[str, Any],
        started: float,
        *,
        answer: responses.Answer | None = None,
        error: ApiError | None = None,
    ) -> None:
        if self._log is None:
            return
        secrets = self.secrets_of(call)
        facts["ms"] = round((time.monotonic() - started) * 1000)
        if call.params:
            facts["query"] = mask(dict(call.params), self.secrets)
        if call.body is not None:
            facts["body"] = mask(call.body, self.secrets)
        if answer is not None:
            facts |= {"status": answer.status, "request_id": answer.request_id, "answer": _shown(answer.body, secrets)}
        if error is not None:
            facts |= {"status": error.status, "request_id": error.request_id, "error": str(error)}
        self._log("API call" if error is None else "API call without an answer", facts)


def _shown(body: bytes, secrets: Sequence[str]) -> Any:
    if len(body) > _LONGEST_LOGGED:
        return f"{len(body)} bytes"
    try:
        return mask(read_json(body), secrets) if body else None
    except ValueError:
        # Text has no field names to mask by, and may be a secret as a whole (the metadata service's session). Where it is
        # an error, its beginning stands in the error.
        return f"{len(body)} bytes that are not JSON"


def _text(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _checked(endpoint: str) -> str:
    try:
        is_usable = bool(re.fullmatch(addresses.URL, endpoint) and httpx.URL(endpoint).host)
    except (httpx.InvalidURL, UnicodeError):  # the latter for xn-- labels that stand for no name
        is_usable = False
    if not is_usable:
        # Nobody knows how to split it, so whatever could be a user, a password or a token is left out.
        user, at, rest = endpoint.rpartition("@")
        shown = shown_path(f"{MASK if user else ''}{at}{re.split(r'[?#]', rest)[0]}")
        message = f"the endpoint {shown!r} is not an http:// or https:// URL of a host that can exist"
        raise ConnectionFailed(message, reason="unusable")
    return endpoint
