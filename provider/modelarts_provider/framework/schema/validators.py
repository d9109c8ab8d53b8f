"""Small frozen checks that describe themselves: a diagnostic and the registry page use the same words.

A check gets a known, non-null value and returns what is wrong with it, or None. Errors inside a collection carry the
path of the element. No problem quotes a value: Terraform passes sensitive ones into any attribute, and doesn't say so.
The keys of a map stand in paths and plans, and are shown here, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from modelarts_provider.framework.schema.paths import ROOT, Path
from modelarts_provider.framework.schema.values import UNKNOWN, is_fully_known

Problem = tuple[Path, str]
"""Where (relative to the checked value) and what is wrong."""


class Validator(Protocol):
    """A check of one value."""

    def describe(self) -> str:
        """What is allowed, as the end of the sentence "must …"."""

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield every problem of a known, non-null value."""


@dataclass(frozen=True, slots=True)
class Length:
    """The number of characters of a string."""

    least: int
    most: int

    def describe(self) -> str:
        """What is allowed."""
        return f"have {self.least} to {self.most} characters" if self.least else f"have at most {self.most} characters"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when the string is too short or too long."""
        if not self.least <= len(value) <= self.most:
            yield ROOT, f"has {len(value)} characters and must {self.describe()}"


@dataclass(frozen=True, slots=True)
class Matches:
    """A pattern that the whole string must have."""

    pattern: str
    words: str

    def describe(self) -> str:
        """What is allowed."""
        return self.words

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when the string doesn't match."""
        if not re.fullmatch(self.pattern, value):
            yield ROOT, f"must {self.words}"


@dataclass(frozen=True, slots=True)
class Without:
    """Characters that a string may not contain."""

    characters: str

    def describe(self) -> str:
        """What is allowed."""
        return f"not contain any of {' '.join(self.characters)}"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem that names the forbidden characters found."""
        found = sorted({character for character in value if character in self.characters})
        if found:
            yield ROOT, f"contains {' '.join(found)} and must {self.describe()}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """A closed list of strings."""

    values: tuple[str, ...]

    def describe(self) -> str:
        """What is allowed."""
        return f"be {' or '.join(self.values)}" if len(self.values) <= 2 else f"be one of {', '.join(self.values)}"  # noqa: PLR2004 - "A or B" reads better than a list of two

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when the string is not listed."""
        if value not in self.values:
            yield ROOT, f"must {self.describe()}"


@dataclass(frozen=True, slots=True)
class Between:
    """A range of whole numbers, both ends included."""

    least: int
    most: int
    unit: str = ""

    def describe(self) -> str:
        """What is allowed."""
        return f"be a whole number from {self.least} to {self.most}" + (f" {self.unit}" if self.unit else "")

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when the number is outside, or has a fraction."""
        if not isinstance(value, int) or not self.least <= value <= self.most:
            yield ROOT, f"must {self.describe()}"


@dataclass(frozen=True, slots=True)
class Above:
    """A number, whole or not, that is larger than a limit."""

    limit: int

    def describe(self) -> str:
        """What is allowed."""
        return f"be a number above {self.limit}"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when the number is the limit or below it."""
        if not value > self.limit:
            yield ROOT, f"must {self.describe()}"


@dataclass(frozen=True, slots=True)
class AtMost:
    """The number of elements of a collection."""

    most: int

    def describe(self) -> str:
        """What is allowed."""
        return f"have at most {self.most} elements"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when there are more; elements that are still unknown may turn out equal and don't count."""
        if sum(1 for element in value if element is not UNKNOWN) > self.most:
            yield ROOT, f"has {len(value)} elements and must {self.describe()}"


@dataclass(frozen=True, slots=True)
class IPv4:
    """One IPv4 address in its usual form."""

    def describe(self) -> str:
        """What is allowed."""
        return "be an IPv4 address such as 203.0.113.7"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when it is malformed."""
        if _ipv4(value) is None:
            yield ROOT, f"must {self.describe()}"


@dataclass(frozen=True, slots=True)
class PublicIPv4:
    """An IPv4 address that hosts have in the public network, or that documents use in the place of one.

    Args:
        reason: A sentence without its full stop that says what happens with others.
    """

    reason: str = ""

    def describe(self) -> str:
        """What is allowed."""
        return "be a public address"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when it is a well-formed address of another kind."""
        address = _ipv4(value)
        if address is None:
            return
        for start, bits, kind in _NOT_PUBLIC:
            if address >> (32 - bits) == start >> (32 - bits):
                yield (
                    ROOT,
                    f"holds {value}, which is {kind} and should {self.describe()}. {self.reason}".removesuffix(". "),
                )
                return


