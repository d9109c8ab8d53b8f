"""Rules for one literal value each, as pydantic annotations; the words end the sentence "must …".

They are those of the provider's schema. The generated provider block has them from there; for the friendly values above
the generated resource, which say more than a schema does, a test holds the two together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pydantic import AfterValidator

from modelarts_constructs._tokens import is_token

MARK: Final = "terraform-provider-modelarts"
"""The key of the tag that the provider keeps for itself."""


@dataclass(frozen=True)
class Keys:
    """A rule for every key of a mapping."""

    rule: AfterValidator


@dataclass(frozen=True)
class Each:
    """A rule for every element of a collection."""

    rule: AfterValidator


def length(least: int, most: int) -> AfterValidator:
    """The number of characters of a text."""

    def check(value: str) -> str:
        if least <= len(value) <= most:
            return value
        words = f"have {least} to {most} characters" if least else f"have at most {most} characters"
        msg = f"has {len(value)} characters and must {words}"
        raise ValueError(msg)

    return AfterValidator(check)


def matches(pattern: str, words: str) -> AfterValidator:
    """A pattern that the whole text must have."""

    def check(value: str) -> str:
        if re.fullmatch(pattern, value):
            return value
        msg = f"must {words}"
        raise ValueError(msg)

    return AfterValidator(check)


def without(characters: str) -> AfterValidator:
    """Characters that a text may not contain."""

    def check(value: str) -> str:
        found = sorted(set(value) & set(characters))
        if not found:
            return value
        msg = f"contains {' '.join(found)} and must not contain any of {' '.join(characters)}"
        raise ValueError(msg)

    return AfterValidator(check)


def one_of(*values: str) -> AfterValidator:
    """A closed list of texts."""

    def check(value: str) -> str:
        if value in values:
            return value
        msg = f"must be one of {', '.join(values)}"
        raise ValueError(msg)

    return AfterValidator(check)


def at_most(most: int) -> AfterValidator:
    """The number of different literal elements; a token may turn out equal to another and doesn't count."""

    def check(value: tuple[Any, ...]) -> tuple[Any, ...]:
        unique = tuple(dict.fromkeys(value))
        literals = [element for element in unique if not is_token(element)]
        if len(literals) <= most:
            return unique
        msg = f"has {len(literals)} elements and must have at most {most}"
        raise ValueError(msg)

    return AfterValidator(check)


def between(least: int, most: int, unit: str = "") -> AfterValidator:
    """A range of whole numbers, both ends included."""

    def check(value: float) -> float:
        if float(value).is_integer() and least <= value <= most:
            return value
        msg = f"must be a whole number from {least} to {most} {unit}".rstrip()
        raise ValueError(msg)

    return AfterValidator(check)


def above(limit: int) -> AfterValidator:
    """A number, whole or not, that is larger than a limit."""

    def check(value: float) -> float:
        if value > limit:
            return value
        msg = f"must be a number above {limit}"
        raise ValueError(msg)

    return AfterValidator(check)


def unreserved() -> AfterValidator:
    """Keys of tags that neither the service nor the provider keeps for itself."""

    def check(key: str) -> str:
        if key.startswith("_sys_") or key == MARK:
            msg = f"is reserved: it must not start with _sys_ and not be {MARK}"
            raise ValueError(msg)
        return key

    return AfterValidator(check)
