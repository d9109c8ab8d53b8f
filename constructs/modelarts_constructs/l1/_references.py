"""Typed references into a resource's attributes: ``notebook.endpoints["SSH"].uri`` without a line of string building."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from typing import Any, ClassVar, Generic, NoReturn, TypeAlias, TypeVar, cast

from modelarts_constructs._cdk import cdktf
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._numbers import Number
from modelarts_constructs.l1._unknowns import Elements, Members, Truth, Unchangeable, refusal

Source: TypeAlias = cdktf.TerraformResource | cdktf.TerraformDataSource


class Place:
    """Something that attributes can be read from, by their names: a resource, or an object inside one."""

    TF_SETS: ClassVar[tuple[str, ...]]
    """Where a resource has any: the paths of its attributes that are sets, which have no order; ``*`` is any key."""

    def _at(self, name: str) -> tuple[Source, str]:
        """The resource, and the path of the named attribute inside it."""
        raise NotImplementedError

    def _string(self, name: str) -> str:
        source, path = self._at(name)
        return source.get_string_attribute(path)

    def _number(self, name: str) -> float:
        source, path = self._at(name)
        return Number(source.get_number_attribute(path), path)

    def _boolean(self, name: str) -> cdktf.IResolvable:
        source, path = self._at(name)
        return cast("cdktf.IResolvable", Truth(source.get_boolean_attribute(path), path))

    def _strings(self, name: str) -> list[str]:
        source, path = self._at(name)
        return Elements(source.get_list_attribute(path), path)

    def _numbers(self, name: str) -> list[float]:
        source, path = self._at(name)
        return Elements(source.get_number_list_attribute(path), path)

    def _string_map(self, name: str) -> dict[str, str]:
        source, path = self._at(name)
        return Members(source.get_string_map_attribute(path), path)

    def _number_map(self, name: str) -> dict[str, float]:
        source, path = self._at(name)
        return Members(source.get_number_map_attribute(path), path)

    def _anything(self, name: str) -> cdktf.IResolvable:
        source, path = self._at(name)
        return source.interpolation_for_attribute(path)


class Reference(Unchangeable, Place):
    """A place inside a resource, and everything below it.

    As a value (an output's, a function's argument, another construct's attribute) it is the expression for that place.
    """

    _KIND: ClassVar[str] = "an object"
    _token: cdktf.IResolvable | None = None

    def __init__(self, at: tuple[Source, str]) -> None:
        self._source, self._path = at

    def __getattr__(self, name: str) -> Any:
        """What the CDK library asks of a value that it is given: its place on the JavaScript side.

        It is made when it is asked for: most references are steps on the way to an attribute.

        Raises:
            AttributeError: there is no such attribute; the message has the nearest one.
        """
        if name.startswith("__jsii_"):
            if self._token is None:
                self._token = self._source.interpolation_for_attribute(self._path)
            return getattr(self._token, name)
        there = [each for each in dir(type(self)) if not each.startswith("_")]
        near = difflib.get_close_matches(name, there, 1)
        msg = f"{type(self).__name__} has no attribute {name!r}"
        raise AttributeError(f"{msg}: did you mean {near[0]}?" if near else msg, name=name, obj=self)

    def __str__(self) -> str:
        return self._source.get_string_attribute(self._path)

    def __format__(self, spec: str) -> str:
        # As the whole of a text it would do, and beside other text Terraform refuses an object.
        raise self._refuse("put it into text", "one of its values there, or cdktf.Fn.jsonencode(the_reference)")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path}>"

    def __bool__(self) -> bool:
        raise self._refuse("tell whether it is set", "cdktf.Op.neq(the_reference, cdktf.Token.null_value())")

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        raise self._refuse("compare it", "cdktf.Op.eq(the_reference, the_other)")

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = object.__hash__

    def __len__(self) -> int:
        raise self._refuse("count what is in it", "cdktf.Fn.length_of(the_reference)")

    def __iter__(self) -> NoReturn:
        # Without this, Python would ask for [0], [1], [2] … for ever: each is a reference that there might be.
        raise self._refuse("go through it", 'each place by its name, such as ["SSH"] or [0]')

    def __contains__(self, element: object) -> bool:
        raise self._refuse("look into it", f"cdktf.Fn.contains(cdktf.Fn.keys(the_reference), {element!r})")

    def _refuse(self, question: str, instead: str) -> ConstructError:
        return refusal(f"{self._path} is {self._KIND}", question, instead)

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

    _KIND: ClassVar[str] = "a map"

    def __init__(self, at: tuple[Source, str], make: Make[ReferenceT]) -> None:
        super().__init__(at)
        self._make = make

    def __getitem__(self, key: str) -> ReferenceT:
        return self._make((self._source, f"{self._path}[{_key(self._path, key)}]"))


class ListReference(Reference, Generic[ReferenceT]):
    """A list of objects: ``reference[0]`` is the first one."""

    _KIND: ClassVar[str] = "a list"

    def __init__(self, at: tuple[Source, str], make: Make[ReferenceT]) -> None:
        super().__init__(at)
        self._make = make

    def __getitem__(self, index: int) -> ReferenceT:
        return self._make((self._source, f"{self._path}[{_index(self._path, index)}]"))


class SetReference(Reference):
    """A set of objects, which has no order: use it whole, or index ``cdktf.Fn.tolist(the_reference)``."""

    _KIND: ClassVar[str] = "a set"
