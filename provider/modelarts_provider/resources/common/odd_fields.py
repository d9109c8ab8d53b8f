"""Fields of an answer that have another type than documented: the state keeps what is known of them, and a warning says so.

Setting them to null instead would lie, and a null flavor or storage category would even replace the disk at the next plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.values import Json, Values

ODD: Final = "odd_fields"
"""Where the API client names them (see ``api.modelarts.shapes``)."""

STATE_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (),
    "user_id": (),
    "current_time": (),
    "create_at": ("create_at", "created_at"),
    "update_at": ("update_at", "updated_at"),
    "status": ("status", "desired_status"),
    "endpoints": ("endpoints", "ssh_uri"),
    "tags": ("tags", "tags_all", "interrupted_update"),
    "image": ("image", "image_id"),
    "image.id": ("image.id", "image_id"),
    "image.create_at": ("image.create_at", "image.created_at"),
    "image.update_at": ("image.update_at", "image.updated_at"),
    "lease": ("lease", "auto_stop"),
    "lease.create_at": ("lease.create_at", "lease.stops_at"),
    "lease.update_at": ("lease.update_at",),
    "lease.duration": ("lease.duration", "lease.stops_at", "auto_stop"),
    "lease.enable": ("lease.enable", "lease.stops_at", "auto_stop"),
    "lease.type": ("lease.type", "lease.stops_at", "auto_stop"),
    "pool": ("pool", "pool_id"),
    "pool.id": ("pool.id", "pool_id"),
    "volume": ("storage",),
    "volume.capacity": ("storage.size",),
    "volume.id": ("storage.id",),
}
"""The attributes that a field becomes, where they aren't of the same name; ``volume`` is ``storage``."""


def odd_fields(api: Json) -> tuple[str, ...]:
    """The fields of an answer that have another type than documented."""
    return tuple(api.get(ODD, ()))


def is_odd(api: Json, name: str) -> bool:
    """Whether a field, or a member of it, has another type than documented."""
    return any(at == name or at.startswith(f"{name}.") for at in odd_fields(api))


def keep_known(state: Values, known: Values | None, api: Json) -> Values:
    """The state with the known value of everything that can't be told from the answer."""
    for field in odd_fields(api):
        for path in _paths(field):
            _keep(state, known or {}, path.split("."))
    return state


def warn_of_odd_fields(found: Diagnostics, name: str, api: Json) -> None:
    """Add a warning that names the fields."""
    fields = odd_fields(api)
    if fields:
        found.warning(
            f'The service describes notebook "{name}" in an unexpected form',
            f"In the answer about {name} ({api['id']}), {_list(fields)} {'has' if len(fields) == 1 else 'have'} another type "
            "than documented. The state keeps what was known of it, or null where nothing was. Everything else is as the "
            "service says. If this stays, please report it together with the debug log.",
        )


def _list(fields: tuple[str, ...]) -> str:
    return fields[0] if len(fields) == 1 else f"{', '.join(fields[:-1])} and {fields[-1]}"


def _paths(field: str) -> Iterator[str]:
    known = STATE_PATHS.get(field)
    if known is not None:
        yield from known
    elif field.startswith("volume."):
        yield f"storage.{field.removeprefix('volume.')}"
    else:
        yield field


def _keep(state: Any, known: Any, steps: list[str]) -> None:
    name, *below = steps
    if not isinstance(state, dict) or name not in state:
        return
    before = known.get(name) if isinstance(known, dict) else None
    if below:
        _keep(state[name], before, below)
    elif before is not None:
        state[name] = before
