"""After an update the state tells of the mark what is there: it went, or it waits for the next apply."""

from __future__ import annotations

import asyncio
import copy
import time
from collections.abc import Mapping
from typing import Any

import pytest
from notebook_values import API, READING, configured, errors, plan, state

from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.lifecycle.instance import PollIntervals, Refusal, Refused
from modelarts_provider.lifecycle.lease import HOUR, Lease
from modelarts_provider.lifecycle.operate import Operator, Sight
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.apply.update import update
from modelarts_provider.resources.notebook.service.conversion import rfc3339
from modelarts_provider.resources.notebook.service.interruption import FOUND, started_value, stopped_value
from modelarts_provider.resources.notebook.service.observed import ObservedNotebook, observe


class Instance:
    """A notebook that moves at once; ``refusing`` names the operations that are refused for good."""

    def __init__(self, api: Mapping[str, Any], refusing: tuple[str, ...], starts_into: str) -> None:
        self.api = copy.deepcopy(dict(api))
        self.refusing = refusing
        self.starts_into = starts_into

    def _do(self, name: str, **change: Any) -> None:
        if name in self.refusing:
            raise Refused(Refusal.OTHER, RuntimeError(f"{name} is refused"))
        self.api |= change

    async def show(self) -> ObservedNotebook:
        return observe(copy.deepcopy(self.api))

    async def stop(self) -> None:
        self._do("stop", status="STOPPED")

    async def start(self, _lease: Lease | None) -> None:
        self._do("start", status=self.starts_into)

    async def update(self, body: Mapping[str, Any]) -> None:
        self._do("update", **body)

    async def set_lease(self, _lease: Lease) -> None:
        self._do("set_lease")

    async def set_tags(self, _add: Mapping[str, str], _remove: tuple[str, ...]) -> None:
        self._do("set_tags")

    async def mark_stopped(self, _seen: ObservedNotebook | None) -> None:
        self._do("mark", tags=[{"key": MARK, "value": stopped_value(self.api["lease"])}])

    async def mark_started(self, _seen: ObservedNotebook | None, lease: Lease | None) -> None:
        self._do("mark", tags=[{"key": MARK, "value": started_value(lease, None)}])

    async def unmark(self, _seen: ObservedNotebook | None) -> None:
        self._do("unmark", tags=[])

    @property
    def marked(self) -> bool:
        return any(tag["key"] == MARK for tag in self.api["tags"])


async def _no_time(_: float) -> None:
    await asyncio.sleep(0)


def updated(instance: Instance, prior: dict[str, Any], private: dict[str, Any]) -> ApplyResponse:
    """Apply another flavor."""
    config = configured(flavor="modelarts.vm.cpu.8u")
    planned = plan(config, prior, private=private).planned
    request = ApplyRequest(config=config, prior=prior, planned=planned, private=private)
    answer = ApplyResponse(state=prior, private=dict(private))
    pace = PollIntervals(sleep=_no_time)
    operator = Operator(instance, pace, pace.deadline(60.0), Cancel(), Sight())
    asyncio.run(update(request, operator, answer, READING, policy=RestartPolicy.ALLOWED))
    return answer


