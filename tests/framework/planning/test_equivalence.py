"""Empty and absent mean the same: a fresh value takes the form that was there; what wasn't applied is named."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.framework.planning.equivalence import keep_forms, not_applied, without_unknown
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting
from modelarts_provider.framework.schema.types import STRING, SetOf
from modelarts_provider.framework.schema.values import UNKNOWN

TEXT = Attribute(type=STRING, description="x", optional=True)
LEAF = {
    "ips": Attribute(type=SetOf(STRING), description="x", optional=True),
    "uri": Attribute(type=STRING, description="x", computed=True),
}
ATTRIBUTES = {
    "text": TEXT,
    "kind": Attribute(
        type=STRING, description="x", optional=True, equivalent=lambda one, other: {one, other} <= {"OBS", "OBSFS"}
    ),
    "single": Attribute(type=Nested(Nesting.SINGLE, LEAF), description="x", optional=True),
    "map": Attribute(type=Nested(Nesting.MAP, LEAF), description="x", optional=True),
    "list": Attribute(type=Nested(Nesting.LIST, LEAF), description="x", optional=True),
    "shown": Attribute(type=STRING, description="x", computed=True),
}
NOTHING: dict[str, Any] = dict.fromkeys(ATTRIBUTES)


def leaf(ips: Any = None, uri: Any = None) -> dict[str, Any]:
    return {"ips": ips, "uri": uri}


@pytest.mark.parametrize(
    ("before", "fresh", "kept"),
    [
        ({"text": ""}, {"text": None}, {"text": ""}),
        ({"text": None}, {"text": ""}, {"text": None}),
        ({"text": "a"}, {"text": None}, {"text": None}),
        ({"text": ""}, {"text": "b"}, {"text": "b"}),
        ({"kind": "OBS"}, {"kind": "OBSFS"}, {"kind": "OBS"}),
        ({"kind": "EVS"}, {"kind": "OBSFS"}, {"kind": "OBSFS"}),
        ({"map": {}}, {"map": None}, {"map": {}}),
        ({"map": None}, {"map": {}}, {"map": None}),
        ({"map": {"k": leaf([])}}, {"map": {"k": leaf(None, "u")}}, {"map": {"k": leaf([], "u")}}),
        ({"map": {}}, {"map": {"k": leaf(None)}}, {"map": {"k": leaf(None)}}),
        ({"map": {"k": leaf([]), "l": leaf([])}}, {"map": {"l": leaf()}}, {"map": {"l": leaf([])}}),
        ({"single": leaf([])}, {"single": leaf(None, "u")}, {"single": leaf([], "u")}),
        ({"single": None}, {"single": leaf()}, {"single": None}),
        ({"single": leaf([])}, {"single": None}, {"single": leaf([])}),
        ({"single": None}, {"single": leaf(["a"])}, {"single": leaf(["a"])}),
        ({"list": [leaf([])]}, {"list": [leaf(None)]}, {"list": [leaf(None)]}),
    ],
)
def test_a_fresh_value_takes_the_form_that_was_there(
    before: dict[str, Any], fresh: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert keep_forms(ATTRIBUTES, NOTHING | before, NOTHING | fresh) == NOTHING | kept


def test_without_a_form_before_it_stays_as_it_is() -> None:
    assert keep_forms(ATTRIBUTES, None, NOTHING | {"text": ""}) == NOTHING | {"text": ""}


@pytest.mark.parametrize(
    ("planned", "actual", "paths"),
    [
        ({}, {}, []),
        ({"text": "a"}, {"text": "a"}, []),
        ({"text": "a"}, {"text": "b"}, ["text"]),
        ({"text": ""}, {"text": None}, []),
        ({"text": UNKNOWN}, {"text": "b"}, []),
        ({"kind": "OBS"}, {"kind": "OBSFS"}, []),
        ({"shown": "a"}, {"shown": "b"}, []),
        ({"single": leaf(["1"])}, {"single": leaf(["1"], "u")}, []),
        ({"single": leaf(["1"])}, {"single": leaf(["2"])}, ["single.ips"]),
        ({"single": leaf(["1"])}, {"single": None}, ["single"]),
        ({"map": None}, {"map": {"k": leaf()}}, ["map"]),
        ({"map": {"k": leaf(["1"])}}, {"map": {"k": leaf(None)}}, ['map["k"].ips']),
        ({"map": {"k": leaf()}}, {"map": {"l": leaf()}}, ['map["k"]', 'map["l"]']),
        ({"list": [leaf(["1"])]}, {"list": [leaf(["2"])]}, ["list"]),
    ],
)
def test_what_was_not_applied(planned: dict[str, Any], actual: dict[str, Any], paths: list[str]) -> None:
    assert [str(at) for at in not_applied(ATTRIBUTES, NOTHING | planned, NOTHING | actual)] == paths


def test_without_unknown() -> None:
    assert without_unknown({"a": UNKNOWN, "b": [UNKNOWN, "x"], "c": {"d": UNKNOWN}}) == {
        "a": None,
        "b": [None, "x"],
        "c": {"d": None},
    }
