"""Makes environments of locked packages with uv: the one on PATH, else the locked one from PyPI.

An environment is whole or it counts as missing: its stamp is written last, and one whose stamp doesn't fit (another lock,
another Python, another place, half made) is made anew. With uv's cache that takes a second or two.
"""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tools.calls import capture, programs, version_after
from tools.echo import CannotGoOnError, echo
from tools.environment import SYSTEM_CERTIFICATES, for_pip
from tools.layout import ROOT, TOOLS_BIN

OWN_UV, OLDEST_UV = ROOT / ".uv", (0, 5)
# How pip reaches packages -> uv's variable for that (a list's values are parted by spaces there, but for find-links).
_FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS", "proxy": "ALL_PROXY",
    "trusted-host": "UV_INSECURE_HOST", "cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT", "no-index": "UV_OFFLINE",
}  # fmt: skip


def ensure(folder: Path, *locks: str, project: bool = False) -> Path:
    """Makes sure that an environment holds exactly what the locks say, and this project if it shall.

    It keeps its Python, unless the person has named one. Returns the folder of its packages.
    """
    python, files = folder / "bin" / "python", [ROOT / lock for lock in locks]
    here = capture([python, "-IV"]).text.strip()  # empty, or an error, where it doesn't start
    stays = (version_after("Python ", here) or ()) >= (3, 11) and "MODELARTS_PYTHON_CHOSEN" not in os.environ
    version = here if stays else f"Python {platform.python_version()}"
    key = key_of([str(folder), version], [*files, ROOT / "pyproject.toml"])
    if here != version or not is_fresh(folder / ".set-up", key):
        base, uv = Path(python if stays else sys.executable).resolve(), find_uv()
        echo(f"installing the locked packages into {folder.relative_to(ROOT)}, with {version}.")
        _remove(folder)
        _run(uv, "venv", "--python", base, folder)
        _run(uv, "pip", "sync", "--require-hashes", "--no-build", "--python", python, *files)
        if project:
            _run(uv, "pip", "install", "--no-deps", "--no-build-isolation", "--python", python, "--editable", ROOT)
        (folder / ".set-up").write_text(key)
    return next(folder.glob("lib/python3*/site-packages"))


def key_of(texts: Iterable[str], files: Iterable[Path]) -> str:
    """Returns what a stamp holds: it changes with any of the texts and with the content of any of the files."""
    parts = [*(text.encode() for text in texts), *(file.read_bytes() for file in files)]
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in parts)).hexdigest()


def is_fresh(stamp: Path, key: str) -> bool:
    """Says whether a stamp was written for this key: when the work was done, and never before."""
    return stamp.is_file() and stamp.read_bytes() == key.encode()


def find_uv() -> Path:
    """Finds uv on PATH, or installs the locked one with pip into an environment of its own."""
    for uv in [*programs("uv", os.environ.get("PATH", os.defpath), leave_out=TOOLS_BIN), OWN_UV / "bin" / "uv"]:
        if (version_after("uv ", capture([uv, "--version"]).text) or ()) >= OLDEST_UV:
            return uv
    _remove(OWN_UV)
    _run(Path(sys.executable), "-m", "venv", OWN_UV)
    lock = ROOT / "requirements-uv.lock"
    _run(OWN_UV / "bin" / "python", "-m", "pip", "install", "--require-hashes", "--only-binary=:all:", "-r", lock)
    return OWN_UV / "bin" / "uv"


def uv_settings(listing: str) -> dict[str, str]:
    """Returns uv's variables for what `pip config list` has printed.

    Every package is held to its hash, so it may come from any of several indexes, as with pip.
    """
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_PYTHON_DOWNLOADS": "never"}
    for section in ("global", "install", ":env:"):  # the later one counts, as for pip
        for name, value in re.findall(rf"^{section}\.([a-z-]+)=(.+)$", listing, re.MULTILINE):
            if name in _FROM_PIP:
                between = "," if name == "find-links" else " "
                found[_FROM_PIP[name]] = between.join(str(ast.literal_eval(value)).split())
    if any(os.access(bundle, os.R_OK) for bundle in SYSTEM_CERTIFICATES):
        found |= {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true"}  # the second is the older name
    return found


@cache
def _environment() -> dict[str, str]:
    pip, env = (OWN_UV / "bin" / "python" if OWN_UV.exists() else sys.executable), for_pip(os.environ)
    settings = uv_settings(capture([pip, "-m", "pip", "config", "list"], env=env).text)
    return env | settings | {name: env[name] for name in env if name.startswith("UV_")}  # uv's own come first


def _run(program: Path, *arguments: str | Path) -> None:
    env = _environment() if program.name == "uv" else for_pip(os.environ)
    answer = capture([program, *arguments], env=env, cwd=ROOT)
    if answer.code != 0:
        raise CannotGoOnError(f"`{program.name} {' '.join(map(str, arguments[:2]))}` failed:\n{answer.text.strip()}")


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=path.is_symlink() or not path.is_dir())
    path.unlink(missing_ok=True)
