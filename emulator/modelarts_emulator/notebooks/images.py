"""Images: rows 21 and 22."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.calls import Call, Reply, ok
from modelarts_emulator.errors import refuse
from modelarts_emulator.notebooks import listing, views

if TYPE_CHECKING:
    from modelarts_emulator.state.entities import Image

_SORT_KEYS = {"create_at": "create_at", "updateTime": "update_at", "update_at": "update_at", "name": "name"}


def visible(call: Call) -> list[Image]:
    """The images that the project may see: built-in ones and its own."""
    return [image for image in call.world.images.values() if image.project_id in (None, call.project_id)]


def list_images(call: Call) -> Reply:
    """GET /images; ``type`` is BUILD_IN unless given."""
    query = call.query
    kind = query.get("type", "").upper() or "BUILD_IN"
    found = [image for image in visible(call) if image.type == kind]
    name = query.get("name")
    fuzzy = listing.flag(query, "name_fuzzy_match", default=True)
    if name:
        found = [image for image in found if (name in image.name if fuzzy else name == image.name)]
    exact = {"namespace": "namespace", "service_type": "service_type", "workspace_id": "workspace_id"}
    exact |= {"show_name": "show_name", "show_tag": "show_tag"}
    for key, attribute in exact.items():
        if query.get(key):
            found = [image for image in found if getattr(image, attribute) == query[key]]
    sort_key = query.get("sort_key") or "create_at"
    if sort_key not in _SORT_KEYS:
        raise refuse("6303", f"Images cannot be sorted by '{sort_key}'.")
    descending = (query.get("sort_dir", "").upper() or "DESC") == "DESC"
    attribute = _SORT_KEYS[sort_key]
    found.sort(key=lambda image: (getattr(image, attribute), image.serial), reverse=descending)
    return ok(listing.page(found, query, listing.IMAGES, views.image, strict=False))


def own_or_refuse(call: Call, image_id: str) -> Image:
    """The image of that id that the project may see."""
    image = call.world.images.get(image_id)
    if image is None or image.project_id not in (None, call.project_id):
        raise refuse("6797", f"The image {image_id} cannot be found.")
    return image


def show(call: Call) -> Reply:
    """GET /images/{id}."""
    return ok(views.image(own_or_refuse(call, call.path["id"])))
