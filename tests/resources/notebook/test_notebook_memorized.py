"""What private data remembers of a lease after a read."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, SAME_MOMENT_MS, memorized, read_auto_stop

THERE = {"duration": 14_400_000, "enable": True, "type": "TIMING"}
BEFORE = {MEMORY: {"duration": 3_600_000, "enable": True, "type": "TIMING"}, "other": 1}
FOUR_HOURS = {"type": None, "duration": "240m", "enabled": None}


SET_ANEW = {"enabled": None, "type": "TIMING", "duration": "3h"}
UNCHANGED = {
    "the very same": ({}, True),
    "a restart of ours, a second less": ({"duration": 14_399_000}, True),
    "the same, and the call took its time": ({"duration": 14_400_000 + SAME_MOMENT_MS}, True),
    "further than any restart of ours moves it": ({"duration": 14_400_000 - SAME_MOMENT_MS - 1}, False),
    "another duration": ({"duration": 3_600_000}, False),
    "idle time": ({"duration": 14_399_000, "type": "IDLE"}, False),
    "switched off": ({"duration": -1, "enable": False}, False),
}


@pytest.mark.parametrize("case", UNCHANGED)
def test_a_lease_is_the_remembered_one_where_a_restart_of_ours_moved_it(case: str) -> None:
    """The restart whose Terraform was killed: nobody could remember the lease that it set. All else is drift."""
    changed, same = UNCHANGED[case]
    api = {"status": "RUNNING", "lease": {**THERE, **changed, "create_at": 0, "update_at": 0}}
    assert (read_auto_stop(api, SET_ANEW, THERE) == SET_ANEW) is same


def test_an_idle_time_is_the_same_or_it_is_not() -> None:
    memory = {"duration": 3_600_000, "enable": True, "type": "IDLE"}
    api = {"status": "RUNNING", "lease": {**memory, "duration": 3_601_000, "create_at": 0, "update_at": 0}}
    assert read_auto_stop(api, SET_ANEW, memory) != SET_ANEW


def test_a_read_remembers_the_lease_that_the_state_stands_for() -> None:
    api = {"status": "RUNNING", "lease": {**THERE, "update_at": 5}}
    assert memorized(BEFORE, FOUR_HOURS, api) == {MEMORY: THERE, "other": 1}


@pytest.mark.parametrize(
    ("auto_stop", "api"),
    [
        (None, {"status": "RUNNING", "lease": THERE}),
        (FOUR_HOURS, {"status": "RUNNING"}),
        (FOUR_HOURS, {"status": "STOPPED", "lease": THERE}),
    ],
    ids=["not managed", "no lease", "stopped: it waits for the next start"],
)
def test_what_says_nothing_is_not_remembered(auto_stop: dict[str, Any] | None, api: dict[str, Any]) -> None:
    assert memorized(BEFORE, auto_stop, api) == BEFORE
