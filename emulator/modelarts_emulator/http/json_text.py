"""Reading JSON of strangers: only what can be stored, logged and sent back."""

from __future__ import annotations

import json
import math
from typing import Any

MAX_DEPTH = 60


def parse(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ValueError: it is no JSON, or holds NaN, an infinite number, a lone surrogate or too many levels.
    """
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("too many levels") from None
    _check(value, 0)
    return value


def _refuse_constant(text: str) -> Any:
    msg = f"{text} is not JSON"
    raise ValueError(msg)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        msg = f"{text} is too large"
        raise ValueError(msg)
    return value


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError("too many levels")
    if isinstance(value, str):
        value.encode("utf-8")  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1)
            _check(item, depth + 1)
