"""The names in a lifecycle's ``ignore_changes``: attributes that the resource has.

Terraform refuses a wrong name only when it plans, and says neither which ones there are nor which one is near.
"""

from __future__ import annotations

import difflib
import functools
import re
import typing
from typing import Any, Final

from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import ConstructError, shown
from modelarts_constructs.l1._references import ListReference, MapReference, Place

ALL: Final = "all"
"""The keyword for every attribute; it stands alone, in the place of the list."""

_PATH: Final = re.compile(r'[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[(?:"(?:[^"\\]|\\.)*"|\d+)\])*')
_STEP: Final = re.compile(r'(\[)(?:"(?:[^"\\]|\\.)*"|\d+)\]|([A-Za-z_][\w-]*)')

_CAMEL: Final = re.compile(r"(?<=[a-z])([A-Z])")


def check_ignored(changes: object, readable: type[Place] | None) -> None:
    """Refuse what Terraform can't ignore the changes of.

    Args:
        changes: What was written: "all", or a list of names and of paths such as ``tags["owner"]``.
        readable: The generated class of what can be read from the resource; None where there is none.

    Raises:
        ConstructError: it is no list, or an element names no attribute.
    """
    if changes is None or is_token(changes) or changes == ALL:
        return
    if isinstance(changes, str) or not isinstance(changes, list | tuple):
        example = f'[{shown(changes)}], or "all"' if isinstance(changes, str) else '["tags"], or "all"'
        msg = f"lifecycle: ignore_changes is {shown(changes)}: must be a list, such as {example}"
        raise ConstructError(msg)
    for index, change in enumerate(changes):
        if problem := _problem(change, readable):
            msg = f"lifecycle: ignore_changes[{index}] is {shown(change)}: {problem}"
            raise ConstructError(msg)


def _problem(change: object, readable: type[Place] | None) -> str:
    if is_token(change):
        return 'Terraform needs a name in the plan: must be text, such as "tags"'
    if not isinstance(change, str):
        return 'must be the name of an attribute, such as "tags"'
    if change in {ALL, "*"}:
        return 'must stand alone for every attribute: ignore_changes="all"'
    if not _PATH.fullmatch(change):
        return 'must be the name of an attribute, or a path below one such as tags["owner"]'
    return _unknown(change, readable) if readable else ""


def _unknown(path: str, readable: type[Place]) -> str:
    """What is wrong with a path below a resource; empty where its names are known, or can be any."""
    kind: Any = readable
    above = "the resource"
    for index, name in ((match[1], match[2]) for match in _STEP.finditer(path)):
        made = typing.get_origin(kind) or kind
        if made in {MapReference, ListReference}:
            if not index and made is ListReference:
                return f"{above} is a list: must have an index in brackets there"
            (kind,) = typing.get_args(kind)
            continue
        there = members(made)
        if not there:
            return ""  # a map's keys, a list's indexes, or nothing that can be checked here
        if index:
            return f"{above} has attributes: must name one after a point"
        if name not in there:
            near = difflib.get_close_matches(_CAMEL.sub(r"_\1", name).lower(), there, 1)
            return f"{above} has no attribute {name!r}: " + (
                f"did you mean {near[0]}?" if near else f"there are {', '.join(there)}"
            )
        kind, above = there[name], name
    return ""


@functools.cache
def members(made: Any) -> dict[str, Any]:
    """The names in Terraform of what can be read there, each with the annotation of its reference; none of a value.

    Args:
        made: A generated class of what can be read, or any annotation.
    """
    if not (isinstance(made, type) and issubclass(made, Place)):
        return {}
    return {
        name.removesuffix("_attribute"): typing.get_type_hints(each.fget)["return"]
        for name, each in vars(made).items()
        if isinstance(each, property)
    }
