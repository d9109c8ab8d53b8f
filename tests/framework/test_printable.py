"""Texts of others on a terminal: nothing that it obeys and nothing invisible, in linear time, and cut."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.framework.diagnostics import Diagnostic, Severity
from modelarts_provider.framework.printable import MOST_CHARACTERS, one_line, printable
from modelarts_provider.framework.protocol.encode import encode_diagnostics

INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200d\u200e\u2028\u2029\u202a\u202e\u2060\u2066\u2800\u3164\ufeff\ufff9"
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain ü 中文 🙂 e\u0301", "plain ü 中文 🙂 e\u0301"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\rb\nc\td", r"a\rb\nc\td"),
        ("\x9b31m\x7f\x00", r"\x9b31m\x7f\x00"),
        ("\u202eevil\u2069", r"\u202eevil\u2069"),
        ("\U000e0041", r"\U000e0041"),
        ("\ud800", r"\ud800"),
        ("C:\\x1b", "C:\\x1b"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert one_line(text) == shown


@pytest.mark.parametrize("character", [*map(chr, [*range(0x20), *range(0x7F, 0xA0)]), *INVISIBLE])
def test_every_control_and_invisible_character_is_escaped(character: str) -> None:
    assert character not in printable(f"a{character}b")
    (message,) = encode_diagnostics([Diagnostic(Severity.ERROR, f"a{character}b", f"a{character}b\nc")])
    assert character not in message["summary"]
    assert (character in message["detail"]) == (character == "\n")


@given(st.text(st.characters(exclude_categories=())))
def test_whatever_the_text_it_can_be_shown(text: str) -> None:
    shown = printable(text, keep="\n")
    shown.encode()
    controls = {each for each in shown if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")}
    assert controls <= {"\n"}
    assert printable(shown, keep="\n") == shown or len(shown) > MOST_CHARACTERS


def test_long_text_is_cut_and_says_so() -> None:
    assert one_line("x" * 50, 10) == "xxxxxxxxxx... (50 characters)"
    shown = printable("\x1b" * 10_000_000)
    assert len(shown) <= 4 * MOST_CHARACTERS + 40
    assert shown.endswith("(10000000 characters)")
    (message,) = encode_diagnostics([Diagnostic(Severity.ERROR, "s" * 100_000, "d" * 10_000_000)])
    assert len(message["summary"]) < 400
    assert len(message["detail"]) < MOST_CHARACTERS + 100
