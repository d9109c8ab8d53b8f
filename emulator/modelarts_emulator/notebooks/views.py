"""How instances, images and flavors look in answers. Absent things are left out, never null, as in the samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from modelarts_emulator.config import Rules
    from modelarts_emulator.state.entities import Endpoint, Flavor, Image, Notebook, Storage
    from modelarts_emulator.state.store import World

View = Literal["create", "show", "list", "action"]

STEPS = ("Prepare storage", "Prepare compute resources", "Configure the network", "Initialize the instance")
DOMAIN = "emulator.invalid"

# What a view leaves out, because the documents' sample of that answer lacks it. Under `observed` list items are whole
# but for the url: a client reads the same structure for lists and single answers.
_LEFT_OUT: dict[View, frozenset[str]] = {
    "create": frozenset({"url", "volume", "endpoints", "action_progress", "data_volumes", "current_time"}),
    "show": frozenset(),
    "action": frozenset({"current_time"}),
    "list": frozenset(
        {
            "url",
            "endpoints",
            "action_progress",
            "user",
            "user_id",
            "billing_items",
            "current_time",
            "data_volumes",
            "ip",
        }
        | {"is_need_credentials", "jupyter_version", "create_at", "update_at"}
    ),
}
_LIST_OBSERVED = frozenset({"url", "current_time", "action_progress"})
_SHORT_IMAGE = ("id", "name", "swr_path", "type")


def notebook(world: World, item: Notebook, now: int, view: View) -> dict[str, Any]:
    """One instance. ``token`` is a secret of the instance; hooks are never shown."""
    rules = world.config.rules
    left_out = _LIST_OBSERVED if view == "list" and rules == "observed" else _LEFT_OUT[view]
    running = item.status == "RUNNING"
    out: dict[str, Any] = {
        "id": item.id,
        "name": item.name,
        "description": item.description,
        "status": item.status,
        "fail_reason": item.fail_reason,
        "feature": item.feature,
        "flavor": item.flavor,
        "custom_spec": item.custom_spec,
        "workspace_id": item.workspace_id,
        "token": item.token,
        "image": _embedded_image(world, item, view),
        "lease": _lease(item, with_type=not (view == "list" and rules == "documented")),
        "pool": _pool(world, item),
        "tags": [{"key": key, "value": value} for key, value in item.tags.items()] or None,
        "affinity": item.affinity,
        "run_user": item.run_user,
        "user_vpc": item.user_vpc,
    }
    if "url" not in left_out:
        out["url"] = f"https://authoring-modelarts-{_region(world, item).replace('-', '')}.{DOMAIN}/{item.id}/lab"
    if "volume" not in left_out and not (view == "show" and item.status == "CREATING"):
        assumed = world.config.assumed
        out["volume"] = volume(item, assumed("growth-shown"), managed_id=assumed("managed-volume-id") == "shown")
    if "endpoints" not in left_out:
        out["endpoints"] = [_endpoint(item, entry, rules, running=running) for entry in item.endpoints] or None
    if "action_progress" not in left_out:
        out["action_progress"] = _progress(item, now)
    if "data_volumes" not in left_out:
        out["data_volumes"] = [data_volume(entry) for entry in item.storages] or None
    if "user" not in left_out:
        out |= _extras(item, running=running)
    if "current_time" not in left_out:
        out["current_time"] = now
    return {key: value for key, value in out.items() if value is not None}


def _extras(item: Notebook, *, running: bool) -> dict[str, Any]:
    return {
        "user": {
            "id": item.user_id,
            "name": item.user_name,
            "domain": {"id": item.domain_id, "name": item.domain_name},
        },
        "user_id": item.user_id,
        "billing_items": ["COMPUTE", "STORAGE"] if running else ["STORAGE"],
        "is_need_credentials": True,
        "jupyter_version": "3.2.3",
        "ip": item.ip if running else None,
        "create_at": item.create_at,
        "update_at": item.update_at,
    }


def _region(world: World, item: Notebook) -> str:
    return next((project.region for project in world.config.projects if project.id == item.project_id), "cn-north-4")


def _embedded_image(world: World, item: Notebook, view: View) -> dict[str, Any]:
    found = world.images.get(item.image_id)
    if found is None:
        return {"id": item.image_id, "type": "DEDICATED"}
    whole = image(found)
    if view == "show":
        return whole
    keys = _SHORT_IMAGE if view == "list" else (*_SHORT_IMAGE, "description", "tag")
    if found.origin is not None:
        keys = (*keys, "origin")
    return {key: whole[key] for key in keys if key in whole}


def lease(item: Notebook) -> dict[str, Any]:
    """The lease as the lease calls answer it."""
    return _lease(item, with_type=True)


def _lease(item: Notebook, *, with_type: bool) -> dict[str, Any]:
    out: dict[str, Any] = {
        "create_at": item.create_at,
        "duration": item.lease.duration,
        "enable": item.lease.enable,
        "update_at": max(item.lease.update_at, item.update_at),
    }
    if with_type:
        out["type"] = item.lease.type
    return out


def _pool(world: World, item: Notebook) -> dict[str, str] | None:
    if item.pool_id is None:
        return None
    pool = world.pools.get(item.pool_id)
    return {"id": item.pool_id, "name": pool.name if pool else item.pool_id}


def volume(item: Notebook, shown_growth: str = "at-end", *, managed_id: bool = False) -> dict[str, Any]:
    """The main storage of an instance; what identifies it is shown where it is the user's own."""
    main = item.volume
    dedicated = main.ownership == "DEDICATED"
    identified = dedicated or managed_id
    out: dict[str, Any] = {
        # OBS comes back as OBSFS (Huawei's provider, sister cloud)
        "category": "OBSFS" if main.category == "OBS" else main.category,
        "ownership": main.ownership,
        "mount_path": main.mount_path,
        "capacity": main.resizing_to if main.resizing_to and shown_growth == "at-once" else main.capacity,
        "id": main.id if identified else None,
        "uri": main.uri if identified else None,
        "read_only": main.read_only,
        "dew_secret_name": main.dew_secret_name,
    }
    if main.resizing_to is not None:
        out["status"] = "RESIZING"
    elif dedicated and main.category in {"OBS", "OBSFS"}:  # live note
        out |= {"status": "IN_USE", "mount_type": "MAIN"}
    return {key: value for key, value in out.items() if value is not None}


