"""Lives that are lived at the same time, each worker process in environments of its own."""

from __future__ import annotations

import multiprocessing
import signal
import tempfile
import traceback
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Self

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from modelarts_emulator.testing import running_emulator
from tools.echo import CannotGoOnError
from tools.soak.counters import Counters
from tools.soak.machine import Lives
from tools.soak.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess
    from multiprocessing.queues import Queue

LOOK_SECONDS = 5.0
"""How often is looked whether all workers still live."""
STEPS = 40
EXAMPLES = 2
"""The first one that hypothesis tries is the shortest there is."""
TIME_SCALES = (0.0, 0.005)
"""Transitions that take no time, and those that take part of a second, so that a kill can come in the middle of one."""
LONG = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Life:
    """What a life follows from: its seed, and the kinds of faults that are drawn more often in it."""

    seed: int
    favoured: tuple[str, ...] = ()

    def __str__(self) -> str:
        favoured = "".join(f' --favour "{kind}"' for kind in self.favoured)
        return f"--lives 1 --workers 1 --seed {self.seed}{favoured}"


@dataclass(frozen=True)
class Ended:
    """A life that is over.

    Attributes:
        life: Which one.
        counters: What was done in it.
        violation: The invariants that were broken; None where none was.
        trouble: What kept it from being lived, which has nothing to do with the provider.
    """

    life: Life
    counters: Counters = field(default_factory=Counters)
    violation: str | None = None
    trouble: str | None = None


class Workers:
    """Processes that live lives.

    Args:
        number: How many lives at a time.
    """

    def __init__(self, number: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._lives: Queue[Life | None] = context.Queue()
        self._ended: Queue[Ended] = context.Queue()
        self._open = 0
        self._processes: list[BaseProcess] = [
            context.Process(target=_work, args=(self._lives, self._ended), daemon=False) for _ in range(number)
        ]

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Lets the lives that are under way end; nobody counts them."""
        for _process in self._processes:
            self._lives.put(None)
        with suppress(CannotGoOnError):
            while self._open:
                self._next()
                self._open -= 1
        for process in self._processes:
            process.join()

    def begin(self, life: Life) -> None:
        """Has a life lived by the first worker that is free."""
        self._open += 1
        self._lives.put(life)

    def ended(self) -> Iterator[Ended]:
        """The lives as they end, for as long as any is under way.

        Raises:
            CannotGoOnError: One could not be lived, or its worker was killed.
        """
        while self._open:
            ended = self._next()
            self._open -= 1
            if ended.trouble is not None:
                raise CannotGoOnError(f"{ended.life}: {ended.trouble}")
            yield ended

    def _next(self) -> Ended:
        while True:
            gone = [process.exitcode for process in self._processes if process.exitcode]
            try:
                return self._ended.get(timeout=LOOK_SECONDS)
            except Empty:
                if gone:
                    raise CannotGoOnError(f"a worker ended amid a life, with exit code {gone[0]}") from None


def _work(lives: Queue[Life | None], ended: Queue[Ended]) -> None:
    """A worker: lives what it is given until there is nothing more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that counts
    with ExitStack() as environments:
        scenarios: list[Scenario] = []
        while (life := lives.get()) is not None:
            try:
                scenarios = scenarios or [_scenario(environments, scale) for scale in TIME_SCALES]
                ended.put(_live(life, scenarios[life.seed % len(scenarios)]))
            except Exception:  # noqa: BLE001 - whatever it is, the one that counts has to know
                ended.put(Ended(life, trouble=traceback.format_exc()))


def _scenario(environments: ExitStack, scale: float) -> Scenario:
    folder = environments.enter_context(tempfile.TemporaryDirectory())
    emulator = environments.enter_context(running_emulator(time_scale=scale, lease_scale=1.0))
    return environments.enter_context(closing(Scenario(Path(folder), emulator, Counters())))


def _live(life: Life, scenario: Scenario) -> Ended:
    class Bound(Lives):
        favoured = life.favoured

    Bound.scenario = scenario
    scenario.counters = Counters()
    scenario.seed = life.seed * EXAMPLES
    scenario.fresh()  # what it is, is told by its seed, not by what was lived before it
    violation = None
    try:
        run_state_machine_as_test(seed(life.seed)(Bound), settings=LONG)
    except Exception:
        violation = scenario.take_broken()
        if violation is None:  # not about the provider
            raise
    return Ended(life, scenario.counters, violation)
