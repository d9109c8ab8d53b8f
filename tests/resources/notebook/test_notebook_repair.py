"""What a plan says after an update was killed, by what the mark calls for and what the configuration wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from notebook_values import PROVIDER, Values, configured, errors, plan, state, warnings

from modelarts_provider.framework.resource import PlanResponse
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.interruption import FOUND

LEFT: Values = {"tags": [{"key": MARK, "value": "20261123T120000Z/0123abcd/none"}]}
STARTED = 'Notebook "nb" will be started: an update of it was interrupted'
STOPPED = 'Notebook "nb" will be stopped: an update of it was interrupted'
REMOVED = 'The mark of an interrupted update of notebook "nb" will be removed'
STAYS_UP = f"{REMOVED}, and it stays up"
RESTARTED = 'Notebook "nb" will be stopped and started again'


def repaired(status: str, found: str, *, consent: bool = True, **config: Any) -> PlanResponse:
    """The plan of a notebook with a mark that calls for something."""
    prior = state({**LEFT, "status": status}, desired_status=status if "desired_status" in config else None)
    assert prior["interrupted_update"] is True
    provider = replace(PROVIDER, allow_stopping_for_update=consent)
    return plan(configured(**config), prior, provider, private={FOUND: found})


REPAIRS = {
    # status, what the mark calls for, consent, desired_status, planned status, warning
    "down": ("STOPPED", "restart", True, None, "RUNNING", STARTED),
    "down, consent isn't asked for": ("STOPPED", "restart", False, None, "RUNNING", STARTED),
    "down, wanted so": ("STOPPED", "restart", True, "STOPPED", "STOPPED", REMOVED),
    "down, wanted up": ("STOPPED", "restart", True, "RUNNING", "RUNNING", STARTED),
    "failed to start": ("START_FAILED", "restart", True, None, "RUNNING", STARTED),
    "up": ("RUNNING", "stop", True, None, "STOPPED", STOPPED),
    "up, without consent": ("RUNNING", "stop", False, None, "RUNNING", STAYS_UP),
    "up, wanted so": ("RUNNING", "stop", True, "RUNNING", "RUNNING", STAYS_UP),
    "up, wanted down": ("RUNNING", "stop", True, "STOPPED", "STOPPED", STOPPED),
    "up, wanted down, which is consent": ("RUNNING", "stop", False, "STOPPED", "STOPPED", STOPPED),
    "only the mark": ("RUNNING", "remove", True, None, "RUNNING", REMOVED),
    "only the mark, down": ("STOPPED", "remove", True, None, "STOPPED", REMOVED),
}


@pytest.mark.parametrize("case", REPAIRS)
@pytest.mark.parametrize("description", ["notes", "other"])
def test_a_repair_is_planned_whether_the_configuration_has_changed_or_not(case: str, description: str) -> None:
    status, found, consent, desired, planned, warning = REPAIRS[case]
    wish = {} if desired is None else {"desired_status": desired}
    answer = repaired(status, found, consent=consent, description=description, **wish)
    assert errors(answer) == []
    assert (answer.planned["status"], answer.planned["interrupted_update"]) == (planned, False)
    assert warning in warnings(answer)
    assert len({STARTED, STOPPED, REMOVED, STAYS_UP} & set(warnings(answer))) == 1


@pytest.mark.parametrize(("status", "found"), [("STOPPED", "restart"), ("RUNNING", "stop")])
def test_a_wish_that_is_still_unknown_may_be_the_other_one(status: str, found: str) -> None:
    answer = repaired(status, found, desired_status=UNKNOWN)
    assert answer.planned["status"] is UNKNOWN
    assert answer.planned["interrupted_update"] is False


@pytest.mark.parametrize(("found", "consent", "told"), [("remove", True, [RESTARTED]), ("stop", True, [])])
def test_a_stop_for_the_update_is_told_beside_the_repair(found: str, consent: bool, told: list[str]) -> None:
    answer = repaired("RUNNING", found, consent=consent, flavor="modelarts.vm.cpu.8u")
    assert [each for each in warnings(answer) if each == RESTARTED] == told
    assert errors(answer) == []


@pytest.mark.parametrize("found", ["remove", "stop"])
def test_a_stop_for_the_update_that_is_not_allowed_is_refused_beside_the_repair(found: str) -> None:
    answer = repaired("RUNNING", found, consent=False, flavor="modelarts.vm.cpu.8u")
    assert [each.summary for each in errors(answer)] == ['Updating notebook "nb" needs a stop that is not allowed']


def test_a_repair_of_what_has_failed_says_why_it_has() -> None:
    prior = state({**LEFT, "status": "START_FAILED", "fail_reason": "no capacity"})
    answer = plan(configured(), prior, PROVIDER, private={FOUND: "stop"})
    (text,) = [each.detail for each in answer.diagnostics]
    assert f"nb ({prior['id']}, START_FAILED now: no capacity) was stopped" in text


def test_consent_that_is_still_unknown_may_be_refused() -> None:
    answer = repaired("RUNNING", "stop", allow_stopping_for_update=UNKNOWN)
    assert answer.planned["status"] is UNKNOWN
    assert STOPPED in warnings(answer)
