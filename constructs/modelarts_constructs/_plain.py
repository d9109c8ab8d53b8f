"""From the values that people write to the plain ones that the CDK library carries: str, numbers, bool, list, dict.

What the library would lose or crash on without saying where (null in a list, sets, large integers, NaN, times, a
construct in the place of its id) is converted here or refused with its place.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from modelarts_constructs._cdk import Construct
from modelarts_constructs._checks import Value
from modelarts_constructs._tokens import WHOLE_LIST, WHOLE_MAP, is_merged, is_resolvable, is_token, overlooked
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.l1._references import Reference
from modelarts_constructs.l1._unknowns import Elements

LARGEST_INTEGER: Final = 2**53
"""Beyond it, JavaScript's numbers lose digits."""

_ADVICE: Final = {
    "bytes": "write .decode()",
    "datetime": "write .isoformat()",
    "date": "write .isoformat()",
    "timedelta": 'write a duration such as "30m"',
    "function": "write a value",
}


def to_plain(value: Any, at: str) -> Any:
    """Convert one value; a null member of a mapping is left out.

    Args:
        value: What the user wrote; None at the top means null.
        at: Where it stands, for errors: ``storage.size``.

    Raises:
        ConstructError: Terraform has no such value, or it would be lost on the way.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return to_plain(value.value, at)
        case str():
            return _text(value, at)
        case int() | float() | Decimal():
            return _number(value, at)
        case Value():
            return to_plain(value.attributes(), at)
        case Reference() | PurePath():
            return str(value)
        case Mapping():
            return _members(value.items(), at)
        case list() | tuple():
            return _elements(value, at)
        case set() | frozenset():
            return sorted(_elements(value, at), key=repr)
    return _object(value, at)


def _text(value: str, at: str) -> str:
    if lost := overlooked(value):
        what, instead = lost
        msg = f"{at} holds {what}, and CDK for Terraform overlooks it there: write {instead} in the text"
        raise ConstructError(msg)
    return str(value)


def _number(value: float | Decimal, at: str) -> float:
    if isinstance(value, Decimal):
        if not value.is_finite():
            msg = f"{at} is {value}, and Terraform has no such number"
            raise ConstructError(msg)
        value = int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        msg = f"{at} is {value}, and Terraform has no such number"
        raise ConstructError(msg)
    if not is_token(value) and isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        msg = f"{at} is {value}, and CDK for Terraform loses digits beyond 2**53: write it as text"
        raise ConstructError(msg)
    return value


def _members(pairs: Iterable[tuple[Any, Any]], at: str) -> dict[str, Any]:
    members: dict[str, Any] = {}
    pairs = dict(pairs)
    if is_merged(pairs):
        msg = f"{at} holds {WHOLE_MAP}: write cdktf.Fn.merge([the_map, more])"
        raise ConstructError(msg)
    for key, item in pairs.items():
        name = key.value if isinstance(key, Enum) else key
        if not isinstance(name, str):
            msg = f"{at} has the key {name!r}: keys must be text"
            raise ConstructError(msg)
        if item is not None:
            members[name] = to_plain(item, f"{at}{member(name)}")
    return members


def member(key: object) -> str:
    """A member of a mapping as errors name its place, after the mapping's own.

    Args:
        key: Its key.
    """
    text = str(key)
    return f".{text}" if text.isidentifier() else f"[{json.dumps(text)}]"


def _elements(items: Iterable[Any], at: str) -> list[Any]:
    if isinstance(items, Elements):
        return items.token()
    elements = []
    items = list(items)
    if is_merged(items):
        msg = f"{at} holds {WHOLE_LIST}: write cdktf.Fn.concat([the_list, more])"
        raise ConstructError(msg)
    for index, item in enumerate(items):
        if item is None:
            msg = f"{at}[{index}] is None, and CDK for Terraform drops null elements: leave it out of the list"
            raise ConstructError(msg)
        elements.append(to_plain(item, f"{at}[{index}]"))
    return elements


def _object(value: Any, at: str) -> Any:
    if isinstance(value, Construct):
        msg = f"{at} is the construct {type(value).__name__} itself: write one of its values, such as .id or .string_value"
        raise ConstructError(msg)
    if is_resolvable(value):
        return value
    if hasattr(value, "model_dump"):
        return to_plain(value.model_dump(), at)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _members(((field.name, getattr(value, field.name)) for field in dataclasses.fields(value)), at)
    name = type(value).__name__
    msg = f"{at} is a {name}, and Terraform has no such value: {_ADVICE.get(name, 'write text, a number, a bool, a list or a dict')}"
    raise ConstructError(msg)
