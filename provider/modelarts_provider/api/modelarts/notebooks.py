"""The notebook API's operations, one method each; answers normalised, errors as in ``errors``."""

from __future__ import annotations

import builtins
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from modelarts_provider.api.errors import AnotherInstance, MalformedAnswer
from modelarts_provider.api.http.paging import all_items
from modelarts_provider.api.http.url_encoding import segment
from modelarts_provider.api.modelarts.models import Flavor, Image, Lease, Notebook, NotebookPage, TagPair, normalise

if TYPE_CHECKING:
    from modelarts_provider.api.http.attempt import Params
    from modelarts_provider.api.http.client import Client
    from modelarts_provider.api.modelarts.bodies import CreateBody, LeaseBody, TagKey, UpdateBody
    from modelarts_provider.framework.cancellation import Cancel

PAGE = 50  # the largest that the API takes: 10, 20 or 50 (SDK 3.1.219)
IMAGE_PAGE = 200

_ID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""The form of every id of an instance, as imports know them as well."""


class Notebooks:
    """Notebook instances of the client's project, with what they are made of: flavors and images.

    Every method raises ApiError (NotFound, Busy, WrongState, ...). The POSTs create, start and stop are never repeated after
    they may have acted: the error's ``may_have_acted`` is true then, and the instance has to be looked at.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def with_cancel(self, cancel: Cancel) -> Notebooks:
        """The same API for work that must not be interrupted, or not by the same cancel (see Client.with_cancel)."""
        return Notebooks(self._client.with_cancel(cancel))

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.aclose()

    async def create(self, body: CreateBody) -> Notebook:
        """Make an instance; it answers in CREATING.

        The answer has no ``id`` where the service's isn't one that an instance can be found by: it is as good as lost then.
        """
        answer = await self._object("POST", "/notebooks", json=body)
        if not _is_id(answer.get("id")):
            answer.pop("id", None)
        return normalise(answer)

    async def show(self, id: str) -> Notebook:  # noqa: A002  # the API's own name for it
        """The instance as it is now, under the id that was asked for, whatever the answer makes of it.

        Raises:
            AnotherInstance: The answer is about another one, twice.
        """
        for _ in range(2):
            notebook = normalise(await self._object("GET", _of(id)))
            if notebook.get("id", "").strip().lower() in ("", id.lower()):
                notebook["id"] = id
                return notebook
        raise AnotherInstance("the answer is about another instance", method="GET", path=_of(id))

    async def page(self, *, offset: int = 0, limit: int = PAGE, **filters: str | int | None) -> NotebookPage:
        """One page of the project's instances, newest first.

        Args:
            offset: How many records to skip.
            limit: 10, 20 or 50.
            filters: Such as name, status, flavor, owner, workspace_id, pool_id, image_id, feature (default NOTEBOOK).
        """
        data, total = await self._part("/notebooks", {**filters, "limit": limit, "offset": offset})
        return {"data": [normalise(item) for item in data], "total": total}

    async def list(self, **filters: str | int | None) -> AsyncIterator[Notebook]:
        """Every instance that matches, each once, newest first; reads the next page when it is needed.

        An instance that is made or deleted meanwhile shifts the pages, so one may be missing: look by id before believing
        that it is gone.
        """
        async for item in self._all("/notebooks", filters, PAGE):
            yield normalise(item)

    async def update(self, id: str, body: UpdateBody) -> Notebook:  # noqa: A002
        """Change the instance. The answer may hold the changed fields only (the documentation's sample does): read back.

        A growth is never sent twice here: one that has happened is refused as out of range, so the caller looks first.
        """
        return await self._changed("PUT", _of(id), json=body, repeatable="storage_new_size" not in body)

    async def delete(self, id: str) -> Notebook | None:  # noqa: A002
        """Delete the instance with its managed storage; it answers in DELETING, or without a body (204)."""
        answer = await self._client.request("DELETE", _of(id))
        return None if answer is None else normalise(answer)

    async def start(self, id: str, duration: int | None = None, type: str | None = None) -> Notebook:  # noqa: A002
        """Start a stopped instance; it answers in STARTING.

        Args:
            id: The instance.
            duration: Automatic stop after so many milliseconds; -1 never. None: the service's default, one hour.
            type: TIMING or IDLE.
        """
        return await self._changed("POST", f"{_of(id)}/start", params={"duration": duration, "type": type})

    async def stop(self, id: str) -> Notebook:  # noqa: A002
        """Stop a running instance; it answers in STOPPING. Everything outside of its work directory is lost."""
        return await self._changed("POST", f"{_of(id)}/stop")

    async def renew_lease(self, id: str, duration: int, type: str | None = None) -> Lease | None:  # noqa: A002
        """Set the automatic stop of a running instance, counted from now; None when the answer has no body (204).

        Args:
            id: The instance.
            duration: Milliseconds.
            type: TIMING (the default) or IDLE.
        """
        body: LeaseBody = {"duration": duration} if type is None else {"duration": duration, "type": type}
        return cast("Lease | None", await self._client.request("PATCH", f"{_of(id)}/lease", json=body))

    async def create_tags(self, id: str, tags: Sequence[TagPair]) -> None:  # noqa: A002
        """Add tags; a tag with the same key is overwritten, so this may be repeated."""
        await self._client.request("POST", f"{_of(id)}/tags/create", json={"tags": [*tags]}, repeatable=True)

    async def delete_tags(self, id: str, tags: Sequence[TagKey]) -> None:  # noqa: A002
        """Remove tags by key (a DELETE with a body); a key that is not there is no error."""
        await self._client.request("DELETE", f"{_of(id)}/tags/delete", json={"tags": [*tags]})

    async def flavors(self, **filters: str | int | None) -> builtins.list[Flavor]:
        """The machines to choose from; filters: category, type (MANAGED, DEDICATED), flavor_type, feature."""
        return cast("builtins.list[Flavor]", [item async for item in self._all("/notebooks/flavors", filters, None)])

    async def switchable_flavors(self, id: str) -> builtins.list[Flavor]:  # noqa: A002
        """The flavors that this instance can change to."""
        items = self._all(f"{_of(id)}/flavors", {}, None)
        return cast("builtins.list[Flavor]", [item async for item in items])

    async def images(self, **filters: str | int | None) -> builtins.list[Image]:
        """Images to choose from; filters: type (BUILD_IN is the service's default), name, namespace, workspace_id."""
        return cast("builtins.list[Image]", [item async for item in self._all("/images", filters, IMAGE_PAGE)])

    async def image(self, id: str) -> Image:  # noqa: A002
        """One image; MissingReference or NotFound where there is none."""
        return cast("Image", await self._object("GET", f"/images/{segment(id)}"))

    async def _changed(
        self, method: str, path: str, *, params: Params | None = None, json: Any = None, repeatable: bool | None = None
    ) -> Notebook:
        """What a write of an instance answers. Without a body it has been accepted all the same, and is read back anyway."""
        return normalise(
            await self._client.request(method, path, params=params, json=json, repeatable=repeatable) or {}
        )

    async def _object(
        self, method: str, path: str, *, params: Params | None = None, json: Any = None, repeatable: bool | None = None
    ) -> dict[str, Any]:
        answer = await self._client.request(method, path, params=params, json=json, repeatable=repeatable)
        if answer is None:
            message = "the answer is empty; an object was expected"
            raise MalformedAnswer(message, method=method, path=path, may_have_acted=method != "GET")
        return answer

    async def _part(self, path: str, params: Params) -> tuple[builtins.list[dict[str, Any]], int | None]:
        answer = await self._object("GET", path, params=params)
        data = answer.get("data")
        if data is None:
            data = answer.get("flavors")  # switchable flavors come under both names
        if not isinstance(data, list):
            raise MalformedAnswer("the page has no list of items under data", method="GET", path=path)
        total = answer.get("total")
        known_total = total if isinstance(total, int) and not isinstance(total, bool) else None
        # What is no object counts, since offsets do, and is one without an id.
        return [item if isinstance(item, dict) else {} for item in data], known_total

    def _all(
        self, path: str, filters: Mapping[str, str | int | None], limit: int | None
    ) -> AsyncIterator[dict[str, Any]]:
        """Items of all pages, each id once; see ``paging``."""
        return all_items(lambda params: self._part(path, {**filters, **params}), path, limit)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _of(id: str) -> str:  # noqa: A002  # the API's own name for it
    """The path of an instance; ids may come from users (import), so they are encoded."""
    return f"/notebooks/{segment(id)}"
