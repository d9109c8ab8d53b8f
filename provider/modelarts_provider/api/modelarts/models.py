"""What the API answers, as plain JSON with names and types.

Any key may be missing: the documentation's samples lack url, volume or endpoints in some states, and no sample holds a null.
Times are integers, UTC milliseconds. Field names are the documented ones; where sources name one thing twice, ``normalise``
leaves one name (see ``field_aliases``).

Sources: the page "Updating a Notebook Instance" (2025-08-20), the response models of huaweicloudsdkmodelarts 3.1.219 and
the API reference of Open Telekom Cloud (2025-08-26).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from modelarts_provider.api.modelarts import field_aliases, shapes


class Progress(TypedDict, total=False):
    """One of four steps of initialisation: 1 storage, 2 compute, 3 network, 4 initialise.

    ``status`` is WAITING, PROCESSING, COMPLETED or FAILED.
    """

    notebook_id: str
    status: str
    step: int
    description: str


class Endpoint(TypedDict, total=False):
    """A way to reach the instance.

    ``service`` is NOTEBOOK or SSH. An empty ``allowed_access_ips`` lets every address in. ``uri`` is the address for SSH,
    which the documentation calls a private one.
    """

    service: str
    uri: str
    key_pair_names: list[str]
    allowed_access_ips: list[str]


class Lease(TypedDict, total=False):
    """Automatic stop.

    ``duration`` is in milliseconds from ``create_at``, not from the last start: the instance stops when create_at + duration
    has passed (the samples' own numbers). ``enable`` false: never. ``type`` is TIMING or IDLE.
    """

    create_at: int
    duration: int
    enable: bool
    type: str
    update_at: int


class Volume(TypedDict, total=False):
    """The instance's main storage.

    ``capacity`` is in GB. ``category`` is EVS, EFS, OBS, OBSFS (old instances: SFS); OBS is answered as OBSFS.
    ``status`` is RESIZING while an EVS disk grows, and INITIALIZING or DELETING, all of which pass.
    """

    capacity: int
    category: str
    mount_path: str
    ownership: str
    status: str
    id: str
    uri: str
    read_only: bool
    dew_secret_name: str
    evs_sku_code: str
    mount_type: str


class DataVolume(TypedDict, total=False):
    """A further storage; ``url`` here is what requests call ``uri``. ``mount_type`` is STATIC or DYNAMIC."""

    id: str
    category: str
    mount_path: str
    url: str
    uri: str
    status: str
    mount_type: str
    failure_reason: str


class TagPair(TypedDict, total=False):
    """A tag of an instance or an image."""

    key: str
    value: str


class Image(TypedDict, total=False):
    """An image; inside a notebook often only id, name, swr_path and type.

    ``origin`` is IMAGE_SAVE for an image that was saved from an instance, CUSTOMIZE for a registered one. ``size`` is in
    KB by the documentation, in bytes by its sample.
    """

    arch: str
    create_at: int
    description: str
    dev_services: list[str]
    flavor_type: str
    id: str
    name: str
    namespace: str
    origin: str
    resource_categories: list[str]
    service_type: str
    show_name: str
    show_tag: str
    size: int
    status: str
    status_message: str
    support_res_categories: list[str]
    swr_instance_id: str
    swr_path: str
    tag: str
    tags: list[TagPair]
    type: str
    update_at: int
    visibility: str
    workspace_id: str


class Pool(TypedDict, total=False):
    """The dedicated pool that an instance runs in; absent in the public one."""

    id: str
    name: str


class Domain(TypedDict, total=False):
    """A user's account."""

    id: str
    name: str


class User(TypedDict, total=False):
    """Who made the instance."""

    id: str
    name: str
    domain: Domain


class Notebook(TypedDict, total=False):
    """An instance, as create, show, update, delete, start, stop and lists answer it.

    ``status`` is INIT, CREATING, STARTING, STOPPING, DELETING, RUNNING, STOPPED, SNAPSHOTTING, CREATE_FAILED, START_FAILED,
    DELETE_FAILED, ERROR, DELETED or FROZEN. ``token`` is a secret that opens the instance. Hooks are never answered.
    ``odd_fields`` is ours: see ``shapes``.
    """

    action_progress: list[Progress]
    affinity: dict[str, Any]
    billing_items: list[str]
    create_at: int
    current_time: int
    custom_spec: dict[str, Any]
    data_volumes: list[DataVolume]
    description: str
    endpoints: list[Endpoint]
    fail_reason: str
    feature: str
    flavor: str
    id: str
    image: Image
    ip: str
    is_need_credentials: bool
    jupyter_version: str
    lease: Lease
    name: str
    odd_fields: list[str]
    pool: Pool
    run_user: dict[str, Any]
    status: str
    tags: list[TagPair]
    token: str
    update_at: int
    url: str
    user: User
    user_id: str
    user_vpc: dict[str, Any]
    volume: Volume
    workspace_id: str


class Flavor(TypedDict, total=False):
    """A machine to choose.

    ``memory`` is in KiB (8388608 is 8 GB). ``storages`` lists the categories of storage that it takes.
    """

    arch: str
    ascend: dict[str, Any]
    billing: dict[str, Any]
    category: str
    description: str
    evs_max_size: str
    evs_sku_code: str
    feature: str
    free: bool
    gpu: dict[str, Any]
    grow_support_type: str
    id: str
    memory: int
    name: str
    sold_out: bool
    storages: list[str]
    vcpus: int


class NotebookPage(TypedDict):
    """A part of a list.

    ``total`` counts all matches, None where the answer has no such number. The answer's ``current`` is left out: the
    documentation counts it from 0, from 1 and in records.
    """

    data: list[Notebook]
    total: int | None


def normalise(notebook: Mapping[str, Any]) -> Notebook:
    """A copy with one name per thing, enumerations in upper case, and without nulls and fields of another type (``shapes``)."""
    return cast("Notebook", field_aliases.normalised(shapes.sound(notebook)))
