from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.api.errors import (
    AnotherInstance,
    ConnectionFailed,
    EndlessList,
    MalformedAnswer,
    NotFound,
    OutOfTime,
)
from modelarts_provider.api.http.paging import MOST_PAGES
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel, CancelledByUser, Deadline, within

BASE = "/v1/0123456789abcdef0123456789abcdef"
ID = "5F5a0cf4-9c7d-4b5b-a3c9-0a4f8b6d1c2e"
NOTEBOOK = {"id": "x", "status": "running", "endpoints": [{"dev_service": "SSH", "ssh_keys": ["k"]}]}
NORMAL = {"id": "x", "status": "RUNNING", "endpoints": [{"service": "SSH", "key_pair_names": ["k"]}]}


# operation, what is sent, and what is answered
OPERATIONS: list[tuple[Any, str, str, Any, Any, Any]] = [
    (lambda n: n.create({"name": "a"}), "POST", "/notebooks", {"name": "a"}, {"id": ID, "x": 1}, {"id": ID, "x": 1}),
    (lambda n: n.show("x"), "GET", "/notebooks/x", None, NOTEBOOK, NORMAL),
    (lambda n: n.show("../x?y"), "GET", "/notebooks/..%2Fx%3Fy", None, {"url": "u"}, {"url": "u", "id": "../x?y"}),
    (lambda n: n.show(".."), "GET", "/notebooks/%2E%2E", None, {}, {"id": ".."}),
    (lambda n: n.stop("."), "POST", "/notebooks/%2E/stop", None, NOTEBOOK, NORMAL),
    (lambda n: n.delete(".."), "DELETE", "/notebooks/%2E%2E", None, None, None),
    (lambda n: n.image(".."), "GET", "/images/%2E%2E", None, {"id": ".."}, {"id": ".."}),
    (lambda n: n.image("\ud800"), "GET", "/images/%3F", None, {"id": "i"}, {"id": "i"}),
    (lambda n: n.update("x", {"description": ""}), "PUT", "/notebooks/x", {"description": ""}, NOTEBOOK, NORMAL),
    (lambda n: n.delete("x"), "DELETE", "/notebooks/x", None, NOTEBOOK, NORMAL),
    (lambda n: n.delete("x"), "DELETE", "/notebooks/x", None, None, None),
    (lambda n: n.start("x"), "POST", "/notebooks/x/start", None, NOTEBOOK, NORMAL),
    (lambda n: n.start("x", -1), "POST", "/notebooks/x/start?duration=-1", None, NOTEBOOK, NORMAL),
    (
        lambda n: n.start("x", 3600000, "IDLE"),
        "POST",
        "/notebooks/x/start?duration=3600000&type=IDLE",
        None,
        NOTEBOOK,
        NORMAL,
    ),
    (lambda n: n.stop("x"), "POST", "/notebooks/x/stop", None, NOTEBOOK, NORMAL),
    (lambda n: n.renew_lease("x", 5), "PATCH", "/notebooks/x/lease", {"duration": 5}, {"duration": 5}, {"duration": 5}),
    (
        lambda n: n.renew_lease("x", 5, "IDLE"),
        "PATCH",
        "/notebooks/x/lease",
        {"duration": 5, "type": "IDLE"},
        None,
        None,
    ),
    (
        lambda n: n.create_tags("x", [{"key": "a", "value": "b"}]),
        "POST",
        "/notebooks/x/tags/create",
        {"tags": [{"key": "a", "value": "b"}]},
        None,
        None,
    ),
    (
        lambda n: n.delete_tags("x", [{"key": "a"}]),
        "DELETE",
        "/notebooks/x/tags/delete",
        {"tags": [{"key": "a"}]},
        None,
        None,
    ),
    (
        lambda n: n.flavors(category="CPU"),
        "GET",
        "/notebooks/flavors?category=CPU",
        None,
        {"data": [{"id": "f"}]},
        [{"id": "f"}],
    ),
    (
        lambda n: n.switchable_flavors("x"),
        "GET",
        "/notebooks/x/flavors",
        None,
        {"flavors": [{"id": "f"}]},
        [{"id": "f"}],
    ),
    (
        lambda n: n.images(),
        "GET",
        "/images?limit=200&offset=0",
        None,
        {"data": [{"id": "i"}], "total": 1},
        [{"id": "i"}],
    ),
    (lambda n: n.image("i"), "GET", "/images/i", None, {"id": "i"}, {"id": "i"}),
    (
        lambda n: n.page(offset=20, limit=10, name="a b"),
        "GET",
        "/notebooks?limit=10&name=a%20b&offset=20",
        None,
        {"data": [NOTEBOOK], "total": 21},
        {"data": [NORMAL], "total": 21},
    ),
]


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: f"{row[1]} {row[2]}")
def test_operation(bench, row):
    operation, method, path, body, answered, expected = row
    api = bench(httpx.Response(204) if answered is None else httpx.Response(200, json=answered))
    assert asyncio.run(operation(api.notebooks())) == expected
    (request,) = api.requests
    assert (request.method, request.url.raw_path.decode()) == (method, BASE + path)
    assert api.body() == body


