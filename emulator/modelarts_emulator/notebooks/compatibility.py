"""What fits what: image and flavor, flavor and feature, service and image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.errors import refuse, wrong_value
from modelarts_emulator.state.entities import Endpoint

if TYPE_CHECKING:
    from modelarts_emulator.state.entities import Flavor, Image, Notebook
    from modelarts_emulator.state.store import World


def image_fits(image: Image, flavor: Flavor) -> bool:
    """Whether a machine can run an image: same architecture, and the image supports its kind of resource."""
    return image.arch == flavor.arch and flavor.category in image.resource_categories


def flavor_or_refuse(world: World, flavor_id: str, *, pool_id: str | None, feature: str) -> Flavor:
    """The flavor of that id, usable for this pool and feature."""
    flavor = world.flavors.get(flavor_id)
    if flavor is None:
        raise refuse("6323", f"The flavor {flavor_id} is not supported.")
    if pool_id is None and flavor.dedicated_only:
        raise refuse("6323", f"The flavor {flavor_id} is not supported in the public pool.")
    if pool_id is not None and flavor_id not in world.pools[pool_id].flavors:
        raise refuse("6323", f"The flavor {flavor_id} is not supported in the pool {pool_id}.")
    if flavor.feature != feature:
        raise refuse("6870", f"The flavor {flavor_id} does not support the feature {feature}.")
    return flavor


def image_or_refuse(world: World, image_id: str, project_id: str) -> Image:
    """The active image of that id that the project may use."""
    image = world.images.get(image_id)
    if image is None or image.status != "ACTIVE" or image.project_id not in (None, project_id):
        raise refuse("6797", f"The image {image_id} cannot be found.")
    return image


def complete_endpoints(given: list[Endpoint], image: Image) -> list[Endpoint]:
    """The endpoints that an instance has: those given, and HTTPS access, which the service adds by itself."""
    services = {endpoint.service for endpoint in given}
    if image.dev_services == ["SSH"] and "SSH" not in services:
        raise refuse("6768", f"The image {image.id} supports SSH only, and the SSH configuration is missing.")
    for service in services:
        if service not in image.dev_services:
            raise wrong_value("endpoints[].service", f"the image {image.id} does not support {service}")
    if "NOTEBOOK" in image.dev_services and "NOTEBOOK" not in services:
        return [Endpoint("NOTEBOOK"), *given]
    return given


def switchable(world: World, notebook: Notebook) -> list[Flavor]:
    """The flavors that an instance can be switched to with the image that it has."""
    image = world.images.get(notebook.image_id)
    current = world.flavors.get(notebook.flavor)
    arch = image.arch if image else current.arch if current else None
    found = []
    for flavor in world.flavors.values():
        in_pool = (
            not flavor.dedicated_only
            if notebook.pool_id is None
            else flavor.id in world.pools[notebook.pool_id].flavors
        )
        fits = flavor.arch == arch and (image is None or flavor.category in image.resource_categories)
        if flavor.feature == notebook.feature and fits and in_pool and flavor.id != notebook.flavor:
            found.append(flavor)
    return found
