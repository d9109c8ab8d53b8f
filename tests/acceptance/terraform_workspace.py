"""A folder in which a test runs the real terraform binary, and what a run said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelarts_emulator.testing import Control

CPU_2U = "modelarts.vm.cpu.2u"
CPU_8U = "modelarts.vm.cpu.8u"
IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54090"
OTHER_IMAGE = "278e88d1-5b71-4766-8502-b3ba72e824d9"
ADDRESS = "modelarts_notebook.this"

MARK = "terraform-provider-modelarts"

BASE: dict[str, Any] = {"name": "nb", "flavor": CPU_2U, "image_id": IMAGE, "storage": {"size": 10}}

ADVICE = frozenset({"Notebooks without auto_stop stop after an hour", "Notebooks accept SSH from every address"})
"""Advisory warnings of nearly every plan here: test_auto_stop.py is about them."""

NEVER_SAID = ("inconsistent result", "invalid plan", "invalid new value", "defect of its own", "Traceback")


def binary() -> str:
    """Terraform, or OpenTofu where there is only that."""
    found = shutil.which("terraform") or shutil.which("tofu")
    assert found, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    return found


@dataclass(frozen=True)
class Run:
    """What one terraform command did."""

    code: int
    messages: tuple[dict[str, Any], ...]
    text: str

    def diagnostics(self, severity: str) -> list[dict[str, Any]]:
        return [m["diagnostic"] for m in self.messages if m.get("diagnostic", {}).get("severity") == severity]

    @property
    def errors(self) -> list[dict[str, Any]]:
        return self.diagnostics("error")

    @property
    def warnings(self) -> list[dict[str, Any]]:
        """The warnings, without what every create of these tests advises (see ADVICE)."""
        return [each for each in self.diagnostics("warning") if each["summary"] not in ADVICE]

    @property
    def actions(self) -> list[str]:
        """What the plan wants to do, such as ``["update"]``; drift that changes nothing doesn't count."""
        return [m["change"]["action"] for m in self.messages if m.get("type") == "planned_change"]

    def ok(self) -> Run:
        assert self.code in (0, 2), self.text
        assert not self.errors, self.text
        return self

    def failed(self) -> Run:
        assert self.code == 1, self.text
        assert self.errors, self.text
        return self

    def error_text(self) -> str:
        return "\n".join(f"{e['summary']}\n{e.get('detail', '')}" for e in self.errors)

    def warning_text(self) -> str:
        return "\n".join(f"{w['summary']}\n{w.get('detail', '')}" for w in self.warnings)