def test_an_empty_answer_where_an_instance_was_expected(bench):
    for operation, acted in ((lambda n: n.create({}), True), (lambda n: n.show("x"), False)):
        with pytest.raises(MalformedAnswer) as raised:
            asyncio.run(operation(bench(httpx.Response(200)).notebooks()))
        assert raised.value.may_have_acted is acted


@pytest.mark.parametrize("operation", [lambda n: n.create({}), lambda n: n.start("x"), lambda n: n.stop("x")])
def test_an_answer_lost_on_the_wire_is_not_asked_for_twice(bench, operation):
    api = bench(httpx.ReadError("reset"), httpx.Response(200, json=NOTEBOOK))
    with pytest.raises(ConnectionFailed) as raised:
        asyncio.run(operation(api.notebooks()))
    assert raised.value.may_have_acted
    assert len(api.requests) == 1


@pytest.mark.parametrize(
    "operation",
    [
        lambda n: n.update("x", {}),
        lambda n: n.delete("x"),
        lambda n: n.renew_lease("x", 1),
        lambda n: n.create_tags("x", []),
        lambda n: n.delete_tags("x", []),
    ],
)
def test_what_may_be_done_twice_is_sent_again(bench, operation):
    api = bench(httpx.ReadError("reset"), httpx.Response(200, json=NOTEBOOK))
    asyncio.run(operation(api.notebooks()))
    assert len(api.requests) == 2


def test_gone(bench):
    api = bench(httpx.Response(400, json={"error_code": "ModelArts.6309", "error_msg": "no"}))
    with pytest.raises(NotFound):
        asyncio.run(api.notebooks().show("x"))
    assert len(api.requests) == 1


def listing(answer: Any) -> tuple[list[Any], list[tuple[int, int]]]:
    """What list() gives when the service answers a page as answer(offset, limit) says, and which pages were asked for."""
    pages: list[tuple[int, int]] = []

    class Service:
        async def request(
            self, method: str, path: str, *, params: dict[str, Any], json: Any = None, repeatable: bool | None = None
        ) -> Any:
            assert (method, path, json, repeatable) == ("GET", "/notebooks", None, None)
            pages.append((params["offset"], params["limit"]))
            return answer(*pages[-1])

    async def run() -> list[Any]:
        return [notebook["id"] async for notebook in Notebooks(Service()).list()]  # type: ignore[arg-type]  # a stand-in

    return asyncio.run(run()), pages


