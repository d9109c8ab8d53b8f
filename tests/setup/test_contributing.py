"""What CONTRIBUTING.md names exists: places, files, names in them, commands; and its table says what may import what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from test_architecture import ANYTHING, ARROWS, CONSTRUCTS, EMULATOR, PROVIDER, ROOMS, ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLACES = "Where things live"
RECIPES = (
    "Add an attribute",
    "Add a field of the update call",
    "Add an authentication method",
    "Add an API error code",
    "Add a validation rule",
    "Add a kind of fault",
    "Add a resource",
)
INSTANCE = {"<noun>": "notebook", "<type>": "modelarts_notebook"}
"""What a placeholder of a path stands for where it exists already."""

PACKAGES = {"emulator/": EMULATOR, "constructs/": CONSTRUCTS}
"""Packages whose folder the page leaves out; the provider's are all others."""

_SPAN = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"[\w.*<>-]+\.(?:py|md|tf|tmpl|sh|js|json|toml|lock|txt)")
_NAME = re.compile(r"[A-Za-z_]\w*")


def section(title: str) -> str:
    """The text below a heading, up to the next one; empty where there is no such heading."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def spans(text: str) -> list[str]:
    return _SPAN.findall(text)


def is_path(span: str) -> bool:
    return " " not in span and ("/" in span or _FILE.fullmatch(span) is not None)


def places(span: str) -> list[Path]:
    """What a path of the page names, with an existing instance for each placeholder."""
    for placeholder, instance in INSTANCE.items():
        span = span.replace(placeholder, instance)
    bases = [(ROOT, span), (PROVIDER, span)]
    bases += [(folder, span.removeprefix(above)) for above, folder in PACKAGES.items() if span.startswith(above)]
    return [found for base, below in bases for found in ([base] if not below else base.glob(below))]


def items(recipe: str) -> list[str]:
    """The numbered steps of a recipe."""
    return re.findall(r"^\d+\. .*?(?=^\d+\. |\Z)", section(recipe), re.MULTILINE | re.DOTALL)


def rows() -> Iterator[tuple[str, str]]:
    """The first place and the last cell of each row of the table."""
    for line in section(PLACES).splitlines():
        if line.startswith("| `"):
            place, _, arrows = (cell.strip() for cell in line.strip("|").split("|"))
            yield spans(place)[0], arrows


ROWS = dict(rows())


@pytest.mark.parametrize("span", sorted({span for span in spans(PAGE) if is_path(span)}))
def test_path_exists(span: str) -> None:
    assert places(span), f"CONTRIBUTING.md names {span}, which isn't there"


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_is_a_numbered_list(recipe: str) -> None:
    steps = items(recipe)
    assert [int(step.split(".", 1)[0]) for step in steps] == list(range(1, len(steps) + 1))
    assert len(steps) > 3
    assert any(is_path(span) for step in steps for span in spans(step))


def unknown_names(step: str) -> list[str]:
    """The names of a step that stand in none of the files that it names."""
    named = [file for span in spans(step) if is_path(span) for file in places(span) if file.is_file()]
    words = {word for file in named for word in _NAME.findall(file.read_text(encoding="utf-8"))}
    return [span for span in spans(step) if not is_path(span) and _NAME.fullmatch(span) and span not in words]


@pytest.mark.parametrize("recipe", RECIPES)
def test_names_stand_in_the_files_of_their_step(recipe: str) -> None:
    assert [name for step in items(recipe) for name in unknown_names(step)] == []


def test_commands_are_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {span.split()[1] for span in spans(PAGE) if span.startswith("make ")}
    assert asked
    assert [target for target in sorted(asked) if f"\n{target}: " not in makefile] == []


def folders(package: Path, deep: int) -> Iterator[str]:
    for folder in package.rglob("*/"):
        below = folder.relative_to(package)
        if len(below.parts) <= deep and folder.name != "__pycache__" and any(folder.glob("*.py")):
            yield f"{below.as_posix()}/"


def test_table_has_every_folder() -> None:
    expected = {*folders(PROVIDER, 2), *(f"emulator/{each}" for each in folders(EMULATOR, 1))}
    assert len(expected) > 15
    assert expected - set(ROWS) == set()


def test_table_has_every_arrow() -> None:
    told = {}
    for place, arrows in ROWS.items():
        name = place.rstrip("/").removesuffix(".py")
        if name in ARROWS:
            named = set(spans(arrows))
            told[name] = ANYTHING - named if arrows.startswith("anything but") else named
    dunder = {name for name in ARROWS if name.startswith("__")}
    assert {name: targets - {name, *dunder} for name, targets in told.items()} == {
        name: targets - {name, *dunder} for name, targets in ARROWS.items() if name not in dunder
    }


@pytest.mark.parametrize("folder", ROOMS)
def test_table_has_the_rooms_in_their_order(folder: str) -> None:
    rooms = [f"{folder}/{room}/" for room in ROOMS[folder] if (PROVIDER / folder / room).is_dir()]
    assert [place for place in ROWS if place in rooms] == rooms


OTHER_PAGES = [ROOT / "README.md", *sorted((ROOT / "decisions").glob("*.md"))]


@pytest.mark.parametrize("page", OTHER_PAGES, ids=lambda page: page.name)
def test_source_named_elsewhere_exists(page: Path) -> None:
    """README and decisions name source files by their whole path."""
    named = {
        span for span in spans(page.read_text(encoding="utf-8")) if re.fullmatch(r"[\w./-]+\.(?:py|js|md|tmpl)", span)
    }
    assert [span for span in sorted(named) if not (ROOT / span).is_file()] == []


def test_what_is_not_there_is_found() -> None:
    """The positive control: paths and names as an old page had them."""
    assert [
        span
        for span in ("core/values.py", "resources/<noun>_schema.py", "examples/resources/<type>/import.tf")
        if places(span)
    ] == []
    assert unknown_names("1. `lifecycle/fields.py`: `FIELDS`, `NOTHING`, `make x`.") == ["NOTHING"]
