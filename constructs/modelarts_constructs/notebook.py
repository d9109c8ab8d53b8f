"""Notebook instances, with friendly values that are checked at the line that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Protocol, Unpack

from pydantic import BaseModel, ConfigDict, InstanceOf, Strict, TypeAdapter, ValidationError

from modelarts_constructs._cdk import Construct
from modelarts_constructs._checks import (
    ORDERED,
    TOKENS,
    UUID,
    Duration,
    Text,
    length,
    matches,
    one_of,
    present,
    problems,
    without,
)
from modelarts_constructs._tokens import literal
from modelarts_constructs.endpoint import Endpoint
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.hook import Hook
from modelarts_constructs.l1._base import MetaArguments, check_id, place
from modelarts_constructs.l1.notebook import NotebookResource, NotebookTimeouts
from modelarts_constructs.storage import Storage

Name = Annotated[
    str,
    Strict(),
    length(1, 128),
    matches(r"[A-Za-z0-9_-]*", "consist of letters, digits, hyphens and underscores"),
    TOKENS,
]
_UUID = TypeAdapter[str](UUID)


class INotebook(Protocol):
    """A notebook that other constructs can refer to: made in this stack, or found by its id."""

    @property
    def notebook_id(self) -> str:
        """The id (UUID) of the instance."""


class _Timeouts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    create: Duration | None = None
    read: Duration | None = None
    update: Duration | None = None
    delete: Duration | None = None


class _Arguments(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    flavor: Annotated[str, Strict(), length(1, 256), TOKENS]
    image_id: UUID
    storage: InstanceOf[Storage]
    description: Annotated[str, Strict(), length(0, 512), without("&<>\"'/"), TOKENS] | None = None
    endpoints: Annotated[tuple[InstanceOf[Endpoint], ...], ORDERED] | None = None
    pre_start: InstanceOf[Hook] | None = None
    post_start: InstanceOf[Hook] | None = None
    feature: Annotated[str, Strict(), one_of("NOTEBOOK", "DEFAULT"), TOKENS] | None = None
    workspace_id: (
        Annotated[str, Strict(), matches(r"0|[0-9a-z]{32}", "be 0 or 32 lower-case letters and digits"), TOKENS] | None
    ) = None
    pool_id: (
        Annotated[
            str,
            Strict(),
            matches(r"[a-z][a-z0-9-]{3,63}", "have 4 to 64 characters and start with a lower-case letter"),
            TOKENS,
        ]
        | None
    ) = None
    region: Text | None = None
    project_id: Annotated[str, Strict(), matches(r"[0-9a-zA-Z]{32}", "have 32 letters and digits"), TOKENS] | None = (
        None
    )
    timeouts: _Timeouts | None = None


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
    if arguments.timeouts is not None:
        attributes["timeouts"] = present(arguments.timeouts)
    if arguments.endpoints is not None:
        attributes["endpoints"] = _by_service(at, arguments.endpoints)
    hooks = {when: attributes.pop(when).attributes() for when in ("pre_start", "post_start") if when in attributes}
    if hooks:
        attributes["hooks"] = hooks
    return {name: _literal(value) for name, value in attributes.items()}


def _by_service(at: Callable[[], str], endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    by_service: dict[str, Any] = {}
    for endpoint in endpoints:
        if endpoint.service in by_service:
            msg = f"{at()}: endpoints has {endpoint.service} twice: must have one endpoint for each service"
            raise ConstructError(msg)
        by_service[endpoint.service] = endpoint.attributes()
    return by_service


def _literal(value: Any) -> Any:
    """The value with every text escaped, so that ``${`` in it means itself; tokens stay tokens."""
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, list | tuple):
        return [_literal(element) for element in value]
    if isinstance(value, dict):
        return {name: _literal(member) for name, member in value.items()}
    return value


class Notebook(NotebookResource):
    """A ModelArts notebook instance.

    Name, description, flavor, image, endpoints, hooks and the size of the storage change in place: where the instance
    must be stopped for it, the provider stops it, updates it once and starts it again. Text is literal (``${`` means
    itself); references to other constructs and other tokens are resolved as everywhere.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the name that every construct has
        *,
        name: str,
        flavor: str,
        image_id: str,
        storage: Storage,
        description: str | None = None,
        endpoints: Iterable[Endpoint] | None = None,
        pre_start: Hook | None = None,
        post_start: Hook | None = None,
        feature: str | None = None,
        workspace_id: str | None = None,
        pool_id: str | None = None,
        region: str | None = None,
        project_id: str | None = None,
        timeouts: NotebookTimeouts | None = None,
        **meta: Unpack[MetaArguments],
    ) -> None:
        """Declare a notebook.

        Args:
            scope: The construct that this one belongs to.
            id: Its id, unique in the scope; part of its address.
            name: Name of the instance: 1 to 128 letters, digits, hyphens and underscores. Changes in place.
            flavor: Id of the machine flavor, such as ``modelarts.vm.cpu.2u``. Changes in place.
            image_id: Id (UUID) of the image. Changes in place.
            storage: The storage of the work directory, such as ``Storage.evs(size=50)``. Its size grows in place.
            description: At most 512 characters, none of ``& < > " ' /``. ``""`` clears it. Changes in place.
            endpoints: Ways to reach it, such as ``[Endpoint.ssh(key_pair_names=["mine"])]``. Change in place.
            pre_start: A script to run before the service starts. Changes in place.
            post_start: A script to run after the service starts. Changes in place.
            feature: ``NOTEBOOK`` (billed, the service's default) or ``DEFAULT`` (the free CodeLab instance).
            workspace_id: Id of the workspace; the default one when unset.
            pool_id: Id of the dedicated resource pool to run in; the public pool when unset.
            region: Region of the instance; the provider's when unset.
            project_id: Id of the project; the provider's when unset.
            timeouts: How long operations may take: ``{"create": "30m", "update": "1h"}``.
            **meta: Metadata arguments, such as ``depends_on``.

        Raises:
            ConstructError: a value isn't allowed; the message has the construct's path, the value and what is.
        """
        check_id(scope, id)
        attributes = notebook_attributes(
            lambda: place(scope, id),
            {
                "name": name,
                "flavor": flavor,
                "image_id": image_id,
                "storage": storage,
                "description": description,
                "endpoints": endpoints,
                "pre_start": pre_start,
                "post_start": post_start,
                "feature": feature,
                "workspace_id": workspace_id,
                "pool_id": pool_id,
                "region": region,
                "project_id": project_id,
                "timeouts": timeouts,
            },
        )
        super().__init__(scope, id, **attributes, **meta)

    @property
    def notebook_id(self) -> str:
        """The id (UUID) of the instance, as a token."""
        return self.id

    @staticmethod
    def from_notebook_id(scope: Construct, id: str, notebook_id: str) -> INotebook:  # noqa: A002 - as above
        """Refer to a notebook that is managed elsewhere.

        Args:
            scope: The construct that the reference belongs to.
            id: Its id, unique in the scope.
            notebook_id: The id (UUID) of the instance.
        """
        check_id(scope, id)
        try:
            checked = _UUID.validate_python(notebook_id)
        except ValidationError as error:
            raise ConstructError(problems(f"{place(scope, id)}: notebook_id {notebook_id!r}", error)) from None
        return _Existing(scope, id, checked)


class _Existing(Construct):
    """A notebook that this stack doesn't manage."""

    def __init__(self, scope: Construct, id: str, notebook_id: str) -> None:  # noqa: A002 - as above
        super().__init__(scope, id)
        self._notebook_id = notebook_id

    @property
    def notebook_id(self) -> str:
        """The id (UUID) of the instance."""
        return self._notebook_id
