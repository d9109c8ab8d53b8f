"""Terraform in a folder of its own, against a provider that somebody serves, and what a command said."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.echo import CannotGoOnError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from modelarts_emulator.testing import Control

SOURCE = "local/modelarts/modelarts"
TYPE = "modelarts_notebook"
BLAMES = ("inconsistent result", "invalid plan", "invalid new value", "defect of its own", "Traceback")
"""What Terraform or the provider says where the provider has broken a promise; no operation may ever lead to it."""

SECONDS = 300.0


def program() -> str:
    """Where Terraform (or OpenTofu) is.

    Raises:
        CannotGoOnError: Nowhere.
    """
    found = shutil.which(os.environ.get("TERRAFORM_BINARY_NAME", "terraform")) or shutil.which("tofu")
    if found is None:
        raise CannotGoOnError("terraform is not on PATH: start this with `make soak`, which sees to it.")
    return found


@dataclass(frozen=True)
class Run:
    """What one command did.

    Attributes:
        code: Its exit status.
        messages: The lines of its JSON output.
        text: Everything that it printed.
    """

    code: int
    messages: tuple[Mapping[str, Any], ...]
    text: str

    @property
    def good(self) -> bool:
        """Whether it did what it was asked for (2: a plan that isn't empty)."""
        return self.code in (0, 2) and not self.errors

    @property
    def errors(self) -> list[Mapping[str, Any]]:
        """Its errors."""
        return self._diagnostics("error")

    @property
    def warnings(self) -> list[Mapping[str, Any]]:
        """Its warnings."""
        return self._diagnostics("warning")

    def _diagnostics(self, severity: str) -> list[Mapping[str, Any]]:
        return [m["diagnostic"] for m in self.messages if m.get("diagnostic", {}).get("severity") == severity]

    @property
    def actions(self) -> list[str]:
        """What it plans to do, such as ``["update"]``."""
        return [m["change"]["action"] for m in self.messages if m.get("type") == "planned_change"]

    @property
    def blames(self) -> list[str]:
        """The promises that it says are broken."""
        return [phrase for phrase in BLAMES if phrase in self.text]


@dataclass(frozen=True)
class Known:
    """An instance in the state."""

    id: str
    tainted: bool


class Terraform:
    """One configuration and its state.

    Args:
        folder: Holds both.
        emulator: The API behind it.
    """

    def __init__(self, folder: Path, emulator: Control) -> None:
        self._program = program()
        self._folder = folder
        self.environment = {**clean_environment(), "TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1"}
        self._provider = {
            "region": emulator.region,
            "project_id": emulator.project_id,
            "access_key": emulator.access_key,
            "secret_key": emulator.secret_key,
            "endpoints": {"modelarts": emulator.url, "iam": emulator.url},
            "max_retries": 2,
        }

    @property
    def _state_file(self) -> Path:
        return self._folder / "terraform.tfstate"

    def begin(self) -> None:
        """Forgets the state."""
        for left in self._folder.glob("*tfstate*"):
            left.unlink()

    def write(self, notebooks: Mapping[str, Mapping[str, Any]]) -> None:
        """Writes the configuration of these notebooks, by the names of their resources."""
        document: dict[str, Any] = {
            "terraform": {"required_providers": {"modelarts": {"source": SOURCE}}},
            "provider": {"modelarts": self._provider},
        }
        if notebooks:
            document["resource"] = {TYPE: notebooks}
        (self._folder / "main.tf.json").write_text(json.dumps(document, indent=1))

    def known(self) -> dict[str, Known]:
        """The instances in the state, by the names of their resources; read from the file, as no run is under way."""
        text = self._state_file.read_text() if self._state_file.exists() else ""
        document = json.loads(text or '{"resources": []}')
        return {
            str(resource["name"]): Known(str(instance["attributes"]["id"]), instance.get("status") == "tainted")
            for resource in document["resources"]
            for instance in resource["instances"]
            if not instance.get("deposed")
        }

    def plan(self) -> Run:
        """Runs `terraform plan`."""
        return self.run("plan", "-input=false", "-detailed-exitcode", "-json")

    def apply(self, *more: str) -> Run:
        """Runs `terraform apply`."""
        return self.run("apply", "-input=false", "-auto-approve", "-json", *more)

    def import_(self, name: str, identifier: str) -> Run:
        """Runs `terraform import`."""
        return self.run("import", "-input=false", "-no-color", f"{TYPE}.{name}", identifier)

    def forget(self, name: str) -> Run:
        """Takes an instance out of the state and leaves it alone."""
        return self.run("state", "rm", f"{TYPE}.{name}")

    def untaint(self, name: str) -> Run:
        """Runs `terraform untaint`."""
        return self.run("untaint", "-no-color", f"{TYPE}.{name}")

    def run(self, *arguments: str) -> Run:
        """Runs one command to its end."""
        process = self._start(*arguments)
        return _read(process, *process.communicate(timeout=SECONDS))

    def run_until(self, moment: Callable[[], bool], strike: Callable[[int], None], *arguments: str) -> Run:
        """Runs a command, and lets something happen at a moment, if that comes before the end.

        Args:
            moment: Asked again and again.
            strike: Called once, with the command's process id.
            arguments: Of Terraform.
        """
        process = self._start(*arguments)
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=0.02)
                except subprocess.TimeoutExpired:
                    if not moment():
                        continue
                    strike(process.pid)
                    out, err = process.communicate(timeout=SECONDS)
                return _read(process, out, err)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - the commands are ours, and no shell reads them
            [self._program, *arguments],
            cwd=self._folder,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def clean_environment() -> dict[str, str]:
    """Returns this process's environment without what would bend Terraform or the provider."""
    foreign = ("TF_", "HW_", "HUAWEICLOUD_", "CDKTF_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {
        **kept,
        "CHECKPOINT_DISABLE": "1",
        "MODELARTS_UNMANAGED_WAIT_SECONDS": "0.5",
    }  # no other run creates anything


def _read(process: subprocess.Popen[str], out: str, err: str) -> Run:
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{") and line.endswith("}")]
    return Run(process.returncode, tuple(lines), out + err)
