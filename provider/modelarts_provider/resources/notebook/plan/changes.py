"""From prior and planned values to the changes that the lifecycle carries out. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from modelarts_provider.framework.planning.passes import changed
from modelarts_provider.framework.schema.attributes import ChangeKind
from modelarts_provider.framework.schema.paths import Name, Path, path
from modelarts_provider.framework.schema.values import UNKNOWN, Values, is_fully_known
from modelarts_provider.framework.schema.walk import value_at
from modelarts_provider.lifecycle.changes import Changes
from modelarts_provider.lifecycle.fields import FIELDS
from modelarts_provider.resources.common.tags import tag_changes
from modelarts_provider.resources.notebook.schema.auto_stop import same_lease, wanted_lease
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES
from modelarts_provider.resources.notebook.service.conversion import update_fragments

SIZE = path("storage", "size")
ELSEWHERE: Final = frozenset({"auto_stop", "tags", "desired_status"})
"""Rows that aren't told from their attribute alone: a lease by its meaning, tags with the provider's, power by itself."""


def changed_rows(config: Values, prior: Values, planned: Values) -> dict[str, tuple[Path, ...]]:
    """The rows of the field table that change, each with the paths of the attributes that change.

    A value that nobody configured and that is merely not known yet is no change.
    """
    rows: dict[str, list[Path]] = {}
    for at, row in _changes(config, prior, planned):
        rows.setdefault(row, []).append(at)
    return {row: tuple(paths) for row, paths in rows.items()}


def certain_rows(rows: Mapping[str, tuple[Path, ...]], planned: Values) -> dict[str, tuple[Path, ...]]:
    """The rows that change whatever is still unknown: a value that waits for another resource may turn out the same."""
    return {row: paths for row, paths in rows.items() if any(_is_settled(at, row, planned) for at in paths)}


def _is_settled(at: Path, row: str, planned: Values) -> bool:
    """Whether a changed value is known; an endpoint that is added changes with whatever members it has."""
    value = planned["tags_all"] if row == "tags" else value_at(planned, at)
    return is_fully_known(value) or (row == "endpoints" and isinstance(value, dict))


def makes_calls(rows: Collection[str], prior: Values, planned: Values) -> bool:
    """Whether an update calls the service: a field changes, a power state is wanted, or a killed update is to be repaired.

    Everything else is the provider's own, or another form of the same: an empty collection instead of none.
    """
    wanted = planned["desired_status"]
    return bool(rows) or prior["interrupted_update"] is True or wanted not in (None, prior["desired_status"])


def _changes(config: Values, prior: Values, planned: Values) -> Iterator[tuple[Path, str]]:
    for service in sorted({*(prior["endpoints"] or {})} ^ {*_services(planned)}):
        yield path("endpoints").key(service), "endpoints"
    for at, attribute in changed(ATTRIBUTES, prior, planned):
        if attribute.change.kind is not ChangeKind.IN_PLACE:
            continue
        if value_at(planned, at) is UNKNOWN and value_at(config, at) is None:
            continue
        if attribute.change.field not in ELSEWHERE:
            yield at, attribute.change.field
    if not same_lease(prior["auto_stop"], planned["auto_stop"]) and planned["auto_stop"] is not None:
        yield path("auto_stop"), "auto_stop"
    if planned["tags_all"] is UNKNOWN or (prior["tags_all"] or {}) != (planned["tags_all"] or {}):
        yield path("tags"), "tags"


def _services(planned: Values) -> Values:
    endpoints = planned["endpoints"]
    return {} if endpoints is UNKNOWN or endpoints is None else endpoints


def lifecycle_changes(config: Values, prior: Values, planned: Values) -> Changes:
    """The changes of an update at apply, when every configured value is known."""
    rows = frozenset(changed_rows(config, prior, planned))
    add, remove = tag_changes(prior["tags_all"], planned["tags_all"])
    return Changes(
        table=FIELDS,
        fields=update_fragments(prior, planned, rows),
        add_tags=add,
        remove_tags=remove,
        lease=wanted_lease(planned["auto_stop"]) if "auto_stop" in rows else None,
    )


def attribute_names(rows: dict[str, tuple[Path, ...]], only: tuple[str, ...]) -> str:
    """The changed attributes of some rows as a user knows them: ``flavor, hooks and storage.size``.

    Of an endpoint that is added or removed, its members aren't named beside it.
    """
    names: list[str] = []
    for row in only:
        for at in rows.get(row, ()):
            name = ".".join(step.name for step in at if isinstance(step, Name)) if row == "storage_size" else str(at)
            shown = name.split(".", 1)[0] if row == "hooks" else name
            if shown not in names:
                names.append(shown)
    names = [name for name in names if not any(name.startswith(f"{whole}.") for whole in names)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