def _endpoint(item: Notebook, entry: Endpoint, rules: Rules, *, running: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"service": entry.service, "dev_service": entry.service}
    if entry.key_pair_names:  # newest SDK and Huawei's provider; the pages say ssh_keys
        out |= {"key_pair_names": list(entry.key_pair_names), "ssh_keys": list(entry.key_pair_names)}
    if entry.allowed_access_ips:
        out["allowed_access_ips"] = list(entry.allowed_access_ips)
    if entry.service == "SSH" and running:
        # the page calls it a private IP; Huawei's provider prints a URI for SSH
        out["uri"] = item.ip if rules == "documented" else f"ssh://ma-user@dev-modelarts.{DOMAIN}:{item.ssh_port}"
    return out


def _progress(item: Notebook, now: int) -> list[dict[str, Any]] | None:
    statuses = _step_statuses(item, now)
    if statuses is None:
        return None
    return [
        {
            "notebook_id": item.id,
            "step": number,
            "status": status,
            # the pages say step_description, the newest SDK description
            "step_description": STEPS[number - 1],
            "description": STEPS[number - 1],
        }
        for number, status in enumerate(statuses, start=1)
    ]


def _step_statuses(item: Notebook, now: int) -> list[str] | None:
    if item.status in {"CREATING", "STARTING"} and item.transition is not None:
        whole = max(1, item.transition.end - item.transition.begin)
        done = min(3, 4 * (now - item.transition.begin) // whole)
        return ["COMPLETED"] * done + ["PROCESSING"] + ["WAITING"] * (3 - done)
    if item.status in {"CREATE_FAILED", "START_FAILED"}:
        return ["COMPLETED", "FAILED", "WAITING", "WAITING"]
    if item.status in {"RUNNING", "SNAPSHOTTING"}:
        return ["COMPLETED"] * 4
    return None


def data_volume(entry: Storage) -> dict[str, Any]:
    """Attached storage inside an instance: here the address is ``url``, in the storage calls it is ``uri``."""
    return {
        "category": entry.category,
        "mount_path": entry.mount_path,
        "url": entry.uri,
        "status": entry.status,
        "mount_type": entry.mount_type,
    }


def image(item: Image) -> dict[str, Any]:
    """One image, whole."""
    out: dict[str, Any] = {
        "arch": item.arch,
        "create_at": item.create_at,
        "description": item.description,
        "dev_services": item.dev_services,
        "id": item.id,
        "name": item.name,
        "namespace": item.namespace,
        "origin": item.origin,
        "resource_categories": item.resource_categories,
        "support_res_categories": item.resource_categories,
        "service_type": item.service_type,
        "size": item.size,
        "status": item.status,
        "status_message": item.status_message,
        "swr_path": item.swr_path,
        "tag": item.tag,
        "type": item.type,
        "update_at": item.update_at,
        "visibility": item.visibility,
        "workspace_id": item.workspace_id,
        "flavor_type": item.flavor_type,
        "show_name": item.show_name,
        "show_tag": item.show_tag,
        "tags": item.tags or None,
        "swr_instance_id": item.swr_instance_id,
    }
    return {key: value for key, value in out.items() if value is not None}


def flavor(item: Flavor) -> dict[str, Any]:
    """One flavor."""
    out: dict[str, Any] = {
        "id": item.id,
        "name": item.name,
        "arch": item.arch,
        "category": item.category,
        "description": item.name,
        "feature": item.feature,
        "free": item.free,
        "memory": item.memory,
        "vcpus": item.vcpus,
        "sold_out": item.sold_out,
        "storages": list(item.storages),
        "billing": {"code": item.id, "unit_num": 1},
        "gpu": item.gpu,
        "ascend": item.ascend,
        "evs_max_size": "4096",
        "grow_support_type": "COMMON",
    }
    return {key: value for key, value in out.items() if value is not None}
