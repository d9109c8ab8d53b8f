"""cdktn's own command line deploys, shows, changes and destroys the example. Run by ``make test-cdktn`` on Node 22."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from outside_programs import ROOT, run

from modelarts_emulator.testing import running_emulator

CDKTN = ROOT / "tools" / "cdktn" / "node_modules" / ".bin" / "cdktn"
EXAMPLES = ROOT / "examples"
COLOURS = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def project(tmp_path):
    """The example as the guide says to change it, and a mirror that has the provider."""
    text = (EXAMPLES / "cdktf" / "main.py").read_text()
    moved = text.replace("import cdktf\n", "import cdktn as cdktf\n")
    assert moved != text
    (tmp_path / "main.py").write_text(moved)
    settings = {"language": "python", "app": f"{sys.executable} main.py", "sendCrashReports": "false"}
    (tmp_path / "cdktf.json").write_text(json.dumps(settings))
    install = [Path(sys.executable).with_name("terraform-provider-modelarts"), "install", "--dir", tmp_path / "mirror"]
    run(install, tmp_path)
    (tmp_path / "terraform.rc").write_text(run([*install, "--print-config"], tmp_path))
    return tmp_path


def test_deploy_change_and_destroy(project):
    with running_emulator(time_scale=0.0) as emulator:

        def cdktn(*arguments, notebooks):
            environment = {
                **emulator.environment(),
                "NOTEBOOKS": str(EXAMPLES / "configurations" / f"{notebooks}.tfvars.json"),
                "TF_CLI_CONFIG_FILE": str(project / "terraform.rc"),
                "CDKTF_SKIP_PROVIDER_LOCK": "true",
                "CHECKPOINT_DISABLE": "1",
                "CI": "true",
            }
            return COLOURS.sub("", run([CDKTN, *arguments], project, **environment))

        wanted = {
            name: json.loads((EXAMPLES / "configurations" / f"{name}.tfvars.json").read_text())
            for name in ("before", "after")
        }
        cdktn("deploy", "--auto-approve", notebooks="before")
        assert flavors(emulator) == {each["name"]: each["flavor"] for each in wanted["before"]["notebooks"].values()}
        made = {each["id"] for each in emulator.notebooks()}
        shown = cdktn("diff", notebooks="after")
        assert re.search(r"Plan: 0 to add, \d to change, 0 to destroy", shown)
        assert "will be stopped and started again" in shown
        cdktn("deploy", "--auto-approve", notebooks="after")
        assert flavors(emulator) == {each["name"]: each["flavor"] for each in wanted["after"]["notebooks"].values()}
        assert {each["id"] for each in emulator.notebooks()} == made
        cdktn("destroy", "--auto-approve", notebooks="after")
        assert emulator.notebooks() == []


def flavors(emulator):
    return {each["name"]: each["flavor"] for each in emulator.notebooks()}
