"""The update call, all of it: every pair of its seven fields, running and stopped, under both readings of the API.

The 21 pairs are 21 notebooks of one configuration, so that each cell of the matrix costs two applies and a plan. Beside
them stand what must not be touched: a dependent of each notebook, which Terraform would replace for any attribute that a
plan loses, and notebooks that take theirs from the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any, Final

import pytest
from terraform_workspace import CPU_2U, CPU_8U, IMAGE, OTHER_IMAGE, Run, Workspace, is_mark

from modelarts_emulator.notebooks.rules import FIELDS as RULES

KEYS: Final = ("k1", "k2")

BEFORE: Final[dict[str, Any]] = {
    "name": "before",
    "description": "before",
    "flavor": CPU_2U,
    "image_id": IMAGE,
    "endpoints": {"SSH": {"key_pair_names": KEYS[:1], "allowed_access_ips": ["8.8.8.8"]}},
    "hooks": {"pre_start": {"script": "/home/ma-user/work/before.sh"}},
    "storage": {"size": 10},
}
AFTER: Final[dict[str, Any]] = {
    "name": "after",
    "description": "after",
    "flavor": CPU_8U,
    "image_id": OTHER_IMAGE,
    "endpoints": {"SSH": {"key_pair_names": KEYS, "allowed_access_ips": ["8.8.8.8"]}},
    "hooks": {"pre_start": {"script": "/home/ma-user/work/after.sh"}},
    "storage": {"size": 20},
}
SENT: Final[dict[str, tuple[str, Any]]] = {
    "description": ("description", "after"),
    "flavor": ("flavor", CPU_8U),
    "image_id": ("image_id", OTHER_IMAGE),
    "endpoints": (
        "endpoints",
        [{"service": "SSH", "key_pair_names": list(KEYS), "allowed_access_ips": ["8.8.8.8"]}],
    ),
    "hooks": (
        "hooks",
        {"container_hooks": {"pre_start": {"type": "SCRIPT", "script": "/home/ma-user/work/after.sh"}}},
    ),
    "storage": ("storage_new_size", 20),
}
"""What the request says of each changed field; of the name, which is each notebook's own, see ``sent``."""

PAIRS: Final = {"-".join(pair): frozenset(pair) for pair in combinations(BEFORE, 2)}
POWER: Final = ("RUNNING", "STOPPED")

LOST_BY: Final = {
    "id": frozenset[str](),
    "url": frozenset[str](),
    "created_at": frozenset[str](),
    "name": frozenset({"name"}),
    "flavor": frozenset({"flavor"}),
    "image_id": frozenset({"image_id"}),
    "image.id": frozenset({"image_id"}),
    "image.swr_path": frozenset({"image_id"}),
    "storage.mount_path": frozenset[str](),
    "storage.category": frozenset[str](),
    "workspace_id": frozenset[str](),
    "tags_all": frozenset[str](),
    "interrupted_update": frozenset[str](),
    "status": frozenset[str](),
}
"""Attributes, and the fields whose change alters them: to any other change they stay known."""

LOST_WITH_POWER: Final = {
    "ssh_uri": frozenset({"endpoints"}),
    'endpoints["SSH"].uri': frozenset({"endpoints"}),
    "lease.type": frozenset[str](),
    "lease.duration": frozenset[str](),
}
"""Those that a restart alters, too."""


def notebooks(*, changed: bool) -> dict[str, dict[str, Any]]:
    found = {}
    for key, pair in PAIRS.items():
        values = {name: AFTER[name] if changed and name in pair else BEFORE[name] for name in BEFORE}
        found[key] = values | {"name": f"{key.replace('_', '-')}-{values['name']}"}
    return found


def power_stays(pair: frozenset[str], power: str, rules: str) -> bool:
    """Whether the API takes the pair in the power state that the notebook is in."""
    return all(power in RULES[SENT[field][0] if field in SENT else field].allowed(rules) for field in pair)


def document(*, changed: bool, power: str, rules: str) -> dict[str, Any]:
    """The 21 notebooks, a dependent of each, and two notebooks that are made of what others show."""
    here = {key: f'modelarts_notebook.pair["{key}"]' for key in PAIRS}
    dependents = {}
    for key, pair in PAIRS.items():
        watched = LOST_BY | (LOST_WITH_POWER if power_stays(pair, power, rules) else {})
        triggers = [f"${{{here[key]}.{at}}}" for at, lost_by in watched.items() if not pair & lost_by]
        dependents[key] = {"triggers_replace": triggers}
    pair = {"for_each": "${local.notebooks}", **{name: f"${{each.value.{name}}}" for name in BEFORE}}
    beside = {
        "name": "beside",
        "flavor": f"${{{here['name-hooks']}.flavor}}",
        "image_id": f"${{{here['flavor-hooks']}.image.id}}",
        "storage": {"size": f"${{{here['name-image_id']}.storage.size}}"},
        "tags": {"of": f"${{{here['endpoints-storage']}.id}}"},
    }
    return {
        "locals": {"notebooks": notebooks(changed=changed)},
        "resource": {
            "modelarts_notebook": {"pair": pair, "beside": beside, "alone": BEFORE | {"name": "alone"}},
            "terraform_data": dependents,
        },
    }


