"""The wheel without extras, in an environment of its own: Terraform plans and applies with nothing else installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest
from tools.bench.workspace import FLAVORS, Tools, Workspace, install_provider, notebooks
from tools.environment import for_pip

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.acceptance


def run(*command: str | Path, **options) -> str:
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=240, check=False, cwd=ROOT, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout; built with the locked backend where the set-up has installed it, else with pip's own."""
    folder = tmp_path_factory.mktemp("wheel")
    isolation = ["--no-build-isolation"] if find_spec("hatchling") else []
    run(
        sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", *isolation, "-w", folder, ROOT, env=for_pip(os.environ)
    )
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def alone(tmp_path_factory, wheel) -> Path:
    """An environment with the wheel and what it requires, in the locked versions."""
    folder = tmp_path_factory.mktemp("alone")
    venv.create(folder, with_pip=False, symlinks=True)
    locked = re.findall(r"^([A-Za-z0-9._-]+==[^\s\\;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    versions = folder / "versions.txt"
    versions.write_text("\n".join(locked))
    env = {**for_pip(os.environ), "PIP_CONSTRAINT": str(versions)}
    run(sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "-q", wheel, env=env)
    return folder


def test_nothing_but_the_provider_and_its_requirements_is_installed(alone):
    code = (
        "import importlib.util, json; names = ['httpx', 'grpclib', 'msgpack', 'cdktf', 'constructs', 'pydantic', 'starlette'];"
        "print(json.dumps([name for name in names if importlib.util.find_spec(name)]))"
    )
    assert json.loads(run(alone / "bin" / "python", "-I", "-c", code)) == ["httpx", "grpclib", "msgpack"]


def test_the_commands_start(alone):
    env = {"PATH": os.defpath}
    assert "install" in run(alone / "bin" / "terraform-provider-modelarts", "--help", env=env)
    schema = json.loads(run(alone / "bin" / "terraform-provider-modelarts", "schema", env=env))
    assert "local/modelarts/modelarts" in schema["provider_schemas"]


def test_terraform_plans_applies_and_updates_with_it(alone, emulator, clean_env, tmp_path):
    terraform = shutil.which("terraform") or shutil.which("tofu")
    assert terraform, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    _, configuration = install_provider(alone / "bin" / "terraform-provider-modelarts", tmp_path, clean_env)
    tools = Tools(terraform, {**clean_env, "TF_CLI_CONFIG_FILE": str(configuration)})
    workspace = Workspace(tmp_path / "work", tools)

    workspace.write(notebooks(1, emulator))
    workspace.init()
    workspace.apply()
    workspace.plan()  # fails unless it is empty
    workspace.write(notebooks(1, emulator, FLAVORS[1]))
    workspace.apply()

    (there,) = emulator.notebooks()
    assert (there["flavor"], there["status"]) == (FLAVORS[1], "RUNNING")
    record = next((tmp_path / "mirror").rglob("*.python")).read_text()
    assert record.strip() == str(alone / "bin" / "python")


def test_what_a_start_imports_is_compiled(alone, clean_env, tmp_path):
    """A start would have to do it otherwise, again and again where it may not write."""
    packages = next((alone / "lib").glob("python*")) / "site-packages"
    for compiled in packages.rglob("*.pyc"):
        compiled.unlink()
    install_provider(
        alone / "bin" / "terraform-provider-modelarts", tmp_path, {**clean_env, "PYTHONDONTWRITEBYTECODE": "1"}
    )
    code = "import sys, modelarts_provider.framework.protocol.plugin, modelarts_provider.provider, modelarts_provider.api.http.client\n"
    code += (
        "print(*[m.__cached__ for m in sys.modules.values() if 'site-packages' in (getattr(m, '__file__', 0) or '')])"
    )
    needed = run(alone / "bin" / "python", "-I", "-B", "-c", code).split()
    assert len(needed) > 100
    assert [path for path in needed if path != "None" and not Path(path).exists()] == []
