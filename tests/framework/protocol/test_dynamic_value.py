"""Values on the wire: nothing is lost on the way there and back, and what isn't a value is a BadValue, never a crash."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgpack
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelarts_provider.framework.protocol.dynamic_value import BadValue, decode, decode_json, encode
from modelarts_provider.framework.schema.types import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from modelarts_provider.framework.schema.values import UNKNOWN, number, sorted_set

STEADY = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
NUMBERS = st.integers() | st.integers(2**62, 2**66) | st.decimals(allow_nan=False, allow_infinity=False)
TYPES = st.recursive(
    st.sampled_from([STRING, NUMBER, BOOL]),
    lambda inner: st.one_of(
        inner.map(ListOf),
        inner.map(SetOf),
        inner.map(MapOf),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3).map(lambda m: ObjectOf(tuple(m.items()))),
    ),
    max_leaves=5,
)


def values(kind: Type, *, known: bool = False) -> st.SearchStrategy[Any]:
    """Values of a type in their canonical form; null and unknown at every depth."""
    found: st.SearchStrategy[Any]
    match kind:
        case ListOf(element):
            found = st.lists(values(element, known=known), max_size=3)
        case SetOf(element):
            found = st.lists(values(element, known=known), max_size=3).map(sorted_set)
        case MapOf(element):
            found = st.dictionaries(TEXT, values(element, known=known), max_size=3)
        case ObjectOf(attributes):
            members = {name: values(member, known=known) for name, member in attributes}
            found = st.fixed_dictionaries(members).map(lambda made: {name: made[name] for name, _ in attributes})
        case _:
            found = {STRING: TEXT, BOOL: st.booleans(), NUMBER: NUMBERS.map(lambda n: number(str(n)))}[kind]
    return st.none() | found if known else st.none() | st.just(UNKNOWN) | found


@STEADY
@given(TYPES.flatmap(lambda kind: st.tuples(st.just(kind), values(kind))))
def test_round_trip(pair: tuple[Type, Any]) -> None:
    kind, value = pair
    found = decode(kind, {**encode(kind, value), "json": b""})
    assert found == value
    assert repr(found) == repr(value)


@STEADY
@given(TYPES.flatmap(lambda kind: st.tuples(st.just(kind), values(kind, known=True))))
def test_stored_state_reads_back(pair: tuple[Type, Any]) -> None:
    kind, value = pair
    assert decode_json(kind, document(value).encode()) == value


def document(value: Any) -> str:
    """JSON as Terraform stores it, with every digit of a number."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {document(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(document, value))}]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def dynamic(raw: Any) -> dict[str, bytes]:
    return {"msgpack": msgpack.packb(raw), "json": b""}


@pytest.mark.parametrize(
    ("kind", "extension"),
    [
        (STRING, msgpack.ExtType(0, b"")),
        (STRING, msgpack.ExtType(0, b"\x00")),
        (STRING, msgpack.ExtType(12, msgpack.packb({1: False}))),
        (STRING, msgpack.ExtType(12, msgpack.packb({1: False, 2: "pre-"}))),
        (NUMBER, msgpack.ExtType(12, msgpack.packb({3: [0, True]}))),
        (ListOf(STRING), msgpack.ExtType(12, msgpack.packb({5: 1, 6: 3}))),
        (ObjectOf((("a", STRING),)), msgpack.ExtType(0, b"")),
    ],
)
def test_unknown_and_refined_unknown(kind: Type, extension: msgpack.ExtType) -> None:
    assert decode(kind, dynamic(extension)) is UNKNOWN
    assert decode(ListOf(kind), dynamic([extension])) == [UNKNOWN]


def test_unknown_is_answered_as_core_reads_it() -> None:
    assert encode(STRING, UNKNOWN)["msgpack"] == b"\xd4\x00\x00"


@pytest.mark.parametrize(
    ("raw", "value", "back"),
    [
        (5, 5, 5),
        (-(2**63), -(2**63), -(2**63)),
        (2**64 - 1, 2**64 - 1, 2**64 - 1),
        ("18446744073709551616", 2**64, "18446744073709551616"),
        (0.1, Decimal("0.1"), "0.1"),
        ("0.1", Decimal("0.1"), "0.1"),
        (2.0, 2, 2),
        (1e300, 10**300, str(10**300)),
        ("0.123456789012345678901", Decimal("0.123456789012345678901"), "0.123456789012345678901"),
        (
            "123456789012345678901234567890.123456789",
            Decimal("123456789012345678901234567890.123456789"),
            "123456789012345678901234567890.123456789",
        ),
        ("1e600", Decimal("1e600"), "1E+600"),
    ],
)
def test_numbers_keep_their_digits(raw: Any, value: Any, back: Any) -> None:
    found = decode(NUMBER, dynamic(raw))
    assert found == value
    assert msgpack.unpackb(encode(NUMBER, found)["msgpack"]) == back


