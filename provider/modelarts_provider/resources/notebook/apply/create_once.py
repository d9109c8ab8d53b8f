"""The one POST of a create, without an orphan or a twin: when its answer is lost, the instance just made is found.

Terraform stores state only when the call returns, so an instance whose id nobody knows would be lost. A create looks
before it asks and, where the answer didn't come, again afterwards: what is new and belongs to nobody is its own, if it
is the only one. A young instance that was there before may be what a killed create left: named, or taken if allowed. Both
may also be another run's, of a stack with the same name, which sets the managed tag when it is done: that is waited for.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import islice
from typing import Final

from modelarts_provider.api.errors import ApiError, Forbidden, MalformedAnswer
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.values import Json, Values
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.resources.common.diagnostics import NOTHING_CREATED, failed
from modelarts_provider.resources.notebook.apply.create_errors import (
    WITHOUT_LIST,
    leftover,
    not_found,
    uncertain,
    unknown_owner,
    unlisted,
)
from modelarts_provider.resources.notebook.apply.unmanaged import Watch, adopt_for_this_run, operator_on
from modelarts_provider.resources.notebook.service.conversion import create_body
from modelarts_provider.resources.notebook.service.diagnostics import summary
from modelarts_provider.resources.notebook.service.interruption import CLOCKS_DIFFER_SECONDS
from modelarts_provider.resources.notebook.service.known_instances import Claims, Likeness
from modelarts_provider.resources.notebook.service.lookup import alike, is_older, likeness, younger_than
from modelarts_provider.resources.notebook.service.observed import NotebookOperator


@dataclass(frozen=True, slots=True)
class Obtained:
    """The instance of a create.

    Attributes:
        notebook: As the API answered it.
        adopted: Whether it was there already: what was configured has not been asked for.
    """

    notebook: Json
    adopted: bool = False


LOOKS: Final = 4
"""How often to look for an instance whose answer was lost: the service may list it a moment later."""

ITS_OWN: Final = 2 / 3
"""What part of that wait an instance gets that may be what was just made, and whose answer was lost.

