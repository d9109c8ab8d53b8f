"""A provider in a process of its own, which can be killed."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.echo import CannotGoOnError
from tools.soak.terraform import clean_environment

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 30.0


class Provider:
    """Serves Terraform commands, one after another, until it is stopped or killed.

    Args:
        log: A file for what it says on stderr.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Starts a fresh process, after ending the one before; returns the value of TF_REATTACH_PROVIDERS.

        Raises:
            CannotGoOnError: It doesn't serve.
        """
        self.stop()
        with self._log.open("a") as stderr:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "modelarts_provider", "serve", "--debug"],
                env=clean_environment(),
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        for line in self._process.stdout:
            found = re.fullmatch(r"TF_REATTACH_PROVIDERS='(.*)'", line.rstrip())
            if found:
                return found.group(1)
        raise CannotGoOnError(f"the provider does not serve: {self._log.read_text()[-2000:]}")

    def kill(self) -> None:
        """Ends it as nothing that it could prepare for."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._end()

    def _end(self) -> None:
        assert self._process is not None  # noqa: S101 - both callers have asked
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
