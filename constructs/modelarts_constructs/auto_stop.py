"""When a notebook stops by itself."""

from __future__ import annotations

import math
from typing import Annotated, Final, Self

from pydantic import Strict, model_validator

from modelarts_constructs._cdk import cdktf
from modelarts_constructs._checks import TOKENS, Duration, Switch, Value, duration_seconds
from modelarts_constructs._rules import one_of
from modelarts_constructs._tokens import is_token
from modelarts_constructs.errors import ConstructError, kind_of

SHORTEST: Final = {"TIMING": (3600, "1"), "IDLE": (15 * 60, "15 minutes")}
LONGEST: Final = 72 * 3600
"""Seconds of a duration (notebook API, lease; of idle time a help page of 2026 says 15 minutes)."""


class AutoStop(Value):
    """``AutoStop.after(hours=4)``, ``AutoStop.when_idle(hours=2)`` or ``AutoStop.off()``."""

    enabled: Switch | None = None
    type: Annotated[str, Strict(), one_of("TIMING", "IDLE"), TOKENS] | None = None
    duration: Duration | None = None

    @classmethod
    def after(cls, *, hours: float = 0, minutes: float = 0) -> AutoStop:
        """Stop so long after each start, used or not; 1 to 72 hours.

        Args:
            hours: Whole or broken hours.
            minutes: Minutes, added to the hours.
        """
        return cls._checked(type="TIMING", duration=_duration(hours, minutes))

    @classmethod
    def when_idle(cls, *, hours: float = 0, minutes: float = 0) -> AutoStop:
        """Stop when nobody has used it for so long; 15 minutes to 72 hours.

        Args:
            hours: Whole or broken hours.
            minutes: Minutes, added to the hours.
        """
        return cls._checked(type="IDLE", duration=_duration(hours, minutes))

    @classmethod
    def off(cls) -> AutoStop:
        """Never stop by itself; with no ``auto_stop`` at all, whatever the notebook has is left as it is."""
        return cls._checked(enabled=False)

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if is_token(self.enabled):
            return self
        for problem in _mismatches(self):
            raise ValueError(problem)
        return self


def _mismatches(value: AutoStop) -> list[str]:
    """What doesn't go together (notebook API, lease of the create request and of the start)."""
    if value.enabled is False:
        return [
            f"{name} is set, and with enabled = false there is none"
            for name, given in (("type", value.type), ("duration", value.duration))
            if given is not None
        ]
    if value.duration is None:
        return ["duration is required, unless AutoStop.off() is meant"]
    if is_token(value.type) or is_token(value.duration):
        return []
    kind = value.type or "TIMING"
    least, words = SHORTEST[kind]
    if least <= duration_seconds(value.duration) <= LONGEST:
        return []
    return [f"duration must be from {words} to 72 hours ({kind})"]


def _duration(hours: float, minutes: float) -> str:
    """``4h``, ``1h30m``, ``90s``; with a token in it, an expression that Terraform evaluates."""
    if is_token(hours) or is_token(minutes):
        parts = ((hours, "h"), (minutes, "m"))
        return "".join(f"{cdktf.Token.as_string(part)}{unit}" for part, unit in parts if is_token(part) or part)
    seconds = round(3600 * _number("hours", hours) + 60 * _number("minutes", minutes), 6)
    if seconds <= 0 or not seconds.is_integer():
        msg = f"AutoStop: hours is {hours!r} and minutes is {minutes!r}: must make a whole number of seconds above 0"
        raise ConstructError(msg)
    whole = int(seconds)
    units = ((whole // 3600, "h"), (whole % 3600 // 60, "m"), (whole % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in units if number)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        msg = f"AutoStop: {name} is {kind_of(value)}: must be a number"
        raise ConstructError(msg)
    return float(value)
