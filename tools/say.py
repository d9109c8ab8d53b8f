"""How the tools speak to the person at the terminal."""

from __future__ import annotations

import sys


class CannotGoOnError(Exception):
    """Something that the person has to mend; its text says what and how."""


def say(text: str) -> None:
    """Prints a line of progress to stderr, so that stdout stays the command's own."""
    print(f"set-up: {text}", file=sys.stderr, flush=True)
