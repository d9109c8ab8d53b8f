"""POST /notebooks: everything is checked before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.errors import missing, refuse
from modelarts_emulator.notebooks import compatibility, lease, request_fields, request_parts
from modelarts_emulator.state.entities import Notebook

if TYPE_CHECKING:
    from modelarts_emulator.config import User
    from modelarts_emulator.notebooks.request_fields import Body
    from modelarts_emulator.state.entities import Image, Lease
    from modelarts_emulator.state.store import World

CUSTOM_FLAVOR = "custom.flavor.spec.code"  # what the API prints in place of a flavor for a custom_spec


def create(world: World, user: User, project_id: str, body: Body, now: int) -> Notebook:
    """Check a create request and start making the instance.

    Raises:
        Refusal: with the documented code; nothing has changed then.
    """
    notebook = _checked(world, user, project_id, body, now)
    _check_quota(world, notebook)
    # ids are drawn only now: a refused request doesn't change which id the next instance gets
    notebook.id, notebook.token = world.ids.uuid(), world.ids.uuid()
    notebook.serial = world.next_serial()
    notebook.ssh_port = world.ids.port()
    notebook.ip = f"172.16.{notebook.serial // 250 % 250}.{notebook.serial % 250 + 2}"
    for storage in notebook.storages:
        storage.id = world.ids.uuid()
    if notebook.volume.category == "EVS":
        notebook.volume.id = world.ids.uuid()  # shown under the assumption `managed-volume-id` alone
    world.notebooks[notebook.id] = notebook
    transition = world.begin(notebook, "CREATING", "RUNNING", world.timing.create, now)
    reason = world.take_failure("create", notebook.id)
    if reason is not None:
        transition.failed_to, transition.fail_reason = "CREATE_FAILED", reason
    return notebook


def _checked(world: World, user: User, project_id: str, body: Body, now: int) -> Notebook:
    rules = world.config.rules
    name = request_fields.name(request_fields.required_text(body, "name"), rules)
    description = request_fields.description(request_fields.text(body, "description") or "", rules)
    feature = request_fields.choice(body, "feature", ("DEFAULT", "NOTEBOOK")) or "NOTEBOOK"
    workspace_id = request_fields.text(body, "workspace_id") or "0"
    if workspace_id not in world.workspaces:
        raise refuse("0102", f"The workspace {workspace_id} does not exist.")
    pool_id = request_fields.text(body, "pool_id") or None
    if pool_id is not None and pool_id not in world.pools:
        raise refuse("0104", f"The dedicated pool {pool_id} does not exist.")
    custom = request_parts.custom_spec(body, pool_id=pool_id)
    flavor_id = request_fields.text(body, "flavor")
    if custom is None and not flavor_id:
        raise missing("flavor")
    image_id = request_fields.uuid(request_fields.required_text(body, "image_id"), "image_id")
    volume = request_parts.volume(body, pool_id=pool_id)
    endpoints = request_parts.endpoints(body, only_public=world.config.only_public_addresses) or []
    hooks = request_parts.hooks(body) or {}
    the_lease = _lease(body, now)
    image = compatibility.image_or_refuse(world, image_id, project_id)
    if custom is None and flavor_id:
        _check_flavor(world, flavor_id, image, pool_id=pool_id, feature=feature)
    return Notebook(
        id="",
        serial=0,
        project_id=project_id,
        domain_id=user.domain_id,
        domain_name=user.domain_name,
        user_id=user.id,
        user_name=user.name,
        name=name,
        description=description,
        flavor=flavor_id if custom is None and flavor_id else CUSTOM_FLAVOR,
        image_id=image_id,
        feature=feature,
        workspace_id=workspace_id,
        status="INIT",
        token="",
        ip="",
        create_at=now,
        update_at=now,
        lease=the_lease,
        volume=volume,
        endpoints=compatibility.complete_endpoints(endpoints, image),
        hooks=hooks,
        storages=request_parts.data_volumes(body) or [],
        pool_id=pool_id,
        custom_spec=custom,
        affinity=request_fields.structure(body, "affinity"),
        run_user=request_parts.run_user(body),
        user_vpc=request_parts.user_vpc(body),
        public_network_config=request_parts.public_network(body),
    )


def _check_flavor(world: World, flavor_id: str, image: Image, *, pool_id: str | None, feature: str) -> None:
    flavor = compatibility.flavor_or_refuse(world, flavor_id, pool_id=pool_id, feature=feature)
    if not compatibility.image_fits(image, flavor):
        raise refuse("6323", f"The flavor {flavor_id} does not support the image {image.id}.")
    if flavor.sold_out:
        raise refuse("6329", f"The flavor {flavor_id} is sold out.")


def _lease(body: Body, now: int) -> Lease:
    duration = request_fields.integer(body, "duration")
    given = request_fields.structure(body, "lease") or {}
    kind = lease.check_type(given["type"]) if given.get("type") is not None else "TIMING"
    wanted = request_fields.integer(given, "duration", path="lease.")
    if duration is not None:  # page: the single parameter wins and means TIMING
        return lease.make(lease.check_duration(duration, "TIMING"), "TIMING", created=now, now=now)
    if wanted is None:
        wanted = lease.DEFAULT
    return lease.make(lease.check_duration(wanted, kind, "lease.duration"), kind, created=now, now=now)


def _check_quota(world: World, notebook: Notebook) -> None:
    others = world.notebooks.values()
    if notebook.feature == "DEFAULT" and any(
        other.feature == "DEFAULT" and other.user_id == notebook.user_id for other in others
    ):
        raise refuse("6302", "The number of free instances has reached its maximum: one per user.")
    if world.quota and sum(other.domain_id == notebook.domain_id for other in others) >= world.quota:
        # the error table has 0113, a public client met 0118
        code = "0113" if world.config.rules == "documented" else "0118"
        raise refuse(code, f"The notebook could not be created: the quota of {world.quota} notebooks is used up.")
