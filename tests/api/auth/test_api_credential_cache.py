from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.credentials import AccessKey, Credential, Token
from modelarts_provider.api.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    ClockSkew,
    Forbidden,
    InvalidRequest,
    NoCredentials,
    NotFound,
    ServerError,
)
from modelarts_provider.api.http.client import Client
from modelarts_provider.framework.cancellation import Cancel

START = datetime(2026, 11, 23, tzinfo=UTC)
EXPIRED = httpx.Response(401, json={"error_code": "APIGW.0307", "error_msg": "The token must be updated."})
SKEWED = httpx.Response(
    401,
    json={
        "error_code": "APIGW.0301",
        "error_msg": "Incorrect IAM authentication information: signature expired, signature time:1,server time:2",
    },
)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Counter:
    """A source whose n-th credential is number n; or that fails."""

    clock: Clock
    life: timedelta | None = timedelta(hours=24)
    make: Callable[[int, datetime | None], Credential] = lambda n, end: Token(f"token-{n}", end)
    failure: Exception | None = None
    same: bool = False
    fetches: int = 0
    origin: str = "a test"
    renewable: bool = True
    gives_token: bool = True

    async def fetch(self) -> Credential:
        await asyncio.sleep(0)
        if self.failure:
            raise self.failure
        self.fetches += 1
        n = 1 if self.same else self.fetches
        start = START if self.same else self.clock.now
        return self.make(n, start + self.life if self.life else None)


@dataclass
class Api:
    """Accepts some tokens; remembers which came."""

    accepts: Callable[[str], bool] = lambda _: True
    refusal: httpx.Response = field(default_factory=lambda: EXPIRED)
    came: list[str] = field(default_factory=list)
    done: int = 0

    async def serve(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        who = (
            request.headers.get("x-auth-token")
            or request.headers["authorization"].partition("Access=")[2].partition(",")[0]
        )
        self.came.append(who)
        if not self.accepts(who):
            return httpx.Response(self.refusal.status_code, content=self.refusal.content)
        self.done += 1
        return httpx.Response(200, json={"id": "x"})

    def client(self, auth: httpx.Auth, **settings: Any) -> Client:
        return Client(
            "http://api.test", "p", auth, cancel=Cancel(), transport=httpx.MockTransport(self.serve), **settings
        )


def test_fetched_once_for_many_calls_at_once():
    clock = Clock()
    source, api = Counter(clock), Api()

    async def run() -> None:
        client = api.client(SessionAuth(Keeper(source, now=clock)))
        await asyncio.gather(*[client.request("GET", "/x") for _ in range(50)])

    asyncio.run(run())
    assert source.fetches == 1
    assert api.came == ["token-1"] * 50


@pytest.mark.parametrize(
    ("life", "still", "due"),
    [
        (timedelta(hours=24), timedelta(hours=23, minutes=49), timedelta(hours=23, minutes=51)),
        (timedelta(minutes=15), timedelta(minutes=11), timedelta(minutes=12)),
    ],
)
def test_replaced_before_its_end(life, still, due):
    clock = Clock()
    source, api = Counter(clock, life), Api()

    async def run() -> None:
        client = api.client(SessionAuth(Keeper(source, now=clock)))
        for moment in (timedelta(), still, due):
            clock.now = START + moment
            await client.request("GET", "/x")

    asyncio.run(run())
    assert api.came == ["token-1", "token-1", "token-2"]


def test_a_renewal_that_fails_does_not_hurt_while_the_old_one_works():
    clock = Clock()
    source, api = Counter(clock, timedelta(hours=1)), Api()
    log: list[str] = []

    async def run() -> None:
        client = api.client(SessionAuth(Keeper(source, now=clock, log=lambda text, _: log.append(text))))
        await client.request("GET", "/x")
        source.failure = ServerError("IAM is down", status=503)
        clock.forward(minutes=55)
        await client.request("GET", "/x")
        await client.request("GET", "/x")
        clock.forward(minutes=10)
        with pytest.raises(ServerError):
            await client.request("POST", "/x")

    asyncio.run(run())
    assert api.came == ["token-1"] * 3
    assert [text for text in log if "could not be renewed" in text] == [
        "The credentials could not be renewed; the present ones still work"
    ]


def test_a_service_that_hands_out_the_same_key_again_is_not_asked_each_time():
    clock = Clock()
    source, api = Counter(clock, timedelta(hours=1), same=True), Api()

    async def run() -> None:
        client = api.client(SessionAuth(Keeper(source, now=clock)))
        await client.request("GET", "/x")
        clock.forward(minutes=55)
        for _ in range(5):
            await client.request("GET", "/x")

    asyncio.run(run())
    assert source.fetches == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_ended_early_is_replaced_once_and_the_call_is_done_once(method):
    clock = Clock()
    source, api = Counter(clock), Api(accepts=lambda who: who == "token-2")

    async def run() -> Any:
        return await api.client(SessionAuth(Keeper(source, now=clock))).request(method, "/x", json={"a": 1})

    assert asyncio.run(run()) == {"id": "x"}
    assert api.came == ["token-1", "token-2"]
    assert api.done == 1


def test_many_calls_refused_together_fetch_one_new_token():
    clock = Clock()
    source, api = Counter(clock), Api(accepts=lambda who: who == "token-2")

    async def run() -> None:
        client = api.client(SessionAuth(Keeper(source, now=clock)))
        await asyncio.gather(*[client.request("GET", "/x") for _ in range(20)])

    asyncio.run(run())
    assert source.fetches == 2
    assert api.done == 20


def test_a_service_that_refuses_everything_is_asked_twice_per_call():
    clock = Clock()
    source, api = Counter(clock), Api(accepts=lambda _: False)

    async def run() -> None:
        with pytest.raises(AuthenticationFailed) as raised:
            await api.client(SessionAuth(Keeper(source, now=clock))).request("POST", "/x")
        assert raised.value.code == "APIGW.0307"

    asyncio.run(run())
    assert api.came == ["token-1", "token-2"]


def test_what_can_not_be_renewed_is_not():
    clock = Clock()
    source, api = Counter(clock, renewable=False), Api(accepts=lambda _: False)

    async def run() -> None:
        with pytest.raises(AuthenticationFailed):
            await api.client(SessionAuth(Keeper(source, now=clock))).request("GET", "/x")

    asyncio.run(run())
    assert api.came == ["token-1"]


def test_a_wrong_clock_is_no_reason_for_a_new_credential():
    clock = Clock()
    source, api = Counter(clock), Api(accepts=lambda _: False, refusal=SKEWED)

    async def run() -> None:
        with pytest.raises(ClockSkew):
            await api.client(SessionAuth(Keeper(source, now=clock))).request("GET", "/x")

    asyncio.run(run())
    assert source.fetches == 1


def test_a_login_that_fails_is_the_call_s_error_and_the_next_call_tries_again():
    clock = Clock()
    source, api = Counter(clock, failure=NoCredentials("the file is gone")), Api()

    async def run() -> Any:
        client = api.client(SessionAuth(Keeper(source, now=clock)))
        with pytest.raises(NoCredentials) as raised:
            await client.request("POST", "/x")
        assert not raised.value.may_have_acted
        source.failure = None
        return await client.request("POST", "/x")

    assert asyncio.run(run()) == {"id": "x"}
    assert api.came == ["token-1"]


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (NotFound("no such agency", status=404, next_step="Check the agency."), AuthenticationFailed),
        (Busy("conflict", status=409, next_step="Check the agency."), AuthenticationFailed),
        (InvalidRequest("duration", status=400, next_step="Check the agency."), AuthenticationFailed),
        (Forbidden("not trusted", status=403, next_step="Check the agency."), Forbidden),
        (ServerError("down", status=503, next_step="Check the agency."), ServerError),
    ],
)
def test_a_failed_login_never_reads_as_an_answer_about_the_notebook(failure, kind):
    clock = Clock()
    source, api = Counter(clock, failure=failure), Api()

    async def run() -> None:
        with pytest.raises(ApiError) as raised:
            await api.client(SessionAuth(Keeper(source, now=clock)), max_retries=0).request("GET", "/notebooks/x")
        assert type(raised.value) is kind
        assert raised.value.status == failure.status
        assert failure.message in str(raised.value)
        assert raised.value.next_step == "Check the agency."

    asyncio.run(run())
    assert api.came == []


