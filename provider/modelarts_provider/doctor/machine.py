"""The programs that work with the provider: Terraform, the provider's place in Terraform's mirror, Node and the CDK's CLI."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from modelarts_provider import SOURCE, __version__
from modelarts_provider.api.local_files import UnreadableFile, read_text
from modelarts_provider.doctor.findings import Finding, error, ok, warning
from modelarts_provider.installation import IMPLIED_MIRROR, launcher_in, python_of

OLDEST_TERRAFORM: Final = (1, 8)
NEWEST_TESTED: Final = (1, 15)
NODE_MAJORS: Final = (20, 22)
CDK: Final = {"cdktf": ("cdktf-cli", "0.21"), "cdktn": ("cdktn-cli", "0.24")}
"""The libraries, each with the npm package of its CLI and the version that we test."""

CLI_CONFIGURATION: Final = ("~/.terraformrc", "~/.tofurc")
_SECONDS: Final = 60


def output_of(command: Sequence[str], environment: Mapping[str, str]) -> str | None:
    """What a program prints, None where it doesn't start, fails or hangs."""
    kept = {name: value for name, value in environment.items() if not name.startswith(("TF_CLI_ARGS", "TF_LOG"))}
    try:
        done = subprocess.run(  # noqa: S603 - programs found on the user's own PATH, with constant arguments
            command,
            env={**kept, "CHECKPOINT_DISABLE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine offers, so that tests can offer something else.

    Attributes:
        environment: Its variables.
        output: What a command prints, None where that fails.
        installed: Whether a Python package can be imported.
    """

    environment: Mapping[str, str]
    output: Callable[[Sequence[str], Mapping[str, str]], str | None] = output_of
    installed: Callable[[str], bool] = lambda name: importlib.util.find_spec(name) is not None

    def find(self, program: str) -> str | None:
        """Where a program is on PATH."""
        return shutil.which(program, path=self.environment.get("PATH", ""))

    def ask(self, *command: str) -> str | None:
        """What a command prints, None where that fails."""
        return self.output(command, self.environment)


def check_machine(machine: Machine) -> Iterator[Finding]:
    """Terraform and the provider's installation; Node and the CDK's CLI where the constructs can be used."""
    yield _terraform(machine)
    yield _installation(machine)
    libraries = [name for name in CDK if machine.installed(name)]
    if libraries:
        yield _node(machine)
        yield _cdk_cli(machine, libraries[0])


def _terraform(machine: Machine) -> Finding:
    program = machine.find("terraform")
    if program is None:
        return _opentofu(machine)
    version = _terraform_version(machine.ask(program, "version", "-json"))
    if version is None:
        return error(
            "terraform", f"{program} doesn't say its version", f"Run `{program} version` and see what it says."
        )
    said = f"{'.'.join(map(str, version))} ({program})"
    if version[:2] < OLDEST_TERRAFORM:
        return error("terraform", f"{said} is too old", "Install Terraform 1.8 or newer.")
    if version[:2] > NEWEST_TESTED:
        return ok("terraform", f"{said}, newer than the ones that this version was tested with")
    return ok("terraform", said)


def _opentofu(machine: Machine) -> Finding:
    program = machine.find("tofu")
    if program is None:
        mend = "Install Terraform 1.8 or newer, and put its folder on PATH."
        return error("terraform", "there is no `terraform` on PATH", mend)
    version = _terraform_version(machine.ask(program, "version", "-json"))
    said = f"OpenTofu {'.'.join(map(str, version)) if version else 'of an unknown version'} ({program})"
    return warning("terraform", f"{said}: not tested with this provider", "Use Terraform where something doesn't work.")


def _terraform_version(text: str | None) -> tuple[int, ...] | None:
    """From ``version -json``; OpenTofu writes the same key."""
    try:
        said = json.loads(text or "")["terraform_version"]
    except (ValueError, KeyError, TypeError):
        return None
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", said) if isinstance(said, str) else None
    return tuple(int(part) for part in found.groups()) if found else None


def _installation(machine: Machine) -> Finding:
    """Whether Terraform finds this version of the provider by itself, or is told another place."""
    check = "installation"
    if machine.environment.get("TF_REATTACH_PROVIDERS"):
        return ok(check, "TF_REATTACH_PROVIDERS is set: Terraform uses the provider that it names")
    mend = "Run `terraform-provider-modelarts install`."
    configuration = _own_methods(machine)
    if configuration is not None:
        path, text = configuration
        if SOURCE in text or "filesystem_mirror" in text:
            return ok(check, f"{path} says where Terraform finds providers; the default place isn't looked at")
        mend = (
            "Run `terraform-provider-modelarts install --dir DIR --print-config` and put what it prints into that file."
        )
        return warning(check, f"{path} has a provider_installation without {SOURCE}", mend)
    launcher = launcher_in(IMPLIED_MIRROR.expanduser())
    if not launcher.is_file():
        others = sorted(path.name for path in launcher.parents[2].glob("*") if path.is_dir())
        older = f" (it has {', '.join(others)})" if others else ""
        return warning(check, f"version {__version__} is not in {IMPLIED_MIRROR}{older}", mend)
    try:
        python = python_of(launcher).read_text(encoding="utf-8").strip()
    except OSError:
        python = ""
    if not os.access(python, os.X_OK):
        return error(check, f"{launcher} is there, and the Python that runs it ({python or 'unnamed'}) is gone", mend)
    return ok(check, f"version {__version__} is in {IMPLIED_MIRROR}")


def _own_methods(machine: Machine) -> tuple[str, str] | None:
    """The user's Terraform CLI configuration and its text, where it says how providers are installed."""
    named = machine.environment.get("TF_CLI_CONFIG_FILE")
    for path in (named,) if named else CLI_CONFIGURATION:
        try:
            text = read_text(path)
        except UnreadableFile:
            continue
        if "provider_installation" in text:
            return path, text
    return None


def _node(machine: Machine) -> Finding:
    mend = "Install Node 20 or 22; the CDK's command line crashes on 24."
    program = machine.environment.get("JSII_NODE") or machine.find("node")
    if program is None:
        return warning("node", "there is no `node` on PATH, and the constructs need it", mend)
    said = (machine.ask(program, "--version") or "").strip()
    found = re.match(r"v(\d+)\.", said)
    if found is None:
        return warning("node", f"{program} doesn't say its version", f"Run `{program} --version` and see what it says.")
    if int(found[1]) not in NODE_MAJORS:
        return warning("node", f"{said} ({program}) is not tested with the CDK", mend)
    return ok("node", f"{said} ({program})")


def _cdk_cli(machine: Machine, library: str) -> Finding:
    package, tested = CDK[library]
    mend = f"Run `npm install -g {package}@{tested}`."
    program = machine.find(library) or shutil.which(library, path=str(Path("node_modules", ".bin")))
    if program is None:
        return warning(library, f"{library} is installed for Python, and there is no `{library}` command", mend)
    version = _npm_version(Path(program).resolve(), package)
    if version is None:
        return ok(library, f"{program}, of an unknown version")
    if not version.startswith(f"{tested}."):
        return warning(library, f"{version} ({program}) is not the version that is tested, {tested}", mend)
    return ok(library, f"{version} ({program})")


def _npm_version(program: Path, package: str) -> str | None:
    """The version in the package that a program belongs to: starting the CLI to ask takes seconds."""
    for folder in program.parents:
        try:
            described = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(described, dict) and described.get("name") == package:
            return str(described.get("version") or "") or None
    return None
