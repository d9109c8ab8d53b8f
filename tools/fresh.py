"""Proves that `make demo` and `make test` work on a machine that lacks things.

Usage: `tools/with-python -m tools.fresh [--case NAME]… [--command demo|test]… [--keep]`; all cases and both by default.

Each case is a copy of the repository's files with an old `.venv` lying about, a new HOME, and a PATH with links to this
machine's programs except those that the case leaves out. The demo then runs a second time, with the settings of a
careless shell: a proxy that doesn't answer, a Terraform configuration that doesn't exist, another account's keys.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.calls import capture
from tools.environment import PIP_SETTINGS
from tools.layout import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

TERRAFORM = frozenset({"terraform", "tofu"})
NODE = frozenset({"node", "nodejs", "npm", "npx", "corepack"})
CARELESS: Mapping[str, str] = {
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "HW_ACCESS_KEY": "somebody-elses",
    "HW_SECURITY_TOKEN": "expired",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": "/nowhere",
    "TF_CLI_ARGS": "-no-such-flag",
    "TF_CLI_CONFIG_FILE": "/nowhere/terraformrc",
    "TF_PLUGIN_CACHE_DIR": "/nowhere/cache",
}
# What a machine needs to reach package indexes, beside pip's own settings.
NETWORK = frozenset(
    {"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NODE_EXTRA_CA_CERTS", "NO_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE"}
)


@dataclass(frozen=True)
class Case:
    """A machine to imitate.

    Attributes:
        hidden: Names of programs that it lacks.
        node_24: Whether it has a Node that is too new.
    """

    hidden: frozenset[str]
    node_24: bool = False


CASES: Mapping[str, Case] = {
    "no-terraform": Case(TERRAFORM),
    "no-node": Case(NODE),
    "neither": Case(TERRAFORM | NODE),
    "node-24": Case(NODE, node_24=True),
}


def main(arguments: list[str]) -> int:
    """Runs the cases; returns 0 when all went well."""
    parser = argparse.ArgumentParser(prog="make fresh", description="Proves the set-up on machines that lack things.")
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="only this case")
    parser.add_argument("--command", action="append", choices=("demo", "test"), help="only this command")
    parser.add_argument("--keep", action="store_true", help="leave the copies where they are")
    options = parser.parse_args(arguments)
    failed = [
        name for name in options.case or CASES if not _run(name, options.command or ["demo", "test"], options.keep)
    ]
    print(f"fresh: {'failed: ' + ', '.join(failed) if failed else 'all cases work'}.")
    return 1 if failed else 0


def _run(name: str, commands: list[str], keep: bool) -> bool:
    folder = Path(tempfile.mkdtemp(prefix=f"modelarts-fresh-{name}-"))
    try:
        copy, env = _machine(folder, CASES[name])
        runs: list[tuple[str, Mapping[str, str]]] = [(command, {}) for command in commands] + (
            [("demo", CARELESS)] if "demo" in commands else []
        )
        return all(_make(name, command, copy, {**env, **extra}) for command, extra in runs)
    finally:
        if keep:
            print(f"fresh: {name} is kept in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _machine(folder: Path, case: Case) -> tuple[Path, dict[str, str]]:
    """Makes the copy, HOME and PATH of a case; returns the copy and the environment."""
    copy, home, programs = folder / "a copy", folder / "home", folder / "bin"  # a space: people's folders have them
    for made in (copy, home, programs):
        made.mkdir()
    listed = capture(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT).text
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():  # not one that is deleted and not committed yet
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.9")
    for part in os.environ["PATH"].split(os.pathsep):
        for program in Path(part).glob("*"):
            link = programs / program.name
            if program.name not in case.hidden and not link.is_symlink() and os.access(program, os.X_OK):
                link.symlink_to(program)
    if case.node_24:
        (programs / "node").write_text('#!/bin/sh\necho v24.1.0\n[ "$1" = --version ]\n')
        (programs / "node").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name in PIP_SETTINGS or name.upper() in NETWORK}
    return copy, {**kept, "HOME": str(home), "PATH": str(programs), "LANG": os.environ.get("LANG", "C.UTF-8")}


def _make(case: str, command: str, copy: Path, env: Mapping[str, str]) -> bool:
    begun = time.monotonic()
    print(f"fresh: {case}: make {command}", flush=True)
    done = subprocess.run(  # noqa: S603 - our own Makefile
        [str(Path(env["PATH"]) / "make"), command], cwd=copy, env=dict(env), stdin=subprocess.DEVNULL, check=False
    )
    print(
        f"fresh: {case}: make {command} took {time.monotonic() - begun:.0f} s, exit code {done.returncode}", flush=True
    )
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
