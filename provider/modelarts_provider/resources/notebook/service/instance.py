"""One notebook as the lifecycle sees it: its operations over the API, and the API's errors as refusals."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Mapping
from typing import Any, Final, TypeVar

from modelarts_provider.api import errors
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.lease import Lease
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.interruption import (
    MANAGED,
    adopting_value,
    started_value,
    stopped_value,
)
from modelarts_provider.resources.notebook.service.lookup import made_at
from modelarts_provider.resources.notebook.service.observed import ObservedNotebook, observe

T = TypeVar("T")

YOUNG_SECONDS: Final = 72 * 3600
"""Longer than any create may sensibly take: after that, no create asks whether an instance is a lost one."""

REFUSALS: Final[tuple[tuple[type[errors.ApiError], Refusal], ...]] = (
    (errors.NoTurn, Refusal.NO_TURN),
    (errors.NotFound, Refusal.GONE),
    (errors.Busy, Refusal.BUSY),
    (errors.AlreadyThere, Refusal.ALREADY_THERE),
    (errors.WrongState, Refusal.WRONG_STATE),
    (errors.OutOfRange, Refusal.OUT_OF_RANGE),
    (errors.NoCapacity, Refusal.NO_CAPACITY),
    (errors.Frozen, Refusal.FROZEN),
)


def refusal(error: errors.ApiError) -> Refusal:
    """What an API error means for the steps of an update."""
    for kind, meaning in REFUSALS:
        if isinstance(error, kind):
            return meaning
    return Refusal.UNREACHABLE if error.transient or error.may_have_acted else Refusal.OTHER


class NotebookInstance:
    """The operations that the lifecycle's runner needs, for one notebook."""

    def __init__(self, api: Notebooks, notebook_id: str) -> None:
        self._api = api
        self._id = notebook_id

    async def show(self) -> ObservedNotebook:
        """The notebook as it is."""
        return observe(await _refusing(self._api.show(self._id)))

    async def stop(self) -> None:
        """Ask for a stop."""
        await _refusing(self._api.stop(self._id))

    async def start(self, lease: Lease | None) -> None:
        """Ask for a start with an auto-stop; None leaves it to the service."""
        if lease is None:
            await _refusing(self._api.start(self._id))
        else:
            await _refusing(self._api.start(self._id, lease.duration, lease.type))

    async def update(self, body: Mapping[str, Any]) -> None:
        """Send one PUT."""
        await _refusing(self._api.update(self._id, body))  # type: ignore[arg-type]  # built from the field table

    async def delete(self) -> None:
        """Ask for the deletion."""
        await _refusing(self._api.delete(self._id))

    async def set_lease(self, lease: Lease) -> None:
        """Set the auto-stop of a running notebook."""
        await _refusing(self._api.renew_lease(self._id, lease.duration, lease.type))

    async def set_tags(self, add: Mapping[str, str], remove: tuple[str, ...]) -> None:
        """Remove tags, then set tags."""
        if remove:
            await _refusing(self._api.delete_tags(self._id, [{"key": key} for key in remove]))
        if add:
            pairs = [{"key": key, "value": value} for key, value in sorted(add.items())]
            await _refusing(self._api.create_tags(self._id, pairs))  # type: ignore[arg-type]  # plain pairs

    async def mark_stopped(self, seen: ObservedNotebook | None) -> None:
        """Leave the mark that survives this process and our stop, holding the lease as it was seen last."""
        await self.set_tags({MARK: stopped_value(seen.api.get("lease") if seen is not None else None)}, ())

    async def mark_started(self, seen: ObservedNotebook | None, lease: Lease | None) -> None:
        """Leave the mark that survives this process and our start, holding the lease that the start sends."""
        await self.set_tags({MARK: started_value(lease, seen.ahead if seen is not None else None)}, ())

    async def sign(self) -> None:
        """Leave the sign that its create has returned, so that no other create takes it for a lost one."""
        await self.set_tags({MARK: MANAGED}, ())

    async def set_adopting(self, run: str) -> None:
        """Set the tag to say that a run adopts the notebook."""
        await self.set_tags({MARK: adopting_value(run)}, ())

    async def unmark(self, seen: ObservedNotebook | None) -> None:
        """Take the mark away.

        A young instance gets the sign in its place, so that no create of its name takes it for a lost one: setting a tag
        that is there overwrites its value (the API's reference of tags), so that it is one call either way.
        """
        made = made_at(seen.api) if seen is not None else None
        if made is not None and time.time() - made / 1000 < YOUNG_SECONDS:
            await self.sign()
        else:
            await self.set_tags({}, (MARK,))


async def _refusing(call: Awaitable[T]) -> T:
    try:
        return await call
    except errors.ApiError as error:
        raise Refused(refusal(error), error) from error
