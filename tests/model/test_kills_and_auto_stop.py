"""Auto-stop across a hard kill: the provider is a process that is really killed, the notebook is hours old."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tools.soak.counters import Counters
from tools.soak.notebooks import CPU_2U, CPU_8U, FIRST
from tools.soak.scenario import Scenario

from modelarts_emulator.testing import running_emulator

pytestmark = pytest.mark.acceptance

HOUR = 3_600_000


@dataclass
class Shifted:
    """The real time, some hours ago."""

    hours_ago: int = 0

    def now(self) -> int:
        return time.time_ns() // 1_000_000 - self.hours_ago * HOUR


@pytest.fixture
def clock() -> Shifted:
    return Shifted()


@pytest.fixture
def scenario(tmp_path_factory: pytest.TempPathFactory, clock: Shifted) -> Iterator[Scenario]:
    with running_emulator(time_scale=0.0, clock=clock) as emulator:
        scenario = Scenario(tmp_path_factory.mktemp("soak"), emulator, Counters())
        yield scenario
        scenario.close()


def killed(scenario: Scenario, operation: str, moment: str = "before", **change: Any) -> None:
    """An update of the flavor whose provider and Terraform are killed around a call."""
    scenario.change("this", {"flavor": CPU_8U, **change})
    scenario.episode()
    _, struck = scenario.killed(operation, moment, terraform=True)
    assert struck
    scenario.fresh()
    scenario.emulator.clear_requests()


def started_for(scenario: Scenario) -> tuple[int, str]:
    """The auto-stop that the one start carried: milliseconds and type."""
    [start] = scenario.emulator.requests(operation="StartNotebook")
    return int(start["query"]["duration"]), start["query"].get("type", "")


@pytest.mark.parametrize("operation", ["UpdateNotebook", "StartNotebook"])
@pytest.mark.parametrize(
    ("auto_stop", "old", "duration", "kind", "warns"),
    [
        ({"duration": "9h"}, 3, 6 * HOUR, "TIMING", False),
        ({"duration": "9h"}, 8, HOUR, "TIMING", True),
        ({"type": "IDLE", "duration": "2h"}, 3, 2 * HOUR, "IDLE", False),
        ({"enabled": False}, 3, -1, "", False),
    ],
    ids=["moment", "less than an hour", "idle", "off"],
)
def test_the_repair_of_a_killed_update_keeps_the_moment(
    scenario: Scenario,
    clock: Shifted,
    operation: str,
    auto_stop: dict[str, Any],
    old: int,
    duration: int,
    kind: str,
    warns: bool,
) -> None:
    clock.hours_ago = old
    scenario.begin("documented", {**FIRST, "auto_stop": auto_stop})
    scenario.apply()
    clock.hours_ago = 0
    killed(scenario, operation)

    run = scenario.applied()

    assert run.good, run.text
    sent, of = started_for(scenario)
    assert of == kind
    assert 0 <= duration - sent < 5 * 60_000  # what this test took
    assert ("it now stops in 1 h" in run.text) is warns
    scenario.check()


def test_an_unmanaged_auto_stop_keeps_its_moment_too(scenario: Scenario, clock: Shifted) -> None:
    clock.hours_ago = 3
    scenario.begin("documented", FIRST)
    scenario.apply()
    scenario.console("this", {"lease": {"duration": 9 * HOUR}})
    clock.hours_ago = 0
    killed(scenario, "StartNotebook")

    assert scenario.applied().good

    sent, _ = started_for(scenario)
    assert 0 <= 6 * HOUR - sent < 5 * 60_000
    scenario.check()


def test_a_repair_that_fails_has_the_notebook_running_again_all_the_same(scenario: Scenario, clock: Shifted) -> None:
    clock.hours_ago = 3
    scenario.begin("documented", {**FIRST, "auto_stop": {"duration": "9h"}})
    scenario.apply()
    clock.hours_ago = 0
    killed(scenario, "UpdateNotebook")
    scenario.emulator.add_fault(
        operation="UpdateNotebook", status=400, error_code="ModelArts.6792", error_msg="flavor can not be switched"
    )

    run = scenario.applied()

    assert "ModelArts.6792" in run.text
    assert "The notebook was started again." in run.text
    sent, _ = started_for(scenario)
    assert 0 <= 6 * HOUR - sent < 5 * 60_000
    there = scenario.there("this")
    assert there is not None
    assert (there["status"], there["flavor"]) == ("RUNNING", CPU_2U)
    scenario.calm()
    assert scenario.applied().good
    scenario.check()


@pytest.mark.parametrize("more", [{}, {"name": "other_one"}], ids=["repair", "repair and update"])
def test_a_setting_that_a_killed_update_has_made_is_no_drift(scenario: Scenario, more: dict[str, Any]) -> None:
    """The next plan finds what is configured, in other words; private data remembered the setting before it."""
    scenario.begin("observed", {**FIRST, "auto_stop": {"enabled": False}})
    scenario.apply()
    killed(scenario, "StartNotebook", "after", auto_stop={"duration": "240m"})
    scenario.change("this", more)

    run = scenario.applied()

    assert run.good, run.text
    assert not scenario.emulator.requests(operation="RenewLease")
    scenario.check()
