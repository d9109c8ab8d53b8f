"""A notebook of the API as the lifecycle sees it, with the API's answer kept beside what steps depend on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from modelarts_provider.framework.printable import one_line
from modelarts_provider.framework.schema.values import Json
from modelarts_provider.lifecycle.changes import Observed
from modelarts_provider.lifecycle.lease import ObservedLease
from modelarts_provider.lifecycle.operate import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedNotebook(Observed):
    """A notebook as it was read.

    Attributes:
        api: The API's answer.
        ahead: By how many seconds the service's clock was ahead of ours; None where the answer doesn't tell.
    """

    api: Json = field(compare=False)
    ahead: float | None = field(default=None, compare=False)


NotebookOperator: TypeAlias = Operator[ObservedNotebook]


def observe(notebook: Json) -> ObservedNotebook:
    """A notebook of the API, just read."""
    volume = notebook.get("volume") or {}
    current = notebook.get("current_time")  # on the wire of the real service, in no model of it
    return ObservedNotebook(
        status=notebook.get("status", "UNKNOWN"),
        fail_reason=_shown(notebook.get("fail_reason")),
        storage_size=volume.get("capacity"),
        storage_status=volume.get("status") or None,
        lease=ObservedLease.from_api(notebook.get("lease")),
        progress=_progress(notebook.get("action_progress") or []),
        api=notebook,
        ahead=current / 1000 - time.time() if isinstance(current, int) else None,
    )


def _shown(reason: Any) -> str | None:
    """The service's reason as a part of a sentence."""
    return one_line(str(reason)) if reason else None


def _progress(steps: list[Json]) -> str | None:
    """The step that the service is at, in its own words."""
    for step in steps:
        if step.get("status") in ("PROCESSING", "FAILED"):
            words = step.get("description") or f"step {step.get('step')}"
            return f"{words} ({str(step['status']).lower()})"
    return None
