"""Faults on demand: what goes wrong with the n-th call of a kind."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass
from typing import Any

from modelarts_emulator.http import routes
from modelarts_emulator.identity import iam, metadata, sts

_STATUS_MIN, _STATUS_MAX = 200, 599
MOST = 1000
"""Faults at a time: each call is held against all of them."""
MOST_TEXT = 1024
_MOST_NUMBER = {
    "nth": 1_000_000,
    "count": 1_000_000,
    "latency_ms": 3_600_000,
    "slow_body_ms": 3_600_000,
    "retry_after": 86_400,
}
METHODS = frozenset({"*", "GET", "POST", "PUT", "PATCH", "DELETE"})
OPERATIONS = frozenset(
    {operation.name for operation in routes.OPERATIONS}
    | {name for service in (iam, sts, metadata) for name, _ in service.OPERATIONS.values()}
)
_KEYS = {
    "method": str,
    "path": str,
    "operation": str,
    "nth": int,
    "count": int,
    "status": int,
    "error_code": str,
    "error_msg": str,
    "latency_ms": int,
    "cut": str,
    "retry_after": int,
    "slow_body_ms": int,
}


class InvalidFault(Exception):
    """A fault that cannot be understood; the text is one sentence for the person who sent it."""


@dataclass(slots=True)
class Fault:
    """One fault.

    Attributes:
        method, path, operation: which calls; the path is a pattern in which ``*`` is one segment and ``**`` any
            number, matched against the whole path or against what follows the project id.
        nth: the first matching call that is hit, from 1.
        count: how many calls are hit from there on, 0 for all.
        status, error_code, error_msg: answer with this, without any effect.
        latency_ms: real milliseconds before the call has its effect.
        cut: reset the TCP connection ``before`` or ``after`` the effect.
        retry_after: header of that answer, in seconds.
        slow_body_ms: real milliseconds over which the answer's body is dribbled.
    """

    id: int
    method: str = "*"
    path: str = "**"
    operation: str | None = None
    nth: int = 1
    count: int = 1
    status: int | None = None
    error_code: str | None = None
    error_msg: str | None = None
    latency_ms: int = 0
    cut: str | None = None
    retry_after: int | None = None
    slow_body_ms: int = 0
    seen: int = 0
    hit: int = 0

    def to_json(self) -> dict[str, Any]:
        """The fault with its counters."""
        return {name: getattr(self, name) for name in self.__slots__}

    def takes(self, method: str, path: str, operation: str | None) -> bool:
        """Count a call and say whether it is hit."""
        if self.method not in ("*", method) or self.operation not in (None, operation):
            return False
        pattern = compiled(self.path)
        rest = _PROJECT.sub("", path, count=1)
        if not (pattern.matches(path) or pattern.matches(rest)):
            return False
        self.seen += 1
        if self.seen < self.nth or (self.count and self.hit >= self.count):
            return False
        self.hit += 1
        return True

    def describe(self) -> str:
        """What it does, in a few words."""
        words = []
        if self.latency_ms:
            words.append(f"latency {self.latency_ms} ms")
        if self.cut:
            words.append(f"connection cut {self.cut} the effect")
        if self.status is not None:
            words.append(f"status {self.status}")
        if self.slow_body_ms:
            words.append(f"slow body {self.slow_body_ms} ms")
        return ", ".join(words)


def unknown_operation(name: str) -> str:
    """A sentence for a name that no call will ever have."""
    close = difflib.get_close_matches(name[:_MOST_SHOWN], sorted(OPERATIONS), n=1, cutoff=0.0)
    return f"there is no operation {quoted(name)}; {close[0]} is close, and /openapi.json has the names"


_MOST_SHOWN = 100


def quoted(value: object) -> str:
    """What was sent, as a sentence about it shows it: in one line and not at any length."""
    try:
        text = repr(value)
    except ValueError:  # a number of more than 4,300 digits isn't written out
        return "a very large number"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."


_PROJECT = re.compile(r"\A/v1/[^/]+")
_LONGEST_PATH = 4096


class Pattern:
    """A path's pattern, matched in one pass over the path whatever it looks like: a regular expression may take for ever.

    All beginnings of the pattern that the path so far can have matched are one number, a bit each (the shift-and
    algorithm): bit n says that n plain characters of the pattern are found.
    """

    __slots__ = ("_any", "_end", "_plain", "_segment")

    def __init__(self, text: str) -> None:
        self._plain: dict[str, int] = {}
        self._any = self._segment = 0
        bit = 1
        for part in filter(None, re.split(r"(\*\*|\*)", text)):
            if part == "**":
                self._any |= bit
            elif part == "*":
                self._segment |= bit
            else:
                for char in part:
                    self._plain[char] = self._plain.get(char, 0) | bit
                    bit <<= 1
        self._end = bit

    def matches(self, path: str) -> bool:
        """Whether the whole path is as the pattern says; one of more than 4096 characters only as ``**`` says."""
        if len(path) > _LONGEST_PATH:
            return self._end == self._any == 1
        found = 1
        for char in path:
            stay = self._any if char == "/" else self._any | self._segment
            found = (found & self._plain.get(char, 0)) << 1 | found & stay
            if not found:
                return False
        return bool(found & self._end)


@functools.lru_cache(maxsize=MOST)
def compiled(text: str) -> Pattern:
    """The pattern of a text."""
    return Pattern(text)


def parse(data: Any, number: int) -> Fault:
    """A fault from its JSON.

    Raises:
        InvalidFault: with one sentence.
    """
    if not isinstance(data, dict):
        raise InvalidFault('a fault is a JSON object, for example {"method": "PUT", "status": 500}')
    for key, value in data.items():
        if key not in _KEYS:
            raise InvalidFault(f"a fault has no {quoted(key)}; it has {', '.join(sorted(_KEYS))}")
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise InvalidFault(f"{key!r} has to be of the type {_KEYS[key].__name__}, not {quoted(value)}")
        if isinstance(value, str) and len(value) > MOST_TEXT:
            raise InvalidFault(f"{key!r} has at most {MOST_TEXT} characters, not {len(value)}")
    fault = Fault(number, **data)
    fault.method = fault.method.upper()
    problem = _problem(fault)
    if problem is not None:
        raise InvalidFault(problem)
    return fault


def _problem(fault: Fault) -> str | None:
    return _aim_problem(fault) or _number_problem(fault) or _effect_problem(fault)


def _aim_problem(fault: Fault) -> str | None:
    if fault.method not in METHODS:
        return f"'method' is one of {', '.join(sorted(METHODS))}, not {fault.method!r}"
    if fault.operation is not None and fault.operation not in OPERATIONS:
        return unknown_operation(fault.operation)
    if not fault.path.startswith(("/", "*")):
        return f"'path' begins with / or *, as in /notebooks/*/stop; {fault.path!r} would never match"
    return None


def _number_problem(fault: Fault) -> str | None:
    if fault.status is not None and not _STATUS_MIN <= fault.status <= _STATUS_MAX:
        return f"'status' lies between {_STATUS_MIN} and {_STATUS_MAX}, not {quoted(fault.status)}"
    for key, most in _MOST_NUMBER.items():
        value, least = getattr(fault, key), 1 if key == "nth" else 0
        if value is not None and not least <= value <= most:
            return f"{key!r} lies between {least} and {most}, not {quoted(value)}"
    return None


def _effect_problem(fault: Fault) -> str | None:
    if fault.cut not in (None, "before", "after"):
        return f"'cut' is before or after, not {fault.cut!r}"
    if fault.status is not None and fault.cut is not None:
        return "'status' answers without an effect, 'cut' doesn't answer: a fault has one of them"
    for key in ("error_code", "error_msg", "retry_after"):
        if fault.status is None and getattr(fault, key) is not None:
            return f"{key!r} belongs to an answer with a 'status', which is missing"
    if not fault.describe():
        return "a fault needs one of 'status', 'latency_ms', 'cut' or 'slow_body_ms'"
    return None
