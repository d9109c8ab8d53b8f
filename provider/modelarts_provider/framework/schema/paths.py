"""Paths to a place inside a value: attribute names, map keys and list indexes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Name:
    """A step into an object's attribute."""

    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """A step into a map's element."""

    key: str


@dataclass(frozen=True, slots=True)
class Index:
    """A step into a list's element."""

    index: int


Step: TypeAlias = Name | Key | Index


@dataclass(frozen=True, slots=True)
class Path:
    """An immutable path; ``str()`` writes it as a user would: ``endpoints["SSH"].allowed_access_ips``."""

    steps: tuple[Step, ...] = ()

    def name(self, name: str) -> Path:
        """The path of an attribute below this one."""
        return Path((*self.steps, Name(name)))

    def key(self, key: str) -> Path:
        """The path of a map element below this one."""
        return Path((*self.steps, Key(key)))

    def index(self, index: int) -> Path:
        """The path of a list element below this one."""
        return Path((*self.steps, Index(index)))

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        text = ""
        for step in self.steps:
            match step:
                case Name(name):
                    text += f".{name}" if text else name
                case Key(key):
                    text += f'["{key}"]'
                case Index(index):
                    text += f"[{index}]"
        return text

    @property
    def pattern(self) -> str:
        """The path with every key and index as ``*``, as rules about attributes are written."""
        text = ""
        for step in self.steps:
            match step:
                case Name(name):
                    text += f".{name}" if text else name
                case _:
                    text += "[*]"
        return text


ROOT = Path()


def path(*steps: str) -> Path:
    """A path of attribute names."""
    return Path(tuple(Name(step) for step in steps))
