"""A restart of ours leaves another lease than the one before it: that is how a mark knows that a start has followed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from notebook_service import Service, notebook
from notebook_values import API, ID

from modelarts_provider.lifecycle.lease import HOUR, LONGEST, ObservedLease, lease_for_restart
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.interruption import Mark, read_mark, stopped_value

MADE = 1_700_000_000_000


def reckoned(asked: int, at: int) -> dict[str, Any]:
    """The lease as the service answers it after a setting at a moment: its duration counts from when it was made."""
    return {"create_at": MADE, "duration": at - MADE + asked, "enable": True, "type": "TIMING", "update_at": at}


@pytest.mark.parametrize("asked", [2 * HOUR, 5 * HOUR, LONGEST])
@pytest.mark.parametrize("minutes", [0, 1, 45])
def test_a_users_stop_after_our_start_is_not_taken_for_ours(asked: int, minutes: int) -> None:
    before = reckoned(asked, MADE)
    value = stopped_value(before)
    now = MADE + minutes * 60_000
    sent, _ = lease_for_restart(ObservedLease.from_api(before), now)
    assert sent is not None
    stopped = {**API, "status": "STOPPED", "tags": [{"key": MARK, "value": value}]}
    assert read_mark({**stopped, "lease": before}) is Mark.RESTART
    assert read_mark({**stopped, "lease": reckoned(sent.duration, now)}) is Mark.REMOVE


@pytest.mark.parametrize("change", [{"duration": 1}, {"type": "IDLE"}, {"enable": False}], ids=str)
def test_any_other_lease_tells_that_somebody_has_started_it(change: dict[str, Any]) -> None:
    before = reckoned(2 * HOUR, MADE)
    stopped = {**API, "status": "STOPPED", "tags": [{"key": MARK, "value": stopped_value(before)}]}
    assert read_mark({**stopped, "lease": {**before, **change}}) is Mark.REMOVE


@pytest.mark.parametrize(("days", "left"), [(1, ["managed"]), (4, [])])
def test_where_a_mark_goes_a_young_instance_keeps_the_sign(days: int, left: list[str]) -> None:
    """Else a create of the same name could take it for a lost one; an old one needs none."""
    marked = [{"key": MARK, "value": stopped_value(None)}]
    service = Service([notebook(ID, age=days * 86_400.0, tags=marked)])

    async def unmarked() -> None:
        instance = service.operator(ID).instance
        await instance.unmark(await instance.show())

    asyncio.run(unmarked())
    assert [tag["value"] for tag in service.items[0]["tags"]] == left
