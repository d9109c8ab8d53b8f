"""What the person at the terminal sees."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.demo.configuration import Row


def out(text: str = "") -> None:
    """Prints a line at once, so that it stands before what a child prints next."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def heading(number: int, text: str) -> None:
    """Prints the heading of one act."""
    out(f"\n{number}. {text}")


def indented(lines: Iterable[str]) -> None:
    """Prints lines that belong to the act above."""
    for line in lines:
        out(f"   {line}".rstrip())


def table(rows: Iterable[Row]) -> list[str]:
    """Writes a comparison as a table with a mark for each line that differs."""
    head = ("field", "new configuration", "the API holds", "")
    body = [(row.field, row.configured, row.held, "same" if row.same else "DIFFERENT") for row in rows]
    widths = [max(len(line[column]) for line in [head, *body]) for column in range(len(head))]
    ruler = tuple("-" * width for width in widths)
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, ruler, *body)
    ]