@pytest.mark.parametrize("failure", [NoCredentials("outer"), ServerError("outer"), NotFound("outer")], ids=repr)
def test_the_reason_of_a_failed_login_is_kept(failure):
    """The error itself keeps its cause; one made of it has it as its cause."""

    class Source(Counter):
        async def fetch(self) -> Credential:
            try:
                raise NoCredentials("inner")
            except NoCredentials as inner:
                raise failure from inner

    async def run() -> list[BaseException]:
        with pytest.raises(ApiError) as raised:
            await Keeper(Source(Clock())).credential()
        chain: list[BaseException] = [raised.value]
        while (cause := chain[-1].__cause__) is not None and cause not in chain:
            chain.append(cause)
        return chain

    chain = asyncio.run(run())
    made_of_it = [] if failure is chain[0] else [f"the login failed: {failure.message}"]
    assert [str(error) for error in chain] == [*made_of_it, "outer", "inner"]


def test_a_temporary_key_is_signed_with_its_token():
    clock = Clock()
    source = Counter(clock, make=lambda n, end: AccessKey(f"AK{n}", "sk", f"security-{n}", end))
    api = Api(accepts=lambda who: who == "AK2")

    async def run() -> Any:
        return await api.client(SessionAuth(Keeper(source, now=clock), project_id="p" * 32)).request(
            "PUT", "/x", params={"b": "1", "a": "2"}
        )

    assert asyncio.run(run()) == {"id": "x"}
    assert api.came == ["AK1", "AK2"]


def test_fetched_secrets_are_masked_in_what_the_service_says_about_them():
    clock = Clock()
    source = Counter(clock, renewable=False)
    echo = httpx.Response(401, json={"error_code": "APIGW.0301", "error_msg": "decrypt token fail for token-1"})
    api = Api(accepts=lambda _: False, refusal=echo)
    log: list[str] = []

    async def run() -> str:
        client = api.client(
            SessionAuth(Keeper(source, now=clock)), log=lambda text, facts: log.append(f"{text} {facts}")
        )
        with pytest.raises(AuthenticationFailed) as raised:
            await client.request("GET", "/x")
        return str(raised.value)

    error = asyncio.run(run())
    assert api.came == ["token-1"]
    assert "decrypt token fail" in error
    assert "token-1" not in error
    assert log
    assert "token-1" not in " ".join(log)
