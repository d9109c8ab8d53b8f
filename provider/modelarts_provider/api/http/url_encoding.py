"""Texts in a URL, encoded exactly as the signature of a request wants them (see ``auth.signing``)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote_plus


def encode(text: str) -> str:
    """Percent-encode everything but ``A-Z a-z 0-9 - _ . ~``, with upper-case hexadecimal digits.

    What is no Unicode, such as half of a surrogate pair out of the environment, becomes a question mark: no id holds it.
    """
    return quote(text, safe="~", errors="replace")


def segment(text: str) -> str:
    """A text as one segment of a path, whatever it holds: ``.`` and ``..`` would be resolved before the call is sent."""
    return text.replace(".", "%2E") if text in (".", "..") else encode(text)


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """The query sorted by name, then value; an empty value keeps its ``=``. Requests carry exactly this text."""
    return "&".join(f"{encode(name)}={encode(value)}" for name, value in sorted(pairs))


def parse_query(query: str) -> list[tuple[str, str]]:
    """The decoded names and values of a raw query; ``+`` is a space, as httpx writes it (canonical_query leaves none)."""
    split = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in split]