def _ipv4(text: str) -> int | None:
    """The number of an address; None where the text is none. Leading zeros are refused: some read them as octal."""
    parts = text.split(".")
    if len(parts) != 4 or not all(re.fullmatch(r"0|[1-9][0-9]{0,2}", part) and int(part) <= 255 for part in parts):  # noqa: PLR2004 - four octets
        return None
    return int.from_bytes(map(int, parts), "big")


def _network(address: str, bits: int, kind: str) -> tuple[int, int, str]:
    return _ipv4(address) or 0, bits, kind


_NOT_PUBLIC: Final = (
    _network("0.0.0.0", 8, "reserved"),  # noqa: S104 - nothing is bound to it
    _network("10.0.0.0", 8, "private"),
    _network("100.64.0.0", 10, "shared (carrier-grade NAT)"),
    _network("127.0.0.0", 8, "loopback"),
    _network("169.254.0.0", 16, "link-local"),
    _network("172.16.0.0", 12, "private"),
    _network("192.0.0.0", 24, "reserved"),
    _network("192.168.0.0", 16, "private"),
    _network("198.18.0.0", 15, "reserved"),
    _network("224.0.0.0", 4, "multicast"),
    _network("240.0.0.0", 4, "reserved"),
)
"""IANA's special-purpose registry, without the documentation ranges (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24), which
examples and tests use. The standard library's answer depends on the version of Python."""


@dataclass(frozen=True, slots=True)
class Each:
    """A check of every element of a collection, elements that are unknown or null aside."""

    validator: Validator

    def describe(self) -> str:
        """What is allowed."""
        return f"have elements that must {self.validator.describe()}"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield the elements' problems, each with its key where the collection is a map."""
        pairs = value.items() if isinstance(value, dict) else ((None, element) for element in value)
        for key, element in pairs:
            if element is None or not is_fully_known(element):
                continue
            for where, problem in self.validator.check(element):
                below = ROOT if key is None else ROOT.key(key)
                # Terraform addresses no element of a set: the words have to say that it is one.
                whole = key is not None or problem.startswith("holds ")
                yield Path((*below.steps, *where.steps)), problem if whole else f"has an element that {problem}"


@dataclass(frozen=True, slots=True)
class Keys:
    """A check of every key of a map."""

    validator: Validator

    def describe(self) -> str:
        """What is allowed."""
        return f"have keys that must {self.validator.describe()}"

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem for each wrong key, at its path."""
        for key in value:
            for _, problem in self.validator.check(key):
                yield ROOT.key(key), f"has a key that {problem}"


_DURATION = re.compile(r"(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s)?")


def duration_seconds(text: str) -> float:
    """The seconds of a duration such as ``"90s"``, ``"30m"``, ``"1h30m"`` or ``"1.5h"``.

    Raises:
        ValueError: the text is no such duration.
    """
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        msg = "the text is not a duration such as 90s, 30m or 1h30m"
        raise ValueError(msg)
    hours, minutes, seconds = (float(match[unit] or 0) for unit in "hms")
    return hours * 3600 + minutes * 60 + seconds


@dataclass(frozen=True, slots=True)
class Duration:
    """A positive duration, optionally within a range of seconds."""

    least: float = 0.0
    most: float = float("inf")
    words: str = 'be a duration such as "90s", "30m" or "1h30m"'

    def describe(self) -> str:
        """What is allowed."""
        return self.words

    def check(self, value: Any) -> Iterator[Problem]:
        """Yield a problem when it is no duration or out of range."""
        try:
            seconds = duration_seconds(value)
        except ValueError:
            yield ROOT, f"must {self.words}"
            return
        if seconds <= 0 or not self.least <= seconds <= self.most:
            yield ROOT, f"must {self.words}"
