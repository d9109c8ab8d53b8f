"""Values of a configuration, a plan or a state, and the difference between null, unknown and a value.

A string is ``str``, a bool is ``bool``, a number is ``int`` or ``Decimal`` (which keeps its decimal text), a list and a
set are ``list`` (a set sorted, so that equal sets compare equal), a map and an object are ``dict``. Null is ``None``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias, final

Values: TypeAlias = dict[str, Any]
"""Values of a configuration, a plan or a state, by attribute."""

Json: TypeAlias = Mapping[str, Any]
"""A JSON object, to be read."""


@final
class Unknown:
    """The type of UNKNOWN: a value that Terraform learns only during apply."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        msg = "an unknown value has no truth; compare with `is UNKNOWN`"
        raise TypeError(msg)

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


def is_fully_known(value: Any) -> bool:
    """Whether neither the value nor anything inside it is unknown."""
    if value is UNKNOWN:
        return False
    if isinstance(value, dict):
        return all(is_fully_known(item) for item in value.values())
    if isinstance(value, list):
        return all(is_fully_known(item) for item in value)
    return True


def is_empty(value: Any) -> bool:
    """Whether a known value is null, an empty string or an empty collection."""
    return value is not UNKNOWN and (value is None or value in ("", [], {}))


def number(text: str) -> int | Decimal:
    """The number that a decimal text stands for, losing no digit.

    Raises:
        ValueError: the text is not a finite decimal number; the message is the end of a sentence and has no value.
    """
    try:
        parsed = Decimal(text)
    except InvalidOperation as error:
        msg = "is not a number"
        raise ValueError(msg) from error
    if not parsed.is_finite():
        msg = "is not a finite number"
        raise ValueError(msg)
    integral = parsed == parsed.to_integral_value()
    return int(parsed) if integral and parsed.adjusted() < MOST_DIGITS else parsed


MOST_DIGITS: Final = 512
"""Terraform's numbers carry 512 bits; beyond as many digits an integer is kept in its exponent form."""


def sorted_set(elements: list[Any]) -> list[Any]:
    """The canonical order of a set's elements: by their text, unknown ones last, equal ones once.

    Elements that aren't fully known all stay: they may turn out different, and Terraform counts them.
    """
    unique: list[Any] = []
    there: set[Any] = set()
    for element in elements:
        if is_fully_known(element):
            # Looked up and not compared with each: a set of 20,000 would take most of a minute.
            mark = (type(element), _hashable(element))
            if mark in there:
                continue
            there.add(mark)
        unique.append(element)
    return sorted(unique, key=lambda element: (element is UNKNOWN, repr(element)))


def _hashable(value: Any) -> Any:
    """What is equal for the same values for which a known value is equal, and can be looked up."""
    if isinstance(value, dict):
        return frozenset((key, _hashable(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    return value
