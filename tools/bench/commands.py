"""Measures whole Terraform commands, in turns with the same command on resources that need no provider."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

from tools.bench import budgets
from tools.bench.figures import Figures, Row, Sample
from tools.bench.processes import PeakMemory
from tools.bench.workspace import FLAVORS, built_in, notebooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.bench.environment import Environment
    from tools.bench.workspace import Workspace

_MB = 1e-6
_PEAK_RUNS = 3  # it differs by less than a percent from run to run, and takes long


def validate(environment: Environment) -> Iterator[Row]:
    """Yields the row of `terraform validate`."""
    pair = _pair(environment, "validate", 1)
    yield _row(environment, "validate, 1", pair, lambda workspace: workspace.validate())


def plan(environment: Environment) -> Iterator[Row]:
    """Yields the rows of `terraform plan` on what exists."""
    for count, what in ((1, budgets.PLAN_1), (100, budgets.PLAN_100)):
        environment.clear()
        pair = _pair(environment, f"plan-{count}", count)
        for workspace in pair:
            workspace.apply()
        yield _row(environment, what, pair, lambda workspace: workspace.plan())


def apply(environment: Environment) -> Iterator[Row]:
    """Yields the rows of `terraform apply` where nothing exists yet."""

    def from_nothing(workspace: Workspace) -> Sample:
        workspace.forget()
        environment.clear()
        return workspace.apply()

    for count in (1, 100):
        pair = _pair(environment, f"apply-{count}", count)
        yield _row(environment, f"apply, {count} new", pair, from_nothing)


def flavor(environment: Environment) -> Iterator[Row]:
    """Yields the row of an apply that changes the flavor of one running notebook: stop, update, start."""
    environment.clear()
    ours, floor = _pair(environment, "flavor", 1)
    for workspace in (ours, floor):
        workspace.apply()
    others = cycle(reversed(FLAVORS))
    wanted = ""

    def change(workspace: Workspace) -> Sample:
        nonlocal wanted
        if workspace is ours:
            wanted = next(others)
            workspace.write(notebooks(1, environment.emulator, wanted))
        else:
            workspace.write(built_in(1, wanted))
        return workspace.apply()

    yield _row(environment, budgets.FLAVOR, (ours, floor), change)


def memory(environment: Environment) -> Iterator[Row]:
    """Yields the row of the memory that a provider process needs during an apply of 100."""
    ours = environment.workspace("memory")
    ours.write(notebooks(100, environment.emulator))
    ours.init()
    peaks = []
    for _ in range(min(environment.runs, _PEAK_RUNS)):
        ours.forget()
        environment.clear()
        with PeakMemory() as peak:
            ours.apply()
        peaks.append(peak.bytes)
    environment.clear()
    yield Row(budgets.MEMORY_APPLY, "MB", Figures.of(peaks, _MB))


def _pair(environment: Environment, name: str, count: int) -> tuple[Workspace, Workspace]:
    """Makes the folder with the provider and the one without, ready for commands."""
    ours, floor = environment.workspace(f"{name}-ours"), environment.workspace(f"{name}-floor")
    ours.write(notebooks(count, environment.emulator))
    floor.write(built_in(count))
    for workspace in (ours, floor):
        workspace.init()
    return ours, floor


def _row(
    environment: Environment, what: str, pair: tuple[Workspace, Workspace], command: Callable[[Workspace], Sample]
) -> Row:
    """Runs a command in turns in both folders; the first of each is not counted: it warms the system's caches."""
    ours, floor = pair
    command(ours)
    command(floor)
    measured, without, calls = [], [], set()
    for _ in range(environment.runs):
        environment.emulator.clear_requests()
        measured.append(command(ours))
        calls.add(len(environment.emulator.requests()))
        without.append(command(floor))
    return Row(
        what,
        "s",
        Figures.of([sample.seconds for sample in measured]),
        floor=Figures.of([sample.seconds for sample in without]),
        floor_processor=Figures.of([sample.processor for sample in without]),
        processor=Figures.of([sample.processor for sample in measured]),
        calls="-".join(str(count) for count in sorted({min(calls), max(calls)})),
    )
