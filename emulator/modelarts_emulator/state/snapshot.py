"""What of an emulator is kept in its state file, and how it is read back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Protocol

from modelarts_emulator.config import User
from modelarts_emulator.control.console_changes import InvalidControl
from modelarts_emulator.http.faults import Fault
from modelarts_emulator.identity.callers import Key, Token
from modelarts_emulator.identity.permissions import Permissions
from modelarts_emulator.state.entities import Image, notebook_from_json, to_json
from modelarts_emulator.state.state_file import StateError
from modelarts_emulator.state.store import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelarts_emulator.identity.callers import Identities
    from modelarts_emulator.state.store import World

Rows = dict[tuple[str, str], Any]


class Kept(Protocol):
    """What an emulator has that outlives its process."""

    world: World
    identities: Identities
    faults: list[Fault]
    permissions: Permissions
    control_dirty: bool


def changed(emulator: Kept) -> Rows:
    """The rows of everything that changed since the last time; empty when nothing did."""
    world, identities = emulator.world, emulator.identities
    rows: Rows = {}
    for kind, ident in world.dirty:
        rows[kind, ident] = _world_row(world, kind, ident)
    for kind, ident in identities.dirty:
        rows[kind, ident] = _identity_row(identities, kind, ident)
    if emulator.control_dirty or world.failures_changed:
        rows |= _control_rows(emulator)
    if rows:
        rows["meta", "world"] = {
            "serial": world.serial,
            "ids": world.ids.counts,
            "now": world.clock.now(),
        }
    return rows


def whole(emulator: Kept) -> Rows:
    """Every row that a state file of this emulator could hold, changed or not: two emulators with equal ones are alike.

    The count of request ids is left out: it moves with every call, a refused one too.
    """
    world, identities = emulator.world, emulator.identities
    things: dict[str, Mapping[str, Any]] = {"notebook": world.notebooks, "image": world.images, "flavor": world.flavors}
    secrets: dict[str, Mapping[str, Any]] = {
        "key": identities.keys,
        "token": identities.tokens,
        "metadata-token": identities.metadata_tokens,
    }
    rows: Rows = {(kind, ident): _world_row(world, kind, ident) for kind, found in things.items() for ident in found}
    rows |= {
        (kind, ident): _identity_row(identities, kind, ident) for kind, found in secrets.items() for ident in found
    }
    rows |= _control_rows(emulator)
    counts = {stream: count for stream, count in world.ids.counts.items() if stream != "requests"}
    rows["meta", "world"] = {"serial": world.serial, "ids": counts, "quota": world.quota}
    return rows


def _control_rows(emulator: Kept) -> Rows:
    return {
        ("control", "faults"): [fault.to_json() for fault in emulator.faults],
        ("control", "failures"): [dataclasses.asdict(failure) for failure in emulator.world.failures],
        ("control", "denied"): emulator.permissions.to_json(),
    }


def _world_row(world: World, kind: str, ident: str) -> Any:
    if kind == "flavor":
        return {"sold_out": world.flavors[ident].sold_out}
    entity = world.notebooks.get(ident) if kind == "notebook" else world.images.get(ident)
    return None if entity is None else to_json(entity)


def _identity_row(identities: Identities, kind: str, ident: str) -> Any:
    if kind == "key":
        return dataclasses.asdict(identities.keys[ident])
    if kind == "metadata-token":
        return identities.metadata_tokens[ident]
    return dataclasses.asdict(identities.tokens[ident])


def restore(emulator: Kept, saved: dict[str, dict[str, Any]]) -> None:
    """Put everything back.

    Raises:
        StateError: a row has another form than this version writes.
    """
    try:
        _restore_world(emulator.world, saved)
        _restore_identities(emulator.identities, saved)
        control = saved.get("control", {})
        emulator.faults.extend(Fault(**row) for row in control.get("faults", []))
        emulator.world.failures.extend(Failure(**row) for row in control.get("failures", []))
        if "denied" in control:
            emulator.permissions = Permissions(control["denied"])
    except (KeyError, TypeError, ValueError, AttributeError, InvalidControl) as error:
        raise StateError(f"the state file holds a row of another form: {error}") from None


def _restore_world(world: World, saved: dict[str, dict[str, Any]]) -> None:
    meta = saved.get("meta", {}).get("world")
    if meta is not None:
        world.serial = meta["serial"]
        world.ids.counts.update(meta["ids"])
    for row in saved.get("image", {}).values():
        image = Image(**row)
        world.images[image.id] = image
        world.touch_image(image)
    for ident, row in saved.get("flavor", {}).items():
        world.set_sold_out(ident, row["sold_out"])
    notebooks = [notebook_from_json(row) for row in saved.get("notebook", {}).values()]
    for notebook in sorted(notebooks, key=lambda item: item.serial):
        world.notebooks[notebook.id] = notebook
        world.touch(notebook)
    world.dirty.clear()


def _restore_identities(identities: Identities, saved: dict[str, dict[str, Any]]) -> None:
    for row in saved.get("key", {}).values():
        identities.keys[row["access"]] = Key(**{**row, "user": User(**row["user"])})
    projects = {project.id: project for project in identities.config.projects}
    for row in saved.get("token", {}).values():
        project = row["project"] and projects.get(row["project"]["id"])
        values = {**row, "user": User(**row["user"]), "project": project, "methods": tuple(row["methods"])}
        identities.tokens[row["id"]] = Token(**values)
    identities.metadata_tokens.update(saved.get("metadata-token", {}))
