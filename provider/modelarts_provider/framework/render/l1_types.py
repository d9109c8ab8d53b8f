"""The types of the generated constructs: what an argument accepts, what an attribute's reference is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelarts_provider.framework.render.names import check_key, member_name, pascal
from modelarts_provider.framework.render.source_text import docstring
from modelarts_provider.framework.render.words import sentences
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting
from modelarts_provider.framework.schema.types import ListOf, MapOf, Primitive, SetOf, Type

_READERS = {"string": ("str", "_string"), "number": ("float", "_number"), "bool": ("cdktf.IResolvable", "_boolean")}
_LIST_READERS = {"string": ("list[str]", "_strings"), "number": ("list[float]", "_numbers")}
_MAP_READERS = {"string": ("dict[str, str]", "_string_map"), "number": ("dict[str, float]", "_number_map")}
_ANYTHING = ("cdktf.IResolvable", "_anything")


def accepted(attribute: Attribute, class_name: str) -> str:
    """The annotation of an argument, without null; ``class_name`` is the TypedDict of a nested attribute's members."""
    if not isinstance(attribute.type, Nested):
        return _accepted_plain(attribute.type)
    match attribute.type.nesting:
        case Nesting.SINGLE:
            return f"{class_name} | Expression"
        case Nesting.MAP:
            return f"Mapping[str, {class_name}] | Expression"
        case Nesting.LIST | Nesting.SET:
            return f"Many[{class_name}] | Expression"


def _accepted_plain(kind: Type) -> str:
    match kind:
        case Primitive("bool"):
            return "Flag"
        case Primitive("number"):
            return "float"
        case Primitive():
            return "str"
        case ListOf(element) | SetOf(element):
            return f"Many[{_accepted_plain(element)}]"
        case MapOf(element):
            return f"Mapping[str, {_accepted_plain(element)}]"
        case _:
            return "Mapping[str, Any]"


def read(name: str, attribute: Attribute, class_name: str) -> tuple[str, str]:
    """The annotation and the expression of the property that refers to an attribute."""
    if isinstance(attribute.type, Nested):
        reference = f"{class_name}Reference"
        match attribute.type.nesting:
            case Nesting.SINGLE:
                return reference, f'{reference}(self._at("{name}"))'
            case Nesting.SET:
                return "SetReference", f'SetReference(self._at("{name}"))'
            case nesting:
                collection = f"{nesting.name.capitalize()}Reference"
                return f"{collection}[{reference}]", f'{collection}(self._at("{name}"), {reference})'
    annotation, reader = _reader(attribute.type)
    return annotation, f'self.{reader}("{name}")'


def _reader(kind: Type) -> tuple[str, str]:
    match kind:
        case Primitive(name):
            return _READERS[name]
        case ListOf(Primitive(name)) | SetOf(Primitive(name)):
            return _LIST_READERS.get(name, _ANYTHING)
        case MapOf(Primitive(name)):
            return _MAP_READERS.get(name, _ANYTHING)
        case _:
            return _ANYTHING


def nested_classes(
    attributes: Mapping[str, Attribute], above: str, *, references: bool = True, changes: bool = True
) -> Iterator[list[str]]:
    """The lines of every class that nested attributes need, each after those that it names."""
    for name, attribute in attributes.items():
        if not isinstance(attribute.type, Nested):
            continue
        here = f"{above}{pascal(name)}"
        yield from nested_classes(attribute.type.attributes, here, references=references, changes=changes)
        if attribute.configurable:
            yield _typed_dict(here, attribute, attribute.type.attributes, changes=changes)
        if references and attribute.type.nesting is not Nesting.SET:
            yield _reference(here, attribute, attribute.type.attributes)


def _typed_dict(here: str, attribute: Attribute, members: Mapping[str, Attribute], *, changes: bool) -> list[str]:
    lines = [f"class {here}(TypedDict):", *docstring(attribute.description, "    ", f"The members of ``{here}``.")]
    for name, member in members.items():
        if not member.configurable:
            continue
        check_key(name, here)
        kind = accepted(member, f"{here}{pascal(name)}")
        annotation = kind if member.required else f"NotRequired[{kind} | None]"
        lines += [
            "",
            f"    {name}: {annotation}",
            *docstring(sentences(member, changes=changes), "    ", f"The member ``{name}``."),
        ]
    return lines


def _reference(here: str, attribute: Attribute, members: Mapping[str, Attribute]) -> list[str]:
    lines = [f"class {here}Reference(Reference):", *docstring(attribute.description, "    ", f"What ``{here}`` holds.")]
    for name, member in members.items():
        lines += ["", *reference_property(name, member, here, member_name(name))]
    return lines


def reference_property(name: str, attribute: Attribute, above: str, python: str) -> list[str]:
    """The lines of the property that refers to an attribute."""
    annotation, expression = read(name, attribute, f"{above}{pascal(name)}")
    return [
        "    @property",
        f"    def {python}(self) -> {annotation}:",
        *docstring(attribute.description, "        ", f"The attribute ``{name}``."),
        f"        return {expression}",
    ]
