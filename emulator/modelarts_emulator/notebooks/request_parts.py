"""Reading the compound parts of a create or update request: endpoints, hooks, volumes, machine features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelarts_emulator.errors import missing, refuse, wrong_type, wrong_value
from modelarts_emulator.notebooks import request_fields
from modelarts_emulator.state.entities import Endpoint, Storage, Volume

if TYPE_CHECKING:
    from modelarts_emulator.notebooks.request_fields import Body

SERVICES = frozenset({"NOTEBOOK", "SSH"})
MAX_IPS = 5
MOUNT_PATH = "/home/ma-user/work/"
EVS_MIN, EVS_MAX, EVS_DEFAULT, EFS_DEFAULT = 5, 4096, 5, 50
CPU_MIN, MEMORY_MIN, NUMBER_MAX = 0.4, 513, 1e9
# (category, ownership): live notes; None means accepted
_COMBINATIONS: dict[tuple[str, str], str | None] = {
    ("EVS", "MANAGED"): None,
    ("EVS", "DEDICATED"): "6702",
    ("EFS", "MANAGED"): None,
    ("EFS", "DEDICATED"): None,
    ("OBS", "MANAGED"): "6702",
    ("OBSFS", "MANAGED"): "6702",
    ("OBS", "DEDICATED"): None,
    ("OBSFS", "DEDICATED"): None,
}


def endpoints(body: Body, *, only_public: bool) -> list[Endpoint] | None:
    """The endpoints of a request, in both spellings that the sources have; None when they aren't given."""
    found = request_fields.objects(body, "endpoints")
    if found is None:
        return None
    result = [_endpoint(item, only_public=only_public) for item in found]
    services = [endpoint.service for endpoint in result]
    if len(set(services)) != len(services):
        raise wrong_value("endpoints", "each service once")
    return result


def _endpoint(item: Body, *, only_public: bool) -> Endpoint:
    path = "endpoints[]."
    # `dev_service` and `ssh_keys` are the older spellings (documents of 2022 to 2024); both are checked, the newer wins
    named, named_before = (request_fields.choice(item, key, SERVICES, path=path) for key in ("service", "dev_service"))
    keys, keys_before = (request_fields.texts(item, key, path=path) for key in ("key_pair_names", "ssh_keys"))
    # The page doesn't make `service` mandatory; its sample has an entry with only an IP list, which means SSH.
    service = named or named_before or "SSH"
    if keys is None:
        keys = keys_before
    ips = request_fields.texts(item, "allowed_access_ips", path=path) or []
    if len(ips) > MAX_IPS:
        raise wrong_value(f"{path}allowed_access_ips", f"at most {MAX_IPS} addresses, not {len(ips)}")
    return Endpoint(
        service=service,
        key_pair_names=_unique(request_fields.key_pair(name, f"{path}key_pair_names") for name in keys or []),
        allowed_access_ips=_unique(
            request_fields.access_ip(ip, f"{path}allowed_access_ips", only_public=only_public) for ip in ips
        ),
    )


