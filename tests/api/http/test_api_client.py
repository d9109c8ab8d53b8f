from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from modelarts_provider.api.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    ConnectionFailed,
    MalformedAnswer,
    ServerError,
    Throttled,
)
from modelarts_provider.api.http.retries import Backoff
from modelarts_provider.framework.cancellation import Cancel, CancelledByUser, Deadline

OK = httpx.Response(200, json={"id": "x"})
BUSY = httpx.Response(400, json={"error_code": "ModelArts.6357", "error_msg": "busy"})
HTML = httpx.Response(200, html="<html>hello</html>")
LIMITED = httpx.Response(429, json={"error_code": "APIGW.0308", "error_msg": "limit"})


class BrokenOff(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"id": '
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


def broken_off(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"x-request-id": "r1"}, stream=BrokenOff())


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, json={"error_code": "ModelArts.9999", "error_msg": "m"}, headers=headers)


def test_what_is_sent(bench):
    api = bench(OK)
    answer = api.call(
        "PUT", "/notebooks/x", params={"a": "b c|", "none": None, "yes": True, "n": -1}, json={"name": "ü"}
    )
    assert answer == {"id": "x"}
    (request,) = api.requests
    project = "0123456789abcdef0123456789abcdef"
    assert str(request.url) == f"http://api.test/v1/{project}/notebooks/x?a=b%20c%7C&n=-1&yes=true"
    assert request.content == b'{"name":"\\u00fc"}'
    sent = {name: request.headers[name] for name in ("x-language", "content-type", "accept", "x-project-id", "host")}
    assert sent == {
        "x-language": "en-us",
        "content-type": "application/json",
        "accept": "application/json",
        "x-project-id": project,
        "host": "api.test",
    }
    assert request.headers["user-agent"].startswith("terraform-provider-modelarts/")
    assert request.headers["x-security-token"] == "the-security-token"


def test_no_body_is_sent_where_there_is_none(bench):
    api = bench(OK)
    api.call("POST", "/notebooks/x/stop")
    assert api.requests[0].content == b""


# What was injected first, for which method, and whether the call is sent again.
RETRIES = [
    (LIMITED, "GET", True, Throttled),
    (LIMITED, "POST", True, Throttled),
    (status(500), "GET", True, ServerError),
    (status(502), "PUT", True, ServerError),
    (status(503), "DELETE", True, ServerError),
    (status(504), "PATCH", True, ServerError),
    (status(500), "POST", False, ServerError),
    (status(503), "POST", False, ServerError),
    (status(504), "POST", False, ServerError),
    (httpx.Response(502, html="<html>Bad Gateway</html>"), "GET", True, ServerError),
    (HTML, "GET", True, MalformedAnswer),
    (HTML, "POST", False, MalformedAnswer),
    (broken_off, "GET", True, MalformedAnswer),
    (broken_off, "POST", False, MalformedAnswer),
    (httpx.Response(200, content=b'{"id": "x'), "GET", True, MalformedAnswer),
    (httpx.ReadError("reset"), "GET", True, ConnectionFailed),
    (httpx.ReadError("reset"), "POST", False, ConnectionFailed),
    (httpx.WriteError("reset"), "POST", False, ConnectionFailed),
    (httpx.ReadTimeout("slow"), "PUT", True, ConnectionFailed),
    (httpx.ReadTimeout("slow"), "POST", False, ConnectionFailed),
    (httpx.RemoteProtocolError("Server disconnected"), "POST", False, ConnectionFailed),
    (httpx.ConnectError("refused"), "POST", True, ConnectionFailed),
    (httpx.ConnectTimeout("slow"), "POST", True, ConnectionFailed),
    (status(400), "GET", False, ApiError),
    (BUSY, "GET", False, Busy),
    (status(401), "GET", False, AuthenticationFailed),
    (status(403), "GET", False, ApiError),
]


@pytest.mark.parametrize(("injected", "method", "again", "kind"), RETRIES)
def test_what_is_sent_again(bench, injected, method, again, kind):
    api = bench(injected, OK)
    if again:
        assert api.call(method, "/notebooks") == {"id": "x"}
        assert len(api.requests) == 2
        assert api.waits == [0.5]
        return
    with pytest.raises(kind) as raised:
        api.call(method, "/notebooks")
    assert len(api.requests) == 1
    unclear = kind in {ServerError, MalformedAnswer, ConnectionFailed}
    assert raised.value.may_have_acted is unclear


