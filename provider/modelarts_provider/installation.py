"""Puts the provider where Terraform finds it without a network: an unpacked filesystem mirror.

Terraform hashes the provider's folder on every command and compares it with the lock file, so the folder holds nothing
but a launcher whose bytes depend on the version alone. Which Python runs it stands in a file beside the folder, so that
a moved or renewed environment doesn't break anybody's lock file.
"""

from __future__ import annotations

import compileall
import os
import platform
import stat
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from modelarts_provider import __version__

SOURCE: Final = "local/modelarts/modelarts"
IMPLIED_MIRROR: Final = Path("~/.terraform.d/plugins")
"""Terraform looks here by itself, where its CLI configuration names no other installation method."""

LAUNCHER: Final = """\
#!/bin/sh
# Starts the Terraform provider with the Python that `terraform-provider-modelarts install` recorded beside this folder.
here=$(cd -P "${0%/*}" && pwd) || exit 1
if ! read -r python < "$here.python" || [ ! -x "$python" ]; then
  echo "terraform-provider-modelarts: its Python ($python) is gone; run 'terraform-provider-modelarts install' again"
  exit 1
fi
exec "$python" -I -m modelarts_provider "$@"
"""

MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i686": "386"}


IMPORTED_BY_A_START: Final = (
    "modelarts_provider", "anyio", "certifi", "grpclib", "h11", "h2", "hpack", "httpcore", "httpx", "hyperframe", "idna",
    "msgpack", "multidict",
)  # fmt: skip


class InstallationError(Exception):
    """The provider can't be installed there; the message says why and what to do."""


def target() -> str:
    """This machine as Terraform names it, such as ``linux_amd64``."""
    machine = platform.machine().lower()
    return f"{sys.platform}_{MACHINES.get(machine, machine)}"


def launcher_in(mirror: Path, source: str = SOURCE, version: str = __version__) -> Path:
    """Where a mirror has the launcher of a provider's version for this machine.

    Raises:
        InstallationError: the address is malformed.
    """
    parts = source.split("/")
    if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - host, namespace and type
        msg = f"{source!r} is no provider address: write HOST/NAMESPACE/TYPE, such as {SOURCE}"
        raise InstallationError(msg)
    return mirror.joinpath(*parts, version, target()) / f"terraform-provider-{parts[2]}_v{version}"


def python_of(launcher: Path) -> Path:
    """The file beside a launcher's folder that says which Python runs it."""
    return launcher.parent.with_name(f"{launcher.parent.name}.python")


def install(mirror: Path, *, source: str = SOURCE, python: str = sys.executable) -> Path:
    """Write the launcher below ``mirror`` and return its path. Installing again changes no byte of it.

    Raises:
        InstallationError: the address is malformed, or the folder can't be written.
    """
    launcher = launcher_in(mirror, source)
    folder = launcher.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(python_of(launcher), f"{python}\n", executable=False)
        _write(launcher, LAUNCHER, executable=True)
        for stray in folder.iterdir():
            if stray != launcher:
                msg = f"{stray} does not belong into the provider's folder, whose content Terraform checks: remove it"
                raise InstallationError(msg)
    except OSError as error:
        msg = (
            f"{error.filename or folder} can't be written: {error.strerror}. "
            "Choose a folder of yours with --dir, or correct its permissions"
        )
        raise InstallationError(msg) from error
    return launcher


def compile_sources() -> None:
    """Compile what a start imports, so that the first Terraform commands don't pay for it: not every installer does.

    What can't be written stays as it is.
    """
    for name in IMPORTED_BY_A_START:
        spec = find_spec(name)
        for folder in (spec and spec.submodule_search_locations) or ():
            compileall.compile_dir(folder, quiet=2)


def _write(path: Path, text: str, *, executable: bool) -> None:
    """Replace a file in one step, so that a running Terraform sees the old or the new one, whole."""
    if path.exists() and path.read_text() == text and os.access(path, os.X_OK) == executable:
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    if executable:  # never inside the checked folder, not even for a moment
        fresh = path.parent.with_name(fresh.name)
    try:
        fresh.write_text(text)
        fresh.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH | (0o111 if executable else 0))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def cli_configuration(mirror: Path, source: str = SOURCE) -> str:
    """The Terraform CLI configuration that makes it use the mirror for this provider and the registry for others."""
    return f"""\
provider_installation {{
  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{source}"]
  }}
  direct {{
    exclude = ["{source}"]
  }}
}}
"""
