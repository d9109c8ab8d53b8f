"""Whatever a user writes and changes: no invalid plan, no inconsistent result, nothing left to do, and the API has it.

PROPERTY_EXAMPLES sets the number of scenarios (default 25, the same ones each time); a larger number draws new ones.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from notebook_scenarios import DEFAULT_TAGS, EMPTY, SIMPLE, Config, Scenario, Stage, differences, optional, scenarios
from terraform_core import Failed, State
from terraform_values import UNKNOWN

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
USUAL = settings(
    max_examples=EXAMPLES or 25,
    derandomize=not EXAMPLES,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


async def lived(stage: Stage, scenario: Scenario) -> None:
    state: State | None = None
    for config in (scenario.first, scenario.second, scenario.first):
        before = state
        state = await step(stage, state, config)
        stayed = before is not None and before.values["id"] == state.values["id"]
        held(stage, state, config, status=before.values["status"] if before and stayed else "RUNNING")
    assert await stage.core.apply(await stage.core.plan(state, None)) is None
    assert stage.emulator.notebooks() == []


def held(stage: Stage, state: State, config: Config, **more: Any) -> None:
    """The API holds the configuration, in this one instance."""
    (there,) = stage.emulator.notebooks()
    assert there["id"] == state.values["id"]
    assert differences(fitted(state, config), there, **more) == []


async def step(stage: Stage, state: State | None, config: Config) -> State:
    """Bring the configuration about; where its disk would shrink, that is an error at plan, and nothing is called."""
    if state is not None and fitted(state, config) is not config:
        before = len(stage.emulator.requests())
        try:
            plan = await stage.core.plan(state, config)
        except Failed as failed:
            refused = (failed.call, "the disk of notebook" in failed.diagnostics[0]["summary"])
        else:
            refused = (plan.action, False)
        assert refused in (("PlanResourceChange", True), ("replace", False))
        assert len(stage.emulator.requests()) == before
        config = config if refused[0] == "replace" else fitted(state, config)
    _, made = await stage.core.converge(state, config)
    return made


def fitted(state: State, config: Config) -> Config:
    """The configuration without a size that is smaller than the disk's."""
    size, there = config["storage"].get("size"), state.values["storage"]["size"]
    return config if size is None or there is None or size >= there else unsized(config)


def unsized(config: Config) -> Config:
    return {**config, "storage": {**config["storage"], "size": None}}


