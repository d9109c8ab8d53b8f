"""Waiting until it is known whose an instance without the managed tag is, and taking one for this run.

A create sets the tag when it returns. So an instance without it is still being created by a living run, perhaps another
one's, or it is what a killed create has left: only time tells. Two runs may find the same one; one of them gets it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from modelarts_provider.api.errors import Forbidden
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.schema.values import Json
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.lifecycle.operate import PASSING, Sight
from modelarts_provider.lifecycle.power import GOING, TRANSITIONAL
from modelarts_provider.resources.notebook.service.instance import NotebookInstance
from modelarts_provider.resources.notebook.service.interruption import adopter_of, is_managed
from modelarts_provider.resources.notebook.service.known_instances import Claims, Unmanaged
from modelarts_provider.resources.notebook.service.observed import NotebookOperator, ObservedNotebook

CONTINUITY_SECONDS: Final = 60.0
"""Two reads further apart don't show that an instance rested in between."""

ROUNDING: Final = 0.001

OTHERS_CLAIM: Final = 6
"""The part of the wait after which a claim is read back: longer than a call of another run that has read before it."""


@dataclass(slots=True)
class Watch:
    """The instances that one create waits for.

    Attributes:
        api: The notebook API.
        operator: Brings the deadline, the cancel and the pace.
        claims: What the process knows; what it learns here, all its creates know.
        seconds: How long each has to rest without the tag.
        open: Those that aren't known to be another's, by id.
    """

    api: Notebooks
    operator: NotebookOperator
    claims: Claims
    seconds: float
    open: dict[str, Unmanaged] = field(default_factory=dict)
    _met: Refused | None = None

    def add(self, items: Iterable[Json]) -> None:
        """Wait for these as well."""
        for item in items:
            if not is_managed(item):
                known = self.claims.unmanaged.get(item["id"])
                each = known if known is not None and known.is_ours else Unmanaged(item)
                self.open[item["id"]] = self.claims.unmanaged[item["id"]] = each

    @property
    def items(self) -> list[Json]:
        """Those that aren't known to be another's, as they were read last."""
        return [each.item for each in self.open.values()]

    async def read(self, *, newer_than: float | None = None) -> None:
        """Read each once, unless another create of this process has just done so, and drop those that are another's.

        Args:
            newer_than: How old that other read may be, in seconds; None is the pace's first interval.

        Raises:
            Refused: One can't be read, for good.
            CancelledByUser: A stop was asked for.
        """
        age = self.operator.pace.first if newer_than is None else newer_than
        self._met = None
        for identifier, each in [*self.open.items()]:
            if identifier not in self.claims.ids:
                await self._read(identifier, each, age)
            if identifier in self.claims.ids or not each.is_ours:
                del self.open[identifier]

    async def wait(self) -> list[Json]:
        """Wait until each is known to be another's, or has rested for so long; those are left.

        Raises:
            Refused: One can't be read, for good. Reads that fail in passing are survived.
            DeadlineExceeded: The timeout of the create is over.
            CancelledByUser: A stop was asked for.
        """
        intervals, resting = self._intervals(), self._resting()
        await self.read()
        while any(each.rests_since is None or each.rested < self.seconds - ROUNDING for each in self.open.values()):
            if self._resting() != resting:  # its tag may follow at once
                intervals, resting = self._intervals(), self._resting()
            left = [self.seconds - each.rested for each in self.open.values() if each.rests_since is not None]
            pause = min([next(intervals), *(seconds for seconds in left if seconds > 0.0)])
            await self.operator.pause(pause, self._met)
            await self.read(newer_than=pause / 2)
        return self.items

    def _resting(self) -> set[str]:
        return {identifier for identifier, each in self.open.items() if each.rests_since is not None}

    def _intervals(self) -> Iterator[float]:
        """Those of the pace, but none so long that a rest is noticed late by a large part of the wait."""
        pace = self.operator.pace
        return (min(each, max(self.seconds / 3, pace.first)) for each in pace.intervals())

    async def _read(self, identifier: str, each: Unmanaged, age: float) -> None:
        now = self.operator.pace.monotonic()
        if each.being_read or (each.read_at is not None and now - each.read_at < age):
            return
        each.being_read = True
        try:
            seen = await operator_on(self.api, identifier, self.operator).look()
        except Refused as refused:
            if refused.kind is Refusal.GONE or isinstance(refused.cause, Forbidden):
                each.is_ours = False
            elif refused.kind not in PASSING:
                raise
            self._met = refused
        else:
            self._learn(identifier, each, seen)
        finally:
            each.being_read = False

    def _learn(self, identifier: str, each: Unmanaged, seen: ObservedNotebook) -> None:
        now, adopter = self.operator.pace.monotonic(), adopter_of(seen.api)
        unbroken = each.read_at is not None and now - each.read_at <= CONTINUITY_SECONDS and adopter == each.adopter
        if seen.status in TRANSITIONAL or seen.storage_pending:
            each.rests_since = None
        elif each.rests_since is None or not unbroken:
            each.rests_since = now
        each.item, each.read_at, each.adopter = seen.api, now, adopter
        each.is_ours = seen.status not in GOING
        if is_managed(seen.api):
            self.claims.ids.add(identifier)


def operator_on(api: Notebooks, notebook_id: str, operator: NotebookOperator) -> NotebookOperator:
    """An operator on one instance, with the deadline, the cancel and the pace of another."""
    return replace(operator, instance=NotebookInstance(api, notebook_id), sight=Sight())


async def adopt_for_this_run(operator: NotebookOperator, claims: Claims, notebook_id: str) -> bool:
    """Set the tag to say that this run adopts an instance that was waited for; False where another run has it.

    Two runs may do so at once. The one whose tag is there a moment later has it. One that is killed then leaves a tag that
    doesn't count as managed, so the next create finds the instance.

    Raises:
        Refused: The tag can't be set, or the instance can't be read.
        DeadlineExceeded: The timeout of the create is over.
        CancelledByUser: A stop was asked for.
    """
    instance, waited_for = operator.instance, claims.unmanaged.pop(notebook_id).adopter  # what follows changes it
    assert isinstance(instance, NotebookInstance)  # noqa: S101 - narrows the protocol to what can set this tag
    seen = operator.sight.seen if operator.sight.fresh and operator.sight.seen else await operator.look()
    if is_managed(seen.api) or adopter_of(seen.api) != waited_for:
        return False
    run = secrets.token_hex(4)
    await operator.write(instance.set_adopting(run))
    await operator.pause(claims.unmanaged_seconds / OTHERS_CLAIM)
    seen = await operator.wait_until(lambda _: True)
    return adopter_of(seen.api) == run
