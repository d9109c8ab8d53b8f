"""The resource ``modelarts_notebook``: create, read, update, delete, import. State is what the API says, read back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from modelarts_provider.framework.cancellation import CancelledByUser, Deadline, within
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import (
    ApplyRequest,
    ApplyResponse,
    ImportResponse,
    PlanRequest,
    PlanResponse,
    Private,
    ReadRequest,
    ReadResponse,
)
from modelarts_provider.framework.schema.attributes import Schema
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.lifecycle.instance import PollIntervals, Refusal, Refused
from modelarts_provider.lifecycle.operate import Operator, Sight
from modelarts_provider.resources.common.diagnostics import (
    NOTHING_CREATED,
    cause_of,
    connected,
    next_step_of,
    time_was_up,
    with_way_to_destroy,
)
from modelarts_provider.resources.common.location import check_location
from modelarts_provider.resources.common.odd_fields import warn_of_odd_fields
from modelarts_provider.resources.common.session import Session
from modelarts_provider.resources.common.timeouts import deadline_of
from modelarts_provider.resources.notebook.plan.changes import changed_rows, makes_calls
from modelarts_provider.resources.notebook.plan.power import restart_policy
from modelarts_provider.resources.notebook.plan.protection import check_destroy, may_delete, protects
from modelarts_provider.resources.notebook.plan.rules import IMPORTED, plan_notebook
from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, memorized
from modelarts_provider.resources.notebook.schema.notebook import DEFAULT_TIMEOUTS, SCHEMA
from modelarts_provider.resources.notebook.service.conversion import Reading, to_state
from modelarts_provider.resources.notebook.service.diagnostics import summary, warn_of_status
from modelarts_provider.resources.notebook.service.interruption import found_mark
from modelarts_provider.resources.notebook.service.known_instances import Claims
from modelarts_provider.resources.notebook.service.observed import NotebookOperator

NO_CONFIGURATION: Final = (
    "The client asks for an apply without its configuration. Nothing was called. Plan again, and apply that plan."
)


class NotebookResource:
    """One instance for the whole process; everything about a notebook comes with the request.

    Attributes:
        known: What creates of this process know together.
    """

    type_name: Final = "modelarts_notebook"

    def __init__(self, session: Session, pace: PollIntervals | None = None) -> None:
        self._session = session
        self._pace = pace or PollIntervals()
        self.known = Claims()

    @property
    def schema(self) -> Schema:
        """The schema."""
        return SCHEMA

    def validate(self, config: Values) -> Diagnostics:
        """Nothing beyond the attributes' own validators."""
        return Diagnostics()

    def plan(self, request: PlanRequest) -> PlanResponse:
        """The final plan of a create or an update."""
        return plan_notebook(request, self._session.block)

    async def check_plan(self, request: PlanRequest, planned: Values) -> Diagnostics:
        """The provider's project, where only IAM knows its region; the flavor, where the provider block asks for that."""
        found = await check_location(request, self._session)
        if self._session.block.check_flavors_at_plan and not found.has_error:
            from modelarts_provider.resources.notebook.plan.flavor_check import check_flavor  # noqa: PLC0415 - imports the API

            found.extend(await check_flavor(request, planned, self._session))
        return with_way_to_destroy(found, request.prior)

    def plan_destroy(self, prior: Values, private: Private) -> Diagnostics:
        """A protected notebook can't be destroyed; of any other, the plan says which disk goes with it."""
        found = Diagnostics()
        check_destroy(prior, self._session.block.deletion_protection, found)
        return found

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Refresh by id, in the state's own region and project. Only "does not exist" makes it gone."""
        state = request.state
        answer = ReadResponse(state=state, private=request.private)
        head = summary("read", state["name"] or state["id"])
        with connected(answer.diagnostics, head) as connecting:
            operator = await self._operator(state, _deadline(state, "read"))
            await self._read(operator, request, answer, head)
        answer.deferred = connecting.waits
        return answer

    async def _read(self, operator: NotebookOperator, request: ReadRequest, answer: ReadResponse, head: str) -> None:
        state = request.state
        try:
            seen = await operator.look()
        except Refused as refused:
            if refused.kind is Refusal.GONE:
                answer.state = None
            else:
                where = "The state keeps what was known: an instance that can't be read doesn't count as gone."
                if time_was_up(refused.cause):
                    seconds = operator.deadline.seconds
                    where = f"No answer that says more came within {seconds:g} s (timeouts.read). {where}"
                _tell(answer.diagnostics, head, refused, where)
        except CancelledByUser:
            answer.diagnostics.error(head, "A stop was asked for. The state keeps what was known.")
        else:
            answer.state = to_state(seen.api, state, self._reading(state, request.private))
            answer.private = memorized(found_mark(request.private, seen.api), answer.state["auto_stop"], seen.api)
            self.known.ids.add(state["id"])
            warn_of_odd_fields(answer.diagnostics, answer.state["name"] or state["id"], seen.api)
            if not answer.state["interrupted_update"]:  # else the plan tells what the apply does about it
                warn_of_status(answer.diagnostics, answer.state["name"] or state["id"], seen, state["id"])

    async def create(self, request: ApplyRequest) -> ApplyResponse:
        """Create the instance and wait until it runs."""
        from modelarts_provider.resources.notebook.apply.create import create  # noqa: PLC0415 - only an apply needs it
        from modelarts_provider.resources.notebook.recovery import adopt  # noqa: PLC0415 - as above
        from modelarts_provider.resources.notebook.service.instance import NotebookInstance  # noqa: PLC0415 - imports the API

        planned = request.planned
        assert planned is not None  # noqa: S101 - a create
        answer = ApplyResponse(state=None)
        if request.config is None:
            answer.diagnostics.error(summary("create", planned["name"]), NO_CONFIGURATION)
            return answer
        deadline, block = _deadline(planned, "create"), self._session.block
        policy = restart_policy(planned, block.allow_stopping_for_update)
        protected = protects(planned, block.deletion_protection) is True
        with connected(answer.diagnostics, summary("create", planned["name"]), NOTHING_CREATED):
            with within(deadline):
                region, project_id = await self._session.location(planned["region"], planned["project_id"])
                api = await self._session.notebooks(region, project_id)
            reading = Reading(region=region, project_id=project_id, tags=block.tags)
            operator = Operator(NotebookInstance(api, ""), self._pace, deadline, self._session.cancel, Sight())
            with within(deadline, self._session.cancel):
                taking_over = partial(adopt, claims=self.known, policy=policy)
                await create(
                    api, request, operator, reading, self.known, answer, adopt=taking_over, protected=protected
                )
        return answer

    async def update(self, request: ApplyRequest) -> ApplyResponse:
        """Update in place, or, where only the provider's own attributes change, take them over."""
        from modelarts_provider.resources.notebook.apply.update import update  # noqa: PLC0415 - only an apply needs it

        prior, planned = request.prior, request.planned
        assert prior is not None  # noqa: S101 - an update
        assert planned is not None  # noqa: S101 - an update
        private = {key: value for key, value in request.private.items() if key != IMPORTED}
        if request.config is None:
            answer = ApplyResponse(state=prior, private=request.private)
            answer.diagnostics.error(summary("update", prior["name"]), NO_CONFIGURATION)
            return answer
        if not makes_calls(changed_rows(request.config, prior, planned), prior, planned):
            return ApplyResponse(state=planned, private=request.private)
        answer = ApplyResponse(state=prior, private=private)
        policy = restart_policy(planned, self._session.block.allow_stopping_for_update)
        with connected(answer.diagnostics, summary("update", prior["name"])):
            operator = await self._operator(prior, _deadline(planned, "update"))
            await update(request, operator, answer, self._reading(prior, private), policy=policy)
        if answer.diagnostics.has_error and IMPORTED in request.private:  # the hooks may not have been sent yet
            answer.private = {**answer.private, IMPORTED: True}
        return answer

    async def delete(self, request: ApplyRequest) -> ApplyResponse:
        """Delete the instance; what is busy or unreachable stays in the state."""
        from modelarts_provider.resources.notebook.apply.delete import delete  # noqa: PLC0415 - only an apply needs it

        prior = request.prior
        assert prior is not None  # noqa: S101 - a delete
        answer = ApplyResponse(state=prior, private=request.private)
        if not may_delete(prior, self._session.block.deletion_protection, answer.diagnostics):
            return answer
        with connected(answer.diagnostics, summary("delete", prior["name"])):
            operator = await self._operator(prior, _deadline(prior, "delete"))
            if await delete(operator, prior["name"], answer.diagnostics):
                answer.state = None
        return answer

    async def import_state(self, identifier: str) -> ImportResponse:
        """Find an instance by its id, or by its exact name, in the region and project that the import id names."""
        from modelarts_provider.resources.notebook.schema.import_id import import_id  # noqa: PLC0415 - as above
        from modelarts_provider.resources.notebook.service.import_notebook import find, finished  # noqa: PLC0415 - only an import needs it

        answer = ImportResponse(state=None, private={IMPORTED: True})
        head = f'Unable to import notebook "{identifier}"'
        asked = import_id(identifier)
        if isinstance(asked, str):
            answer.diagnostics.error(head, asked)
            return answer
        api_now: Mapping[str, Any] | None = None
        with connected(answer.diagnostics, head), within(_deadline({}, "read")):
            region, project_id = await self._session.location(asked.region, asked.project_id)
            api = await self._session.notebooks(region, project_id)
            api_now = await find(api, asked, self._session.cancel, head, (region, project_id), answer.diagnostics)
        if api_now is not None:
            there = {"region": region, "project_id": project_id, "id": api_now["id"]}
            operator = await self._operator(there, _deadline({}, "create"))
            api_now = await finished(operator, api_now, head, answer.diagnostics)
        if api_now is not None:
            self.known.ids.add(api_now["id"])
            warn_of_odd_fields(answer.diagnostics, api_now.get("name", api_now["id"]), api_now)
            answer.private |= found_mark({}, api_now)
            answer.state = to_state(
                api_now, None, Reading(region=region, project_id=project_id, tags=self._session.block.tags)
            )
        return answer

    def _reading(self, values: Values, private: Private) -> Reading:
        return Reading(
            region=values["region"],
            project_id=values["project_id"],
            tags=self._session.block.tags,
            lease=private.get(MEMORY),
        )

    async def _operator(self, values: Mapping[str, Any], deadline: Deadline) -> NotebookOperator:
        from modelarts_provider.resources.notebook.service.instance import NotebookInstance  # noqa: PLC0415 - imports the API

        api = await self._session.notebooks(values["region"], values["project_id"])
        instance = NotebookInstance(api, values["id"])
        return Operator(instance, self._pace, deadline, self._session.cancel, Sight())


def _deadline(values: Mapping[str, Any], operation: str) -> Deadline:
    return deadline_of(values, operation, DEFAULT_TIMEOUTS)


def _tell(found: Diagnostics, head: str, error: BaseException, state: str) -> None:
    found.error(head, f"{cause_of(error)} {state} {next_step_of(error)}".rstrip())
