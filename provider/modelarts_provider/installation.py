"""Puts the provider where Terraform finds it without a network: an unpacked filesystem mirror.

Terraform hashes the provider's folder on every command and compares it with the lock file, so the folder holds nothing
but a launcher whose bytes depend on the version alone. Which Python runs it stands in a file beside the folder, so that
a moved or renewed environment doesn't break anybody's lock file.
"""

from __future__ import annotations

import compileall
import contextlib
import os
import platform
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from modelarts_provider import SOURCE, __version__

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

_MADE_BY_INSTALL: Final = LAUNCHER.splitlines()[1]

MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i686": "386"}


IMPORTED_BY_A_START: Final = (
    "modelarts_provider", "anyio", "certifi", "grpclib", "h11", "h2", "hpack", "httpcore", "httpx", "hyperframe", "idna",
    "msgpack", "multidict",
)  # fmt: skip


_PART: Final = r"[0-9A-Za-z]([0-9A-Za-z_-]*[0-9A-Za-z])?"
_ADDRESS: Final = re.compile(rf"{_PART}(\.{_PART})*(:[0-9]{{1,5}})?/{_PART}/{_PART}")
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*([-+.][0-9A-Za-z]+)*")
LAUNCHER_NAME: Final = "terraform-provider-"


class InstallationError(Exception):
    """The provider can't be installed there, or removed from there; the message says why and what to do."""


def target() -> str:
    """This machine as Terraform names it, such as ``linux_amd64``."""
    machine = platform.machine().lower()
    return f"{sys.platform}_{MACHINES.get(machine, machine)}"


def mirror_at(folder: Path | None) -> Path:
    """The mirror's folder as it is written everywhere: absolute, the usual one where none is named.

    Raises:
        InstallationError: it begins with the home of a user that there isn't, or this process has no folder.
    """
    try:
        return (folder or IMPLIED_MIRROR).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        msg = f"{folder or IMPLIED_MIRROR} leads nowhere ({error}). Name a whole path with --dir"
        raise InstallationError(msg) from error


def launcher_in(mirror: Path, source: str = SOURCE, version: str = __version__) -> Path:
    """Where a mirror has the launcher of a provider's version for this machine.

    Raises:
        InstallationError: the address is malformed.
    """
    if not _ADDRESS.fullmatch(source):
        msg = f"{source!r} is not a provider address: write HOST/NAMESPACE/TYPE, such as {SOURCE}"
        raise InstallationError(msg)
    if not _VERSION.fullmatch(version):
        msg = f"{version!r} is no version, such as {__version__}"
        raise InstallationError(msg)
    parts = source.lower().split("/")  # as Terraform compares them
    return mirror.joinpath(*parts, version, target()) / f"{LAUNCHER_NAME}{parts[2]}_v{version}"


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
        with _writable_by_the_owner_alone():
            folder.mkdir(parents=True, exist_ok=True)
            _close_to_others(folder, mirror)
            _write(python_of(launcher), f"{python}\n", executable=False)
            _write(launcher, LAUNCHER, executable=True)
        for stray in folder.iterdir():
            if stray != launcher:
                msg = f"{stray} does not belong in the provider's folder, whose content Terraform checks: remove it"
                raise InstallationError(msg)
    except OSError as error:
        msg = (
            f"{error.filename or folder} can't be written: {error.strerror}. "
            "Choose a folder of yours with --dir, or correct its permissions"
        )
        raise InstallationError(msg) from error
    return launcher


@dataclass(frozen=True, slots=True)
class Removed:
    """What an uninstallation did.

    Attributes:
        launcher: Where the launcher was; it is gone.
        was_there: Whether anything of this version was there.
        strays: Files in the provider's folder that `install` didn't write: they stay.
        others: Versions of the same address that are still there.
    """

    launcher: Path
    was_there: bool
    strays: tuple[Path, ...]
    others: tuple[str, ...]