CASES = {
    # refused operations, status after a start, whether the mark stands, what the next plan finds of it
    "done": ((), "RUNNING", False, None),
    "the start failed": ((), "START_FAILED", True, "restart"),
    "the start was refused": (("start",), "RUNNING", True, "restart"),
    "brought back": (("update",), "RUNNING", False, None),
    "brought back, and the mark stays": (("update", "unmark"), "RUNNING", True, "remove"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_state_after_an_update_tells_of_the_mark_that_is_there(case: str) -> None:
    refusing, starts_into, stands, found = CASES[case]
    instance = Instance({**API, "tags": []}, refusing, starts_into)
    answer = updated(instance, state(), {})
    assert answer.state is not None
    assert instance.marked is stands
    assert answer.state["interrupted_update"] is stands
    assert answer.private.get(FOUND) == found
    assert (answer.state["tags"], answer.state["tags_all"]) == (None, {})


def test_the_mark_of_an_earlier_run_stays_in_the_state_when_the_update_fails() -> None:
    tags = {"tags": [{"key": MARK, "value": "20261123T000000Z/abc/other"}]}
    instance = Instance({**API, **tags}, ("mark", "update", "unmark"), "RUNNING")
    answer = updated(instance, state(tags), {FOUND: "remove"})
    assert answer.state is not None
    assert (instance.marked, answer.state["interrupted_update"], answer.private[FOUND]) == (True, True, "remove")


def test_a_mark_that_stays_after_all_is_done_shows_as_planned_with_a_warning() -> None:
    instance = Instance({**API, "tags": []}, ("unmark",), "RUNNING")
    answer = updated(instance, state(), {})
    assert answer.state is not None
    assert (instance.marked, answer.state["interrupted_update"]) == (True, False)
    assert any("unmark is refused" in each.detail for each in answer.diagnostics)


SINCE = {
    # what the mark calls for, the status at plan time, what is there at the apply: its status, and a start since
    "stopped as it was": ("restart", "STOPPED", "STOPPED", False, ["RUNNING"]),
    "started by somebody": ("restart", "STOPPED", "RUNNING", True, ["RUNNING"]),
    "started and stopped by somebody": ("restart", "STOPPED", "STOPPED", True, []),
    "running as it was": ("stop", "RUNNING", "RUNNING", False, ["STOPPED"]),
    "stopped by somebody": ("stop", "RUNNING", "STOPPED", False, ["STOPPED"]),
    "stopped and started by somebody": ("stop", "RUNNING", "RUNNING", True, []),
}


@pytest.mark.parametrize("case", SINCE)
def test_a_repair_that_somebody_has_overtaken_since_its_plan_changes_nothing(case: str) -> None:
    found, planned_at, there, since, ends = SINCE[case]
    now = round(time.time() * 1000)
    lease = {**API["lease"], "create_at": now, "duration": 4 * HOUR, "update_at": now}
    value = stopped_value(lease) if found == "restart" else started_value(Lease(4 * HOUR), 0.0)
    marked = {"tags": [{"key": MARK, "value": value}], "lease": lease}
    prior = state({**marked, "status": planned_at})
    moved = {**lease, "duration": 5 * HOUR} if since else lease
    instance = Instance({**API, **marked, "status": there, "lease": moved}, (), "RUNNING")
    config = configured()
    planned = plan(config, prior, private={FOUND: found}).planned
    request = ApplyRequest(config=config, prior=prior, planned=planned, private={FOUND: found})
    answer = ApplyResponse(state=prior, private={FOUND: found})
    pace = PollIntervals(sleep=_no_time)
    operator = Operator(instance, pace, pace.deadline(60.0), Cancel(), Sight())
    asyncio.run(update(request, operator, answer, READING, policy=RestartPolicy.ALLOWED))
    if ends:
        assert instance.api["status"] == ends[0]
        assert not answer.diagnostics.has_error
    else:
        assert instance.api["status"] == there
        assert "somebody has started or stopped the notebook since" in errors(answer)[0].detail
        assert answer.state == prior | {"lease": {**prior["lease"], **_shown(moved)}}, "an error returns the truth"


def _shown(lease: dict[str, Any]) -> dict[str, Any]:
    return {"duration": lease["duration"], "stops_at": rfc3339(lease["create_at"] + lease["duration"])}


def test_a_repair_that_ends_elsewhere_is_an_error_and_no_inconsistent_result() -> None:
    """The mark can't be taken away, so that the notebook is read once more, and somebody has stopped it by then."""
    marked = {"tags": [{"key": MARK, "value": stopped_value(API["lease"])}]}
    prior = state({**marked, "status": "STOPPED"})

    class Overtaken(Instance):
        async def unmark(self, seen: ObservedNotebook | None) -> None:
            self.api["status"] = "STOPPED"
            await super().unmark(seen)

    instance = Overtaken({**API, **marked, "status": "STOPPED"}, ("unmark",), "RUNNING")
    config = configured()
    planned = plan(config, prior, private={FOUND: "restart"}).planned
    assert planned["status"] == "RUNNING"
    request = ApplyRequest(config=config, prior=prior, planned=planned, private={FOUND: "restart"})
    answer = ApplyResponse(state=prior, private={FOUND: "restart"})
    pace = PollIntervals(sleep=_no_time)
    asyncio.run(
        update(
            request,
            Operator(instance, pace, pace.deadline(60.0), Cancel(), Sight()),
            answer,
            READING,
            policy=RestartPolicy.ALLOWED,
        )
    )
    assert "It was brought to RUNNING and is STOPPED since" in errors(answer)[0].detail
    assert answer.state is not None
    assert answer.state["status"] == "STOPPED"
