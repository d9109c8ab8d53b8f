"""Terraform against the emulator: a provider in this process (reattach mode) and a fresh workspace for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from terraform_workspace import Workspace, clean_environment

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.protocol.reattach import reattachable_thread
from modelarts_provider.protocol.servicer import Servicer
from modelarts_provider.provider import ModelartsProvider


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


@contextmanager
def served_provider(
    environment: Mapping[str, str] | None = None, log: Callable[[str], None] = lambda _: None
) -> Iterator[str]:
    """A provider in this process, with variables of its own; yields the value of TF_REATTACH_PROVIDERS."""
    made: list[tuple[ModelartsProvider, asyncio.AbstractEventLoop]] = []

    def make_dispatch() -> Servicer:
        provider = ModelartsProvider(environment=environment or {})
        made.append((provider, asyncio.get_running_loop()))
        return Servicer(provider, log=log)

    with reattachable_thread(make_dispatch) as value:
        try:
            yield value
        finally:  # also after a failed test, or the next one fails for what this one left open
            for provider, loop in made:
                asyncio.run_coroutine_threadsafe(provider.aclose(), loop).result(timeout=30)


@pytest.fixture
def workspace(tmp_path: Path, emulator: Control) -> Iterator[Workspace]:
    with ExitStack() as providers:

        def serve() -> str:
            return providers.enter_context(served_provider())

        yield Workspace(tmp_path, emulator, {**clean_environment(), "TF_REATTACH_PROVIDERS": serve()}, serve)
