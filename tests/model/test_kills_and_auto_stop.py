"""Auto-stop across a hard kill: the provider is a process that is really killed, the notebook is hours old."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tools.soak.counters import Counters
from tools.soak.notebooks import CPU_2U, CPU_8U, FIRST
from tools.soak.story import Story

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
def story(tmp_path_factory: pytest.TempPathFactory, clock: Shifted) -> Iterator[Story]:
    with running_emulator(time_scale=0.0, clock=clock) as emulator:
        story = Story(tmp_path_factory.mktemp("soak"), emulator, Counters())
        yield story
        story.close()


def killed(story: Story, operation: str, moment: str = "before", **change: Any) -> None:
    """An update of the flavor whose provider and Terraform are killed around a call."""
    story.change("this", {"flavor": CPU_8U, **change})
    story.episode()
    _, struck = story.killed(operation, moment, terraform=True)
    assert struck
    story.fresh()
    story.emulator.clear_requests()


def started_for(story: Story) -> tuple[int, str]:
    """The auto-stop that the one start carried: milliseconds and type."""
    [start] = story.emulator.requests(operation="StartNotebook")
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
    story: Story,
    clock: Shifted,
    operation: str,
    auto_stop: dict[str, Any],
    old: int,
    duration: int,
    kind: str,
    warns: bool,
) -> None:
    clock.hours_ago = old
    story.begin("documented", {**FIRST, "auto_stop": auto_stop})
    story.apply()
    clock.hours_ago = 0
    killed(story, operation)

    run = story.applied()

    assert run.good, run.text
    sent, of = started_for(story)
    assert of == kind
    assert 0 <= duration - sent < 5 * 60_000  # what this test took
    assert ("it now stops in 1 h" in run.text) is warns
    story.check()


def test_an_unmanaged_auto_stop_keeps_its_moment_too(story: Story, clock: Shifted) -> None:
    clock.hours_ago = 3
    story.begin("documented", FIRST)
    story.apply()
    story.console("this", {"lease": {"duration": 9 * HOUR}})
    clock.hours_ago = 0
    killed(story, "StartNotebook")

    assert story.applied().good

    sent, _ = started_for(story)
    assert 0 <= 6 * HOUR - sent < 5 * 60_000
    story.check()


def test_a_repair_that_fails_has_the_notebook_running_again_all_the_same(story: Story, clock: Shifted) -> None:
    clock.hours_ago = 3
    story.begin("documented", {**FIRST, "auto_stop": {"duration": "9h"}})
    story.apply()
    clock.hours_ago = 0
    killed(story, "UpdateNotebook")
    story.emulator.add_fault(
        operation="UpdateNotebook", status=400, error_code="ModelArts.6792", error_msg="flavor can not be switched"
    )

    run = story.applied()

    assert "ModelArts.6792" in run.text
    assert "The notebook was started again." in run.text
    sent, _ = started_for(story)
    assert 0 <= 6 * HOUR - sent < 5 * 60_000
    there = story.there("this")
    assert there is not None
    assert (there["status"], there["flavor"]) == ("RUNNING", CPU_2U)
    story.calm()
    assert story.applied().good
    story.check()


@pytest.mark.parametrize("more", [{}, {"name": "other_one"}], ids=["repair", "repair and update"])
def test_a_setting_that_a_killed_update_has_made_is_no_drift(story: Story, more: dict[str, Any]) -> None:
    """The next plan finds what is configured, in other words; private data remembered the setting before it."""
    story.begin("observed", {**FIRST, "auto_stop": {"enabled": False}})
    story.apply()
    killed(story, "StartNotebook", "after", auto_stop={"duration": "240m"})
    story.change("this", more)

    run = story.applied()

    assert run.good, run.text
    assert not story.emulator.requests(operation="RenewLease")
    story.check()
