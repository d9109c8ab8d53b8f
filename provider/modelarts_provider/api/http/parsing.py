"""Reading JSON, numbers and times that somebody else wrote: whatever they hold, the only error is ValueError."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

MOST_DEPTH: Final = 64
"""How deep values may be nested; documented answers have five levels. What walks through a value calls itself as often."""

MOST_VALUES: Final = 100_000
"""How many values a text may hold; a page of 50 instances has about 8,000. Each takes far more memory than its text does."""

_MOST_DIGITS: Final = 400
_MOST_SEARCHED: Final = 1024 * 1024
_STRUCTURE: Final = re.compile(r'["\[\]{}]')
_LONGEST_DATE: Final = 100


def read_json(data: bytes | str) -> Any:
    """The value of a JSON text.

    A number with more digits than any calculation can take is infinite, and what is nested deeper than MOST_DEPTH is null:
    neither can be meant, and the rest of the value still counts.

    Raises:
        ValueError: It is no JSON in UTF-8, or has more than MOST_VALUES values.
    """
    text = data if isinstance(data, str) else data.decode("utf-8-sig")
    if has_too_many_values(text):
        raise ValueError("it has too many values")
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return _DECODER.decode(_shallow(text))
    # Counting brackets is much quicker than looking, and nearly always enough.
    if text.count("[") + text.count("{") > MOST_DEPTH:
        _cut_below(value)
    return value


def has_too_many_values(text: str) -> bool:
    """Whether a JSON text may hold more than MOST_VALUES values: each but the first follows one of these characters."""
    return text.count(",") + text.count("[") + text.count("{") > MOST_VALUES


def _shallow(text: str) -> str:
    """The JSON text with null for what is nested too deeply, which the library can't read."""
    if len(text) > _MOST_SEARCHED:
        raise ValueError("it is nested too deeply")
    kept: list[str] = []
    begin = at = depth = 0
    while found := _STRUCTURE.search(text, at):
        at = found.end()
        if found[0] == '"':
            at = _end_of_string(text, at)
        elif found[0] in "[{":
            depth += 1
            if depth == MOST_DEPTH + 1:
                kept.append(text[begin : found.start()])
        else:
            depth -= 1
            if depth == MOST_DEPTH:
                kept.append("null")
                begin = at
    if depth:
        raise ValueError("it breaks off")
    return "".join([*kept, text[begin:]])


def _end_of_string(text: str, at: int) -> int:
    """The place behind the string that begins before ``at``."""
    while (quote := text.find('"', at)) >= 0:
        inner = text[at:quote]
        if (len(inner) - len(inner.rstrip("\\"))) % 2 == 0:
            return quote + 1
        at = quote + 1
    return len(text)


def _whole(text: str) -> int | float:
    return int(text) if len(text) <= _MOST_DIGITS else math.copysign(math.inf, -1 if text.startswith("-") else 1)


_DECODER: Final = json.JSONDecoder(parse_int=_whole)


def _cut_below(value: Any) -> None:
    """Cut off what is nested too deeply; level by level, since something deep is what it looks for."""
    level = [value] if isinstance(value, dict | list) else []
    for depth in range(MOST_DEPTH):
        below: list[Any] = []
        for item in level:
            for key, inner in [*(item.items() if isinstance(item, dict) else enumerate(item))]:
                if not isinstance(inner, dict | list):
                    continue
                if depth == MOST_DEPTH - 1:
                    item[key] = None
                else:
                    below.append(inner)
        level = below


def http_date(text: str) -> datetime | None:
    """A moment as HTTP headers have it, None for anything else."""
    if len(text) > _LONGEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
