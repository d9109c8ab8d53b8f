"""Values that only Terraform knows, in forms that can't be mistaken for values that Python knows.

The CDK library writes a list, a map or a boolean that Terraform will know as an ordinary list of one odd text, a dict of
one odd key, and an object that is always true. Asking them questions has an answer, and it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.errors import ConstructError

ElementT = TypeVar("ElementT")


def refusal(what: str, instead: str) -> ConstructError:
    """The error for a question that Python can't answer.

    Args:
        what: What Python can't do, after "Python can't".
        instead: What to write.
    """
    return ConstructError(f"Python can't {what}, which only Terraform knows: write {instead}")


class Elements(list[ElementT]):
    """A list token. Handed on it is the expression; to ask what is in it is an error that says what to write instead."""

    __slots__ = ()

    def __init__(self, token: Iterable[ElementT]) -> None:
        super().__init__(token)

    def __getitem__(self, index: Any) -> Any:
        raise refusal("pick an element of a list", f"cdktf.Fn.element(the_list, {index})")

    def __contains__(self, element: object) -> bool:
        raise refusal("look into a list", f"cdktf.Fn.contains(the_list, {element!r})")


class Members(dict[str, ElementT]):
    """A map token. Handed on it is the expression; to ask what is in it is an error that says what to write instead."""

    __slots__ = ()

    def __init__(self, token: Mapping[str, ElementT]) -> None:
        super().__init__(token)

    def __getitem__(self, key: Any) -> Any:
        raise refusal("pick a member of a map", f"cdktf.Fn.lookup(the_map, {key!r})")

    def get(self, key: Any, default: Any = None) -> Any:
        """Refuse, as ``[key]`` does.

        Args:
            key: The member's key.
            default: What to take where there is none.
        """
        rest = "" if default is None else f", {default!r}"
        raise refusal("pick a member of a map", f"cdktf.Fn.lookup(the_map, {key!r}{rest})")

    def __contains__(self, key: object) -> bool:
        raise refusal("look into a map", f"cdktf.Fn.contains(cdktf.Fn.keys(the_map), {key!r})")

    def __len__(self) -> int:
        raise refusal("count the members of a map", "cdktf.Fn.length_of(the_map)")

    def __bool__(self) -> bool:
        raise refusal("tell whether a map is empty", "cdktf.Op.gte(cdktf.Fn.length_of(the_map), 1)")

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise refusal("compare a map", "cdktf.Op.eq(the_map, the_other)")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        raise _merging()

    def __ror__(self, other: Any) -> Any:
        raise _merging()

    def __ior__(self, other: Any) -> Any:
        raise _merging()

    def update(self, *others: Any, **members: Any) -> None:
        """Refuse, as ``|`` does."""
        raise _merging()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Refuse, as ``|`` does."""
        raise _merging()

    def pop(self, key: Any, *default: Any) -> Any:
        """Refuse, as ``[key]`` does.

        Args:
            key: The member's key.
            default: What to take where there is none.
        """
        return self.get(key, *default)

    def popitem(self) -> Any:
        """Refuse, as ``[key]`` does."""
        raise refusal("take a member out of a map", "cdktf.Fn.lookup(the_map, key)")


def _merging() -> ConstructError:
    """The error for what would put members beside those that Terraform will know."""
    return refusal("put members into a map", "cdktf.Fn.merge([the_map, more])")


class Truth:
    """A boolean token. In text it is the expression; to decide by it is an error that says what to write instead."""

    def __init__(self, token: cdktf.IResolvable) -> None:
        self._token = token

    def __getattr__(self, name: str) -> Any:
        """What the CDK library asks of the token itself, its place on the JavaScript side above all."""
        return getattr(self._token, name)

    def __str__(self) -> str:
        return cdktf.Token.as_string(self._token)

    def __bool__(self) -> bool:
        raise refusal("decide by a truth", "cdktf.Fn.conditional(the_truth, a, b)")
