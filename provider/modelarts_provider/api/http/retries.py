"""Whether a failed call is sent again, and after how long. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from modelarts_provider.api.errors import ApiError, ConnectionFailed, Throttled


@dataclass(frozen=True, slots=True)
class Backoff:
    """Growing waits between the attempts of one call.

    Attributes:
        first: Seconds before the second attempt.
        factor: Growth from one wait to the next.
        most: Longest wait in seconds that we choose ourselves.
        most_asked: Longest wait in seconds that a Retry-After can make us take.
    """

    first: float = 0.5
    factor: float = 2.0
    most: float = 30.0
    most_asked: float = 120.0

    def wait(self, attempt: int, asked: float | None, random: Callable[[], float]) -> float:
        """Seconds to wait after that many attempts; random gives numbers from 0 to 1.

        Between half of the planned wait and all of it, so that calls that failed together don't come back together. A wait
        that the service asked for is never cut short (up to most_asked), only stretched by up to a tenth.
        """
        planned = min(self.most, self.first * self.factor ** (attempt - 1)) * (0.5 + 0.5 * random())
        if asked is None:
            return planned
        return min(self.most_asked, max(asked * (1.0 + 0.1 * random()), planned))


MORE_WHEN_THROTTLED = 4
"""Further retries of a read or a create after a 429: the gateway counts calls by the minute (its refusal says ``time:1
minute``), and the usual retries are over sooner than that."""

LATER_WHEN_THROTTLED = 2
"""By how many steps the waits of other calls begin further on after a 429, for the same reason."""

MOST_RETRIES_BEFORE_ANY_ANSWER = 2
"""For an endpoint that never answered: a wrong host name should fail in seconds."""


def may_retry(
    error: ApiError, *, repeatable: bool, attempt: int, max_retries: int, ever_answered: bool, more: int = 0
) -> bool:
    """Whether sending the same request again is safe and has a chance.

    Args:
        error: What the last attempt ended with.
        repeatable: Whether the call does no harm when it is done twice.
        attempt: How many attempts there were.
        max_retries: How many may follow the first.
        ever_answered: Whether the endpoint has answered anything since the process started.
        more: How many further ones may follow after a 429.
    """
    if isinstance(error, Throttled):
        # Refused before anything was done, so a POST too.
        return max_retries > 0 and attempt <= max_retries + more
    if attempt > max_retries:
        return False
    if not error.transient:
        return False
    if isinstance(error, ConnectionFailed):
        if not ever_answered and error.reason in {"dns", "refused"} and attempt > MOST_RETRIES_BEFORE_ANY_ANSWER:
            return False
        return repeatable or not error.may_have_acted
    return repeatable
