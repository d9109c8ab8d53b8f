"""What a user is told when a notebook's operation fails: what happened, what state it is in now, what to do next."""

from __future__ import annotations

from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.paths import Name, Path
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.framework.schema.walk import value_at
from modelarts_provider.lifecycle.changes import Observed
from modelarts_provider.lifecycle.power import FAILED, FROZEN, GOING, STARTABLE

LONGEST_VALUE: Final = 200
"""Characters of a value that a message shows."""

UNSHOWN: Final = frozenset({"hooks", "tags", "tags_all"})
"""Attributes whose values stand in no message: scripts and tags hold what users consider secret."""


def summary(action: str, name: str) -> str:
    """The summary of an error, such as ``Unable to update notebook "x"``."""
    return f'Unable to {action} notebook "{name}"'


def warn_of_status(found: Diagnostics, name: str, observed: Observed, notebook_id: str) -> None:
    """Add a warning where a state holds an instance that has failed, or that somebody deletes."""
    if observed.status in FAILED:
        reason = f": {observed.fail_reason}" if observed.fail_reason else ""
        found.warning(
            f'Notebook "{name}" is {observed.status}',
            f"{name} ({notebook_id}) is {observed.status}{reason}. {_WAYS_OUT[observed.status]}",
        )
    if observed.status not in GOING:
        return
    found.warning(
        f'Notebook "{name}" is being deleted',
        f"{name} ({notebook_id}) is DELETING: somebody deletes it, or a destroy was killed when it had begun. It stays in "
        "the state until it is gone. The first plan after that proposes to create it anew; if it isn't wanted any more, "
        "remove it from the configuration.",
    )


_WAYS_OUT: Final = {
    **dict.fromkeys(
        STARTABLE,
        'With desired_status = "RUNNING" the next apply tries to start it; with "STOPPED" it does the same, and stops it '
        "then. Without desired_status it stays as it is.",
    ),
    FROZEN: "Settle the account's arrears: until then the service refuses to start it.",
    "CREATE_FAILED": "It never ran: replace it (terraform apply -replace), or take it out of the configuration.",
    "DELETE_FAILED": "Its deletion failed: destroy it again, or look it up in the console.",
}
"""What to do about an instance in a failed state."""


def unapplied(
    found: Diagnostics, head: str, paths: tuple[Path, ...], prior: Values | None, planned: Values, state: Values
) -> None:
    """Add the error for an instance that doesn't show what was planned, although the service accepted every request.

    Args:
        found: Takes the error.
        head: Its summary.
        paths: What isn't as planned.
        prior: The state before, None of a create: what the plan left as it was, nobody asked the service for.
        planned: The plan.
        state: What the instance holds now.
    """
    names = ", ".join(str(at) for at in paths)
    values = "; ".join(_difference(at, planned, state) for at in paths)
    if prior is not None and all(value_at(prior, at) == value_at(planned, at) for at in paths):
        found.error(
            head,
            f"What was planned is done, but somebody has changed {names} since the plan was made: {values}. The state holds "
            f"what the service says; the instance is {state['status']}. Run `terraform plan` to see what is left, and "
            "apply again.",
            paths[0],
        )
        return
    found.error(
        head,
        f"The service accepted the request, but {names} did not become what was asked for: {values}. Somebody else may "
        f"have changed it meanwhile. The state holds what the service says; the instance is {state['status']}. Run "
        "`terraform plan` to see what is left, and apply again; if it stays, the service doesn't support this change.",
        paths[0],
    )


def _difference(at: Path, planned: Values, state: Values) -> str:
    first = at.steps[0]
    if isinstance(first, Name) and first.name in UNSHOWN:
        return f"{at} isn't as planned (no message shows its value)"
    return f"{at} was to be {shown(value_at(planned, at))} and is {shown(value_at(state, at))}"


def shown(value: Any) -> str:
    """A value in a sentence, as a configuration would have it."""
    import json  # noqa: PLC0415 - only this error needs it

    if value is None:
        return "unset"
    text = json.dumps(value, ensure_ascii=False, default=lambda _: "(known after apply)", sort_keys=True)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
