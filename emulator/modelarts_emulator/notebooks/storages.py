"""Storage attached to a running instance: rows 17 to 20."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from modelarts_emulator.calls import Call, Reply, ok
from modelarts_emulator.errors import busy, missing, refuse, wrong_value
from modelarts_emulator.notebooks import listing, request_fields
from modelarts_emulator.notebooks.rules import check_action
from modelarts_emulator.state.entities import Storage

if TYPE_CHECKING:
    from modelarts_emulator.state.entities import Notebook

MAX_STORAGES = 10
# Huawei's provider asks for exactly this form; a live note got 6785 without the last slash
_MOUNT_PATH = re.compile(r"/data/[A-Za-z0-9_.-]+/\Z")
_OBS = re.compile(r"obs://(?P<bucket>[a-z0-9.-]{3,63})/(?:.*/)?\Z")
# In the emulated account every bucket exists and is a parallel file system, but for those named so.
_BAD_BUCKETS = ("missing-", "forbidden-", "object-")
_DETACHABLE = frozenset({"MOUNTED", "MOUNT_FAILED", "UNMOUNT_FAILED"})


def view(item: Storage) -> dict[str, Any]:
    """One attached storage."""
    out = {
        "id": item.id,
        "category": item.category,
        "mount_path": item.mount_path,
        "uri": item.uri,
        "status": item.status,
        "mount_type": item.mount_type,
        "efs_id": item.efs_id,
        "failure_reason": item.failure_reason if item.status == "MOUNT_FAILED" else None,
    }
    return {key: value for key, value in out.items() if value is not None}


def attach(call: Call) -> Reply:
    """POST /notebooks/{id}/storage: MOUNTING, then MOUNTED."""
    notebook = call.notebook()
    check_action(call.world.config.rules, "attach-storage", notebook.status)
    item = _checked(call, notebook)
    item.id = call.world.ids.uuid()
    item.failure_reason = call.world.take_failure("attach", notebook.id)
    notebook.storages.append(item)
    call.world.touch(notebook)
    return ok(view(item))


def _checked(call: Call, notebook: Notebook) -> Storage:
    body = call.body
    category = request_fields.required_text(body, "category").upper()
    if category not in {"OBS", "OBSFS", "EFS"}:
        raise refuse("6324", f"The storage type {category} cannot be attached.")
    mount_path = request_fields.text(body, "mount_path", most=256)
    if not mount_path:
        raise refuse("6927", "The mount path is empty.")
    if not _MOUNT_PATH.match(mount_path):
        raise refuse("6785", "The mount path has to have the form /data/<name>/.")
    uri = request_fields.required_text(body, "uri", most=256)
    efs_id = request_fields.text(body, "efs_id", most=64)
    if category == "EFS":
        if not efs_id:
            raise missing("efs_id")
    else:
        _check_bucket(uri)
        efs_id = None
    if len(notebook.storages) >= MAX_STORAGES:
        raise refuse("0104", f"An instance can have {MAX_STORAGES} attached storages.")
    if any(item.mount_path == mount_path for item in notebook.storages):
        raise wrong_value("mount_path", "a path that isn't in use")
    return Storage(
        id="",
        category="OBSFS" if category == "OBS" else category,  # sister cloud's sample, Huawei's provider
        mount_path=mount_path,
        uri=uri,
        status="MOUNTING",
        efs_id=efs_id,
        ready_at=call.now + call.world.timing.mount,
    )


def _check_bucket(uri: str) -> None:
    if not uri.startswith("obs://"):
        raise wrong_value("uri", "obs://bucket/folder/")
    found = _OBS.match(uri)
    if found is None:
        raise refuse("6318", "The path 'uri' has to end with a slash.")
    if found["bucket"].startswith(_BAD_BUCKETS):
        raise refuse("6772", f"The bucket {found['bucket']} is missing, forbidden or no parallel file system.")


def _find(call: Call, notebook: Notebook) -> Storage:
    wanted = call.path["storage_id"]
    found = next((item for item in notebook.storages if item.id == wanted), None)
    if found is None:
        raise refuse("6404", f"The storage '{wanted}' of the instance is not found.")
    return found


def list_storages(call: Call) -> Reply:
    """GET /notebooks/{id}/storage; it knows no paging."""
    return ok(listing.page(call.notebook().storages, {}, listing.STORAGES, view, strict=False))


def show(call: Call) -> Reply:
    """GET /notebooks/{id}/storage/{storage_id}."""
    return ok(view(_find(call, call.notebook())))


def detach(call: Call) -> Reply:
    """DELETE /notebooks/{id}/storage/{storage_id}: UNMOUNTING, then gone."""
    notebook = call.notebook()
    check_action(call.world.config.rules, "detach-storage", notebook.status)
    item = _find(call, notebook)
    if item.status not in _DETACHABLE:
        raise busy(f"{notebook.status} with this storage {item.status}")
    item.status, item.ready_at = "UNMOUNTING", call.now + call.world.timing.unmount
    call.world.touch(notebook)
    return ok(view(item))
