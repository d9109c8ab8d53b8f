"""What requests hold, as plain JSON with names and types. Only the keys that are set are sent."""

from __future__ import annotations

from typing import Any, TypedDict

from modelarts_provider.api.modelarts.models import TagPair


class EndpointBody(TypedDict, total=False):
    """A way to reach the instance; a list of them replaces the whole list.

    ``service`` is SSH or NOTEBOOK; at most five public addresses in ``allowed_access_ips``.
    """

    service: str
    key_pair_names: list[str]
    allowed_access_ips: list[str]


class Hook(TypedDict, total=False):
    """A script around the start of the service.

    ``type`` COMMAND: ``script`` is text in Base64; SCRIPT: an absolute path. ``mode`` is BLOCK or ASYNC (SDK 3.1.219 only).
    """

    type: str
    script: str
    mode: str


class ContainerHooks(TypedDict, total=False):
    """Scripts before and after the service starts."""

    pre_start: Hook
    post_start: Hook


class Hooks(TypedDict, total=False):
    """The wrapper that the API has around its only kind of hooks."""

    container_hooks: ContainerHooks


class VolumeBody(TypedDict, total=False):
    """Storage at create.

    ``category`` and ``ownership`` are required. ``capacity`` is in GB, for EVS (5-4096) and managed EFS. ``uri`` is required
    with ownership DEDICATED, ``id`` for EFS with it, ``dew_secret_name`` for OBS and OBSFS.
    """

    category: str
    ownership: str
    capacity: int
    uri: str
    id: str
    mount_path: str
    read_only: bool
    dew_secret_name: str


class LeaseBody(TypedDict, total=False):
    """Automatic stop: ``duration`` in milliseconds (TIMING: 1-72 hours, -1 disables), ``type`` TIMING or IDLE."""

    duration: int
    type: str


class CreateBody(TypedDict, total=False):
    """POST /notebooks. Required: name, flavor, image_id, volume. Tags have calls of their own."""

    name: str
    description: str
    flavor: str
    image_id: str
    volume: VolumeBody
    endpoints: list[EndpointBody]
    hooks: Hooks
    feature: str
    workspace_id: str
    pool_id: str
    lease: LeaseBody
    duration: int
    custom_spec: dict[str, Any]
    data_volumes: list[VolumeBody]
    affinity: dict[str, Any]
    run_user: dict[str, Any]
    user_vpc: dict[str, Any]
    public_network_config: dict[str, Any]


class UpdateBody(TypedDict, total=False):
    """PUT /notebooks/{id}. Everything is optional; ``storage_new_size`` is the new total in GB, not the growth."""

    name: str
    description: str
    flavor: str
    image_id: str
    storage_new_size: int
    endpoints: list[EndpointBody]
    hooks: Hooks
    dew_secret_name: str
    custom_spec: dict[str, Any]
    data_volumes: list[VolumeBody]
    affinity: dict[str, Any]
    public_network_config: dict[str, Any]


class TagKey(TypedDict, total=False):
    """A tag to delete: its key is enough."""

    key: str
    value: str


__all__ = [
    "ContainerHooks",
    "CreateBody",
    "EndpointBody",
    "Hook",
    "Hooks",
    "LeaseBody",
    "TagKey",
    "TagPair",
    "UpdateBody",
    "VolumeBody",
]
