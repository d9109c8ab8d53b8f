"""What a create leaves, however it ends: a state with the instance's id, the sign that it is somebody's, what it set."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from notebook_service import FORBIDDEN, GONE, UNAVAILABLE, Service, after, notebook
from notebook_values import ID, READING, configured, errors, plan

from modelarts_provider.framework.cancellation import Cancel, collecting_later
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.apply.create import create
from modelarts_provider.resources.notebook.plan.rules import APPLIED_SIZE
from modelarts_provider.resources.notebook.recovery import adopt
from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, raw_lease
from modelarts_provider.resources.notebook.service.interruption import MANAGED
from modelarts_provider.resources.notebook.service.known_instances import Claims

SIGN = {"key": MARK, "value": MANAGED}
FOUR_HOURS = {"duration": 14_400_000, "enable": True, "type": "TIMING"}


def becoming(*statuses: str, **more: Any) -> list[Any]:
    """Looks at the new instance that show these statuses, one after the other."""
    return [after(lambda service, status=status: service.items[0].update(status=status, **more)) for status in statuses]


async def creating(service: Service, cancel: Cancel | None = None, **config: Any) -> ApplyResponse:
    whole = configured(endpoints=None, description=None, **config)
    request = ApplyRequest(config=whole, prior=None, planned=plan(whole, None).planned, private={})
    answer = ApplyResponse(state=None)
    operator = service.operator(cancel=cancel)
    claims = Claims()
    await create(
        service.api,
        request,
        operator,
        READING,
        claims,
        answer,
        adopt=partial(adopt, claims=claims, policy=RestartPolicy.ALLOWED),
    )
    return answer


def created(service: Service, **config: Any) -> ApplyResponse:
    return asyncio.run(creating(service, **config))


STEPS = [
    {"step": 1, "status": "COMPLETED", "description": "storage"},
    {"step": 2, "status": "FAILED", "description": "compute"},
]
ENDS: dict[str, tuple[dict[str, list[Any]], str]] = {
    # answers, and what is said of it; nothing where it runs
    "it runs": ({"show": becoming("CREATING", "RUNNING")}, ""),
    "reads lag behind": ({"show": [GONE, GONE, *becoming("CREATING", "RUNNING")]}, ""),
    "looks at it fail for a while": ({"show": [UNAVAILABLE, *becoming("CREATING", "RUNNING")]}, ""),
    "it fails": ({"show": becoming("CREATING", "CREATE_FAILED", fail_reason="no reason")}, "no reason"),
    "it fails at a step": ({"show": becoming("CREATING", "CREATE_FAILED", action_progress=STEPS)}, "compute (failed)"),
    "it is frozen": ({"show": becoming("CREATING", "FROZEN")}, "FROZEN"),
    "it never ends": ({"show": becoming(*["CREATING"] * 99)}, "timeouts.create"),
    "it can't be looked at": ({"show": [UNAVAILABLE] * 99}, "timeouts.create"),
    "it may not be looked at": ({"show": [FORBIDDEN] * 99}, "ModelArts.0112"),
    "somebody stops it": ({"show": becoming("CREATING", *["STOPPED"] * 9)}, "stopped by somebody else"),
    "somebody deletes it": ({"show": [GONE] * 9}, "ModelArts.6309"),
}


@pytest.mark.parametrize("case", ENDS)
def test_however_a_create_ends_the_state_has_the_instance(case: str) -> None:
    answers, words = ENDS[case]
    service = Service([], {name: [*each] for name, each in answers.items()}, made={"id": ID, "status": "CREATING"})
    answer = created(service)
    assert answer.state is not None
    assert answer.state["id"] == ID
    assert service.calls.count("create") == 1
    # What reads don't find any more isn't signed: the next create has to find it, if it is there all the same.
    assert service.items[0]["tags"] == ([] if case == "somebody deletes it" else [SIGN])
    said = " ".join(each.detail for each in errors(answer))
    assert words in said
    assert ("terraform untaint" in said) == bool(words)


def test_a_stop_while_it_starts_keeps_the_instance() -> None:
    async def stopped() -> ApplyResponse:
        cancel = Cancel()
        service.answers["show"] = [lambda _: cancel.set()]
        return await creating(service, cancel)

    service = Service([], made={"id": ID, "status": "CREATING"})
    answer = asyncio.run(stopped())
    assert answer.state is not None
    assert answer.state["id"] == ID
    assert service.items[0]["tags"] == [SIGN]
    (error,) = errors(answer)
    assert "A stop was asked for" in error.detail
    assert "terraform untaint" in error.detail


@pytest.mark.parametrize("ended_by", ["timeout", "stop"])
def test_what_kept_a_create_waiting_is_told(ended_by: str) -> None:
    """Half an hour of "Still creating..." has a reason, and its code and request id."""

    async def waiting() -> ApplyResponse:
        cancel = Cancel()

        def fails(_: Service) -> None:
            if ended_by == "stop":
                cancel.set()
            raise UNAVAILABLE

        service.answers["show"] = [UNAVAILABLE, fails, *[UNAVAILABLE] * 99]
        return await creating(service, cancel)

    service = Service([], made={"id": ID, "status": "CREATING"})
    (error,) = errors(asyncio.run(waiting()))
    assert "Looking at it failed: The call failed: " in error.detail
    assert str(UNAVAILABLE) in error.detail


@pytest.mark.parametrize("error", [UNAVAILABLE, FORBIDDEN], ids=["unavailable", "forbidden"])
def test_a_sign_that_fails_is_no_failure(error: Exception) -> None:
    service = Service([], {"create_tags": [error] * 9})
    answer = created(service)
    assert answer.state is not None
    assert errors(answer) == []


def test_it_is_signed_once_a_state_can_hold_it() -> None:
    """Where Terraform is killed before it has the answer, the next create has to find the instance."""
    service = Service([])
    with collecting_later() as later:
        created(service)
    assert service.items[0]["tags"] == []
    (sign,) = later
    asyncio.run(sign())
    assert service.items[0]["tags"] == [SIGN]


@pytest.mark.parametrize("auto_stop", [None, {"duration": "4h"}], ids=["not managed", "4h"])
def test_the_lease_that_a_create_has_set_is_remembered(auto_stop: dict[str, Any] | None) -> None:
    """Else the next read would take the service's reckoning of it for drift."""
    service = Service([], made={"id": ID, "lease": FOUR_HOURS})
    answer = created(service, auto_stop=auto_stop)
    remembered = raw_lease({"lease": FOUR_HOURS})
    assert answer.private == {APPLIED_SIZE: 10} | ({} if auto_stop is None else {MEMORY: remembered})


def test_what_is_taken_over_with_the_planned_auto_stop_keeps_it_and_remembers_it() -> None:
    lease = notebook(ID)["lease"] | FOUR_HOURS
    service = Service([notebook(ID, lease=lease)])
    answer = created(service, auto_stop={"duration": "4h"}, adopt_existing=True)
    assert errors(answer) == []
    assert answer.state is not None
    assert answer.state["id"] == ID
    assert "renew_lease" not in service.calls
    assert answer.private == {APPLIED_SIZE: 10, MEMORY: raw_lease({"lease": FOUR_HOURS})}
    assert service.items[0]["tags"] == [SIGN]
