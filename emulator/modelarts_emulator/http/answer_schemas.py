"""JSON schemas of answers, for ``/openapi.json``.

They are closed, so that a field that somebody adds to an answer has to be written down here too.
"""

from __future__ import annotations

from typing import Any

from modelarts_emulator.state.entities import STATUSES

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
FREE: Schema = {"type": "object"}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def many(schema: Schema) -> Schema:
    """An array of something."""
    return {"type": "array", "items": schema}


def words(*allowed: str) -> Schema:
    """One of some upper-case words."""
    return {"type": "string", "enum": sorted(allowed)}


def answer(required: str, **properties: Schema) -> Schema:
    """An object of an answer: closed, with its always-present keys."""
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


def page(name: str, *, twice: bool = False) -> Schema:
    """The envelope of a list; flavors are in it twice."""
    extra = {"flavors": many(ref(name))} if twice else {}
    counts = dict.fromkeys(("current", "pages", "size", "total"), INTEGER)
    needed = "current data pages size total" + (" flavors" if twice else "")
    return answer(needed, data=many(ref(name)), **counts, **extra)


_IMAGE = {
    "id": TEXT,
    "name": TEXT,
    "swr_path": TEXT,
    "type": words("BUILD_IN", "DEDICATED"),
    "description": TEXT,
    "tag": TEXT,
    "arch": words("x86_64", "aarch64"),
    "create_at": INTEGER,
    "update_at": INTEGER,
    "dev_services": many(words("NOTEBOOK", "SSH")),
    "namespace": TEXT,
    "origin": words("CUSTOMIZE", "IMAGE_SAVE"),
    "resource_categories": many(words("CPU", "GPU", "ASCEND")),
    "support_res_categories": many(words("CPU", "GPU", "ASCEND")),
    "service_type": words("COMMON", "INFERENCE", "TRAIN", "DEV", "UNKNOWN"),
    "size": INTEGER,
    "status": words("INIT", "CREATING", "CREATE_FAILED", "ERROR", "DELETED", "ACTIVE"),
    "status_message": TEXT,
    "visibility": words("PRIVATE", "PUBLIC"),
    "workspace_id": TEXT,
    "flavor_type": TEXT,
    "show_name": TEXT,
    "show_tag": TEXT,
    "tags": many(ref("Tag")),
    "swr_instance_id": TEXT,
}
_FLAVOR = {
    "id": TEXT,
    "name": TEXT,
    "arch": words("x86_64", "aarch64"),
    "category": words("CPU", "GPU", "ASCEND"),
    "description": TEXT,
    "feature": words("DEFAULT", "NOTEBOOK"),
    "free": BOOLEAN,
    "memory": INTEGER,
    "vcpus": INTEGER,
    "sold_out": BOOLEAN,
    "storages": many(TEXT),
    "billing": answer("code unit_num", code=TEXT, unit_num=INTEGER),
    "gpu": answer("gpu gpu_memory type", gpu=INTEGER, gpu_memory=TEXT, type=TEXT),
    "ascend": answer("npu npu_memory type chip", npu=INTEGER, npu_memory=TEXT, type=TEXT, chip=INTEGER),
    "evs_max_size": TEXT,
    "grow_support_type": TEXT,
}
_FLAVOR_KEYS = "id name arch category feature free memory vcpus sold_out storages"
_NOTEBOOK = {
    "id": TEXT,
    "name": TEXT,
    "description": TEXT,
    "status": words(*STATUSES),
    "fail_reason": TEXT,
    "feature": words("DEFAULT", "NOTEBOOK"),
    "flavor": TEXT,
    "custom_spec": FREE,
    "workspace_id": TEXT,
    "url": TEXT,
    "token": TEXT,
    "billing_items": many(words("COMPUTE", "STORAGE", "ALL")),
    "image": ref("EmbeddedImage"),
    "lease": ref("Lease"),
    "pool": answer("id name", id=TEXT, name=TEXT),
    "volume": ref("Volume"),
    "data_volumes": many(ref("DataVolume")),
    "endpoints": many(ref("Endpoint")),
    "action_progress": many(ref("Progress")),
    "user": answer("id name domain", id=TEXT, name=TEXT, domain=answer("id name", id=TEXT, name=TEXT)),
    "user_id": TEXT,
    "user_vpc": FREE,
    "affinity": FREE,
    "run_user": FREE,
    "ip": TEXT,
    "is_need_credentials": BOOLEAN,
    "jupyter_version": TEXT,
    "tags": many(ref("Tag")),
    "create_at": INTEGER,
    "update_at": INTEGER,
    "current_time": INTEGER,
}