It is taken before a parallel run names it, or takes it, as one that was there when that run began.
"""


async def obtain(
    api: Notebooks,
    planned: Values,
    location: tuple[str, str],
    operator: NotebookOperator,
    claims: Claims,
    found: Diagnostics,
) -> Obtained | None:
    """The instance that was made, or is to be taken over; None with an error in ``found`` where there is none."""
    create = _Create(api, planned, likeness(planned, *location), operator, claims, found)
    try:
        operator.cancel.raise_if_set()
        return await create.once()
    except CancelledByUser:
        found.error(create.head, "A stop was asked for before anything was created. Nothing was created.")
    except _Failed:
        pass
    return None


UNLISTED: Final = f"Existing notebooks could not be listed, and a create could make a duplicate. {NOTHING_CREATED}"
"""For a service that may say so a moment later; a refused login or a wrong address say nothing of what exists."""


class _Failed(Exception):
    """A create has ended; its error is among the diagnostics."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """A request whose answer did not come.

    Attributes:
        error: What came in its place.
        before: The ids of what was there before; None where that may not be known.
        since: What has turned up since, and may be what was made.
    """

    error: ApiError
    before: frozenset[str] | None
    since: Watch


@dataclass(frozen=True, slots=True)
class _Create:
    """One create, from its first list to the instance that it got."""

    api: Notebooks
    planned: Values
    likeness: Likeness
    operator: NotebookOperator
    claims: Claims
    found: Diagnostics

    @property
    def head(self) -> str:
        """The summary of its errors."""
        return summary("create", self.planned["name"])

    async def once(self) -> Obtained | None:
        """Ask once, unless there is what a killed create has left."""
        async with self.claims.turn(self.likeness):
            before = await self._listed()
            # Only what is there now can be left over: what comes later is made by another run, or left by it.
            young = younger_than(self.claims.unknown(before or []), self.operator.deadline.seconds)
            others = self._watch(young)
            await self._read(others)
            asked = None if others.open else await self._ask(before)
        if asked is None:
            left = await self._left(others)
            async with self.claims.turn(self.likeness):
                left = self.claims.unknown(left)
                if left:
                    return self._left_over(left)
                asked = await self._ask(await self._listed())
        return await self._find(asked) if isinstance(asked, _Lost) else asked

    def _watch(self, items: list[Json], factor: float = 1.0) -> Watch:
        watch = Watch(self.api, self.operator, self.claims, self.claims.unmanaged_seconds * factor)
        watch.add(items)
        return watch

    async def _alike(self) -> list[Json]:
        return await alike(self.api, self.planned, self.claims.user_id)

    async def _listed(self) -> list[Json] | None:
        """What is there of that likeness; None where it may not be known, which is a warning and no reason not to create."""
        try:
            return await self._alike()
        except Forbidden as error:
            if error.is_about_the_project:
                failed(self.found, self.head, error, NOTHING_CREATED)
                raise _Failed from error
            if self.planned["adopt_existing"] is True:
                failed(self.found, self.head, error, WITHOUT_LIST)
                raise _Failed from error
            unlisted(self.found, self.planned["name"], error)
            return None
        except ApiError as error:
            failed(self.found, self.head, error, UNLISTED if error.transient else NOTHING_CREATED)
            raise _Failed from error

    async def _read(self, others: Watch) -> None:
        try:
            await others.read()
        except Refused as refused:
            unknown_owner(self.found, self.planned["name"], others.items, refused)
            raise _Failed from refused

    async def _left(self, others: Watch) -> list[Json]:
        """Those of the instances that killed creates have left, once that is known."""
        if others.open:
            self.claims.log(
                f'The create of notebook "{self.planned["name"]}" waits: instances with its name, flavor and image exist '
                "that may still be created by another run",
                instances=sorted(others.open),
            )
        try:
            return await others.wait()
        except (Refused, DeadlineExceeded, CancelledByUser) as ended:
            unknown_owner(self.found, self.planned["name"], others.items, ended)
        raise _Failed

    def _left_over(self, left: list[Json]) -> Obtained | None:
        """What is done about instances that killed creates have left."""
        if self.planned["adopt_existing"] is True and len(left) == 1:
            self.claims.ids.add(left[0]["id"])
            return Obtained(left[0], adopted=True)
        leftover(self.found, self.planned["name"], left)
        return None

    async def _ask(self, before: list[Json] | None) -> Obtained | _Lost:
        """Send the request. Where its answer is lost, look for what is new before another create may ask."""
        self.operator.cancel.raise_if_set()
        try:
            made: Json = await self.api.create(create_body(self.planned))  # type: ignore[arg-type]  # built from the schema
        except ApiError as error:
            if not error.may_have_acted:
                failed(self.found, self.head, error, "Nothing was created.")
                raise _Failed from error
            lost = error
        else:
            words = self._names_no_new_one(made, before or [])
            if not words:
                self.claims.ids.add(made["id"])
                return Obtained(made)
            lost = MalformedAnswer(f"the request was accepted, and {words}", method="POST", path="/notebooks")
        if before is None:
            return _Lost(lost, None, self._watch([], ITS_OWN))
        there = frozenset(item["id"] for item in before)
        since = await self._look(there)
        self.claims.candidates |= {*since.open}
        return _Lost(lost, there, since)

    def _names_no_new_one(self, made: Json, before: list[Json]) -> str:
        """Why the answer can't be about the instance that was just made; empty where it can.

        A state with another one's id would have that changed, and destroyed in the end.
        """
        if not made.get("id"):
            return "no instance was named"
        if made["id"].lower() in {item["id"].lower() for item in before}:
            return f"the answer names {made['id']}, which was there before"
        if made.get("name") not in (None, "", self.planned["name"]):
            return f"the answer names {made['id']}, which has another name"
        return ""

    async def _look(self, before: frozenset[str]) -> Watch:
        """What has turned up since the request; nothing where a stop was asked for, or where nothing does for a while."""
        since = self._watch([], ITS_OWN)
        for seconds in islice(self.operator.pace.intervals(), LOOKS):
            try:
                with contextlib.suppress(ApiError, Refused):
                    since.add(await self._new(before))
                    await since.read()
                if since.open:
                    break
                await self.operator.pause(seconds)
            except (DeadlineExceeded, CancelledByUser):
                break
        return since

    async def _new(self, before: frozenset[str]) -> list[Json]:
        """What may have been made by the request: a list may lag behind, and lose items where others are deleted."""
        seconds = self.operator.deadline.seconds + CLOCKS_DIFFER_SECONDS
        new = [item for item in self.claims.unknown(await self._alike()) if item["id"] not in before]
        return [item for item in new if not is_older(item, seconds)]

    async def _find(self, lost: _Lost) -> Obtained | None:
        """After an answer that was lost: the instance that was not there before, where there is exactly one."""
        if lost.before is None or not lost.since.open:
            none = "" if lost.before is None else "No instance of that name has turned up since. "
            failed(self.found, self.head, lost.error, f"{none}{uncertain(self.planned['name'])}")
            return None
        known = {*lost.since.open}
        try:
            while True:
                left = await lost.since.wait()
                self.operator.cancel.raise_if_set()
                async with self.claims.turn(self.likeness):
                    late = await self._new(lost.before | known)
                    known |= {item["id"] for item in late}
                    self.claims.candidates |= known
                if not late:
                    break
                lost.since.add(late)
            return await self._one_of(left, lost.error)
        except (ApiError, Refused, DeadlineExceeded, CancelledByUser) as ended:
            not_found(self.found, self.planned["name"], lost.since.items, lost.error, ended)
        finally:
            self.claims.candidates -= known
        return None

    async def _one_of(self, left: list[Json], error: ApiError) -> Obtained | None:
        """The only instance that is left, unless another run takes it at the same moment."""
        if len(left) == 1:
            identifier = left[0]["id"]
            self.claims.ids.add(identifier)
            mine = False
            try:
                mine = await adopt_for_this_run(
                    operator_on(self.api, identifier, self.operator), self.claims, identifier
                )
            except BaseException:
                self.claims.ids.discard(identifier)
                raise
            if mine:
                return Obtained(left[0])
            left = []
        not_found(self.found, self.planned["name"], left, error, None)
        return None
