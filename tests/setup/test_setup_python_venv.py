"""Environments of locked packages: when one is made anew, which uv makes it, and what pip's settings become for it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tools import python_venv
from tools.echo import CannotGoOnError

LOCK = "requirements.lock"


class Machine:
    """A checkout whose uv only makes what an environment must have, and counts."""

    def __init__(self, root: Path) -> None:
        self.root, self.venv, self.made, self.fails = root, root / ".venv", [], False
        (root / LOCK).write_text("a==1")
        (root / "pyproject.toml").touch()

    def run(self, program: Path, *arguments: str | Path) -> None:
        self.made.append(" ".join(map(str, arguments[:2])))
        if arguments[0] == "venv":
            _, _, base, folder = arguments
            (Path(folder) / "bin").mkdir(parents=True)
            (Path(folder) / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
            (Path(folder) / "bin" / "python").symlink_to(base)
        elif self.fails:
            raise CannotGoOnError("the network is down")

    def ensure(self) -> list[str]:
        self.made.clear()
        packages = python_venv.ensure(self.venv, LOCK, project=True)
        assert packages == self.venv / "lib" / "python3.11" / "site-packages"
        return self.made


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    made = Machine(tmp_path)
    monkeypatch.setattr(python_venv, "ROOT", tmp_path)
    monkeypatch.setattr(python_venv, "find_uv", lambda: Path("uv"))
    monkeypatch.setattr(python_venv, "_run", made.run)
    monkeypatch.delenv("MODELARTS_PYTHON_CHOSEN", raising=False)
    return made


WHOLE = ["venv --python", "pip sync", "pip install"]


def test_the_second_time_nothing_is_done(machine):
    assert machine.ensure() == WHOLE
    assert machine.ensure() == []


@pytest.mark.parametrize("kind", ["missing", "file", "dangling", "empty", "no python", "half made", "old", "elsewhere"])
def test_an_environment_that_cannot_be_used_is_made_anew(machine, kind):
    venv = machine.venv
    if kind in ("no python", "half made", "old", "elsewhere"):
        machine.ensure()
    if kind == "file":
        venv.touch()
    elif kind == "dangling":
        venv.symlink_to("/nowhere/at/all")
    elif kind == "empty":
        (venv / "bin").mkdir(parents=True)
    elif kind == "no python":
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").symlink_to("/nowhere/python3.9")
    elif kind == "half made":
        (venv / ".set-up").unlink()
    elif kind == "old":
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").write_text("#!/bin/sh\necho Python 3.10.2\n")
        (venv / "bin" / "python").chmod(0o755)
    elif kind == "elsewhere":  # a copied or renamed checkout: the programs in it point to the other place
        machine.venv = venv.rename(machine.root / "renamed")
    assert machine.ensure() == WHOLE
    assert machine.ensure() == []


@pytest.mark.parametrize("file", [LOCK, "pyproject.toml"])
def test_a_changed_lock_is_noticed(machine, file):
    machine.ensure()
    (machine.root / file).write_text("a==2")
    assert machine.ensure() == WHOLE
    assert machine.ensure() == []


def test_one_that_failed_does_not_count(machine):
    machine.fails = True
    with pytest.raises(CannotGoOnError, match="the network is down"):
        machine.ensure()
    machine.fails = False
    assert machine.ensure() == WHOLE


def test_another_python_stays_until_one_is_named(machine, monkeypatch):
    machine.ensure()
    other = machine.root / "python3.12"
    other.write_text("#!/bin/sh\necho Python 3.12.99\n")
    other.chmod(0o755)
    (machine.venv / "bin" / "python").unlink()
    (machine.venv / "bin" / "python").symlink_to(other)
    assert machine.ensure() == WHOLE  # with 3.12, as its stamp says from now on
    assert (machine.venv / "bin" / "python").resolve() == other
    assert machine.ensure() == []
    monkeypatch.setenv("MODELARTS_PYTHON_CHOSEN", "1")
    assert machine.ensure() == WHOLE
    assert (machine.venv / "bin" / "python").resolve() == Path(sys.executable).resolve()
    assert machine.ensure() == []


def a_uv(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "uv").write_text(f"#!/bin/sh\necho 'uv {version}'\n")
    (folder / "uv").chmod(0o755)
    return folder / "uv"


def test_uv_from_path_comes_first_if_it_is_new_enough(tmp_path, monkeypatch):
    old, new = a_uv(tmp_path / "old", "0.4.30"), a_uv(tmp_path / "new", "0.13.9 (x86_64-unknown-linux-gnu)")
    monkeypatch.setenv("PATH", f"{old.parent}:{new.parent}")
    monkeypatch.setattr(python_venv, "OWN_UV", tmp_path / ".uv")
    assert python_venv.find_uv() == new


def test_uv_is_fetched_once_where_there_is_none(tmp_path, monkeypatch):
    own, done = tmp_path / ".uv", []

    def run(program, *arguments):
        done.append(" ".join(map(str, arguments[:3])))
        if arguments[:2] == ("-m", "pip"):
            assert "--require-hashes" in arguments
            a_uv(own / "bin", "0.13.9")

    monkeypatch.setattr(python_venv, "OWN_UV", own)
    monkeypatch.setattr(python_venv, "_run", run)
    monkeypatch.setenv("PATH", str(a_uv(tmp_path / "old", "0.4.30").parent))
    assert python_venv.find_uv() == own / "bin" / "uv"
    assert done == [f"-m venv {own}", "-m pip install"]
    assert python_venv.find_uv() == own / "bin" / "uv"
    assert len(done) == 2


LISTING = r"""
:env:.index-url='https://user:secret@mirror.example/simple'
:env:.no-cache-dir='1'
global.cert='/etc/organisation.pem'
global.extra-index-url='\nhttps://one.example/simple\nhttps://two.example/simple'
global.find-links='/wheels /more'
global.index-url='https://other.example/simple'
global.proxy="http://o'brien.example:3128"
install.timeout='90'
install.trusted-host='mirror.example\none.example'
"""


def test_what_pip_is_told_reaches_uv():
    settings = python_venv.uv_settings(LISTING)
    assert {name: value for name, value in settings.items() if name not in ("UV_SYSTEM_CERTS", "UV_NATIVE_TLS")} == {
        "ALL_PROXY": "http://o'brien.example:3128",
        "SSL_CERT_FILE": "/etc/organisation.pem",
        "UV_DEFAULT_INDEX": "https://user:secret@mirror.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_HTTP_TIMEOUT": "90",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "mirror.example one.example",
        "UV_PYTHON_DOWNLOADS": "never",
    }


@pytest.mark.parametrize("listing", ["", "No module named pip", "ERROR: Configuration file contains invalid keys"])
def test_no_pip_is_no_setting(listing):
    assert "UV_DEFAULT_INDEX" not in python_venv.uv_settings(listing)


def test_what_uv_is_told_comes_first(monkeypatch):
    python_venv._environment.cache_clear()
    monkeypatch.setenv("PIP_INDEX_URL", "https://pips.example/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert python_venv._environment()["UV_DEFAULT_INDEX"] == "https://pips.example/simple"
    python_venv._environment.cache_clear()
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uvs.example/simple")
    monkeypatch.setenv("UV_SYSTEM_PYTHON", "1")
    env = python_venv._environment()
    python_venv._environment.cache_clear()
    assert env["UV_DEFAULT_INDEX"] == "https://uvs.example/simple"
    assert "UV_SYSTEM_PYTHON" not in env
