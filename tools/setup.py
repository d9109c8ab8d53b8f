"""Sets the checkout up: `.venv`, Node, `node_modules` and Terraform. Quick when nothing changed.

Usage: `tools/with-python -m tools.setup [python|cdktn]`: linters and builds need Python alone, `make test-cdktn` more.
"""

from __future__ import annotations

import fcntl
import os
import sys

from tools import python_venv, toolchain
from tools.echo import CannotGoOnError, echo
from tools.layout import CDKTN, ROOT, TOOLS_BIN, VENV


def main(wanted: list[str]) -> int:
    """Does what is missing, while no other set-up of this checkout does; returns the exit code."""
    try:
        fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)  # it goes with the process, so none is left behind
        python_venv.ensure(VENV, "requirements-build.lock", "requirements.lock", project=True)
        if "python" not in wanted:
            toolchain.ensure_node()
            toolchain.ensure_terraform()
            toolchain.npm_ci(ROOT, TOOLS_BIN)
        if "cdktn" in wanted:
            python_venv.ensure(CDKTN, "requirements-build.lock", "requirements-cdktn.lock", project=True)
            toolchain.bring_node(CDKTN / "tools-bin")
            toolchain.npm_ci(ROOT / "tools" / "cdktn", CDKTN / "tools-bin")
    except (CannotGoOnError, OSError, KeyboardInterrupt) as error:
        echo(str(error) or "interrupted: nothing that was half done counts, run it again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
