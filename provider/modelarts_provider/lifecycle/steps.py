"""Steps of an update, as inert values that describe themselves. What runs them is in ``run``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from modelarts_provider.lifecycle.lease import Lease, StartLease
from modelarts_provider.lifecycle.power import Power


@dataclass(frozen=True, slots=True)
class Mark:
    """Leave a mark that survives this process: moved by us, to be brought back.

    Attributes:
        start: What the start carries that follows; None where a stop follows.
    """

    start: StartLease | None = None

    def describe(self) -> str:
        """The step in words."""
        return f"mark the notebook as {'stopped' if self.start is None else 'started'} by this update"


@dataclass(frozen=True, slots=True)
class Unmark:
    """Take the mark away."""

    def describe(self) -> str:
        """The step in words."""
        return "remove the mark of this update"


@dataclass(frozen=True, slots=True)
class Stop:
    """Ask for a stop; ``WaitFor`` waits for it."""

    def describe(self) -> str:
        """The step in words."""
        return "stop the notebook"


@dataclass(frozen=True, slots=True)
class Start:
    """Ask for a start; ``WaitFor`` waits for it."""

    lease: StartLease

    def describe(self) -> str:
        """The step in words."""
        return f"start the notebook ({self.lease.describe()})"


@dataclass(frozen=True, slots=True)
class Update:
    """One PUT. ``body`` is what is sent, ``fields`` are the rows of the field table in it, in table order.

    ``attributes`` names these for users.
    """

    body: Mapping[str, Any]
    fields: tuple[str, ...]
    attributes: str = field(default="", compare=False)

    def describe(self) -> str:
        """The step in words."""
        return f"update {self.attributes}"


@dataclass(frozen=True, slots=True)
class SetLease:
    """Set auto-stop of a running notebook."""

    lease: Lease

    def describe(self) -> str:
        """The step in words."""
        return f"set {self.lease.describe()}"


@dataclass(frozen=True, slots=True)
class SetTags:
    """Remove tags, then add or overwrite tags."""

    add: Mapping[str, str] = field(default_factory=dict)
    remove: tuple[str, ...] = ()

    def describe(self) -> str:
        """The step in words."""
        return "update tags"


@dataclass(frozen=True, slots=True)
class WaitFor:
    """Wait until it rests in a power state."""

    power: Power

    def describe(self) -> str:
        """The step in words."""
        return f"wait until the notebook is {self.power}"


@dataclass(frozen=True, slots=True)
class WaitStable:
    """Wait until nothing moves any more: neither its status nor its volume."""

    def describe(self) -> str:
        """The step in words."""
        return "wait until the notebook is in a stable state"


@dataclass(frozen=True, slots=True)
class WaitResized:
    """Wait until the volume has grown to ``size`` GB and is no longer worked on."""

    size: int

    def describe(self) -> str:
        """The step in words."""
        return f"wait until the disk has {self.size} GB"


Step: TypeAlias = Mark | Unmark | Stop | Start | Update | SetLease | SetTags | WaitFor | WaitStable | WaitResized
