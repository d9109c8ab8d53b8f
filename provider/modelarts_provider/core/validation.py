"""Checks of a configuration before any call: each attribute's validators, with the attribute's path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.paths import Path
from modelarts_provider.core.schema import Attribute, Nested, Nesting, Schema
from modelarts_provider.core.types import MapOf
from modelarts_provider.core.values import UNKNOWN
from modelarts_provider.core.walk import walk


def validate(schema: Schema, config: dict[str, Any]) -> Diagnostics:
    """Run every validator on every known, non-null value.

    The path is repeated in the text: Terraform shows a path into a collection at the resource's header only.
    """
    found = Diagnostics()
    for at, attribute, value in walk(schema.attributes, config):
        if value is None:
            continue
        if not attribute.configurable:
            found.error(
                f"{at} can't be configured",
                f"{at} is what the service says of it, and can't be chosen. Remove it from the configuration.",
                at,
            )
            continue
        if value is UNKNOWN:
            continue
        nulls = list(_nulls(attribute, value, at))
        for where in nulls:
            what = "has an element that is null" if where == at else "is null"
            found.error(f"Invalid value for {where}", f"{where} {what}. Leave it out, or give it a value.", where)
        if nulls:
            continue
        if attribute.deprecated:
            found.warning(f"{at} is deprecated", attribute.deprecated, at)
        for validator in attribute.validators:
            for below, problem in validator.check(value):
                where = Path((*at.steps, *below.steps))
                found.error(f"Invalid value for {where}", f"{where} {problem}.", where)
    return found


def _nulls(attribute: Attribute, value: Any, at: Path) -> Iterator[Path]:
    """The places of nulls in a collection; a null member of an object is an attribute that isn't set."""
    if isinstance(value, list):
        yield from (at for element in value if element is None)
    elif isinstance(attribute.type, MapOf) or (
        isinstance(attribute.type, Nested) and attribute.type.nesting is Nesting.MAP
    ):
        yield from (at.key(key) for key, element in value.items() if element is None)