@pytest.mark.parametrize("injected", [status(500), HTML, httpx.ReadError("reset")])
def test_it_gives_up_after_the_retries_with_growing_waits(bench, injected):
    api = bench(injected)
    with pytest.raises(ApiError):
        api.call("GET", "/notebooks")
    assert len(api.requests) == 6
    assert api.waits == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_limit_by_the_minute_is_outlasted(bench):
    api = bench(LIMITED)
    with pytest.raises(Throttled):
        api.call("POST", "/notebooks")
    assert sum(api.waits) / 2 > 60  # the jitter takes at most half
    none = bench(LIMITED)
    with pytest.raises(Throttled):
        asyncio.run(none.client(max_retries=0).request("POST", "/notebooks"))
    assert len(none.requests) == 1


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ConnectError("[Errno -2] Name or service not known")]
)
def test_an_endpoint_that_never_answered_fails_soon(bench, error):
    api = bench(error)
    with pytest.raises(ConnectionFailed):
        api.call("GET", "/notebooks")
    assert len(api.requests) == 3


def test_an_endpoint_that_answered_before_is_waited_for(bench):
    api = bench(OK, *[httpx.ConnectError("refused")] * 4, OK)

    async def run():
        client = api.client()
        return [await client.request("GET", "/a"), await client.request("GET", "/b")]

    assert asyncio.run(run()) == [{"id": "x"}, {"id": "x"}]
    assert len(api.requests) == 6


def test_a_post_that_its_caller_calls_repeatable_is(bench):
    api = bench(httpx.ReadError("reset"), OK)
    assert api.call("POST", "/notebooks/x/tags/create", repeatable=True) == {"id": "x"}


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.7), ("0", 0.5), ("100000", 120.0), ("later", 0.5)])
def test_retry_after_is_never_cut_short(bench, asked, waited):
    api = bench(
        httpx.Response(429, json={"error_code": "APIGW.0308", "error_msg": "m"}, headers={"Retry-After": asked}), OK
    )
    api.call("POST", "/notebooks")
    assert api.waits == [pytest.approx(waited)]


@pytest.mark.parametrize("dice", [0.0, 0.3, 1.0])
def test_waits_are_spread_between_half_and_all(dice):
    waits = [Backoff(first=1, factor=2, most=10).wait(attempt, None, lambda: dice) for attempt in range(1, 7)]
    assert waits == [pytest.approx(planned * (0.5 + dice / 2)) for planned in (1, 2, 4, 8, 10, 10)]


@pytest.mark.parametrize(("budget", "attempts"), [(0.4, 1), (2.4, 3), (100.0, 6)])
def test_no_attempt_begins_past_the_budget(bench, budget, attempts):
    api = bench(status(500))
    with pytest.raises(ServerError):
        asyncio.run(api.client(budget=budget).request("GET", "/notebooks"))
    assert len(api.requests) == attempts


def test_no_wait_goes_past_the_deadline(bench):
    api = bench(status(500), status(500), httpx.Response(503, headers={"Retry-After": "500"}, json={"error_code": "x"}))
    with pytest.raises(ServerError) as raised:
        api.call("GET", "/notebooks", deadline=Deadline.after(100))
    assert raised.value.status == 503
    assert api.waits == [0.5, 1.0]


def test_a_cancel_ends_a_wait_at_once(bench):
    api = bench(status(503, **{"Retry-After": "250"}))

    async def run():
        waiting = asyncio.Event()
        client = api.client(sleep=None, log=lambda text, _: waiting.set() if "again" in text else None)
        call = asyncio.ensure_future(client.request("GET", "/notebooks"))
        await waiting.wait()
        api.cancel.set()
        with pytest.raises(CancelledByUser):
            await asyncio.wait_for(call, 30)

    asyncio.run(run())
    assert len(api.requests) == 1


@pytest.mark.parametrize(("method", "given_up"), [("GET", True), ("PUT", False), ("POST", False)])
def test_a_cancel_gives_up_a_read_and_waits_for_a_write(bench, method, given_up):
    api = bench(OK)

    async def run():
        arrived, answer = asyncio.Event(), asyncio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            arrived.set()
            await answer.wait()
            return httpx.Response(200, json={"id": "x"})

        client = api.client(transport=httpx.MockTransport(serve))
        call = asyncio.ensure_future(client.request(method, "/notebooks/x"))
        await arrived.wait()
        api.cancel.set()
        if given_up:
            with pytest.raises(CancelledByUser):
                await asyncio.wait_for(call, 30)
            return
        for _ in range(10):
            await asyncio.sleep(0)
        assert not call.done()
        answer.set()
        assert await call == {"id": "x"}

    asyncio.run(run())


def test_after_a_cancel_calls_are_sent_once_and_with_another_cancel_as_ever(bench):
    api = bench(OK, status(500), status(500), OK)
    api.cancel.set()

    async def run():
        client = api.client(sleep=None, backoff=Backoff(first=0.001))
        assert await client.request("GET", "/a") == {"id": "x"}
        with pytest.raises(CancelledByUser):
            await client.request("GET", "/b")
        assert await client.with_cancel(Cancel.shield()).request("GET", "/c") == {"id": "x"}

    asyncio.run(run())
    assert [request.url.path[-2:] for request in api.requests] == ["/a", "/b", "/c", "/c"]


