"""Finding a secret in a text that repeats it: as it is, escaped in whatever way, in Base64 or in hexadecimal."""

from __future__ import annotations

import base64
import html
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import AnyStr, Final, NamedTuple, TypeAlias

SHORTEST: Final = 4
"""Shorter values turn up by chance in innocent text."""

_SHORTEST_ENCODED: Final = 5
"""Likewise for the part of a Base64 text that doesn't depend on what stands beside the secret."""

_MOST_DECODINGS: Final = 3
"""How often an encoding is undone: what is redirected, or put into JSON as a text, is often encoded again."""

_WIDEST: Final = 12
"""How many characters a byte may have become: ``%2525C3`` and ``&amp;#x2F;`` are one each."""

_IN_URL: Final = re.compile(rb"%[0-9A-Fa-f]{2}")
# Which characters are escaped is each writer's choice: Gson's are ' = < > &, those of .NET all but letters and digits.
_IN_ANY: Final = re.compile(
    rb"%[0-9A-Fa-f]{2}"
    rb"|\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[\\/\"'bfnrt]"
    rb"|&#[0-9]{1,7};|&#[Xx][0-9A-Fa-f]{1,6};|&(?:amp|lt|gt|quot|apos);"
)
_SHORT: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HTML_IN_JSON: Final = {60: r"\u003c", 62: r"\u003e", 38: r"\u0026"}


Index: TypeAlias = dict[AnyStr, tuple[AnyStr, ...]]
"""Needles by their first characters."""


class _Decoded(NamedTuple):
    """A text whose encoding has been undone: its bytes, and from where to where in the text each of them was."""

    data: bytes
    starts: list[int]
    ends: list[int]


class _Sought(NamedTuple):
    """What is looked for of some secrets: their forms, what is left of them once escapes are undone, and of the longest how much."""

    forms: Index[str]
    decoded: Index[bytes]
    with_spaces: Index[bytes]
    longest: int


def cut_and_mask(text: str, secrets: Sequence[str], mask: str, most: int) -> str:
    """The first ``most`` characters of a text, with each of the secrets replaced.

    Also one that is cut in the middle there: what is left of it would not be found any more.
    """
    sought = _sought(tuple(secrets), max(most, SHORTEST))
    looked_at = text[: most + sought.longest * _WIDEST]
    shown: list[str] = []
    at = 0
    for start, end in sorted({*_found(looked_at, sought.forms), *_once_decoded(looked_at, sought)}):
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


def _index(needles: Iterable[AnyStr]) -> Index[AnyStr]:
    """The needles by their beginnings, the longest first, so that a text is gone through once however many there are."""
    index: dict[AnyStr, list[AnyStr]] = {}
    for needle in set(needles):
        index.setdefault(needle[:SHORTEST], []).append(needle)
    return {beginning: tuple(sorted(same, key=len, reverse=True)) for beginning, same in index.items()}


def _found(text: AnyStr, index: Index[AnyStr]) -> Iterator[tuple[int, int]]:
    """Where the needles of an index stand in a text."""
    for at in range(len(text) - SHORTEST + 1 if index else 0):
        same = index.get(text[at : at + SHORTEST])
        if same is not None and text.startswith(same, at):
            yield at, at + len(next(needle for needle in same if text.startswith(needle, at)))


def _once_decoded(text: str, sought: _Sought) -> Iterator[tuple[int, int]]:
    """Where secrets stand in a text once its escapes are undone, whichever of their characters were escaped."""
    if not sought.decoded:
        return
    if any(mark in text for mark in "%\\&"):
        whole = _undecoded(text)
        # A URL's alone as well: a secret may hold what looks like another escape.
        yield from _in_decoded(whole, sought.decoded, _IN_URL)
        yield from _in_decoded(whole, sought.decoded, _IN_ANY)
    if "+" in text and sought.with_spaces:
        yield from _in_decoded(_undecoded(text.replace("+", " ")), sought.with_spaces, _IN_URL)


