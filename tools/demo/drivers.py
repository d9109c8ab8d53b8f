"""Two ways to deploy the examples: the cdktf CLI, and plain Terraform. The scenario is the same for both."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tools.demo.failure import DemoError
from tools.demo.printing import indented, out
from tools.layout import NODE_MODULES, ROOT, VENV_PYTHON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.demo.workspace import Workspace

EXAMPLES = ROOT / "examples"
# Longer than any of the commands takes on a slow machine; one that hangs is ended.
_SECONDS = 300.0
# What Terraform says while it works on a resource, and when it is done.
_PROGRESS = re.compile(
    r": (Creating|Modifying|Destroying|Still )|complete after|(Apply|Destroy) complete!|Warning: |Error: "
)


class Driver(Protocol):
    """How an example is deployed."""

    def prepare(self) -> None:
        """Puts the example into the work folder."""

    def deploy(self) -> None:
        """Makes reality what the configuration says."""

    def plan(self) -> str:
        """Shows what a deployment would do, and returns the text."""

    def destroy(self) -> None:
        """Takes everything away again."""

    def by_hand(self) -> str:
        """The commands for a person who goes on in the work folder."""


@dataclass(frozen=True)
class Commands:
    """Runs a driver's commands in the work folder, showing what they print."""

    workspace: Workspace
    env: Mapping[str, str]

    def run(self, *command: str, whole: bool = False) -> str:
        """Runs a command and returns what it printed.

        Args:
            command: The program and its arguments.
            whole: Show all that it prints as it comes; else the lines of progress, and all of it only if it fails.

        Raises:
            DemoError: it could not be started or failed.
        """
        shown = shlex.join([command[0].rsplit("/", 1)[-1], *command[1:]])
        out(f"   $ {shown}")

        def show(line: str) -> None:
            if whole or _PROGRESS.search(line):
                out(f"   | {line}".rstrip())

        try:
            code, text = self.workspace.children.follow(command, self.env, self.workspace.work, show, _SECONDS)
        except OSError as error:
            raise DemoError(f"{command[0]} cannot be started ({error.strerror}): run `make setup`.") from error
        if code != 0:
            indented(() if whole else text.splitlines())
            raise DemoError(f"`{shown}` failed (exit code {code}); what it said stands above.")
        return text


@dataclass(frozen=True)
class Cdktf:
    """The cdktf CLI on `examples/cdktf`."""

    commands: Commands

    @property
    def _program(self) -> str:
        return str(NODE_MODULES / ".bin" / "cdktf")

    def prepare(self) -> None:
        """Puts a `cdktf.json` there: the repository's own, with paths that hold from there."""
        settings = json.loads((ROOT / "cdktf.json").read_text())
        settings["app"] = shlex.join([str(VENV_PYTHON), str(EXAMPLES / "cdktf" / "main.py")])
        (self.commands.workspace.work / "cdktf.json").write_text(json.dumps(settings, indent=2) + "\n")

    def deploy(self) -> None:
        """Runs `cdktf deploy`."""
        self.commands.run(self._program, "deploy", "--auto-approve")

    def plan(self) -> str:
        """Runs `cdktf diff`."""
        return self.commands.run(self._program, "diff", whole=True)

    def destroy(self) -> None:
        """Runs `cdktf destroy`."""
        self.commands.run(self._program, "destroy", "--auto-approve")

    def by_hand(self) -> str:
        """The commands for a person."""
        return "cdktf diff && cdktf deploy"


@dataclass(frozen=True)
class PlainTerraform:
    """Terraform or OpenTofu on `examples/hcl`.

    Attributes:
        commands: Where and how they run.
        program: `terraform` or `tofu`.
    """

    commands: Commands
    program: str

    def prepare(self) -> None:
        """Copies the files and runs `init`."""
        for file in sorted((EXAMPLES / "hcl").glob("*.tf")):
            shutil.copy(file, self.commands.workspace.work)
        self.commands.run(self.program, "init", "-no-color", "-input=false")

    def deploy(self) -> None:
        """Runs `apply`."""
        self.commands.run(self.program, "apply", "-no-color", "-input=false", "-auto-approve")

    def plan(self) -> str:
        """Runs `plan`."""
        return self.commands.run(self.program, "plan", "-no-color", "-input=false", whole=True)

    def destroy(self) -> None:
        """Runs `destroy`."""
        self.commands.run(self.program, "destroy", "-no-color", "-input=false", "-auto-approve")

    def by_hand(self) -> str:
        """The commands for a person."""
        return f"{self.program} plan && {self.program} apply"


def choose(name: str, workspace: Workspace, env: Mapping[str, str]) -> Driver:
    """Returns the driver of a name.

    Args:
        name: `cdktf` or `hcl`.
        workspace: The demo's folder.
        env: The environment of the run's commands, with the provider's settings.
    """
    if name == "hcl":
        return PlainTerraform(Commands(workspace, env), env.get("TERRAFORM_BINARY_NAME", "terraform"))
    return Cdktf(Commands(workspace, env))
