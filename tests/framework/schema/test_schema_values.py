"""Null, unknown and value are three things; numbers keep their digits; sets have one order."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelarts_provider.framework.schema.values import UNKNOWN, is_empty, is_fully_known, number, sorted_set

STEADY = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_unknown_has_no_truth_and_stays_one_object() -> None:
    with pytest.raises(TypeError, match="is UNKNOWN"):
        bool(UNKNOWN)
    assert copy.copy(UNKNOWN) is UNKNOWN
    assert copy.deepcopy({"a": [UNKNOWN]})["a"][0] is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (None, True),
        ("", True),
        (UNKNOWN, False),
        ([1, UNKNOWN], False),
        ({"a": {"b": [UNKNOWN]}}, False),
        ({"a": {"b": [None]}}, True),
    ],
)
def test_is_fully_known(value: Any, known: bool) -> None:
    assert is_fully_known(value) is known


@pytest.mark.parametrize(
    ("value", "empty"),
    [(None, True), ("", True), ([], True), ({}, True), (UNKNOWN, False), (0, False), (False, False), ("x", False)],
)
def test_is_empty(value: Any, empty: bool) -> None:
    assert is_empty(value) is empty


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("-0", 0),
        ("12.0", 12),
        ("1e3", 1000),
        ("0.1", Decimal("0.1")),
        ("0.123456789012345678901", Decimal("0.123456789012345678901")),
        ("123456789012345678901234567890", 123456789012345678901234567890),
        ("123456789012345678901234567890.5", Decimal("123456789012345678901234567890.5")),
        ("-1.5e-30", Decimal("-1.5e-30")),
    ],
)
def test_number_loses_nothing(text: str, expected: int | Decimal) -> None:
    found = number(text)
    assert found == expected
    assert type(found) is type(expected)


def test_a_number_beyond_all_digits_stays_short() -> None:
    assert str(number("1e600")) == "1E+600"


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-Infinity", "0x10", "1,5"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a"):
        number(text)


@STEADY
@given(st.lists(st.text(max_size=3)))
def test_a_set_of_strings_is_sorted_and_unique(elements: list[str]) -> None:
    found = sorted_set(elements)
    assert set(found) == set(elements)
    assert len(found) == len(set(elements))
    assert sorted_set(list(reversed(elements))) == found


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        (["b", "a", "b"], ["a", "b"]),
        ([UNKNOWN, "a"], ["a", UNKNOWN]),
        (["a", UNKNOWN, UNKNOWN], ["a", UNKNOWN, UNKNOWN]),
        ([{"n": "x", "v": UNKNOWN}] * 2, [{"n": "x", "v": UNKNOWN}] * 2),
        ([{"n": "x"}, {"n": "x"}], [{"n": "x"}]),
        ([True, 1], [1, True]),
        ([], []),
    ],
    ids=["equal ones once", "unknown last", "unknown ones all", "unknown members too", "objects", "types", "empty"],
)
def test_sorted_set(elements: list[Any], expected: list[Any]) -> None:
    found = sorted_set(elements)
    assert [(type(each), repr(each)) for each in found] == [(type(each), repr(each)) for each in expected]


def compared_with_each(elements: list[Any]) -> list[Any]:
    """What a set's order means, said in the simplest way."""
    unique: list[Any] = []
    for element in elements:
        if is_fully_known(element) and any(type(element) is type(other) and element == other for other in unique):
            continue
        unique.append(element)
    return sorted(unique, key=lambda element: (element is UNKNOWN, repr(element)))


ANY_VALUE = st.recursive(
    st.sampled_from([None, True, False, 0, 1, Decimal(0), Decimal("1.0"), Decimal("0.5"), "", "0", "a", UNKNOWN]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@STEADY
@given(st.lists(ANY_VALUE, max_size=12))
def test_a_set_holds_what_comparing_each_with_each_would_leave(elements: list[Any]) -> None:
    found, expected = sorted_set(elements), compared_with_each(elements)
    assert [(type(item), repr(item)) for item in found] == [(type(item), repr(item)) for item in expected]


class Counted(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        type(self).comparisons += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


@pytest.mark.parametrize("count", [1_000, 20_000])
def test_a_set_is_not_compared_each_with_each(count: int) -> None:
    """Once for each element that is there already, and now and then for two that share a place."""
    Counted.comparisons = 0
    elements = [Counted(f"key-{number % (count // 2)}") for number in range(count)]
    assert len(sorted_set(elements)) == count // 2
    assert Counted.comparisons <= 4 * count
