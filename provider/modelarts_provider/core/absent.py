"""Packages that aren't installed, remembered as such.

Python forgets that an import failed: a library that looks for an optional package at each call searches every folder of
the path again and again.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec


def remember_absent(name: str) -> None:
    """Make imports of a top-level package fail at once from now on, unless it is installed."""
    if name not in sys.modules and find_spec(name) is None:
        sys.modules[name] = None  # type: ignore[assignment]  # how the import system spells "not there"
