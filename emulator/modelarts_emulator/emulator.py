"""One emulator: its world, its callers, its log, its faults and its state file."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from modelarts_emulator.http.request_log import Journal
from modelarts_emulator.identity.callers import Identities
from modelarts_emulator.identity.permissions import Permissions
from modelarts_emulator.state import snapshot
from modelarts_emulator.state.clock import ScaledClock, wall_now
from modelarts_emulator.state.state_file import StateFile
from modelarts_emulator.state.store import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from modelarts_emulator.http.faults import Fault
    from modelarts_emulator.state.clock import Clock

    from .config import Config


class Emulator:
    """Everything behind one address.

    Args:
        config: how it behaves.
        clock: emulated time; None runs as the config's scale says.
        wall: real time (UTC ms), by which signatures and tokens are judged.

    Attributes:
        control_dirty: faults or failures changed since the state was last written.

    Raises:
        StateError: the state file cannot be used.
    """

    def __init__(self, config: Config, clock: Clock | None = None, wall: Callable[[], int] = wall_now) -> None:
        self._file = None if config.state is None else StateFile(config.state)
        saved = {} if self._file is None else self._file.load()
        meta = saved.get("meta", {}).get("world", {})
        self.config = config
        self.wall = wall
        # the clock doesn't go back behind what was already answered
        self.clock = clock or ScaledClock(config.clock_scale, not_before=meta.get("now", 0))
        self.journal = Journal()
        self.faults: list[Fault] = []
        self.control_dirty = False
        self.world = World(self.config, self.clock)
        self.identities = Identities(self.config, wall)
        self.permissions = Permissions(self.config.denied)
        snapshot.restore(self, saved)

    def reset(self, changes: dict[str, object] | None = None) -> None:
        """Start from nothing: no instances, no faults, no log, ids from the seed again.

        ``changes`` replaces settings of the config from now on (rules, quota, not_found, seed, assume);
        a restart goes back to what it is started with.
        """
        if changes:
            self.config = dataclasses.replace(self.config, **changes)  # type: ignore[arg-type] # the control checked them
        self.world = World(self.config, self.clock)
        self.identities = Identities(self.config, self.wall)
        self.permissions = Permissions(self.config.denied)
        self.faults.clear()
        self.journal.clear()
        self.control_dirty = True
        if self._file is not None:
            self._file.write(snapshot.changed(self), replace_all=True)

    def take_fault(self, method: str, path: str, operation: str | None) -> Fault | None:
        """The fault that hits this call; every fault counts the call."""
        taken: Fault | None = None
        for fault in self.faults:
            seen = fault.seen
            if fault.takes(method, path, operation) and taken is None:
                taken = fault
            self.control_dirty = self.control_dirty or fault.seen != seen
        return taken

    def save(self) -> None:
        """Write what changed to the state file, before the call is answered.

        Raises:
            StateError: it could not be written; it will be tried again with the next call.
        """
        if self._file is not None:
            rows = snapshot.changed(self)
            if rows:
                self._file.write(rows)
        self.world.dirty.clear()
        self.identities.dirty.clear()
        self.control_dirty = self.world.failures_changed = False

    def close(self) -> None:
        """Give the state file back."""
        if self._file is not None:
            self._file.close()