class Workspace:
    """One configuration, its state, and the provider that a test serves to it."""

    def __init__(
        self,
        folder: Path,
        emulator: Control,
        environment: dict[str, str],
        serve: Callable[[], str] | None = None,
    ) -> None:
        self._serve = serve
        self.folder = folder
        self.emulator = emulator
        self.environment = environment
        self.provider_block: dict[str, Any] = {
            "region": emulator.region,
            "project_id": emulator.project_id,
            "access_key": emulator.access_key,
            "secret_key": emulator.secret_key,
            "endpoints": {"modelarts": emulator.url, "iam": emulator.url},
        }

    def fresh_provider(self) -> None:
        """Go on with a provider that remembers nothing, as every real command does."""
        assert self._serve is not None
        self.environment["TF_REATTACH_PROVIDERS"] = self._serve()

    def configure(self, resource: dict[str, Any] | None = None, **more: Any) -> None:
        """Write a configuration of one notebook (``BASE`` and these attributes; None leaves one out)."""
        merged = {**BASE, **(resource or {}), **more}
        body = {name: value for name, value in merged.items() if value is not None}
        self.write({"resource": {"modelarts_notebook": {"this": body}}})

    def write(self, document: dict[str, Any]) -> None:
        """Write a whole configuration in JSON syntax; the provider block is added."""
        provider = {name: value for name, value in self.provider_block.items() if value is not None}
        full = {
            "terraform": {"required_providers": {"modelarts": {"source": "local/modelarts/modelarts"}}},
            "provider": {"modelarts": provider},
            **document,
        }
        (self.folder / "main.tf.json").write_text(json.dumps(full, indent=2))

    def run(self, *arguments: str, machine: bool = True, timeout: float = 120) -> Run:
        """Run terraform to its end."""
        command = [binary(), arguments[0], "-json" if machine else "-no-color", *arguments[1:]]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, text=True, capture_output=True, timeout=timeout, check=False
        )
        return self.read(done.returncode, done.stdout, done.stderr, machine=machine)

    def read(self, code: int, stdout: str, stderr: str, *, machine: bool = True) -> Run:
        """What a finished command said; whatever it was, Terraform never blames the provider."""
        text = stdout + stderr
        for phrase in NEVER_SAID:
            assert phrase not in text, text
        lines = [json.loads(line) for line in stdout.splitlines() if line.startswith("{")] if machine else []
        if lines and "diagnostics" in lines[0]:  # validate prints one document
            lines = [{"diagnostic": d} for d in lines[0]["diagnostics"]]
        return Run(code, tuple(lines), text)

    def validate(self) -> Run:
        done = subprocess.run(
            [binary(), "validate", "-json"],
            cwd=self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        document = json.loads(done.stdout)
        return Run(done.returncode, tuple({"diagnostic": d} for d in document["diagnostics"]), done.stdout)

    def plan(self, *arguments: str) -> Run:
        return self.run("plan", "-input=false", "-detailed-exitcode", *arguments)

    def apply(self, *arguments: str) -> Run:
        return self.run("apply", "-input=false", "-auto-approve", *arguments)

    def destroy(self, *arguments: str) -> Run:
        return self.run("apply", "-destroy", "-input=false", "-auto-approve", *arguments)

    def clean(self) -> None:
        """The plan is empty."""
        run = self.plan()
        assert (run.code, run.actions) == (0, []), run.text

    def state(self, address: str = ADDRESS) -> dict[str, Any] | None:
        """The attributes of a resource in the state; None where it isn't there."""
        shown = subprocess.run(
            [binary(), "show", "-json"],
            cwd=self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=True,
        )
        resources = json.loads(shown.stdout).get("values", {}).get("root_module", {}).get("resources", [])
        return next((r["values"] for r in resources if r["address"] == address), None)

    def is_tainted(self) -> bool:
        document = json.loads((self.folder / "terraform.tfstate").read_text())
        return any(i.get("status") == "tainted" for r in document["resources"] for i in r["instances"])

    def id(self) -> str:
        state = self.state()
        assert state is not None
        return str(state["id"])

    def calls(self, *, marks: bool = False) -> list[str]:
        """The calls that changed something, by the API's names of operations, in order; those of our mark if asked."""
        return [r["operation"] for r in self.emulator.requests() if r["method"] != "GET" and (marks or not is_mark(r))]

    def put_bodies(self) -> list[Any]:
        return [r["body"] for r in self.emulator.requests() if r["operation"] == "UpdateNotebook"]

    def there(self) -> dict[str, Any]:
        """The one notebook, behind the API."""
        notebooks = self.emulator.notebooks()
        assert len(notebooks) == 1, notebooks
        return dict(self.emulator.notebook(notebooks[0]["id"]))


def tags_there(workspace: Workspace) -> dict[str, str]:
    """The tags behind the API, without the provider's own."""
    return {tag["key"]: tag["value"] for tag in workspace.there().get("tags") or [] if tag["key"] != MARK}


def is_mark(request: dict[str, Any]) -> bool:
    """Whether a call sets or removes the mark of an update under way, and nothing else."""
    body = request["body"]
    tags = body.get("tags") if isinstance(body, dict) else None
    return bool(tags) and all(tag.get("key") == MARK for tag in tags)


def clean_environment() -> dict[str, str]:
    """The environment of a terraform run: nothing of the caller's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "HW_", "HUAWEICLOUD_", "CDKTF_"))}
    return {**kept, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_CONFIG_FILE": os.devnull}
