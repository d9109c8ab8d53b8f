"""What long lives have found, repeated as short ones: the invariants of the soak fail where it comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tools.soak.counters import Counters
from tools.soak.faults import FAILED_STATE
from tools.soak.notebooks import CPU_8U, FIRST
from tools.soak.story import Story

from modelarts_emulator.testing import running_emulator

pytestmark = pytest.mark.acceptance


@pytest.fixture
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with running_emulator(time_scale=0.0) as emulator:
        story = Story(tmp_path_factory.mktemp("soak"), emulator, Counters())
        yield story
        story.close()


def test_an_imported_restriction_of_https_is_seen_and_needs_no_restart(story: Story) -> None:
    story.begin("documented", {**FIRST, "endpoints": {"NOTEBOOK": {"allowed_access_ips": ["8.8.8.8"]}}})
    story.apply()
    story.import_("this", by_name=False)


def test_a_failed_start_doesnt_keep_a_disk_from_growing_and_the_notebook_from_starting(story: Story) -> None:
    story.begin("observed", FIRST)
    story.apply()
    story.change("this", {"grow": 1, "flavor": CPU_8U})
    story.fault("refused", {"operation": "UpdateNotebook", "status": 400, "error_code": "ModelArts.6400"})
    story.fault(FAILED_STATE, {"operation": "start", "fail_reason": "no reason"})
    story.apply()


def test_what_failed_to_start_and_is_wanted_stopped_is_started_to_be_stopped(story: Story) -> None:
    story.begin("observed", {**FIRST, "desired_status": "STOPPED"})
    story.apply()
    story.change("this", {"grow": 1, "flavor": CPU_8U, "endpoints": {"SSH": {"key_pair_names": ["k1"]}}})
    story.fault(FAILED_STATE, {"operation": "start", "fail_reason": "no reason"})
    story.apply()


def test_what_failed_to_start_and_whose_power_nobody_manages_says_how_to_go_on(story: Story) -> None:
    story.begin("observed", FIRST)
    story.apply()
    story.console("this", {"status": "STOPPED"})
    story.change("this", {"grow": 1})
    story.fault(FAILED_STATE, {"operation": "start", "fail_reason": "no reason"})
    story.apply()
