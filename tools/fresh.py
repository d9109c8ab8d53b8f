"""Proves that `make demo` and `make test` work on a machine that lacks things.

Usage: `tools/with-python -m tools.fresh [--case NAME]… [--command demo|test]… [--keep]`; all cases and both by default.

Each case is a copy of the repository's files with an old `.venv` lying about, a new HOME, and a PATH with links to this
machine's programs except those that the case leaves out. The demo then runs a second time, with the settings of a
careless shell: a proxy that doesn't answer, a Terraform configuration that doesn't exist, another account's keys.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tools.calls import capture
from tools.environment import cleaned
from tools.layout import ROOT

TERRAFORM, NODE = {"terraform", "tofu"}, {"node", "nodejs", "npm", "npx", "corepack"}
# The programs that a machine lacks; `node-24` has a Node that is too new.
CASES = {"no-terraform": TERRAFORM, "no-node": NODE, "neither": TERRAFORM | NODE | {"uv"}, "node-24": NODE}
CARELESS = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9") | {
    "HW_ACCESS_KEY": "somebody-elses", "HW_SECURITY_TOKEN": "expired",
    "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "/nowhere", "UV_PYTHON": "3.9",
    "TF_CLI_ARGS": "-no-such-flag", "TF_CLI_CONFIG_FILE": "/nowhere/terraformrc", "TF_PLUGIN_CACHE_DIR": "/nowhere/cache",
}  # fmt: skip


def main(arguments: list[str]) -> int:
    """Runs the cases; returns 0 when all went well."""
    parser = argparse.ArgumentParser(prog="make fresh", description="Proves the set-up on machines that lack things.")
    parser.add_argument("--case", action="append", choices=sorted(CASES), help="only this case")
    parser.add_argument("--command", action="append", choices=("demo", "test"), help="only this command")
    parser.add_argument("--keep", action="store_true", help="leave the copies where they are")
    options = parser.parse_args(arguments)
    commands = options.command or ["demo", "test"]
    failed = [name for name in options.case or CASES if not _run(name, commands, options.keep)]
    print(f"fresh: {'failed: ' + ', '.join(failed) if failed else 'all cases work'}.")
    return 1 if failed else 0


def _run(name: str, commands: list[str], keep: bool) -> bool:
    folder = Path(tempfile.mkdtemp(prefix=f"fresh-{name}-"))
    try:
        copy, env = _machine(folder, name)
        runs = [(command, env) for command in commands] + [("demo", {**env, **CARELESS})] * ("demo" in commands)
        return all(_make(name, command, copy, settings) for command, settings in runs)
    finally:
        if keep:
            print(f"fresh: {name} is kept in {folder}.")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _machine(folder: Path, name: str) -> tuple[Path, dict[str, str]]:
    """Makes the copy, HOME and PATH of a case; returns the copy and the environment."""
    copy, home, programs = folder / "a copy", folder / "home", folder / "bin"  # a space: people's folders have them
    home.mkdir()
    programs.mkdir()
    for file in filter(None, capture(["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT).text.split("\0")):
        (copy / file).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / file).is_file():  # not one that is deleted and not committed yet
            shutil.copy2(ROOT / file, copy / file)
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.9")
    for program in (each for part in os.environ["PATH"].split(os.pathsep) for each in Path(part).glob("*")):
        link = programs / program.name
        if program.name not in CASES[name] and not link.is_symlink() and os.access(program, os.X_OK):
            link.symlink_to(program)
    if name == "node-24":
        (programs / "node").write_text('#!/bin/sh\necho v24.1.0\n[ "$1" = --version ]\n')
        (programs / "node").chmod(0o755)
    network = re.compile("PIP_|UV_|.*_PROXY$|SSL_CERT|NODE_EXTRA_CA|LANG$", re.IGNORECASE)
    kept = {variable: value for variable, value in cleaned(os.environ).items() if network.match(variable)}
    return copy, {**kept, "HOME": str(home), "PATH": str(programs)}


def _make(case: str, command: str, copy: Path, env: Mapping[str, str]) -> bool:
    begun = time.monotonic()
    print(f"fresh: {case}: make {command}", flush=True)
    done = subprocess.run(["make", command], cwd=copy, env=dict(env), stdin=subprocess.DEVNULL, check=False)  # noqa: S603, S607 - our own Makefile
    took = f"took {time.monotonic() - begun:.0f} s, exit code {done.returncode}"
    print(f"fresh: {case}: make {command} {took}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
