"""Taking over what a killed create has left: never what is somebody's, and nothing of it is lost where that fails."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from notebook_service import FORBIDDEN, REFUSED, UNAVAILABLE, Service, after, notebook
from notebook_values import ID, READING, configured, errors, plan

from modelarts_provider.framework.cancellation import Cancel, collecting_later
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.apply.create import create
from modelarts_provider.resources.notebook.recovery import adopt
from modelarts_provider.resources.notebook.service.interruption import MANAGED
from modelarts_provider.resources.notebook.service.known_instances import Claims

SIGN = {"key": MARK, "value": MANAGED}


async def creating(service: Service, claims: Claims, cancel: Cancel, **config: Any) -> ApplyResponse:
    whole = configured(**{"endpoints": None, "description": None, **config}, adopt_existing=True)
    request = ApplyRequest(config=whole, prior=None, planned=plan(whole, None).planned, private={})
    answer = ApplyResponse(state=None)
    operator = service.operator(cancel=cancel)
    with collecting_later() as later:
        await create(
            service.api,
            request,
            operator,
            READING,
            claims,
            answer,
            adopt=partial(adopt, claims=claims, policy=RestartPolicy.ALLOWED),
        )
    for work in later:
        await work()
    return answer


def adopting(
    service: Service, claims: Claims | None = None, cancel: Cancel | None = None, **config: Any
) -> ApplyResponse:
    async def scenario() -> ApplyResponse:
        return await creating(service, claims or Claims(), cancel or Cancel(), **config)

    return asyncio.run(scenario())


def now(status: str = "RUNNING", **more: Any) -> Any:
    """A look that shows the instance so."""
    return after(lambda service: service.items[0].update(status=status, **more))


LEFT = {
    # the status that is met first, and what the looks after that show
    "it runs": ("RUNNING", []),
    "it stands": ("STOPPED", []),
    "it is being created": ("CREATING", [now("CREATING"), now("CREATING"), now()]),
    "its looks fail for a while": ("RUNNING", [None, UNAVAILABLE, UNAVAILABLE]),
}


@pytest.mark.parametrize("case", LEFT)
def test_what_nobody_signs_is_taken_over_and_signed(case: str) -> None:
    status, looks = LEFT[case]
    service = Service([notebook(ID, status=status)], {"show": [*looks]})
    answer = adopting(service)
    assert errors(answer) == []
    assert answer.state is not None
    assert (answer.state["id"], answer.state["status"]) == (ID, "RUNNING")
    assert service.items[0]["tags"] == [SIGN]
    assert "create" not in service.calls


def test_what_a_living_run_creates_is_that_runs() -> None:
    """Two pipelines at once: the other one signs it a moment after it runs, and each has its own."""
    looks = [now("CREATING"), now("CREATING"), now(), now(), now(tags=[SIGN])]
    service = Service([notebook(ID, status="CREATING")], {"show": looks})
    answer = adopting(service)
    assert errors(answer) == []
    assert answer.state is not None
    assert answer.state["id"] != ID
    assert {"delete_tags", "update"}.isdisjoint(service.calls)


@pytest.mark.parametrize("theirs", ["adopting/0000", "managed"])
def test_what_another_run_adopts_at_the_same_moment_is_that_runs(theirs: str) -> None:
    """Both have waited for what a killed create has left; the one whose tag is there a moment later has it."""

    def overwrites(service: Service) -> None:
        service.answers["show"] = [now(tags=[{"key": MARK, "value": theirs}])]

    service = Service([notebook(ID)], {"create_tags": [overwrites]})
    answer = adopting(service)
    assert errors(answer) == []
    assert answer.state is not None
    assert answer.state["id"] != ID
    assert next(item for item in service.items if item["id"] == ID)["tags"] == [{"key": MARK, "value": theirs}]


def test_what_a_killed_run_was_adopting_is_taken_over() -> None:
    service = Service([notebook(ID, tags=[{"key": MARK, "value": "adopting/0000"}])])
    answer = adopting(service)
    assert errors(answer) == []
    assert answer.state is not None
    assert (answer.state["id"], answer.state["interrupted_update"]) == (ID, False)
    assert service.items[0]["tags"] == [SIGN]


@pytest.mark.parametrize("error", [FORBIDDEN, REFUSED], ids=["forbidden", "refused"])
def test_where_tags_cannot_be_written_nothing_is_taken_over(error: Exception) -> None:
    """No create leaves a sign there, so that it may stand in any state."""
    service = Service([notebook(ID)], {"create_tags": [error]})
    answer = adopting(service, description="other")
    (said,) = errors(answer)
    assert "can't be told from one that another state holds" in said.detail
    assert answer.state is None
    assert {"create", "update"}.isdisjoint(service.calls)


def test_a_stop_before_anything_was_changed_takes_nothing_over() -> None:
    cancel = Cancel()
    service = Service([notebook(ID)], {"show": [None, lambda _: cancel.set()]})
    answer = adopting(service, cancel=cancel, description="other")
    (said,) = errors(answer)
    assert "A stop was asked for" in said.detail
    assert answer.state is None
    assert "update" not in service.calls


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ERROR", "FROZEN"])
def test_what_has_failed_is_not_taken_over(status: str) -> None:
    service = Service([notebook(ID, status=status, fail_reason="no reason")])
    answer = adopting(service)
    (said,) = errors(answer)
    assert f"{status}: no reason" in said.detail
    assert answer.state is None
    assert {"create", "create_tags"}.isdisjoint(service.calls)


def test_what_the_service_does_not_take_over_is_no_success() -> None:
    service = Service([notebook(ID)], {"show": [None, None, *[now(description="theirs")] * 30]})
    answer = adopting(service, description="ours")
    assert "was not taken over" in " ".join(error.summary for error in errors(answer))
    assert any('is "theirs"' in error.detail for error in errors(answer))
    assert answer.state is None
    assert SIGN not in service.items[0]["tags"]


def test_a_disk_that_grows_meanwhile_is_taken_over_as_planned() -> None:
    """Terraform takes no other value than the planned one; the next refresh shows the size."""
    larger = {"category": "EVS", "ownership": "MANAGED", "capacity": 90}
    service = Service([notebook(ID)], {"start": [now(volume=larger)]})
    service.items[0]["status"] = "STOPPED"
    answer = adopting(service)
    assert errors(answer) == []
    assert answer.state is not None
    assert answer.state["storage"]["size"] == plan(configured(), None).planned["storage"]["size"] < 90
    assert "storage.size is 90" in str([each.detail for each in answer.diagnostics])
