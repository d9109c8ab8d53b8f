"""The emulator's guide holds the table of assumptions as it is."""

from __future__ import annotations

from tools.emulator_guide import GUIDE, renewed

from modelarts_emulator.assumptions import TABLE


def test_the_guide_equals_a_fresh_render():
    text = GUIDE.read_text()

    assert text == renewed(text), "the guide is out of date: run `make generate`"


def test_every_assumption_is_in_it():
    text = GUIDE.read_text()

    assert TABLE
    assert all(row.question in text for row in TABLE)
