"""The notebook API in memory, as far as creating, deleting and finding notebooks call it, with answers that a test sets.

Nothing waits: times are the test's own. An answer is a value, an error to raise, or a function of the service.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from modelarts_provider.api import errors
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.lifecycle.instance import PollIntervals
from modelarts_provider.lifecycle.operate import Operator, Sight
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.instance import NotebookInstance

Json = dict[str, Any]

LOST = errors.ConnectionFailed("cut", reason="reset", may_have_acted=True)
REFUSED = errors.InvalidRequest("no", status=400, code="ModelArts.6336")
FORBIDDEN = errors.Forbidden("no", status=403, code="ModelArts.0112")
UNAVAILABLE = errors.ServerError("no", status=503)
BUSY = errors.Busy("busy", status=400, code="ModelArts.6357")
STOP_FIRST = errors.WrongState("stop it first", status=400, code="ModelArts.6304")
GONE = errors.NotFound("no such instance", status=400, code="ModelArts.6309")


def now() -> int:
    """This moment in milliseconds, as the API counts."""
    return round(time.time() * 1000)


def notebook(identifier: str, *, age: float = 1.0, signed: bool = False, **more: Any) -> Json:
    """A notebook of the usual name, flavor and image, made ``age`` seconds ago."""
    made = round(now() - age * 1000)
    return {
        "id": identifier,
        "name": "nb",
        "status": "RUNNING",
        "flavor": "modelarts.vm.cpu.2u",
        "image": {"id": "e1a07296-22a8-4f05-8bc8-e936c8e54090"},
        "create_at": made,
        "lease": {"create_at": made, "duration": 3_600_000, "enable": True, "type": "TIMING", "update_at": made},
        "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 10},
        "tags": [{"key": MARK, "value": "managed"}] if signed else [],
        **more,
    }


@dataclass
class Service:
    """The API. ``items`` is what is there; ``calls`` are the operations called; ``answers`` replaces those of each in turn.

    An answer that is an error is raised, a function is called with the service before the usual answer, and None is the
    usual answer. ``lists`` holds for each listing to come the ids that it leaves out, ``made`` what a create makes of an
    instance.
    """

    items: list[Json] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    lists: list[set[str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    made: Json = field(default_factory=dict)
    waits: int = 0
    slept: float = 0.0

    async def _answered(self, operation: str) -> None:
        self.calls.append(operation)
        await asyncio.sleep(0)
        scripted = self.answers.get(operation) or [None]
        answer = scripted.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            made = answer(self)
            if asyncio.iscoroutine(made):
                await made

    async def list(self, **filters: str | None) -> AsyncIterator[Json]:
        left_out = self.lists.pop(0) if self.lists else set()
        await self._answered("list")
        for item in [each for each in self.items if str(filters["name"]) in each["name"]]:
            if item["id"] not in left_out and item.get("workspace_id", "0") == (filters.get("workspace_id") or "0"):
                yield item

    async def show(self, identifier: str) -> Json:
        await self._answered("show")
        return self._item(identifier)

    async def create(self, body: Mapping[str, Any]) -> Json:
        await self._answered("create")
        return self.make(**{"identifier": f"made-{len(self.items)}", "name": body["name"], **self.made})

    async def delete(self, identifier: str) -> None:
        await self._answered("delete")
        self._item(identifier)["status"] = "DELETING"

    async def stop(self, identifier: str) -> None:
        await self._answered("stop")
        self._item(identifier)["status"] = "STOPPED"

    async def start(self, identifier: str, duration: int | None = None, kind: str | None = None) -> None:
        await self._answered("start")
        item = self._item(identifier)
        lease = {"duration": duration or 3_600_000, "enable": duration != -1, "type": kind or "TIMING"}
        item |= {"status": "RUNNING", "lease": {**item["lease"], **lease}}

    async def update(self, identifier: str, body: Mapping[str, Any]) -> None:
        await self._answered("update")
        self._item(identifier).update(body)

    async def renew_lease(self, identifier: str, duration: int, kind: str | None = None) -> None:
        await self._answered("renew_lease")
        item = self._item(identifier)
        item["lease"] = {**item["lease"], "duration": duration, "enable": duration != -1, "type": kind or "TIMING"}

    async def create_tags(self, identifier: str, tags: Sequence[Mapping[str, str]]) -> None:
        await self._answered("create_tags")
        item = self._item(identifier)
        keys = {tag["key"] for tag in tags}
        item["tags"] = [tag for tag in item["tags"] if tag["key"] not in keys] + [dict(tag) for tag in tags]

    async def delete_tags(self, identifier: str, tags: Sequence[Mapping[str, str]]) -> None:
        await self._answered("delete_tags")
        item = self._item(identifier)
        item["tags"] = [tag for tag in item["tags"] if tag["key"] not in {gone["key"] for gone in tags}]

    def make(self, identifier: str, **more: Any) -> Json:
        item = notebook(identifier, age=0.0, **more)
        self.items.insert(0, item)
        return item

    def drop(self) -> None:
        self.items.clear()

    def _item(self, identifier: str) -> Json:
        found = next((item for item in self.items if item["id"] == identifier), None)
        if found is None:
            raise GONE
        return found

    @property
    def api(self) -> Notebooks:
        """As the resource takes it."""
        return cast("Notebooks", self)

    def operator(
        self, identifier: str = "", *, cancel: Cancel | None = None, seconds: float = 1800.0, most_looks: int = 50
    ) -> Operator:
        """An operator on one notebook whose waits take no time; after ``most_looks`` of them its deadline is over.

        Its clock shows the seconds that were slept, whoever slept them.
        """
        clock = itertools.count()

        async def sleep(pause: float) -> None:
            self.waits = next(clock)
            asleep_until = self.slept + pause
            await asyncio.sleep(0)
            self.slept = max(self.slept, asleep_until)

        def monotonic() -> float:
            return seconds + 1.0 if self.waits >= most_looks else self.slept

        pace = PollIntervals(sleep=sleep, monotonic=monotonic, jitter=lambda: 1.0)
        instance = NotebookInstance(self.api, identifier)
        return Operator(instance, pace, pace.deadline(seconds), cancel or Cancel(), Sight())


def after(*effects: Callable[[Service], Any], error: Exception | None = None) -> Callable[[Service], None]:
    """An answer that comes after these effects, and is lost with the error where there is one."""

    def answer(service: Service) -> None:
        for effect in effects:
            effect(service)
        if error is not None:
            raise error

    return answer
