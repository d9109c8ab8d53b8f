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

from modelarts_provider.framework.printable import one_line
from modelarts_provider.framework.schema.types import (
    BOOL,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    Primitive,
    SetOf,
    Type,
)
from modelarts_provider.framework.schema.values import UNKNOWN, is_fully_known, number, sorted_set

_MOST_SHOWN: Final = 200  # characters of a place or of names, which whoever calls may choose

EXT_UNKNOWN: Final = 0
EXT_REFINED_UNKNOWN: Final = 12
_HELD_AS: Final[dict[str, Any]] = {STRING.name: (str,), BOOL.name: (bool,), NUMBER.name: (int, float, Decimal)}
INT64_LEAST: Final = -(2**63)
UINT64_MOST: Final = 2**64 - 1


class BadValue(Exception):
    """The bytes are not a value of the schema's type; the message says where, and never what they hold."""

    def __init__(self, problem: str, at: str = "", of: str = "value") -> None:
        self.problem, self.at = problem, at
        super().__init__(f"{of}{one_line(at, _MOST_SHOWN)} {problem}")


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
        raise BadValue(f"can't be decoded: {one_line(str(error), _MOST_SHOWN) or type(error).__name__}") from error
    return _shape(kind, raw)


def decode_json(kind: Type, data: bytes) -> Any:
    """The value of a JSON document, as Terraform stores state; attributes that the document lacks are null.

    Raises:
        BadValue: it is no JSON, or doesn't have the type.
    """
    try:
        raw = json.loads(data, parse_float=Decimal)
        if b"\\ud" in data.lower():  # half of a surrogate pair is valid JSON and no text: no answer could carry it
            json.dumps(raw, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise BadValue(_wrong_json(error)) from error
    return _shape(kind, raw, lenient=True)


def _wrong_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is not valid JSON (line {error.lineno} column {error.colno})"
    if isinstance(error, UnicodeError):
        return "holds text that isn't Unicode"
    return "is nested too deep" if isinstance(error, RecursionError) else "holds a number that is out of range"


def encode(kind: Type, value: Any) -> dict[str, bytes]:
    """The DynamicValue message of a value."""
    packed = msgpack.packb(_pack(kind, value), use_bin_type=True)
    return {"msgpack": packed}


def encode_what_fits(
    kind: ObjectOf, value: Any, instead: Mapping[str, Any] | None
) -> tuple[dict[str, bytes], list[str]]:
    """The DynamicValue message of an object, and the attributes whose values don't have their types.

    In their place stand those of ``instead``, or null where that has none that is known.
    """
    packed: dict[str, Any] = {}
    unfit: list[str] = []
    for name, member in kind.attributes:
        try:
            packed[name] = _pack(member, value[name])
            msgpack.packb(packed[name])
        except Exception:  # noqa: BLE001 - whatever is wrong with it
            unfit.append(name)
            other = (instead or {}).get(name)
            packed[name] = _pack(member, other) if is_fully_known(other) else None
    return {"msgpack": msgpack.packb(packed, use_bin_type=True)}, unfit


def _extension(code: int, data: bytes) -> Any:
    if code in (EXT_UNKNOWN, EXT_REFINED_UNKNOWN):
        return UNKNOWN
    msg = f"unexpected extension {code}"
    raise ValueError(msg)


def _shape(kind: Type, raw: Any, *, lenient: bool = False) -> Any:
    """Check the type and bring numbers and sets to their canonical form.

    Every value of a call passes here, some hundred for one resource: where a value is wrong is put together on the way
    out of an error, not on the way in.
    """
    if raw is None or raw is UNKNOWN:
        return raw
    match kind:
        case Primitive(name):
            return _primitive(name, raw)
        case ObjectOf(attributes):
            return _object(attributes, raw, lenient=lenient)
        case MapOf(element):
            _expect(isinstance(raw, dict), "a map", raw)
            _expect(all(isinstance(key, str) for key in raw), "a map with string keys", raw)
            return {key: _part(element, item, f'["{key}"]', lenient=lenient) for key, item in raw.items()}
        case ListOf(element) | SetOf(element):
            _expect(isinstance(raw, list), "a list", raw)
            items = [_part(element, item, f"[{index}]", lenient=lenient) for index, item in enumerate(raw)]
            return sorted_set(items) if isinstance(kind, SetOf) else items


def _object(attributes: tuple[tuple[str, Type], ...], raw: Any, *, lenient: bool) -> dict[str, Any]:
    _expect(isinstance(raw, dict), "an object", raw)
    if not lenient and (len(raw) != len(attributes) or any(name not in raw for name, _ in attributes)):
        odd = ", ".join(sorted(map(str, raw.keys() ^ {name for name, _ in attributes})))
        raise BadValue(f"has other attributes than the schema: {one_line(odd, _MOST_SHOWN)}")
    shaped: dict[str, Any] = {}
    for name, member in attributes:
        item = raw.get(name)
        plain = item is None or item is UNKNOWN or (member is STRING and type(item) is str)
        shaped[name] = item if plain else _part(member, item, f".{name}", lenient=lenient)
    return shaped


def _part(kind: Type, raw: Any, step: str, *, lenient: bool) -> Any:
    try:
        return _shape(kind, raw, lenient=lenient)
    except BadValue as error:
        raise BadValue(error.problem, f"{step}{error.at}") from error


def _primitive(name: str, raw: Any) -> Any:
    if name == STRING.name:
        _expect(isinstance(raw, str), "a string", raw)
        return raw
    if name == BOOL.name:
        _expect(isinstance(raw, bool), "a bool", raw)
        return raw
    if type(raw) is int and INT64_LEAST <= raw <= UINT64_MOST:
        return raw
    _expect(isinstance(raw, int | float | Decimal | str) and not isinstance(raw, bool), "a number", raw)
    try:
        return number(repr(raw) if isinstance(raw, float) else str(raw))
    except (ValueError, ArithmeticError) as error:
        raise BadValue(str(error) or "is not a number") from error


def _expect(holds: bool, what: str, raw: Any) -> None:
    if not holds:
        raise BadValue(f"must be {what} and is a {type(raw).__name__}")


def _pack(kind: Type, value: Any) -> Any:
    if value is UNKNOWN:
        return msgpack.ExtType(EXT_UNKNOWN, b"\x00")
    if value is None:
        return None
    match kind:
        case Primitive():
            held_as = _HELD_AS[kind.name]
            if not isinstance(value, held_as) or (isinstance(value, bool) and kind is not BOOL):
                raise TypeError(f"a {kind.name} is held as a {type(value).__name__}")
            return _pack_number(value) if kind.name == NUMBER.name else value
        case ListOf(element) | SetOf(element):
            if not isinstance(value, list):
                raise TypeError(f"a list is held as a {type(value).__name__}")
            return [_pack(element, item) for item in value]
        case MapOf(element):
            return {key: _pack(element, item) for key, item in value.items()}
        case ObjectOf(attributes):
            packed: dict[str, Any] = {}
            for name, member in attributes:
                item = value[name]
                plain = item is None or (member is STRING and type(item) is str)  # most of a resource's values
                packed[name] = item if plain else _pack(member, item)
            return packed


def _pack_number(value: float | Decimal) -> int | str:
    """An integer where MessagePack holds it, else the decimal text, which loses nothing."""
    if isinstance(value, int) and INT64_LEAST <= value <= UINT64_MOST:
        return value
    return str(value)
