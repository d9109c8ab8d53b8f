"""No regular expression of the provider takes time that grows faster than the text: counted in steps, not in seconds."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counting_matcher import Counting

import modelarts_provider
from modelarts_provider.framework.schema.validators import Matches
from modelarts_provider.provider_schema import SCHEMA as PROVIDER_SCHEMA
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA as NOTEBOOK_SCHEMA

SOURCES = Path(modelarts_provider.__file__).parent
SHORT, LONG = 20, 80
MOST_GROWTH = 6.0
"""For a text four times as long: linear is 4, quadratic 16."""

BY_NAME = {
    *(
        "api/endpoints.py",
        "api/http/attempt.py",
        "framework/schema/validators.py",
        "settings.py",
    ),  # rules of the schema, which are looked at
    "framework/render/source_text.py",  # a word of our own sources
}
"""Who calls ``re`` with a pattern that isn't a constant."""

SHORT_TEXTS = {"modelarts_provider.framework.protocol.failures._QUOTED"}
"""Expressions with what the counting matcher doesn't know; they look at a text of 300 characters."""


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of the module ``re`` but for compile and escape, with the file that it stands in."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if getattr(node.func.value, "id", "") == "re" and node.func.attr not in {"compile", "escape"}:
                yield str(path.relative_to(SOURCES)), node


def inline() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Every expression that is written where it is used."""
    for file, call in calls():
        if isinstance(call.args[0], ast.Constant):
            pattern = str(call.args[0].value)
            assert isinstance(call.func, ast.Attribute)
            yield f"{file} {pattern}", re.compile(pattern), call.func.attr in {"fullmatch", "match"}


def compiled() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Every compiled expression of the provider, and whether it is only ever matched from the beginning."""
    for module_info in pkgutil.walk_packages([str(SOURCES)], "modelarts_provider."):
        if module_info.name.endswith("__main__"):
            continue
        module = importlib.import_module(module_info.name)
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and f"{name} = re.compile" in source.replace(": Final =", " ="):
                uses = set(re.findall(rf"\b{name}\.(\w+)\(", source))
                if f"{module_info.name}.{name}" in SHORT_TEXTS:
                    continue
                yield f"{module_info.name}.{name}", value, bool(uses) and uses <= {"fullmatch", "match"}


def patterns_in(value: Any, seen: set[int]) -> Iterator[str]:
    """The patterns of all validators in a schema."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Matches):
        yield value.pattern
    elif isinstance(value, dict):
        for item in value.values():
            yield from patterns_in(item, seen)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from patterns_in(item, seen)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from patterns_in(getattr(value, name), seen)


def expressions() -> list[tuple[str, re.Pattern[Any], bool]]:
    found = [*compiled(), *inline()]
    schemas = sorted({*patterns_in(PROVIDER_SCHEMA, set()), *patterns_in(NOTEBOOK_SCHEMA, set())})
    return [*found, *((f"validator {pattern}", re.compile(pattern), True) for pattern in schemas)]


EXPRESSIONS = expressions()
PIECES = (
    " ",
    "a",
    "A",
    "0",
    "-",
    ".",
    ",",
    ":",
    "=",
    "%",
    '"',
    "/",
    "(",
    ")",
    "{",
    "}",
    "|",
    "_",
    "+",
    "@",
    "\n",
    "\t",
    "é",
)
WORDS = ("canonicalRequest:", "signature expired, ", "signature expired, signature time:", "signature time: ", "server time: ", "password", "token", "sk", "x-auth-token",
         " (request id ", "{{", "}}", "https://", "codefile ", '"', "ab-", "5f5a0cf4-", "1h", "x=", ": ", "= ", "%2", ". ")  # fmt: skip


def texts(pattern: re.Pattern[Any], length: int) -> Iterator[str]:
    """A beginning that the pattern may know, something repeated, and an end that doesn't fit."""
    source = re.sub(r"\\|\*|\{\d*,\d*\}", "", str(pattern.pattern))
    begins = ["", *(word for word in WORDS if word.strip(' :="') and word.strip(' :="') in source)]
    for repeated in (*PIECES, *WORDS):
        for begin in begins:
            yield begin + repeated * length + "\0"


def steps(pattern: re.Pattern[Any], text: str, *, anchored: bool) -> int:
    counting = Counting(pattern)
    _ = counting.fullmatch(text) if anchored else counting.search_all(text)
    return counting.steps


def grows(pattern: re.Pattern[Any], *, anchored: bool) -> Iterator[str]:
    """Texts for which four times the length takes much more than four times the steps."""
    for short, long in zip(texts(pattern, SHORT), texts(pattern, LONG), strict=True):
        few = steps(pattern, short, anchored=anchored)
        if steps(pattern, long, anchored=anchored) > MOST_GROWTH * few + 200:
            yield short[:40]


@pytest.mark.parametrize(("name", "pattern", "anchored"), EXPRESSIONS, ids=[name for name, _, _ in EXPRESSIONS])
def test_no_expression_is_quadratic(name: str, pattern: re.Pattern[Any], anchored: bool) -> None:
    assert list(grows(pattern, anchored=anchored)) == []


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        (r"[,;\s]*canonicalRequest:.*", False),
        (r"signature expired, *signature time: *([^,|]+?), *server time: *([^,|\s]+)", False),
        (r" \(request id [^)]*\)", False),
        (r"\{\{\s*(?P<action>.+?)\s*\}\}", False),
        (r"a*a*b", True),
        (r"\s+$", False),
    ],
)
def test_one_that_is_quadratic_is_found(pattern: str, anchored: bool) -> None:
    """The positive control of the test above: what there was before, and what is known to be slow."""
    assert next(grows(re.compile(pattern, re.DOTALL), anchored=anchored), None) is not None


def test_every_expression_is_looked_at() -> None:
    """One that is made elsewhere would be missed."""
    assert {file for file, call in calls() if not isinstance(call.args[0], ast.Constant)} <= BY_NAME
    assert len(EXPRESSIONS) > 20


@pytest.mark.parametrize(("name", "pattern", "anchored"), EXPRESSIONS, ids=[name for name, _, _ in EXPRESSIONS])
def test_the_counting_matcher_agrees_with_python_s(name: str, pattern: re.Pattern[Any], anchored: bool) -> None:
    for text in texts(pattern, 3):
        subject: Any = text.encode("latin-1") if isinstance(pattern.pattern, bytes) else text
        counting = Counting(pattern)
        if anchored:
            assert counting.fullmatch(text) is (pattern.fullmatch(subject) is not None), text
        else:
            assert (counting.search_all(text) > 0) is (pattern.search(subject) is not None), text
