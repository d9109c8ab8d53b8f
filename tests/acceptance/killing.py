"""SIGKILL at a moment of a call: the emulator holds the call, and everything of that run is gone when this returns."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from terraform_workspace import MARK, Workspace, binary

from modelarts_emulator.testing import Control

SIGNED = "managed"
"""Our tag's value on an instance whose create has returned: no mark of an update."""
ALL = os.environ.get("HARD_KILLS") == "all"
PATIENCE = 60.0
HELD = {"latency_ms": 45_000, "cut": "before", "count": 0}
"""A call that the service has got and never carries out."""


@dataclass(frozen=True)
class Kill:
    """Who is killed, and at which moment of which call; of a call that comes again, its number stands behind the name."""

    victims: str
    moment: str
    operation: str

    @property
    def name(self) -> str:
        return self.operation.split()[0]

    @property
    def nth(self) -> int:
        return int(self.operation.removeprefix(self.name) or 1)

    def __str__(self) -> str:
        return f"{self.victims} {self.moment} {self.operation}"

    def done(self, operations: list[str]) -> list[str]:
        """The calls that have had their effect."""
        return operations[: operations.index(self.operation) + (self.moment == "after")]


def every(operations: list[str]) -> list[Kill]:
    return [
        Kill(victims, moment, operation)
        for operation in operations
        for moment in ("before", "after")
        for victims in ("all", "provider", "terraform")
        if (moment, operation) != ("after", "ShowNotebook")
    ]


def chosen(possible: list[Any], usual: list[str]) -> list[Any]:
    """What this run tries: everything, or the usual ones, which must be possible ones."""
    named = {str(each): each for each in possible}
    return possible if ALL else [named[name] for name in usual]


def known(workspace: Workspace) -> list[dict[str, Any]]:
    """The instances in the state file, without asking Terraform (a question starts the provider)."""
    file = workspace.folder / "terraform.tfstate"
    text = file.read_text() if file.exists() else ""  # a run that is killed early leaves an empty file
    return [
        each["attributes"] for one in json.loads(text or '{"resources": []}')["resources"] for each in one["instances"]
    ]


def killed(workspace: Workspace, kill: Kill, *arguments: str) -> None:
    """Apply, and kill at the moment; returns when nothing of that run is left."""
    emulator = workspace.emulator
    hold = (
        HELD if kill.victims != "terraform" else {**HELD, "latency_ms": 5_000}
    )  # the provider lives, and waits for it
    if kill.moment == "before":
        emulator.add_fault(operation=kill.name, nth=kill.nth, **hold)
    else:
        emulator.add_fault(operation=kill.name, nth=kill.nth, latency_ms=500, cut="after")
    run = subprocess.Popen(
        [binary(), "apply", "-input=false", "-auto-approve", *arguments],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: len(calls_of(emulator, kill.name)) >= kill.nth, run, f"{kill.operation} was never called")
        if kill.moment == "after":  # it has its effect in half a second; whatever is called then is held
            emulator.add_fault(**hold)
        wait_for(lambda: held(emulator), run, "no call was held")
        for process in victims(kill.victims, run.pid):
            os.kill(process, signal.SIGKILL)
        emulator.clear_faults()
        run.wait(PATIENCE)
        wait_for(lambda: not members(run.pid), None, "the provider outlives its Terraform")
    finally:
        for process in members(run.pid):
            os.kill(process, signal.SIGKILL)
        run.wait()


def calls_of(emulator: Control, operation: str) -> list[dict[str, Any]]:
    return emulator.requests(operation=operation)


def held(emulator: Control) -> list[dict[str, Any]]:
    """Calls that never have an effect."""
    return [call for call in emulator.requests() if "cut before" in (call["fault"] or "")]


def wait_for(condition: Callable[[], Any], run: subprocess.Popen[bytes] | None, otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, otherwise
        assert run is None or run.poll() is None, f"terraform ended by itself: {otherwise}"
        time.sleep(0.01)


def victims(who: str, group: int) -> list[int]:
    terraform, providers = [], []
    for process in members(group):
        (providers if b"modelarts_provider" in command_line(process) else terraform).append(process)
    assert terraform
    assert providers
    return {"terraform": terraform, "provider": providers, "all": [*terraform, *providers]}[who]


def command_line(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def members(group: int) -> list[int]:
    """The processes of a group that still live; zombies don't."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            state, _, of_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(of_group) == group and state not in "ZX":
            found.append(int(folder.name))
    return found


def settled(workspace: Workspace) -> str:
    """The status, once it rests."""
    wait_for(lambda: not workspace.there()["status"].endswith("ING") or rests(workspace), None, "it never rests")
    return str(workspace.there()["status"])


def rests(workspace: Workspace) -> bool:
    return workspace.there()["status"] == "RUNNING"


def marked(workspace: Workspace) -> bool:
    tags = workspace.there().get("tags") or []
    return any(tag["key"] == MARK and tag["value"] != SIGNED for tag in tags)
