"""A machine on which nothing is set, with a home and programs of its own, and an emulator to point it at."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from doctor_bench import Bench

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.api.account import Network


@pytest.fixture(scope="session")
def doctor_emulator() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


@pytest.fixture
def emulator(doctor_emulator: Control) -> Control:
    doctor_emulator.reset()
    return doctor_emulator


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_port: int) -> Bench:
    for name in os.environ:
        if name.startswith(("HW_", "HUAWEICLOUD_", "TF_", "JSII_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    # The metadata service's address is fixed; on a machine in the cloud these tests would find it.
    nowhere = partial(Network, metadata_endpoint=f"http://127.0.0.1:{closed_port}")
    monkeypatch.setattr("modelarts_provider.login_settings.Network", nowhere)
    made = Bench(home, programs)
    made.program("terraform", """echo '{"terraform_version": "1.11.4"}'""")
    return made
