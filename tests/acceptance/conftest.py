"""Terraform against the emulator: a provider in this process (reattach mode) and a fresh workspace for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from serving import served_provider
from terraform_workspace import Workspace, clean_environment

from modelarts_emulator.testing import Control, running_emulator


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.acceptance)


@pytest.fixture(scope="session")
def emulator_server() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


@pytest.fixture
def emulator(emulator_server: Control) -> Control:
    emulator_server.reset(rules="documented", quota=0)
    emulator_server.clear_faults()
    emulator_server.clear_requests()
    return emulator_server


@pytest.fixture
def workspace(tmp_path: Path, emulator: Control) -> Iterator[Workspace]:
    with ExitStack() as providers:

        def serve() -> str:
            return providers.enter_context(served_provider())

        yield Workspace(tmp_path, emulator, {**clean_environment(), "TF_REATTACH_PROVIDERS": serve()}, serve)
