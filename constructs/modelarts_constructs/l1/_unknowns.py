"""Values that are only known during the apply, in forms that can't be mistaken for values that Python knows.

The CDK library writes a list, a map or a boolean that Terraform will know as an ordinary list of one odd text, a dict of
one odd key, and an object that is always true. Asking them questions has an answer, and it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self, TypeVar

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.errors import ConstructError

ElementT = TypeVar("ElementT")


def refusal(what: str, question: str, instead: str) -> ConstructError:
    """The error for a question that Python can't answer.

    Args:
        what: The value and its kind, such as "tags is a map".
        question: What Python can't do, after "Python can't".
        instead: What to write, which Terraform evaluates when it knows the value.
    """
    return ConstructError(
        f"{what} that is only known during the apply, so Python can't {question}: "
        f"write {instead}, which Terraform evaluates then"
    )


def _refusing(question: str, instead: str) -> Any:
    """A method that refuses whatever it is given; ``{0}`` in the advice is what Python was asked about."""

    def refuse(self: Any, *given: Any, **_: Any) -> Any:
        shown = [repr(each) for each in given] or ["…"]
        raise refusal(self._what(), question, instead.format(*shown))

    return refuse


class Unchangeable:
    """A value that is as good as its copy; a copy would be made by asking what is in it."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        return self


class Elements(Unchangeable, list[ElementT]):
    """A list token. Handed on it is the expression; to ask what is in it is an error that says what to write instead.

    To go through it can't be refused: that is how the CDK library reads it.
    """

    __slots__ = ("_path",)

    def __init__(self, token: Iterable[ElementT], path: str) -> None:
        super().__init__(token)
        self._path = path

    def _what(self) -> str:
        return f"{self._path} is a list"

    def token(self) -> list[ElementT]:
        """The token as the CDK library's own list."""
        return [list.__getitem__(self, 0)]

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise refusal(self._what(), "compare it", "cdktf.Op.eq(the_list, the_other)")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


_ONE: Final = ("pick an element of it", "cdktf.Fn.element(the_list, {0})")
_ORDER: Final = ("put it in order", "cdktf.Fn.sort(the_list)")
_MORE: Final = ("put elements into it or take some out", "cdktf.Fn.concat([the_list, more])")
_LISTS: Final = {
    "__getitem__": _ONE,
    "pop": _ONE,
    "__contains__": ("look into it", "cdktf.Fn.contains(the_list, {0})"),
    "index": ("look into it", "cdktf.Fn.index(the_list, {0})"),
    "count": ("look into it", "cdktf.Fn.contains(the_list, {0})"),
    "__len__": (
        "count its elements, or put others beside them",
        "cdktf.Fn.length_of(the_list) or cdktf.Fn.concat([the_list, more])",
    ),
    "__bool__": ("tell whether it is empty", "cdktf.Op.gte(cdktf.Fn.length_of(the_list), 1)"),
    "__lt__": _ORDER,
    "__le__": _ORDER,
    "__gt__": _ORDER,
    "__ge__": _ORDER,
    "sort": _ORDER,
    "reverse": ("turn it round", "cdktf.Fn.reverse(the_list)"),
    "__reversed__": ("turn it round", "cdktf.Fn.reverse(the_list)"),
    "__format__": ("put it into text", 'cdktf.Fn.join(",", the_list)'),
    **dict.fromkeys(("__add__", "__radd__", "__iadd__", "__mul__", "__rmul__", "__imul__"), _MORE),
    **dict.fromkeys(("append", "extend", "insert", "remove", "clear", "__setitem__", "__delitem__"), _MORE),
}
"""What Python would do with the one odd text, and what to write instead."""

for _name, (_question, _instead) in _LISTS.items():
    setattr(Elements, _name, _refusing(_question, _instead))


class Members(Unchangeable, dict[str, ElementT]):
    """A map token. Handed on it is the expression; to ask what is in it is an error that says what to write instead."""

    __slots__ = ("_path",)

    def __init__(self, token: Mapping[str, ElementT], path: str) -> None:
        super().__init__(token)
        self._path = path

    def _what(self) -> str:
        return f"{self._path} is a map"

    def get(self, key: Any, default: Any = None) -> Any:
        """Refuse, as ``[key]`` does.

        Args:
            key: The member's key.
            default: What to take where there is none.
        """
        rest = "" if default is None else f", {default!r}"
        raise refusal(self._what(), "pick a member of it", f"cdktf.Fn.lookup(the_map, {key!r}{rest})")

    def pop(self, key: Any, *default: Any) -> Any:
        """Refuse, as ``[key]`` does.

        Args:
            key: The member's key.
            default: What to take where there is none.
        """
        return self.get(key, *default)

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise refusal(self._what(), "compare it", "cdktf.Op.eq(the_map, the_other)")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None


_JOINED: Final = ("put members into it or take some out", "cdktf.Fn.merge([the_map, more])")
_MAPS: Final = {
    "__getitem__": ("pick a member of it", "cdktf.Fn.lookup(the_map, {0})"),
    "popitem": ("pick a member of it", "cdktf.Fn.lookup(the_map, key)"),
    "__contains__": ("look into it", "cdktf.Fn.contains(cdktf.Fn.keys(the_map), {0})"),
    "__len__": ("count its members", "cdktf.Fn.length_of(the_map)"),
    "__bool__": ("tell whether it is empty", "cdktf.Op.gte(cdktf.Fn.length_of(the_map), 1)"),
    "__format__": ("put it into text", "cdktf.Fn.jsonencode(the_map)"),
    **dict.fromkeys(("__or__", "__ror__", "__ior__", "update", "setdefault", "clear"), _JOINED),
    **dict.fromkeys(("__setitem__", "__delitem__"), _JOINED),
}
"""What Python would do with the one odd key, and what to write instead."""

for _name, (_question, _instead) in _MAPS.items():
    setattr(Members, _name, _refusing(_question, _instead))


class Truth(Unchangeable):
    """A boolean token. In text it is the expression; to decide by it is an error that says what to write instead."""

    def __init__(self, token: cdktf.IResolvable, path: str) -> None:
        self._token = token
        self._path = path

    def __getattr__(self, name: str) -> Any:
        """What the CDK library asks of the token itself, its place on the JavaScript side above all."""
        return getattr(self._token, name)

    def __str__(self) -> str:
        return cdktf.Token.as_string(self._token)

    def _what(self) -> str:
        return f"{self._path} is a truth (true or false)"

    __bool__ = _refusing("decide by it", "cdktf.Fn.conditional(the_truth, a, b)")

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise refusal(self._what(), "compare it", "cdktf.Op.eq(the_truth, the_other)")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = object.__hash__
