"""The command line of the soak."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from modelarts_emulator.testing import running_emulator
from tools.layout import ROOT
from tools.say import CannotGoOnError, say
from tools.soak.machine import Lives
from tools.soak.story import Story
from tools.soak.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS = ROOT / "build" / "soak"
STEPS = 40
TIME_SCALES = (0.0, 0.005)
"""Transitions that take no time, and those that take part of a second, so that a kill can come in the middle of one."""
LONG = settings(
    max_examples=2,  # the first one that hypothesis tries is the shortest there is
    stateful_step_count=STEPS,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def main(arguments: Sequence[str]) -> int:
    """Soaks until enough was done, and writes the table.

    Returns:
        0 where nothing was found; 1 where a promise was broken, or nothing could be run.
    """
    options = _parser().parse_args(arguments)
    tally, began = Tally(), time.monotonic()
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "complaints.txt").write_text("")
    found: list[str] = []
    try:
        with ExitStack() as worlds:
            _soak([_world(worlds, tally, scale) for scale in TIME_SCALES], options, began, found)
    except CannotGoOnError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped: the table holds what was done so far")
    minutes = (time.monotonic() - began) / 60
    text = f"{tally.table()}\n\n{len(found)} lives ended early, seed {options.seed}, {minutes:.0f} minutes\n"
    (RESULTS / "table.md").write_text(text)
    print(text)
    return 1 if found else 0


def _world(worlds: ExitStack, tally: Tally, scale: float) -> Story:
    folder = worlds.enter_context(tempfile.TemporaryDirectory())
    emulator = worlds.enter_context(running_emulator(time_scale=scale, lease_scale=1.0))
    return worlds.enter_context(closing(Story(Path(folder), emulator, tally)))


def _soak(stories: Sequence[Story], options: argparse.Namespace, began: float, found: list[str]) -> None:
    """Lives one life after another, in one world after another; one that breaks a promise is over."""
    number: int = options.seed

    class Bound(Lives):
        pass

    while not stories[0].tally.enough(options.operations, options.faults):
        story = Bound.story = stories[number % len(stories)]
        if options.minutes and time.monotonic() - began > options.minutes * 60:
            say("the time is over before enough was done")
            return
        try:
            run_state_machine_as_test(seed(number)(Bound), settings=LONG)
        except Exception:
            complaint = story.take_broken()
            if complaint is None:  # not about the provider
                raise
            found.append(f"seed {number}: {complaint}")
            (RESULTS / "complaints.txt").write_text("\n\n\n".join(found))
            print(f"seed {number}: {complaint.splitlines()[0][:200]}", file=sys.stderr)
            story.fresh()
        number += 1
        print(f"{story.tally.total} operations", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.soak", description="Lets Terraform and the provider live long."
    )
    parser.add_argument("--operations", type=int, default=5000, help="at least so many (default: %(default)s)")
    parser.add_argument("--faults", type=int, default=20, help="at least so many of each kind (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=0, help="at most so long (default: until enough was done)")
    parser.add_argument("--seed", type=int, default=1, help="the first life's seed (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
