"""In what a synthesised value differs from an expected part of it, in lines that people read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from modelarts_constructs.errors import shown


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


ABSENT: Final = _Absent()
"""Stands for an attribute that isn't written."""

Path = tuple[str, ...]

_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
"""The ids of the service: in capitals they are the same."""


def differences(expected: Any, found: Any, sets: Collection[str] = (), at: Path = ()) -> Iterator[str]:
    """What is in ``expected`` and not the same in ``found``: one line each, empty where it matches.

    Args:
        expected: A value; a mapping names only the members that matter.
        found: What was synthesised.
        sets: Paths of attributes that are sets: a list is compared in any order there. ``*`` is any key.
        at: The names on the way to the value.
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, member in expected.items():
            yield from differences(member, found.get(name, ABSENT), sets, (*at, str(name)))
    elif _is_sequence(found) and (_is_set(expected) or (_is_sequence(expected) and _matches(sets, at))):
        yield from _unordered(list(expected), found, at)
    elif _is_sequence(expected) and _is_sequence(found) and len(expected) == len(found):
        for index, element in enumerate(expected):
            yield from differences(element, found[index], sets, (*at[:-1], f"{at[-1] if at else ''}[{index}]"))
    elif not _same(expected, found, at):
        yield f"{'.'.join(at)}: expected {_shown(expected)}, found {_shown(found)}"


def _unordered(expected: Sequence[Any], found: Sequence[Any], at: Path) -> Iterator[str]:
    missing = [each for each in expected if not any(_alike(each, other, at) for other in found)]
    unexpected = [each for each in found if not any(_alike(other, each, at) for other in expected)]
    words = [
        f"{kind} {', '.join(map(_shown, each))}" for kind, each in (("missing", missing), ("unexpected", unexpected))
    ]
    if missing or unexpected:
        said = "; ".join(text for text, each in zip(words, (missing, unexpected), strict=True) if each)
        every = sorted(expected, key=repr)
        yield f"{'.'.join(at)}: expected {_shown(every)} in any order, found {_shown(list(found))}: {said}"


def _alike(expected: Any, found: Any, at: Path) -> bool:
    return not any(differences(expected, found, at=at))


def _matches(sets: Collection[str], at: Path) -> bool:
    """Whether one of the paths is this one; an index in a list is part of no path."""
    names = [name.partition("[")[0] for name in at]
    return any(
        len(steps) == len(names) and all(step in {"*", name} for step, name in zip(steps, names, strict=True))
        for steps in (path.split(".") for path in sets)
    )


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_set(value: Any) -> bool:
    return isinstance(value, set | frozenset)


def _same(expected: Any, found: Any, at: Path) -> bool:
    if isinstance(expected, bool) != isinstance(found, bool):
        return False
    return bool(expected == found) or (_holds_id(at) and _same_id(expected, found))


def _holds_id(at: Path) -> bool:
    """Whether the attribute's name says that it is an id: free text of the same form means itself, letter by letter."""
    return bool(at) and at[-1].partition("[")[0].split("_")[-1] in {"id", "ids"}


def _same_id(expected: Any, found: Any) -> bool:
    if not isinstance(expected, str) or not isinstance(found, str):
        return False
    return expected.lower() == found.lower() and _ID.fullmatch(expected) is not None


def _shown(value: Any) -> str:
    return shown(list(value) if isinstance(value, tuple) else value)
