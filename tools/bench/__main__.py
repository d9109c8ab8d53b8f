"""The command line of the measurements."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from typing import TYPE_CHECKING

from tools.bench import commands, emulator, environment, report, starts, synth
from tools.bench.machine import look
from tools.echo import CannotGoOnError, echo
from tools.layout import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tools.bench.environment import Environment
    from tools.bench.figures import Row

RESULTS = ROOT / "bench" / "results.md"
FEWEST_RUNS = 10
PARTS: Mapping[str, Callable[[Environment], Iterator[Row]]] = {
    "start": starts.starts,
    "memory": commands.memory,
    "validate": commands.validate,
    "plan": commands.plan,
    "apply": commands.apply,
    "flavor": commands.flavor,
    "synth": synth.synth,
    "emulator": emulator.emulator,
}


def main(arguments: Sequence[str]) -> int:
    """Measures, prints the table, and keeps it where everything was measured often enough.

    Returns:
        0, also where a budget is missed: the table says so; 1 where something could not be measured.
    """
    options = _parser().parse_args(arguments)
    parts = options.only or list(PARTS)
    whole = len(parts) == len(PARTS) and options.runs >= FEWEST_RUNS
    try:
        rows = _measure(parts, options.runs, write=whole if options.write is None else options.write)
    except CannotGoOnError as error:
        echo(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    print(report.table(rows))
    return 0


def _measure(parts: Sequence[str], runs: int, *, write: bool) -> list[Row]:
    rows: list[Row] = []
    with environment.made(runs) as made:
        circumstances = look(made.tools.terraform, os.environ.get("JSII_NODE") or shutil.which("node") or "node")
        for name, text in circumstances.facts.items():
            print(f"{name}: {text}", file=sys.stderr)
        for part in parts:
            for row in PARTS[part](made):
                rows.append(row)
                print(f"{row.what}: {report.cells(row)[2]} {row.unit}", file=sys.stderr, flush=True)
    if write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(report.page(rows, circumstances.later(), runs))
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench", description="Measures the provider and the constructs."
    )
    parser.add_argument(
        "--only", action="append", choices=list(PARTS), help="measure this part alone; may be given again"
    )
    parser.add_argument("--runs", type=_positive, default=FEWEST_RUNS, help="how often (default: %(default)s)")
    parser.add_argument(
        "--write",
        action=argparse.BooleanOptionalAction,
        help=f"keep the table in {RESULTS.relative_to(ROOT)} (default: where all parts ran {FEWEST_RUNS} times or more)",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
