"""The servicer over a real provider, with an emulator behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from notebook_scenarios import DEFAULT_TAGS, Stage

from modelarts_emulator.testing import Control, running_emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


@pytest.fixture(scope="module")
def stage(emulator: Control) -> Iterator[Stage]:
    """One loop and one provider for a module: its connections stay open between examples."""
    with asyncio.Runner() as runner:
        stage = Stage(emulator, runner)
        yield stage
        stage.close()


@pytest.fixture(scope="module")
def tagged_stage(emulator: Control) -> Iterator[Stage]:
    """The same with tags that every notebook gets from the provider block."""
    with asyncio.Runner() as runner:
        stage = Stage(emulator, runner, default_tags=DEFAULT_TAGS)
        yield stage
        stage.close()
