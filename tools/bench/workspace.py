"""Folders in which the real Terraform runs, with the installed provider, and without any as the floor."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.bench.figures import Sample
from tools.calls import capture
from tools.echo import CannotGoOnError
from tools.layout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from modelarts_emulator.testing import Control

SOURCE = "local/modelarts/modelarts"
FLAVORS = ("modelarts.vm.cpu.2u", "modelarts.vm.cpu.8u")
IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54090"


@dataclass(frozen=True)
class Tools:
    """What commands are run with.

    Attributes:
        terraform: The program.
        env: The whole environment.
    """

    terraform: str
    env: Mapping[str, str]


def provider_settings(emulator: Control) -> dict[str, Any]:
    """Returns the provider block that points to an emulator."""
    return {
        "region": emulator.region,
        "project_id": emulator.project_id,
        "access_key": emulator.access_key,
        "secret_key": emulator.secret_key,
        "endpoints": {"modelarts": emulator.url, "iam": emulator.url},
    }


def notebooks(count: int, emulator: Control, flavor: str = FLAVORS[0]) -> dict[str, Any]:
    """Returns the configuration of that many notebooks, each a resource of its own, as CDK for Terraform writes them."""
    one = {"flavor": flavor, "image_id": IMAGE, "storage": {"size": 10}}
    return {
        "terraform": {"required_providers": {"modelarts": {"source": SOURCE}}},
        "provider": {"modelarts": provider_settings(emulator)},
        "resource": {"modelarts_notebook": {f"n{index}": {**one, "name": f"n{index}"} for index in range(count)}},
    }


def built_in(count: int, flavor: str = FLAVORS[0]) -> dict[str, Any]:
    """Returns the floor of the same count: the resource that Terraform itself brings, with the same values."""
    one = {"input": {"flavor": flavor, "image_id": IMAGE, "size": 10}}
    return {"resource": {"terraform_data": {f"n{index}": one for index in range(count)}}}


class Workspace:
    """One configuration and its state.

    Args:
        folder: Made here; must not exist.
        tools: What to run.
    """

    def __init__(self, folder: Path, tools: Tools) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._tools = tools

    def write(self, document: Mapping[str, Any]) -> None:
        """Writes the whole configuration."""
        (self._folder / "main.tf.json").write_text(json.dumps(document))

    def forget(self) -> None:
        """Takes the state away; what it described is taken away elsewhere."""
        (self._folder / "terraform.tfstate").unlink(missing_ok=True)

    def init(self) -> None:
        """Runs `terraform init`."""
        self.run("init", "-input=false")

    def validate(self) -> Sample:
        """Runs `terraform validate`."""
        return self.run("validate")

    def plan(self) -> Sample:
        """Runs `terraform plan` on what exists: a plan that isn't empty counts as failed."""
        return self.run("plan", "-input=false", "-detailed-exitcode")

    def apply(self) -> Sample:
        """Runs `terraform apply`."""
        return self.run("apply", "-input=false", "-auto-approve")

    def run(self, *arguments: str) -> Sample:
        """Runs one command to its end.

        Raises:
            CannotGoOnError: it failed, with what it said.
        """
        command = [self._tools.terraform, *arguments, "-no-color"]
        code, text, sample = timed(command, self._folder, self._tools.env)
        if code != 0:
            raise CannotGoOnError(
                f"`terraform {arguments[0]}` ended with {code}, so there is nothing to measure:\n{text}"
            )
        return sample


def timed(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str, Sample]:
    """Runs a program and returns its exit code, what it printed, and what it cost.

    The processor time is that of all processes that ended below this one meanwhile: measure one thing at a time.
    """
    used = _processor_of_children()
    before = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - the commands are ours, and no shell reads them
        list(command),
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    seconds = time.perf_counter() - before
    sample = Sample(seconds, _processor_of_children() - used)
    return done.returncode, done.stdout.decode("utf-8", "replace"), sample


def _processor_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def install_provider(program: Path, folder: Path, env: Mapping[str, str]) -> tuple[Path, Path]:
    """Installs the provider as a user does.

    Args:
        program: `terraform-provider-modelarts`.
        folder: Where the mirror and Terraform's configuration file are made.
        env: The environment.

    Returns:
        The launcher, and the configuration file for Terraform.

    Raises:
        CannotGoOnError: it could not be installed.
    """
    answer = capture([program, "install", "--dir", folder / "mirror", "--print-config"], env=env, cwd=ROOT)
    if answer.code != 0:
        raise CannotGoOnError(f"the provider could not be installed: {answer.text}")
    configuration = folder / "terraform.rc"
    configuration.write_text(answer.text)
    return next((folder / "mirror").rglob("terraform-provider-modelarts_v*")), configuration


def find_terraform(env: Mapping[str, str]) -> str:
    """Returns the Terraform, or OpenTofu, that the set-up chose.

    Raises:
        CannotGoOnError: none is there.
    """
    name = env.get("TERRAFORM_BINARY_NAME", "terraform")
    found = shutil.which(name, path=env.get("PATH", os.defpath))
    if found is None:
        raise CannotGoOnError(f"{name} is not on PATH: start the measurement with `make bench`, which sees to it.")
    return found
