"""Looking behind the API, and changing instances from outside as the console would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modelarts_emulator.errors import Refusal
from modelarts_emulator.http.faults import quoted
from modelarts_emulator.notebooks import lease, request_fields, request_parts, views
from modelarts_emulator.state.entities import STATUSES, TRANSITIONAL, Endpoint, to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelarts_emulator.state.entities import Notebook
    from modelarts_emulator.state.store import World


_MOST_NUMBER = 10**13  # milliseconds: 300 years; dates end later


class InvalidControl(Exception):
    """A control request that cannot be understood; the text is one sentence."""


def look(world: World, item: Notebook, now: int) -> dict[str, Any]:
    """An instance as the API shows it, and below ``behind`` everything that the emulator holds (hooks, transition)."""
    whole = to_json(item)
    return {
        **views.notebook(world, item, now, "show"),
        "volume": views.volume(item),
        "hooks": item.hooks,
        "behind": whole,
    }


def catalog(world: World) -> dict[str, Any]:
    """Flavors, images, pools and workspaces."""
    return {
        "flavors": [views.flavor(flavor) for flavor in world.flavors.values()],
        "images": [views.image(image) for image in world.images.values()],
        "pools": [{"id": pool.id, "name": pool.name, "flavors": list(pool.flavors)} for pool in world.pools.values()],
        "workspaces": sorted(world.workspaces),
    }


def change(world: World, item: Notebook, data: Any, now: int) -> None:
    """Change an instance at once, without the API's rules.

    Raises:
        InvalidControl: for an unknown key or a value of the wrong kind; nothing has changed then.
    """
    if not isinstance(data, dict):
        raise InvalidControl("the body has to be a JSON object")
    for key in data:
        if key not in _SETTERS:
            raise InvalidControl(f"of a notebook {', '.join(_SETTERS)} can be changed, not {quoted(key)}")
    try:
        steps = [_SETTERS[key](world, value, now) for key, value in data.items()]
    except Refusal as refusal:
        raise InvalidControl(refusal.message) from None
    for step in steps:
        step(item)
    item.update_at = now
    world.touch(item)


def _text_setter(attribute: str) -> Callable[[World, Any, int], Callable[[Notebook], None]]:
    def prepare(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
        if not isinstance(value, str) or not request_fields.is_clean(value):
            raise InvalidControl(f"{attribute!r} has to be a string, not {quoted(value)}")
        return lambda item: setattr(item, attribute, value)

    return prepare


def _status(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, str) or value not in STATUSES:
        raise InvalidControl(f"'status' is one of {', '.join(sorted(STATUSES))}, not {quoted(value)}")

    def step(item: Notebook) -> None:
        if value == "RUNNING" and item.status not in {"RUNNING", "SNAPSHOTTING"}:
            item.ssh_port = world.ids.port()  # a start in the console
        item.status = value
        # a transitional status set from outside stays until it is changed again
        item.transition = None
        if value not in TRANSITIONAL | {"ERROR", "CREATE_FAILED", "START_FAILED", "DELETE_FAILED"}:
            item.fail_reason = None

    return step


def _fail_reason(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, str | None):
        raise InvalidControl(f"'fail_reason' has to be a string or null, not {quoted(value)}")
    return lambda item: setattr(item, "fail_reason", value)


def _tags(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise InvalidControl("'tags' has to be an object of strings; it replaces all tags")
    return lambda item: setattr(item, "tags", dict(value))


def _lease(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, dict) or not set(value) <= {"duration", "type"}:
        raise InvalidControl("'lease' has to be an object with 'duration' (ms, -1 for off) and 'type'")
    kind = lease.check_type(value.get("type", "TIMING"))
    duration = value.get("duration", lease.DEFAULT)
    if not isinstance(duration, int) or isinstance(duration, bool):
        raise InvalidControl("'lease.duration' has to be milliseconds")
    if abs(duration) > _MOST_NUMBER:
        raise InvalidControl(f"'lease.duration' can't be more than {_MOST_NUMBER} milliseconds")

    def step(item: Notebook) -> None:
        item.lease = lease.make(duration, kind, created=item.create_at, now=now)

    return step


def _endpoints(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    found = request_parts.endpoints({"endpoints": value}, only_public=False) or []

    def step(item: Notebook) -> None:
        image = world.images.get(item.image_id)
        item.endpoints = [*found]
        if image is not None and "NOTEBOOK" in image.dev_services and all(e.service != "NOTEBOOK" for e in found):
            item.endpoints.insert(0, Endpoint("NOTEBOOK"))

    return step


def _hooks(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    found = request_parts.hooks({"hooks": value}) or {}
    return lambda item: setattr(item, "hooks", found)


def _capacity(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidControl("'capacity' has to be a number of GB")
    if abs(value) > _MOST_NUMBER:
        raise InvalidControl(f"'capacity' can't be more than {_MOST_NUMBER} GB")
    return lambda item: setattr(item.volume, "capacity", value)


def _image(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, str) or value not in world.images:
        raise InvalidControl(f"there is no image {quoted(value)}")
    return lambda item: setattr(item, "image_id", value)


def _idle(world: World, value: Any, now: int) -> Callable[[Notebook], None]:
    if not isinstance(value, bool):
        raise InvalidControl("'idle' has to be true or false")
    return lambda item: setattr(item, "idle_since", now if value else None)


_SETTERS: dict[str, Callable[[World, Any, int], Callable[[Notebook], None]]] = {
    "name": _text_setter("name"),
    "description": _text_setter("description"),
    "flavor": _text_setter("flavor"),
    "image_id": _image,
    "status": _status,
    "fail_reason": _fail_reason,
    "tags": _tags,
    "lease": _lease,
    "endpoints": _endpoints,
    "hooks": _hooks,
    "capacity": _capacity,
    "idle": _idle,
}
