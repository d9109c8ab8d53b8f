"""Between a plan and its apply others change the notebook, or a refusal makes a restart necessary.

What was planned known is returned as planned where the apply succeeds (TerraformCore refuses anything else); where it
fails, the state is the truth; either way the next refresh shows all that the service has, and one more apply is clean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from notebook_scenarios import EMPTY, SIMPLE, Config, Scenario, Stage, scenarios
from terraform_core import Failed, State
from terraform_values import same
from test_notebook_property import RICH, USUAL, fitted, held

from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.interruption import stopped_value

PUTS = ("ModelArts.6304", "ModelArts.6347", "ModelArts.6357")
HOUR = 3_600_000


@dataclass(frozen=True)
class Meanwhile:
    """Changes in the console, and refusals of the first updates; an update before the plan may have been killed."""

    console: dict[str, Any]
    refusals: tuple[str, ...] = ()
    killed: bool = False


CONSOLE = st.fixed_dictionaries(
    {},
    optional={
        "name": st.just("theirs"),
        "description": st.sampled_from(["theirs", ""]),
        "flavor": st.sampled_from(["modelarts.vm.cpu.8u", "modelarts.vm.cpu.2u"]),
        "status": st.sampled_from(["RUNNING", "STOPPED"]),
        "capacity": st.just(300),
        "lease": st.sampled_from([{"duration": -1}, {"duration": 20 * HOUR}]),
    },
)
EVENTS = st.builds(
    Meanwhile, console=CONSOLE, refusals=st.lists(st.sampled_from(PUTS), max_size=2).map(tuple), killed=st.booleans()
)


async def disturbed(stage: Stage, scenario: Scenario, event: Meanwhile) -> None:
    made = await stage.core.apply(await stage.core.plan(None, scenario.first))
    assert made is not None
    if event.killed:
        leave_interrupted(stage, made.values["id"])
    state = await stage.core.refresh(made)
    assert state is not None
    second = fitted(state, scenario.second)
    plan = await stage.core.plan(state, second)
    if plan.action != "update":
        return
    volume = stage.emulator.notebook(state.values["id"])["volume"]
    console = {
        name: value for name, value in event.console.items() if name != "capacity" or volume["category"] == "EVS"
    }
    if console:
        stage.emulator.patch_notebook(state.values["id"], **console)
    for position, code in enumerate(event.refusals, 1):
        stage.emulator.add_fault(operation="UpdateNotebook", nth=position, status=400, error_code=code, error_msg="no")
    try:
        after = await stage.core.apply(plan)
    except Failed as failed:
        after = failed.state
        assert after is not None, "nothing is forgotten"
        fresh = await stage.core.refresh(after)
        assert fresh is not None
        assert differing(after, fresh) == set(), "an apply that fails returns the truth"
    stage.emulator.clear_faults()
    assert after is not None
    fresh = await stage.core.refresh(after)
    assert fresh is not None
    assert fresh.values["id"] == state.values["id"]
    last = fitted(fresh, second)
    _, settled = await stage.core.converge(fresh, last)
    held(stage, settled, last, status=settled.values["status"])


def leave_interrupted(stage: Stage, notebook_id: str) -> None:
    """As an update leaves a notebook that was killed after its stop."""
    there = stage.emulator.notebook(notebook_id)
    if there["status"] == "RUNNING":
        stage.emulator.patch_notebook(notebook_id, status="STOPPED")
        tags = {tag["key"]: tag["value"] for tag in there["tags"]}
        value = stopped_value(stage.emulator.notebook(notebook_id)["lease"])
        stage.emulator.patch_notebook(notebook_id, tags={**tags, MARK: value})


def differing(one: State, other: State) -> set[str]:
    return {name for name in one.values if not same(one.values[name], other.values[name])}


@USUAL
@given(scenario=scenarios(), event=EVENTS)
@example(scenario=Scenario("observed", RICH, {**RICH, "name": "other"}), event=Meanwhile({}, ("ModelArts.6304",)))
@example(
    scenario=Scenario("observed", RICH, {**RICH, "tags": {"team": "y"}}),
    event=Meanwhile({"status": "STOPPED", "capacity": 300}),
)
@example(scenario=Scenario("observed", RICH, {**RICH, "name": "other"}), event=Meanwhile({}, killed=True))
@example(
    scenario=Scenario("documented", {**EMPTY, **SIMPLE}, {**EMPTY, **SIMPLE, "description": "x"}),
    event=Meanwhile({"capacity": 300, "name": "theirs"}),
)
def test_what_happens_between_plan_and_apply(stage: Stage, scenario: Scenario, event: Meanwhile) -> None:
    stage.reset(scenario.rules)
    stage.run(disturbed(stage, scenario, event))


def test_the_comparison_of_states_can_fail() -> None:
    config: Config = {"a": 1, "b": {"c": 2}}
    assert differing(State(config), State({**config, "b": {"c": 3}})) == {"b"}
