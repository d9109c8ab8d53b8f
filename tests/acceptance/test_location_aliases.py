"""Two provider blocks for two regions, as Terraform runs them: a process for each, with the environment of both."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import BASE, Workspace, clean_environment

from modelarts_emulator.testing import Control

HOME_REGION, HOME = "cn-north-4", "0123456789abcdef0123456789abcdef"
REGION, PROJECT = "ap-southeast-3", "2123456789abcdef0123456789abcdef"
WEST = "modelarts_notebook.west"
PASSWORD = {
    "access_key": None,
    "secret_key": None,
    "user_name": "emulator",
    "password": "emulator",
    "domain_name": "emulator",
}


@pytest.fixture(scope="module")
def cli_configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with the provider, and the file that leads Terraform to it. A reattached one is one for all blocks."""
    mirror = tmp_path_factory.mktemp("mirror")
    install = [sys.executable, "-m", "modelarts_provider", "install", "--dir", str(mirror), "--print-config"]
    done = subprocess.run(install, env=clean_environment(), text=True, capture_output=True, check=True)
    file = mirror / "terraform.rc"
    file.write_text(done.stdout)
    return file


@pytest.fixture
def installed(tmp_path: Path, cli_configuration: Path, emulator: Control) -> Workspace:
    """A workspace of two provider blocks."""
    return Workspace(tmp_path, emulator, {**clean_environment(), "TF_CLI_CONFIG_FILE": str(cli_configuration)})


def write(workspace: Workspace, description: str, **settings: Any) -> None:
    """A notebook of each provider block; the blocks differ in their region alone."""
    body = {**BASE, "description": description}
    west = {**body, "name": "west", "provider": "modelarts.west"}
    workspace.write({"resource": {"modelarts_notebook": {"this": body, "west": west}}})
    file = workspace.folder / "main.tf.json"
    document = json.loads(file.read_text())
    both = {name: value for name, value in {**workspace.provider_block, **settings}.items() if value is not None}
    document["provider"]["modelarts"] = [both, {**both, "alias": "west", "region": REGION}]
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({"HW_REGION_NAME": HOME_REGION, "HW_PROJECT_ID": HOME}, {}),
        ({"HUAWEICLOUD_SDK_PROJECT_ID": HOME.upper()}, {}),
        ({"HW_PROJECT_ID": HOME}, PASSWORD),
        ({"HW_PROJECT_ID": PROJECT}, {}),
        ({"HW_PROJECT_NAME": HOME_REGION}, {}),
        ({}, PASSWORD),
    ],
    ids=["region beside it", "no region beside it", "password", "the other region's", "name", "looked up"],
)
def test_an_aliased_provider_of_another_region(
    installed: Workspace, environment: dict[str, str], settings: dict[str, Any]
) -> None:
    """The environment's project is of the environment's region, or else of the one that IAM says."""
    installed.environment |= environment
    settings = {**settings, "project_id": None}
    write(installed, "one", **settings)
    assert installed.run("init", machine=False).code == 0
    installed.apply().ok()
    installed.clean()
    write(installed, "two", **settings)
    assert installed.apply().ok().actions == ["update", "update"]

    here, there = installed.state(), installed.state(WEST)
    assert here is not None
    assert there is not None
    assert (here["region"], here["project_id"]) == (HOME_REGION, HOME)
    assert (there["region"], there["project_id"]) == (REGION, PROJECT)
    installed.destroy().ok()
    requests = installed.emulator.requests(service="modelarts")
    assert {(call["path"].split("/")[2], call["notebook_id"]) for call in requests if call["notebook_id"]} == {
        (HOME, here["id"]),
        (PROJECT, there["id"]),
    }
    assert installed.emulator.notebooks() == []