ANSWERS: dict[str, Schema] = {
    "Error": answer("error_code error_msg", error_code=TEXT, error_msg=TEXT, request_id=TEXT),
    "Tag": answer("key value", key=TEXT, value=TEXT),
    "Lease": answer(
        "create_at duration enable update_at",
        create_at=INTEGER,
        duration=INTEGER,
        enable=BOOLEAN,
        type=words("TIMING", "IDLE"),
        update_at=INTEGER,
    ),
    "Volume": answer(
        "category ownership mount_path",
        category=words("EVS", "EFS", "OBSFS"),
        ownership=words("MANAGED", "DEDICATED"),
        mount_path=TEXT,
        capacity=INTEGER,
        id=TEXT,
        uri=TEXT,
        read_only=BOOLEAN,
        dew_secret_name=TEXT,
        status=words("RESIZING", "IN_USE"),
        mount_type=words("MAIN"),
    ),
    "DataVolume": answer(
        "category mount_path url status mount_type",
        category=TEXT,
        mount_path=TEXT,
        url=TEXT,
        status=TEXT,
        mount_type=TEXT,
    ),
    "Endpoint": answer(
        "service dev_service",
        service=words("NOTEBOOK", "SSH"),
        dev_service=words("NOTEBOOK", "SSH"),
        key_pair_names=many(TEXT),
        ssh_keys=many(TEXT),
        allowed_access_ips=many(TEXT),
        uri=TEXT,
    ),
    "Progress": answer(
        "notebook_id step status step_description description",
        notebook_id=TEXT,
        step=INTEGER,
        status=words("WAITING", "PROCESSING", "COMPLETED", "FAILED"),
        step_description=TEXT,
        description=TEXT,
    ),
    "EmbeddedImage": answer("id type", **_IMAGE),
    "Image": answer("id name swr_path type arch status origin", **_IMAGE)
    | {"required": ["id", "name", "swr_path", "type", "arch", "status"]},
    "Flavor": answer(_FLAVOR_KEYS, **_FLAVOR),
    "Notebook": answer("id name description status feature flavor workspace_id token image lease", **_NOTEBOOK),
    "UpdatedNotebook": answer("name description flavor", **_NOTEBOOK),
    "Storage": answer(
        "id category mount_path uri status mount_type",
        id=TEXT,
        category=words("OBSFS", "EFS"),
        mount_path=TEXT,
        uri=TEXT,
        status=words("MOUNTING", "MOUNTED", "UNMOUNTING", "UNMOUNTED", "MOUNT_FAILED", "UNMOUNT_FAILED"),
        mount_type=words("STATIC", "DYNAMIC"),
        efs_id=TEXT,
        failure_reason=TEXT,
    ),
    "Feature": answer(
        "id name enabled quota used create_at update_at user_id",
        id=TEXT,
        name=TEXT,
        enabled=BOOLEAN,
        quota=INTEGER,
        used=INTEGER,
        create_at=INTEGER,
        update_at=INTEGER,
        user_id=TEXT,
    ),
    "Cluster": answer(
        "logic_cluster_id status type flavors",
        logic_cluster_id=TEXT,
        pool_id=TEXT,
        status=TEXT,
        type=words("MANAGED", "DEDICATED"),
        resource_categories=TEXT,
        workspace_id=TEXT,
        create_at=TEXT,
        update_at=TEXT,
        project_id=TEXT,
        domain_id=TEXT,
        flavors=many(answer(_FLAVOR_KEYS, **{**_FLAVOR, "memory": TEXT})),
        is_allow_root=BOOLEAN,
    ),
    "MergedTags": answer("tags", tags=many(answer("key values", key=TEXT, values=many(TEXT)))),
    "NotebookPage": page("Notebook"),
    "FlavorPage": page("Flavor", twice=True),
    "ImagePage": page("Image"),
    "StoragePage": page("Storage"),
    "ClusterPage": page("Cluster"),
}
