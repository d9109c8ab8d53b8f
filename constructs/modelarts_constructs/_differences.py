"""In what a synthesised value differs from an expected part of it, in lines that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from modelarts_constructs._checks import Value
from modelarts_constructs.errors import shown


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
"""Stands for an attribute that isn't written."""


def differences(expected: Any, found: Any, at: str = "") -> Iterator[str]:
    """What is in ``expected`` and not the same in ``found``: one line each, empty where it matches.

    Args:
        expected: A value; a mapping names only the members that matter.
        found: What was synthesised.
        at: Where the value stands.
    """
    if isinstance(expected, Value):
        expected = expected.attributes()
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, member in expected.items():
            yield from differences(member, found.get(name, ABSENT), f"{at}.{name}" if at else str(name))
    elif isinstance(expected, set | frozenset) and _is_sequence(found):
        yield from _unordered(expected, found, at)
    elif _is_sequence(expected) and _is_sequence(found) and len(expected) == len(found):
        for index, element in enumerate(expected):
            yield from differences(element, found[index], f"{at}[{index}]")
    elif not _same(expected, found):
        yield f"{at}: expected {_shown(expected)}, found {_shown(found)}"


def _unordered(expected: set[Any] | frozenset[Any], found: Sequence[Any], at: str) -> Iterator[str]:
    missing = sorted((each for each in expected if each not in found), key=repr)
    unexpected = [each for each in found if each not in expected]
    yield from (f"{at}: expected {each!r} among {_shown(list(found))}" for each in missing)
    yield from (f"{at}: found {each!r}, which is not among the expected" for each in unexpected)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _same(expected: Any, found: Any) -> bool:
    return isinstance(expected, bool) == isinstance(found, bool) and bool(expected == found)


def _shown(value: Any) -> str:
    return shown(list(value) if isinstance(value, tuple) else value)
