"""The ``## Schema`` section of a registry page, in the layout that the registry's own generator writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from modelarts_provider.framework.render.words import sentences
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, Schema
from modelarts_provider.framework.schema.types import describe

_NESTINGS: Final = {
    Nesting.SINGLE: "Attributes",
    Nesting.LIST: "Attributes List",
    Nesting.SET: "Attributes Set",
    Nesting.MAP: "Attributes Map",
}
_GROUPS: Final = ("Required", "Optional", "Read-Only")


def schema_section(schema: Schema, *, changes: bool) -> str:
    """The section as Markdown.

    Args:
        schema: What to describe.
        changes: Whether to say what changing an attribute does; a provider block has nothing to change.
    """
    lines = ["## Schema", ""]
    for group, members in _grouped(schema.attributes):
        lines += [f"### {group}", "", *_items(members, (), changes=changes), ""]
    for path, attribute in _nested(schema.attributes, ()):
        lines += _nested_section(path, attribute, changes=changes)
    return "\n".join(lines).rstrip()


def _group(attribute: Attribute) -> str:
    if attribute.required:
        return "Required"
    return "Optional" if attribute.optional else "Read-Only"


def _grouped(attributes: Mapping[str, Attribute]) -> Iterator[tuple[str, dict[str, Attribute]]]:
    for group in _GROUPS:
        members = {name: attribute for name, attribute in sorted(attributes.items()) if _group(attribute) == group}
        if members:
            yield group, members


def _items(attributes: Mapping[str, Attribute], above: tuple[str, ...], *, changes: bool) -> Iterator[str]:
    for name, attribute in attributes.items():
        link = ""
        if isinstance(attribute.type, Nested):
            link = f" (see [below for nested schema](#{_anchor((*above, name))}))"
        yield f"- `{name}` ({_kind(attribute)}) {sentences(attribute, changes=changes)}{link}"


def _kind(attribute: Attribute) -> str:
    kind = _NESTINGS[attribute.type.nesting] if isinstance(attribute.type, Nested) else describe(attribute.type)
    flags = [
        word
        for word, flag in (
            ("Sensitive", attribute.sensitive),
            ("Deprecated", bool(attribute.deprecated)),
            ("Write-only", attribute.write_only),
        )
        if flag
    ]
    return ", ".join([kind, *flags])


def _anchor(path: tuple[str, ...]) -> str:
    return "--".join(("nestedatt", *path))


def _nested(
    attributes: Mapping[str, Attribute], above: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Attribute]]]:
    """Every nested attribute's path and members, each right after its parent, in the order of the lists."""
    for _, members in _grouped(attributes):
        for name, attribute in members.items():
            if isinstance(attribute.type, Nested):
                yield (*above, name), attribute.type.attributes
                yield from _nested(attribute.type.attributes, (*above, name))


def _nested_section(path: tuple[str, ...], members: Mapping[str, Attribute], *, changes: bool) -> Iterator[str]:
    yield f'<a id="{_anchor(path)}"></a>'
    yield f"### Nested Schema for `{'.'.join(path)}`"
    yield ""
    for group, grouped in _grouped(members):
        yield f"{group}:"
        yield ""
        yield from _items(grouped, path, changes=changes)
        yield ""
