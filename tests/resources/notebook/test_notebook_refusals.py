"""What an API error means for a notebook: of the whole tree, only "does not exist" means gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelarts_provider.api import errors
from modelarts_provider.api.error_codes import SERVICE_CODES
from modelarts_provider.lifecycle.instance import Refusal
from modelarts_provider.resources.notebook.service.instance import refusal


def every(kind: type[errors.ApiError] = errors.ApiError) -> Iterator[type[errors.ApiError]]:
    """A kind of error and all below it."""
    yield kind
    for below in kind.__subclasses__():
        yield from every(below)


MEANINGS = {
    errors.NoTurn: Refusal.NO_TURN,
    errors.NotFound: Refusal.GONE,
    errors.Busy: Refusal.BUSY,
    errors.AlreadyThere: Refusal.ALREADY_THERE,
    errors.WrongState: Refusal.WRONG_STATE,
    errors.NotRunning: Refusal.WRONG_STATE,
    errors.OutOfRange: Refusal.OUT_OF_RANGE,
    errors.NoCapacity: Refusal.NO_CAPACITY,
    errors.Frozen: Refusal.FROZEN,
    errors.Throttled: Refusal.UNREACHABLE,
    errors.ServerError: Refusal.UNREACHABLE,
    errors.MalformedAnswer: Refusal.UNREACHABLE,
    errors.ConnectionFailed: Refusal.UNREACHABLE,
}


@pytest.mark.parametrize("kind", tuple(every()), ids=lambda kind: kind.__name__)
def test_what_each_kind_of_error_means(kind: type[errors.ApiError]) -> None:
    assert refusal(kind("no")) is MEANINGS.get(kind, Refusal.OTHER)


@pytest.mark.parametrize("reason", ["tls", "proxy", "unusable"])
@pytest.mark.parametrize("may_have_acted", [True, False])
def test_what_may_have_acted_is_looked_at_even_where_no_repetition_helps(
    reason: errors.Reason, may_have_acted: bool
) -> None:
    error = errors.ConnectionFailed("no", reason=reason, may_have_acted=may_have_acted)
    assert refusal(error) is (Refusal.UNREACHABLE if may_have_acted else Refusal.OTHER)


def test_only_two_codes_of_the_service_mean_gone() -> None:
    gone = {code.code for code in SERVICE_CODES if refusal(code.kind("no")) is Refusal.GONE}
    assert gone == {"6309", "6404"}
