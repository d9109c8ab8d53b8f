"""A running emulator as a pytest fixture, for users' own tests.

::

    def test_my_module(modelarts_emulator, monkeypatch):
        for name, value in modelarts_emulator.environment().items():
            monkeypatch.setenv(name, value)
        ...
        assert modelarts_emulator.requests(operation="CreateNotebook")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .testing import Control


@pytest.fixture(scope="session")
def modelarts_emulator_settings() -> dict[str, Any]:
    """Fields of ``modelarts_emulator.config.Config``; override it to have other rules or times."""
    return {"time_scale": 0.0, "quota": 0}


@pytest.fixture(scope="session")
def modelarts_emulator_server(modelarts_emulator_settings: dict[str, Any]) -> Iterator[Control]:
    """One emulator for the whole run, on a free port of this machine."""
    from .testing import running_emulator  # noqa: PLC0415 - nothing is imported in runs that don't ask for it

    with running_emulator(**modelarts_emulator_settings) as control:
        yield control


@pytest.fixture
def modelarts_emulator(modelarts_emulator_server: Control) -> Control:
    """The emulator, emptied for this test: its ``url``, keys and controls."""
    modelarts_emulator_server.reset()
    return modelarts_emulator_server
