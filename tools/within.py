"""Runs a command with the project's tools first on PATH and none of the caller's other settings.

Usage: `tools/with-python -m tools.within [--keep PREFIX]… [--guarded] COMMAND ARGUMENTS…`. A guarded command has a folder of
its own for temporary files; when it has ended, however it ended, the folder goes, and every process that it left behind.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from tools.environment import cleaned, with_path
from tools.guard import start_guard
from tools.layout import NODE_MODULES, TOOLCHAIN, TOOLS_BIN, VENV
from tools.node import JSII_SETTINGS
from tools.say import say

if TYPE_CHECKING:
    from collections.abc import Iterable


def project_environment(keep: Iterable[str] = ()) -> dict[str, str]:
    """Returns the environment for the project's commands, from the caller's and from what the set-up found.

    Args:
        keep: Prefixes of the caller's variables to let through, such as `TF_LOG`.
    """
    env = with_path(cleaned(os.environ, keep), [TOOLS_BIN, VENV / "bin", NODE_MODULES / ".bin"]) | JSII_SETTINGS
    try:
        record = json.loads(TOOLCHAIN.read_text())
    except (OSError, ValueError):
        return env  # only the Python part was set up: linters and builds
    env["JSII_NODE"] = record["node"]
    if record["terraform_name"] != "terraform":
        env["TERRAFORM_BINARY_NAME"] = record["terraform_name"]
    return env


def guarded() -> dict[str, str]:
    """Starts a guard that waits for the end of this process, and returns what the environment needs for it.

    The guard reads from a pipe whose other end stays open in this process alone, through `exec` as well: programs that
    this one starts don't inherit it.
    """
    folder = Path(tempfile.gettempdir()) / f"mt-{uuid.uuid4().hex[:8]}"  # short: sockets lie below it
    reading, writing = os.pipe()
    start_guard(f"TMPDIR={folder}", folder, stdin=reading)
    os.close(reading)
    os.set_inheritable(writing, True)
    folder.mkdir(mode=0o700)
    return {"TMPDIR": str(folder)}


def main(arguments: list[str]) -> int:
    """Replaces this process by the command; returns only when it can't be started."""
    keep: list[str] = []
    while len(arguments) > 1 and arguments[0] == "--keep":
        keep.append(arguments[1])
        arguments = arguments[2:]
    env = project_environment(keep)
    if arguments[:1] == ["--guarded"]:
        arguments = arguments[1:]
        env |= guarded()
    try:
        os.execvpe(arguments[0], arguments, env)  # noqa: S606 - the command comes from our own Makefile
    except OSError as error:
        say(f"{arguments[0]} cannot be started ({error.strerror}): run `make setup`.")
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