def test_a_large_float_is_the_decimal_that_it_prints() -> None:
    assert decode(NUMBER, dynamic(1.5e20)) == 150000000000000000000


OBJECT = ObjectOf((("a", STRING), ("b", NUMBER)))


@pytest.mark.parametrize(
    ("kind", "raw", "message"),
    [
        (STRING, 5, "value must be a string and is a int"),
        (STRING, b"x", "must be a string and is a bytes"),
        (BOOL, 1, "must be a bool and is a int"),
        (NUMBER, True, "must be a number and is a bool"),
        (NUMBER, "x", "value is not a number"),
        (NUMBER, float("nan"), "not a finite number"),
        (NUMBER, float("inf"), "not a finite number"),
        (ListOf(STRING), "x", "must be a list and is a str"),
        (SetOf(STRING), {"x": 1}, "must be a list and is a dict"),
        (MapOf(STRING), ["x"], "must be a map and is a list"),
        (MapOf(STRING), {1: "x"}, "must be a map with string keys"),
        (MapOf(STRING), {"k": 1}, r'value\["k"\] must be a string'),
        (ListOf(OBJECT), [{"a": "x", "b": "y"}], r"value\[0\].b is not a number"),
        (OBJECT, ["x"], "must be an object and is a list"),
        (OBJECT, {"a": "x"}, "other attributes than the schema: b"),
        (OBJECT, {"a": "x", "b": 1, "c": 2}, "other attributes than the schema: c"),
        (STRING, msgpack.ExtType(7, b""), "unexpected extension 7"),
        (STRING, msgpack.Timestamp(1), "must be a string and is a Timestamp"),
    ],
)
def test_a_value_of_another_type(kind: Type, raw: Any, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        decode(kind, dynamic(raw))


@pytest.mark.parametrize(
    "data",
    [b"\xc1", b"\x81", b"\xa5ab", b"\xa1\xff", b"\x05\x05", b"\x91" * 2000, b"\x81\x90\x01", b"\xdf\xff\xff\xff\xff"],
    ids=["never used", "cut map", "cut text", "no UTF-8", "two values", "too deep", "list as a key", "huge map"],
)
def test_what_is_no_messagepack(data: bytes) -> None:
    with pytest.raises(BadValue):
        decode(MapOf(STRING), {"msgpack": data, "json": b""})


@STEADY
@given(st.binary(max_size=40), TYPES)
def test_any_bytes_are_a_value_or_a_bad_value(data: bytes, kind: Type) -> None:
    for read in (lambda: decode(kind, {"msgpack": data, "json": b""}), lambda: decode_json(kind, data)):
        try:
            value = read()
        except BadValue:
            continue
        encode(kind, value)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, None),
        ({"msgpack": b"", "json": b""}, None),
        ({"msgpack": b"\xc0", "json": b""}, None),
        ({"msgpack": b"", "json": b"null"}, None),
        ({"msgpack": b"", "json": b'{"a": "x", "b": 0.1}'}, {"a": "x", "b": Decimal("0.1")}),
    ],
)
def test_forms_of_a_dynamic_value(message: Any, expected: Any) -> None:
    assert decode(OBJECT, message) == expected


def test_null_unknown_and_missing_differ_inside_an_object() -> None:
    assert decode(OBJECT, dynamic({"a": None, "b": msgpack.ExtType(0, b"")})) == {"a": None, "b": UNKNOWN}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (b'{"a": "x"}', {"a": "x", "b": None}),
        (b'{"a": "x", "b": 1, "gone": {"c": 1}}', {"a": "x", "b": 1}),
        (b'{"b": 123456789012345678901234567890.5}', {"a": None, "b": Decimal("123456789012345678901234567890.5")}),
        (b"null", None),
    ],
    ids=["lacks one", "has one more", "keeps digits", "null"],
)
def test_stored_state_of_another_schema_version(stored: bytes, expected: Any) -> None:
    assert decode_json(OBJECT, stored) == expected


@pytest.mark.parametrize("stored", [b"", b"{", b"\xff", b"[1]", b'{"a": 5}', b'{"b": NaN}', b'{"b": "x"}'])
def test_stored_state_that_is_no_state(stored: bytes) -> None:
    with pytest.raises(BadValue):
        decode_json(OBJECT, stored)


def test_sets_arrive_in_one_order() -> None:
    assert decode(SetOf(STRING), dynamic(["b", "a", "b"])) == ["a", "b"]
    assert decode_json(SetOf(STRING), b'["b", "a"]') == ["a", "b"]
    assert decode(ListOf(STRING), dynamic(["b", "a", "b"])) == ["b", "a", "b"]
