"""What private data remembers of a lease after a read."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.resources.notebook_auto_stop import MEMORY, memorized

THERE = {"duration": 14_400_000, "enable": True, "type": "TIMING"}
BEFORE = {MEMORY: {"duration": 3_600_000, "enable": True, "type": "TIMING"}, "other": 1}
FOUR_HOURS = {"type": None, "duration": "240m", "enabled": None}


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
