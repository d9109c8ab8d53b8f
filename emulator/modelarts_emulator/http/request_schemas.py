"""JSON schemas of requests, for ``/openapi.json``: open, since unknown fields are ignored and null counts as absent."""

from __future__ import annotations

from modelarts_emulator.http.answer_schemas import BOOLEAN, FREE, INTEGER, TEXT, Schema, many, ref, words


def _nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def request(required: str, **properties: Schema) -> Schema:
    """An object of a request: open, null where absent is allowed."""
    needed = required.split()
    optional = {name: schema if name in needed else _nullable(schema) for name, schema in properties.items()}
    out: Schema = {"type": "object", "properties": optional}
    return {**out, "required": needed} if needed else out


_VOLUME_REQUEST = {
    "category": TEXT,
    "ownership": TEXT,
    "capacity": INTEGER,
    "uri": {**TEXT, "maxLength": 1024},
    "id": TEXT,
    "mount_path": {**TEXT, "maxLength": 256},
    "read_only": BOOLEAN,
    "dew_secret_name": {**TEXT, "maxLength": 64},
}
_HOOK = request("script", script=TEXT, type=TEXT, mode=TEXT)
_UPDATE = {
    "name": {**TEXT, "maxLength": 128},
    "description": {**TEXT, "maxLength": 512},
    "flavor": TEXT,
    "image_id": TEXT,
    "custom_spec": FREE,
    "endpoints": many(ref("EndpointRequest")),
    "hooks": ref("Hooks"),
    "affinity": FREE,
    "data_volumes": many(request("category mount_path uri", **_VOLUME_REQUEST)),
    "public_network_config": request("", public_network_type=TEXT),
}

REQUESTS: dict[str, Schema] = {
    "EndpointRequest": request(
        "",
        service=TEXT,
        dev_service=TEXT,
        key_pair_names=many(TEXT),
        ssh_keys=many(TEXT),
        allowed_access_ips=many(TEXT),
    ),
    "Hooks": request("", container_hooks=request("", pre_start=_HOOK, post_start=_HOOK)),
    "LeaseRequest": request("", duration=INTEGER, type=TEXT),
    "CreateNotebookRequest": request(
        "name image_id volume",
        **_UPDATE,
        feature=TEXT,
        pool_id=TEXT,
        workspace_id=TEXT,
        volume=request("category ownership", **_VOLUME_REQUEST),
        duration=INTEGER,
        lease=ref("LeaseRequest"),
        run_user=request("", uid=INTEGER, gid=INTEGER),
        user_vpc=FREE,
    ),
    "UpdateNotebookRequest": request(
        "", **_UPDATE, storage_new_size=INTEGER, dew_secret_name={**TEXT, "maxLength": 64}
    ),
    "TagsRequest": request("tags", tags={**many(request("key", key=TEXT, value=TEXT)), "minItems": 1}),
    "AttachStorageRequest": request(
        "category mount_path uri",
        category=TEXT,
        mount_path={**TEXT, "maxLength": 256},
        uri={**TEXT, "maxLength": 256},
        efs_id=TEXT,
    ),
    "SaveImageRequest": request(
        "name namespace",
        name={**TEXT, "maxLength": 128},
        namespace={**TEXT, "maxLength": 64},
        tag={**TEXT, "maxLength": 64},
        description={**TEXT, "maxLength": 512},
        workspace_id=TEXT,
        swr_instance_id=TEXT,
    ),
    "RegisterImageRequest": request(
        "swr_path",
        swr_path={**TEXT, "minLength": 16, "maxLength": 2048},
        arch=words("X86_64", "AARCH64"),
        origin=TEXT,
        resource_category=many(TEXT),
        services=many(TEXT),
        service_type=TEXT,
        visibility=TEXT,
        workspace_id=TEXT,
        description={**TEXT, "maxLength": 512},
        flavor_type=TEXT,
        tags={**many({}), "maxItems": 20},
        swr_instance_id=TEXT,
        read_me={**TEXT, "maxLength": 3000},
    ),
    "DeleteImageRequest": request("", is_force=BOOLEAN),
}
