"""Imports that are answered with "not there": at once, and never for what is there."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from modelarts_provider.framework.protocol.import_stubs import leave_out, remember_absent

MISSING = "modelarts_no_such_package"

# In a process of its own, since it is about what has been imported: a provider that is configured makes its HTTP client.
CONFIGURED = """
import asyncio, json, sys
from modelarts_provider.provider import ModelartsProvider

async def configure():
    provider = ModelartsProvider(environment={"HW_REGION_NAME": "cn-north-4"})
    config = dict.fromkeys(provider.schema.attributes)
    await provider.configure(config, "1.11.4")

asyncio.run(configure())
import httpx
assert httpx.AsyncClient and httpx.Client
print(json.dumps([name for name in ("click", "pygments", "rich", "httpx._main") if sys.modules.get(name)]))
"""


@pytest.fixture
def modules(monkeypatch):
    monkeypatch.delitem(sys.modules, MISSING, raising=False)
    yield sys.modules
    sys.modules.pop(MISSING, None)


def test_what_is_not_installed_is_not_looked_for_again(modules, tmp_path, monkeypatch):
    remember_absent(MISSING)
    (tmp_path / f"{MISSING}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(MISSING)


def test_what_is_installed_stays_importable(modules, tmp_path, monkeypatch):
    (tmp_path / f"{MISSING}.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    remember_absent(MISSING)
    assert importlib.import_module(MISSING)


def test_what_has_been_imported_stays(modules):
    leave_out("json")
    remember_absent("json")
    assert importlib.import_module("json") is json


def test_a_part_is_left_out(modules):
    leave_out(MISSING)
    with pytest.raises(ImportError):
        importlib.import_module(MISSING)


def test_the_http_library_works_without_its_command_line():
    done = subprocess.run(
        [sys.executable, "-I", "-c", CONFIGURED], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