def _unique(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


def hooks(body: Body) -> Body | None:
    """The hooks of a request, normalised to ``{pre_start, post_start}`` with those that are set; None when not given."""
    outer = request_fields.structure(body, "hooks")
    if outer is None:
        return None
    inner = request_fields.structure(outer, "container_hooks", path="hooks.") or {}
    result: Body = {}
    for moment in ("pre_start", "post_start"):
        hook = request_fields.structure(inner, moment, path="hooks.container_hooks.")
        if hook is not None:
            result[moment] = _hook(hook, f"hooks.container_hooks.{moment}.")
    return result


def _hook(hook: Body, path: str) -> Body:
    kind = request_fields.choice(hook, "type", ("COMMAND", "SCRIPT"), path=path) or "SCRIPT"
    script = request_fields.required_text(hook, "script", path=path)
    request_fields.script(kind, script, f"{path}script")
    mode = request_fields.choice(hook, "mode", ("BLOCK", "ASYNC"), path=path) or "ASYNC"
    return {"type": kind, "script": script, "mode": mode}


def volume(body: Body, *, pool_id: str | None) -> Volume:
    """The main storage of a create request."""
    given = request_fields.structure(body, "volume")
    if given is None:
        raise missing("volume")
    category = request_fields.required_text(given, "category", path="volume.").upper()
    if category not in {"EVS", "EFS", "OBS", "OBSFS"}:
        raise refuse("6324", f"The storage type {category} is not supported.")
    request_fields.required_text(given, "ownership", path="volume.")
    ownership = request_fields.choice(given, "ownership", ("MANAGED", "DEDICATED"), path="volume.") or "MANAGED"
    code = _COMBINATIONS[category, ownership]
    if code is not None:
        raise refuse(code, f"{category} storage with the ownership {ownership} is not supported.")
    result = Volume(
        category=category,
        ownership=ownership,
        mount_path=request_fields.text(given, "mount_path", path="volume.", most=256) or MOUNT_PATH,
        read_only=request_fields.boolean(given, "read_only", path="volume."),
    )
    uri = request_fields.text(given, "uri", path="volume.", most=1024)
    ident = request_fields.text(given, "id", path="volume.")
    secret = request_fields.text(given, "dew_secret_name", path="volume.", most=64)
    capacity = request_fields.integer(given, "capacity", path="volume.")
    if ownership == "DEDICATED":
        _dedicated(result, uri, ident, secret, pool_id)
    _capacity(result, capacity)
    return result


def _dedicated(result: Volume, uri: str | None, ident: str | None, secret: str | None, pool_id: str | None) -> None:
    if not uri:
        if result.category == "EFS":
            raise missing("volume.uri")
        raise refuse("6317", "OBS storage needs the path 'volume.uri'.")
    result.uri = uri
    if result.category == "EFS":
        if not ident:
            raise missing("volume.id")
        result.id = request_fields.uuid(ident, "volume.id")
        return
    if not uri.startswith("obs://"):
        raise wrong_value("volume.uri", "obs://bucket/folder/")
    if not uri.endswith("/"):
        raise refuse("6318", "The path 'volume.uri' has to end with a slash.")
    if not secret:
        raise refuse("6967", "The name of the DEW secret, 'volume.dew_secret_name', is empty.")
    if pool_id is None:
        raise refuse("6702", "OBS as the main storage is supported in dedicated pools only.")
    result.dew_secret_name = secret


def _capacity(result: Volume, capacity: int | None) -> None:
    if result.category in {"OBS", "OBSFS"}:
        return
    if result.category == "EVS":
        capacity = EVS_DEFAULT if capacity is None else capacity
        if not EVS_MIN <= capacity <= EVS_MAX:
            raise refuse("6331", f"The size of the EVS disk ranges from {EVS_MIN} GB to {EVS_MAX} GB.")
    elif capacity is None:
        capacity = EFS_DEFAULT
    elif not 1 <= capacity <= EVS_MAX:
        raise wrong_value("volume.capacity", f"1 to {EVS_MAX}")
    result.capacity = capacity


def custom_spec(body: Body, *, pool_id: str | None) -> Body | None:
    """A free choice of vCPUs and memory, in dedicated pools."""
    given = request_fields.structure(body, "custom_spec")
    if given is None:
        return None
    if pool_id is None:
        raise wrong_value("custom_spec", "only together with a dedicated pool")
    numbers = {key: _number(given, key, "custom_spec.") for key in ("cpu", "memory", "gpu")}
    cpu, memory = numbers["cpu"], numbers["memory"]
    if cpu is None or memory is None:
        raise missing("custom_spec.cpu" if cpu is None else "custom_spec.memory")
    if cpu < CPU_MIN or round(cpu, 2) != cpu:
        raise wrong_value("custom_spec.cpu", f"at least {CPU_MIN}, with at most two decimals")
    if memory < MEMORY_MIN or int(memory) != memory:
        raise wrong_value("custom_spec.memory", f"a whole number from {MEMORY_MIN}")
    result: Body = {
        "cpu": cpu,
        "memory": int(memory),
        "gpu": numbers["gpu"],
        "gpu_type": request_fields.text(given, "gpu_type", path="custom_spec.", most=64),
        "arch": request_fields.choice(given, "arch", ("X86_64", "AARCH64"), path="custom_spec.") or "X86_64",
        "category": request_fields.choice(given, "category", ("CPU", "GPU"), path="custom_spec.") or "CPU",
        "resource_flavor": request_fields.text(given, "resource_flavor", path="custom_spec.", most=128),
    }
    return {key: value for key, value in result.items() if value is not None}


def data_volumes(body: Body) -> list[Storage] | None:
    """Extra storage that belongs to the instance (``STATIC``); None when it isn't given.

    Ids are left empty: whoever keeps the storage draws them.
    """
    found = request_fields.objects(body, "data_volumes")
    if found is None:
        return None
    return [_data_volume(item, f"data_volumes[{index}].") for index, item in enumerate(found)]


def _data_volume(item: Body, path: str) -> Storage:
    category = request_fields.required_text(item, "category", path=path).upper()
    if category not in {"EFS", "OBS", "OBSFS"}:
        raise refuse("6324", f"The storage type {category} is not supported for data volumes.")
    mount_path = request_fields.required_text(item, "mount_path", path=path, most=256)
    if not mount_path.startswith("/"):
        raise refuse("6785", f"The mount path '{path}mount_path' has to be absolute.")
    return Storage(
        id="",
        category="OBSFS" if category == "OBS" else category,
        mount_path=mount_path,
        uri=request_fields.required_text(item, "uri", path=path, most=1024),
        status="MOUNTED",
        mount_type="STATIC",
        efs_id=request_fields.text(item, "id", path=path, most=64),
    )


def _number(body: Body, key: str, path: str) -> float | None:
    value = body.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(path + key, "number")
    if not abs(value) < NUMBER_MAX:
        raise wrong_value(path + key, "a number of a machine")
    return value


def run_user(body: Body) -> Body | None:
    """The user that the container runs as."""
    given = request_fields.structure(body, "run_user")
    if given is None:
        return None
    found = {key: request_fields.integer(given, key, path="run_user.") for key in ("uid", "gid")}
    return {key: value for key, value in found.items() if value is not None}


def user_vpc(body: Body) -> Body | None:
    """The user's own network, of dedicated pools."""
    given = request_fields.structure(body, "user_vpc")
    if given is None:
        return None
    result: Body = {
        key: request_fields.required_text(given, key, path="user_vpc.", most=64) for key in ("vpc_id", "subnet_id")
    }
    groups = request_fields.texts(given, "security_group_ids", path="user_vpc.")
    if groups is None:
        raise missing("user_vpc.security_group_ids")
    result["security_group_ids"] = groups
    cidrs = request_fields.texts(given, "connect_cidrs", path="user_vpc.")
    if cidrs:
        result["connect_cidrs"] = ",".join(cidrs)  # a list in requests, one string in answers (SDK models)
    for key in ("nat_id", "eip_id"):
        if (value := request_fields.text(given, key, path="user_vpc.", most=64)) is not None:
            result[key] = value
    return result


def public_network(body: Body) -> Body | None:
    """The kind of public network; never returned by the API."""
    given = request_fields.structure(body, "public_network_config")
    if given is None:
        return None
    kind = request_fields.choice(
        given, "public_network_type", ("SHARED", "EXCLUSIVE", "FORBIDDEN"), path="public_network_config."
    )
    return {"public_network_type": kind} if kind else {}
