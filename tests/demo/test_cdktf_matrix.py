"""Each of the update call's seven fields through the real cdktf CLI: two deployments, seven notebooks, a change in each."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

import pytest
from tools.demo import configuration, drivers, timeline
from tools.demo.workspace import claimed
from tools.within import project_environment

from modelarts_emulator.testing import running_emulator

pytestmark = [pytest.mark.acceptance, pytest.mark.cdk]

BASE: dict[str, Any] = {
    "description": "before",
    "flavor": "modelarts.vm.cpu.2u",
    "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
    "ssh": {"key_pair_names": ["team"], "allowed_access_ips": ["110.238.64.10"]},
    "post_start_script": "/home/ma-user/work/init.sh",
    "storage_gb": 10,
}
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "name": ("name", {"name": "renamed"}),
    "description": ("description", {"description": "after"}),
    "flavor": ("flavor", {"flavor": "modelarts.vm.cpu.8u"}),
    "image": ("image_id", {"image_id": "278e88d1-5b71-4766-8502-b3ba72e824d9"}),
    "endpoints": ("endpoints", {"ssh": {"key_pair_names": ["team", "on-call"], "allowed_access_ips": []}}),
    "hooks": ("hooks", {"post_start_script": "/home/ma-user/work/other.sh"}),
    "storage": ("storage_new_size", {"storage_gb": 20}),
    "beside": ("", {}),
}
"""What changes of each notebook, and the one field that its request has; the last one stays as it is."""


def test_each_field_is_one_update_through_cdktf_deploy(tmp_path, monkeypatch):
    for name, value in project_environment().items():
        monkeypatch.setenv(name, value)
    before = {key: {"name": key} | copy.deepcopy(BASE) for key in CHANGES}
    after = {key: before[key] | change for key, (_, change) in CHANGES.items()}
    with running_emulator(rules="observed", time_scale=0.0) as emulator, claimed(tmp_path / "run") as workspace:
        workspace.install_provider(workspace.environment({}))
        settings = emulator.environment()
        driver = drivers.choose("cdktf", workspace, workspace.environment(settings))
        driver.prepare()
        write(workspace, before)
        driver.deploy()
        idents = {one["name"]: one["id"] for one in emulator.notebooks()}
        emulator.clear_requests()
        write(workspace, after)

        driver.deploy()

        calls = emulator.requests()
        instances = {key: emulator.notebook(ident) for key, ident in idents.items()}
        stack = workspace.work / "cdktf.out" / "stacks" / "notebooks"  # what cdktf made of it: no second start of jsii
        plan = [os.environ.get("TERRAFORM_BINARY_NAME", "terraform"), "plan", "-detailed-exitcode", "-no-color"]
        code, text = workspace.children.follow(plan, workspace.environment(settings), stack, lambda _: None, 60)
    assert (code, "No changes. Your infrastructure matches the configuration." in text) == (0, True), text
    for key, (field, _) in CHANGES.items():
        own = [call for call in calls if call["notebook_id"] == idents[key] and not timeline.is_read(call)]
        assert [sorted(call["body"]) for call in own if call["operation"] == timeline.UPDATE] == (
            [[field]] if field else []
        ), key
        assert all(call["status"] == 200 for call in own if call["operation"] == timeline.UPDATE), key
        powers = [call["operation"] for call in own if call["operation"] in (timeline.STOP, timeline.START)]
        restarted = key in ("flavor", "image", "endpoints", "hooks")
        assert powers == ([timeline.STOP, timeline.START] if restarted else []), key
        assert instances[key]["status"] == "RUNNING", key
        assert [row for row in configuration.compare(after[key], instances[key]) if not row.same] == [], key


def write(workspace, notebooks):
    workspace.configuration.write_text(json.dumps({"notebooks": notebooks}))
