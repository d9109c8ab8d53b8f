"""Whether plain values are within the ranges and patterns that the schema has for a provider block.

A resource has a friendly layer above it, which says them; a provider block has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import AfterValidator

from modelarts_constructs._plain import member
from modelarts_constructs._rules import Each, Keys
from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import shown

Rules: TypeAlias = Mapping[str, Sequence[AfterValidator | Keys | Each]]
"""The rules of each attribute by its path: ``assume_role.duration`` is a member of each element of a list."""


def out_of_range(rules: Rules, written: Mapping[str, Any]) -> str:
    """The first value that a rule forbids, with what is allowed; empty where there is none.

    Values that are only known during the apply pass, and so does text that holds an expression.

    Args:
        rules: The rules by path; no value is shown, and sensitive attributes have none.
        written: Plain values by the attributes' names in Terraform, of the right shape.
    """
    for path, of_path in rules.items():
        for at, value in _values(written, path.split("."), ""):
            for rule in of_path:
                for problem in _problems(at, value, rule):
                    return problem
    return ""


def _values(value: Any, steps: list[str], at: str) -> Iterator[tuple[str, Any]]:
    """The values at a path, each with its place."""
    if value is None or _is_open(value):
        return
    if isinstance(value, list) and steps:
        for index, element in enumerate(value):
            yield from _values(element, steps, f"{at}[{index}]")
    elif not steps:
        yield at, value
    else:
        names = value if steps[0] == "*" else (steps[0],)
        for name in names:
            yield from _values(value.get(name), steps[1:], f"{at}{member(name)}".lstrip("."))


def _problems(at: str, value: Any, rule: AfterValidator | Keys | Each) -> Iterator[str]:
    match rule:
        case Keys(of_keys):
            for key in value:
                if words := _broken(of_keys, key):
                    yield f"{at} has the key {shown(key)}: {words}"
        case Each(of_each):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, element in pairs:
                if words := _broken(of_each, element):
                    place = f"{at}[{key}]" if isinstance(key, int) else f"{at}{member(key)}"
                    yield f"{place} {words}"
        case _:
            if words := _broken(rule, value):
                yield f"{at} {words}"


def _broken(rule: AfterValidator, value: Any) -> str:
    if _is_open(value):
        return ""
    check: Any = rule.func
    try:
        check(value)
    except ValueError as error:
        return str(error)
    return ""


def _is_open(value: Any) -> bool:
    """Whether Terraform will make another value of it: text of a generated class is a template."""
    return is_token(value) or (isinstance(value, str) and ("${" in value or "%{" in value))
