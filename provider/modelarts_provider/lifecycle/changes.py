"""What the planner works from: what changes, what was observed, and what this apply has done so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from modelarts_provider.lifecycle.fields import FieldTable, UpdateCall
from modelarts_provider.lifecycle.lease import Lease, ObservedLease
from modelarts_provider.lifecycle.power import VOLUME_PENDING, Power
from modelarts_provider.lifecycle.restart_policy import RestartPolicy


@dataclass(frozen=True, slots=True)
class Growth:
    """A change of a value that can only grow, which is a disk's size.

    Attributes:
        name: Its row of the field table.
        key: Its key in the body of PUT.
        size: What it shall be, in GB.
        step: By how much it grows at a time, where the API refuses the whole growth.
    """

    name: str
    key: str
    size: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an update changes, ready for JSON.

    Attributes:
        table: The field table.
        fields: For each changed row of the field table that PUT carries, its fragment of the body, such as
            ``{"storage_size": {"storage_new_size": 20}}``. Rows of one body key must carry equal fragments.
        add_tags: Tags to set.
        remove_tags: Keys of tags to take away.
        lease: The new auto-stop; None when it doesn't change.

    Raises:
        ValueError: A field that PUT doesn't carry, or two different values for one key of the body.
    """

    table: FieldTable = field(repr=False, compare=False)
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    add_tags: Mapping[str, str] = field(default_factory=dict)
    remove_tags: tuple[str, ...] = ()
    lease: Lease | None = None

    def __post_init__(self) -> None:
        known = {name for name, row in self.table.items() if row.call is UpdateCall.PUT}
        unknown = sorted(set(self.fields) - known)
        if unknown:
            raise ValueError(f"no fields of the update call: {', '.join(unknown)}")
        seen: dict[str, Any] = {}
        for fragment in self.fields.values():
            for key, value in fragment.items():
                if seen.setdefault(key, value) != value:
                    raise ValueError(f"two values for {key} in one update")

    @property
    def names(self) -> tuple[str, ...]:
        """Every changed row of the field table, in table order."""
        changed = set(self.fields)
        changed |= {"tags"} if self.add_tags or self.remove_tags else set()
        changed |= {"auto_stop"} if self.lease is not None else set()
        return tuple(name for name in self.table if name in changed)

    @property
    def sent_by_put(self) -> FieldTable:
        """The rows of the fields that PUT carries."""
        return {name: row for name, row in self.table.items() if name in self.fields}

    @property
    def growth(self) -> Growth | None:
        """The change of what can only grow; None where nothing of that kind changes."""
        for name, fragment in self.fields.items():
            step = self.table[name].grows_by
            if step is not None:
                ((key, size),) = fragment.items()
                return Growth(name, key, int(size), step)
        return None

    def body(self, names: Iterable[str]) -> dict[str, Any]:
        """The body of one PUT that carries these fields and nothing else."""
        return {key: value for name in names for key, value in self.fields[name].items()}

    def without(self, names: Iterable[str]) -> Changes:
        """What is left when these have been done."""
        done = frozenset(names)
        return replace(
            self,
            fields={name: fragment for name, fragment in self.fields.items() if name not in done},
            add_tags={} if "tags" in done else self.add_tags,
            remove_tags=() if "tags" in done else self.remove_tags,
            lease=None if "auto_stop" in done else self.lease,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateGoal:
    """What an update is to bring about.

    Attributes:
        changes: What changes; nothing else is sent. Empty with ``wanted`` set, only the power state is brought about.
        wanted: The configured power state; None keeps what is found.
        policy: Whether it may be restarted for the changes, by what is then found.
        managed_lease: The configured auto-stop, changed or not; a start of a notebook that was down carries it.
        mark: Whether to leave a mark while the notebook is out of the power state that it comes back to.
        moves: Whether the user's plan shows a change of the power state, so that ``wanted`` is waited for; else a
            notebook that goes there by itself is left to it, where tags are all that changes.
    """

    changes: Changes
    wanted: Power | None = None
    policy: RestartPolicy = RestartPolicy.ALLOWED
    managed_lease: Lease | None = None
    mark: bool = False
    moves: bool = True

    def without(self, names: Iterable[str]) -> UpdateGoal:
        """What is left when these changes have been made."""
        return replace(self, changes=self.changes.without(names))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A notebook as the API shows it, as far as steps depend on it; an adapter may observe more, in a class of its own.

    Attributes:
        status: The API's status.
        fail_reason: The API's reason of a failed state.
        storage_size: GB, where the volume has a size.
        storage_status: The volume's status, where it has one.
        lease: Auto-stop.
        progress: What the notebook is doing in words, for messages (from ``action_progress``).
    """

    status: str
    fail_reason: str | None = None
    storage_size: int | None = None
    storage_status: str | None = None
    lease: ObservedLease | None = None
    progress: str | None = None

    @property
    def storage_pending(self) -> bool:
        """Whether the volume is being worked on."""
        return self.storage_status is not None and self.storage_status.upper() in VOLUME_PENDING


ObservedT = TypeVar("ObservedT", bound=Observed)
"""What an adapter observes."""


@dataclass(frozen=True, slots=True)
class RefusedPut:
    """A PUT that the API refused for the power state: these fields, together, in this state.

    It says that at least one of the fields cannot be sent in that state, hence that no larger set can.
    """

    fields: frozenset[str]
    power: Power | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What this apply did so far, so that a second plan keeps the promises of the first.

    Attributes:
        found: The power state that was found, once we have touched it (an earlier run that was killed is "we", too);
            None before, where what is observed counts.
        lease: Auto-stop as it was before we touched the power.
        stops: Stops that were sent.
        starts: Starts that were sent.
        in_steps: The API refused the disk's growth at once: it grows by 100 GB a time.
        unstoppable: The API refused to stop it in its failed state, which only a start can lead out of then.
        refused: What the API has refused for the power state.
    """

    found: Power | None = None
    lease: ObservedLease | None = None
    stops: int = 0
    starts: int = 0
    in_steps: bool = False
    unstoppable: bool = False
    refused: frozenset[RefusedPut] = frozenset()
