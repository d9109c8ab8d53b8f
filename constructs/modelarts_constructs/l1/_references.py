"""Typed references into a resource's attributes: ``notebook.endpoints["SSH"].uri`` without a line of string building."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Generic, NoReturn, TypeAlias, TypeVar, cast

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._numbers import Number
from modelarts_constructs.l1._unknowns import Elements, Members, Truth, refusal

Source: TypeAlias = cdktf.TerraformResource | cdktf.TerraformDataSource


class Place:
    """Something that attributes can be read from, by their names: a resource, or an object inside one."""

    def _at(self, name: str) -> tuple[Source, str]:
        """The resource, and the path of the named attribute inside it."""
        raise NotImplementedError

    def _string(self, name: str) -> str:
        source, path = self._at(name)
        return source.get_string_attribute(path)

    def _number(self, name: str) -> float:
        source, path = self._at(name)
        return Number(source.get_number_attribute(path))

    def _boolean(self, name: str) -> cdktf.IResolvable:
        source, path = self._at(name)
        return cast("cdktf.IResolvable", Truth(source.get_boolean_attribute(path)))

    def _strings(self, name: str) -> list[str]:
        source, path = self._at(name)
        return Elements(source.get_list_attribute(path))

    def _numbers(self, name: str) -> list[float]:
        source, path = self._at(name)
        return Elements(source.get_number_list_attribute(path))

    def _string_map(self, name: str) -> dict[str, str]:
        source, path = self._at(name)
        return Members(source.get_string_map_attribute(path))

    def _number_map(self, name: str) -> dict[str, float]:
        source, path = self._at(name)
        return Members(source.get_number_map_attribute(path))

    def _anything(self, name: str) -> cdktf.IResolvable:
        source, path = self._at(name)
        return source.interpolation_for_attribute(path)


class Reference(Place):
    """A place inside a resource. As text, and as an argument of another construct, it is the expression for that place."""

    def __init__(self, at: tuple[Source, str]) -> None:
        self._source, self._path = at

    def __str__(self) -> str:
        return self._source.get_string_attribute(self._path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path}>"

    def __bool__(self) -> bool:
        raise refusal(f"tell whether {self._path} is set", "cdktf.Op.neq(str(reference), cdktf.Token.null_value())")

    def __iter__(self) -> NoReturn:
        # Without this, Python would ask for [0], [1], [2] … for ever: each is a reference that there might be.
        raise refusal(f"go through {self._path}", 'each place by its name, such as ["SSH"] or [0]')

    def __contains__(self, element: object) -> bool:
        raise refusal(f"look into {self._path}", f"cdktf.Fn.contains(cdktf.Fn.keys(str(reference)), {element!r})")

    def _at(self, name: str) -> tuple[Source, str]:
        return self._source, f"{self._path}.{name}"


ReferenceT = TypeVar("ReferenceT", bound=Reference)
Make = Callable[[tuple[Any, str]], ReferenceT]


def _key(path: str, key: object) -> str:
    if not isinstance(key, str):
        msg = f"{path}[{shown(key)}]: the key must be text"
        raise ConstructError(msg)
    return json.dumps(key, ensure_ascii=False)


def _index(path: str, index: object) -> int:
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        msg = f"{path}[{shown(index)}]: the index must be a whole number from 0, which counts from the start"
        raise ConstructError(msg)
    return index


class MapReference(Reference, Generic[ReferenceT]):
    """A map of objects: ``reference["key"]`` is the object of that key."""

    def __init__(self, at: tuple[Source, str], make: Make[ReferenceT]) -> None:
        super().__init__(at)
        self._make = make

    def __getitem__(self, key: str) -> ReferenceT:
        return self._make((self._source, f"{self._path}[{_key(self._path, key)}]"))


class ListReference(Reference, Generic[ReferenceT]):
    """A list of objects: ``reference[0]`` is the first one."""

    def __init__(self, at: tuple[Source, str], make: Make[ReferenceT]) -> None:
        super().__init__(at)
        self._make = make

    def __getitem__(self, index: int) -> ReferenceT:
        return self._make((self._source, f"{self._path}[{_index(self._path, index)}]"))


class SetReference(Reference):
    """A set of objects, which has no order: use it whole, or index ``cdktf.Fn.tolist(str(reference))``."""
