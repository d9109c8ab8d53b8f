"""The emulated cloud's state, and how it moves with time.

Nothing runs in the background: whoever asks first calls ``advance``, which carries out everything that became due
since, in order. So the same calls at the same moments always give the same answers.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modelarts_emulator.notebooks import lease
from modelarts_emulator.state import catalog
from modelarts_emulator.state.entities import TRANSITIONAL, Transition
from modelarts_emulator.state.ids import Ids

if TYPE_CHECKING:
    from modelarts_emulator.config import Config
    from modelarts_emulator.state.clock import Clock
    from modelarts_emulator.state.entities import Flavor, Image, Notebook, Pool


@dataclass(slots=True)
class Failure:
    """The next ``operation`` (create, start, delete, create-image or attach), of one instance or of any, ends with a fail_reason."""

    operation: str
    reason: str
    notebook_id: str | None
    count: int


class World:
    """Instances, images and catalog of one emulator.

    Attributes:
        dirty: keys (kind, id) of what changed since the state was last written.
        failures_changed: whether one was used up since then.
    """

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self.clock = clock
        self.timing = config.emulated_timing
        self.ids = Ids(config.seed)
        self.serial = 0
        self.quota = config.quota
        self.notebooks: dict[str, Notebook] = {}
        self.images: dict[str, Image] = {image.id: image for image in catalog.default_images()}
        self.flavors: dict[str, Flavor] = {flavor.id: flavor for flavor in catalog.FLAVORS}
        self.pools: dict[str, Pool] = {pool.id: pool for pool in catalog.POOLS}
        self.workspaces: set[str] = set(catalog.WORKSPACES)
        self.failures: list[Failure] = []
        self.failures_changed = False
        self.dirty: set[tuple[str, str]] = set()
        self._due: list[tuple[int, str, str]] = []

    def next_serial(self) -> int:
        """A number that grows with every thing made; orders what has the same moment."""
        self.serial += 1
        return self.serial

    def touch(self, notebook: Notebook) -> None:
        """Call after any change of an instance: it will be saved, and its next moment is known."""
        self.dirty.add(("notebook", notebook.id))
        moment = _next_moment(notebook)
        if moment is not None:
            heapq.heappush(self._due, (moment, "notebook", notebook.id))

    def touch_image(self, image: Image) -> None:
        """Call after any change of an image."""
        self.dirty.add(("image", image.id))
        if image.ready_at is not None:
            heapq.heappush(self._due, (image.ready_at, "image", image.id))

    def advance(self) -> int:
        """Carry out what is due and say what time it is (ms)."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            moment, kind, ident = heapq.heappop(self._due)
            if kind == "image":
                self._settle_image(ident, moment)
            elif (notebook := self.notebooks.get(ident)) is not None:
                self._settle(notebook, moment)
        return now

    def begin(self, notebook: Notebook, status: str, to: str, duration: int, now: int) -> Transition:
        """Put an instance into a transitional status that ends with ``to``."""
        notebook.status = status
        notebook.transition = Transition(begin=now, end=now + duration, to=to)
        notebook.update_at = now
        self.touch(notebook)
        return notebook.transition

    def take_failure(self, operation: str, notebook_id: str) -> str | None:
        """The reason with which this operation is to fail, used up by asking."""
        for failure in self.failures:
            if failure.operation == operation and failure.notebook_id in (None, notebook_id):
                failure.count -= 1
                self.failures_changed = True
                if failure.count <= 0:
                    self.failures.remove(failure)
                return failure.reason
        return None

    def set_sold_out(self, flavor_id: str, sold_out: bool) -> None:
        """Change a flavor of the catalog."""
        self.flavors[flavor_id] = replace(self.flavors[flavor_id], sold_out=sold_out)
        self.dirty.add(("flavor", flavor_id))

    def _settle(self, notebook: Notebook, moment: int) -> None:
        transition = notebook.transition
        if transition is not None and transition.end <= moment:
            self._finish(notebook, transition)
        volume = notebook.volume
        if volume.resized_at is not None and volume.resized_at <= moment:
            volume.capacity, volume.resizing_to, volume.resized_at = volume.resizing_to, None, None
        for storage in list(notebook.storages):
            if storage.ready_at is not None and storage.ready_at <= moment:
                storage.ready_at = None
                if storage.status == "UNMOUNTING":
                    notebook.storages.remove(storage)
                else:
                    storage.status = "MOUNTED" if storage.failure_reason is None else "MOUNT_FAILED"
        stop = lease.stop_moment(notebook)
        if notebook.status == "RUNNING" and stop is not None and stop <= moment:
            self.begin(notebook, "STOPPING", "STOPPED", self.timing.stop, max(stop, notebook.update_at))
        if notebook.id in self.notebooks:
            self.touch(notebook)

    def _finish(self, notebook: Notebook, transition: Transition) -> None:
        notebook.transition = None
        notebook.update_at = transition.end
        if transition.failed_to is not None:
            notebook.status, notebook.fail_reason = transition.failed_to, transition.fail_reason
            return
        notebook.status = transition.to
        if transition.to == "DELETED":
            del self.notebooks[notebook.id]
            self.dirty.add(("notebook", notebook.id))
            return
        notebook.fail_reason = None
        if transition.image_id is not None:
            notebook.image_id = transition.image_id
        if transition.to == "STOPPED":
            notebook.idle_since = None
            notebook.storages = [item for item in notebook.storages if item.mount_type == "STATIC"]

    def _settle_image(self, image_id: str, moment: int) -> None:
        image = self.images.get(image_id)
        if image is None or image.ready_at is None or image.ready_at > moment:
            return
        image.status = "ACTIVE" if image.status_message is None else "CREATE_FAILED"
        image.update_at, image.ready_at = moment, None
        self.touch_image(image)


def is_busy(notebook: Notebook) -> bool:
    """Whether a transition is under way."""
    return notebook.status in TRANSITIONAL


def _next_moment(notebook: Notebook) -> int | None:
    moments = [storage.ready_at for storage in notebook.storages if storage.ready_at is not None]
    if notebook.transition is not None:
        moments.append(notebook.transition.end)
    if notebook.volume.resized_at is not None:
        moments.append(notebook.volume.resized_at)
    stop = lease.stop_moment(notebook)
    if notebook.status == "RUNNING" and stop is not None:
        moments.append(stop)
    return min(moments, default=None)
