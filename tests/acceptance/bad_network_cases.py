"""What is injected into the network between the provider and the service, and what has to come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from damaging_relay import Damage

READ, UPDATE, CREATE = "plan", "update", "create"


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes:
        injected: In words.
        does: A plan that reads one notebook, an apply that changes its flavor, or an apply that makes one.
        says: Words of the error, all of which must be there; none where the command must succeed.
        faults: Of the emulator.
        damages: Of the relay, with which calls go through it.
        provider: Changes of the provider block; ``{closed}`` is a port where nobody listens, ``{open}`` the emulator's,
            ``{tls}`` one with a certificate that only ``{ca}`` knows, ``{page}`` a proxy's that lets nobody through.
        environment: Variables of the provider's process; likewise.
        resource: Attributes besides the usual ones, in configuration and state.
    """

    injected: str
    does: str
    says: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    damages: tuple[Damage, ...] = ()
    provider: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    resource: dict[str, Any] = field(default_factory=dict)


def endpoint(url: str) -> dict[str, Any]:
    return {"endpoints": {"modelarts": url, "iam": url}}


def on(operation: str, **fault: Any) -> tuple[dict[str, Any], ...]:
    return ({"operation": operation, **fault},)


SHOW, PUT, STOP, START, POST = "ShowNotebook", "UpdateNotebook", "StopNotebook", "StartNotebook", "CreateNotebook"
ONCE = {"max_retries": 1}
SHORT = {"timeouts": {"create": None, "read": "3s", "update": "5s", "delete": None}}
NOT_GONE = "doesn't count as gone"


def other_id(_: str, answer: Any) -> Any:
    """The answer as one about another instance."""
    return {**answer, "id": "00000000-9c7d-4b5b-a3c9-0a4f8b6d1c2e"}


def nameless(_: str, answer: Any) -> Any:
    """The answer without its id."""
    return {key: value for key, value in answer.items() if key != "id"}


def numbered(_: str, answer: Any) -> Any:
    """The answer with an id that nothing can be found by."""
    return {**answer, "id": 5}


def deep(_: str, answer: Any) -> Any:
    """The answer with something nested 900 levels deep in it."""
    value: Any = 1
    for _level in range(450):
        value = {"a": [value]}
    return {**answer, "novelty": value}


NO_WAY = [
    Case("refused connection", READ, ("127.0.0.1:{closed}", "host and port", NOT_GONE), provider=endpoint("http://127.0.0.1:{closed}")),
    Case("refused connection", CREATE, ("127.0.0.1:{closed}", "host and port", "Nothing was created"), provider=endpoint("http://127.0.0.1:{closed}")),
    Case("refused connection to IAM alone", CREATE, ("127.0.0.1:{closed}", "host and port"), provider={"project_id": None, "endpoints": {"modelarts": "http://127.0.0.1:{open}", "iam": "http://127.0.0.1:{closed}"}}),
    Case("host name that does not exist", READ, ("modelarts.nowhere.invalid", "can't be resolved", "typing error", NOT_GONE), provider=endpoint("https://modelarts.nowhere.invalid")),
    Case("https to a plain http port", READ, ("https://127.0.0.1:{open}", "no secure connection", "write http://", NOT_GONE), provider=endpoint("https://127.0.0.1:{open}")),
    Case("certificate that nobody vouches for", READ, ("no secure connection to https://localhost:{tls}", "cacert_file", NOT_GONE), provider=endpoint("https://localhost:{tls}")),
    Case("certificate that nobody vouches for", CREATE, ("no secure connection", "cacert_file", "Nothing was created"), provider=endpoint("https://localhost:{tls}")),
    Case("the same certificate, as cacert_file", READ, provider={**endpoint("https://localhost:{tls}"), "cacert_file": "{ca}"}),
    Case("the same certificate, insecure", READ, provider={**endpoint("https://localhost:{tls}"), "insecure": True}),
    Case("proxy that wants another password", READ, ("407", "wants a user and password", "Check HTTP_PROXY", NOT_GONE), environment={"HTTP_PROXY": "http://me:proxy-password@127.0.0.1:{page}"}),
    Case("dead HTTPS_PROXY", READ, ("through the proxy http://***@127.0.0.1:{closed}", "NO_PROXY", NOT_GONE), provider=endpoint("https://127.0.0.1:{open}"), environment={"HTTPS_PROXY": "http://me:proxy-password@127.0.0.1:{closed}"}),
    Case("dead HTTP_PROXY", CREATE, ("through the proxy http://127.0.0.1:{closed}", "NO_PROXY", "Nothing was created"), environment={"HTTP_PROXY": "http://127.0.0.1:{closed}"}),
    Case("proxy setting that is no URL", READ, ("HTTP_PROXY", "http:// or https:// URL", NOT_GONE), environment={"HTTP_PROXY": "nonsense://x"}),
]  # fmt: skip

