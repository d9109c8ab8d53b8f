"""What a create must find again wherever it was made: a list that names no feature leaves out all but one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from random import SystemRandom
from typing import Any

import pytest
from notebook_scenarios import FREE, SIMPLE, WORKSPACE, Stage
from terraform_core import Failed, State

from modelarts_provider.api.modelarts.notebooks import Notebooks

PLACES = {
    "the usual": {},
    "another workspace": {"workspace_id": WORKSPACE},
    "another feature": {"feature": "DEFAULT", "flavor": FREE},
}


@pytest.fixture
def clean(stage: Stage) -> Stage:
    stage.reset()
    return stage


@contextlib.contextmanager
def another(stage: Stage, **block: Any) -> Iterator[Stage]:
    """A second provider, which knows nothing of what the first has done."""
    other = Stage(stage.emulator, stage._runner, **block)
    try:
        yield other
    finally:
        other.close()


def created(stage: Stage, **more: Any) -> State:
    made = stage.run(stage.core.apply(stage.run(stage.core.plan(None, {**SIMPLE, **more}))))
    assert made is not None
    return made


def forgotten(stage: Stage, **more: Any) -> str:
    """What a killed create leaves."""
    with another(stage) as killed:
        identifier = str(created(killed, **more).values["id"])
    stage.emulator.patch_notebook(identifier, tags={})
    stage.emulator.clear_requests()
    return identifier


@pytest.mark.parametrize("place", PLACES)
def test_an_instance_whose_answer_was_lost_is_found_where_it_was_made(clean: Stage, place: str) -> None:
    clean.emulator.add_fault(operation="CreateNotebook", cut="after")

    with another(clean) as stage:
        made = created(stage, **PLACES[place])

    assert [n["id"] for n in clean.emulator.notebooks()] == [made.values["id"]]


@pytest.mark.parametrize("place", PLACES)
def test_what_a_killed_create_left_is_found_where_it_was_made(clean: Stage, place: str) -> None:
    identifier = forgotten(clean, **PLACES[place])

    with another(clean) as stage, pytest.raises(Failed, match=f"terraform import <address> {identifier}"):
        created(stage, **PLACES[place])

    assert clean.emulator.requests(operation="CreateNotebook") == []


@pytest.mark.parametrize("place", PLACES)
def test_an_import_by_name_finds_it_where_it_is(clean: Stage, place: str) -> None:
    identifier = forgotten(clean, **PLACES[place])

    with another(clean) as stage:
        assert stage.run(stage.core.import_("nb")).values["id"] == identifier


def test_a_name_that_two_features_have_is_ambiguous(clean: Stage) -> None:
    ids = [forgotten(clean, **PLACES["the usual"]), forgotten(clean, **PLACES["another feature"])]

    with another(clean) as stage, pytest.raises(Failed) as failed:
        stage.run(stage.core.import_("nb"))

    assert "2 instances have this name" in str(failed.value)
    assert all(each in str(failed.value) for each in ids)


@pytest.mark.parametrize("known_by", ["read", "import"])
def test_what_a_state_of_this_process_has_is_neither_named_nor_taken(clean: Stage, known_by: str) -> None:
    identifier = forgotten(clean)

    with another(clean) as stage:
        state = stage.run(stage.core.import_(identifier))
        if known_by == "read":  # by a process that knows nothing of the import
            with another(clean) as reading:
                reading.run(reading.core.refresh(state))
                made = created(reading, adopt_existing=True)
        else:
            made = created(stage, adopt_existing=True)

    assert made.values["id"] != identifier
    assert len(clean.emulator.notebooks()) == 2


def test_the_first_update_after_an_import_ends_its_warnings(clean: Stage) -> None:
    """Hooks that are configured after it take the place of our own, which nobody has to be warned of."""
    identifier = forgotten(clean)
    hooks = {"hooks": {"pre_start": {"script": "/opt/x"}}}

    with another(clean) as stage:
        imported = stage.run(stage.core.import_(identifier))
        before = stage.run(stage.core.plan(imported, {**SIMPLE, **hooks}))
        _, updated = stage.run(stage.core.converge(imported, {**SIMPLE, "tags": {"a": "b"}}))
        after = stage.run(stage.core.plan(updated, {**SIMPLE, "tags": {"a": "b"}, **hooks}))

    assert any("can't be read" in summary for summary, _ in before.warnings)
    assert not any("can't be read" in summary for summary, _ in after.warnings)


def test_a_change_of_what_the_service_does_not_know_calls_nothing_at_all(clean: Stage) -> None:
    with another(clean) as stage:
        state = created(stage)
        plan = stage.run(stage.core.plan(state, {**SIMPLE, "timeouts": {"update": "7m"}}))
        clean.emulator.clear_requests()
        changed = stage.run(stage.core.apply(plan))

    assert changed is not None
    assert changed.values["timeouts"]["update"] == "7m"
    assert clean.emulator.requests() == []


def test_a_protected_notebook_fails_the_very_plan_of_a_destroy(clean: Stage) -> None:
    with another(clean) as stage:
        state = created(stage, deletion_protection=True)
        clean.emulator.clear_requests()
        with pytest.raises(Failed, match="protected against deletion") as failed:
            stage.run(stage.core.plan(state, None))

    assert failed.value.call == "PlanResourceChange"
    assert clean.emulator.requests() == []


def test_a_stop_while_it_is_read_does_not_make_it_gone(clean: Stage) -> None:
    async def stopped(stage: Stage, state: State) -> State | None:
        reading = asyncio.ensure_future(stage.core.refresh(state))
        for _ in range(3_000):
            if reading.done() or clean.emulator.requests(operation="ShowNotebook"):
                break
            await asyncio.sleep(0.01)
        await stage.servicer("StopProvider", b"")
        return await asyncio.wait_for(reading, timeout=30)

    with another(clean) as stage:
        state = created(stage)
        clean.emulator.clear_requests()
        clean.emulator.add_fault(operation="ShowNotebook", count=0, latency_ms=60_000)
        with pytest.raises(Failed, match="The state keeps what was known"):
            stage.run(stopped(stage, state))
    clean.emulator.clear_faults()


@pytest.mark.parametrize("jitter", [0.0, 0.5, 1.0])
def test_a_read_that_its_timeout_ends_says_so_whatever_the_waits_were(
    clean: Stage, monkeypatch: pytest.MonkeyPatch, jitter: float
) -> None:
    """However long the waits between the client's attempts happen to be; the code and the request id are told, too."""
    monkeypatch.setattr(SystemRandom, "random", lambda _: jitter)
    with another(clean, max_retries=5) as stage:
        state = created(stage, timeouts={"read": "1s"})
        clean.emulator.add_fault(operation="ShowNotebook", status=503, count=0)
        with pytest.raises(Failed) as failed:
            stage.run(stage.core.refresh(state))
    clean.emulator.clear_faults()

    said = str(failed.value)
    assert "within 1 s (timeouts.read)" in said
    assert "doesn't count as gone" in said
    assert "APIGW.0613" in said
    assert "(request id " in said


def test_a_create_that_the_service_does_not_follow_says_how_to_keep_it(
    clean: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Notebooks.create

    async def undescribed(api: Notebooks, body: Any) -> Any:
        return await ask(api, {key: value for key, value in body.items() if key != "description"})  # type: ignore[arg-type]  # a body

    monkeypatch.setattr(Notebooks, "create", undescribed)
    with another(clean) as stage, pytest.raises(Failed) as failed:
        created(stage, description="mine")

    assert "description was to be" in str(failed.value)
    assert "terraform untaint" in str(failed.value)
