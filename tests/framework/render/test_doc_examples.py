"""The examples that the registry pages show are valid to Terraform itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from modelarts_provider import SOURCE
from modelarts_provider.framework.protocol.reattach import reattachable_thread
from modelarts_provider.framework.protocol.servicer import Servicer
from modelarts_provider.provider import ModelartsProvider

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
RESOURCES = sorted((EXAMPLES / "resources").iterdir())

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def environment():
    provider = ModelartsProvider(environment={})
    with reattachable_thread(lambda: Servicer(provider, log=lambda _: None), SOURCE) as reattach:
        given = {**os.environ, "TF_REATTACH_PROVIDERS": reattach, "CHECKPOINT_DISABLE": "1"}
        given.pop("TF_CLI_CONFIG_FILE", None)
        yield given


@pytest.mark.parametrize("folder", RESOURCES, ids=lambda folder: folder.name)
def test_example_is_valid_and_formatted(folder, environment, tmp_path):
    binary = shutil.which("terraform") or shutil.which("tofu")
    assert binary, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    for file in [EXAMPLES / "provider" / "provider.tf", *folder.glob("*.tf")]:
        shutil.copy(file, tmp_path)
    for command in (["fmt", "-check", "-diff"], ["init"], ["validate"]):
        run = subprocess.run(
            [binary, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
