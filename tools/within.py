"""Runs a command with the project's tools first on PATH and none of the caller's other settings.

Usage: `tools/with-python -m tools.within [--keep PREFIX]… [--cdktn] [--guarded] COMMAND ARGUMENTS…`, with `--cdktn` in the
environment of `make test-cdktn`. A guarded command leaves no temporary file and no process behind, however it ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from tools.echo import echo
from tools.environment import cleaned, with_path
from tools.guard import guarded
from tools.layout import CDKTN, NODE_MODULES, TOOLS_BIN, VENV


def project_environment(keep: Iterable[str] = ()) -> dict[str, str]:
    """Returns the environment for the project's commands, with the caller's variables that have a prefix to keep."""
    env = with_path(cleaned(os.environ, keep), [TOOLS_BIN, VENV / "bin", NODE_MODULES / ".bin"])
    env["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] = str(VENV / "jsii-cache")  # it unpacks its JavaScript once
    env["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "20"
    if (TOOLS_BIN / "node").exists():  # not where only the Python part was set up, for linters and builds
        env["JSII_NODE"] = str(TOOLS_BIN / "node")
    if (TOOLS_BIN / "tofu").exists():
        env["TERRAFORM_BINARY_NAME"] = "tofu"
    return env


def main(arguments: list[str]) -> int:
    """Replaces this process by the command; returns only when it can't be started."""
    keep: list[str] = []
    while arguments[:1] == ["--keep"]:
        keep, arguments = [*keep, arguments[1]], arguments[2:]
    env = project_environment(keep)
    if arguments[:1] == ["--cdktn"]:
        node, arguments = CDKTN / "tools-bin" / "node", arguments[1:]
        env = with_path(env, [node.parent, CDKTN / "bin"]) | {"MODELARTS_CDK": "cdktn", "JSII_NODE": str(node)}
    if arguments[:1] == ["--guarded"]:
        env, arguments = env | guarded(), arguments[1:]
    try:
        os.execvpe(arguments[0], arguments, env)  # noqa: S606 - the command comes from our own Makefile
    except OSError as error:
        echo(f"{arguments[0]} cannot be started ({error.strerror}): run `make setup`.")
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