class Cell:
    """One power state under one set of rules: 21 notebooks, made, changed, and what the API saw of each."""

    def __init__(self, workspace: Workspace, power: str, rules: str) -> None:
        self.workspace, self.power, self.rules = workspace, power, rules
        self.emulator = workspace.emulator
        self.ids: dict[str, str] = {}

    def make(self) -> None:
        self.emulator.reset(rules=self.rules)
        self.workspace.write(document(changed=False, power=self.power, rules=self.rules))
        self.workspace.apply("-parallelism=30").ok()
        by_name = {one["name"]: one["id"] for one in self.emulator.notebooks()}
        self.ids = {key: by_name[values["name"]] for key, values in notebooks(changed=False).items()}
        if self.power == "STOPPED":
            for ident in self.ids.values():
                self.emulator.patch_notebook(ident, status="STOPPED")
            self.workspace.apply("-parallelism=30").ok()
            self.workspace.clean()
        self.emulator.clear_requests()

    def change(self) -> Run:
        self.workspace.write(document(changed=True, power=self.power, rules=self.rules))
        return self.workspace.apply("-parallelism=30").ok()

    def one_state_takes(self, pair: frozenset[str]) -> bool:
        """Whether the API takes both fields in one power state, by the emulator's reading of the sources."""
        return any(power_stays(pair, power, self.rules) for power in POWER)

    def complaints(self) -> Iterator[str]:
        """What isn't as it must be, a sentence each."""
        log = [call for call in self.emulator.requests() if call["method"] != "GET" and not is_mark(call)]
        known = {ident: key for key, ident in self.ids.items()}
        strangers = [f"{call['operation']} {call['path']}" for call in log if call["notebook_id"] not in known]
        if strangers:
            yield f"calls for what didn't change: {strangers}"
        for key, ident in self.ids.items():
            calls = [call for call in log if call["notebook_id"] == ident]
            for said in self._of(key, PAIRS[key], calls):
                yield f"{key}: {said}; the calls: {[(call['operation'], call['status']) for call in calls]}"

    def _of(self, key: str, pair: frozenset[str], calls: list[dict[str, Any]]) -> Iterator[str]:
        operations = [call["operation"] for call in calls]
        taken = [call["body"] for call in calls if call["operation"] == "UpdateNotebook" and call["status"] == 200]
        expected = dict(sent(key, field) for field in pair)
        if len(taken) != 1 and (self.one_state_takes(pair) or len(taken) != 2):
            yield f"{len(taken)} accepted updates"
        if [item for body in taken for item in sorted(body.items())] != sorted(expected.items()) and (
            len(taken) == 1 or sorted(item for body in taken for item in body) != sorted(expected)
        ):
            yield f"sent {taken}, not {expected}"
        if operations.count("StopNotebook") > 1 or operations.count("StartNotebook") > 1:
            yield "stopped or started more than once"
        if set(operations) - {"StopNotebook", "UpdateNotebook", "StartNotebook"}:
            yield "other calls"
        there = self.emulator.notebook(self.ids[key])
        if there["status"] != self.power:
            yield f"it was {self.power} and is {there['status']}"
        yield from differences(there, notebooks(changed=True)[key])


def sent(key: str, field: str) -> tuple[str, Any]:
    if field == "name":
        return "name", f"{key.replace('_', '-')}-after"
    return SENT[field]


def differences(there: dict[str, Any], configured: dict[str, Any]) -> Iterator[str]:
    """Where the instance isn't what is configured, changed or not."""
    ssh = next(entry for entry in there["endpoints"] if entry["service"] == "SSH")
    held = {
        "name": there["name"],
        "description": there["description"],
        "flavor": there["flavor"],
        "image_id": there["image"]["id"],
        "endpoints": {"SSH": {name: ssh[name] for name in ("key_pair_names", "allowed_access_ips")}},
        "hooks": {name: {"script": hook["script"]} for name, hook in there["hooks"].items()},
        "storage": {"size": there["volume"]["capacity"]},
    }
    for name, value in held.items():
        wanted = configured[name]
        if name == "endpoints":
            wanted = {"SSH": {at: list(each) for at, each in wanted["SSH"].items()}}
        if value != wanted:
            yield f"{name} is {value}, not {wanted}"


@pytest.mark.parametrize("rules", ["documented", "observed"])
@pytest.mark.parametrize("power", POWER)
def test_every_pair_of_fields_is_one_update_of_one_notebook(workspace: Workspace, power: str, rules: str) -> None:
    cell = Cell(workspace, power, rules)
    cell.make()

    run = cell.change()

    planned = {
        message["change"]["resource"]["addr"]: message["change"]["action"]
        for message in run.messages
        if message.get("type") == "planned_change"
    }
    touched = {at: action for at, action in planned.items() if not at.startswith("modelarts_notebook.pair[")}
    assert [*cell.complaints()] == []
    assert touched == {}, "what depends on a notebook must see no change"
    assert sorted(planned.items()) == sorted((f'modelarts_notebook.pair["{key}"]', "update") for key in PAIRS)
    workspace.clean()
