"""Starts other programs and ends every process that came of them, however deep.

cdktf runs Terraform on a terminal of its own, so Terraform and the provider are in other sessions than the process that
we start. What they all share is the environment: each run marks it, and the mark is looked for in `/proc`. Where there
is no `/proc`, the sessions that we started are ended.
"""

from __future__ import annotations

import signal
import subprocess
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.processes import end_marked, signal_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

RUN_VARIABLE = "MODELARTS_DEMO_RUN"


@dataclass
class Children:
    """The programs of one run.

    Attributes:
        run: The mark of this run.
        started: What was started, in order.
    """

    run: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Starts a program in a session of its own, so that a Ctrl-C reaches it only through us.

        Args:
            command: The program and its arguments.
            env: Its whole environment; the mark is added.
            cwd: The folder to run in.
            options: More for `subprocess.Popen`, such as where its output goes.
        """
        child = subprocess.Popen(  # noqa: S603 - the commands are ours, and no shell reads them
            command,
            env={**env, RUN_VARIABLE: self.run},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )
        self.started.append(child)
        return child

    def follow(
        self, command: Sequence[str], env: Mapping[str, str], cwd: Path, on_line: Callable[[str], None], seconds: float
    ) -> tuple[int, str]:
        """Runs a program to its end and hands on each line as it comes.

        Args:
            command: The program and its arguments.
            env: Its whole environment.
            cwd: The folder to run in.
            on_line: Called with each line, without its end.
            seconds: The longest that it may take; then it is ended.

        Returns:
            The exit code (negative: ended by that signal) and all that it printed.
        """
        child = self.start(command, env, cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        timer = threading.Timer(seconds, signal_session, (child.pid, signal.SIGKILL))
        timer.daemon = True
        timer.start()
        lines: list[str] = []
        try:
            for raw in child.stdout or ():
                lines.append(raw.decode("utf-8", "replace").rstrip())
                on_line(lines[-1])
            return child.wait(), "\n".join(lines)
        finally:
            timer.cancel()
            if child.stdout is not None:
                child.stdout.close()

    def end_all(self, spare: Iterable[int] = (), seconds: float = 8.0) -> list[int]:
        """Ends what is left of this run: asks first, then insists.

        Args:
            spare: Processes to leave alone.
            seconds: How long to wait for those that were asked.

        Returns:
            The processes that had to be killed.
        """
        spared = set(spare)
        sessions = [child.pid for child in self.started if child.pid not in spared]
        return end_marked(f"{RUN_VARIABLE}={self.run}", sessions, spared, seconds, self._reap)

    def _reap(self) -> None:
        for child in self.started:
            child.poll()
