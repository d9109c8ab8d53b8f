"""From the friendly arguments of ``Notebook`` to the attributes of the resource, checked without a jsii call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, InstanceOf, Strict, ValidationError

from modelarts_constructs._checks import (
    ORDERED,
    TOKENS,
    UUID,
    Duration,
    NewTags,
    Switch,
    Tags,
    Text,
    each_problem,
    present,
    problems,
)
from modelarts_constructs._rules import length, matches, one_of, without
from modelarts_constructs._tokens import literal
from modelarts_constructs.auto_stop import AutoStop
from modelarts_constructs.endpoint import Endpoint
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.hook import Hook
from modelarts_constructs.storage import Storage

NewName = Annotated[
    str,
    Strict(),
    length(1, 128),
    matches(r"[A-Za-z0-9_-]*", "consist of letters, digits, hyphens and underscores"),
    TOKENS,
]
NewDescription = Annotated[str, Strict(), length(0, 512), without("&<>\"'/"), TOKENS]
WorkspaceId = Annotated[str, Strict(), matches(r"0|[0-9a-z]{32}", "be 0 or 32 lower-case letters and digits"), TOKENS]
PoolId = Annotated[
    str,
    Strict(),
    matches(r"[a-z][a-z0-9-]{3,63}", "have 4 to 64 characters and start with a lower-case letter"),
    TOKENS,
]
Region = Annotated[
    str, Strict(), matches(r"[a-z0-9]+(-[a-z0-9]+)*", "be the id of a region in lower case, such as cn-north-4"), TOKENS
]
ProjectId = Annotated[str, Strict(), matches(r"[0-9a-zA-Z]{32}", "have 32 letters and digits"), TOKENS]


class _Timeouts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    create: Duration | None = None
    read: Duration | None = None
    update: Duration | None = None
    delete: Duration | None = None


class _Arguments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    flavor: Annotated[str, Strict(), length(1, 256), TOKENS]
    image_id: UUID
    storage: InstanceOf[Storage]
    description: Text | None = None
    endpoints: Annotated[tuple[InstanceOf[Endpoint], ...], ORDERED] | None = None
    pre_start: InstanceOf[Hook] | None = None
    post_start: InstanceOf[Hook] | None = None
    auto_stop: InstanceOf[AutoStop] | None = None
    desired_status: Annotated[str, Strict(), one_of("RUNNING", "STOPPED"), TOKENS] | None = None
    allow_stopping_for_update: Switch | None = None
    deletion_protection: Switch | None = None
    adopt_existing: Switch | None = None
    tags: Tags | None = None
    feature: Annotated[str, Strict(), one_of("NOTEBOOK", "DEFAULT"), TOKENS] | None = None
    workspace_id: WorkspaceId | None = None
    pool_id: PoolId | None = None
    region: Region | None = None
    project_id: ProjectId | None = None
    timeouts: _Timeouts | None = None


class _NewValues(BaseModel):
    """What a notebook that is to be made may have. One that exists may have others: see ``new_value_problems``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: NewName
    description: NewDescription | None = None
    tags: NewTags | None = None


def new_value_problems(given: Mapping[str, Any]) -> list[str]:
    """What a new notebook can't have, and an imported or moved one may: one text each.

    Args:
        given: The arguments by name, of the right types; None stands for an argument that was left out.
    """
    try:
        _NewValues.model_validate({name: given[name] for name in _NewValues.model_fields if given[name] is not None})
    except ValidationError as error:
        return each_problem(error)
    return []


def notebook_attributes(at: Callable[[], str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The resource's attributes from the friendly arguments of ``Notebook``; text in them is literal.

    Args:
        at: The construct's path, asked for only when there is an error: it costs calls.
        given: The arguments by name; None stands for an argument that was left out.

    Raises:
        ConstructError: a value isn't allowed.
    """
    try:
        arguments = _Arguments.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise ConstructError(problems(at(), error)) from None
    attributes = present(arguments)
    attributes["storage"] = arguments.storage.attributes()
    if arguments.auto_stop is not None:
        attributes["auto_stop"] = arguments.auto_stop.attributes()
    if arguments.timeouts is not None:
        attributes["timeouts"] = present(arguments.timeouts)
    if arguments.endpoints is not None:
        attributes["endpoints"] = _by_service(at, arguments.endpoints)
    hooks = {when: attributes.pop(when).attributes() for when in ("pre_start", "post_start") if when in attributes}
    if hooks:
        attributes["hooks"] = hooks
    return {name: escaped(value) for name, value in attributes.items()}


def _by_service(at: Callable[[], str], endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    by_service: dict[str, Any] = {}
    for endpoint in endpoints:
        if endpoint.service in by_service:
            msg = f"{at()}: endpoints has {endpoint.service} twice: must have one endpoint for each service"
            raise ConstructError(msg)
        by_service[endpoint.service] = endpoint.attributes()
    return by_service


def escaped(value: Any) -> Any:
    """The value with every text escaped, so that ``${`` in it means itself; tokens stay tokens.

    Args:
        value: Text, a list or a dict; anything else stays what it is.
    """
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, list | tuple):
        return [escaped(element) for element in value]
    if isinstance(value, dict):
        return {name: escaped(member) for name, member in value.items()}
    return value
