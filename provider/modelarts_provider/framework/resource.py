"""What a resource implements, as protocols over plain values.

Values are those of ``framework.schema.values``; private data is a JSON-ready dict that Terraform stores beside the state and hides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.attributes import Schema
from modelarts_provider.framework.schema.paths import Path
from modelarts_provider.framework.schema.values import Values

Private = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class PlanRequest:
    """A create (``prior`` None) or an update; ``planned`` comes from the generic passes of ``framework.planning``."""

    config: Values
    prior: Values | None
    planned: Values
    private: Private


@dataclass(slots=True, kw_only=True)
class PlanResponse:
    """The final plan: values, what else replaces (beside what the schema says), private data."""

    planned: Values
    requires_replace: tuple[Path, ...] = ()
    private: Private = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)


@dataclass(slots=True, kw_only=True)
class ReadRequest:
    """A refresh of what the state holds."""

    state: Values
    private: Private


@dataclass(slots=True, kw_only=True)
class ReadResponse:
    """``state`` None: it is gone. ``deferred``: the provider's settings aren't known yet."""

    state: Values | None
    private: Private = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    deferred: bool = False


@dataclass(slots=True, kw_only=True)
class ApplyRequest:
    """A create (``prior`` None), an update, or a delete (``planned`` None)."""

    config: Values | None
    prior: Values | None
    planned: Values | None
    private: Private


@dataclass(slots=True, kw_only=True)
class ApplyResponse:
    """The state after it, also after an error: what is returned here is all that Terraform will know."""

    state: Values | None
    private: Private = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)


@dataclass(slots=True, kw_only=True)
class ImportResponse:
    """A first state that holds at least what a read needs to find the thing."""

    state: Values | None
    private: Private = field(default_factory=dict)
    diagnostics: Diagnostics = field(default_factory=Diagnostics)


class Resource(Protocol):
    """One resource type. ``plan`` is pure: it runs again inside apply and must answer the same."""

    @property
    def type_name(self) -> str:
        """The full type, such as ``random_pet``."""

    @property
    def schema(self) -> Schema:
        """Its schema."""

    def validate(self, config: Values) -> Diagnostics:
        """Check rules across attributes; each attribute's own validators have run."""

    def plan(self, request: PlanRequest) -> PlanResponse:
        """Apply the resource's own rules to a planned create or update."""

    async def check_plan(self, request: PlanRequest, planned: Values) -> Diagnostics:
        """What only the service can tell about a plan without errors: more to say, and never another plan."""

    def plan_destroy(self, prior: Values, private: Private) -> Diagnostics:
        """Check a planned destroy."""

    async def read(self, request: ReadRequest) -> ReadResponse:
        """Refresh the state."""

    async def create(self, request: ApplyRequest) -> ApplyResponse:
        """Create it and return what the API then says."""

    async def update(self, request: ApplyRequest) -> ApplyResponse:
        """Update it in place and return what the API then says."""

    async def delete(self, request: ApplyRequest) -> ApplyResponse:
        """Delete it; a state of None in the answer says that it is gone."""

    async def import_state(self, identifier: str) -> ImportResponse:
        """Find what the user names."""
