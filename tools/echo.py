"""Progress and errors of the tools, for the person at the terminal."""

from __future__ import annotations

import sys


class CannotGoOnError(Exception):
    """A problem that the caller has to fix; the text says what it is and how to fix it."""


def echo(text: str) -> None:
    """Prints a line of progress to stderr, so that stdout stays the command's own."""
    print(f"set-up: {text}", file=sys.stderr, flush=True)
