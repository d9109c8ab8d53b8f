"""Sets the checkout up: `.venv`, Node, `node_modules` and Terraform. Quick when nothing changed.

Usage: `tools/with-python -m tools.setup [--python-only]`; linters and builds need no more than `--python-only`.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools import node, python_venv, terraform
from tools.layout import ROOT, TOOLCHAIN
from tools.say import CannotGoOnError, say

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Does what is missing; returns the exit code."""
    try:
        with _alone():
            set_up(python_only="--python-only" in sys.argv[1:])
    except CannotGoOnError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted: nothing that was half done counts, run it again.")
        return 130
    return 0


def set_up(*, python_only: bool) -> None:
    """Makes the tools and writes down where they are, for `tools.within`.

    Args:
        python_only: Leave Node and Terraform as they are.

    Raises:
        CannotGoOnError: something has to be mended first.
    """
    venv = python_venv.ensure()
    if python_only:
        return
    found_node = node.ensure(venv)
    found_terraform = terraform.ensure(venv)
    record = {
        "python": venv.version,
        "node": str(found_node.node),
        "node_version": list(found_node.version),
        "terraform": str(found_terraform.program),
        "terraform_name": found_terraform.name,
        "terraform_version": list(found_terraform.version),
    }
    TOOLCHAIN.parent.mkdir(parents=True, exist_ok=True)
    TOOLCHAIN.write_text(json.dumps(record, indent=2) + "\n")


@contextmanager
def _alone() -> Iterator[None]:
    """Holds off a second set-up of the same checkout; the lock goes with the process, so none is left behind."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("another set-up of this checkout is running: waiting for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    sys.exit(main())