READS = [
    Case("429 twice, no Retry-After", READ, faults=on(SHOW, status=429, count=2)),
    Case("429 with Retry-After: 1", READ, faults=on(SHOW, status=429, retry_after=1)),
    Case("429 always, no retries", READ, ("429", "requests_per_second", NOT_GONE), on(SHOW, status=429, count=0), provider={"max_retries": 0}),
    *[Case(f"{status} once", READ, faults=on(SHOW, status=status)) for status in (500, 502, 503, 504)],
    Case("503 always, 1 retry", READ, ("503", "request id", NOT_GONE), on(SHOW, status=503, count=0), provider=ONCE),
    Case("reset once", READ, faults=on(SHOW, cut="before")),
    Case("reset always, 1 retry", READ, ("127.0.0.1:{open}", "cut the connection", "cuts connections", NOT_GONE), on(SHOW, cut="before", count=0), provider=ONCE),
    Case("truncated body once", READ, damages=(Damage("truncated"),)),
    Case("truncated body always, 1 retry", READ, ("broke off", "proxy", NOT_GONE), damages=(Damage("truncated", count=0),), provider=ONCE),
    Case("body that can't be unpacked, once", READ, damages=(Damage("gzip"),)),
    Case("HTML with 200 once", READ, damages=(Damage("html"),)),
    Case("HTML with 200 always, 1 retry", READ, ("text/html", "is not the API's JSON", "proxy", NOT_GONE), damages=(Damage("html", count=0),), provider=ONCE),
    Case("HTML with 404 always", READ, ("404", "text/html", NOT_GONE), damages=(Damage("html", status=404, count=0),)),
    Case("redirect to a log-in page", READ, ("login.invalid", "proxy", NOT_GONE), damages=(Damage("redirect", count=0),)),
    Case("100 MB packed into 100 kB, once", READ, damages=(Damage("bomb"),)),
    Case("100 MB packed into 100 kB always, 1 retry", READ, ("larger than 8 MB", NOT_GONE), damages=(Damage("bomb", count=0),), provider=ONCE),
    Case("answer about another instance once", READ, damages=(Damage("changed", change=other_id),)),
    Case("answer about another instance always", READ, ("about another instance", NOT_GONE), damages=(Damage("changed", change=other_id, count=0),)),
    Case("answer without its id always", READ, damages=(Damage("changed", change=nameless, count=0),)),
    Case("answer of 900 levels always", READ, damages=(Damage("changed", change=deep, count=0),)),
    Case("slow body (0.5 s)", READ, faults=on(SHOW, slow_body_ms=500)),
    Case("body that takes 10 minutes", READ, ("timeouts.read", NOT_GONE), on(SHOW, slow_body_ms=600_000, count=0), resource=SHORT),
    Case("no answer for 10 minutes", READ, ("timeouts.read", NOT_GONE), on(SHOW, latency_ms=600_000, count=0), resource=SHORT),
]  # fmt: skip

