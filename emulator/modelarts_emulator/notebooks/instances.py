"""The operations on instances: rows 1 to 12 of the list of routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelarts_emulator.calls import Call, Reply, ok
from modelarts_emulator.errors import refuse
from modelarts_emulator.notebooks import compatibility, creating, lease, listing, request_fields, updating, views
from modelarts_emulator.notebooks.rules import check_action

if TYPE_CHECKING:
    from modelarts_emulator.state.entities import Flavor, Lease, Notebook


def _answer(call: Call, notebook: Notebook, view: views.View = "action") -> Reply:
    return ok(views.notebook(call.world, notebook, call.now, view))


def create(call: Call) -> Reply:
    """POST /notebooks."""
    return _answer(call, creating.create(call.world, call.user, call.project_id, call.body, call.now), "create")


def show(call: Call) -> Reply:
    """GET /notebooks/{id}."""
    return _answer(call, call.notebook(), "show")


def _list(call: Call, user_id: str | None) -> Reply:
    found = listing.notebooks(call.world, call.project_id, user_id, call.query)
    return ok(
        listing.page(
            found,
            call.query,
            listing.NOTEBOOKS,
            lambda item: views.notebook(call.world, item, call.now, "list"),
            strict=call.world.config.rules == "documented",
        )
    )


def list_own(call: Call) -> Reply:
    """GET /notebooks: the caller's instances."""
    return _list(call, call.user.id)


def list_all(call: Call) -> Reply:
    """GET /notebooks/all: everybody's instances of the project."""
    return _list(call, None)


def update(call: Call) -> Reply:
    """PUT /notebooks/{id}."""
    notebook = call.notebook()
    updating.update(call.world, notebook, call.body, call.now)
    whole = views.notebook(call.world, notebook, call.now, "action")
    if call.world.config.assumed("update-answer") == "partial":
        return ok({key: whole[key] for key in ("description", "flavor", "name", "endpoints") if key in whole})
    return ok(whole)


def delete(call: Call) -> Reply:
    """DELETE /notebooks/{id}: DELETING, then gone."""
    notebook = call.notebook()
    check_action(call.world.config.rules, "delete", notebook.status)
    if notebook.status == "RUNNING" and call.world.config.assumed("delete-running") == "refused":
        raise refuse("6304", "Stop the instance before deleting it.")
    transition = call.world.begin(notebook, "DELETING", "DELETED", call.world.timing.delete, call.now)
    reason = call.world.take_failure("delete", notebook.id)
    if reason is not None:
        transition.failed_to, transition.fail_reason = "DELETE_FAILED", reason
    return _answer(call, notebook)


def start(call: Call) -> Reply:
    """POST /notebooks/{id}/start: the lease is based anew, an hour unless a duration is given."""
    notebook = call.notebook()
    world = call.world
    check_action(world.config.rules, "start", notebook.status)
    kind = lease.check_type(call.query["type"], "type") if call.query.get("type") else "TIMING"
    new_lease = _lease(call, notebook, lease.check_duration(_duration(call, lease.DEFAULT), kind), kind)
    flavor = world.flavors.get(notebook.flavor)
    if flavor is not None and flavor.sold_out:
        raise refuse("6360", f"There are not enough resources to start the notebook: {flavor.id} is sold out.")
    notebook.lease = new_lease
    notebook.fail_reason = None
    notebook.idle_since = None
    notebook.ssh_port = world.ids.port()
    transition = world.begin(notebook, "STARTING", "RUNNING", world.timing.start, call.now)
    reason = world.take_failure("start", notebook.id)
    if reason is not None:
        transition.failed_to, transition.fail_reason = "START_FAILED", reason
    return _answer(call, notebook)


def stop(call: Call) -> Reply:
    """POST /notebooks/{id}/stop."""
    notebook = call.notebook()
    check_action(call.world.config.rules, "stop", notebook.status)
    call.world.begin(notebook, "STOPPING", "STOPPED", call.world.timing.stop, call.now)
    return _answer(call, notebook)


def _duration(call: Call, default: int) -> int:
    value = call.query.get("duration", "")
    if not value:
        return default
    try:
        return int(value[:20])  # far beyond what is allowed, and cheap to read
    except ValueError:
        raise refuse("6332", "The parameter 'duration' must be of the type 'integer'.") from None


def _lease(call: Call, notebook: Notebook, duration: int, kind: str) -> Lease:
    return lease.make(duration, kind, created=notebook.create_at, now=call.now)


def show_lease(call: Call) -> Reply:
    """GET /notebooks/{id}/lease."""
    notebook = call.notebook()
    check_action(call.world.config.rules, "show-lease", notebook.status)
    return ok(views.lease(notebook))


def renew_lease(call: Call) -> Reply:
    """PATCH /notebooks/{id}/lease; the query's duration is the deprecated form, wins, and means TIMING."""
    notebook = call.notebook()
    check_action(call.world.config.rules, "renew-lease", notebook.status)
    if call.query.get("duration"):
        kind, duration = "TIMING", _duration(call, lease.DEFAULT)
    else:
        given = call.body.get("type")
        kind = lease.check_type(given, "type") if given is not None else notebook.lease.type
        asked = request_fields.integer(call.body, "duration")
        kept = notebook.lease.requested if notebook.lease.enable else lease.DEFAULT
        duration = kept if asked is None else asked
    notebook.lease = _lease(call, notebook, lease.check_duration(duration, kind), kind)
    notebook.update_at = call.now
    call.world.touch(notebook)
    return ok(views.lease(notebook))


def _flavor_page(call: Call, found: list[Flavor]) -> Reply:
    sort_key = call.query.get("sort_key") or "id"
    if sort_key not in {"id", "name", "vcpus", "memory", "category"}:
        raise refuse("6303", f"Flavors cannot be sorted by '{sort_key}'.")
    if call.query.get("sort_key"):
        descending = call.query.get("sort_dir", "DESC").upper() == "DESC"
        found = sorted(found, key=lambda item: getattr(item, sort_key), reverse=descending)
    body = listing.page(found, call.query, listing.FLAVORS, views.flavor, strict=False)
    return ok({**body, "flavors": body["data"]})


def list_flavors(call: Call) -> Reply:
    """GET /notebooks/flavors; the list is there twice, as ``data`` and as ``flavors``."""
    query = call.query
    found = list(call.world.flavors.values())
    if query.get("type", "").upper() == "DEDICATED":
        ids = {flavor for pool in call.world.pools.values() for flavor in pool.flavors}
        found = [item for item in found if item.id in ids]
    else:
        found = [item for item in found if not item.dedicated_only]
    if query.get("category"):
        found = [item for item in found if item.category == query["category"].upper()]
    if query.get("feature"):
        found = [item for item in found if item.feature == query["feature"].upper()]
    if query.get("flavor_type"):
        found = [item for item in found if item.ascend and item.ascend.get("type") == query["flavor_type"].upper()]
    return _flavor_page(call, found)


def switchable_flavors(call: Call) -> Reply:
    """GET /notebooks/{id}/flavors."""
    return _flavor_page(call, compatibility.switchable(call.world, call.notebook()))
