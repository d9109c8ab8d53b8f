"""Rule 12: whatever shape an answer has, the id is never lost, and the state keeps what is sound."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from notebook_scenarios import EMPTY, SIMPLE, Config, Stage
from odd_answers import ABSENT, ODD_VALUES, OddService, mutated, nested, odd_service, paths
from terraform_core import Failed, State

from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.protocol import dynamic_value
from modelarts_provider.framework.resource import ReadRequest
from modelarts_provider.framework.schema.attributes import object_type
from modelarts_provider.resources.common.provider_block import ProviderBlock
from modelarts_provider.resources.common.session import Connection, Session
from modelarts_provider.resources.notebook.resource import NotebookResource
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES

KIND = object_type(ATTRIBUTES)
RICH: Config = {
    **EMPTY,
    "description": "notes",
    "endpoints": {"SSH": {"key_pair_names": ["k1"], "allowed_access_ips": ["8.8.8.8"]}},
    "auto_stop": {"enabled": None, "type": None, "duration": "4h"},
    "tags": {"team": "x"},
}


@pytest.fixture(scope="module")
def odd() -> Iterator[tuple[OddService, Stage]]:
    with odd_service() as (service, control), asyncio.Runner() as runner:
        stage = Stage(control, runner)
        yield service, stage
        stage.close()


class Answering:
    """A client, and an account of it, that has one answer for every call."""

    answer: Any = None

    async def request(self, method: str, path: str, **_: Any) -> Any:
        return self.answer

    async def project_id(self, region: str) -> str:
        return region

    async def notebooks(self, region: str, project_id: str | None = None) -> Notebooks:
        return Notebooks(self)  # type: ignore[arg-type] # as much of a client as a read needs

    async def aclose(self) -> None:
        """Nothing is open."""


def test_every_field_of_an_answer_in_every_odd_form(odd: tuple[OddService, Stage]) -> None:
    """About 2,300 answers to a refresh."""
    service, stage = odd
    stage.reset("observed")
    service.change = lambda _, answer: answer
    _, made = stage.run(stage.core.converge(None, RICH))
    client = Answering()

    async def read_all() -> int:
        session = Session()
        await session.configure(Connection(block=ProviderBlock("r", "p"), identity=None, open=lambda: client))
        resource = NotebookResource(session)
        raw = dict(stage.emulator.notebook(made.values["id"]))
        raw.pop("hooks", None)
        known = dynamic_value.decode(KIND, dynamic_value.encode(KIND, _plain(made.values)))
        count = 0
        for path in paths(raw):
            for name, value in ODD_VALUES.items():
                client.answer = mutated(raw, path, value)
                answer = await resource.read(ReadRequest(state=dict(known), private={}))
                told = [each.summary for each in answer.diagnostics]
                assert answer.state is not None, (path, name)
                dynamic_value.encode(KIND, answer.state)
                assert answer.state["id"] == known["id"], (path, name, told)
                other = path == ("id",) and isinstance(value, str) and value not in ("", "\ud800")
                assert answer.diagnostics.has_error == other, (path, name, told)
                if path == ("flavor",) and not (isinstance(value, str) and value not in ("", "\ud800")):
                    assert answer.state["flavor"] == known["flavor"]
                if path[0] == "volume" and not isinstance(value, str):
                    assert answer.state["storage"]["category"] == known["storage"]["category"], (path, name)
                count += 1
        return count

    assert stage.run(read_all()) > 1500


def _plain(values: Any) -> Any:
    return {name: _plain(item) for name, item in values.items()} if isinstance(values, dict) else values


ODDITIES: dict[str, tuple[str, Any]] = {
    "url": ("url", 5),
    "image": ("image", []),
    "tags": ("tags", {}),
    "lease": ("lease", 5),
    "create_at": ("create_at", 1_700_000_000_000 * 10**6),
    "user": ("user", "x"),
    "size of the image": ("image.size", {}),
    "id": ("id", 7),
    "no id": ("id", ABSENT),
    "name": ("name", None),
    "flavor": ("flavor", {}),
    "volume": ("volume", "x"),
    "capacity": ("volume.capacity", "10"),
    "endpoints": ("endpoints", "x"),
    "progress": ("action_progress", 1),
    "billing": ("billing_items", {}),
    "pool": ("pool", []),
    "reason": ("fail_reason", [1]),
    "deep": ("something", nested(200)),
    "half a character": ("description", "\ud800"),
}


def odd_in(name: str, value: Any) -> Any:
    """What changes answers about one notebook, whichever call they are to."""

    def change(_: str, answer: dict[str, Any]) -> dict[str, Any]:
        path = tuple(name.split("."))
        if "status" not in answer or (len(path) > 1 and path[0] not in answer):
            return answer
        if value is ABSENT and path[0] not in answer:
            return answer
        return mutated(answer, path, value)

    return change


@pytest.mark.parametrize("case", ODDITIES)
def test_a_life_with_an_odd_field(odd: tuple[OddService, Stage], case: str) -> None:
    """Create, refresh, update, import: one instance, whose id the state has whatever is answered."""
    service, stage = odd
    seed = 100 + list(ODDITIES).index(case)  # other ids than before, which this provider knows to be somebody's
    stage.emulator.reset(rules="observed", quota=0, seed=seed)
    service.change = odd_in(*ODDITIES[case])

    async def live() -> None:
        state = await kept(stage, None, RICH)
        identifier = state.values["id"]
        assert [item["id"] for item in stage.emulator.notebooks()] == [identifier]
        fresh = await stage.core.refresh(state)
        assert fresh is not None
        updated = await kept(stage, fresh, {**RICH, "name": "other"})
        assert updated.values["id"] == identifier
        assert stage.emulator.notebook(identifier)["name"] == "other"
        imported = await stage.core.import_(identifier)
        assert imported.values["id"] == identifier
        service.change = lambda _, answer: answer
        sound = await stage.core.refresh(updated)
        assert sound is not None
        plan, settled = await stage.core.converge(sound, {**RICH, "name": "other"})
        assert plan.action in ("no-op", "update")
        assert settled.values["id"] == identifier
        assert await stage.core.apply(await stage.core.plan(settled, None)) is None
        assert stage.emulator.notebooks() == []

    stage.run(live())


async def kept(stage: Stage, state: State | None, config: Config) -> State:
    """The state after an apply, whether that succeeds or not."""
    plan = await stage.core.plan(state, config)
    assert plan.action in ("create", "update"), "no odd answer may replace an instance"
    try:
        after = await stage.core.apply(plan)
    except Failed as failed:
        after = failed.state
        if "defect of its own" in str(failed):
            raise
    assert after is not None
    return after


def test_the_warning_names_the_field(odd: tuple[OddService, Stage]) -> None:
    service, stage = odd
    stage.reset("observed")
    service.change = lambda _, answer: answer
    _, made = stage.run(stage.core.converge(None, {**EMPTY, **SIMPLE}))
    service.change = odd_in("image.size", {})
    answer = stage.run(stage.core.read(made))
    (warning,) = answer["diagnostics"]
    assert "in an unexpected form" in warning["summary"]
    assert "image.size has another type than documented" in warning["detail"]
    service.change = lambda _, answer: answer


def test_a_disk_larger_than_asked_for_is_no_other_result(odd: tuple[OddService, Stage]) -> None:
    """Terraform takes another value than the planned one for a defect of the provider, and taints what was made."""
    service, stage = odd
    stage.emulator.reset(rules="observed", quota=0, seed=200)
    service.change = odd_in("volume.capacity", 4000)

    async def live() -> None:
        made = await kept(stage, None, {**EMPTY, **SIMPLE})
        assert made.values["storage"]["size"] == 10
        fresh = await stage.core.refresh(made)
        assert fresh is not None
        assert fresh.values["storage"]["size"] == 4000

    try:
        stage.run(live())
    finally:
        service.change = lambda _, answer: answer
