"""PUT /notebooks/{id}: every field is checked and judged by its rule before any is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelarts_emulator.errors import busy, refuse, wrong_value
from modelarts_emulator.notebooks import compatibility, request_fields, request_parts
from modelarts_emulator.notebooks.creating import CUSTOM_FLAVOR
from modelarts_emulator.notebooks.rules import FIELDS, check_field, not_changeable
from modelarts_emulator.state.store import is_busy

if TYPE_CHECKING:
    from modelarts_emulator.notebooks.request_fields import Body
    from modelarts_emulator.state.entities import Endpoint, Image, Notebook
    from modelarts_emulator.state.store import World

# user guide: one growth adds at most 100 GB (it also says 200 while running); Huawei's provider knows no step
MAX_GROWTH = {"documented": 100, "observed": None}


@dataclass(slots=True)
class Change:
    """A checked request; only what was sent is set."""

    values: dict[str, Any]
    endpoints: list[Endpoint] | None = None


def update(world: World, notebook: Notebook, body: Body, now: int) -> None:
    """Apply an update request, or refuse it as a whole.

    Raises:
        Refusal: with the documented code; nothing has changed then.
    """
    if is_busy(notebook):
        raise busy(notebook.status)
    change = _read(world, notebook, body)
    _check_states(world, notebook, body, change)
    _check_fit(world, notebook, change)
    _check_size(world, notebook, change)
    _apply(world, notebook, change, now)


def _read(world: World, notebook: Notebook, body: Body) -> Change:
    rules = world.config.rules
    values: dict[str, Any] = {}
    if body.get("name") is not None:
        values["name"] = request_fields.name(request_fields.text(body, "name") or "", rules)
    if (description := request_fields.text(body, "description")) is not None:
        values["description"] = request_fields.description(description, rules)
    if (flavor := request_fields.text(body, "flavor")) is not None:
        values["flavor"] = flavor
    if (image_id := request_fields.text(body, "image_id")) is not None:
        values["image_id"] = request_fields.uuid(image_id, "image_id")
    if (size := request_fields.integer(body, "storage_new_size")) is not None:
        values["storage_new_size"] = size
    if (secret := request_fields.text(body, "dew_secret_name", most=64)) is not None:
        if not secret:
            raise refuse("6967", "The name of the DEW secret, 'dew_secret_name', is empty.")
        values["dew_secret_name"] = secret
    readings = {
        "hooks": request_parts.hooks(body),
        "custom_spec": request_parts.custom_spec(body, pool_id=notebook.pool_id),
        "affinity": request_fields.structure(body, "affinity"),
        "public_network_config": request_parts.public_network(body),
        "data_volumes": request_parts.data_volumes(body),
    }
    values.update({key: value for key, value in readings.items() if value is not None})
    return Change(values, request_parts.endpoints(body, only_public=world.config.only_public_addresses))


def _check_states(world: World, notebook: Notebook, body: Body, change: Change) -> None:
    rules = world.config.rules
    for field in FIELDS:
        if field in change.values:
            check_field(rules, field, notebook.status)
    if change.endpoints is not None:
        only_ips = _shape(change.endpoints) == _shape(notebook.endpoints)
        check_field(rules, "allowed_access_ips" if only_ips else "endpoints", notebook.status)
    if not change.values and change.endpoints is None and rules == "documented" and notebook.status != "STOPPED":
        raise not_changeable(next(iter(body), "(none)"), notebook.status)


def _shape(endpoints: list[Endpoint]) -> set[tuple[str, frozenset[str]]]:
    """What endpoints are without their IP lists, and without the HTTPS entry that the service adds by itself."""
    return {
        (item.service, frozenset(item.key_pair_names))
        for item in endpoints
        if item.service != "NOTEBOOK" or item.key_pair_names
    }


def _check_fit(world: World, notebook: Notebook, change: Change) -> None:
    values = change.values
    image = world.images.get(notebook.image_id)
    if "image_id" in values:
        image = compatibility.image_or_refuse(world, values["image_id"], notebook.project_id)
    flavor_id = values.get("flavor", notebook.flavor)
    if "flavor" in values:
        if not flavor_id:
            raise wrong_value("flavor", "the id of a flavor")
        wanted = compatibility.flavor_or_refuse(world, flavor_id, pool_id=notebook.pool_id, feature=notebook.feature)
        if wanted.sold_out and world.config.assumed("sold-out-update") == "refused":
            raise refuse("6329", f"The flavor {flavor_id} is sold out.")
    flavor = world.flavors.get(flavor_id)
    if image is not None and flavor is not None and not compatibility.image_fits(image, flavor):
        if "image_id" in values and "flavor" not in values:
            raise refuse("6323", f"The flavor {flavor_id} does not support the image {image.id}.")
        if "flavor" in values:
            raise refuse("6792", f"The instance {notebook.id} cannot be switched to the flavor {flavor_id}.")
    _complete_endpoints(world, notebook, change, image)


def _complete_endpoints(world: World, notebook: Notebook, change: Change, image: Image | None) -> None:
    if change.endpoints == [] and world.config.assumed("empty-endpoints") == "ignored":
        change.endpoints = None
    if image is None:
        return
    if change.endpoints is not None:
        change.endpoints = compatibility.complete_endpoints(change.endpoints, image)
    elif "image_id" in change.values:
        kept = [
            item
            for item in notebook.endpoints
            if item.service != "NOTEBOOK" or item.allowed_access_ips or item.key_pair_names
        ]
        change.endpoints = compatibility.complete_endpoints(kept, image)


def _check_size(world: World, notebook: Notebook, change: Change) -> None:
    size = change.values.get("storage_new_size")
    if size is None:
        return
    volume = notebook.volume
    if volume.category != "EVS" or volume.capacity is None:
        raise refuse("6324", f"Only EVS storage can grow, not {volume.category}.")
    if volume.resizing_to is not None:
        raise busy(f"{notebook.status} with its disk RESIZING")
    step = MAX_GROWTH[world.config.rules]
    most = min(request_parts.EVS_MAX, volume.capacity + step) if step else request_parts.EVS_MAX
    if not volume.capacity < size <= most:
        raise refuse("6331", f"The new size of the EVS disk ranges from {volume.capacity + 1} GB to {most} GB.")


def _apply(world: World, notebook: Notebook, change: Change, now: int) -> None:
    values = change.values
    if values.get("hooks") == {} and world.config.assumed("empty-hooks") == "ignored":
        del values["hooks"]
    for field in ("name", "description", "flavor", "image_id", "hooks", "affinity", "public_network_config"):
        if field in values:
            setattr(notebook, field, values[field])
    if "flavor" in values:
        notebook.custom_spec = None
    if "custom_spec" in values:
        notebook.custom_spec, notebook.flavor = values["custom_spec"], CUSTOM_FLAVOR
    _apply_storage(world, notebook, values, now)
    if change.endpoints is not None:
        notebook.endpoints = change.endpoints
    notebook.update_at = now
    world.touch(notebook)


def _apply_storage(world: World, notebook: Notebook, values: dict[str, Any], now: int) -> None:
    if "dew_secret_name" in values:
        notebook.volume.dew_secret_name = values["dew_secret_name"]
    if "data_volumes" in values:
        for storage in values["data_volumes"]:
            storage.id = world.ids.uuid()
        notebook.storages = values["data_volumes"]
    if "storage_new_size" in values:
        notebook.volume.resizing_to = values["storage_new_size"]
        notebook.volume.resized_at = now + world.timing.resize
