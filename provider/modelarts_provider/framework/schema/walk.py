"""The one recursion over a schema and a value that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting
from modelarts_provider.framework.schema.paths import ROOT, Index, Key, Name, Path
from modelarts_provider.framework.schema.values import UNKNOWN


def walk(
    attributes: Mapping[str, Attribute], value: Mapping[str, Any], at: Path = ROOT
) -> Iterator[tuple[Path, Attribute, Any]]:
    """Yield (path, attribute, value) for every attribute, a nested one before its members.

    Members are visited where the nested value is known and not null. Members of a set have the set's own path, since
    Terraform cannot address an element of a set.
    """
    for name, attribute in attributes.items():
        here, item = at.name(name), value[name]
        yield here, attribute, item
        if isinstance(attribute.type, Nested):
            for below, element in elements(attribute.type, item, here):
                yield from walk(attribute.type.attributes, element, below)


def elements(nested: Nested, value: Any, at: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield (path, object) for every known, non-null object of a nested attribute's value."""
    if value is None or value is UNKNOWN:
        return
    match nested.nesting:
        case Nesting.SINGLE:
            pairs = [(at, value)]
        case Nesting.LIST:
            pairs = [(at.index(index), element) for index, element in enumerate(value)]
        case Nesting.SET:
            pairs = [(at, element) for element in value]
        case Nesting.MAP:
            pairs = [(at.key(key), element) for key, element in value.items()]
    for where, element in pairs:
        if element is not None and element is not UNKNOWN:
            yield where, element


def value_at(value: Any, path: Path) -> Any:
    """The value at a path; null or unknown where a step leads through null or unknown, null through a set's elements."""
    for step in path:
        if value is None or value is UNKNOWN:
            return value
        match step:
            case Name(name) | Key(name):
                value = value.get(name) if isinstance(value, dict) else None
            case Index(index):
                value = value[index] if index < len(value) else None
    return value
