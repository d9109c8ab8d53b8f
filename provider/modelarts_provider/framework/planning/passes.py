"""The plan of a change, as a fixed order of passes over (configuration, prior state, proposed state).

The order is the plugin framework's: proposed, defaults, write-only values nulled, other spellings of prior values taken
back, and, only if something differs, computed values that may change marked unknown; then the resource's own rules (not
here), then what must be replaced.
Everything is decided from these values alone: Terraform plans again inside apply and must get the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelarts_provider.framework.schema.attributes import Attribute, ChangeKind, Nested, Nesting, OnPlan, Schema
from modelarts_provider.framework.schema.paths import ROOT, Path
from modelarts_provider.framework.schema.values import UNKNOWN, Values, sorted_set


def plan_values(schema: Schema, config: Values, prior: Values | None, proposed: Values) -> Values:
    """The planned values of a create (``prior`` is None) or an update, before the resource's own rules."""
    planned = _fill(schema.attributes, config, proposed)
    if prior is None:
        return _mark_unknown(schema.attributes, config, prior, planned)
    planned = _keep_spellings(schema.attributes, config, prior, planned)
    if differs(schema.attributes, prior, planned):
        planned = _mark_unknown(schema.attributes, config, prior, planned)
    return planned


def _keep_spellings(attributes: Mapping[str, Attribute], config: Values, prior: Values, planned: Values) -> Values:
    """The prior value wherever the planned one means the same.

    Terraform allows that where both are set, of a whole attribute: null against empty has to be planned as configured.
    """
    return {
        name: before
        if (before := prior[name]) is not None and config[name] is not None and attribute.same(before, planned[name])
        else planned[name]
        for name, attribute in attributes.items()
    }


def differs(attributes: Mapping[str, Attribute], prior: Values, planned: Values) -> bool:
    """Whether anything differs that is more than the provider's own business (``timeouts`` and the like)."""
    return any(
        prior[name] is UNKNOWN or planned[name] is UNKNOWN or prior[name] != planned[name]
        for name, attribute in attributes.items()
        if attribute.change.kind is not ChangeKind.LOCAL
    )


def requires_replace(schema: Schema, config: Values, prior: Values, planned: Values) -> tuple[Path, ...]:
    """The paths whose change replaces the resource.

    An unknown planned value counts as changed. An optional and computed attribute replaces only where it is configured
    or has a default of ours, which takes the place of a configured value that is left out.
    """
    if prior == planned:  # most plans: what follows takes a tenth of a plan's time
        return ()
    return tuple(_replacing(schema.attributes, config, prior, planned, ROOT))


def changed(
    attributes: Mapping[str, Attribute], prior: Values | None, planned: Any, at: Path = ROOT
) -> Iterator[tuple[Path, Attribute]]:
    """Yield the configurable attributes whose planned value isn't the prior one, members of nested ones by themselves.

    A nested object that is added or removed yields all its members that aren't empty on the side that has it; one that
    is unknown (an element of a map, whose other elements are known) yields all of them.
    """
    for name, attribute in attributes.items():
        if not attribute.configurable:
            continue
        before = None if prior is None else prior[name]
        after = planned if planned is None or planned is UNKNOWN else planned[name]
        if isinstance(attribute.type, Nested) and after is not UNKNOWN:
            for below, old, new in _paired(attribute.type, before, after, at.name(name)):
                yield from changed(attribute.type.attributes, old, new, below)
        elif not attribute.same(before, after):
            yield at.name(name), attribute


def _fill(attributes: Mapping[str, Attribute], config: Any, proposed: Values) -> Values:
    """Apply defaults where the configuration is null, and null write-only values.

    Of an unknown element of a collection Terraform proposes an object of unknown members, which stays as it is.
    """
    if config is UNKNOWN:
        return proposed
    planned: Values = {}
    for name, attribute in attributes.items():
        configured, value = config[name], proposed[name]
        if attribute.write_only:
            planned[name] = None
        elif configured is None and attribute.default is not None:
            planned[name] = attribute.default
        elif isinstance(attribute.type, Nested) and configured is not None and configured is not UNKNOWN:
            planned[name] = _map_nested(
                attribute.type,
                value,
                lambda part, item, nested=attribute.type, conf=configured: _fill(
                    nested.attributes, _member(nested, conf, part, item), item
                ),
            )
        else:
            planned[name] = value
    return planned


