"""The emulator's guide holds the table of assumptions as it is, and names all that the control knows."""

from __future__ import annotations

import json
import re

import pytest
from tools.emulator_guide import GUIDE, renewed

from modelarts_emulator.assumptions import TABLE
from modelarts_emulator.config import Config
from modelarts_emulator.control import console_changes
from modelarts_emulator.control import control as control_module
from modelarts_emulator.control.control import Control
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.http import faults


def test_the_guide_equals_a_fresh_render():
    text = GUIDE.read_text()

    assert text == renewed(text), "the guide is out of date: run `make generate`"


def test_every_assumption_is_in_it():
    text = GUIDE.read_text()

    assert TABLE
    assert all(row.question in text for row in TABLE)


def control() -> set[tuple[str, str]]:
    """Method and path of everything that the control answers."""
    routes = Control(Emulator(Config())).routes()
    return {
        (method, route.path.lstrip("/")) for route in routes[:-1] for method in route.methods or () if method != "HEAD"
    }


def test_the_guide_names_every_call_of_the_control():
    text = GUIDE.read_text()
    assert ("GET", "healthz") in control()
    missing = [f"{method} {path}" for method, path in sorted(control()) if f"`{method} {path}`" not in text]
    assert missing == []


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("The keys of a fault", faults._KEYS),
        ("The keys of a failure", ("operation", "fail_reason", "notebook_id", "count", *control_module._OPERATIONS)),
        ("The keys of a `PATCH`", (*console_changes._SETTERS, "duration", "type")),
        ("| `POST reset`", control_module._RESETTABLE),
    ],
)
def test_the_guide_names_every_key(what, keys):
    text = GUIDE.read_text()
    assert text.count(what) == 1
    part = re.split(r"\n\n(?=The keys|```|These calls)", text[text.index(what) :], maxsplit=1)[0]
    assert [key for key in keys if f"`{key}`" not in part] == []


def test_what_the_guide_sends_is_taken():
    """The bodies of its examples."""
    sent = re.findall(r"_emulator/(\S+) -d '(.*)'", GUIDE.read_text())
    assert [path for path, _ in sent] == ["faults", "failures", "notebooks/$ID"]
    faults.parse(json.loads(sent[0][1]), 1)
    assert set(json.loads(sent[1][1])) <= {"operation", "fail_reason", "notebook_id", "count"}
    assert set(json.loads(sent[2][1])) <= set(console_changes._SETTERS)
