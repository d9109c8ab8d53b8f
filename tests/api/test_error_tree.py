"""Each error code stands once, in the table of codes; the drawing of the error tree has the classes, and drifts no more."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import modelarts_provider
from modelarts_provider.api import error_codes, errors
from modelarts_provider.api.errors import ApiError

PACKAGE = Path(modelarts_provider.__file__).parent
ENTRY = re.compile(r" {4}(?P<lines>(?:│   |    )*(?:[├└]── )?)(?P<name>[A-Z]\w+)(?: {2,}\S.*)?")
ROWS = error_codes.SERVICE_CODES + error_codes.GATEWAY_CODES
CODES = frozenset(row.code for row in ROWS)


def entries(text: str) -> list[tuple[str, str]]:
    """The lines before each name of a drawing, and the name."""
    _, _, below = text.partition("::\n\n")
    drawing, _, _ = below.partition("\n\n")
    found = [ENTRY.fullmatch(line) for line in drawing.splitlines()]
    assert all(found), drawing
    return [(entry["lines"], entry["name"]) for entry in found if entry]


def drawn(of: type[ApiError], order: list[str], before: str = "", mark: str = "") -> list[tuple[str, str]]:
    """What a drawing of a class and those below it has to be, with siblings in the order of the given names."""
    below = sorted(of.__subclasses__(), key=lambda kind: order.index(kind.__name__) if kind.__name__ in order else -1)
    inside = before + {"": "", "├── ": "│   ", "└── ": "    "}[mark]
    marks = ["├── "] * (len(below) - 1) + ["└── "]
    lines = [drawn(kind, order, inside, mark) for kind, mark in zip(below, marks, strict=False)]
    return [(before + mark, of.__name__), *(entry for part in lines for entry in part)]


def test_the_drawing_is_of_the_classes_that_there_are():
    found = entries(inspect.getdoc(errors) or "")
    assert found == drawn(ApiError, [name for _, name in found])


def test_a_drawing_without_a_class_or_with_a_wrong_line_is_found():
    right = inspect.getdoc(errors) or ""
    for wrong in (re.sub(r"\n.*Frozen.*", "", right), right.replace("├── ClockSkew", "└── ClockSkew")):
        found = entries(wrong)
        assert found != drawn(ApiError, [name for _, name in found])


def test_codes_stand_in_their_table_alone():
    quoted = {row.code for row in ROWS if row.kind is errors.WrongState}
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        said = set(re.findall(r"(?<![0-9A-Za-z{])(?:[A-Za-z]+\.)?([0-9]{4})(?![0-9}-])", text)) & CODES
        if path.name == "fields.py":  # the effects that users read say which refusals make a restart necessary
            assert said == quoted
        elif path.name != "error_codes.py":
            assert said == set(), path
