"""Whether plain values have the shape that a generated class's annotations say: kinds, members, nesting.

The annotations are read once for each class. Ranges and patterns are not checked here: the provider has them, and the
friendly layer above.
"""

from __future__ import annotations

import difflib
import functools
import typing
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Final

from modelarts_constructs._tokens import is_token

_SCALARS: Final[Mapping[Any, tuple[tuple[type, ...], str]]] = {
    str: ((str,), "text"),
    float: ((int, float), "a number"),
    bool: ((bool,), "True or False"),
}
_LISTS: Final = (list, tuple, set, frozenset)


@functools.cache
def arguments(made: type) -> dict[str, Any]:
    """The annotations of a generated class's arguments, by name; none where they can't be resolved.

    A team's own class may stand in a package of the same name as ours, and its arguments are its own affair.

    Args:
        made: The class, or one that derives from it.
    """
    ours = f"{__package__}."
    generated = next(each for each in made.__mro__ if "__init__" in vars(each) and each.__module__.startswith(ours))
    try:
        return typing.get_type_hints(vars(generated)["__init__"])
    except NameError:
        # Imported for type checkers alone: what the annotations don't say, the provider checks.
        return {}


@functools.cache
def _shape(typed_dict: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The members of a TypedDict, and the names of those that must be there.

    Its own ``__required_keys__`` can't say them where annotations are text (Python 3.11 to 3.13).
    """
    marked = typing.get_type_hints(typed_dict, include_extras=True)
    required = (name for name, hint in marked.items() if typing.get_origin(hint) is not typing.NotRequired)
    return typing.get_type_hints(typed_dict), frozenset(required)


def misshapen(made: type, written: Mapping[str, Any]) -> str:
    """The first place whose value has another shape than the annotations say; empty where there is none.

    No value stands in the text: it may be a secret.

    Args:
        made: The class that is made.
        written: Plain values by the attributes' names in Terraform.
    """
    known = arguments(made)
    for name, value in written.items():
        hint = known.get(name) if name not in {"id", "scope"} else None
        for problem in _problems(value, hint or known.get(f"{name}_attribute", Any), name):
            return problem
    return ""


def _is_typed_dict(hint: Any) -> bool:
    """Whether an annotation is a TypedDict."""
    return isinstance(hint, type) and hasattr(hint, "__total__")


def _problems(value: Any, hint: Any, at: str) -> Iterator[str]:
    if value is None or is_token(value) or hint is Any:
        return
    for choice in _choices(hint):
        origin = typing.get_origin(choice) or choice
        if _is_typed_dict(choice):
            yield from _members(value, choice, at)
        elif origin in _LISTS:
            yield from _elements(value, typing.get_args(choice), at)
        elif origin is Mapping or origin is dict:
            yield from _entries(value, typing.get_args(choice), at)
        elif choice in _SCALARS:
            kinds, words = _SCALARS[choice]
            if not isinstance(value, kinds) or (isinstance(value, bool) and choice is not bool):
                yield f"{at} is {_kind(value)}: must be {words}"
        else:
            continue
        return


def _choices(hint: Any) -> tuple[Any, ...]:
    """What a value may be; the first that is no object of the library says the shape."""
    return typing.get_args(hint) if typing.get_origin(hint) in {typing.Union, UnionType} else (hint,)


def _members(value: Any, shape: type, at: str) -> Iterator[str]:
    hints, required = _shape(shape)
    if not isinstance(value, dict):
        yield f"{at} is {_kind(value)}: must be a dict of {', '.join(hints)}"
        return
    for name, member in value.items():
        if name not in hints:
            near = difflib.get_close_matches(name, hints, 1)
            yield f"{at} has no member {name!r}: " + (
                f"did you mean {near[0]}?" if near else f"it has {', '.join(hints)}"
            )
        else:
            yield from _problems(member, hints[name], f"{at}.{name}")
    yield from (f"{at} has no {name}, which is required" for name in sorted(required - value.keys()))


def _elements(value: Any, arguments: tuple[Any, ...], at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at} is {_kind(value)}: must be a list"
        return
    for index, element in enumerate(value):
        yield from _problems(element, arguments[0] if arguments else Any, f"{at}[{index}]")


def _entries(value: Any, arguments: tuple[Any, ...], at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at} is {_kind(value)}: must be a dict"
        return
    for key, member in value.items():
        yield from _problems(member, arguments[-1] if arguments else Any, f"{at}[{key!r}]")


def _kind(value: Any) -> str:
    for kind, words in ((bool, "True or False"), (str, "text"), (list, "a list"), (dict, "a dict")):
        if isinstance(value, kind):
            return words
    return "a number"