def _mark_unknown(attributes: Mapping[str, Attribute], config: Any, prior: Values | None, planned: Values) -> Values:
    """Make unknown what the configuration leaves to the service and this change may alter."""
    if config is UNKNOWN:
        return planned
    marked: Values = {}
    for name, attribute in attributes.items():
        configured, value = config[name], planned[name]
        before = None if prior is None else prior[name]
        if attribute.computed and configured is None:
            marked[name] = value if attribute.default is not None else _computed(attribute, prior, before)
        elif isinstance(attribute.type, Nested) and configured is not None and configured is not UNKNOWN:
            marked[name] = _map_nested(
                attribute.type,
                value,
                lambda part, item, nested=attribute.type, conf=configured, old=before: _mark_unknown(
                    nested.attributes, _member(nested, conf, part, item), _prior_member(nested, old, part), item
                ),
            )
        else:
            marked[name] = value
    return marked


def _computed(attribute: Attribute, prior: Values | None, before: Any) -> Any:
    """What a computed value that nobody configured becomes."""
    if prior is None or attribute.on_plan is OnPlan.UNKNOWN:
        return UNKNOWN
    if before is None and attribute.on_plan is OnPlan.KEEP:
        return UNKNOWN
    return before


def _map_nested(nested: Nested, value: Any, convert: Any) -> Any:
    """Convert each object of a nested value; ``convert`` gets (key or index or None, object)."""
    if value is None or value is UNKNOWN:
        return value
    match nested.nesting:
        case Nesting.SINGLE:
            return convert(None, value)
        case Nesting.MAP:
            return {key: item if item is None or item is UNKNOWN else convert(key, item) for key, item in value.items()}
        case _:
            items = [item if item is None or item is UNKNOWN else convert(i, item) for i, item in enumerate(value)]
            return sorted_set(items) if nested.nesting is Nesting.SET else items


def _member(nested: Nested, config: Any, part: Any, proposed: Any) -> Any:
    """The configured object that a proposed one comes from: of the same key or index, or, in a set, the one that agrees."""
    match nested.nesting:
        case Nesting.SINGLE:
            return config
        case Nesting.SET:
            return next((element for element in config if _agrees(element, proposed)), proposed)
        case _:
            return config[part]


def _agrees(config: Any, proposed: Any) -> bool:
    """Whether a proposed value holds everything that is configured; what isn't configured comes from the prior state."""
    if isinstance(config, dict) and isinstance(proposed, dict):
        return all(_agrees(item, proposed[key]) for key, item in config.items())
    return bool(config is None or config is proposed or config == proposed)


def _prior_member(nested: Nested, value: Any, part: Any) -> Values | None:
    """The prior object for a key or an index; None where there was none or where elements can't be told apart."""
    if value is None:
        return None
    match nested.nesting:
        case Nesting.SINGLE:
            found: Values | None = value
        case Nesting.MAP:
            found = value.get(part)
        case Nesting.LIST:
            found = value[part] if part < len(value) else None
        case Nesting.SET:
            found = None
    return found


def _paired(nested: Nested, before: Any, after: Any, at: Path) -> Iterator[tuple[Path, Values | None, Values | None]]:
    """Yield (path, prior object, planned object) for each key or index on either side."""
    match nested.nesting:
        case Nesting.SINGLE:
            yield at, before, after
        case Nesting.MAP:
            for key in sorted({*(before or {}), *(after or {})}):
                yield at.key(key), (before or {}).get(key), (after or {}).get(key)
        case _:
            old, new = before or [], after or []
            for index in range(max(len(old), len(new))):
                yield (
                    at.index(index),
                    old[index] if index < len(old) else None,
                    new[index] if index < len(new) else None,
                )


def _replacing(
    attributes: Mapping[str, Attribute], config: Any, prior: Values | None, planned: Values | None, at: Path
) -> Iterator[Path]:
    for name, attribute in attributes.items():
        configured = config if config is None or config is UNKNOWN else config[name]
        before = None if prior is None else prior[name]
        after = None if planned is None else planned[name]
        if attribute.change.kind is ChangeKind.REPLACE:
            decided = configured is not None or not attribute.computed or attribute.default is not None
            if decided and not attribute.same(before, after):
                yield at.name(name)
        elif isinstance(attribute.type, Nested) and attribute.type.nesting is Nesting.SINGLE:
            if attribute.configurable and after is not UNKNOWN:
                yield from _replacing(attribute.type.attributes, configured, before, after, at.name(name))
            elif attribute.configurable:
                yield from (at.name(name).name(member) for member in _replacing_members(attribute.type))


def _replacing_members(nested: Nested) -> Iterator[str]:
    """The members that replace: all of them count as changed where the whole object is unknown."""
    return (name for name, member in nested.attributes.items() if member.change.kind is ChangeKind.REPLACE)
