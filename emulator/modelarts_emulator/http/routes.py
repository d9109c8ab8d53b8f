"""The list of operations: one table that routing, the request log and the OpenAPI document read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelarts_emulator.notebooks import features, image_changes, images, instances, storages, tags

if TYPE_CHECKING:
    from modelarts_emulator.calls import Handler


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; ``path`` is below ``/v1/{project_id}``; a body is ignored unless ``reads_body``."""

    name: str
    method: str
    path: str
    handler: Handler
    reads_body: bool = False


# Names are those of the official SDK. Literal paths stand before the ones with placeholders, which they have to win over.
OPERATIONS: tuple[Operation, ...] = (
    Operation("CreateNotebook", "POST", "/notebooks", instances.create, reads_body=True),
    Operation("ListNotebooks", "GET", "/notebooks", instances.list_own),
    Operation("ListAllNotebooks", "GET", "/notebooks/all", instances.list_all),
    Operation("ListFlavors", "GET", "/notebooks/flavors", instances.list_flavors),
    Operation("ShowNotebookTags", "GET", "/notebooks/tags", tags.show),
    Operation("ShowNotebook", "GET", "/notebooks/{id}", instances.show),
    Operation("UpdateNotebook", "PUT", "/notebooks/{id}", instances.update, reads_body=True),
    Operation("DeleteNotebook", "DELETE", "/notebooks/{id}", instances.delete),
    Operation("StartNotebook", "POST", "/notebooks/{id}/start", instances.start),
    Operation("StopNotebook", "POST", "/notebooks/{id}/stop", instances.stop),
    Operation("ShowLease", "GET", "/notebooks/{id}/lease", instances.show_lease),
    Operation("RenewLease", "PATCH", "/notebooks/{id}/lease", instances.renew_lease, reads_body=True),
    Operation("ShowSwitchableFlavors", "GET", "/notebooks/{id}/flavors", instances.switchable_flavors),
    Operation("CreateNotebookTags", "POST", "/notebooks/{id}/tags/create", tags.create, reads_body=True),
    Operation("DeleteNotebookTags", "DELETE", "/notebooks/{id}/tags/delete", tags.delete, reads_body=True),
    Operation("CreateImage", "POST", "/notebooks/{id}/create-image", image_changes.save, reads_body=True),
    Operation("AttachDynamicStorage", "POST", "/notebooks/{id}/storage", storages.attach, reads_body=True),
    Operation("ListDynamicStorages", "GET", "/notebooks/{id}/storage", storages.list_storages),
    Operation("ShowDynamicStorage", "GET", "/notebooks/{id}/storage/{storage_id}", storages.show),
    Operation("DetachDynamicStorage", "DELETE", "/notebooks/{id}/storage/{storage_id}", storages.detach),
    Operation("ListImage", "GET", "/images", images.list_images),
    Operation("ShowImage", "GET", "/images/{id}", images.show),
    Operation("RegisterImage", "POST", "/images", image_changes.register, reads_body=True),
    Operation("DeleteImage", "DELETE", "/images/{id}", image_changes.delete, reads_body=True),
    Operation("SyncImage", "POST", "/images/{id}/sync", image_changes.sync),
    Operation("ListFeatures", "GET", "/authoring/features/{feature}", features.feature),
    Operation("ListAuthoringClusters", "GET", "/authoring/clusters", features.clusters),
    Operation("ShowCluster", "GET", "/authoring/clusters/{cluster_id}", features.cluster),
)
_PREFIX = 3  # "", "v1", the project id
_BY_SHAPE: dict[tuple[str, int], list[tuple[list[str], Operation]]] = {}
for _operation in OPERATIONS:
    _parts = _operation.path.split("/")[1:]
    _BY_SHAPE.setdefault((_operation.method, len(_parts)), []).append((_parts, _operation))


@dataclass(frozen=True, slots=True)
class Match:
    """The operation that a request asks for, and the values of its path."""

    operation: Operation
    project_id: str
    path: dict[str, str]


def find(method: str, path: str) -> Match | None:
    """The operation of a decoded path such as ``/v1/{project_id}/notebooks``, or None."""
    parts = path.removesuffix("/").split("/")
    if len(parts) <= _PREFIX or parts[0] or parts[1] != "v1" or not parts[2]:
        return None
    rest = parts[_PREFIX:]
    for template, operation in _BY_SHAPE.get((method, len(rest)), []):
        values = _values(template, rest)
        if values is not None:
            return Match(operation, parts[2], values)
    return None


def _values(template: list[str], given: list[str]) -> dict[str, str] | None:
    values = {}
    for wanted, found in zip(template, given, strict=True):
        if wanted.startswith("{") and found:
            values[wanted[1:-1]] = found
        elif wanted != found:
            return None
    return values
