"""What schemathesis can't know: the signature, the names of things that exist, and that a refusal changes nothing."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import schemathesis
from requests.auth import AuthBase
from schemathesis.auths import GLOBAL_AUTH_STORAGE

from modelarts_emulator.config import DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_SECRET_KEY
from modelarts_emulator.http.request_examples import PARAMETERS
from modelarts_emulator.identity.signing import Message, signed_headers

if TYPE_CHECKING:
    from tools.fuzz.environment import Environment

_MS = 1_000_000
_REFUSED = 400
_OTHER_IN = 4
"""One in so many requests goes to the instance of the less likely status; one in twice, thrice as many to nothing."""
_STOPPED_FIRST = frozenset({"StartNotebook", "UpdateNotebook"})


def _operation(case: Any) -> str:
    name: str = case.operation.definition.raw["operationId"]
    return name


class Signature(AuthBase):
    """Signs each request as it leaves."""

    def __call__(self, request: Any) -> Any:
        """Adds the headers to a prepared request of `requests`."""
        parts = urlsplit(request.url)
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else body
        message = Message(request.method, parts.path.encode(), parts.query.encode(), {}, raw)
        now = time.time_ns() // _MS
        request.headers.update(signed_headers(message, DEFAULT_ACCESS_KEY, DEFAULT_SECRET_KEY, now))
        return request


class Extension:
    """Hooks and a check around every request.

    Attributes:
        answers: How often each operation answered with each class of statuses: (operation, 2) to (operation, 5).
    """

    def __init__(self, environment: Environment) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self._environment = environment
        self._calls: Counter[str] = Counter()
        self._changed = False

    def register(self) -> None:
        """Tells schemathesis; once in a process."""

        def before_call(context: Any, case: Any, kwargs: Any) -> None:
            self._prepare(case)

        def refusal_changes_nothing(context: Any, response: Any, case: Any) -> None:
            self._judge(response, case)

        GLOBAL_AUTH_STORAGE.set_from_requests(Signature())
        schemathesis.hook(before_call)
        schemathesis.check(refusal_changes_nothing)

    def _prepare(self, case: Any) -> None:
        """Puts the prepared state back and most names of the path right."""
        if self._changed:
            self._environment.restore()
            self._changed = False
        given = case.path_parameters
        if not given:
            return
        operation = _operation(case)
        self._calls[operation] += 1
        number = self._calls[operation]  # not drawn from the request: schemathesis learns what exists, and repeats it
        names = self._environment.names
        stopped = (operation in _STOPPED_FIRST) == (number % _OTHER_IN > 0)
        own = names["image" if case.path.startswith("/v1/{project_id}/images") else "off" if stopped else "on"]
        known = {**PARAMETERS, "project_id": DEFAULT_PROJECT_ID, "id": own, "storage_id": names["storage"]}
        for place, key in enumerate(sorted(set(given) & set(known)), start=2):
            if number % (place * _OTHER_IN - 1):  # 7, 11, 15
                given[key] = known[key]
            elif key != "project_id":
                given[key] = f"no-{given[key]}"[:40]

    def _judge(self, response: Any, case: Any) -> None:
        """Counts an answer, and holds that a refused or reading request changed nothing."""
        self.answers[_operation(case), response.status_code // 100] += 1
        if response.status_code < _REFUSED and case.method.upper() not in {"GET", "HEAD", "OPTIONS"}:
            self._changed = True
            return
        found = self._environment.differences()
        self._changed = bool(found)
        assert not found, f"answered {response.status_code}, and yet these changed: {', '.join(found)}"  # noqa: S101 - a check's way to fail
