"""A small Terraform core: drives the transport-free servicer, bytes in and bytes out, and enforces core's rules.

One resource at a time, one provider process for everything (core starts several, which no rule depends on).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from terraform_rules import incompatible, invalid_plan, proposed_new, value_at
from terraform_values import Attr, complete, object_kind, pack, read_schema, same, to_json, unpack, wholly_known

from modelarts_provider.framework.protocol import codec

Dispatch = Callable[[str, bytes], Awaitable[bytes]]
Values = dict[str, Any]
ERROR, WARNING = 1, 2


class ProviderBug(AssertionError):
    """What Terraform would call a bug in the provider."""


class Failed(Exception):
    """The provider answered errors. ``state`` is what Terraform would save."""

    def __init__(self, call: str, diagnostics: list[dict[str, Any]], state: State | None = None) -> None:
        self.diagnostics = [each for each in diagnostics if each["severity"] == ERROR]
        self.call = call
        self.state = state
        super().__init__(f"{call}: " + "; ".join(f"{each['summary']}: {each['detail']}" for each in self.diagnostics))


@dataclass(frozen=True)
class State:
    """What Terraform keeps of a resource: the values, as JSON between commands, and the provider's private data."""

    values: Values
    private: bytes = b""


@dataclass(frozen=True)
class Plan:
    """A planned change. ``action``: create, update, replace, delete or no-op."""

    action: str
    prior: State | None
    config: Values | None
    planned: Values | None
    private: bytes
    replacing: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = field(default=())


