"""Finding a secret in a text that repeats it: as it is, escaped, encoded for a URL, in Base64 or in hexadecimal."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

SHORTEST: Final = 4
"""Shorter values turn up by chance in innocent text."""

_SHORTEST_ENCODED: Final = 5
"""Likewise for the part of a Base64 text that doesn't depend on what stands beside the secret."""

_MOST_DECODINGS: Final = 3
"""How often a URL's encoding is undone: what is redirected is often encoded again."""

_WIDEST: Final = 1 + 2 * _MOST_DECODINGS
"""How many characters a byte may have become: %2525C3 is one that was encoded three times."""

_BYTE_IN_URL: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_HTML_IN_JSON: Final = {60: r"\u003c", 62: r"\u003e", 38: r"\u0026"}


class _Decoded(NamedTuple):
    """A text whose encoding has been undone: its bytes, and from where to where in the text each of them was."""

    data: bytes
    starts: list[int]
    ends: list[int]


def cut_and_mask(text: str, secrets: Sequence[str], mask: str, most: int) -> str:
    """The first ``most`` characters of a text, with each of the secrets replaced.

    Also one that is cut in the middle there: what is left of it would not be found any more.
    """
    known = [secret for secret in secrets if len(secret) >= SHORTEST]
    widest = max((len(secret.encode("utf-8", "replace")) for secret in known), default=0) * _WIDEST
    looked_at = text[: most + widest]
    shown: list[str] = []
    at = 0
    for start, end in sorted({*_as_they_are(looked_at, known), *_in_urls(looked_at, known)}):
        if start >= most:
            break
        if start > at:
            shown.append(looked_at[at:start])
        if end > at:
            shown += [] if start < at else [mask]  # one that overlaps the one before is a part of it
            at = end
    shown.append(looked_at[at:most])
    # Half of a surrogate pair, which JSON can spell, can't be sent on to Terraform.
    cut = "".join(shown).encode("utf-8", "replace").decode()
    return f"{cut}…" if len(text) > most else cut


def _as_they_are(text: str, secrets: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where secrets stand in a text, in one of their forms."""
    for form in (form for secret in secrets for form in _forms(secret)):
        start = text.find(form)
        while start >= 0:
            yield start, start + len(form)
            start = text.find(form, start + len(form))


def _in_urls(text: str, secrets: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where secrets stand in a text once the encoding of URLs is undone, whichever of their characters were encoded."""
    raws = [secret.encode("utf-8", "replace") for secret in secrets]
    with_spaces = [raw for raw in raws if b" " in raw]
    if "%" in text and raws:
        yield from _in_decoded(_undecoded(text), raws)
    if "+" in text and with_spaces:
        yield from _in_decoded(_undecoded(text.replace("+", " ")), with_spaces)


def _in_decoded(decoded: _Decoded, raws: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    for _ in range(_MOST_DECODINGS + 1):
        for raw in raws:
            start = decoded.data.find(raw)
            while start >= 0:
                yield decoded.starts[start], decoded.ends[start + len(raw) - 1]
                start = decoded.data.find(raw, start + len(raw))
        further = _decode(decoded)
        if len(further.data) == len(decoded.data):
            return
        decoded = further


def _undecoded(text: str) -> _Decoded:
    places = [at for at, char in enumerate(text) for _ in char.encode("utf-8", "replace")]
    return _Decoded(text.encode("utf-8", "replace"), places, [at + 1 for at in places])


def _decode(text: _Decoded) -> _Decoded:
    """The text with one encoding undone."""
    data, starts, ends = bytearray(), [], []
    at = 0
    for found in _BYTE_IN_URL.finditer(text.data):
        begin, end = found.span()
        data += text.data[at:begin]
        starts += text.starts[at : begin + 1]
        ends += text.ends[at:begin]
        data.append(int(found[1], 16))
        ends.append(text.ends[end - 1])
        at = end
    data += text.data[at:]
    return _Decoded(bytes(data), starts + text.starts[at:], ends + text.ends[at:])


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    """The forms of a secret that are texts of their own; the encoding of URLs, which may be partial, is undone instead."""
    raw = secret.encode("utf-8", "replace")
    quoted = json.dumps(secret)
    found = {
        secret,
        quoted[1:-1],
        quoted[1:-1].replace("/", r"\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quoted.translate(_HTML_IN_JSON)[1:-1],
        json.dumps(quoted[1:-1])[1:-1],
        html.escape(secret),
        raw.hex(),
        raw.hex().upper(),
        raw.decode("latin-1"),
        secret.encode("latin-1", "ignore").decode("utf-8", "replace"),
        *_base64(raw),
    }
    return tuple(sorted(found, key=len, reverse=True))


def _base64(raw: bytes) -> Iterator[str]:
    """What a Base64 text that holds a secret has of it, whole but for the characters that it shares with its neighbours."""
    for offset in range(3):
        padding = -(offset + len(raw)) % 3
        whole = base64.b64encode(b"\0" * offset + raw + b"\0" * padding).decode("ascii")
        inner = whole[(0, 2, 3)[offset] : len(whole) - (0, 2, 3)[padding]]
        if len(inner) >= _SHORTEST_ENCODED:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
