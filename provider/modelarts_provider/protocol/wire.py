"""DynamicValue and raw state, to and from values. Adapters only.

Facts (measured against Terraform 1.11): unknown is MessagePack extension 0, a refined unknown extension 12; a number is
an integer, a float, or, where neither holds it exactly, its decimal text; every attribute of an object is present.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgpack

from modelarts_provider.core.types import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, Primitive, SetOf, Type
from modelarts_provider.core.values import UNKNOWN, number, sorted_set

EXT_UNKNOWN: Final = 0
EXT_REFINED_UNKNOWN: Final = 12
INT64_LEAST: Final = -(2**63)
UINT64_MOST: Final = 2**64 - 1


class BadValue(Exception):
    """The bytes are not a value of the schema's type; the message says where."""


def decode(kind: Type, dynamic: Mapping[str, Any] | None) -> Any:
    """The value of a DynamicValue message; an absent or empty one is null.

    Raises:
        BadValue: it can't be decoded, or doesn't have the type.
    """
    if dynamic is None:
        return None
    try:
        if dynamic["msgpack"]:
            raw = msgpack.unpackb(dynamic["msgpack"], ext_hook=_extension, strict_map_key=False)
        elif dynamic["json"]:
            return decode_json(kind, dynamic["json"])
        else:
            return None
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError) as error:
        msg = f"the value can't be decoded: {error or type(error).__name__}"
        raise BadValue(msg) from error
    return _shape(kind, raw, "value")


def decode_json(kind: Type, data: bytes) -> Any:
    """The value of a JSON document, as Terraform stores state; attributes that the document lacks are null.

    Raises:
        BadValue: it is no JSON, or doesn't have the type.
    """
    try:
        raw = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        msg = f"the stored state is not valid JSON: {error}"
        raise BadValue(msg) from error
    return _shape(kind, raw, "value", lenient=True)


def encode(kind: Type, value: Any) -> dict[str, bytes]:
    """The DynamicValue message of a value."""
    packed = msgpack.packb(_pack(kind, value), use_bin_type=True)
    return {"msgpack": packed}


def _extension(code: int, data: bytes) -> Any:
    if code in (EXT_UNKNOWN, EXT_REFINED_UNKNOWN):
        return UNKNOWN
    msg = f"unexpected extension {code}"
    raise ValueError(msg)


def _shape(kind: Type, raw: Any, at: str, *, lenient: bool = False) -> Any:
    """Check the type and bring numbers and sets to their canonical form."""
    if raw is None or raw is UNKNOWN:
        return raw
    match kind:
        case Primitive():
            return _primitive(kind, raw, at)
        case ListOf(element) | SetOf(element):
            _expect(isinstance(raw, list), "a list", raw, at)
            items = [_shape(element, item, f"{at}[{index}]", lenient=lenient) for index, item in enumerate(raw)]
            return sorted_set(items) if isinstance(kind, SetOf) else items
        case MapOf(element):
            _expect(isinstance(raw, dict), "a map", raw, at)
            _expect(all(isinstance(key, str) for key in raw), "a map with string keys", raw, at)
            return {key: _shape(element, item, f'{at}["{key}"]', lenient=lenient) for key, item in raw.items()}
        case ObjectOf(attributes):
            _expect(isinstance(raw, dict), "an object", raw, at)
            names = {name for name, _ in attributes}
            if not lenient and raw.keys() != names:
                odd = ", ".join(sorted(map(str, raw.keys() ^ names)))
                msg = f"{at} has other attributes than the schema: {odd}"
                raise BadValue(msg)
            return {name: _shape(member, raw.get(name), f"{at}.{name}", lenient=lenient) for name, member in attributes}


def _primitive(kind: Primitive, raw: Any, at: str) -> Any:
    if kind == STRING:
        _expect(isinstance(raw, str), "a string", raw, at)
        return raw
    if kind == BOOL:
        _expect(isinstance(raw, bool), "a bool", raw, at)
        return raw
    is_number = isinstance(raw, int | float | Decimal | str) and not isinstance(raw, bool)
    _expect(is_number, "a number", raw, at)
    try:
        return number(repr(raw) if isinstance(raw, float) else str(raw))
    except ValueError as error:
        msg = f"{at}: {error}"
        raise BadValue(msg) from error


def _expect(holds: bool, what: str, raw: Any, at: str) -> None:
    if not holds:
        msg = f"{at} must be {what} and is a {type(raw).__name__}"
        raise BadValue(msg)


def _pack(kind: Type, value: Any) -> Any:
    if value is UNKNOWN:
        return msgpack.ExtType(EXT_UNKNOWN, b"\x00")
    if value is None:
        return None
    match kind:
        case Primitive():
            return _pack_number(value) if kind == NUMBER else value
        case ListOf(element) | SetOf(element):
            return [_pack(element, item) for item in value]
        case MapOf(element):
            return {key: _pack(element, item) for key, item in value.items()}
        case ObjectOf(attributes):
            return {name: _pack(member, value[name]) for name, member in attributes}


def _pack_number(value: int | Decimal) -> int | str:
    """An integer where MessagePack holds it, else the decimal text, which loses nothing."""
    if isinstance(value, int) and INT64_LEAST <= value <= UINT64_MOST:
        return value
    return str(value)
