"""What Terraform's core computes and enforces around a provider: proposed state, plan validity, apply consistency.

Written from Terraform's behaviour (1.8 to 1.15) for attributes and nested attributes; this provider has no blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from terraform_values import UNKNOWN, Attr, canonical, same

Values = dict[str, Any]
Attrs = dict[str, Attr]


def proposed_new(attributes: Attrs, prior: Values | None, config: Values) -> Values:
    """The proposed new state: configuration where it is set, else the prior value of what is computed."""
    return {name: _proposed(attr, prior and prior[name], config[name]) for name, attr in attributes.items()}


def _proposed(attr: Attr, prior: Any, config: Any) -> Any:
    if attr.computed and config is None:
        # A nested attribute that holds anything a user must have written was configured before, and is not any more.
        written = attr.optional and attr.nesting and any(_written(attr.nested, each) for each in objects(attr, prior))
        return None if written else prior
    if not attr.nesting or config is None or config is UNKNOWN:
        return config
    match attr.nesting:
        case "single":
            return proposed_new(attr.nested, prior, config)
        case "map":
            before = prior or {}
            return {k: _element(attr, before[k], item) if k in before else item for k, item in config.items()}
        case "list":
            before = prior or []
            return [_element(attr, before[i], item) if i < len(before) else item for i, item in enumerate(config)]
    left = list(prior or [])
    return canonical(attr.kind, [_element(attr, _take_match(attr, left, item), item) for item in config])


def _element(attr: Attr, prior: Values | None, config: Any) -> Any:
    return None if config is None else proposed_new(attr.nested, prior, expanded(attr, config))


def expanded(attr: Attr, config: Any) -> Values:
    """An element of a nested value; core reads an unknown one as an object of unknown attributes."""
    return dict.fromkeys(attr.nested, UNKNOWN) if config is UNKNOWN else config


def _take_match(attr: Attr, left: list[Values], config: Any) -> Values | None:
    """The prior element of a set that a configured one can have come from, used once."""
    for index, prior in enumerate(left):
        if config is not UNKNOWN and all(
            same(prior[name], config[name]) or (config[name] is None and member.computed)
            for name, member in attr.nested.items()
        ):
            return left.pop(index)
    return None


def objects(attr: Attr, value: Any) -> list[Values]:
    """The known objects of a nested value."""
    if value is None or value is UNKNOWN:
        return []
    found = [value] if attr.nesting == "single" else list(value.values()) if attr.nesting == "map" else value
    return [each for each in found if each is not None and each is not UNKNOWN]


def _written(attributes: Attrs, value: Values) -> bool:
    return any(
        value[name] is not None
        and (not attr.computed or any(_written(attr.nested, each) for each in objects(attr, value[name])))
        for name, attr in attributes.items()
    )


def invalid_plan(
    attributes: Attrs, prior: Values | None, config: Values, planned: Values, at: str = ""
) -> Iterator[str]:
    """Why Terraform would say "Provider produced invalid plan"."""
    for name, attr in attributes.items():
        yield from _invalid(attr, prior and prior[name], config[name], planned[name], f"{at}.{name}")


def _invalid(attr: Attr, prior: Any, config: Any, planned: Any, at: str) -> Iterator[str]:
    if same(planned, config):
        return
    if same(planned, prior) and prior is not None and config is not None:
        return
    if config is None:
        if not attr.computed:
            yield f"{at}: planned {planned!r} for a non-computed attribute that isn't configured"
        return
    if not attr.nesting:
        yield f"{at}: planned {planned!r} matches neither the configuration {config!r} nor the prior {prior!r}"
    elif config is UNKNOWN or planned is UNKNOWN or planned is None:
        yield f"{at}: planned {planned!r}, configured {config!r}"
    else:
        yield from _invalid_nested(attr, prior, config, planned, at)


def _invalid_nested(attr: Attr, prior: Any, config: Any, planned: Any, at: str) -> Iterator[str]:
    if attr.nesting == "single":
        yield from invalid_plan(attr.nested, prior, config, planned, at)
    elif attr.nesting == "map" and planned.keys() != config.keys():
        yield f"{at}: planned keys {set(planned)}, configured {set(config)}"
    elif attr.nesting == "map":
        for key, item in config.items():
            yield from _invalid_element(attr, (prior or {}).get(key), item, planned[key], f"{at}[{key}]")
    elif len(planned) != len(config):
        yield f"{at}: planned {len(planned)} elements, configured {len(config)}"
    elif attr.nesting == "list":
        before = [*(prior or []), *[None] * len(config)]
        for i, item in enumerate(config):
            yield from _invalid_element(attr, before[i], item, planned[i], f"{at}[{i}]")


def _invalid_element(attr: Attr, prior: Values | None, config: Any, planned: Any, at: str) -> Iterator[str]:
    if config is None or planned is None or planned is UNKNOWN:
        if not same(config, planned):
            yield f"{at}: planned {planned!r}, configured {config!r}"
        return
    yield from invalid_plan(attr.nested, prior, expanded(attr, config), planned, at)


def incompatible(kind: Any, planned: Any, actual: Any, at: str = "") -> Iterator[str]:
    """Why Terraform would say "inconsistent result after apply" (or "inconsistent final plan")."""
    if planned is UNKNOWN:
        return
    if planned is None or actual is None or actual is UNKNOWN or isinstance(kind, str):
        if not same(planned, actual):
            yield f"{at}: was {planned!r}, but now {actual!r}"
        return
    outer, inner = kind
    if outer == "set":
        yield from _incompatible_sets(inner, planned, actual, at)
        return
    if outer == "list" and len(planned) != len(actual):
        yield f"{at}: {len(planned)} elements planned, {len(actual)} there"
        return
    if outer == "list":
        planned, actual = dict(enumerate(planned)), dict(enumerate(actual))
    for key in planned.keys() - actual.keys():
        yield f"{at}.{key} has vanished"
    for key in actual.keys() - planned.keys():
        yield f"{at}.{key} has appeared"
    for key in planned.keys() & actual.keys():
        yield from incompatible(inner[key] if outer == "object" else inner, planned[key], actual[key], f"{at}.{key}")


def _incompatible_sets(kind: Any, planned: list[Any], actual: list[Any], at: str) -> Iterator[str]:
    """Each side's elements need a partner; a set with unknown elements may shrink, since those may turn out equal."""
    if len(actual) > len(planned) or (len(actual) < len(planned) and UNKNOWN not in planned):
        yield f"{at}: {len(planned)} elements planned, {len(actual)} there"
    for wanted in planned:
        if not any(not list(incompatible(kind, wanted, found)) for found in actual):
            yield f"{at}: planned element {wanted!r} has vanished"
    for found in actual:
        if not any(not list(incompatible(kind, wanted, found)) for wanted in planned):
            yield f"{at}: element {found!r} has appeared"


def value_at(value: Any, steps: list[dict[str, Any]]) -> Any:
    """What an AttributePath leads to; unknown below unknown, null below null."""
    for step in steps:
        if value is None or value is UNKNOWN:
            return value
        if step["attribute_name"] is not None:
            value = value[step["attribute_name"]]
        elif step["element_key_string"] is not None:
            value = value.get(step["element_key_string"])
        else:
            value = value[step["element_key_int"]]
    return value