@given(count=st.integers(0, 170), says_total=st.booleans())
def test_all_pages_are_read_and_no_more(count, says_total):
    everything = [{"id": str(n)} for n in range(count)]

    def answer(offset: int, limit: int) -> dict[str, Any]:
        page: dict[str, Any] = {"data": everything[offset : offset + limit], "current": 4}
        return {**page, "total": count} if says_total else page

    ids, pages = listing(answer)
    assert ids == [item["id"] for item in everything]
    assert pages[0] == (0, 50)
    assert len(pages) <= max(1, -(-count // 50)) + (not says_total)


@given(count=st.integers(0, 60), own=st.integers(1, 20))
def test_a_service_with_its_own_idea_of_the_limit_is_read_to_the_end(count, own):
    everything = [{"id": str(n)} for n in range(count)]
    ids, _ = listing(lambda offset, _: {"data": everything[offset : offset + own], "total": count})
    assert ids == [item["id"] for item in everything]


def test_a_service_that_ignores_the_offset_ends_the_list():
    everything = [{"id": str(n)} for n in range(50)]
    ids, pages = listing(lambda *_: {"data": everything, "total": 1000})
    assert len(ids) == 50
    assert len(pages) == 2


def test_an_instance_made_meanwhile_shifts_the_pages_and_is_given_once():
    older = [{"id": str(n)} for n in range(80)]
    answers = iter([{"data": older[:50], "total": 80}, {"data": [*older[49:80]], "total": 81}])
    ids, _ = listing(lambda *_: next(answers))
    assert ids == [item["id"] for item in older]


def test_a_page_without_a_list_is_malformed():
    with pytest.raises(MalformedAnswer):
        listing(lambda *_: {"total": 3})


@pytest.mark.parametrize(
    ("answered", "known"),
    [
        ({}, None),
        *[({"id": id_}, None) for id_ in (None, 5, 5.5, True, "", " ", [], [ID], {"id": ID}, "nonsense", f"{ID}/stop")],
        *[({"id": id_}, None) for id_ in (ID[:-1], f"{ID}\n", f" {ID}", ID.replace("-", ""), "\ud800", "x" * 100_000)],
        ({"id": ID}, ID),
        ({"id": ID.upper()}, ID.upper()),
    ],
)
def test_a_create_has_an_id_that_an_instance_can_be_found_by_or_none(bench, answered, known):
    answer = httpx.Response(200, content=json.dumps(answered | {"name": "a"}))
    made = asyncio.run(bench(answer).notebooks().create({}))
    assert made.get("id") == known
    assert made["name"] == "a"


OTHER = "00000000-9c7d-4b5b-a3c9-0a4f8b6d1c2e"


@pytest.mark.parametrize("answered", [{}, *[{"id": id_} for id_ in (None, 5, "", [], {}, ID, ID.lower(), ID.upper())]])
def test_the_id_that_was_asked_for_is_never_lost(bench, answered):
    shown = asyncio.run(bench(httpx.Response(200, json=answered | {"name": "a"})).notebooks().show(ID))
    assert (shown["id"], shown["name"]) == (ID, "a")
    assert shown.get("odd_fields", []) == ([] if isinstance(answered.get("id", ""), str) else ["id"])


def test_an_answer_about_another_instance_is_asked_for_again_and_then_an_error(bench):
    other, own = httpx.Response(200, json={"id": OTHER}), httpx.Response(200, json={"id": ID, "status": "RUNNING"})
    once = bench(other, own)
    assert asyncio.run(once.notebooks().show(ID)) == {"id": ID, "status": "RUNNING"}
    always = bench(other)
    with pytest.raises(AnotherInstance) as raised:
        asyncio.run(always.notebooks().show(ID))
    assert len(always.requests) == 2
    assert not raised.value.transient
    assert ID in str(raised.value)


def page_of(*ids: Any, total: Any = 10**9) -> dict[str, Any]:
    return {"data": [{"id": id_} for id_ in ids], "total": total}


ENDLESS = {
    "one new item a page": lambda offset, _: page_of(str(offset)),
    "full pages": lambda offset, limit: page_of(*[str(offset + n) for n in range(limit)]),
    "full pages without a total": lambda offset, limit: page_of(*[str(offset + n) for n in range(limit)], total=None),
    "a new item beside those without an id": lambda offset, _: page_of(str(offset), None, 5, "", [], {}, True),
    **{
        f"a total of {total}": lambda offset, limit, total=total: page_of(
            *[str(offset + n) for n in range(limit)], total=total
        )
        for total in ("many", True, 0, -1, 49, 50.5, [])
    },
}


@pytest.mark.parametrize("answer", ENDLESS.values(), ids=ENDLESS)
def test_a_list_that_never_ends_is_an_error_and_not_cut_off(answer):
    pages: list[Any] = []

    def counted(offset: int, limit: int) -> dict[str, Any]:
        pages.append(offset)
        return answer(offset, limit)

    with pytest.raises(EndlessList, match=str(MOST_PAGES)):
        listing(counted)
    assert len(pages) == MOST_PAGES


@pytest.mark.parametrize("ids", [(None,), (5, 6), ("",), ([],), ({},), ("x" * 1000,), ("\ud800",), ("a\nb",), (" ",)])
def test_a_page_without_any_id_is_malformed(ids):
    with pytest.raises(MalformedAnswer, match="id"):
        listing(lambda *_: page_of(*ids))


@pytest.mark.parametrize("items", [[5, None, "x"], [[]] * 50, [None]])
def test_a_page_without_any_object_is_malformed(items):
    with pytest.raises(MalformedAnswer, match="id"):
        listing(lambda *_: {"data": items, "total": 10**9})


def test_what_is_no_object_counts_as_a_record():
    """The next page begins after it: the offset counts records."""
    ids, pages = listing(lambda offset, _: {"data": [str(offset), {"id": str(offset)}, None], "total": 9})
    assert ids == ["0", "3", "6"]
    assert [offset for offset, _ in pages] == [0, 3, 6]


def test_an_item_whose_id_is_half_a_character_is_left_out():
    ids, _ = listing(lambda *_: page_of("a", "\ud800", "b", total=3))
    assert ids == ["a", "b"]


def test_what_has_no_id_is_left_out_of_a_list_and_ends_nothing():
    ids, pages = listing(lambda offset, _: page_of(None, str(offset), 5, total=9))
    assert ids == ["0", "3", "6"]
    assert len(pages) == 3


def test_no_further_page_is_read_after_the_deadline_of_the_operation():
    class Counted(Deadline):
        """Over once it has been asked for the third page."""

        @property
        def remaining(self) -> float:
            return float(len(pages) < 3)

    pages: list[int] = []

    def answer(offset: int, limit: int) -> dict[str, Any]:
        pages.append(offset)
        return page_of(*[str(offset + n) for n in range(limit)])

    with within(Counted(at=0.0, seconds=5.0)), pytest.raises(OutOfTime, match="within 5 s") as raised:
        listing(answer)
    assert len(pages) == 3
    assert raised.value.time_was_up


@pytest.mark.parametrize("operation", [lambda n: aitems(n.list()), lambda n: n.flavors(), lambda n: n.images()])
def test_a_stop_ends_a_list_in_the_middle_of_a_page(bench, operation):
    """Although the client's own cancel, by which restoring goes on, isn't set."""
    cancel = Cancel()

    async def run() -> None:
        arrived = asyncio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            arrived.set()
            await asyncio.Event().wait()
            raise AssertionError

        notebooks = Notebooks(bench().client(transport=httpx.MockTransport(serve), cancel=Cancel.shield()))
        with within(Deadline.after(100), cancel):
            reading = asyncio.ensure_future(operation(notebooks))
        await arrived.wait()
        cancel.set()
        with pytest.raises(CancelledByUser):
            await asyncio.wait_for(reading, 30)

    asyncio.run(run())


async def aitems(items: Any) -> list[Any]:
    return [item async for item in items]
