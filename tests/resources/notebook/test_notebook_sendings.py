"""How often a write is sent: ``max_retries`` is one number for the client and for the steps of an update above it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest
from notebook_values import ID, READING, configured, plan

from modelarts_provider.api.http.client import Client
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel, Deadline
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse
from modelarts_provider.lifecycle.changes import Changes, UpdateGoal
from modelarts_provider.lifecycle.fields import FIELDS
from modelarts_provider.lifecycle.instance import PollIntervals
from modelarts_provider.lifecycle.lease import HOUR, Lease
from modelarts_provider.lifecycle.operate import Operator, Sight
from modelarts_provider.lifecycle.outcome import Outcome
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.lifecycle.run import run_update
from modelarts_provider.resources.notebook.apply.create import create
from modelarts_provider.resources.notebook.recovery import adopt
from modelarts_provider.resources.notebook.service.instance import NotebookInstance
from modelarts_provider.resources.notebook.service.known_instances import Claims

Answer = httpx.Response | Exception
SERVER = httpx.Response(500, json={"error_code": "ModelArts.6102", "error_msg": "oops"})
BUSY = httpx.Response(400, json={"error_code": "ModelArts.6357", "error_msg": "busy"})
STATE = httpx.Response(400, json={"error_code": "ModelArts.6347", "error_msg": "state"})
RANGE = httpx.Response(400, json={"error_code": "ModelArts.6331", "error_msg": "range"})
OK = httpx.Response(200, json={"id": ID})
FAILURES: dict[str, Answer] = {
    "500": SERVER,
    "408, a page": httpx.Response(408, html="<html>"),
    "502, a page": httpx.Response(502, html="<html>"),
    "429": httpx.Response(429, json={"error_code": "APIGW.0308", "error_msg": "limit"}),
    "429 of the service": httpx.Response(400, json={"error_code": "ModelArts.6101", "error_msg": "busy"}),
    "reset": httpx.ReadError("reset"),
    "refused": httpx.ConnectError("refused"),
    "no answer in time": httpx.ReadTimeout("slow"),
    "a page instead of an answer": httpx.Response(200, html="<html>"),
}


@dataclass
class Service:
    """One notebook behind HTTP: what each call is answered with, else it has its effect. Counts calls."""

    answers: dict[str, Callable[[int], Answer | None]] = field(default_factory=dict)
    status: str = "RUNNING"
    size: int = 10
    counts: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        last = request.url.path.rpartition("/")[2]
        called = request.method if last == ID else f"{request.method} {last}"
        self.counts[called] += 1
        answer = self.answers.get(called, lambda _: None)(self.counts[called])
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        if called in ("POST start", "POST stop"):
            self.status = "RUNNING" if last == "start" else "STOPPED"
        if called == "PUT":
            self.size = json.loads(request.content).get("storage_new_size", self.size)
            self.sizes.append(self.size)
        if called == "GET notebooks":
            return httpx.Response(200, json={"data": [], "total": 0})
        volume = {"category": "EVS", "ownership": "MANAGED", "capacity": self.size}
        return httpx.Response(200, json={"id": ID, "status": self.status, "volume": volume})


async def no_time(_: float) -> None:
    await asyncio.sleep(0)


def client_of(service: Service, max_retries: int) -> Client:
    return Client(
        "http://api.test",
        "p",
        None,
        cancel=Cancel(),
        transport=httpx.MockTransport(service),
        sleep=no_time,
        max_retries=max_retries,
        budget=1e9,
    )


def updated(service: Service, max_retries: int, changes: Changes | None = None) -> Outcome:
    async def run() -> Outcome:
        client = client_of(service, max_retries)
        await client.request("GET", f"/notebooks/{ID}")  # an endpoint that has answered before is waited for
        return await run_update(
            UpdateGoal(
                changes=changes or Changes(table=FIELDS, fields={"flavor": {"flavor": "big"}}, lease=Lease(4 * HOUR))
            ),
            Operator(
                NotebookInstance(Notebooks(client), ID),
                PollIntervals(sleep=no_time),
                Deadline.after(600),
                Cancel(),
                Sight(),
            ),
        )

    return asyncio.run(run())


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("max_retries", [0, 1, 2, 5, 9])
def test_a_put_is_sent_once_and_max_retries_times_more(failure: Answer, max_retries: int) -> None:
    service = Service({"PUT": lambda _: failure})
    outcome = updated(service, max_retries)
    assert service.counts["PUT"] == 1 + max_retries
    assert outcome.error is not None
    assert (service.status, outcome.restored) == ("RUNNING", True)


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("max_retries", [0, 5])
def test_a_growth_is_sent_as_often(failure: Answer, max_retries: int) -> None:
    """Although the client sends it once, and the notebook is looked at in between."""
    service = Service({"PUT": lambda _: failure})
    updated(service, max_retries, Changes(table=FIELDS, fields={"storage_size": {"storage_new_size": 20}}))
    assert service.counts["PUT"] == 1 + max_retries


@pytest.mark.parametrize("max_retries", [0, 5])
def test_a_growth_that_has_happened_all_the_same_is_not_sent_again(max_retries: int) -> None:
    service = Service()

    def grown(_: int) -> Answer:
        service.size = 20
        return httpx.ReadError("reset")

    service.answers["PUT"] = grown
    outcome = updated(service, max_retries, Changes(table=FIELDS, fields={"storage_size": {"storage_new_size": 20}}))
    assert outcome.error is None
    assert service.counts["PUT"] == 1


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("max_retries", [0, 1, 5])
def test_tags_and_lease_are_sent_as_often(failure: Answer, max_retries: int) -> None:
    """Tags three times at least: a create whose tags fail is tainted."""
    for call, least in (("PATCH lease", 1), ("POST create", 3)):
        service = Service({call: lambda _: failure})
        outcome = updated(service, max_retries, Changes(table=FIELDS, add_tags={"a": "1"}, lease=Lease(4 * HOUR)))
        # The client sends by itself as well, so that the third sending may come as the fourth.
        more = 1 if 1 + max_retries < least else 0
        assert max(least, 1 + max_retries) <= service.counts[call] <= max(least, 1 + max_retries) + more
        assert outcome.error is not None


def created(service: Service, max_retries: int) -> ApplyResponse:
    """A create, with what it leaves for after its answer."""
    config = configured(endpoints=None, description=None)
    request = ApplyRequest(config=config, prior=None, planned=plan(config, None).planned, private={})
    answer = ApplyResponse(state=None)

    async def run() -> None:
        client = client_of(service, max_retries)
        instance, pace = NotebookInstance(Notebooks(client), ID), PollIntervals(sleep=no_time)
        operator = Operator(instance, pace, Deadline.after(600), Cancel(), Sight())
        await create(
            Notebooks(client),
            request,
            operator,
            READING,
            Claims(),
            answer,
            adopt=partial(adopt, claims=Claims(), policy=RestartPolicy.ALLOWED),
        )

    asyncio.run(run())
    return answer


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("max_retries", [0, 1, 2, 5, 9])
def test_the_tag_of_a_create_is_sent_as_often(failure: Answer, max_retries: int) -> None:
    """Three times at least: an instance without it is one that the next create of its name has to ask about."""
    service = Service({"POST create": lambda _: failure})
    answer = created(service, max_retries)
    assert answer.state is not None
    assert answer.state["id"] == ID
    assert list(answer.diagnostics) == []
    assert service.counts["POST create"] == max(3, 1 + max_retries)


@pytest.mark.parametrize("max_retries", [0, 5])
def test_the_tag_of_a_create_waits_while_the_service_is_busy(max_retries: int) -> None:
    service = Service({"POST create": lambda count: BUSY if count < 4 else None})
    created(service, max_retries)
    assert service.counts["POST create"] == 4


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("max_retries", [0, 1, 2, 5, 9])
def test_a_start_and_a_stop_are_sent_at_least_three_times(failure: Answer, max_retries: int) -> None:
    """After a look each time, so that nothing is left down for want of retries; and the start by restoring once more."""
    most = max(3, 1 + max_retries)
    for call, rounds in (("POST start", 2), ("POST stop", 1)):
        service = Service({call: lambda _: failure})
        outcome = updated(service, max_retries)
        assert 3 * rounds <= service.counts[call] <= most * rounds
        assert outcome.error is not None


@pytest.mark.parametrize("max_retries", [0, 2])
def test_what_refuses_for_now_does_not_count(max_retries: int) -> None:
    """6357 ten times over, in between the failures that count."""
    answers: list[Answer] = [BUSY, BUSY, *[SERVER] * max_retries, *[BUSY] * 8]
    service = Service({"PUT": lambda count: answers[count - 1] if count <= len(answers) else None})
    assert updated(service, max_retries).error is None
    assert service.counts["PUT"] == len(answers) + 1


@pytest.mark.parametrize("max_retries", [0, 5])
def test_failures_between_refusals_for_now_are_counted_together(max_retries: int) -> None:
    service = Service({"PUT": lambda count: SERVER if count % 2 else BUSY})
    assert updated(service, max_retries).error is not None
    assert service.counts["PUT"] == 1 + 2 * max_retries


@pytest.mark.parametrize("max_retries", [0, 5])
def test_a_refusal_for_the_state_does_not_count(max_retries: int) -> None:
    """A rename is refused as it runs, and sent again when it is stopped."""
    service = Service()
    service.answers["PUT"] = lambda _: STATE if service.status == "RUNNING" else None
    assert updated(service, max_retries, Changes(table=FIELDS, fields={"name": {"name": "b"}})).error is None
    assert service.counts["PUT"] == 2


@pytest.mark.parametrize("max_retries", [0, 5])
def test_the_steps_of_a_growth_do_not_count(max_retries: int) -> None:
    service = Service()
    service.answers["PUT"] = lambda count: RANGE if count == 1 else None
    assert (
        updated(service, max_retries, Changes(table=FIELDS, fields={"storage_size": {"storage_new_size": 410}})).error
        is None
    )
    assert service.sizes == [110, 210, 310, 410]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_other_writes_are_sent_as_often_by_the_client_alone(failure: Answer, method: str) -> None:
    service = Service({method: lambda _: failure})

    async def run() -> None:
        client = Client(
            "http://api.test",
            "p",
            None,
            cancel=Cancel(),
            transport=httpx.MockTransport(service),
            sleep=no_time,
            budget=1e9,
        )
        await client.request("GET", f"/notebooks/{ID}")
        with pytest.raises(Exception, match=method):
            await client.request(method, f"/notebooks/{ID}")

    asyncio.run(run())
    assert service.counts[method] == 6