RICH: Config = {
    **EMPTY,
    "description": "notes",
    "endpoints": {"SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8", "1.1.1.1"]}},
    "hooks": {"pre_start": {"type": None, "script": "/x", "mode": "BLOCK"}, "post_start": None},
    "auto_stop": {"enabled": None, "type": None, "duration": "4h"},
    "tags": {"team": "x", "owner": ""},
}
BARE: Config = {
    **EMPTY,
    "description": "",
    "storage": {"size": 150},
    "endpoints": {"SSH": {}, "NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]}},
    "hooks": {},
    "auto_stop": {"enabled": False},
    "tags": {},
    "desired_status": "STOPPED",
}
EFS: Config = {**EMPTY, "storage": {"category": "EFS", "ownership": None}}


@USUAL
@given(scenario=scenarios())
@example(scenario=Scenario("documented", RICH, BARE))
@example(scenario=Scenario("observed", RICH, BARE))
@example(scenario=Scenario("documented", EFS, {**EMPTY, "storage": {"size": None}}))
def test_create_update_and_back(stage: Stage, scenario: Scenario) -> None:
    stage.reset(scenario.rules)
    stage.run(lived(stage, scenario))


@st.composite
def veiled(draw: st.DrawFn, config: Config) -> Config:
    """The configuration as it is before other resources exist: some of its values unknown, at any depth."""
    return {name: draw(_veiled(value)) if name != "timeouts" else value for name, value in config.items()}


def _veiled(value: Any) -> st.SearchStrategy[Any]:
    whole = st.integers(0, 9).flatmap(lambda luck: st.just(UNKNOWN) if luck == 0 else _veiled_inside(value))
    return st.just(value) if value is None else whole


def _veiled_inside(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, dict):
        return st.fixed_dictionaries({key: _veiled(item) for key, item in value.items()})
    if isinstance(value, list):
        return st.tuples(*map(_veiled, value)).map(list)
    return st.just(value)


async def revealed(stage: Stage, scenario: Scenario, first: Config, second: Config) -> None:
    state = await applied(stage, None, first, scenario.first)
    goal = fitted(state, scenario.second)
    final = await applied(stage, state, second if goal is scenario.second else goal, goal)
    stayed = state.values["id"] == final.values["id"]
    held(stage, final, goal, status=state.values["status"] if stayed else "RUNNING", defaults=DEFAULT_TAGS)


async def applied(stage: Stage, state: State | None, planned_with: Config, config: Config) -> State:
    plan = await stage.core.plan(state, planned_with)
    made = await stage.core.apply(plan, config)
    assert made is not None
    fresh = await stage.core.refresh(made)
    assert fresh is not None
    assert (await stage.core.plan(fresh, config)).action == "no-op"
    return fresh


@st.composite
def mysteries(draw: st.DrawFn) -> tuple[Scenario, Config, Config]:
    """A scenario, and what is known of its configurations when each is planned."""
    scenario = draw(scenarios())
    return scenario, draw(veiled(scenario.first)), draw(veiled(scenario.second))


TWO_UNKNOWN: Config = {
    **RICH,
    "endpoints": {"SSH": {"key_pair_names": ["k1", UNKNOWN], "allowed_access_ips": [UNKNOWN] * 2}},
}
DARK: Config = {
    **RICH,
    "endpoints": {"SSH": UNKNOWN},
    "storage": {"size": UNKNOWN},
    "tags": {"team": UNKNOWN, "owner": ""},
}


@USUAL
@given(mystery=mysteries())
@example(mystery=(Scenario("documented", RICH, RICH), TWO_UNKNOWN, TWO_UNKNOWN))
@example(mystery=(Scenario("observed", EMPTY, RICH), EMPTY, TWO_UNKNOWN))
@example(mystery=(Scenario("documented", {**RICH, "description": "x"}, RICH), {**DARK, "description": "x"}, DARK))
def test_values_that_become_known_during_apply(tagged_stage: Stage, mystery: tuple[Scenario, Config, Config]) -> None:
    scenario, first, second = mystery
    tagged_stage.reset(scenario.rules)
    tagged_stage.run(revealed(tagged_stage, scenario, first, second))


@USUAL
@given(scenario=scenarios(), status=st.sampled_from(["STOPPED", "RUNNING"]), keep=optional(st.just("x")))
def test_import_then_adopt(stage: Stage, scenario: Scenario, status: str, keep: str | None) -> None:
    """An instance that somebody else made is taken over: the plan after the import updates, and then nothing is left."""
    stage.reset(scenario.rules)

    async def live() -> None:
        _, made = await stage.core.converge(None, scenario.first)
        stage.emulator.patch_notebook(made.values["id"], status=status, **({"description": keep} if keep else {}))
        imported = await stage.core.import_(made.values["id"])
        assert imported.values["hooks"] is None
        await stage.core.converge(imported, fitted(imported, scenario.first))
        held(stage, imported, scenario.first, status=status)

    stage.run(live())


def test_the_comparison_with_the_api_can_fail(stage: Stage) -> None:
    """The positive control of ``differences``: each field, changed behind the provider's back, is found."""
    stage.reset()
    config = {
        **SIMPLE,
        "endpoints": {"SSH": {"key_pair_names": ["k1"]}},
        "auto_stop": {"enabled": None, "type": None, "duration": "4h"},
        "tags": {"team": "x"},
    }
    _, state = stage.run(stage.core.converge(None, config))
    there = stage.emulator.notebook(state.values["id"])
    assert differences(config, there) == []
    for name in ("name", "description", "flavor", "feature", "workspace_id", "status"):
        assert differences(config, {**there, name: "other"}), name
    for name, value in (
        ("image", {"id": "other"}),
        ("endpoints", []),
        ("volume", {**there["volume"], "capacity": 11}),
        ("hooks", {"container_hooks": {"pre_start": {"type": "SCRIPT"}}}),
        ("tags", []),
        ("lease", {**there["lease"], "enable": False}),
        ("lease", {**there["lease"], "duration": 3_600_000}),
        ("lease", {**there["lease"], "type": "IDLE"}),
    ):
        assert differences(config, {**there, name: value}), name


@pytest.mark.parametrize("field", ["name", "description", "flavor"])
def test_drift_is_seen_and_mended(stage: Stage, field: str) -> None:
    stage.reset()
    _, state = stage.run(stage.core.converge(None, {**SIMPLE, "description": "mine"}))
    there = {"name": "theirs", "description": "theirs", "flavor": "modelarts.vm.cpu.8u"}[field]
    stage.emulator.patch_notebook(state.values["id"], **{field: there})

    seen = stage.run(stage.core.refresh(state))
    assert seen is not None
    assert seen.values[field] == there
    plan, mended = stage.run(stage.core.converge(seen, {**SIMPLE, "description": "mine"}))

    assert plan.action == "update"
    assert mended.values[field] == {**SIMPLE, "description": "mine"}[field]
