"""What a user is told when a notebook's operation fails: what happened, what state it is in now, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostic, Diagnostics, Severity, Text, lines_of
from modelarts_provider.framework.schema.paths import Name, Path, path
from modelarts_provider.framework.schema.walk import value_at
from modelarts_provider.lifecycle.changes import Observed
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.lifecycle.power import FAILED, FROZEN, GOING, STARTABLE
from modelarts_provider.resources.common.session import NoConnection, NotConfigured

if TYPE_CHECKING:
    from modelarts_provider.api.errors import ApiError

Values = dict[str, Any]

TO_DESTROY: Final = (
    "To destroy it as it is, run `terraform destroy -refresh=false` (or remove its block): Terraform plans an update before "
    "it plans a destroy, and nothing tells a provider which of them it is asked for."
)
"""The way out of a plan's error for who only wants to destroy; both plans' requests were compared, and are the same."""

PROTECTION: Final = path("deletion_protection")

LONGEST_VALUE: Final = 200
"""Characters of a value that a message shows."""

UNSHOWN: Final = frozenset({"hooks", "tags", "tags_all"})
"""Attributes whose values stand in no message: scripts and tags hold what users consider secret."""


def summary(action: str, name: str) -> str:
    """The summary of an error, such as ``Unable to update notebook "x"``."""
    return f'Unable to {action} notebook "{name}"'


def with_way_to_destroy(found: Iterable[Diagnostic], prior: Values | None) -> Diagnostics:
    """The diagnostics of a plan, the way to destroy appended to each error that stands in its way.

    Every error of an update's plan does. A create's doesn't, and a protected notebook is not to be destroyed.

    Args:
        found: What the plan has found.
        prior: The prior state, None of a create.
    """
    if prior is None:
        return Diagnostics(found)
    return Diagnostics(
        replace(each, detail=f"{each.detail} {TO_DESTROY}")
        if each.severity is Severity.ERROR and each.path != PROTECTION
        else each
        for each in found
    )


def cause_of(error: BaseException | None) -> str:
    """What happened, with the API's code and request id where there is one, and the documented meaning."""
    from modelarts_provider.api.errors import (  # noqa: PLC0415 - only a failed call needs it
        ApiError,
        NoCredentials,
        NothingSaysWho,
    )

    if isinstance(error, Refused):
        return cause_of(error.cause)
    if isinstance(error, NoCredentials):  # no call of the user's failed: there was nothing to make one with
        said = f"{str(error)[:1].upper()}{str(error)[1:]}."
        # What to set comes first there: where else was looked is no help.
        return f"{error.next_step} {said}" if isinstance(error, NothingSaysWho) else said
    if isinstance(error, ApiError):
        meaning = f" ({error.meaning})" if error.meaning else ""
        again = " The timeout left no time to send it again." if error.time_was_up else ""
        return f"{_what_failed(error)}: {error}{meaning}.{again}"
    if isinstance(error, DeadlineExceeded):
        return f"{str(error)[:1].upper()}{str(error)[1:]}."
    if isinstance(error, CancelledByUser):
        return "A stop was asked for."
    return "" if error is None else f"{type(error).__name__}: {error}."


def _what_failed(error: ApiError) -> str:
    """What a call's error is about: who looks for the instance should look at the login, where that was refused."""
    from modelarts_provider.api.errors import AuthenticationFailed, ClockSkew  # noqa: PLC0415 - only a failed call needs it

    by_service = isinstance(error, AuthenticationFailed) and not isinstance(error, ClockSkew)
    return "The service refused the login" if by_service and error.status is not None else "The call failed"


def time_was_up(error: BaseException | None) -> bool:
    """Whether it was the operation's timeout that ended the trying, so that a longer one can help."""
    from modelarts_provider.api.errors import ApiError, NoTurn  # noqa: PLC0415 - only a failed call needs it

    return isinstance(error, DeadlineExceeded | NoTurn) or (isinstance(error, ApiError) and error.time_was_up)


def explained(error: BaseException | None, *, next_step: bool = True) -> str:
    """What there is to add to a text that has already told the error: the code's documented meaning, the next step."""
    from modelarts_provider.api.errors import ApiError  # noqa: PLC0415 - only a failed call needs it

    if not isinstance(error, ApiError):
        return ""
    meaning = f"{error.code} means: {error.meaning[:1].lower()}{error.meaning[1:]}." if error.meaning else ""
    return f"{meaning} {error.next_step if next_step else ''}".strip()


def next_step_of(error: BaseException | None) -> str:
    """What to do next, by the API's code."""
    from modelarts_provider.api.errors import ApiError, NothingSaysWho  # noqa: PLC0415 - only a failed call needs it

    if isinstance(error, Refused):
        return next_step_of(error.cause)
    return error.next_step if isinstance(error, ApiError) and not isinstance(error, NothingSaysWho) else ""


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


def failed(found: Diagnostics, head: str, error: BaseException, state: Text, at: Path | None = None) -> None:
    """Add the error of a failed call. ``state`` is a sentence (or lines) about the instance and Terraform's state."""
    first, *others = lines_of(state)
    lines = [" ".join(filter(None, (cause_of(error), first))), *others]
    lines[-1] = " ".join(filter(None, (lines[-1], next_step_of(error))))
    found.error(head, lines, at)


NOT_CALLED: Final = "The instance was not called, and the state keeps what was known."
NOTHING_CREATED: Final = "Nothing was created."


def not_connected(found: Diagnostics, head: str, error: NotConfigured | NoConnection, state: str = NOT_CALLED) -> None:
    """Add the error of an operation that could not begin: settings aren't known yet, or the login failed.

    ``state`` is a sentence about the instance and Terraform's state.
    """
    if isinstance(error, NoConnection):
        failed(found, head, error.cause, state)
        return
    names = ", ".join(sorted(error.names))
    found.error(
        head,
        f"The provider block's {names or 'settings'} can't be known before something else is applied, and calling the "
        "service needs it. Nothing was called. Apply what it depends on first (`terraform apply -target=...`), or "
        "give the value directly.",
    )


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