def test_an_attempt_that_never_ends_is_a_timeout(bench):
    api = bench(OK)

    async def run():
        async def serve(request: httpx.Request) -> httpx.Response:
            api.requests.append(request)
            await asyncio.Event().wait()
            raise AssertionError

        client = api.client(transport=httpx.MockTransport(serve), attempt_timeout=0.01)
        with pytest.raises(ConnectionFailed) as raised:
            await client.request("POST", "/notebooks")
        return raised.value

    error = asyncio.run(run())
    assert (error.reason, error.may_have_acted, len(api.requests)) == ("timeout", True, 1)


@pytest.mark.parametrize(
    ("error", "reason", "transient"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "refused", True),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "dns", True),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), "tls", False),
        (httpx.ProxyError("407 Proxy Authentication Required"), "proxy", False),
        (httpx.ReadTimeout(""), "timeout", True),
        (httpx.ReadError(""), "reset", True),
        (httpx.UnsupportedProtocol("no"), "unusable", False),
    ],
)
def test_why_no_answer_came(bench, error, reason, transient):
    api = bench(error)
    with pytest.raises(ConnectionFailed) as raised:
        api.call("GET", "/notebooks/x")
    assert (raised.value.reason, raised.value.transient) == (reason, transient)
    assert "http://api.test" in str(raised.value)
    assert raised.value.next_step
    if not transient:
        assert len(api.requests) == 1


@pytest.mark.parametrize(("cause", "reason"), [(socket.gaierror(-2, "x"), "dns"), (ssl.SSLError("x"), "tls")])
def test_the_cause_below_httpx_counts(bench, cause, reason):
    error = httpx.ConnectError("All connection attempts failed")
    error.__cause__ = OSError("several")
    error.__cause__.__context__ = cause
    with pytest.raises(ConnectionFailed) as raised:
        bench(error).call("GET", "/x")
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    "endpoint", ["", "modelarts", "ftp://h", "http://", "http://u:pw-1234@h", "http://h?x=1", "http://h:port"]
)
def test_an_endpoint_that_is_none(bench, endpoint):
    from modelarts_provider.api.http.client import Client  # noqa: PLC0415  # nothing else in here needs the class

    with pytest.raises(ConnectionFailed) as raised:
        Client(endpoint, "p", None, cancel=Cancel())
    assert raised.value.reason == "unusable"
    assert "pw-1234" not in str(raised.value)


def test_an_unusable_proxy_setting_is_an_error_a_person_can_act_on(bench, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "gopher://user:pw-1234@proxy.test")
    api = bench(OK)
    with pytest.raises(ConnectionFailed) as raised:
        asyncio.run(api.client(transport=None).request("GET", "/x"))
    assert raised.value.reason == "unusable"
    assert "proxy" in str(raised.value)
    assert "pw-1234" not in str(raised.value)


def test_a_compressed_answer_that_is_damaged(bench):
    good = gzip.compress(b'{"id": "x"}')

    class Damaged(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"no gzip at all"

    def damaged(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Damaged())

    def whole(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=good)

    api = bench(damaged, whole)
    assert api.call("GET", "/x") == {"id": "x"}
    assert len(api.requests) == 2


def test_a_hundred_calls_run_at_once_over_one_http_client(bench):
    api = bench(OK)

    async def run():
        together = asyncio.Barrier(100)

        async def serve(request: httpx.Request) -> httpx.Response:
            await together.wait()
            return httpx.Response(200, json={"path": request.url.path})

        client = api.client(transport=httpx.MockTransport(serve))
        answers = await asyncio.wait_for(asyncio.gather(*[client.request("GET", f"/{n}") for n in range(100)]), 60)
        await client.aclose()
        return [answer["path"].rpartition("/")[2] for answer in answers]

    assert asyncio.run(run()) == [str(n) for n in range(100)]


def test_headers_can_be_had_with_an_answer(bench):
    api = bench(httpx.Response(201, json={"token": {}}, headers={"X-Subject-Token": "t"}))
    answer = asyncio.run(api.client(base_path="").answer("POST", "/v3/auth/tokens", headers={"X-Extra": "1"}))
    assert (answer.status, answer.headers["x-subject-token"]) == (201, "t")
    assert api.requests[0].url.path == "/v3/auth/tokens"
    assert api.requests[0].headers["x-extra"] == "1"


@pytest.mark.parametrize(
    "module",
    [
        "",
        ".errors",
        ".error_codes",
        ".modelarts.models",
        ".modelarts.bodies",
        ".auth.signing",
        ".http.masking",
        ".modelarts.notebooks",
    ],
)
def test_httpx_is_imported_by_those_who_need_it_alone(module):
    code = f"import sys, modelarts_provider.api{module}; sys.exit('httpx' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
