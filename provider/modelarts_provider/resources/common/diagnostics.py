"""What a user is told when an operation can't begin or a call fails: what happened, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from modelarts_provider.framework.cancellation import CancelledByUser, DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostic, Diagnostics, Severity, Text, lines_of
from modelarts_provider.framework.schema.paths import Path, path
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.resources.common.session import NoConnection, NotConfigured

if TYPE_CHECKING:
    from modelarts_provider.api.errors import ApiError


TO_DESTROY: Final = (
    "To destroy it as it is, run `terraform destroy -refresh=false` (or remove its block): Terraform plans an update before "
    "it plans a destroy, and nothing tells a provider which of them it is asked for."
)
"""The way out of a plan's error for who only wants to destroy; both plans' requests were compared, and are the same."""

PROTECTION: Final = path("deletion_protection")


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


@dataclass(slots=True)
class Connecting:
    """How an operation's beginning went.

    Attributes:
        waits: Whether settings of the provider block aren't known yet.
    """

    waits: bool = False


@contextmanager
def connected(found: Diagnostics, head: str, state: str = NOT_CALLED) -> Iterator[Connecting]:
    """An operation on the service: where it can't begin, what follows is left out and an error says why.

    Args:
        found: Takes the error.
        head: Its summary.
        state: A sentence about the instance and Terraform's state.
    """
    connecting = Connecting()
    try:
        yield connecting
    except (NotConfigured, NoConnection) as error:
        connecting.waits = isinstance(error, NotConfigured)
        not_connected(found, head, error, state)
