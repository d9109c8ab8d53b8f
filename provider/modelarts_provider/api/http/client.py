"""Calls to one endpoint: JSON in, JSON out, with retries, typed errors and one pool of connections."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from random import SystemRandom
from typing import TYPE_CHECKING, Any, TypeVar

from modelarts_provider import __version__
from modelarts_provider.api.errors import ApiError, Throttled
from modelarts_provider.api.http import responses, retries
from modelarts_provider.api.http.attempt import HttpRequest, Log, Params, Wire
from modelarts_provider.api.http.masking import mask_text
from modelarts_provider.api.http.url_encoding import segment
from modelarts_provider.framework.cancellation import present_deadline, present_sendings, unless_cancelled

if TYPE_CHECKING:
    import httpx

    from modelarts_provider.api.http.limiter import Limiter
    from modelarts_provider.framework.cancellation import Cancel, Deadline, Sendings

T = TypeVar("T")

LEAST_LEFT = 1.0
"""Seconds of waiting that a call has even when its operation's deadline is over: the last look tells how it ended."""

REPEATABLE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""Methods that may be sent twice. A POST that may have acted never is, unless its caller knows better."""


class Client:
    """The ModelArts API of one region and project.

    Made without any input or output; connections open at the first call and belong to the event loop that made it.

    Args:
        endpoint: Such as ``https://modelarts.cn-north-4.myhuaweicloud.com``.
        project_id: Part of every path.
        auth: Signs each request, or adds a token.
        cancel: Ends waits between attempts, and reads under way, at once.
        transport: Takes the place of the network, in tests.
        timeout: Seconds for connecting (10 at most), and between two pieces of an answer.
        attempt_timeout: Seconds for one attempt as a whole.
        max_retries: How often a call is sent again. A write that its caller sends again as well shares that (see Sendings).
        budget: Seconds after which no further attempt of a call begins, waits included.
        user_agent: As the service's logs show it.
        verify: False to accept any certificate, or an ssl.SSLContext.
        sleep: Takes the place of waiting between attempts, in tests.
        random: Numbers from 0 to 1 for the jitter.
        backoff: How long the waits are.
        log: Receives a sentence and its facts per attempt, with secrets masked.
        secrets: Values to mask wherever they turn up, besides those of the auth.
        base_path: Takes the place of ``/v1/{project_id}``, for other services.
        environment_proxies: Whether HTTP_PROXY and its kin are heeded.
        limiter: Shared by all clients of the process; adapts to 429.
    """

    def __init__(
        self,
        endpoint: str,
        project_id: str,
        auth: httpx.Auth | None,
        *,
        cancel: Cancel,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 60.0,
        attempt_timeout: float = 120.0,
        max_retries: int = 5,
        budget: float = 180.0,
        user_agent: str = f"terraform-provider-modelarts/{__version__}",
        verify: Any = True,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        random: Callable[[], float] | None = None,
        backoff: retries.Backoff | None = None,
        log: Log | None = None,
        secrets: Sequence[str] = (),
        base_path: str | None = None,
        environment_proxies: bool = True,
        limiter: Limiter | None = None,
    ) -> None:
        self._wire = Wire(
            endpoint,
            f"/v1/{segment(project_id)}" if base_path is None else base_path,
            auth=auth,
            transport=transport,
            timeout=timeout,
            attempt_timeout=attempt_timeout,
            verify=verify,
            user_agent=user_agent,
            log=log,
            secrets=secrets,
            environment_proxies=environment_proxies,
        )
        self._limiter = limiter
        self.endpoint = endpoint
        self.project_id = project_id
        self._cancel = cancel
        self._max_retries = max_retries
        self._budget = budget
        self._own_sleep = sleep
        self._random = random or SystemRandom().random
        self._backoff = backoff or retries.Backoff()
        self._log = log

    def with_cancel(self, cancel: Cancel) -> Client:
        """The same client (and connections) that listens to another cancel, such as ``Cancel.shield()`` for restoring."""
        other = copy.copy(self)
        other._cancel = cancel  # noqa: SLF001  # a copy of this very object
        return other

    def with_auth(self, auth: httpx.Auth | None) -> Client:
        """The same client (and connections) with another authentication."""
        other = copy.copy(self)
        other._wire = self._wire.with_auth(auth)  # noqa: SLF001  # a copy of this very object
        return other

    def masked(self, text: str) -> str:
        """A text with the values replaced that no error shows."""
        return mask_text(text, self._wire.secrets)

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        repeatable: bool | None = None,
        reads: bool | None = None,
        deadline: Deadline | None = None,
    ) -> dict[str, Any] | None:
        """Call the API and give its JSON object, None where the answer has no body.

        Args:
            method: HTTP method.
            path: Below ``/v1/{project_id}``, such as ``/notebooks/{id}``.
            params: Query; None values are left out.
            json: The body.
            repeatable: Whether doing it twice does no harm; by default true for all methods but POST.
            reads: Whether giving it up half way leaves nothing behind; by default true for GET. Such a call ends with the
                deadline even while its answer is waited for.
            deadline: No wait between attempts goes past it; by default, that of the operation that this is a part of.

        Raises:
            ApiError: See the tree in ``errors``. ``may_have_acted`` on it says that the effect is unknown.
            CancelledByUser: A stop was asked for while waiting to try again, or while reading.
        """
        return await self._repeat(
            _call(method, path, params=params, body=json, repeatable=repeatable, reads=reads), deadline, responses.read
        )

    async def answer(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        repeatable: bool | None = None,
        reads: bool | None = None,
        deadline: Deadline | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> responses.Answer:
        """The answer as a whole, for those who need its headers or whose body isn't JSON; errors are raised as ever."""

        def whole(answer: responses.Answer, secrets: Sequence[str]) -> responses.Answer:
            responses.raise_for_error(answer, secrets)
            return answer

        call = _call(method, path, params=params, body=json, repeatable=repeatable, reads=reads, headers=headers)
        return await self._repeat(call, deadline, whole)

    async def probe(self, path: str = "/") -> responses.Answer:
        """Whatever answers a GET, errors included, with one attempt: for those who ask whether anything answers at all.

        Raises:
            ConnectionFailed: Nothing does.
            MalformedAnswer: The answer broke off.
        """
        return await self._attempt(_call("GET", path, params=None, body=None, repeatable=None), 1, math.inf)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._wire.aclose()

    async def _repeat(
        self, call: HttpRequest, deadline: Deadline | None, read: Callable[[responses.Answer, Sequence[str]], T]
    ) -> T:
        attempt, spent = 0, 0.0
        sendings = None if call.reads else present_sendings()
        if sendings is not None:
            sendings.most = 1 + self._max_retries
        sleep = self._own_sleep or self._cancel.sleep
        while True:
            attempt += 1
            if self._limiter is not None:
                await self._limiter.turn(sleep, partial(_left, deadline, spent))
            started = time.monotonic()
            try:
                result = read(await self._attempt(call, attempt, _left(deadline, spent)), self._wire.secrets_of(call))
            except ApiError as error:
                self._tell_limiter(error)
                spent += time.monotonic() - started
                if sendings is not None:
                    sendings.failed += error.transient
                wait = self._wait(call, error, attempt, sendings)
                if wait is not None and wait >= _left(deadline, spent):
                    error.time_was_up = True
                    raise
                if wait is None or wait >= self._budget - spent:
                    raise
                self._say_again(call, error, attempt, wait)
            else:
                self._tell_limiter(None)
                return result
            spent += wait
            await sleep(wait)

    def _tell_limiter(self, error: ApiError | None) -> None:
        if self._limiter is None:
            return
        if isinstance(error, Throttled):
            self._limiter.throttled(error.retry_after)
        elif error is None or error.status is not None:
            self._limiter.answered()

    def _say_again(self, call: HttpRequest, error: ApiError, attempt: int, wait: float) -> None:
        if self._log is not None:
            facts = {"method": call.method, "path": call.path, "attempt": attempt, "retry_in_s": round(wait, 3)}
            self._log("API call will be tried again", {**facts, "error": str(error)})

    async def _attempt(self, call: HttpRequest, attempt: int, left: float) -> responses.Answer:
        # A write that was sent has to be waited for, or nobody knows what it did.
        sending = self._wire.send(call, attempt, None if math.isinf(left) or not call.reads else left)
        # Reads are given up at once. After the cancel, single ones still work: the truth has to be read for the state that
        # is returned.
        if call.method == "GET" and not self._cancel.is_set:
            return await unless_cancelled(sending, self._cancel)
        return await sending

    def _wait(self, call: HttpRequest, error: ApiError, attempt: int, sendings: Sendings | None) -> float | None:
        """Seconds until the next attempt, None when there is none."""
        goes_on = sendings is None and (call.reads or not call.repeatable)
        again = retries.may_retry(
            error,
            repeatable=call.repeatable,
            attempt=attempt if sendings is None else sendings.failed,
            max_retries=self._max_retries,
            ever_answered=self._wire.ever_answered,
            more=retries.MORE_WHEN_THROTTLED if goes_on else 0,
        )
        if not again:
            return None
        later = 0 if goes_on or not isinstance(error, Throttled) else retries.LATER_WHEN_THROTTLED
        return self._backoff.wait(attempt + later, error.retry_after, self._random)


def _left(deadline: Deadline | None, spent: float) -> float:
    """Seconds that a call may still wait: until its own deadline, else that of the operation that it is a part of.

    ``spent`` is how long the call has taken so far, which counts towards what it has at least.
    """
    if deadline is not None:
        return deadline.remaining
    present = present_deadline()
    return math.inf if present is None else max(LEAST_LEFT - spent, present.remaining)


def _call(
    method: str,
    path: str,
    *,
    params: Params | None,
    body: Any,
    repeatable: bool | None,
    reads: bool | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpRequest:
    safe = method in REPEATABLE if repeatable is None else repeatable
    return HttpRequest(
        method, path, params or {}, body, safe, headers or {}, method == "GET" if reads is None else reads
    )
