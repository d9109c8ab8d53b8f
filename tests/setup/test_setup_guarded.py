"""A guarded command leaves no temporary file and no process behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tools.layout import ROOT
from tools.processes import marked

PATIENCE = 60.0
LEAVES_THINGS_BEHIND = """
import pathlib, signal, subprocess, sys, tempfile
signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored by what runs in the background of a shell
pathlib.Path(tempfile.mkdtemp(), "leftover").write_text("x")
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(tempfile.gettempdir(), flush=True)
sys.stdin.read()
"""


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.05)


@pytest.mark.parametrize("ending", ["by itself", "SIGINT", "SIGTERM", "SIGKILL"])
def test_nothing_is_left_behind(tmp_path: Path, ending: str) -> None:
    command = [sys.executable, "-m", "tools.within", "--guarded", sys.executable, "-c", LEAVES_THINGS_BEHIND]
    run = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert run.stdin is not None
    assert run.stdout is not None
    with run, run.stdin, run.stdout:
        folder = Path(run.stdout.readline().strip())
        assert folder.parent == tmp_path
        assert list(folder.glob("*/leftover"))
        mark = f"TMPDIR={folder}"
        wait_until(lambda: len(marked(mark)) == 2)  # a process that has just begun shows no environment for a moment
        if ending == "by itself":
            run.stdin.close()
        else:
            run.send_signal(signal.Signals[ending])
        run.wait(PATIENCE)

    wait_until(lambda: not marked(mark))
    wait_until(lambda: not list(tmp_path.iterdir()))
