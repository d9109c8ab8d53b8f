"""What all measurements share: an emulator of the API, the installed provider, an environment, a folder."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelarts_emulator.testing import Control, running_emulator
from tools.bench.workspace import Tools, Workspace, find_terraform, install_provider
from tools.layout import ROOT, VENV

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = ROOT / "build" / "bench"


@dataclass(frozen=True)
class Environment:
    """Where and with what everything is measured.

    Attributes:
        folder: Everything is written below it.
        emulator: The API; its transitions take no time.
        launcher: The installed provider.
        tools: Terraform and its environment.
        runs: How often each thing is measured.
    """

    folder: Path
    emulator: Control
    launcher: Path
    tools: Tools
    runs: int

    def workspace(self, name: str) -> Workspace:
        """Makes a fresh folder for Terraform."""
        return Workspace(self.folder / name, self.tools)

    def clear(self) -> None:
        """Takes away every notebook of the emulator and its list of calls."""
        self.emulator.reset(rules="documented", quota=0)
        self.emulator.clear_requests()


@contextmanager
def made(runs: int, folder: Path = FOLDER) -> Iterator[Environment]:
    """Creates everything from scratch; the emulator runs in a thread, so that nothing outlives this process.

    Args:
        runs: How often each thing is measured.
        folder: Removed and made again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    launcher, configuration = install_provider(VENV / "bin" / "terraform-provider-modelarts", folder, env)
    tools = Tools(find_terraform(env), {**env, "TF_CLI_CONFIG_FILE": str(configuration)})
    with running_emulator(time_scale=0.0, rules="documented") as emulator:
        yield Environment(folder, emulator, launcher, tools, runs)
    shutil.rmtree(folder, ignore_errors=True)
