from __future__ import annotations

import pytest
from emulator_api import Api


@pytest.fixture
def api() -> Api:
    """An emulator with the documented rules."""
    return Api()


@pytest.fixture
def observed() -> Api:
    """An emulator with the observed rules."""
    return Api(rules="observed")
