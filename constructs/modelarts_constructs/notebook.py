"""Notebook instances, with friendly values that are checked at the line that wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from typing import Any, Protocol, Unpack

from pydantic import TypeAdapter, ValidationError

from modelarts_constructs._cdk import Construct
from modelarts_constructs._checks import UUID, problems
from modelarts_constructs._notebook_arguments import notebook_attributes
from modelarts_constructs._notebook_methods import NotebookMethods
from modelarts_constructs.auto_stop import AutoStop
from modelarts_constructs.endpoint import Endpoint
from modelarts_constructs.errors import ConstructError
from modelarts_constructs.hook import Hook
from modelarts_constructs.l1._base import Flag
from modelarts_constructs.l1._making import check_id, making, place
from modelarts_constructs.l1._meta import MetaArguments
from modelarts_constructs.l1.notebook import NotebookResource, NotebookTimeouts
from modelarts_constructs.storage import Storage

_UUID = TypeAdapter[str](UUID)


class INotebook(Protocol):
    """A notebook that other constructs can refer to: made in this stack, or found by its id."""

    @property
    def notebook_id(self) -> str:
        """The id (UUID) of the instance."""


class Notebook(NotebookResource, NotebookMethods):
    """A ModelArts notebook instance.

    Name, description, flavor, image, endpoints, hooks and the size of the storage change in place: where the instance
    must be stopped for it, the provider stops it, updates it once and starts it again. Text is literal (``${`` means
    itself); references to other constructs and other tokens are resolved as everywhere.

    A name, a description or tags that a new notebook can't have fail the synthesis, with the line that wrote them. A
    notebook that exists may keep them: call ``import_from``, or ``move_from_id`` after a rename in the stack. Both may
    stay in the stack for good. An address in ``allowed_access_ips`` that isn't public is a warning.
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
        auto_stop: AutoStop | None = None,
        desired_status: str | None = None,
        allow_stopping_for_update: Flag | None = None,
        deletion_protection: Flag | None = None,
        adopt_existing: Flag | None = None,
        tags: Mapping[str, str] | None = None,
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
            auto_stop: When it stops by itself, such as ``AutoStop.after(hours=4)``. Unset: not managed, and kept across
                our restarts. Changes in place and stops nothing.
            desired_status: ``RUNNING`` or ``STOPPED``: the power state to keep. Unset: whatever is found is kept.
                ``STOPPED`` is consent to stop it.
            allow_stopping_for_update: Whether an update may stop it (and start it again). ``False``: an update that
                needs a stop fails at plan time. Unset: the provider's setting, which is true unless set.
            deletion_protection: ``True``: destroying or replacing it fails at plan time. ``False``: it may go, whatever
                the provider says. Unset: the provider's setting, which is false unless set.
            adopt_existing: ``True``: a create takes over the one young notebook of the same name, flavor and image that
                a killed create has left. Unset: such a create fails and names it.
            tags: At most 19, the provider's ``default_tags`` included, which they override. Change in place and stop
                nothing.
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
        # The generated class below has arguments that this one writes itself (hooks): from here they are no argument.
        self._refuse_unknown(meta.keys() - MetaArguments.__annotations__.keys(), MetaArguments)
        given = {
            "name": name,
            "flavor": flavor,
            "image_id": image_id,
            "storage": storage,
            "description": description,
            "endpoints": endpoints,
            "pre_start": pre_start,
            "post_start": post_start,
            "auto_stop": auto_stop,
            "desired_status": desired_status,
            "allow_stopping_for_update": allow_stopping_for_update,
            "deletion_protection": deletion_protection,
            "adopt_existing": adopt_existing,
            "tags": tags,
            "feature": feature,
            "workspace_id": workspace_id,
            "pool_id": pool_id,
            "region": region,
            "project_id": project_id,
            "timeouts": timeouts,
        }
        self._given = {name: _own(value) for name, value in given.items()}
        attributes = notebook_attributes(lambda: place(scope, id), self._given)
        super().__init__(scope, id, **attributes, **meta)
        self._refused, self._warned = {}, ()
        self._note_unusual()

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
        with making(scope, id):
            return _Existing(scope, id, checked)


def _own(value: Any) -> Any:
    """A copy of a collection, so that what its owner does with it later changes nothing here."""
    if isinstance(value, Iterator):
        return tuple(value)
    return copy(value) if isinstance(value, list | dict | set) else value


class _Existing(Construct):
    """A notebook that this stack doesn't manage."""

    def __init__(self, scope: Construct, id: str, notebook_id: str) -> None:  # noqa: A002 - as above
        super().__init__(scope, id)
        self._notebook_id = notebook_id

    @property
    def notebook_id(self) -> str:
        """The id (UUID) of the instance."""
        return self._notebook_id
