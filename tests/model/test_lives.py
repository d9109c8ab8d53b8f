"""A small soak, the same one each time, and environments in which something is wrong that it must find.

`make soak` runs the same machine for long, with new lives each time that its seed changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tools.soak.counters import Counters
from tools.soak.environment import BrokenError
from tools.soak.machine import Lives
from tools.soak.notebooks import CPU_8U, FIRST, MARK
from tools.soak.scenario import Scenario

from modelarts_emulator.testing import running_emulator

pytestmark = pytest.mark.acceptance

SHORT = settings(
    max_examples=3,
    stateful_step_count=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    """One environment for all of these tests."""
    with running_emulator(time_scale=0.0) as emulator:
        scenario = Scenario(tmp_path_factory.mktemp("soak"), emulator, Counters())
        yield scenario
        scenario.close()


def test_whatever_happens_the_next_apply_mends_it(scenario: Scenario) -> None:
    class Bound(Lives):
        pass

    Bound.scenario = scenario
    before = scenario.counters.recoveries

    run_state_machine_as_test(Bound, settings=SHORT)

    assert scenario.counters.recoveries > before + SHORT.max_examples


@pytest.fixture
def two(scenario: Scenario) -> Scenario:
    """An environment with two notebooks of equal configuration, whatever the test before has found."""
    scenario.take_broken()
    scenario.begin("documented", FIRST)
    scenario.add("that", FIRST)
    scenario.apply()
    return scenario


def forget_the_second(scenario: Scenario) -> None:
    scenario.terraform.forget("that")
    scenario.remove("that")


def test_injected_duplicate_is_found(two: Scenario) -> None:
    forget_the_second(two)
    with pytest.raises(BrokenError, match=r"^twins: "):
        two.apply()


def test_injected_orphan_is_found(two: Scenario) -> None:
    two.change("that", {"name": "other_one"})
    two.apply()
    forget_the_second(two)
    with pytest.raises(BrokenError, match=r"^orphans: "):
        two.apply()


def test_injected_stuck_interruption_tag_is_found(two: Scenario) -> None:
    two.check()
    two.console("this", {"tags": {MARK: "20261123T000000Z/deadbeef/1:TIMING:1"}})
    with pytest.raises(BrokenError, match="stuck marks: this"):
        two.check()


@pytest.mark.parametrize(
    ("console", "violation"),
    [
        ({"flavor": CPU_8U}, "unlike the configuration: this.flavor"),
        ({"description": "theirs"}, "plans not clean"),
    ],
)
def test_drift_that_nobody_has_mended_is_found(two: Scenario, console: dict[str, str], violation: str) -> None:
    two.console("this", console)
    with pytest.raises(BrokenError, match=violation):
        two.check()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_create_is_a_kill(two: Scenario, moment: str) -> None:
    before = two.counters.kills[f"{moment} CreateNotebook"]
    two.remove("that")
    two.apply()
    two.add("that", {**FIRST, "description": "anew"})
    two.kill("CreateNotebook", moment, terraform=True)
    assert two.counters.kills[f"{moment} CreateNotebook"] == before + 1


@pytest.mark.parametrize("blind", [False, True])
def test_a_killed_update_is_a_kill(two: Scenario, blind: bool) -> None:
    before = two.counters.kills["after StopNotebook"]
    two.change("this", {"flavor": CPU_8U})
    two.kill("StopNotebook", "after", terraform=False, blind=blind)
    assert two.counters.kills["after StopNotebook"] == before + 1
