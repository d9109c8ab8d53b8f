"""Forms of one value: null, an empty string and an empty collection can mean the same to a service.

A state that switched among them would show users a difference that isn't one, or break Terraform's rule that apply
returns what was planned. So a fresh value takes the form that the prior state or the plan has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting
from modelarts_provider.framework.schema.paths import ROOT, Path
from modelarts_provider.framework.schema.values import UNKNOWN, Values, is_fully_known


def without_unknown(value: Any) -> Any:
    """The value with everything unknown replaced by null."""
    if value is UNKNOWN:
        return None
    if isinstance(value, dict):
        return {key: without_unknown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_unknown(item) for item in value]
    return value


def fill_unknown(planned: Any, actual: Any) -> Any:
    """The planned value, with the actual one wherever it is unknown: what Terraform demands of an apply that succeeds."""
    if planned is UNKNOWN:
        return actual
    if isinstance(planned, dict):
        known = actual if isinstance(actual, dict) else {}
        return {key: fill_unknown(item, known.get(key)) for key, item in planned.items()}
    return planned if is_fully_known(planned) else actual


def keep_forms(attributes: Mapping[str, Attribute], before: Values | None, fresh: Values) -> Values:
    """``fresh`` with each value in the form that ``before`` has, wherever both mean the same."""
    if before is None:
        return fresh
    return {name: _form(attribute, before[name], fresh[name]) for name, attribute in attributes.items()}


def _form(attribute: Attribute, before: Any, fresh: Any) -> Any:
    if attribute.same(before, fresh):
        return before
    if not isinstance(attribute.type, Nested) or before is None or fresh is None:
        return fresh
    members = attribute.type.attributes
    if attribute.type.nesting is Nesting.SINGLE:
        return keep_forms(members, before, fresh)
    if attribute.type.nesting is Nesting.MAP:
        return {key: keep_forms(members, before.get(key), item) for key, item in fresh.items()}
    return fresh


def not_applied(
    attributes: Mapping[str, Attribute], planned: Values | None, actual: Values | None, at: Path = ROOT
) -> Iterator[Path]:
    """Yield the paths of configurable attributes whose known planned value isn't the actual one."""
    for name, attribute in attributes.items():
        wanted = None if planned is None else planned[name]
        found = None if actual is None else actual[name]
        here = at.name(name)
        if not attribute.configurable or wanted is UNKNOWN or attribute.same(wanted, found):
            continue
        nested = attribute.type if isinstance(attribute.type, Nested) else None
        if nested is None or wanted is None or found is None:
            yield here
        elif nested.nesting is Nesting.SINGLE:
            yield from not_applied(nested.attributes, wanted, found, here)
        elif nested.nesting is Nesting.MAP:
            for key in sorted({*wanted, *found}):
                if key in wanted and key in found:
                    yield from not_applied(nested.attributes, wanted[key], found[key], here.key(key))
                else:
                    yield here.key(key)
        else:
            yield here
