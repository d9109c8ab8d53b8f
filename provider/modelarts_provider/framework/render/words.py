"""What the schema says about an attribute, in sentences that the registry pages and the constructs share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from modelarts_provider.framework.schema.attributes import Attribute, ChangeKind, Nested
from modelarts_provider.framework.schema.validators import Each, Keys, Validator

_CHANGES = {
    ChangeKind.LOCAL: "A change makes no call.",
    ChangeKind.IN_PLACE: "Changes in place.",
    ChangeKind.REPLACE: "A change replaces the instance.",
}


def sentences(attribute: Attribute, *, changes: bool = True) -> str:
    """The description, what is allowed, the default, and what a change does.

    Args:
        attribute: The attribute to describe.
        changes: Whether to say what a change does; a provider block has nothing to change.
    """
    parts = [attribute.description]
    if attribute.deprecated:
        parts.append(f"Deprecated: {attribute.deprecated}")
    parts += _rules(attribute.validators, ("Must", "Each key must", "Each element must"))
    parts += _rules(attribute.new_value_validators, ("A new value must", "Each new key must", "Each new element must"))
    parts += _rules(attribute.advice, ("Should", "Each key should", "Each element should"))
    if attribute.default is not None:
        parts.append(f"Default: `{attribute.default}`.")
    if changes and attribute.configurable:
        parts.append(_change(attribute))
    return " ".join(part for part in parts if part)


def _rules(validators: Iterable[Validator], subjects: tuple[str, str, str]) -> Iterator[str]:
    """A sentence each for the rules of the value, of its keys and of its elements."""
    whole, key, element = subjects
    said: dict[str, list[str]] = {whole: [], key: [], element: []}
    for validator in validators:
        match validator:
            case Keys(rule):
                said[key].append(rule.describe())
            case Each(rule):
                said[element].append(rule.describe())
            case rule:
                said[whole].append(rule.describe())
    for subject, rules in said.items():
        if rules:
            yield f"{subject} {' and '.join(rules)}."


def _change(attribute: Attribute) -> str:
    kinds = set(_kinds(attribute))
    if len(kinds) == 1:
        return _CHANGES.get(kinds.pop(), "")
    return "Some members change in place, others replace the instance: see each." if kinds else ""


def _kinds(attribute: Attribute) -> Iterator[ChangeKind]:
    if not isinstance(attribute.type, Nested):
        yield attribute.change.kind
        return
    for member in attribute.type.attributes.values():
        if member.configurable:
            yield from _kinds(member)
