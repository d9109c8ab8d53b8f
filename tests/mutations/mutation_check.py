"""A pytest plugin for the runs with a copy of the provider: it is the copy that is imported, or nothing is run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import modelarts_provider


def pytest_configure(config: pytest.Config) -> None:
    """End the run with a usage error (exit code 4) where another provider comes first on the path."""
    wanted, found = Path(os.environ["MUTATED_SOURCE"]), Path(modelarts_provider.__file__)
    if not found.is_relative_to(wanted):
        raise pytest.UsageError(f"the provider of {found.parent} was imported, and not the copy in {wanted}")
