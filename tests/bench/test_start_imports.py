"""What a start loads, and when: the time that Terraform waits is mostly imports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import modelarts_provider
from modelarts_provider.framework.protocol.handshake import COOKIE_NAME, COOKIE_VALUE

# The standard library's modules that a start may load before it has printed its line, in any tested Python, beyond those
# of an interpreter that does nothing. What is listed without being loaded does no harm; what is loaded must be listed.
BEFORE_THE_LINE = {
    "__future__", "_collections", "_functools", "_hashlib", "_blake2", "_sha2", "_operator", "_signal", "_socket", "_weakref",
    "array", "binascii", "collections", "collections.abc", "copyreg", "enum", "errno", "functools", "gc", "hashlib", "itertools", "keyword",
    "math", "operator", "reprlib", "select", "selectors", "signal", "socket", "types",
}  # fmt: skip
OURS_BEFORE_THE_LINE = {
    "modelarts_provider",
    "modelarts_provider.cli",
    "modelarts_provider.framework",
    "modelarts_provider.framework.protocol",
    "modelarts_provider.framework.protocol.certificate",
    "modelarts_provider.framework.protocol.handshake",
    "modelarts_provider.framework.protocol.process",
}

AT_THE_LINE = """
import os, sys
idle = set(sys.modules)
from modelarts_provider.framework.protocol import process

def announce(line):
    assert line.startswith(b"1|6|unix|"), line
    loaded = sorted(set(sys.modules) - idle)
    import json
    os.write(1, json.dumps(loaded).encode())
    raise process.HandshakeError("seen")

process.announce = announce
from modelarts_provider.cli import main
main()
"""

AFTER_CALLS = """
import asyncio, json, sys
sys.path.insert(0, sys.argv[1])
from modelarts_provider.cli import make_dispatch
from modelarts_provider.framework.protocol.codec import encode

CALLS = {
    "GetProviderSchema": {},
    "ValidateProviderConfig": {},
    "ValidateResourceConfig": {"type_name": "modelarts_notebook"},
}

async def call(names):
    dispatch = make_dispatch()
    for name in names:
        assert await dispatch(name, encode(f"{name}.Request", CALLS[name]))

asyncio.run(call(sys.argv[2:]))
print(json.dumps(sorted(sys.modules)))
"""
NEEDED_BY_NO_CALL = {
    "httpx", "httpcore", "anyio", "pydantic", "cdktf", "constructs", "jsii", "starlette", "uvicorn", "cryptography", "grpc",
    "modelarts_constructs", "modelarts_emulator", "modelarts_provider.framework.render", "modelarts_provider.api.http.client", "argparse",
}  # fmt: skip


def loaded(code: str, *arguments: str, **environment: str) -> set[str]:
    command = [sys.executable, "-I", "-c", code, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.startswith("["), done.stderr
    return set(json.loads(done.stdout))


@pytest.fixture
def started_by_terraform(tmp_path):
    """What Terraform sets; the certificate's content doesn't matter before the line."""
    return {
        COOKIE_NAME: COOKIE_VALUE,
        "PLUGIN_PROTOCOL_VERSIONS": "5,6",
        "PLUGIN_CLIENT_CERT": "a certificate",
        "TMPDIR": str(tmp_path),
    }


def test_little_is_loaded_before_the_line(started_by_terraform):
    modules = loaded(AT_THE_LINE, **started_by_terraform)
    ours = {name for name in modules if name.startswith("modelarts_")}
    assert ours == OURS_BEFORE_THE_LINE
    assert modules - ours <= BEFORE_THE_LINE


@pytest.fixture
def copy_of_sources(tmp_path):
    """The provider's sources, without anything that an earlier start has kept."""
    package = Path(modelarts_provider.__file__).parent
    shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    return str(tmp_path)


def test_a_start_for_the_schema_loads_no_resource_once_it_is_kept(copy_of_sources):
    first = loaded(AFTER_CALLS, copy_of_sources, "GetProviderSchema")
    second = loaded(AFTER_CALLS, copy_of_sources, "GetProviderSchema")
    parts = {".".join(name.split(".")[:3]) for name in second if name.startswith("modelarts_")}
    framework = "modelarts_provider.framework"
    assert parts == {"modelarts_provider", "modelarts_provider.cli", framework, f"{framework}.protocol"}
    assert "msgpack" not in second
    assert {"msgpack", "modelarts_provider.resources.notebook.resource"} <= first  # the positive control


def test_validation_loads_nothing_of_the_api_or_of_the_other_packages(copy_of_sources):
    calls = ["GetProviderSchema", "ValidateProviderConfig", "ValidateResourceConfig"]
    modules = loaded(AFTER_CALLS, copy_of_sources, *calls)
    assert modules & NEEDED_BY_NO_CALL == set()
    assert "modelarts_provider.resources.notebook.resource" in modules  # the positive control
