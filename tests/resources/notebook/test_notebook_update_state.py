"""After an update the state says what the instance has, of what the API never tells what was sent, and of a lease what it is."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest
from notebook_service import GONE, REFUSED, Service
from notebook_values import API, ID, READING, configured, errors, plan, state

from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.resources.notebook.apply.update import update
from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, raw_lease

FLAVOR = {"flavor": "modelarts.vm.cpu.8u"}
HOOKS = {"hooks": {"pre_start": {"script": "/opt/one"}}}
OTHER_HOOKS = {"hooks": {"pre_start": {"script": "/opt/two"}}}
FOUR_HOURS, FIVE_HOURS = {"auto_stop": {"duration": "4h"}}, {"auto_stop": {"duration": "5h"}}
LEASE = {**API["lease"], "duration": 14_400_000}
BEFORE = {MEMORY: raw_lease({"lease": LEASE})}


def there(**more: Any) -> Service:
    """The usual notebook, with a lease of four hours."""
    return Service([copy.deepcopy({**API, "lease": LEASE, "tags": [], **more})])


def updated(service: Service, before: dict[str, Any], wanted: dict[str, Any]) -> ApplyResponse:
    """Apply a change of what is configured to what a state holds."""
    prior = state(service.items[0], **before)
    config = configured(**wanted)
    planned = plan(config, prior, private=BEFORE).planned
    request = ApplyRequest(config=config, prior=prior, planned=planned, private=BEFORE)
    answer = ApplyResponse(state=prior, private=dict(BEFORE))
    asyncio.run(update(request, service.operator(ID), answer, READING, policy=RestartPolicy.ALLOWED))
    return answer


def script(answer: ApplyResponse) -> str:
    assert answer.state is not None
    return str(answer.state["hooks"]["pre_start"]["script"])


HOOK_ENDS: dict[str, tuple[dict[str, list[Any]], str]] = {
    "done": ({}, "/opt/two"),
    "refused": ({"update": [REFUSED]}, "/opt/one"),
    "never sent": ({"stop": [REFUSED]}, "/opt/one"),
    "sent, and what follows fails": ({"start": [REFUSED] * 9}, "/opt/two"),
}


@pytest.mark.parametrize("case", HOOK_ENDS)
def test_the_state_has_the_hooks_that_reached_the_service(case: str) -> None:
    answers, expected = HOOK_ENDS[case]
    service = there()
    service.answers = {name: [*each] for name, each in answers.items()}
    answer = updated(service, HOOKS, OTHER_HOOKS)
    assert script(answer) == expected
    assert bool(errors(answer)) == (case != "done")


LEASE_ENDS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, list[Any]], str, bool]] = {
    # the notebook's status, what changes, refusals, the state's auto_stop, whether the lease is remembered anew
    "set while it runs": ({}, FIVE_HOURS, {}, "5h", True),
    "refused while it runs": ({}, FIVE_HOURS, {"renew_lease": [REFUSED] * 9}, "4h", False),
    "set with a restart": ({}, FLAVOR | FIVE_HOURS, {}, "5h", True),
    "kept by a restart": ({}, FLAVOR | FOUR_HOURS, {}, "4h", True),
    "kept by a restart that only restores": ({}, FLAVOR | FOUR_HOURS, {"update": [REFUSED]}, "4h", True),
    "set by a restart that only restores": ({}, FLAVOR | FIVE_HOURS, {"update": [REFUSED]}, "5h", True),
    "untouched": ({}, {"description": "other"} | FOUR_HOURS, {}, "4h", False),
}


@pytest.mark.parametrize("case", LEASE_ENDS)
def test_the_state_has_the_auto_stop_that_is_in_force(case: str) -> None:
    status, wanted, answers, expected, anew = LEASE_ENDS[case]
    service = there(**status)
    service.answers = {name: [*each] for name, each in answers.items()}
    answer = updated(service, FOUR_HOURS, wanted)
    assert answer.state is not None
    assert answer.state["auto_stop"]["duration"] == expected
    assert answer.private[MEMORY] == (raw_lease(service.items[0]) if anew else BEFORE[MEMORY])


def test_a_setting_that_waits_for_the_next_start_is_remembered_as_no_lease() -> None:
    service = there(status="STOPPED")
    answer = updated(service, FOUR_HOURS, FIVE_HOURS)
    assert answer.state is not None
    assert answer.state["auto_stop"]["duration"] == "5h"
    assert MEMORY not in answer.private
    assert [call for call in service.calls if call != "show"] == []


def test_what_is_gone_after_its_update_is_an_error() -> None:
    service = there()
    service.answers = {"show": [None, GONE, GONE, GONE]}
    answer = updated(service, {}, {"tags": {"a": "b"}})
    (error,) = errors(answer)
    assert "The notebook was updated, and is gone since." in error.detail
    assert answer.state is not None, "only a refresh takes it out of the state"
