"""Texts that others wrote, made safe for a terminal and a log: the service's answers, a configuration, other programs."""

from __future__ import annotations

from typing import Final

MOST_CHARACTERS: Final = 10_000
"""Of one text that is shown; the longest of the provider's own has 2,000."""

_SPACES: Final = "\u00a0\u3000"
"""Spaces that Python calls unprintable, and that ordinary European and Chinese texts hold."""

_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters without a glyph that Python calls printable."""


def printable(text: str, keep: str = "", most: int = MOST_CHARACTERS) -> str:
    r"""The text with everything that has no visible form of its own in Python's escapes, such as ``\x1b`` or ``\u202e``.

    These are control characters (escape sequences, carriage returns, C1), characters that turn the direction of a text,
    invisible and unassigned ones, and halves of surrogate pairs, which no encoding takes.

    Args:
        text: Any text. What stands behind the longest part that is shown isn't looked at.
        keep: Characters that stay as they are, such as the line breaks of the provider's own texts.
        most: The longest part that is shown; a longer text is cut, and says so.
    """
    cut = f"... ({len(text)} characters)" if len(text) > most else ""
    text = text[:most]
    if text.isprintable() and _INVISIBLE.isdisjoint(text):
        return text + cut
    allowed = {*_SPACES, *keep}
    return "".join(each if each in allowed or _is_visible(each) else _escaped(each) for each in text) + cut


def one_line(text: str, most: int = 1_000) -> str:
    """The text as a part of a sentence: line breaks are escaped, too."""
    return printable(text, most=most)


def _is_visible(character: str) -> bool:
    return character.isprintable() and character not in _INVISIBLE


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
