"""What ends the demo early."""

from __future__ import annotations


class DemoError(Exception):
    """The demo did not show what it promises, or could not be run; the text says what and what to do."""


class InterruptedDemoError(Exception):
    """Somebody asked the demo to stop: Ctrl-C, SIGTERM, a closed terminal."""
