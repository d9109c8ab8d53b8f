"""The command line of the soak."""

from __future__ import annotations

import argparse
import os
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING

from tools.bench.machine import look
from tools.echo import CannotGoOnError, echo
from tools.layout import ROOT
from tools.soak.counters import Counters
from tools.soak.faults import ALL_KINDS
from tools.soak.terraform import program
from tools.soak.workers import Life, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.machine import Circumstances

PAGE = ROOT / "bench" / "soak.md"
"""The table of the last run that did enough; shorter ones only leave theirs in `RESULTS`."""
RESULTS = ROOT / "build" / "soak"
NOTES = """\
Written by `make soak`; not edited by hand. Lives of one or two notebooks: Terraform drives the provider against the
emulator through random changes, console work, faults, kills and imports, and after each accident a user's next steps have
to bring everything back. The rows from *lost* on count promises that were not kept. A fault counts where it has hit a
call; a kill where the provider (and, half of the time, Terraform) was killed around the named call."""


def main(arguments: Sequence[str]) -> int:
    """Soaks until enough was done, and writes the table.

    Returns:
        0 where nothing was found; 1 where a promise was broken, or nothing could be run.
    """
    options = _parser().parse_args(arguments)
    counters, began, found = Counters(), time.monotonic(), list[str]()
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "violations.txt").write_text("")
    try:
        circumstances = look(program(), "node")
        _soak(options, counters, began, found)
    except CannotGoOnError as error:
        echo(str(error))
        return 1
    except KeyboardInterrupt:
        echo("stopped: the table holds what was done so far")
    page = _page(circumstances.later(), options, counters, (time.monotonic() - began) / 60, found)
    (RESULTS / "table.md").write_text(page)
    if counters.enough(options.operations, options.faults):
        PAGE.write_text(page)
    print(page)
    return 1 if found else 0


def _soak(options: argparse.Namespace, counters: Counters, began: float, found: list[str]) -> None:
    """Lives one life after another, some at a time; one that breaks a promise is over. Each that was begun counts."""
    seeds = iter(range(options.seed, options.seed + options.lives))
    number = min(options.workers, options.lives)
    with Workers(number) as workers:
        for first in islice(seeds, number):
            workers.begin(Life(first, _favoured(options, counters)))
        for ended in workers.ended():
            counters.add(ended.counters)
            if ended.violation is not None:
                found.append(f"{ended.life}: {ended.violation}")
                (RESULTS / "violations.txt").write_text("\n\n\n".join(found))
                print(f"{ended.life}: {ended.violation.splitlines()[0][:200]}", file=sys.stderr)
            print(f"{counters.total} operations; {counters.scarcest()}", file=sys.stderr, flush=True)
            for following in islice(seeds, 0 if _is_over(options, counters, began) else 1):
                workers.begin(Life(following, _favoured(options, counters)))


def _is_over(options: argparse.Namespace, counters: Counters, began: float) -> bool:
    """Whether no other life is to begin: enough was done, or the time is over."""
    return counters.enough(options.operations, options.faults) or time.monotonic() - began > options.minutes * 60


def _favoured(options: argparse.Namespace, counters: Counters) -> tuple[str, ...]:
    return tuple(options.favour) if options.favour else counters.least_hit()


def _page(
    circumstances: Circumstances, options: argparse.Namespace, counters: Counters, minutes: float, found: list[str]
) -> str:
    facts = {
        **{name: text for name, text in circumstances.facts.items() if name != "Node"},
        "seed": str(options.seed),
        "lives at a time": str(options.workers),
        "minutes": f"{minutes:.0f}",
        "lives that ended early": str(len(found)),
        "bars": f"{options.operations} operations, {options.faults} faults of each kind: "
        + ("reached" if counters.enough(options.operations, options.faults) else "not reached"),
    }
    lines = "\n".join(f"- {name}: {text}" for name, text in facts.items())
    return f"# Soaked\n\n{NOTES}\n\n{lines}\n\n{counters.table()}\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.soak", description="Lets Terraform and the provider live long."
    )
    parser.add_argument("--operations", type=int, default=5000, help="at least so many (default: %(default)s)")
    parser.add_argument("--faults", type=int, default=20, help="at least so many of each kind (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=180, help="at most so long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first life's seed (default: %(default)s)")
    parser.add_argument("--lives", type=int, default=10**9, help="at most so many lives (default: no limit)")
    parser.add_argument(
        "--favour",
        action="append",
        choices=ALL_KINDS,
        help="draw this kind of fault more often (default: those that have hit the least so far)",
    )
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="lives at a time (default: the cores, %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