def _in_decoded(decoded: _Decoded, index: Index[bytes], escapes: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    for _ in range(_MOST_DECODINGS + 1):
        for start, end in _found(decoded.data, index):
            yield decoded.starts[start], decoded.ends[end - 1]
        further = _decode(decoded, escapes)
        if further.data == decoded.data:
            return
        decoded = further


def _undecoded(text: str) -> _Decoded:
    places = [at for at, char in enumerate(text) for _ in char.encode("utf-8", "replace")]
    return _Decoded(text.encode("utf-8", "replace"), places, [at + 1 for at in places])


def _decode(text: _Decoded, escapes: re.Pattern[bytes]) -> _Decoded:
    """The text with one encoding undone."""
    data, starts, ends = bytearray(), [], []
    at = 0
    for found in escapes.finditer(text.data):
        begin, end = found.span()
        meant = _meant(found[0])
        data += text.data[at:begin] + meant
        starts += [*text.starts[at:begin], *[text.starts[begin]] * len(meant)]
        ends += [*text.ends[at:begin], *[text.ends[end - 1]] * len(meant)]
        at = end
    data += text.data[at:]
    return _Decoded(bytes(data), starts + text.starts[at:], ends + text.ends[at:])


def _meant(escape: bytes) -> bytes:
    """The bytes that an escape stands for."""
    text = escape.decode("ascii")
    if text.startswith("%"):
        return bytes.fromhex(text[1:])
    if text.startswith("&#"):
        number = int(text[3:-1], 16) if text[2] in "Xx" else int(text[2:-1])
        return chr(min(number, sys.maxunicode)).encode("utf-8", "replace")
    if text.startswith("&"):
        return html.unescape(text).encode()
    if text.startswith("\\x"):
        return bytes.fromhex(text[2:])
    if text.startswith("\\u"):
        units = b"".join(bytes.fromhex(unit) for unit in text.split("\\u")[1:])
        return units.decode("utf-16-be", "replace").encode()
    return _SHORT.get(text[1], text[1]).encode()


@lru_cache(maxsize=4)
def _sought(secrets: tuple[str, ...], most: int) -> _Sought:
    """What to look for. A hook has thousands of lines, all of them secret, and an answer hundreds of texts."""
    # Of a secret that is longer than what is shown, its beginning reaches to the end of that in every form.
    secrets = tuple(secret[:most] for secret in secrets if len(secret) >= SHORTEST)
    raws = [secret.encode("utf-8", "replace") for secret in secrets]
    decoded = [form for raw in raws for form in (raw, *(text.encode("ascii") for text in _base64(raw)))]
    return _Sought(
        _index(form for secret in secrets for form in _forms(secret)),
        _index(decoded),
        _index(form for form in decoded if b" " in form),
        max(map(len, raws), default=0),
    )


def _forms(secret: str) -> Iterator[str]:
    """The forms of a secret that are texts of their own; escapes, of which there are many, are undone as well."""
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
        _read_as_latin(secret),
        *_base64(raw),
    }
    # A form may be shorter than its secret, and even empty: it would be found at every place, without an end.
    return (form for form in found if len(form) >= SHORTEST)


def _read_as_latin(secret: str) -> str:
    """What a secret was meant as whose UTF-8 was read as Latin-1; the secret where it wasn't."""
    try:
        return secret.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return secret


def _base64(raw: bytes) -> Iterator[str]:
    """What a Base64 text that holds a secret has of it, whole but for the characters that it shares with its neighbours."""
    for offset in range(3):
        padding = -(offset + len(raw)) % 3
        whole = base64.b64encode(b"\0" * offset + raw + b"\0" * padding).decode("ascii")
        inner = whole[(0, 2, 3)[offset] : len(whole) - (0, 2, 3)[padding]]
        if len(inner) >= _SHORTEST_ENCODED:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
