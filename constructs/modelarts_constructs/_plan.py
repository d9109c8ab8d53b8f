"""Runs Terraform on a configuration, with the installed provider and an emulator, in a folder that is gone afterwards."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

PROVIDER: Final = "modelarts"
EXECUTABLE: Final = "terraform-provider-modelarts"
SECONDS: Final = 600.0
"""How long one command may take; a guard against hanging."""

_FOREIGN: Final = ("TF_", "HW_", "HUAWEICLOUD_", "OS_")
"""Beginnings of the environment's names that would reach Terraform or the provider."""

_LOGINS: Final = frozenset(
    [
        "security_token",
        "token",
        "user_name",
        "password",
        "domain_name",
        "domain_id",
        "project_name",
        "assume_role",
        "assume_role_with_oidc",
        "shared_config_file",
        "profile",
        "cloud",
        "auth_url",
        "cacert_file",
    ]
)
"""Settings of the provider block that say who is asking, and would speak against the emulator's keys."""


class Emulator(Protocol):
    """A running emulator, such as ``modelarts_emulator.testing.running_emulator`` yields."""

    @property
    def url(self) -> str:
        """Its address, such as ``http://127.0.0.1:8080``."""

    @property
    def access_key(self) -> str:
        """An access key that it knows."""

    @property
    def secret_key(self) -> str:
        """The secret key for it."""

    @property
    def project_id(self) -> str:
        """A project that it has."""

    @property
    def region(self) -> str:
        """The region of that project."""


class PlanError(AssertionError):
    """Terraform refuses the configuration, or can't be run; the message has its words."""


def plan(document: Mapping[str, Any], emulator: str | Emulator, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Plan a configuration from nothing.

    Args:
        document: The configuration in Terraform's JSON syntax.
        emulator: The emulator, or its address.
        variables: Values of the configuration's variables.

    Returns:
        The plan as ``terraform show -json`` prints it.

    Raises:
        PlanError: Terraform refuses it, or a program is missing.
    """
    settings = emulator_settings(emulator)
    terraform, provider = _terraform(), _provider()
    with tempfile.TemporaryDirectory(prefix="modelarts-plan-") as name:
        root = Path(name)
        work, mirror, configuration = root / "work", root / "mirror", root / "terraform.rc"
        work.mkdir()
        environment = _environment(os.environ, configuration, settings["endpoints"][PROVIDER])
        (work / "main.tf.json").write_text(json.dumps(pointed_at(document, settings), indent=2), encoding="utf-8")
        (work / "terraform.tfvars.json").write_text(json.dumps(dict(variables)), encoding="utf-8")
        install = [provider, "install", "--dir", str(mirror), "--source", _source(document)]
        _run(install, work, environment)
        configuration.write_text(_run([*install, "--print-config"], work, environment), encoding="utf-8")
        _run([terraform, "init", "-input=false", "-no-color"], work, environment)
        _run([terraform, "plan", "-input=false", "-no-color", "-lock=false", "-out=plan"], work, environment)
        shown: dict[str, Any] = json.loads(_run([terraform, "show", "-json", "plan"], work, environment))
        return shown


def emulator_settings(emulator: str | Emulator) -> dict[str, Any]:
    """The settings of the provider block that reach an emulator."""
    url = emulator if isinstance(emulator, str) else emulator.url
    usual = {
        "access_key": "emulator-access-key",
        "secret_key": "emulator-secret-key",
        "project_id": "0123456789abcdef0123456789abcdef",
        "region": "cn-north-4",
    }
    theirs = {name: getattr(emulator, name, value) for name, value in usual.items()}
    return {**theirs, "endpoints": {PROVIDER: url, "iam": url}}


def pointed_at(document: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with our provider's blocks turned to the emulator, and without the stack's backend."""
    pointed = copy.deepcopy(dict(document))
    for block in pointed.get("provider", {}).get(PROVIDER, []):
        for name in _LOGINS & block.keys():
            del block[name]
        block.update({**settings, "region": block.get("region", settings["region"])})
    for name in ("backend", "cloud"):
        pointed.get("terraform", {}).pop(name, None)
    return pointed


def _source(document: Mapping[str, Any]) -> str:
    """The provider's address with its host, as ``install`` takes it."""
    required = document.get("terraform", {}).get("required_providers", {}).get(PROVIDER, {})
    source = str(required.get("source", "local/modelarts/modelarts"))
    return source if source.count("/") > 1 else f"registry.terraform.io/{source}"


def _terraform() -> str:
    named = os.environ.get("TERRAFORM_BINARY_NAME")
    found = next((path for name in (named, "terraform", "tofu") if name and (path := shutil.which(name))), None)
    if found is None:
        msg = "there is no terraform (or tofu) on PATH, which to_plan runs: install Terraform 1.8 or newer"
        raise PlanError(msg)
    return found


def _provider() -> str:
    """The provider's own command line: of this Python's environment, else the one on PATH."""
    beside = Path(sys.executable).with_name(EXECUTABLE)
    found = str(beside) if beside.exists() else shutil.which(EXECUTABLE)
    if found is None:
        msg = f"there is no {EXECUTABLE} beside this Python or on PATH: pip install {EXECUTABLE}"
        raise PlanError(msg)
    return found


def _environment(given: Mapping[str, str], configuration: Path, url: str) -> dict[str, str]:
    """The environment without what others set for Terraform and the provider; no proxy is asked for the emulator."""
    kept = {name: value for name, value in given.items() if not name.startswith(_FOREIGN)}
    direct = ",".join(part for part in (kept.get("no_proxy") or kept.get("NO_PROXY"), urlsplit(url).hostname) if part)
    return {
        **kept,
        "TF_CLI_CONFIG_FILE": str(configuration),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "NO_PROXY": direct,
        "no_proxy": direct,
    }


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    """Run a program to its end and return what it wrote.

    Raises:
        PlanError: it failed; the message is what it said.
    """
    done = subprocess.run(  # noqa: S603 - the programs are those that the user has installed
        command, cwd=folder, env=environment, text=True, capture_output=True, timeout=SECONDS, check=False
    )
    if done.returncode == 0:
        return done.stdout
    said = _unframed(done.stderr) or _unframed(done.stdout) or f"it ended with {done.returncode} and said nothing"
    msg = f"{Path(command[0]).name} {command[1]}: {said}"
    raise PlanError(msg)


def _unframed(text: str) -> str:
    """Terraform's words without the lines that it draws around them."""
    lines = (line.removeprefix("│").removeprefix(" ") for line in text.splitlines() if line.strip() not in {"╷", "╵"})
    return "\n".join(lines).strip()
