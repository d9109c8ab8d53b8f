"""Something that happens while terraform runs, at moments that the API's log names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from terraform_workspace import Workspace

SECONDS_BETWEEN_LOOKS = 0.02

Until: TypeAlias = Callable[..., None]
"""``until(operation, times=1)`` waits for that many calls since the one that was waited for last."""


class TooLate(Exception):
    """Terraform has ended, and the moment never came."""


@contextmanager
def meanwhile(workspace: Workspace, scenario: Callable[[Until], None]) -> Iterator[None]:
    """Run a scenario beside the block, which must come to its end before the block does."""
    over = threading.Event()
    start = len(workspace.emulator.requests())
    problems: list[Exception] = []

    def until(operation: str, times: int = 1) -> None:
        nonlocal start
        while True:
            seen = [r["index"] for r in workspace.emulator.requests() if r["operation"] == operation]
            new = [index for index in seen if index >= start]
            if len(new) >= times:
                start = new[times - 1] + 1
                return
            if over.wait(SECONDS_BETWEEN_LOOKS):
                raise TooLate(f"the API never saw {operation} {times} times")

    def tell() -> None:
        try:
            scenario(until)
        except Exception as problem:  # noqa: BLE001 - handed to the test's own thread
            problems.append(problem)

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if problems:
        raise problems[0]
