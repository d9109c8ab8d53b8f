"""The mark of an update under way: a tag of ours that survives a hard kill between our stop and our start.

Its value holds when it was left, by which run, and the lease as it was. A start sets the lease anew, so the mark is
honoured only while the lease is the same: a notebook that somebody started and stopped again later is none of our
business. A restart of ours shortens a TIMING lease by a second, which makes it another one, too. What a mark can't tell
is a start with the very lease that was there (auto-stop off, or the same idle time), when the run that did it was
killed before it could take the mark away and somebody stopped the notebook afterwards: decisions/0006.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from modelarts_provider.lifecycle.power import Power, heading_of
from modelarts_provider.resources.notebook_tags import MARK

Json = Mapping[str, Any]

RUN_ID: Final = secrets.token_hex(4)
MANAGED: Final = "managed"
"""The tag's value on a notebook whose create has returned: its id stands in somebody's state, so no create takes it."""

START_FAILED: Final = "START_FAILED"
FOUND: Final = "mark"
"""Private data: what the last read made of a mark."""


class Mark(Enum):
    """What a mark on a notebook calls for; the values stand in private data."""

    RESTART = "restart"
    """We stopped it and nobody has started it since, or the start failed: it has to run again."""

    REMOVE = "remove"
    """It runs, or was started since: only the mark has to go."""


def mark_value(lease: Json | None) -> str:
    """The value of a mark that is left now, on a notebook with this lease."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{now}/{RUN_ID}/{_fingerprint(lease)}"


def has_tag(api: Json) -> bool:
    """Whether a notebook carries our tag, with whatever value: it is, or was just now, managed by a provider like us."""
    return any(tag.get("key") == MARK for tag in api.get("tags") or [])


def read_mark(api: Json) -> Mark | None:
    """What the mark on a notebook calls for; None where there is none."""
    value = next((tag.get("value") or "" for tag in api.get("tags") or [] if tag.get("key") == MARK), None)
    if value in (None, MANAGED):
        return None
    status = str(api.get("status"))
    if status == START_FAILED:  # the start after our stop, or after that of a killed run: it has to be tried again
        return Mark.RESTART
    if heading_of(status) is not Power.STOPPED:
        return Mark.REMOVE
    return Mark.RESTART if value.rpartition("/")[2] == _fingerprint(api.get("lease")) else Mark.REMOVE


def found_mark(private: Mapping[str, Any], api: Json) -> dict[str, Any]:
    """Private data with what a read makes of a mark, for the plan."""
    others = {key: value for key, value in private.items() if key != FOUND}
    mark = read_mark(api)
    return others if mark is None else others | {FOUND: mark.value}


def _fingerprint(lease: Json | None) -> str:
    """What a start changes of a lease, in characters that a tag may have. ``update_at`` changes with a stop as well."""
    if not lease:
        return "none"
    return f"{lease.get('duration')}:{lease.get('type')}:{int(bool(lease.get('enable', True)))}"
