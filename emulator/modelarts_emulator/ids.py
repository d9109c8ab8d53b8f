"""Identifiers: random with a seed, so that a run can be repeated."""

from __future__ import annotations

import random
from typing import Any


class Ids:
    """Makes identifiers from one seed.

    Instances, keys and request ids come from three streams, so that polling (which uses up request ids) doesn't change
    the id of the next instance.
    """

    def __init__(self, seed: int) -> None:
        self._things = random.Random(f"things-{seed}")  # noqa: S311 - repeatable on purpose, nothing is protected by it
        self._secrets = random.Random(f"secrets-{seed}")  # noqa: S311 - as above
        self._requests = random.Random(f"requests-{seed}")  # noqa: S311 - repeatable on purpose, nothing is protected by it

    def uuid(self) -> str:
        """A UUID (version 4 in shape)."""
        text = f"{self._things.getrandbits(128):032x}"
        variant = "89ab"[int(text[16], 16) % 4]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def hex32(self) -> str:
        """32 lower-case hex digits."""
        return f"{self._things.getrandbits(128):032x}"

    def request_id(self) -> str:
        """32 lower-case hex digits, from the stream of requests."""
        return f"{self._requests.getrandbits(128):032x}"

    def secret(self) -> str:
        """64 lower-case hex digits for a key or a token."""
        return f"{self._secrets.getrandbits(256):064x}"

    def save(self) -> list[Any]:
        """The streams' state as JSON values."""
        return [_dump(self._things), _dump(self._secrets), _dump(self._requests)]

    def restore(self, saved: list[Any]) -> None:
        """Continue where ``save`` was called."""
        _load(self._things, saved[0])
        _load(self._secrets, saved[1])
        _load(self._requests, saved[2])


def _dump(stream: random.Random) -> list[Any]:
    version, internal, gauss = stream.getstate()
    return [version, list(internal), gauss]


def _load(stream: random.Random, saved: list[Any]) -> None:
    version, internal, gauss = saved
    stream.setstate((version, tuple(internal), gauss))
