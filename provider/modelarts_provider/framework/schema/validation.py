"""Checks before any call, with the attribute's path: of a configuration, and of what a plan would send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, Schema
from modelarts_provider.framework.schema.paths import Path
from modelarts_provider.framework.schema.types import MapOf
from modelarts_provider.framework.schema.validators import Each, Keys, Validator
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.framework.schema.walk import value_at, walk

MAY_STAY: Final = "A value that exists already may stay as it is; a new one must follow the rule."


def validate(schema: Schema, config: dict[str, Any], *, reported: bool = False) -> Diagnostics:
    """Run every validator on every known, non-null value. Null is an error where a value is required.

    The path is repeated in the text: Terraform shows a path into a collection at the resource's header only.

    Args:
        schema: What to check against.
        config: The configuration, or values that also hold what the service reports.
        reported: Whether they do.
    """
    found = Diagnostics()
    for at, attribute, value in walk(schema.attributes, config):
        if value is None:
            if attribute.required:
                found.error(f"Missing value for {at}", f"{at} is required, and is null. Give it a value.", at)
            continue
        if not attribute.configurable:
            if not reported:
                found.error(
                    f"{at} can't be configured",
                    f"{at} is what the service says of it, and can't be chosen. Remove it from the configuration.",
                    at,
                )
            continue
        if value is not UNKNOWN:
            found.extend(_check(attribute, value, at))
    return found


def _check(attribute: Attribute, value: Any, at: Path) -> Diagnostics:
    """What is wrong with, or to be said of, a known value that isn't null."""
    found = Diagnostics()
    nulls = list(_nulls(attribute, value, at))
    for where in nulls:
        what = "has an element that is null" if where == at else "is null"
        found.error(f"Invalid value for {where}", f"{where} {what}. Leave it out, or give it a value.", where)
    if nulls:
        return found
    if attribute.deprecated:
        found.warning(f"{at} is deprecated", attribute.deprecated, at)
    for where, problem in _problems(attribute.validators, value, at):
        found.error(f"Invalid value for {where}", f"{where} {problem}.", where)
    for where, problem in _problems(attribute.advice, value, at):
        # Of equal summaries Terraform shows one and counts the others: nothing of one instance is in it.
        found.warning(f"Unusual value for {at.pattern}", f"{where} {problem}.", where)
    return found


def validate_new_values(
    schema: Schema, prior: dict[str, Any] | None, planned: dict[str, Any], way_out: str = ""
) -> Diagnostics:
    """Run the rules for new values on what a plan would send; what is unknown is checked once it is known.

    Args:
        schema: What to check against.
        prior: The prior state; None of a create or a replacement, which sends everything.
        planned: The planned state.
        way_out: A sentence for the end of each error.
    """
    found = Diagnostics()
    if prior == planned:  # most plans
        return found
    for at, attribute, value in walk(schema.attributes, planned):
        before = None if prior is None else value_at(prior, at)
        if value is None or value is UNKNOWN or (before is not None and attribute.same(before, value)):
            continue
        for validator in attribute.new_value_validators:
            for where, problem in _problems((validator,), _new_part(validator, before, value), at):
                sentences = (f"{where} {problem}.", "" if prior is None else MAY_STAY, way_out)
                found.error(f"Invalid value for {where}", " ".join(filter(None, sentences)), where)
    return found


def _new_part(validator: Validator, before: Any, value: Any) -> Any:
    """What a rule for keys or elements has to look at: those that aren't there yet as they are planned."""
    if before is None or not isinstance(validator, Each | Keys):
        return value
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if key not in before or before[key] != item}
    return [item for item in value if item not in before]


def _problems(validators: Iterable[Validator], value: Any, at: Path) -> Iterator[tuple[Path, str]]:
    for validator in validators:
        for below, problem in validator.check(value):
            yield Path((*at.steps, *below.steps)), problem


def _nulls(attribute: Attribute, value: Any, at: Path) -> Iterator[Path]:
    """The places of nulls in a collection; a null member of an object is an attribute that isn't set."""
    if isinstance(value, list):
        yield from (at for element in value if element is None)
    elif isinstance(attribute.type, MapOf) or (
        isinstance(attribute.type, Nested) and attribute.type.nesting is Nesting.MAP
    ):
        yield from (at.key(key) for key, element in value.items() if element is None)
