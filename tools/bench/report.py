"""Renders rows: as lines while they are measured, and as the page that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.budgets import BUDGETS, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.bench.figures import Row
    from tools.bench.machine import Circumstances

HEAD = ("what", "unit", "median", "min-max", "floor", "CPU", "CPU of floor", "API calls", "budget", "goal", "verdict")
_TEXT_COLUMNS = frozenset({"what", "unit", "verdict"})

_NOTES = """\
Written by `make bench`; not edited by hand. Every figure is the median of the given number of runs, each in turns with
its floor: for commands the same on as many `terraform_data`, for starts a Python that imports nothing, for syntheses as
many resources of a type that cdktf knows nothing of. Commands run the installed provider as Terraform starts it, whole,
against the emulator, whose transitions take no time. *CPU* is seconds of processor time (user and system) with all
processes that the command started: where the wall clock shows much more, the machine was busy with other things. *load*
is what waited for a processor on average during the last minute. Memory is resident memory of one provider process. The
rows of the emulator are of one that holds 10,000 notebooks, asked over open connections with signed requests."""


def cells(row: Row) -> tuple[str, ...]:
    """Returns the texts of a row, in the order of HEAD."""
    figures = row.ours
    budget = BUDGETS.get(row.what)
    return (
        row.what,
        row.unit,
        _number(figures.median, row.unit),
        f"{_number(figures.least, row.unit)}-{_number(figures.most, row.unit)}",
        _number(row.floor.median, row.unit) if row.floor else "",
        f"{row.processor.median:.2f}" if row.processor else "",
        f"{row.floor_processor.median:.2f}" if row.floor_processor else "",
        row.calls or "",
        f"{budget.first:g}" if budget else "",
        f"{budget.goal:g}" if budget else "",
        verdict(row.what, figures.median),
    )


def table(rows: Iterable[Row]) -> str:
    """Returns the rows as a Markdown table whose columns are aligned for a reader of the text, too."""
    lines = [HEAD, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    rule = [_rule(name, width) for name, width in zip(HEAD, widths, strict=True)]
    return "\n".join([_line(HEAD, widths), f"|{'|'.join(rule)}|", *(_line(line, widths) for line in lines[1:])])


def page(rows: Sequence[Row], circumstances: Circumstances, runs: int) -> str:
    """Returns the page that is kept in the repository."""
    facts = "\n".join(f"- {name}: {text}" for name, text in {**circumstances.facts, "runs": str(runs)}.items())
    return f"# Measured\n\n{_NOTES}\n\n{facts}\n\n{table(rows)}\n"


def _number(value: float, unit: str) -> str:
    return f"{value:.2f}" if unit == "s" else f"{value:.1f}" if unit == "MB" else f"{value:.0f}"


def _rule(name: str, width: int) -> str:
    return "-" * (width + 2) if name in _TEXT_COLUMNS else "-" * (width + 1) + ":"


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    texts = [
        text.ljust(width) if name in _TEXT_COLUMNS else text.rjust(width)
        for name, text, width in zip(HEAD, line, widths, strict=True)
    ]
    return f"| {' | '.join(texts)} |"
