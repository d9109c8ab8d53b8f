"""A wheel of ours in an environment of its own, and bindings that the CDK command line generates, each made once."""

from __future__ import annotations

import json
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from outside_programs import NODE_MODULES, ROOT, run

NOWHERE = "http://127.0.0.1:1"
"""A proxy that doesn't answer: whatever goes to the network fails."""


@pytest.fixture(scope="session")
def users_python(tmp_path_factory):
    """The Python of an environment that has the built wheel, and this one's packages without the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT)
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    run([sys.executable, "-m", "venv", "--without-pip", environment], folder)
    (packages,) = environment.glob("lib/python3*/site-packages")
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return environment / "bin" / "python"


@pytest.fixture(scope="session")
def bindings(tmp_path_factory):
    """The folder of what ``cdktf get`` makes of the installed provider, by language, with no network."""
    folder = tmp_path_factory.mktemp("get")
    configuration = folder / "terraform.rc"
    install = [Path(sys.executable).with_name("terraform-provider-modelarts"), "install", "--dir", folder / "mirror"]
    run(install, folder)
    configuration.write_text(run([*install, "--print-config"], folder))
    made = {}
    for language in ("python", "typescript"):
        project = folder / language
        project.mkdir()
        provider = {"name": "modelarts", "source": "local/modelarts/modelarts", "version": "0.2.0"}
        settings = {"language": language, "app": "true", "sendCrashReports": "false", "codeMakerOutput": "imports"}
        (project / "cdktf.json").write_text(json.dumps({**settings, "terraformProviders": [provider]}))
        run(
            [NODE_MODULES / ".bin" / "cdktf", "get"],
            project,
            TF_CLI_CONFIG_FILE=str(configuration),
            CDKTF_SKIP_PROVIDER_LOCK="true",
            CHECKPOINT_DISABLE="1",
            CI="true",
            HTTP_PROXY=NOWHERE,
            HTTPS_PROXY=NOWHERE,
            npm_config_offline="true",
        )
        made[language] = project / "imports"
    return made
