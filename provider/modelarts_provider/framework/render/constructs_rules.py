"""The schema's validators as the rules that a generated construct checks its arguments with."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelarts_provider.framework.render.source_text import WIDTH
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting
from modelarts_provider.framework.schema.validators import Validator

MODULE: Final = "_rules"
"""The module of the constructs that has a function for each kind of rule."""

_FUNCTIONS: Final = {
    "Length": "length",
    "Matches": "matches",
    "Without": "without",
    "OneOf": "one_of",
    "Between": "between",
    "Above": "above",
    "AtMost": "at_most",
    "Keys": "Keys",
    "Each": "Each",
    "NotReserved": "unreserved",
}
"""What stands there for each kind of validator, by the name of its class: some are a resource's, which this layer doesn't
import."""

_STEP: Final = "    "


def rules_constant(name: str, attributes: Mapping[str, Attribute]) -> list[str]:
    """The lines of a constant that holds every rule.

    Args:
        name: The constant's name.
        attributes: The schema's attributes by name.

    Raises:
        ValueError: the constructs have no function for a rule.
    """
    lines = [f"{name}: Final[Rules] = {{"]
    for path, attribute in _ruled(attributes, ""):
        lines.append(f'{_STEP}"{path}": [')
        for validator in _rules(attribute):
            lines += _call(path, validator, _STEP * 2)
        lines.append(f"{_STEP}],")
    return [*lines, "}"] if len(lines) > 1 else [f"{name}: Final[Rules] = {{}}"]


def _rules(attribute: Attribute) -> tuple[Validator, ...]:
    """What a new value must be: an element that exists already has other ways to be written (import, move)."""
    return (*attribute.validators, *attribute.new_value_validators)


def _ruled(attributes: Mapping[str, Attribute], above: str) -> Iterator[tuple[str, Attribute]]:
    """What has rules and can be written, by its path. An error would show a sensitive value: those are left out."""
    for name, attribute in attributes.items():
        path = f"{above}{name}"
        if not attribute.configurable or attribute.sensitive:
            continue
        if _rules(attribute):
            yield path, attribute
        if isinstance(attribute.type, Nested):
            below = f"{path}.*." if attribute.type.nesting is Nesting.MAP else f"{path}."
            yield from _ruled(attribute.type.attributes, below)


def _call(path: str, validator: Validator, indent: str) -> list[str]:
    """The lines of one rule: one where it fits, else each argument on its own, as the formatter leaves them."""
    line = f"{indent}{_in_line(path, validator)},"
    if len(line) <= WIDTH:
        return [line]
    name, arguments = _rule(path, validator)
    lines = [f"{indent}{MODULE}.{name}("]
    for argument in arguments:
        if isinstance(argument, str | int):
            lines.append(f"{indent}{_STEP}{_literal(argument)},")
        else:
            lines += _call(path, argument, indent + _STEP)
    return [*lines, f"{indent}),"]


def _in_line(path: str, validator: Validator) -> str:
    name, arguments = _rule(path, validator)
    written = (_literal(each) if isinstance(each, str | int) else _in_line(path, each) for each in arguments)
    return f"{MODULE}.{name}({', '.join(written)})"


def _rule(path: str, validator: Validator) -> tuple[str, list[str | int | Validator]]:
    """The function, and its arguments: the validator's fields in order, those of a tuple one by one."""
    kind = type(validator).__name__
    if kind not in _FUNCTIONS:
        msg = f"{path} has the rule {kind}, which the constructs don't know: add it to their _rules.py and to this list"
        raise ValueError(msg)
    declared: Any = validator
    given = (getattr(validator, field.name) for field in dataclasses.fields(declared))
    flat = (each if isinstance(each, tuple) else (each,) for each in given)
    return _FUNCTIONS[kind], [each for several in flat for each in several if each != ""]


def _literal(value: str | int) -> str:
    """A literal in the quotes that the formatter prefers: those that need no escape."""
    if isinstance(value, int):
        return str(value)
    quote = "'" if '"' in value and "'" not in value else '"'
    return quote + value.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