def uninstall(mirror: Path, *, source: str = SOURCE, version: str = __version__) -> Removed:
    """Remove what `install` has written for a version, and the folders that are empty then; the mirror itself stays.

    Raises:
        InstallationError: the address is malformed, another program's file is in the launcher's place, or something
            can't be removed.
    """
    launcher = launcher_in(mirror, source, version)
    _check_ours(launcher)
    python, folder = python_of(launcher), launcher.parent
    # what an installation that was killed has left, beside the folder that Terraform checks
    halves = [
        path for path in _content(folder.parent) if _HALF.sub("", path.name) in (f".{python.name}", f".{launcher.name}")
    ]
    there = [path for path in (launcher, python, *halves) if path.is_file() and not path.is_symlink()]
    try:
        for path in there:
            path.unlink()
        strays = tuple(sorted(_content(folder)))
        for empty in (folder, *folder.parents):
            if empty == mirror or empty.is_symlink() or not empty.is_dir() or any(empty.iterdir()):
                break
            empty.rmdir()
    except OSError as error:
        msg = f"{error.filename or folder} can't be removed: {error.strerror}. Correct its folder's permissions"
        raise InstallationError(msg) from error
    others = tuple(sorted(path.name for path in _content(folder.parents[1]) if (path / target()).is_dir()))
    return Removed(launcher, bool(there), strays, tuple(name for name in others if name != version))


_HALF: Final = re.compile(r"\.[0-9]+\Z")


def _content(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # there is none
        return []


def _check_ours(launcher: Path) -> None:
    """Raise for anything in the launcher's place that `install` didn't write."""
    try:
        is_file = stat.S_ISREG(launcher.lstat().st_mode)
        is_ours = (
            is_file and launcher.stat().st_size < len(LAUNCHER) * 4 and _MADE_BY_INSTALL in launcher.read_text("utf-8")
        )
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, UnicodeDecodeError):
        is_ours = False
    if not is_ours:
        msg = (
            f"{launcher} was not written by `terraform-provider-modelarts install`. Nothing was removed: remove it "
            "yourself if it isn't needed"
        )
        raise InstallationError(msg)


def compile_sources() -> None:
    """Compile what a start imports, so that the first Terraform commands don't pay for it: not every installer does.

    What can't be written stays as it is.
    """
    with _writable_by_the_owner_alone():
        for name in IMPORTED_BY_A_START:
            spec = find_spec(name)
            for folder in (spec and spec.submodule_search_locations) or ():
                compileall.compile_dir(folder, quiet=2)


@contextlib.contextmanager
def _writable_by_the_owner_alone() -> Iterator[None]:
    """Whatever the umask: who can write into a provider's folder runs code as everybody who uses it."""
    before = os.umask(0o077)
    os.umask(before | 0o022)
    try:
        yield
    finally:
        os.umask(before)


def _close_to_others(folder: Path, mirror: Path) -> None:
    """Mend what an installation with umask 000 has left open; folders of other owners stay as they are."""
    for path in (folder, *folder.parents):
        if path == mirror:
            return
        facts = path.stat()
        if facts.st_mode & stat.S_IWOTH and facts.st_uid == os.getuid():
            path.chmod(stat.S_IMODE(facts.st_mode) & ~(stat.S_IWGRP | stat.S_IWOTH))


def _write(path: Path, text: str, *, executable: bool) -> None:
    """Replace a file in one step, so that a running Terraform sees the old or the new one, whole."""
    mode = 0o755 if executable else 0o644
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) == mode and path.read_bytes() == os.fsencode(text):
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    if executable:  # never inside the checked folder, not even for a moment
        fresh = path.parent.with_name(fresh.name)
    fresh.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
            file.write(os.fsencode(text))
            os.fchmod(file.fileno(), mode)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def cli_configuration(mirror: Path, source: str = SOURCE) -> str:
    """The Terraform CLI configuration that makes it use the mirror for this provider and the registry for others.

    Raises:
        InstallationError: such a configuration can't name the folder.
    """
    try:
        str(mirror).encode()
    except UnicodeEncodeError as error:
        msg = f"{str(mirror)!r} has bytes that are not UTF-8, and Terraform's configuration is. Choose another folder with --dir"
        raise InstallationError(msg) from error
    return f"""\
provider_installation {{
  filesystem_mirror {{
    path    = {_quoted(str(mirror))}
    include = [{_quoted(source)}]
  }}
  direct {{
    exclude = [{_quoted(source)}]
  }}
}}
"""


def _quoted(text: str) -> str:
    """A string as Terraform's CLI configuration reads it, which is HCL 1: ``${`` begins something there, and no ``$${`` ends it."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\u0024{").replace("%{", "\\u0025{")
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda found: f"\\u{ord(found[0]):04x}", plain) + '"'