CHANGES = [
    *[Case(f"{what} the effect of {operation}", UPDATE, faults=on(operation, cut=cut))
      for operation in (STOP, PUT, START) for what, cut in (("reset before", "before"), ("reset after", "after"))],
    Case("503 burst on UpdateNotebook", UPDATE, faults=on(PUT, status=503, count=2)),
    Case("500 on StopNotebook", UPDATE, faults=on(STOP, status=500)),
    Case("504 on StartNotebook", UPDATE, faults=on(START, status=504)),
    Case("429 on StopNotebook, UpdateNotebook and StartNotebook", UPDATE, faults=tuple(f for o in (STOP, PUT, START) for f in on(o, status=429))),
    Case("HTML with 502 after each write's effect", UPDATE, damages=tuple(Damage("html", m, p, status=502) for m, p in (("POST", "/stop"), ("PUT", "/notebooks/"), ("POST", "/start")))),
    Case("truncated answer to each write", UPDATE, damages=tuple(Damage("truncated", m, p) for m, p in (("POST", "/stop"), ("PUT", "/notebooks/"), ("POST", "/start")))),
    Case("100 MB packed into 100 kB for each write", UPDATE, damages=tuple(Damage("bomb", m, p) for m, p in (("POST", "/stop"), ("PUT", "/notebooks/"), ("POST", "/start")))),
    Case("answer without its id to each read", UPDATE, damages=(Damage("changed", change=nameless, count=0),)),
    Case("answer of 900 levels to each call", UPDATE, damages=tuple(Damage("changed", m, change=deep, count=0) for m in ("GET", "PUT"))),
    Case("500 on UpdateNotebook always, no retries", UPDATE, ("500", "request id"), on(PUT, status=500, count=0), provider={"max_retries": 0}),
    Case("500 on UpdateNotebook always, 1 retry", UPDATE, ("500", "request id"), on(PUT, status=500, count=0), provider=ONCE),
    Case("no answer to UpdateNotebook for 6 s, timeouts.update 5s", UPDATE, faults=on(PUT, latency_ms=6000), resource=SHORT),
    Case("a look after the stop without an answer for 10 minutes", UPDATE, ("timeouts.update",), on(SHOW, latency_ms=600_000, nth=3), resource=SHORT),
    Case("503 on UpdateNotebook always, timeouts.update 5s", UPDATE, ("503", "request id"), on(PUT, status=503, count=0), resource=SHORT),
    Case("429 on UpdateNotebook always, timeouts.update 5s", UPDATE, ("timeouts.update",), on(PUT, status=429, count=0), resource=SHORT),
    Case("429 with Retry-After: 5 on UpdateNotebook, timeouts.update 5s", UPDATE, ("429", "timeouts.update"), on(PUT, status=429, retry_after=5), resource=SHORT),
    Case("429 on CreateNotebook", CREATE, faults=on(POST, status=429)),
    Case("reset after the effect of CreateNotebook", CREATE, faults=on(POST, cut="after")),
    Case("truncated answer to CreateNotebook", CREATE, damages=(Damage("truncated", "POST", "/notebooks$"),)),
    Case("100 MB packed into 100 kB to CreateNotebook", CREATE, damages=(Damage("bomb", "POST", "/notebooks$"),)),
    Case("answer to CreateNotebook without an id", CREATE, damages=(Damage("changed", "POST", "/notebooks$", change=nameless),)),
    Case("answer to CreateNotebook with a number as id", CREATE, damages=(Damage("changed", "POST", "/notebooks$", change=numbered),)),
    Case("answers without their id after CreateNotebook", CREATE, damages=(Damage("changed", "GET", "/notebooks/", change=nameless, count=0),)),
    Case("answers of 900 levels to a create", CREATE, damages=tuple(Damage("changed", m, "/notebooks", change=deep, count=0) for m in ("GET", "POST"))),
    Case("HTML with 502 after the effect of CreateNotebook", CREATE, damages=(Damage("html", "POST", "/notebooks$", status=502),)),
    Case("reset before the effect of CreateNotebook", CREATE, ("127.0.0.1:{open}", "is not known", "terraform import"), on(POST, cut="before")),
    Case("503 on CreateNotebook", CREATE, ("503", "is not known", "terraform import"), on(POST, status=503)),
]  # fmt: skip
