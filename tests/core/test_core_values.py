"""Null, unknown and value are three things; numbers keep their digits; sets have one order."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelarts_provider.core.values import UNKNOWN, is_empty, is_fully_known, number, sorted_set

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
