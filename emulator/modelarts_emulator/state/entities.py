"""What the emulated cloud holds. Plain data: JSON in, JSON out, no behaviour."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

TRANSITIONAL = frozenset({"INIT", "CREATING", "STARTING", "STOPPING", "DELETING", "SNAPSHOTTING"})
FAILED = frozenset({"CREATE_FAILED", "START_FAILED", "DELETE_FAILED", "ERROR"})
STATUSES = TRANSITIONAL | FAILED | {"RUNNING", "STOPPED", "DELETED", "FROZEN"}


@dataclass(slots=True)
class Lease:
    """Auto stop. ``duration`` counts from the creation of the instance for TIMING (reference 2.3).

    ``requested`` is what was asked for last, ``None`` once auto stop is off; all in milliseconds.
    """

    duration: int
    enable: bool
    type: str
    update_at: int
    requested: int


@dataclass(slots=True)
class Volume:
    """The main storage. ``resizing_to`` is the size that a growth under way ends with."""

    category: str
    ownership: str
    mount_path: str
    capacity: int | None = None
    id: str | None = None
    uri: str | None = None
    read_only: bool | None = None
    dew_secret_name: str | None = None
    resizing_to: int | None = None
    resized_at: int | None = None


@dataclass(slots=True)
class Endpoint:
    """A way in: ``NOTEBOOK`` (HTTPS, always there) or ``SSH``."""

    service: str
    key_pair_names: list[str] = field(default_factory=list)
    allowed_access_ips: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Storage:
    """Storage attached to a running instance."""

    id: str
    category: str
    mount_path: str
    uri: str
    status: str
    mount_type: str = "DYNAMIC"
    efs_id: str | None = None
    failure_reason: str | None = None
    ready_at: int | None = None


@dataclass(slots=True)
class Transition:
    """A change under way: from ``begin`` to ``end`` (ms), then ``to``, or ``failed_to`` with a reason."""

    begin: int
    end: int
    to: str
    fail_reason: str | None = None
    failed_to: str | None = None
    image_id: str | None = None


@dataclass(slots=True)
class Notebook:
    """A notebook instance, with everything that the API shows and what it hides (hooks, network config).

    ``ssh_port`` is another one after each start.
    """

    id: str
    serial: int
    project_id: str
    domain_id: str
    domain_name: str
    user_id: str
    user_name: str
    name: str
    description: str
    flavor: str
    image_id: str
    feature: str
    workspace_id: str
    status: str
    token: str
    ip: str
    create_at: int
    update_at: int
    lease: Lease
    volume: Volume
    endpoints: list[Endpoint] = field(default_factory=list)
    storages: list[Storage] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    hooks: dict[str, Any] = field(default_factory=dict)
    pool_id: str | None = None
    fail_reason: str | None = None
    custom_spec: dict[str, Any] | None = None
    affinity: dict[str, Any] | None = None
    run_user: dict[str, Any] | None = None
    user_vpc: dict[str, Any] | None = None
    public_network_config: dict[str, Any] | None = None
    transition: Transition | None = None
    idle_since: int | None = None
    ssh_port: int = 0


@dataclass(slots=True)
class Image:
    """A container image that notebooks are made from."""

    id: str
    name: str
    tag: str
    swr_path: str
    type: str
    arch: str
    resource_categories: list[str]
    dev_services: list[str]
    create_at: int
    update_at: int
    description: str = ""
    namespace: str = "atelier"
    origin: str | None = None
    service_type: str = "DEV"
    size: int = 3_376_133_259
    status: str = "ACTIVE"
    status_message: str | None = None
    visibility: str = "PUBLIC"
    workspace_id: str = "0"
    flavor_type: str | None = None
    show_name: str | None = None
    show_tag: str | None = None
    tags: list[dict[str, str]] = field(default_factory=list)
    swr_instance_id: str | None = None
    read_me: str = ""
    project_id: str | None = None
    ready_at: int | None = None
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Flavor:
    """A machine size. ``memory`` is in KiB."""

    id: str
    name: str
    arch: str
    category: str
    vcpus: int
    memory: int
    feature: str = "NOTEBOOK"
    free: bool = False
    sold_out: bool = False
    storages: tuple[str, ...] = ("EVS", "EFS", "OBSFS", "OBS")
    gpu: dict[str, Any] | None = None
    ascend: dict[str, Any] | None = None
    dedicated_only: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """A dedicated resource pool."""

    id: str
    name: str
    flavors: tuple[str, ...]


def notebook_from_json(data: dict[str, Any]) -> Notebook:
    """The instance that ``asdict`` was taken from."""
    data = dict(data)
    data["lease"] = Lease(**data["lease"])
    data["volume"] = Volume(**data["volume"])
    data["endpoints"] = [Endpoint(**item) for item in data["endpoints"]]
    data["storages"] = [Storage(**item) for item in data["storages"]]
    if data["transition"] is not None:
        data["transition"] = Transition(**data["transition"])
    data.setdefault("ssh_port", 30_000 + data["serial"] % 2_768)  # a file from before ports changed at a start
    return Notebook(**data)


def to_json(entity: Notebook | Image) -> dict[str, Any]:
    """The entity as JSON values."""
    return asdict(entity)
