"""Types, paths and the walk over a schema: what other parts name attributes by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, object_type, plain_type
from modelarts_provider.framework.schema.paths import ROOT, Index, Key, Name, Path, path
from modelarts_provider.framework.schema.types import (
    BOOL,
    NUMBER,
    STRING,
    ListOf,
    MapOf,
    ObjectOf,
    SetOf,
    Type,
    describe,
    to_json,
)
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.framework.schema.walk import value_at, walk

PLAIN = Attribute(type=STRING, description="x", optional=True)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (STRING, '"string"', "String"),
        (NUMBER, '"number"', "Number"),
        (BOOL, '"bool"', "Boolean"),
        (ListOf(STRING), '["list","string"]', "List of String"),
        (SetOf(NUMBER), '["set","number"]', "Set of Number"),
        (MapOf(ListOf(BOOL)), '["map",["list","bool"]]', "Map of List of Boolean"),
        (ObjectOf((("a", STRING), ("b", NUMBER))), '["object",{"a":"string","b":"number"}]', "Object"),
    ],
)
def test_types(kind: Type, text: str, words: str) -> None:
    assert json.dumps(to_json(kind), separators=(",", ":")) == text
    assert describe(kind) == words


@pytest.mark.parametrize(
    ("nesting", "expected"),
    [
        (Nesting.SINGLE, ObjectOf((("a", STRING),))),
        (Nesting.LIST, ListOf(ObjectOf((("a", STRING),)))),
        (Nesting.SET, SetOf(ObjectOf((("a", STRING),)))),
        (Nesting.MAP, MapOf(ObjectOf((("a", STRING),)))),
    ],
)
def test_the_plain_type_of_a_nested_attribute(nesting: Nesting, expected: Type) -> None:
    assert plain_type(Nested(nesting, {"a": PLAIN})) == expected
    assert object_type(
        {"n": Attribute(type=Nested(nesting, {"a": PLAIN}), description="x", computed=True)}
    ) == ObjectOf((("n", expected),))


@pytest.mark.parametrize(
    ("at", "text", "pattern"),
    [
        (ROOT, "", ""),
        (path("name"), "name", "name"),
        (path("storage", "size"), "storage.size", "storage.size"),
        (path("endpoints").key("SSH").name("uri"), 'endpoints["SSH"].uri', "endpoints[*].uri"),
        (path("steps").index(2).name("status"), "steps[2].status", "steps[*].status"),
    ],
)
def test_paths_as_users_write_them(at: Path, text: str, pattern: str) -> None:
    assert (str(at), at.pattern) == (text, pattern)


def test_a_path_is_its_steps() -> None:
    at = ROOT.name("a").key("k").index(0)
    assert tuple(at) == (Name("a"), Key("k"), Index(0))
    assert len(at) == 3
    assert at == Path((Name("a"), Key("k"), Index(0)))
    assert Path() == ROOT


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"required": True, "optional": True}, "either required"),
        ({"required": True, "computed": True}, "either required"),
        ({}, "either required"),
        ({"optional": True, "default": "x"}, "default is optional and computed"),
        ({"required": True, "default": "x"}, "default is optional and computed"),
    ],
)
def test_contradictory_attributes_are_refused(flags: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Attribute(type=STRING, description="x", **flags)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (None, "", True),
        (None, [], True),
        ("", {}, True),
        (None, "a", False),
        (UNKNOWN, UNKNOWN, False),
        (UNKNOWN, None, False),
        ("OBS", "OBSFS", True),
        ("OBS", "EVS", False),
        ("OBS", None, False),
        (0, None, False),
    ],
)
def test_what_means_the_same_to_the_service(one: Any, other: Any, expected: bool) -> None:
    attribute = Attribute(
        type=STRING, description="x", optional=True, equivalent=lambda one, other: {one, other} <= {"OBS", "OBSFS"}
    )
    assert attribute.same(one, other) is expected
    assert attribute.same(other, one) is expected


def nested(nesting: Nesting) -> dict[str, Attribute]:
    return {"n": Attribute(type=Nested(nesting, {"a": PLAIN}), description="x", optional=True)}


@pytest.mark.parametrize(
    ("nesting", "value", "visited"),
    [
        (Nesting.SINGLE, {"a": "1"}, ["n", "n.a"]),
        (Nesting.LIST, [{"a": "1"}, {"a": "2"}], ["n", "n[0].a", "n[1].a"]),
        (Nesting.SET, [{"a": "1"}, UNKNOWN], ["n", "n.a"]),
        (Nesting.MAP, {"k": {"a": "1"}, "null": None}, ["n", 'n["k"].a']),
        (Nesting.SINGLE, None, ["n"]),
        (Nesting.MAP, UNKNOWN, ["n"]),
    ],
)
def test_walk_visits_what_is_there(nesting: Nesting, value: Any, visited: list[str]) -> None:
    assert [str(at) for at, _, _ in walk(nested(nesting), {"n": value})] == visited


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (ROOT.name("s").name("a"), 1),
        (ROOT.name("m").key("k").name("a"), 2),
        (ROOT.name("m").key("other").name("a"), None),
        (ROOT.name("l").index(0), 3),
        (ROOT.name("l").index(1), None),
        (ROOT.name("u").name("a"), UNKNOWN),
        (ROOT.name("z").name("a"), None),
    ],
)
def test_value_at(at: Path, expected: Any) -> None:
    value = {"s": {"a": 1}, "m": {"k": {"a": 2}}, "l": [3], "u": UNKNOWN, "z": None}
    assert value_at(value, at) is expected
