"""Whatever an answer holds, a call gives a value or an error of the tree: never anything else, and never slowly."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
import tracemalloc
from typing import Any

import httpx
import pytest
from fake_iam import SOURCES
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.api.auth import iam
from modelarts_provider.api.auth.credential_cache import Keeper, SessionAuth
from modelarts_provider.api.auth.credentials import AccessKey, Token
from modelarts_provider.api.auth.metadata import Metadata
from modelarts_provider.api.errors import ApiError, ConnectionFailed, MalformedAnswer, NoTurn, Throttled
from modelarts_provider.api.http import responses
from modelarts_provider.api.http.client import Client
from modelarts_provider.api.http.limiter import Limiter
from modelarts_provider.api.http.parsing import MOST_DEPTH, MOST_VALUES, http_date, read_json
from modelarts_provider.api.http.unpacking import MOST_BYTES
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel, Deadline, within

DIGITS = "9" * 5000
BODIES = {
    "nested lists": b"[" * 20_000,
    "nested objects": b'{"a":' * 20_000,
    "nested and closed": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "a nested error": b'{"error_code":' + b"[" * 900 + b"]" * 900 + b',"error_msg":' + b"[" * 900 + b"]" * 900 + b"}",
    "a number of 5,000 digits": f'{{"error_code": {DIGITS}, "error_msg": {DIGITS}, "id": {DIGITS}}}'.encode(),
    "a number of 5,000 digits, alone": DIGITS.encode(),
    "no numbers": b'{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e999, "error_msg": NaN}',
    "half of a pair": b'{"error_code": "\\ud800", "error_msg": "\\ud800 x", "request_id": "\\udfff", "id": "\\ud800"}',
    "no UTF-8": b'{"error_msg": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "nothing but spaces": b" " * 100_000,
    "a message of 40,000 spaces": json.dumps({"error_code": "APIGW.0301", "error_msg": " " * 40_000}).encode(),
    "a message of slow words": json.dumps(
        {"error_code": "x" * 9000, "error_msg": "signature expired, signature time:" + " " * 40_000, "request_id": "y" * 9000}
    ).encode(),
    "nulls": b'{"error": null, "error_code": null, "data": null, "projects": null}',
    "wrong types": b'{"error": [5], "error_code": {}, "error_msg": 5, "data": [5, null, "x"], "projects": 5, "domains": {}}',
}  # fmt: skip
STATUSES = (200, 301, 400, 401, 404, 407, 429, 503)
HEADERS: dict[str, dict[str, str]] = {
    "none": {},
    "odd": {
        "retry-after": "9" * 400,
        "content-type": "x" * 5000,
        "x-request-id": "y" * 5000,
        "location": "http://u:pw@" + "l" * 9000,
        "x-subject-token": "t\x7f" * 10,
        "set-cookie": "a=b; expires=" + " " * 5000,
        "date": "x" * 5000,
    },
}


def client_of(response: httpx.Response, limiter: Limiter | None = None, **more: Any) -> Client:
    async def no_sleep(_: float) -> None: ...

    def again(_: httpx.Request) -> httpx.Response:
        return httpx.Response(response.status_code, headers=response.headers, content=response.content)

    settings: dict[str, Any] = {"cancel": Cancel(), "transport": httpx.MockTransport(again), "max_retries": 1}
    log = [].append
    return Client(
        "http://api.test",
        "p",
        None,
        sleep=no_sleep,
        limiter=limiter,
        log=lambda *entry: log(json.dumps(entry)),
        **(settings | more),
    )


async def listed(client: Client) -> Any:
    return [item async for item in Notebooks(client).list()]


OPERATIONS: dict[str, Any] = {
    "create": lambda client: Notebooks(client).create({"name": "a"}),
    "show": lambda client: Notebooks(client).show("x"),
    "list": listed,
    "update": lambda client: Notebooks(client).update("x", {"name": "a"}),
    "delete": lambda client: Notebooks(client).delete("x"),
    "start": lambda client: Notebooks(client).start("x"),
    "lease": lambda client: Notebooks(client).renew_lease("x", 5),
    "tags": lambda client: Notebooks(client).create_tags("x", []),
    "flavors": lambda client: Notebooks(client).flavors(),
    "images": lambda client: Notebooks(client).images(),
    "project": lambda client: iam.project_id(client, "cn-north-4"),
    "projects": iam.project_names,
    "domain": iam.own_domain_id,
    **{
        name: lambda client, make=make: make(client, AccessKey("AK", "the-secret")).fetch()
        for name, make in SOURCES.items()
    },
}


async def outcome(operation: Any, response: httpx.Response) -> Any:
    """What comes of it, as far as a user could see it."""
    client = client_of(response)
    try:
        return await operation(client)
    except ApiError as error:
        return error
    finally:
        await client.aclose()


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_an_odd_answer_is_a_value_or_an_error_of_the_tree(body: bytes, status: int, headers: dict[str, str]) -> None:
    async def run() -> dict[str, Any]:
        response = httpx.Response(status, headers=headers, content=body)
        return {name: await outcome(operation, response) for name, operation in OPERATIONS.items()}

    for name, came in asyncio.run(run()).items():
        if isinstance(came, ApiError):
            shown = f"{came} {came.next_step} {came.meaning}"
            assert len(shown) < 10_000, name
            assert shown.encode(), name
            assert "pw@" not in shown


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "data",
                    "total",
                    "name",
                    "error",
                    "error_code",
                    "error_msg",
                    "projects",
                    "domains",
                    "token",
                    "project",
                    "credential",
                    "credentials",
                    "access",
                    "secret",
                    "securitytoken",
                    "expires_at",
                    "lease",
                    "endpoints",
                    "image",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(body=anything, status=st.sampled_from(STATUSES), name=st.sampled_from(sorted(OPERATIONS)))
def test_any_json_is_a_value_or_an_error_of_the_tree(body: Any, status: int, name: str) -> None:
    response = httpx.Response(status, content=json.dumps(body).encode())
    came = asyncio.run(outcome(OPERATIONS[name], response))
    assert not isinstance(came, ApiError) or str(came).encode()


@pytest.mark.parametrize("levels", [MOST_DEPTH // 2, 200, 450, 20_000])
def test_what_is_nested_too_deeply_is_cut_off_and_the_rest_counts(levels: int) -> None:
    """Also what is nested deeper than the library can read."""
    inner = r'"a \\\" ]}", ' + r'"\\\\", '
    deep = ("[" + inner + '{"a\\\\":') * levels + "1" + "}]" * levels
    value = read_json(f'{{"id": "x", "deep": {deep}, "last": [1, "["]}}'.encode())
    assert (value["id"], value["last"]) == ("x", [1, "["])
    depth, inside = 1, value["deep"]
    while inside is not None:
        depth, inside = depth + 1, inside[2] if isinstance(inside, list) else inside["a\\"]
    assert depth == MOST_DEPTH
    shallow = {"a": [[1]] * 500}
    assert read_json(json.dumps(shallow)) == shallow


@pytest.mark.parametrize(
    "text", ["[" * 5000, '["' * 5000, "]" * 5000, "[" * 5000 + '"', "[" * 2000 + "}" * 2000, "[" * (2 * 1024 * 1024)]
)
def test_what_is_nested_too_deeply_and_broken_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_json(text)


MANY = {
    "lists": "[],",
    "objects": "{},",
    "objects with a member": '{"a":1},',
    "lists in lists": "[[[[[]]]]],",
    "texts": '"ab",',
    "numbers": "1000,",
}


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("values", MANY.values(), ids=MANY)
def test_many_small_values_take_little_memory(values: str, status: int) -> None:
    """8 MB of them are 8 kB on the wire, and took 740 MB once they were read, copied and looked through."""
    body = f'{{"id":"x","error_code":"X.1","error_msg":"wrong","more":[{values * (MOST_BYTES // len(values) - 20)}1]}}'
    packed = gzip.compress(body.encode())
    del body

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(packed))

    async def run() -> ApiError:
        client = client_of(httpx.Response(200), transport=httpx.MockTransport(answer), max_retries=0)
        with pytest.raises(ApiError) as raised:
            await Notebooks(client).create({"name": "a"})
        return raised.value

    tracemalloc.start()
    try:
        error = asyncio.run(run())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * MOST_BYTES
    assert "has more than 100,000 values" in str(error)
    assert error.may_have_acted


def test_as_many_values_as_any_answer_has_are_read() -> None:
    assert len(read_json(json.dumps([0] * MOST_VALUES))) == MOST_VALUES
    with pytest.raises(ValueError, match="too many values"):
        read_json(json.dumps([0] * (MOST_VALUES + 1)))


def test_numbers_that_nobody_can_mean_are_no_error() -> None:
    assert read_json(f"[{DIGITS}, -{DIGITS}, 1e999, 12, 1.5]") == [math.inf, -math.inf, math.inf, 12, 1.5]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("9" * 400, 3600, 86_400),
        ("9" * 5000, 3600, 86_400),
        ("0" * 400, 0, 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600, 86_400),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0, 0),
    ],
)
def test_a_pause_is_bounded(text: str, least: float, most: float) -> None:
    asked = responses.retry_after({"retry-after": text})
    assert asked is not None
    assert least <= asked <= most


@pytest.mark.parametrize(
    "text",
    [
        *("-5", "-" + "9" * 400, "1e5", "NaN", "Infinity", "٣", "²", "0x10", "5 5", "+5", "5.0"),
        *("Mon, 99 Jan 2026 00:00:00 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),
        *("Mon, 01 Jan 2026 00:00:00 +99999999999999999999", "Mon, 01 Jan 2026 99:99:99 GMT", "Mon, 01 Jan"),
        *("x" * 100_000, ", , ,", "Jan", "01 Jan 2026 00:00:00 -9999", "Mon, 01 Jan 2026 00:00:00 " + "9" * 60),
    ],
)
def test_a_pause_that_is_none(text: str) -> None:
    assert responses.retry_after({"retry-after": text}) is None


@given(st.text(max_size=60) | st.from_regex(r"(Mon, )?[0-9]{1,4} (Jan|Foo) [0-9]{1,9} [0-9:]{1,9} [+-]?[0-9A-Z]{1,9}"))
def test_any_date_is_a_moment_or_none(text: str) -> None:
    moment = http_date(text)
    assert moment is None or moment.tzinfo is not None


def test_a_pause_of_400_digits_is_no_end_of_the_limiter() -> None:
    limiter = Limiter()
    response = httpx.Response(429, headers={"retry-after": "9" * 400}, json={})

    async def run() -> ApiError:
        client = client_of(response, limiter, max_retries=0)
        with pytest.raises(Throttled) as raised:
            await client.request("GET", "/a")
        assert raised.value.retry_after == 86_400
        with within(Deadline.after(5.0)), pytest.raises(NoTurn) as later:
            await client.request("GET", "/b")
        return later.value

    assert "has to wait" in str(asyncio.run(run()))


@pytest.mark.parametrize("session", ["", " ", "a\nb", "ü", "\x00", "x" * 10_000, "\ufffd"])
def test_a_metadata_session_that_can_t_be_one(session: str) -> None:
    with pytest.raises(ApiError, match="no session"):
        asyncio.run(Metadata(client_of(httpx.Response(200, content=session.encode()))).fetch())


def test_a_token_that_can_t_be_sent_is_an_error_without_it() -> None:
    class Given:
        origin, renewable, gives_token = "test", False, True

        async def fetch(self) -> Token:
            return Token("secret-\ud800")

    async def run() -> ConnectionFailed:
        client = client_of(httpx.Response(200, json={})).with_auth(SessionAuth(Keeper(Given())))
        with pytest.raises(ConnectionFailed) as raised:
            await client.request("PUT", "/x", json={})
        return raised.value

    error = asyncio.run(run())
    assert error.reason == "unusable"
    assert not error.transient
    assert "secret-" not in str(error)
    assert "can't be sent" in str(error)


class Surprise(Exception):
    """What a library might raise that nobody knows of."""


@pytest.mark.parametrize(
    "kind", [Surprise, ValueError, RecursionError, OverflowError, RuntimeError, KeyError, MemoryError]
)
@pytest.mark.parametrize(("method", "acted"), [("GET", False), ("PUT", False), ("POST", True)])
def test_what_a_library_raises_is_a_failed_call(kind: type[Exception], method: str, acted: bool) -> None:
    def explode(_: httpx.Request) -> httpx.Response:
        raise kind("the-secret of it")

    async def run() -> ConnectionFailed:
        client = client_of(httpx.Response(200), transport=httpx.MockTransport(explode), secrets=("the-secret",))
        with pytest.raises(ConnectionFailed) as raised:
            await client.request(method, "/x")
        return raised.value

    error = asyncio.run(run())
    assert error.may_have_acted is acted
    assert error.transient
    assert kind.__name__ in str(error)
    assert "the-secret" not in str(error)


@pytest.mark.parametrize(
    "projects",
    [
        5,
        "x",
        {},
        [5],
        [None],
        [{"name": "cn-north-4"}],
        [{"name": "cn-north-4", "id": 5}],
        [{"name": "cn-north-4", "id": "../x"}],
    ],
)
def test_a_project_without_a_usable_id_is_no_project(projects: Any) -> None:
    with pytest.raises(ApiError) as raised:
        asyncio.run(iam.project_id(client_of(httpx.Response(200, json={"projects": projects})), "cn-north-4"))
    named = isinstance(projects, list) and isinstance(projects[0], dict)
    assert isinstance(raised.value, MalformedAnswer) is named
