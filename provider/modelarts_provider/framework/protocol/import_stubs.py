"""Imports that libraries try and that are answered with "not there" at once.

Python forgets that an import failed: a library that looks for an optional package at each call searches every folder of
the path again and again. And some libraries import, where they can, parts that a provider never uses.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec


def remember_absent(package: str) -> None:
    """Make imports of a top-level package fail at once from now on, unless it is installed."""
    if package not in sys.modules and find_spec(package) is None:
        leave_out(package)


def leave_out(module: str) -> None:
    """Make imports of a module fail at once from now on, unless it has been imported before."""
    sys.modules.setdefault(module, None)  # type: ignore[arg-type]  # how the import system spells "not there"
