"""One accident and its recovery: what was there before it, hence what may be called and what has to be there after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.soak.invariants import Kind, Permitted, Violation
from tools.soak.notebooks import MAY_STOP, differences, fields, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tools.soak.invariants import FinalState
    from tools.soak.notebooks import Config
    from tools.soak.terraform import Known, Run

Json = dict[str, Any]


@dataclass
class Episode:
    """What was there when it began.

    Attributes:
        before: The instances behind the API, by id.
        known: The ids in the state, by resource.
        deletes: Ids that may be deleted; a recovery adds those that an accident has tainted.
        starts: Ids that may be started.
        stops: Ids that may be stopped.
        violations: Those found so far.
    """

    before: Mapping[str, Json]
    known: Mapping[str, str]
    deletes: set[str] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    stops: set[str] = field(default_factory=set)
    violations: list[Violation] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        configured: Mapping[str, Config],
        known: Mapping[str, Known],
        notebooks: Sequence[Json],
        hooks_known: frozenset[str],
    ) -> Episode:
        """Reads from configuration, state and reality what an apply may do."""
        there = {item["id"]: item for item in notebooks}
        episode = cls(there, {name: one.id for name, one in known.items()})
        for name, one in known.items():
            item, config = there.get(one.id), configured.get(name)
            if item is not None:
                episode._permit(item, config, hooks_known=name in hooks_known, tainted=one.tainted)
        return episode

    def _permit(self, item: Json, config: Config | None, *, hooks_known: bool, tainted: bool) -> None:
        identifier = item["id"]
        if item["status"] != "STOPPED":
            self.starts.add(identifier)
        if config is None or tainted:
            self.deletes.add(identifier)
            self.stops.add(identifier)
            return
        changing = fields(differences(config, item, hooks_known=hooks_known))
        if "workspace_id" in changing:
            self.deletes.add(identifier)
            self.stops.add(identifier)
        if (
            changing & MAY_STOP
            or config.get("desired_status") == "STOPPED"
            or (config.get("hooks") and not hooks_known)
        ):
            self.stops.add(identifier)
        if "size" in changing or config.get("desired_status") == "RUNNING" or marked(item):
            self.starts.add(identifier)

    def blame(self, run: Run) -> None:
        """Records a violation for each Terraform error that blames the provider."""
        self.violations += [Violation(Kind.BLAMED, f"{phrase}: {run.text[-1500:]}") for phrase in run.blames]

    def found(self, calls: Iterable[Json]) -> list[Violation]:
        """Lists the calls that nothing asked for, as violations."""
        permitted = Permitted(frozenset(self.deletes), frozenset(self.starts), frozenset(self.stops))
        return permitted.violations(calls, self.before)

    def powers(self, known: Mapping[str, str]) -> dict[str, str]:
        """The power state in which each instance has to be: the one that was found; a new one runs."""
        return {
            name: self.before[identifier]["status"] if identifier in self.before else "RUNNING"
            for name, identifier in known.items()
        }

    def leases(self, final_state: FinalState) -> Iterator[Violation]:
        """Lists auto-stops that aren't managed and didn't survive a restart by the provider, as violations."""
        by_id = {item["id"]: item for item in final_state.notebooks}
        for name, config in final_state.configured.items():
            identifier = final_state.known.get(name, "")
            was, now = self.before.get(identifier), by_id.get(identifier)
            if config.get("auto_stop") is not None or was is None or now is None:
                continue
            if was["status"] == now["status"] == "RUNNING" and _lease(was) != _lease(now):
                yield Violation(Kind.DIFFERENT, f"{name}: auto-stop was {_lease(was)}, and is {_lease(now)}")


def _lease(item: Json) -> tuple[Any, ...]:
    lease = item["behind"]["lease"]
    if not lease["enable"]:
        return ("off",)
    return (lease["type"], lease["requested"]) if lease["type"] == "IDLE" else (lease["type"],)
