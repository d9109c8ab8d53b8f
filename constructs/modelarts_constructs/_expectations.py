"""What a test expects of a notebook: the friendly values, in the shapes that Terraform has for them."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from modelarts_constructs._checks import Value
from modelarts_constructs._notebook_arguments import escaped
from modelarts_constructs.endpoint import Endpoint
from modelarts_constructs.l1._ignored import members
from modelarts_constructs.l1._meta import MetaArguments
from modelarts_constructs.l1.notebook import NotebookAttributes

SETS: Final = NotebookAttributes.TF_SETS
"""The paths of a notebook's attributes that have no order."""

_HOOKS: Final = ("pre_start", "post_start")


def misnamed(names: Iterable[str], there: Collection[str]) -> str:
    """What is wrong with the first name that no notebook has; empty where all can be.

    Without this, a wrong name that is expected to be absent would always match.

    Args:
        names: The names that a test expects something of.
        there: Names that were synthesised, whatever put them there.
    """
    known = {*members(NotebookAttributes), *MetaArguments.__annotations__, *_HOOKS, *there}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), 1)
            advice = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            return f"a notebook has no attribute {name!r}: {advice}"
    return ""


def expected_shapes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The expectations as Terraform's attributes: endpoints by service, hooks below ``hooks``, friendly values' members.

    Args:
        attributes: Expectations by the names of attributes, or of the arguments of ``Notebook``.
    """
    expected = {name: value for name, value in attributes.items() if name not in _HOOKS}
    if "endpoints" in expected:
        expected["endpoints"] = _by_service(expected["endpoints"])
    hooks = {name: attributes[name] for name in _HOOKS if name in attributes}
    if hooks:
        expected["hooks"] = {**(expected.get("hooks") or {}), **hooks}
    return {name: _shape(value) for name, value in expected.items()}


def _by_service(given: Any) -> Any:
    endpoints = [given] if isinstance(given, Endpoint) else given
    if not isinstance(endpoints, list | tuple | set | frozenset):
        return given
    if not all(isinstance(each, Endpoint) for each in endpoints):
        return given
    return {endpoint.service: endpoint for endpoint in endpoints}


def _shape(value: Any) -> Any:
    """A friendly value as it is written: its text is literal, as it is in ``Notebook``. What is plain stays."""
    if isinstance(value, Value):
        return escaped(value.attributes())
    if isinstance(value, Mapping):
        return {name: _shape(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_shape(element) for element in value]
    return value
