"""Terraform's type system, as far as a provider's schema needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Primitive:
    """A string, a number or a bool."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """An ordered collection."""

    element: Type


@dataclass(frozen=True, slots=True)
class SetOf:
    """An unordered collection without duplicates."""

    element: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """Values by keys that the user chooses."""

    element: Type


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """Values by names that the schema fixes: pairs of (name, type), in order."""

    attributes: tuple[tuple[str, Type], ...]


Type: TypeAlias = Primitive | ListOf | SetOf | MapOf | ObjectOf

STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")


def to_json(kind: Type) -> Any:
    """The form that Terraform's schema messages carry: ``"string"``, ``["list", "string"]``, ``["object", {…}]``."""
    match kind:
        case Primitive(name):
            return name
        case ListOf(element):
            return ["list", to_json(element)]
        case SetOf(element):
            return ["set", to_json(element)]
        case MapOf(element):
            return ["map", to_json(element)]
        case ObjectOf(attributes):
            return ["object", {name: to_json(member) for name, member in attributes}]


def describe(kind: Type) -> str:
    """The words that registry pages use: "String", "Set of String", "Map of Number"."""
    match kind:
        case Primitive("bool"):
            return "Boolean"
        case Primitive(name):
            return name.capitalize()
        case ListOf(element):
            return f"List of {describe(element)}"
        case SetOf(element):
            return f"Set of {describe(element)}"
        case MapOf(element):
            return f"Map of {describe(element)}"
        case ObjectOf():
            return "Object"
