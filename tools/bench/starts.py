"""Measures starts of the provider: time to the handshake and to the schema, and memory then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench import budgets
from tools.bench.figures import Figures, Row
from tools.bench.plugin import ClientCertificate, measure_python, measure_start
from tools.layout import VENV_PYTHON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.bench.environment import Environment

_MS = 1000.0
_MB = 1e-6


def starts(environment: Environment) -> Iterator[Row]:
    """Yields the rows of starts; the floor is a Python that imports nothing."""
    client = ClientCertificate(environment.folder)
    measure_start(environment.launcher, client, environment.tools.env)  # brings files into the system's cache
    measured, bare = [], []
    for _ in range(environment.runs):
        measured.append(measure_start(environment.launcher, client, environment.tools.env))
        bare.append(measure_python(VENV_PYTHON, environment.tools.env))
    yield Row(
        budgets.HANDSHAKE,
        "ms",
        Figures.of([start.handshake for start in measured], _MS),
        floor=Figures.of(bare, _MS),
        processor=Figures.of([start.processor_handshake for start in measured]),
    )
    yield Row(
        budgets.SCHEMA,
        "ms",
        Figures.of([start.schema for start in measured], _MS),
        processor=Figures.of([start.processor_schema - start.processor_handshake for start in measured]),
    )
    yield Row(budgets.MEMORY_START, "MB", Figures.of([start.memory for start in measured], _MB))
