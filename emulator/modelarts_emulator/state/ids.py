"""Identifiers: repeatable, from a seed and a count."""

from __future__ import annotations

import hashlib

_FIRST_PORT, _PORTS = 30_000, 2_768
_PORT_STEP = 1_009  # shares no factor with _PORTS: every port comes once before any comes again


class Ids:
    """Makes identifiers by hashing a seed, the name of a stream and how many were made before.

    Things, keys, request ids and ports have a stream each, so that polling (which uses up request ids) doesn't change the
    id of the next instance. ``counts`` is all there is to save.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.counts: dict[str, int] = {"things": 0, "secrets": 0, "requests": 0, "ports": 0}

    def _next(self, stream: str) -> str:
        self.counts[stream] += 1
        return hashlib.sha256(f"{self._seed}/{stream}/{self.counts[stream]}".encode()).hexdigest()

    def uuid(self) -> str:
        """A UUID (version 4 in shape)."""
        text = self._next("things")
        variant = "89ab"[int(text[16], 16) % 4]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"

    def secret(self) -> str:
        """64 lower-case hex digits for a key or a token."""
        return self._next("secrets")

    def request_id(self) -> str:
        """32 lower-case hex digits."""
        return self._next("requests")[:32]

    def port(self) -> int:
        """A port for SSH: another one than each of the 2,767 before it."""
        begin = int(hashlib.sha256(f"{self._seed}/ports".encode()).hexdigest(), 16)
        self.counts["ports"] += 1
        return _FIRST_PORT + (begin + self.counts["ports"] * _PORT_STEP) % _PORTS
