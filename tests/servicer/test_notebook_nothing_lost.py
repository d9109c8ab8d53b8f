"""What a create must find again wherever it was made: a list that names no feature leaves out all but one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from notebook_stories import FREE, SIMPLE, WORKSPACE, Stage
from terraform_core import Failed, State

from modelarts_provider.api.notebooks import Notebooks

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
def another(stage: Stage) -> Iterator[Stage]:
    """A second provider, which knows nothing of what the first has done."""
    other = Stage(stage.emulator, stage._runner)
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
