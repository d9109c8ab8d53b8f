"""The demo's comparison of what was configured with what the API holds: it must fail for each field on its own."""

from __future__ import annotations

import base64
import copy

import pytest
from tools.demo import configuration, scenario
from tools.demo.configuration import REQUEST_FIELDS, changed_request_fields, compare, configured
from tools.demo.failure import DemoError
from tools.demo.printing import table

BEFORE, AFTER = configuration.read(scenario.BEFORE), configuration.read(scenario.AFTER)
CHANGED = AFTER[scenario.CHANGED]


def instance_of(notebook):
    """What the emulator's control shows for a notebook that was configured so."""
    command = base64.b64encode(notebook["post_start_command"].encode()).decode()
    return {
        "id": "11111111-2222-3333-4444-555555555555",
        "status": "RUNNING",
        "name": notebook["name"],
        "description": notebook["description"],
        "flavor": notebook["flavor"],
        "image": {"id": notebook["image_id"]},
        "endpoints": [
            {"service": "NOTEBOOK"},
            {
                "service": "SSH",
                "key_pair_names": list(reversed(notebook["ssh"]["key_pair_names"])),
                "allowed_access_ips": notebook["ssh"]["allowed_access_ips"],
            },
        ],
        "hooks": {
            "pre_start": {"type": "SCRIPT", "script": notebook["pre_start_script"], "mode": "ASYNC"},
            "post_start": {"type": "COMMAND", "script": command, "mode": "ASYNC"},
        },
        "volume": {"capacity": notebook["storage_gb"]},
    }


# Field -> how an API that had lost it, or kept the old one, would show the instance.
DROPPED = {
    "name": lambda instance: instance.update(name=BEFORE[scenario.CHANGED]["name"]),
    "description": lambda instance: instance.pop("description"),
    "flavor": lambda instance: instance.update(flavor=BEFORE[scenario.CHANGED]["flavor"]),
    "image": lambda instance: instance.pop("image"),
    "SSH key pairs": lambda instance: instance["endpoints"][1].pop("key_pair_names"),
    "SSH addresses": lambda instance: instance["endpoints"][1]["allowed_access_ips"].pop(),
    "hook before start": lambda instance: instance["hooks"].pop("pre_start"),
    "hook after start": lambda instance: instance["hooks"].update(post_start={"type": "COMMAND", "script": "oops!"}),
    "storage, GB": lambda instance: instance["volume"].update(capacity=20),
}


def test_equal_is_equal():
    assert [row.field for row in compare(CHANGED, instance_of(CHANGED)) if not row.same] == []


@pytest.mark.parametrize("field", REQUEST_FIELDS)
def test_each_field_that_was_dropped_is_seen(field):
    instance = copy.deepcopy(instance_of(CHANGED))
    DROPPED[field](instance)
    assert [row.field for row in compare(CHANGED, instance) if not row.same] == [field]


def test_a_whole_endpoint_or_all_hooks_that_were_dropped_are_seen():
    instance = instance_of(CHANGED)
    del instance["endpoints"][1], instance["hooks"]
    different = {row.field for row in compare(CHANGED, instance) if not row.same}
    assert different == {"SSH key pairs", "SSH addresses", "hook before start", "hook after start"}


def test_something_that_nobody_configured_is_seen():
    bare = {
        key: value for key, value in CHANGED.items() if key not in {"ssh", "pre_start_script", "post_start_command"}
    }
    different = {row.field for row in compare(bare, instance_of(CHANGED)) if not row.same}
    assert different == {"SSH key pairs", "SSH addresses", "hook before start", "hook after start"}


def test_the_example_changes_every_field_of_one_notebook_and_nothing_of_the_other():
    assert set(BEFORE) == set(AFTER)
    old, new = configured(BEFORE[scenario.CHANGED]), configured(CHANGED)
    assert [field for field in REQUEST_FIELDS if old[field] == new[field]] == []
    assert changed_request_fields(BEFORE[scenario.CHANGED], CHANGED) == {
        "name",
        "description",
        "flavor",
        "image_id",
        "endpoints",
        "hooks",
        "storage_new_size",
    }
    for key in set(AFTER) - {scenario.CHANGED}:
        assert BEFORE[key] == AFTER[key]


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({}, set()),
        ({"name": "other"}, {"name"}),
        ({"storage_gb": 60}, {"storage_new_size"}),
        ({"ssh": {"key_pair_names": ["team"]}}, {"endpoints"}),
        ({"post_start_command": "true", "pre_start_script": "/x"}, {"hooks"}),
    ],
)
def test_the_request_has_the_changed_fields_alone(change, fields):
    assert changed_request_fields(CHANGED, {**CHANGED, **change}) == fields


def test_the_order_of_keys_and_addresses_does_not_matter():
    swapped = {**CHANGED, "ssh": {name: values[::-1] for name, values in CHANGED["ssh"].items()}}
    assert changed_request_fields(CHANGED, swapped) == set()


def test_a_difference_stands_out_in_the_table():
    instance = instance_of(CHANGED)
    instance["flavor"] = "modelarts.vm.cpu.2u"
    lines = table(compare(CHANGED, instance))
    assert [line for line in lines if "DIFFERENT" in line] == [
        line for line in lines if line.startswith("flavor ") and "modelarts.vm.cpu.2u" in line
    ]
    assert len(lines) == 2 + len(REQUEST_FIELDS)


class Held:
    """An emulator that shows one instance."""

    def __init__(self, instance):
        self.instance = instance

    def notebook(self, ident):
        return {**self.instance, "id": ident}


@pytest.mark.parametrize("field", REQUEST_FIELDS)
def test_the_demo_fails_when_a_field_was_dropped(field, capsys):
    instance = copy.deepcopy(instance_of(CHANGED))
    DROPPED[field](instance)
    with pytest.raises(DemoError, match=f"training-large: {field} is "):
        scenario.compare_all({scenario.CHANGED: CHANGED}, {scenario.CHANGED: "an-id"}, Held(instance))
    assert "DIFFERENT" in capsys.readouterr().out


def test_the_demo_fails_when_the_instance_does_not_run_again():
    with pytest.raises(DemoError, match="training-large is STOPPED, not RUNNING"):
        scenario.compare_all(
            {scenario.CHANGED: CHANGED},
            {scenario.CHANGED: "an-id"},
            Held({**instance_of(CHANGED), "status": "STOPPED"}),
        )


def test_the_demo_is_content_with_what_was_configured():
    scenario.compare_all({scenario.CHANGED: CHANGED}, {scenario.CHANGED: "an-id"}, Held(instance_of(CHANGED)))
