"""Terraform's side of the wire, read independently of the provider: types, values, MessagePack and state JSON.

A value is None (null), UNKNOWN, str, bool, int or Decimal, list (lists, and sets in a canonical order) or dict (maps and
objects). ``same`` compares as cty's RawEquals does: unknown equals unknown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgpack


class _Unknown:
    def __repr__(self) -> str:
        return "(known after apply)"


UNKNOWN = _Unknown()
NESTINGS = {1: "single", 2: "list", 3: "set", 4: "map"}


@dataclass(frozen=True)
class Attr:
    """One attribute of a schema answer; ``nesting`` is empty for a plain one."""

    required: bool
    optional: bool
    computed: bool
    kind: Any
    nesting: str
    nested: dict[str, Attr]


def read_schema(attributes: list[dict[str, Any]]) -> dict[str, Attr]:
    """The attributes of a Schema.Block or a Schema.Object message."""
    return {message["name"]: _attr(message) for message in attributes}


def _attr(message: dict[str, Any]) -> Attr:
    flags = {name: message[name] for name in ("required", "optional", "computed")}
    inner = message["nested_type"]
    if inner is None:
        return Attr(**flags, kind=json.loads(message["type"]), nesting="", nested={})
    nested = read_schema(inner["attributes"])
    whole: Any = ["object", {name: attr.kind for name, attr in nested.items()}]
    nesting = NESTINGS[inner["nesting"]]
    return Attr(**flags, kind=whole if nesting == "single" else [nesting, whole], nesting=nesting, nested=nested)


def object_kind(attributes: dict[str, Attr]) -> Any:
    return ["object", {name: attr.kind for name, attr in attributes.items()}]


def complete(attributes: dict[str, Attr], config: dict[str, Any]) -> dict[str, Any]:
    """A configuration as Terraform sends it: every attribute present, what is left out null, sets in order."""
    odd = config.keys() - attributes.keys()
    assert not odd, f"the schema has no {odd}"
    return {name: _complete(attr, config.get(name)) for name, attr in attributes.items()}


def _complete(attr: Attr, value: Any) -> Any:
    if value is None or value is UNKNOWN:
        return value
    match attr.nesting:
        case "single":
            return complete(attr.nested, value)
        case "map":
            return {key: item if item is UNKNOWN else complete(attr.nested, item) for key, item in value.items()}
        case "list" | "set":
            return canonical(attr.kind, [complete(attr.nested, item) for item in value])
    return canonical(attr.kind, value)


def canonical(kind: Any, value: Any) -> Any:
    """The value with sets in one order, so that equal values compare equal."""
    if value is None or value is UNKNOWN or isinstance(kind, str):
        return value
    outer, inner = kind
    match outer:
        case "object":
            return {name: canonical(member, value[name]) for name, member in inner.items()}
        case "map":
            return {key: canonical(inner, value[key]) for key in sorted(value)}
        case "set":
            return sorted((canonical(inner, item) for item in value), key=repr)
    return [canonical(inner, item) for item in value]


def same(one: Any, other: Any) -> bool:
    """cty's RawEquals on canonical values."""
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)


def wholly_known(value: Any) -> bool:
    if isinstance(value, dict):
        return all(wholly_known(item) for item in value.values())
    if isinstance(value, list):
        return all(wholly_known(item) for item in value)
    return value is not UNKNOWN


def pack(kind: Any, value: Any) -> dict[str, bytes]:
    """A DynamicValue message."""
    return {"msgpack": msgpack.packb(_packed(kind, value), use_bin_type=True)}


def _packed(kind: Any, value: Any) -> Any:
    if value is UNKNOWN:
        return msgpack.ExtType(0, b"\x00")
    if value is None:
        return None
    if kind == "number":
        return _packed_number(value)
    if isinstance(kind, str):
        return value
    outer, inner = kind
    match outer:
        case "object":
            return {name: _packed(member, value[name]) for name, member in inner.items()}
        case "map":
            return {key: _packed(inner, item) for key, item in value.items()}
    return [_packed(inner, item) for item in value]


def _packed_number(value: int | Decimal) -> Any:
    """An integer, else a float where that is exact, else the decimal text (cty's order)."""
    if value == int(value) and -(2**63) <= value < 2**63:
        return int(value)
    return float(value) if Decimal(float(value)) == value else str(value)


def unpack(kind: Any, dynamic: dict[str, bytes] | None) -> Any:
    """The value of a DynamicValue message, checked against the type as cty does."""
    if dynamic is None:
        return None
    raw = msgpack.unpackb(dynamic["msgpack"], ext_hook=lambda code, data: UNKNOWN, strict_map_key=True)
    return canonical(kind, _unpacked(kind, raw, "value"))


def _unpacked(kind: Any, raw: Any, at: str) -> Any:
    if raw is None or raw is UNKNOWN:
        return raw
    if isinstance(kind, str):
        return _primitive(kind, raw, at)
    outer, inner = kind
    if outer == "object":
        assert isinstance(raw, dict), f"{at} is a {type(raw)}"
        assert raw.keys() == inner.keys(), f"{at} has other attributes: {raw.keys() ^ inner.keys()}"
        return {name: _unpacked(member, raw[name], f"{at}.{name}") for name, member in inner.items()}
    if outer == "map":
        assert isinstance(raw, dict), f"{at} is a {type(raw)}"
        return {key: _unpacked(inner, item, f"{at}[{key}]") for key, item in raw.items()}
    assert isinstance(raw, list), f"{at} is a {type(raw)}"
    return [_unpacked(inner, item, f"{at}[{index}]") for index, item in enumerate(raw)]


def _primitive(kind: str, raw: Any, at: str) -> Any:
    if kind == "number":
        assert isinstance(raw, int | float | str), f"{at} is a {type(raw)}"
        assert not isinstance(raw, bool), f"{at} is a bool"
        number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
        return int(number) if number == number.to_integral_value() else number
    wanted = {"string": str, "bool": bool}[kind]
    assert type(raw) is wanted, f"{at} is a {type(raw)}"
    return raw


def to_json(value: Any) -> bytes:
    """State as the state file holds it; numbers keep their digits."""
    return _document(value).encode()


def _document(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {_document(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_document, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)
