"""Every field of the API's page "Updating a Notebook Instance" (tables 1 to 15), and where it is found in the resource."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelarts_provider.framework.schema.attributes import Nested, Nesting
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

ROOT = Path(__file__).resolve().parents[3]
LAST_REQUEST_TABLE = 6

LATER = "ephemeral modelarts_notebook_access"
"""The token is a secret and has no place in a state; part 8 brings the ephemeral resource that hands it out."""

FIELDS = (
    # table, the field's path in the API, the attribute's path
    (1, "id", "id"),
    (1, "project_id", "project_id"),
    (2, "description", "description"),
    (2, "endpoints", "endpoints"),
    (2, "flavor", "flavor"),
    (2, "image_id", "image_id"),
    (2, "name", "name"),
    (2, "storage_new_size", "storage.size"),
    (2, "hooks", "hooks"),
    (3, "endpoints[].allowed_access_ips", "endpoints[*].allowed_access_ips"),
    (3, "endpoints[].service", "endpoints (its keys)"),
    (3, "endpoints[].key_pair_names", "endpoints[*].key_pair_names"),
    (4, "hooks.container_hooks", "hooks"),
    (5, "hooks.container_hooks.post_start", "hooks.post_start"),
    (5, "hooks.container_hooks.pre_start", "hooks.pre_start"),
    (6, "hooks.container_hooks.*.script", "hooks.*.script"),
    (6, "hooks.container_hooks.*.type", "hooks.*.type"),
    (7, "action_progress", "action_progress"),
    (7, "description", "description"),
    (7, "endpoints", "endpoints"),
    (7, "fail_reason", "fail_reason"),
    (7, "flavor", "flavor"),
    (7, "id", "id"),
    (7, "image", "image"),
    (7, "lease", "lease"),
    (7, "name", "name"),
    (7, "pool", "pool"),
    (7, "status", "status"),
    (7, "token", LATER),
    (7, "url", "url"),
    (7, "volume", "storage"),
    (7, "workspace_id", "workspace_id"),
    (7, "feature", "feature"),
    (7, "billing_items", "billing_items"),
    (7, "user", "user"),
    (8, "action_progress[].notebook_id", "action_progress[*].notebook_id"),
    (8, "action_progress[].status", "action_progress[*].status"),
    (8, "action_progress[].step", "action_progress[*].step"),
    (8, "action_progress[].step_description", "action_progress[*].step_description"),
    (9, "endpoints[].allowed_access_ips", "endpoints[*].allowed_access_ips"),
    (9, "endpoints[].dev_service", "endpoints (its keys)"),
    (9, "endpoints[].ssh_keys", "endpoints[*].key_pair_names"),
    (9, "endpoints[].service", "endpoints (its keys)"),
    (9, "endpoints[].uri", "endpoints[*].uri"),
    (10, "image.arch", "image.arch"),
    (10, "image.create_at", "image.create_at"),
    (10, "image.description", "image.description"),
    (10, "image.dev_services", "image.dev_services"),
    (10, "image.id", "image.id"),
    (10, "image.name", "image.name"),
    (10, "image.namespace", "image.namespace"),
    (10, "image.origin", "image.origin"),
    (10, "image.resource_categories", "image.resource_categories"),
    (10, "image.service_type", "image.service_type"),
    (10, "image.size", "image.size"),
    (10, "image.status", "image.status"),
    (10, "image.status_message", "image.status_message"),
    (10, "image.support_res_categories", "image.support_res_categories"),
    (10, "image.swr_path", "image.swr_path"),
    (10, "image.tag", "image.tag"),
    (10, "image.type", "image.type"),
    (10, "image.update_at", "image.update_at"),
    (10, "image.visibility", "image.visibility"),
    (10, "image.workspace_id", "image.workspace_id"),
    (10, "image.flavor_type", "image.flavor_type"),
    (11, "lease.create_at", "lease.create_at"),
    (11, "lease.duration", "lease.duration"),
    (11, "lease.enable", "lease.enable"),
    (11, "lease.type", "lease.type"),
    (11, "lease.update_at", "lease.update_at"),
    (12, "pool.id", "pool.id"),
    (12, "pool.name", "pool.name"),
    (13, "volume.capacity", "storage.size"),
    (13, "volume.category", "storage.category"),
    (13, "volume.mount_path", "storage.mount_path"),
    (13, "volume.ownership", "storage.ownership"),
    (13, "volume.status", "storage.status"),
    (14, "user.domain", "user.domain"),
    (14, "user.id", "user.id"),
    (14, "user.name", "user.name"),
    (15, "user.domain.id", "user.domain.id"),
    (15, "user.domain.name", "user.domain.name"),
)
FIELDS_BY_TABLE = {1: 2, 2: 7, 3: 3, 4: 1, 5: 2, 6: 2, 7: 18, 8: 4, 9: 5, 10: 21, 11: 5, 12: 2, 13: 5, 14: 3, 15: 2}
"""How many rows each table of the page has."""


def exists(path):
    """Whether the schema has the path; ``[*]`` is any element and ``.*`` any member."""
    attributes = [SCHEMA.attributes]
    found = []
    for step in re.findall(r"[\w]+|\[\*\]|\*", path):
        if step == "[*]":
            if not all(attribute.type.nesting in (Nesting.MAP, Nesting.LIST, Nesting.SET) for attribute in found):
                return False
            continue
        found = [attribute for members in attributes for name, attribute in members.items() if step in ("*", name)]
        attributes = [attribute.type.attributes for attribute in found if isinstance(attribute.type, Nested)]
        if not found:
            return False
    return bool(found)


def test_the_list_is_complete():
    counted = {table: sum(1 for row in FIELDS if row[0] == table) for table in FIELDS_BY_TABLE}
    assert counted == FIELDS_BY_TABLE
    assert len({(table, field) for table, field, _ in FIELDS}) == len(FIELDS) == 82


@pytest.mark.parametrize(("table", "field", "attribute"), FIELDS)
def test_field_has_its_attribute(table, field, attribute):
    if attribute == LATER:
        assert field == "token"
        assert "token" not in SCHEMA.attributes
        return
    assert exists(attribute.removesuffix(" (its keys)")), f"table {table}: {field}"


@pytest.mark.parametrize(
    "field", [row for row in FIELDS if row[0] <= LAST_REQUEST_TABLE and row[0] > 1], ids=lambda row: row[1]
)
def test_field_of_the_request_can_be_configured(field):
    path = field[2].removesuffix(" (its keys)")
    name = re.split(r"[.\[]", path)[0]
    assert SCHEMA.attributes[name].configurable


def test_exists_tells_what_there_is_not():
    for path in ("nothing", "image.nothing", "endpoints[*].nothing", "storage[*].size", "name.x", "hooks.*.nothing"):
        assert not exists(path), path


def test_the_docs_page_shows_the_same_table():
    page = (ROOT / "docs" / "resources" / "notebook.md").read_text(encoding="utf-8")
    shown = re.findall(
        r"^\| `([^`]+)`(?: \(path\))? \| ([^|]+) \|$", page[page.index("## Fields of the API") :], re.MULTILINE
    )
    assert shown == [(field, words(attribute)) for _, field, attribute in FIELDS]


def words(attribute):
    if attribute == LATER:
        return "none: it is a secret, and the state is no place for it"
    if attribute.endswith(" (its keys)"):
        return f"the keys of `{attribute.removesuffix(' (its keys)')}`"
    return f"`{attribute}`"
