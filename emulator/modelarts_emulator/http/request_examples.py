"""Examples for ``/openapi.json``: values that an emulator with its own catalog accepts."""

from __future__ import annotations

from typing import Any

from modelarts_emulator.config import DEFAULT_PROJECT_ID
from modelarts_emulator.notebooks.features import PUBLIC_CLUSTER
from modelarts_emulator.state.catalog import FLAVORS, IMAGE_CPU

# Parameter -> value. Identifiers of instances and storages are missing: they are made by calls.
PARAMETERS: dict[str, Any] = {
    "project_id": DEFAULT_PROJECT_ID,
    "feature": "NOTEBOOK",
    "cluster_id": PUBLIC_CLUSTER,
    "type": "MANAGED",
}

# Component of a request's body -> body.
BODIES: dict[str, dict[str, Any]] = {
    "CreateNotebookRequest": {
        "name": "my-notebook",
        "description": "made from an example",
        "flavor": FLAVORS[0].id,
        "image_id": IMAGE_CPU,
        "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 50},
        "endpoints": [{"service": "SSH", "key_pair_names": ["my-key"], "allowed_access_ips": ["8.8.8.8"]}],
        "hooks": {"container_hooks": {"pre_start": {"type": "SCRIPT", "script": "/home/ma-user/work/init.sh"}}},
        "lease": {"type": "TIMING", "duration": 7_200_000},
    },
    "UpdateNotebookRequest": {
        "name": "renamed",
        "description": "",
        "flavor": FLAVORS[1].id,
        "storage_new_size": 60,
        "endpoints": [{"service": "SSH", "key_pair_names": ["my-key", "another-key"]}],
    },
    "LeaseRequest": {"type": "TIMING", "duration": 3_600_000},
    "SaveImageRequest": {"name": "saved", "namespace": "my-team", "tag": "1.0"},
    "TagsRequest": {"tags": [{"key": "team", "value": "vision"}]},
    "AttachStorageRequest": {"category": "OBSFS", "mount_path": "/data/shared/", "uri": "obs://my-bucket/folder/"},
    "RegisterImageRequest": {"swr_path": "swr.example.com/my-team/own-image:1.0", "arch": "X86_64"},
    "DeleteImageRequest": {"is_force": False},
}
