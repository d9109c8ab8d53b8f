"""The field table: for everything that can be updated, when it may be sent, why we think so, and what it does.

The sources contradict each other about PUT (documentation: a stopped notebook, storage grows "dynamically"; Huawei's own
Terraform provider, acceptance-tested against the service: name, description and size while it runs, the rest after a
stop), so each row carries its evidence, and preferences instead of a rule. Planner, warnings and the docs page read it;
nothing else holds such knowledge. Nothing here was tried against the live service by us.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from modelarts_provider.lifecycle.power import Power


class When(Enum):
    """A power state in which a field may be sent, relative to a notebook; the value is how the docs say it."""

    CURRENT = "in the state that the notebook is in"
    STOPPED = "stopped"
    OTHER = "in the other state (started or stopped for it)"
    FINAL = "in the state that it ends in anyway"
    RUNNING = "running"
    ANY = "in any state"
    FAILED = "once, as it is, in a failed state"


class UpdateCall(Enum):
    """Which call changes a field."""

    PUT = "the update call"
    TAGS = "the tag calls"
    LEASE = "the auto-stop call"


@dataclass(frozen=True, slots=True)
class UpdateField:
    """A row.

    Attributes:
        name: The row's key; what ``Changes`` and the schema's ``in_place`` call it.
        attribute: What users call it.
        call: Which call changes it.
        body_key: Its key in the body of PUT; fields of one key travel together, since a list replaces a list.
        when: When it may be sent, in order of preference.
        effect: What changing it does to a notebook, in a sentence for users.
        evidence: Where the rule comes from.
        alters: The computed attributes that changing it can alter, as far as the power state stays (see POWER_ALTERS):
            a plan leaves all others known, so that what refers to them isn't moved.
        grows_by: For a value that can only grow: how much at a time, where the API has refused the whole growth
            as out of range. None for any other.
    """

    name: str
    attribute: str
    call: UpdateCall
    body_key: str | None
    when: tuple[When, ...]
    effect: str
    evidence: str
    alters: tuple[str, ...] = ()
    grows_by: int | None = None

    @property
    def needs_stop(self) -> bool:
        """Whether a running notebook has to be stopped for it, whatever the API says."""
        return self.call is UpdateCall.PUT and When.STOPPED in self.when and When.CURRENT not in self.when

    @property
    def may_need_stop(self) -> bool:
        """Whether a running notebook is stopped for it when the API refuses it while running."""
        return self.call is UpdateCall.PUT and not self.needs_stop


FieldTable: TypeAlias = Mapping[str, UpdateField]
"""Rows by their name, in the order in which they are named and sent."""

_UPDATED = ("updated_at", "update_at")

POWER_ALTERS: tuple[str, ...] = (
    *_UPDATED,
    "ssh_uri",
    "endpoints[*].uri",
    "lease",
    "billing_items",
    "action_progress",
)
"""The computed attributes that a start, a stop or a restart can alter: the SSH port is given anew with each start."""

_GENTLE = (When.CURRENT, When.STOPPED, When.FINAL)
_ONLY_STOPPED = (When.STOPPED, When.FAILED)
_STOPS = "A running notebook is stopped and started again; everything outside the work directory is lost."
_PAGE = "The API's page: the notebook must be stopped."
_PAGE_AND_PEER = f"{_PAGE} Huawei's provider stops it first (acceptance-tested)."
_ELSE_RESTARTED = "Only where the API refuses that (6304, 6347) is a running notebook restarted."

_ROWS = (
    UpdateField(
        name="name",
        attribute="name",
        call=UpdateCall.PUT,
        body_key="name",
        when=_GENTLE,
        effect=f"None: changed as it is. {_ELSE_RESTARTED}",
        evidence=f"{_PAGE} Huawei's provider sends it while RUNNING (2026), in any state before (acceptance-tested).",
        alters=_UPDATED,
    ),
    UpdateField(
        name="description",
        attribute="description",
        call=UpdateCall.PUT,
        body_key="description",
        when=_GENTLE,
        effect=f"None: changed as it is. {_ELSE_RESTARTED}",
        evidence="As name.",
        alters=_UPDATED,
    ),
    UpdateField(
        name="allowed_access_ips",
        attribute="endpoints[*].allowed_access_ips",
        call=UpdateCall.PUT,
        body_key="endpoints",
        when=_GENTLE,
        effect=f"None: changed as it is, and open connections stay. {_ELSE_RESTARTED}",
        evidence=(
            f"{_PAGE} The user guide edits the list on the page of a running notebook; Huawei's provider changed it in "
            "any state before 2026 and stops for it since."
        ),
        alters=_UPDATED,
    ),
    UpdateField(
        name="key_pair_names",
        attribute="endpoints[*].key_pair_names",
        call=UpdateCall.PUT,
        body_key="endpoints",
        when=_ONLY_STOPPED,
        effect=_STOPS,
        evidence=f"{_PAGE} Huawei's provider stops for endpoints, and cannot change key pairs at all.",
        alters=(*_UPDATED, "ssh_uri"),
    ),
    UpdateField(
        name="endpoints",
        attribute="endpoints (a service added or removed)",
        call=UpdateCall.PUT,
        body_key="endpoints",
        when=_ONLY_STOPPED,
        effect=_STOPS,
        evidence=f"{_PAGE} Huawei's provider stops for endpoints, and cannot add or remove one.",
        alters=(*_UPDATED, "ssh_uri"),
    ),
    UpdateField(
        name="storage_size",
        attribute="storage.size",
        call=UpdateCall.PUT,
        body_key="storage_new_size",
        when=(When.CURRENT, When.OTHER),
        effect=(
            "None where the API lets the disk grow in the state that the notebook is in. Otherwise a running notebook "
            "is restarted, and a stopped one is started, grown and stopped again."
        ),
        evidence=(
            "The API's page: storage grows 'dynamically'; the user guide grows the disk of a running notebook, by 100 GB "
            "a step. Huawei's provider starts a stopped notebook for it (2026) and stopped it before that."
        ),
        alters=(*_UPDATED, "storage.status"),
        grows_by=100,
    ),
    UpdateField(
        name="flavor",
        attribute="flavor",
        call=UpdateCall.PUT,
        body_key="flavor",
        when=_ONLY_STOPPED,
        effect=_STOPS,
        evidence=_PAGE_AND_PEER,
        alters=_UPDATED,
    ),
    UpdateField(
        name="image_id",
        attribute="image_id",
        call=UpdateCall.PUT,
        body_key="image_id",
        when=_ONLY_STOPPED,
        effect=_STOPS,
        evidence=_PAGE_AND_PEER,
        alters=(*_UPDATED, "image"),
    ),
    UpdateField(
        name="hooks",
        attribute="hooks",
        call=UpdateCall.PUT,
        body_key="hooks",
        when=_ONLY_STOPPED,
        effect=_STOPS,
        evidence=f"{_PAGE} They run at a start, so a running notebook would not notice them anyway.",
        alters=_UPDATED,
    ),
    UpdateField(
        name="tags",
        attribute="tags",
        call=UpdateCall.TAGS,
        body_key=None,
        when=(When.ANY,),
        effect="None, in any state.",
        evidence="The tag calls document no state that they need.",
    ),
    UpdateField(
        name="auto_stop",
        attribute="auto_stop",
        call=UpdateCall.LEASE,
        body_key=None,
        when=(When.RUNNING,),
        effect="None: a running notebook gets it at once, a stopped one with the next start that Terraform does.",
        evidence="The API's page: prolongs a running notebook; a start carries the setting with it.",
        alters=("lease",),
    ),
)

FIELDS: FieldTable = {row.name: row for row in _ROWS}
"""The table of notebooks. Planner and runner are told it, with the changes."""


def attributes(table: FieldTable, names: Iterable[str]) -> str:
    """Fields as users know them, for a sentence."""
    known = [table[name].attribute for name in names]
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"


def fields_needing_stop(table: FieldTable, changed: Iterable[str], power_in_state: Power | None) -> tuple[str, ...]:
    """Those of the changed fields for which a notebook in this power state is stopped without fail, in table order.

    Pure, so that a plan that runs twice says the same. Empty unless the notebook runs. When it isn't empty, the other
    changed fields that PUT carries go with them in the same stop.
    """
    names = frozenset(changed)
    if power_in_state is not Power.RUNNING:
        return ()
    return tuple(field.name for field in table.values() if field.name in names and field.needs_stop)


def fields_that_may_need_stop(
    table: FieldTable, changed: Iterable[str], power_in_state: Power | None
) -> tuple[str, ...]:
    """Those of the changed fields for which it is stopped (or started and stopped) only if the API refuses them.

    A running notebook: all that are sent as it runs first. A stopped one: the disk's size, which may need a start.
    """
    names = frozenset(changed)
    if power_in_state is None:
        return ()
    return tuple(
        field.name
        for field in table.values()
        if field.name in names and field.may_need_stop and (power_in_state is Power.RUNNING or When.OTHER in field.when)
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the docs page."""

    attribute: str
    sent: str
    effect: str
    evidence: str


def rows() -> tuple[Row, ...]:
    """The table for the docs page that says what each change does to a running notebook."""
    return tuple(
        Row(
            attribute=field.attribute,
            sent="; else ".join(when.value for when in field.when if when is not When.FAILED),
            effect=field.effect,
            evidence=field.evidence,
        )
        for field in _ROWS
    )