class TerraformCore:
    """Terraform's part of validate, plan, apply, refresh and import for one resource type."""

    def __init__(self, dispatch: Dispatch, type_name: str, attributes: dict[str, Attr]) -> None:
        self._dispatch = dispatch
        self._type = type_name
        self.attributes = attributes
        self.kind = object_kind(attributes)

    @classmethod
    async def start(cls, dispatch: Dispatch, type_name: str, provider: Values) -> TerraformCore:
        """Read the schema and configure the provider."""
        answer = await _call(dispatch, "GetProviderSchema", {})
        block = read_schema(answer["provider"]["block"]["attributes"])
        config = {"terraform_version": "1.11.4", "config": pack(object_kind(block), complete(block, provider))}
        await _call(dispatch, "ValidateProviderConfig", {"config": config["config"]})
        await _call(dispatch, "ConfigureProvider", config)
        schema = answer["resource_schemas"][type_name]["block"]["attributes"]
        return cls(dispatch, type_name, read_schema(schema))

    async def validate(self, config: Values) -> list[dict[str, Any]]:
        """Terraform's validate of a configuration; returns warnings.

        Raises:
            Failed: with the errors.
        """
        config = complete(self.attributes, config)
        answer = await self._call("ValidateResourceConfig", {"config": pack(self.kind, config)})
        return list(answer["diagnostics"])

    async def plan(self, state: State | None, config: Values | None) -> Plan:
        """Plan, twice, as the plan runs again inside apply; checks that it is valid and the same."""
        first = await self._plan(state, config)
        again = await self._plan(state, config)
        if (first.action, first.replacing) != (again.action, again.replacing) or not same(first.planned, again.planned):
            raise ProviderBug(f"a second plan differs: {first} and {again}")
        return first

    async def _plan(self, state: State | None, config: Values | None) -> Plan:
        if config is None:
            assert state is not None
            answer = await self._ask_plan(state.values, None, None, state.private)
            return Plan("delete", state, None, None, answer["planned_private"])
        config = complete(self.attributes, config)
        await self.validate(config)
        prior = state.values if state else None
        planned, answer = await self._planned(prior, config, state.private if state else b"")
        warnings = _texts(answer)
        if prior is None:
            return Plan("create", None, config, planned, answer["planned_private"], (), warnings)
        replacing = self._replacing(prior, planned, answer["requires_replace"])
        if replacing:
            planned, answer = await self._planned(None, config, answer["planned_private"])
            warnings += tuple(each for each in _texts(answer) if each not in warnings)
            return Plan("replace", state, config, planned, answer["planned_private"], replacing, warnings)
        action = "no-op" if same(prior, planned) else "update"
        return Plan(action, state, config, planned, answer["planned_private"], (), warnings)

    async def _planned(self, prior: Values | None, config: Values, private: bytes) -> tuple[Values, dict[str, Any]]:
        proposed = proposed_new(self.attributes, prior, config)
        answer = await self._ask_plan(prior, proposed, config, private)
        planned = unpack(self.kind, answer["planned_state"])
        if planned is None:
            raise ProviderBug("planned for absence")
        problems = list(invalid_plan(self.attributes, prior, config, planned))
        if problems:
            raise ProviderBug(f"Provider produced invalid plan: {problems}")
        return planned, answer

    async def _ask_plan(
        self, prior: Values | None, proposed: Values | None, config: Values | None, private: bytes
    ) -> dict[str, Any]:
        request = {
            "prior_state": pack(self.kind, prior),
            "proposed_new_state": pack(self.kind, proposed),
            "config": pack(self.kind, config),
            "prior_private": private,
        }
        return await self._call("PlanResourceChange", request)

    def _replacing(self, prior: Values, planned: Values, paths: list[dict[str, Any]]) -> tuple[str, ...]:
        """Those of the paths that really change: core ignores the others."""
        return tuple(
            _text(path["steps"])
            for path in paths
            if not same(old := value_at(prior, path["steps"]), new := value_at(planned, path["steps"]))
            or not (wholly_known(old) and wholly_known(new))
        )

    async def apply(self, plan: Plan, config: Values | None = None) -> State | None:
        """Apply a plan; ``config`` is what is known then, where the plan's had unknown values."""
        final = plan.config if config is None else complete(self.attributes, config)
        if plan.action == "no-op":
            return plan.prior
        prior, private = plan.prior, plan.private
        if plan.action in ("delete", "replace"):
            assert prior is not None
            gone = await self._apply(prior.values, None, None, private)
            if gone is not None:
                raise ProviderBug("destroyed, but still in state")
            if plan.action == "delete":
                return None
            prior = None
        assert final is not None
        again = await self._plan(prior, final)
        allowed = {"update": ("update", "no-op"), "create": ("create",), "replace": ("create",)}[plan.action]
        problems = list(incompatible(self.kind, plan.planned, again.planned))
        if again.action not in allowed or problems:
            raise ProviderBug(f"Provider produced inconsistent final plan: {plan.action}, {again.action}, {problems}")
        if again.action == "no-op":
            return prior
        return await self._apply(prior.values if prior else None, again.planned, final, again.private)

    async def _apply(
        self, prior: Values | None, planned: Values | None, config: Values | None, private: bytes
    ) -> State | None:
        request = {
            "prior_state": pack(self.kind, prior),
            "planned_state": pack(self.kind, planned),
            "config": pack(self.kind, config),
            "planned_private": private,
        }
        answer = await _raw(self._dispatch, "ApplyResourceChange", {"type_name": self._type, **request})
        values = unpack(self.kind, answer["new_state"])
        state = None if values is None else State(values, answer["private"])
        if values is not None and not wholly_known(values):
            raise ProviderBug(f"unknown values after apply: {values}")
        if any(each["severity"] == ERROR for each in answer["diagnostics"]):
            raise Failed("ApplyResourceChange", answer["diagnostics"], state)
        if planned is not None:
            problems = ["there is no state"] if values is None else list(incompatible(self.kind, planned, values))
            if problems:
                raise ProviderBug(f"Provider produced inconsistent result after apply: {problems}")
        return state

    async def refresh(self, state: State) -> State | None:
        """Store the state as JSON, upgrade it, and read."""
        values = await self.upgrade(to_json(state.values))
        if not same(values, state.values):
            raise ProviderBug(f"the stored state came back as another: {state.values} and {values}")
        answer = await self.read(State(values, state.private))
        fresh = unpack(self.kind, answer["new_state"])
        return None if fresh is None else State(fresh, answer["private"])

    async def read(self, state: State) -> dict[str, Any]:
        """The answer of ReadResource, warnings included."""
        request = {"current_state": pack(self.kind, state.values), "private": state.private}
        return await self._call("ReadResource", request)

    async def upgrade(self, document: bytes, version: int = 0) -> Values:
        answer = await self._call("UpgradeResourceState", {"version": version, "raw_state": {"json": document}})
        upgraded: Values = unpack(self.kind, answer["upgraded_state"])
        if not wholly_known(upgraded):
            raise ProviderBug("an upgraded state has unknown values")
        return upgraded

    async def import_(self, identifier: str) -> State:
        """Import and read, as `terraform import` does."""
        answer = await self._call("ImportResourceState", {"id": identifier})
        (imported,) = answer["imported_resources"]
        state = await self.refresh(State(unpack(self.kind, imported["state"]), imported["private"]))
        if state is None:
            raise ProviderBug("imported, but it can't be read")
        return state

    async def converge(self, state: State | None, config: Values) -> tuple[Plan, State]:
        """Plan, apply, refresh, plan again: nothing may be left to do."""
        plan = await self.plan(state, config)
        made = await self.apply(plan)
        assert made is not None
        fresh = await self.refresh(made)
        assert fresh is not None, "it is gone after the apply"
        left = await self.plan(fresh, config)
        if left.action != "no-op":
            changed = [name for name in fresh.values if not same(fresh.values[name], (left.planned or {})[name])]
            raise ProviderBug(f"a second plan wants to {left.action} {changed} {left.replacing}")
        return plan, fresh

    async def _call(self, method: str, request: dict[str, Any]) -> dict[str, Any]:
        return await _call(self._dispatch, method, {"type_name": self._type, **request})


async def _call(dispatch: Dispatch, method: str, request: dict[str, Any]) -> dict[str, Any]:
    answer = await _raw(dispatch, method, request)
    if any(each["severity"] == ERROR for each in answer["diagnostics"]):
        raise Failed(method, answer["diagnostics"])
    return answer


async def _raw(dispatch: Dispatch, method: str, request: dict[str, Any]) -> dict[str, Any]:
    data = await dispatch(method, codec.encode(f"{method}.Request", request))
    return codec.decode(f"{method}.Response", data)


def _texts(answer: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((each["summary"], each["detail"]) for each in answer["diagnostics"])


def _text(steps: list[dict[str, Any]]) -> str:
    return ".".join(str(next(value for value in step.values() if value is not None)) for step in steps)
