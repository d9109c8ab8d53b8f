"""Whether an update may stop a running notebook, or start a stopped one, and bring it back."""

from __future__ import annotations

from enum import Enum


class RestartPolicy(Enum):
    """What ``allow_stopping_for_update`` comes to. A power state that is wanted for itself is reached whatever it is."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNKNOWN = "known only during the apply"

    @property
    def may_restart(self) -> bool:
        """Whether nothing forbids it, as far as is known: the apply asks again."""
        return self is not RestartPolicy.FORBIDDEN
