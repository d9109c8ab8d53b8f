"""Bad values fail `terraform validate` (or `plan`), with the path and what is allowed, and without a text that may be secret. Nothing is called."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from terraform_workspace import Workspace

SIX = [f"8.8.8.{n}" for n in range(1, 7)]

BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("image that is no UUID", {"image_id": "latest"}, "image_id", "must be a UUID"),
    (
        "six addresses",
        {"endpoints": {"SSH": {"allowed_access_ips": SIX}}},
        'endpoints["SSH"].allowed_access_ips',
        "has 6 elements and must have at most 5",
    ),
    (
        "a range of addresses",
        {"endpoints": {"SSH": {"allowed_access_ips": ["10.0.0.0/8"]}}},
        'endpoints["SSH"].allowed_access_ips',
        "must be an IPv4 address",
    ),
    (
        "a malformed address",
        {"endpoints": {"SSH": {"allowed_access_ips": ["8.8.8"]}}},
        'endpoints["SSH"].allowed_access_ips',
        "must be an IPv4 address such as 203.0.113.7",
    ),
    ("an unknown service", {"endpoints": {"FTP": {}}}, 'endpoints["FTP"]', "has a key that must be SSH or NOTEBOOK"),
    ("an attribute of the service's own", {"id": "x"}, "id", "can't be chosen. Remove it from the configuration"),
    ("a known one of it", {"status": "RUNNING"}, "status", "can't be chosen. Remove it from the configuration"),
    (
        "a nested one of it",
        {"endpoints": {"SSH": {"uri": "ssh://x"}}},
        'endpoints["SSH"].uri',
        "can't be chosen. Remove it from the configuration",
    ),
    ("a tag that is null", {"tags": {"a": None}}, 'tags["a"]', 'tags["a"] is null. Leave it out'),
    ("an endpoint that is null", {"endpoints": {"SSH": None}}, 'endpoints["SSH"]', "is null. Leave it out"),
    (
        "a null among addresses",
        {"endpoints": {"SSH": {"allowed_access_ips": ["8.8.8.8", None]}}},
        'endpoints["SSH"].allowed_access_ips',
        "has an element that is null. Leave it out",
    ),
    ("an empty region", {"region": ""}, "region", "must be the id of a region in lower case, such as cn-north-4"),
    (
        "IDLE of a minute",
        {"auto_stop": {"type": "IDLE", "duration": "1m"}},
        "auto_stop.duration",
        'from "15m" to "72h"',
    ),
    ("IDLE of 100 h", {"auto_stop": {"type": "IDLE", "duration": "100h"}}, "auto_stop.duration", 'from "15m" to "72h"'),
    (
        "a secret for a disk",
        {"storage": {"dew_secret_name": "s"}},
        "storage.dew_secret_name",
        "applies to OBS and OBSFS only, and category is EVS",
    ),
    ("size 4", {"storage": {"size": 4}}, "storage.size", "must be a whole number from 5 to 4096"),
    ("size 5000", {"storage": {"size": 5000}}, "storage.size", "must be a whole number from 5 to 4096"),
    ("size 5.5", {"storage": {"size": 5.5}}, "storage.size", "must be a whole number from 5 to 4096"),
    ("unknown storage", {"storage": {"category": "NFS"}}, "storage.category", "must be one of EVS, EFS, OBS, OBSFS"),
    (
        "a dedicated file system without its address",
        {"storage": {"category": "EFS", "ownership": "DEDICATED"}},
        "storage.uri",
        "is required where ownership is DEDICATED",
    ),
    (
        "COMMAND that isn't Base64",
        {"hooks": {"post_start": {"type": "COMMAND", "script": "pip install x"}}},
        "hooks.post_start.script",
        "must be Base64 text because type is COMMAND",
    ),
    (
        "SCRIPT that isn't absolute",
        {"hooks": {"pre_start": {"script": "init.sh"}}},
        "hooks.pre_start.script",
        "must be an absolute path",
    ),
    (
        "an unknown hook type",
        {"hooks": {"pre_start": {"type": "PYTHON", "script": "/x"}}},
        "hooks.pre_start.type",
        "must be SCRIPT or COMMAND",
    ),
    ("a timeout without a unit", {"timeouts": {"create": "30"}}, "timeouts.create", "must be a duration"),
]


@pytest.mark.parametrize(("attributes", "path", "message"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_validate_refuses(workspace: Workspace, attributes: dict[str, Any], path: str, message: str) -> None:
    workspace.configure(**attributes)

    run = workspace.validate()

    assert run.code == 1, run.text
    assert [e["summary"] for e in run.errors] == [f"Invalid value for {path}"] or path in run.error_text()
    assert message in run.error_text()
    lines = (workspace.folder / "main.tf.json").read_text().splitlines()
    header = next(number for number, line in enumerate(lines, 1) if '"this": {' in line)
    assert all(e["range"]["start"]["line"] > header for e in run.errors), "the attribute, not the resource's header"
    assert workspace.emulator.requests() == []


def test_validate_accepts_what_is_right(workspace: Workspace) -> None:
    workspace.configure(
        name="A-b_1" + "x" * 123,
        description="ü" * 512,
        endpoints={"SSH": {"key_pair_names": ["k"], "allowed_access_ips": SIX[:5]}, "NOTEBOOK": {}},
        hooks={"post_start": {"type": "COMMAND", "script": base64.b64encode(b"true").decode(), "mode": "BLOCK"}},
        storage={"size": 4096},
        timeouts={"create": "1h30m"},
    )

    run = workspace.validate()

    assert (run.code, run.errors) == (0, [])


def test_unknown_values_are_checked_when_they_are_known(workspace: Workspace) -> None:
    """A value that only apply knows passes validate and plan, and is refused before any call."""
    workspace.write(
        {
            "resource": {
                "terraform_data": {"size": {"input": 10}},
                "modelarts_notebook": {
                    "this": {
                        "name": "nb",
                        "flavor": "modelarts.vm.cpu.2u",
                        "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
                        "storage": {"size": "${terraform_data.size.output + 4999}"},
                    }
                },
            }
        }
    )

    assert workspace.validate().code == 0
    workspace.plan().ok()
    run = workspace.apply().failed()

    assert "must be a whole number from 5 to 4096" in run.error_text()
    assert workspace.calls() == []


def test_a_size_for_storage_that_has_its_own_fails_the_plan(workspace: Workspace) -> None:
    workspace.configure(storage={"category": "EFS", "size": 50})

    run = workspace.plan().failed()

    assert "storage.size applies to EVS only" in run.error_text()


def test_shrinking_the_disk_fails_the_plan_and_names_the_size(workspace: Workspace) -> None:
    workspace.configure(storage={"size": 20})
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    workspace.configure(storage={"size": 10})

    run = workspace.plan().failed()

    assert "Unable to resize the disk" in run.error_text()
    assert "`size = 20`" in run.error_text()
    assert workspace.calls() == []


def test_shrinking_is_no_error_where_the_notebook_is_replaced_anyway(workspace: Workspace) -> None:
    workspace.configure(storage={"size": 20})
    workspace.apply().ok()
    workspace.configure(storage={"size": 10}, workspace_id="abcdef0123456789abcdef0123456789")

    run = workspace.plan().ok()

    assert run.actions == ["replace"]
    assert "Its disk and everything on it is deleted with it" in run.warning_text()


def test_a_size_that_only_apply_knows_is_checked_before_any_call(workspace: Workspace) -> None:
    def configure(size: int) -> None:
        workspace.write(
            {
                "resource": {
                    "terraform_data": {"size": {"input": size}},
                    "modelarts_notebook": {
                        "this": {
                            "name": "nb",
                            "flavor": "modelarts.vm.cpu.2u",
                            "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
                            "storage": {"size": "${terraform_data.size.output}"},
                        }
                    },
                }
            }
        )

    configure(20)
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    configure(10)

    run = workspace.apply().failed()

    assert "`size = 20`" in run.error_text()
    assert workspace.calls() == []


def test_size_left_out_is_whatever_the_disk_has(workspace: Workspace) -> None:
    workspace.configure(storage={})
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.patch_notebook(workspace.id(), capacity=77)

    workspace.clean()
    state = workspace.state()

    assert state is not None
    workspace.configure(storage={}, name="renamed")
    workspace.apply().ok()
    assert workspace.put_bodies() == [{"name": "renamed"}] * len(workspace.put_bodies())
    refreshed = workspace.state()
    assert refreshed is not None
    assert refreshed["storage"]["size"] == 77
