"""The client against the emulator, over real sockets: whole scenarios, and no duplicate effect under injected faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from given_login import with_key

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.api.errors import (
    ApiError,
    AuthenticationFailed,
    Busy,
    ClockSkew,
    ConnectionFailed,
    Forbidden,
    MissingReference,
    NotFound,
    ServerError,
    Throttled,
    WrongEndpoint,
    WrongState,
)
from modelarts_provider.api.http.client import Client
from modelarts_provider.api.http.retries import Backoff
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54090"
CREATE: Any = {
    "name": "nb",
    "flavor": "modelarts.vm.cpu.2u",
    "image_id": IMAGE,
    "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 5},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Control]:
    with running_emulator(time_scale=0.0) as control:
        yield control


@pytest.fixture
def emulator(server: Control) -> Control:
    server.clear_faults()
    server.reset()
    return server


def run(emulator: Control, scenario: Callable[[Notebooks], Awaitable[Any]], **settings: Any) -> Any:
    async def told() -> Any:
        auth = with_key(emulator.access_key, emulator.secret_key, project_id=emulator.project_id)
        defaults: dict[str, Any] = {"auth": auth, "cancel": Cancel(), "backoff": Backoff(first=0.001, most=0.01)}
        client = Client(emulator.url, **({"project_id": emulator.project_id} | defaults | settings))
        try:
            return await scenario(Notebooks(client))
        finally:
            await client.aclose()

    return asyncio.run(told())


async def settled(api: Notebooks, id_: str, status: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            notebook = await api.show(id_)
            if notebook["status"] == status:
                return notebook
            await asyncio.sleep(0.01)


async def made(api: Notebooks) -> str:
    notebook = await api.create(CREATE)
    await settled(api, notebook["id"], "RUNNING")
    return notebook["id"]


def error_of(emulator: Control, scenario: Callable[[Notebooks], Awaitable[Any]], **settings: Any) -> ApiError:
    with pytest.raises(ApiError) as raised:
        run(emulator, scenario, **settings)
    assert raised.value.request_id or isinstance(raised.value, ConnectionFailed)
    return raised.value


def test_an_instance_s_life(emulator):
    async def scenario(api: Notebooks) -> None:
        id_ = await made(api)
        with pytest.raises(WrongState):
            await api.update(id_, {"flavor": "modelarts.vm.cpu.8u"})
        assert (await api.stop(id_))["status"] == "STOPPING"
        await settled(api, id_, "STOPPED")
        assert "modelarts.vm.cpu.8u" in {flavor["id"] for flavor in await api.switchable_flavors(id_)}
        ssh: Any = {"service": "SSH", "key_pair_names": ["k"], "allowed_access_ips": ["8.8.8.8"]}
        await api.update(id_, {"name": "unlikely", "flavor": "modelarts.vm.cpu.8u", "endpoints": [ssh]})
        assert (await api.start(id_, 2 * 3600000, "TIMING"))["status"] == "STARTING"
        notebook = await settled(api, id_, "RUNNING")
        assert (notebook["name"], notebook["flavor"]) == ("unlikely", "modelarts.vm.cpu.8u")
        (found,) = [endpoint for endpoint in notebook["endpoints"] if endpoint["service"] == "SSH"]
        assert (found["key_pair_names"], found["allowed_access_ips"]) == (["k"], ["8.8.8.8"])
        assert "ssh_keys" not in found
        assert notebook["create_at"] == notebook["lease"]["create_at"]
        await api.renew_lease(id_, 3 * 3600000)
        await api.create_tags(id_, [{"key": "a", "value": "ä b"}, {"key": "c", "value": ""}])
        await api.delete_tags(id_, [{"key": "c"}, {"key": "never there"}])
        assert (await api.show(id_))["tags"] == [{"key": "a", "value": "ä b"}]
        await api.delete(id_)
        with pytest.raises(NotFound):
            await settled(api, id_, "never")

    run(emulator, scenario)


def test_lists(emulator):
    async def scenario(api: Notebooks) -> None:
        ids = {(await api.create({**CREATE, "name": f"nb-{n}"}))["id"] for n in range(57)}
        listed = [notebook async for notebook in api.list()]
        assert len(listed) == 57
        assert {notebook["id"] for notebook in listed} == ids
        assert all("create_at" in notebook for notebook in listed)
        assert [notebook["name"] async for notebook in api.list(name="nb-13")] == ["nb-13"]
        assert [notebook async for notebook in api.list(name="|, ü+")] == []
        assert IMAGE in {image["id"] for image in await api.images()}
        assert (await api.image(IMAGE))["id"] == IMAGE
        flavors = {flavor["id"]: flavor for flavor in await api.flavors()}
        assert flavors["modelarts.bm.gpu.v100NV32"]["sold_out"] is True
        assert {flavor["category"] for flavor in await api.flavors(category="GPU")} == {"GPU"}

    run(emulator, scenario)
    assert [call["query"]["offset"] for call in emulator.requests(operation="ListNotebooks")][:2] == ["0", "50"]


WRONG = [
    (lambda api: api.show("5f9b1c3e-0000-4000-8000-000000000000"), {}, NotFound),
    (lambda api: api.create({**CREATE, "image_id": "5f9b1c3e-0000-4000-8000-000000000000"}), {}, MissingReference),
    (lambda api: api.show("x"), {"auth": with_key("emulator-access-key", "wrong")}, AuthenticationFailed),
    (lambda api: api.show("x"), {"auth": with_key("nobody", "wrong")}, AuthenticationFailed),
    (lambda api: api.show("x"), {"auth": with_key("stranger-access-key", "stranger-secret-key")}, Forbidden),
    (lambda api: api.show("x"), {"project_id": "f" * 32}, Forbidden),
    (lambda api: api.show("x"), {"base_path": "/v9/nowhere"}, WrongEndpoint),
]


@pytest.mark.parametrize(("scenario", "settings", "kind"), WRONG)
def test_errors_have_their_class_and_a_next_step(emulator, scenario, settings, kind):
    error = error_of(emulator, scenario, **settings)
    assert type(error) is kind
    assert error.next_step


def test_a_clock_that_is_wrong_is_said_as_such(emulator):
    auth = with_key(emulator.access_key, emulator.secret_key, now=lambda: datetime.now(UTC) - timedelta(minutes=20))
    error = error_of(emulator, lambda api: api.show("x"), auth=auth)
    assert type(error) is ClockSkew
    assert "clock" in error.next_step


def test_busy(emulator):
    async def scenario(api: Notebooks) -> None:
        id_ = await made(api)
        emulator.add_fault(operation="StopNotebook", status=400, error_code="ModelArts.6357", error_msg="busy")
        with pytest.raises(Busy):
            await api.stop(id_)

    run(emulator, scenario)


# operation, its call, and how often it may be sent when the answer is lost
CALLS: list[tuple[str, Any]] = [
    ("CreateNotebook", lambda api, id_: api.create({**CREATE, "name": "second"})),
    ("StartNotebook", lambda api, id_: api.start(id_)),
    ("StopNotebook", lambda api, id_: api.stop(id_)),
    ("UpdateNotebook", lambda api, id_: api.update(id_, {"description": "d"})),
    ("DeleteNotebook", lambda api, id_: api.delete(id_)),
    ("RenewLease", lambda api, id_: api.renew_lease(id_, 2 * 3600000)),
    ("CreateNotebookTags", lambda api, id_: api.create_tags(id_, [{"key": "a", "value": "b"}])),
    ("DeleteNotebookTags", lambda api, id_: api.delete_tags(id_, [{"key": "a"}])),
    ("ShowNotebook", lambda api, id_: api.show(id_)),
]
ONCE = {"CreateNotebook", "StartNotebook", "StopNotebook"}
FAULTS: list[tuple[dict[str, Any], type[ApiError] | None, bool]] = [
    ({"status": 500, "error_code": "ModelArts.6361"}, ServerError, True),
    ({"status": 503}, ServerError, True),
    ({"cut": "before"}, ConnectionFailed, True),
    ({"cut": "after"}, ConnectionFailed, True),
    ({"status": 429, "error_code": "APIGW.0308"}, Throttled, False),
]


@pytest.mark.parametrize(("operation", "call"), CALLS, ids=[row[0] for row in CALLS])
@pytest.mark.parametrize("injected", FAULTS, ids=lambda row: str(row[0]))
def test_a_fault_leads_to_no_duplicate_effect(emulator, operation, call, injected):
    fault, kind, unclear = injected

    async def scenario(api: Notebooks) -> None:
        id_ = await made(api)
        if operation in {"StartNotebook", "UpdateNotebook"}:
            await api.stop(id_)
            await settled(api, id_, "STOPPED")
        emulator.clear_requests()
        emulator.add_fault(operation=operation, count=1, **fault)
        if operation in ONCE and unclear:
            with pytest.raises(kind) as raised:
                await call(api, id_)
            assert raised.value.may_have_acted
        elif operation == "DeleteNotebook" and fault == {"cut": "after"}:
            with pytest.raises((NotFound, Busy)):  # the first one did it, and the repetition says so
                await call(api, id_)
        else:
            await call(api, id_)

    run(emulator, scenario)
    sent = len(emulator.requests(operation=operation))
    assert sent == (1 if operation in ONCE and unclear else 2)
    names = [notebook["name"] for notebook in emulator.notebooks()]
    assert names.count("second") <= 1
