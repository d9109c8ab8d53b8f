"""One emulator: its world, its callers, its log and its faults."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from .clock import ScaledClock, wall_now
from .identity import Identities
from .journal import Journal
from .world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .config import Config
    from .faults import Fault


class Emulator:
    """Everything behind one address.

    Args:
        config: how it behaves.
        clock: emulated time; None runs as the config's scale says.
        wall: real time (UTC ms), by which signatures and tokens are judged.
    """

    def __init__(self, config: Config, clock: Clock | None = None, wall: Callable[[], int] = wall_now) -> None:
        self.config = config
        self.wall = wall
        self.clock = clock or ScaledClock(config.clock_scale)
        self.journal = Journal()
        self.faults: list[Fault] = []
        self.world = World(config, self.clock)
        self.identities = Identities(config, wall)

    def reset(self, changes: dict[str, object] | None = None) -> None:
        """Start from nothing: no instances, no faults, no log, ids from the seed again.

        ``changes`` replaces settings of the config from now on (rules, quota, not_found, seed, assume).
        """
        if changes:
            self.config = dataclasses.replace(self.config, **changes)  # type: ignore[arg-type]
        self.world = World(self.config, self.clock)
        self.identities = Identities(self.config, self.wall)
        self.faults.clear()
        self.journal.clear()

    def take_fault(self, method: str, path: str, operation: str | None) -> Fault | None:
        """The fault that hits this call; every fault counts the call."""
        taken: Fault | None = None
        for fault in self.faults:
            if fault.takes(method, path, operation) and taken is None:
                taken = fault
        return taken

    def save(self) -> None:
        """Write what changed to the state file, before the call is answered."""
        self.world.dirty.clear()
