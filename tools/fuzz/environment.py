"""The emulator that is fuzzed, and the state that every request finds in it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from modelarts_emulator.config import Config
from modelarts_emulator.http.app import create_app
from modelarts_emulator.http.request_examples import BODIES
from modelarts_emulator.state import snapshot
from modelarts_emulator.state.clock import ManualClock
from modelarts_emulator.testing import Control

if TYPE_CHECKING:
    from modelarts_emulator.emulator import Emulator


class Environment:
    """An emulator whose clock stands still and whose transitions take no time.

    Attributes:
        app: The ASGI application, to be served by the caller.
        names: What was prepared: `on` and `off` (instances that run and don't), `storage` (attached to `on`), `image`.
    """

    def __init__(self) -> None:
        self.app = create_app(Config(time_scale=0.0, quota=0), clock=ManualClock())
        self.names: dict[str, str] = {}
        self._emulator: Emulator = self.app.state.emulator
        self._worlds: tuple[Any, Any] = ()  # type: ignore[assignment] # filled by `prepare`
        self._rows: snapshot.Rows = {}

    def prepare(self, url: str, rules: str) -> None:
        """Empties the emulator and makes two instances, a storage and an image.

        Args:
            url: Where the application is served.
            rules: `documented` or `observed`.
        """
        control = Control(url)
        control.reset(rules=rules)
        on, off = (control.api("POST", "/notebooks", BODIES["CreateNotebookRequest"])["id"] for _ in range(2))
        control.api("POST", f"/notebooks/{off}/stop")
        # paths other than the examples', which are to be new
        attached = {**BODIES["AttachStorageRequest"], "mount_path": "/data/prepared/"}
        storage = control.api("POST", f"/notebooks/{on}/storage", attached)["id"]
        image = control.api("POST", "/images", {"swr_path": "swr.example.com/my-team/prepared:1.0"})["id"]
        control.api("GET", f"/notebooks/{off}")  # whatever is due happens now
        self.names = {"on": on, "off": off, "storage": storage, "image": image}
        self._worlds = self._copied(self._emulator.world, self._emulator.identities)
        self._rows = snapshot.whole(self._emulator)

    def restore(self) -> None:
        """Puts back what was prepared."""
        self._emulator.world, self._emulator.identities = self._copied(*self._worlds)
        self._emulator.faults.clear()

    def differences(self) -> list[str]:
        """Names what differs from the prepared state."""
        rows = snapshot.whole(self._emulator)
        keys = sorted({*rows, *self._rows})
        return [f"{kind} {ident}" for kind, ident in keys if rows.get((kind, ident)) != self._rows.get((kind, ident))]

    def _copied(self, world: Any, identities: Any) -> tuple[Any, Any]:
        shared = (self._emulator.config, self._emulator.clock)
        return copy.deepcopy((world, identities), {id(item): item for item in shared})
