"""The ``timeouts`` of a resource: how long its operations may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelarts_provider.framework.cancellation import Deadline
from modelarts_provider.framework.schema.attributes import LOCAL, Attribute, Nested, Nesting
from modelarts_provider.framework.schema.types import STRING
from modelarts_provider.framework.schema.validators import Duration, duration_seconds


def timeouts_attribute(defaults: Mapping[str, str]) -> Attribute:
    """The attribute of a resource whose operations have these timeouts, as durations, when unset."""

    def timeout(operation: str) -> Attribute:
        return Attribute(
            type=STRING,
            description=f"Longest {operation}, such as `90s` or `1h`; {defaults[operation]} when unset.",
            optional=True,
            change=LOCAL,
            validators=(Duration(),),
        )

    return Attribute(
        type=Nested(Nesting.SINGLE, {operation: timeout(operation) for operation in defaults}),
        description="How long operations may take, as durations such as `30m`.",
        optional=True,
        change=LOCAL,
    )


def deadline_of(values: Mapping[str, Any], operation: str, defaults: Mapping[str, str]) -> Deadline:
    """When an operation that begins now must have ended, by the values' ``timeouts`` or the defaults."""
    configured = (values.get("timeouts") or {}).get(operation)
    return Deadline.after(duration_seconds(configured or defaults[operation]))
