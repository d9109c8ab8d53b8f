"""The passes of a plan, each as a table over small schemas: defaults, unknown, what changes, what replaces."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.framework.planning.passes import changed, differs, plan_values, requires_replace
from modelarts_provider.framework.schema.attributes import (
    LOCAL,
    READ_ONLY,
    REPLACE,
    Attribute,
    Change,
    Nested,
    Nesting,
    OnPlan,
    Schema,
    in_place,
)
from modelarts_provider.framework.schema.types import STRING, SetOf
from modelarts_provider.framework.schema.values import UNKNOWN, Values

IN_PLACE = in_place("f")


def optional(change: Change = IN_PLACE, **more: Any) -> Attribute:
    return Attribute(type=STRING, description="x", optional=True, change=change, **more)


def computed(on_plan: OnPlan, **more: Any) -> Attribute:
    return Attribute(type=STRING, description="x", computed=True, on_plan=on_plan, change=READ_ONLY, **more)


def nested(nesting: Nesting, members: dict[str, Attribute], **more: Any) -> Attribute:
    flags = more or {"optional": True}
    return Attribute(type=Nested(nesting, members), description="x", change=in_place("n"), **flags)


MEMBERS = {
    "a": optional(),
    "kind": optional(computed=True, default="K"),
    "uri": computed(OnPlan.UNKNOWN),
    "path": computed(OnPlan.KEEP),
}
SCHEMA = Schema(
    description="x",
    attributes={
        "name": optional(),
        "kind": optional(computed=True, default="K"),
        "secret": optional(write_only=True),
        "chosen": optional(computed=True),
        "keep": computed(OnPlan.KEEP),
        "stable": computed(OnPlan.STABLE),
        "moving": computed(OnPlan.UNKNOWN),
        "local": optional(LOCAL),
        **{nesting.name.lower(): nested(nesting, MEMBERS) for nesting in Nesting},
        "report": nested(Nesting.SINGLE, {"b": computed(OnPlan.KEEP)}, computed=True, on_plan=OnPlan.UNKNOWN),
    },
)
NOTHING: Values = dict.fromkeys(SCHEMA.attributes)
PRIOR: Values = NOTHING | {
    "name": "n",
    "kind": "K",
    "chosen": "c",
    "keep": "k",
    "moving": "m",
    "report": {"b": "b"},
}


def member(a: Any = None, kind: Any = None, uri: Any = None, path: Any = None) -> Values:
    return {"a": a, "kind": kind, "uri": uri, "path": path}


def planned(config: Values, prior: Values | None, proposed: Values) -> Values:
    return plan_values(SCHEMA, NOTHING | config, prior, NOTHING | proposed)


@pytest.mark.parametrize(
    ("config", "proposed", "name", "expected"),
    [
        ({}, {}, "kind", "K"),
        ({"kind": "L"}, {"kind": "L"}, "kind", "L"),
        ({"kind": UNKNOWN}, {"kind": UNKNOWN}, "kind", UNKNOWN),
        ({}, {"kind": "old"}, "kind", "K"),
        ({"secret": "s"}, {"secret": "s"}, "secret", None),
        ({"name": "n"}, {"name": "n"}, "name", "n"),
        ({"name": UNKNOWN}, {"name": UNKNOWN}, "name", UNKNOWN),
        ({}, {}, "name", None),
        ({"single": member("x")}, {"single": member("x")}, "single", member("x", "K", UNKNOWN, UNKNOWN)),
        ({"single": member("x", "L")}, {"single": member("x", "L")}, "single", member("x", "L", UNKNOWN, UNKNOWN)),
        ({"single": UNKNOWN}, {"single": UNKNOWN}, "single", UNKNOWN),
        ({"map": {"k": UNKNOWN}}, {"map": {"k": UNKNOWN}}, "map", {"k": UNKNOWN}),
        ({"map": {"k": None}}, {"map": {"k": None}}, "map", {"k": None}),
        ({"map": {"k": member()}}, {"map": {"k": member()}}, "map", {"k": member(None, "K", UNKNOWN, UNKNOWN)}),
        ({"map": {}}, {"map": {}}, "map", {}),
        ({"list": [member("x")]}, {"list": [member("x")]}, "list", [member("x", "K", UNKNOWN, UNKNOWN)]),
        ({"set": [member("x")]}, {"set": [member("x")]}, "set", [member("x", "K", UNKNOWN, UNKNOWN)]),
        *(({}, {}, name, UNKNOWN) for name in ("chosen", "keep", "stable", "moving", "report")),
        ({"chosen": "c"}, {"chosen": "c"}, "chosen", "c"),
        ({}, {}, "single", None),
        ({}, {}, "local", None),
    ],
)
def test_create(config: Values, proposed: Values, name: str, expected: Any) -> None:
    assert planned(config, None, proposed)[name] == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("chosen", "c"), ("keep", "k"), ("stable", None), ("moving", UNKNOWN), ("report", UNKNOWN), ("kind", "K")],
)
def test_an_update_marks_what_it_may_alter(name: str, expected: Any) -> None:
    assert planned({"name": "other"}, PRIOR, PRIOR | {"name": "other"})[name] == expected


def test_keep_without_a_prior_value_is_unknown_and_stable_stays_null() -> None:
    prior = PRIOR | {"keep": None}
    found = planned({"name": "other"}, prior, prior | {"name": "other"})
    assert (found["keep"], found["stable"]) == (UNKNOWN, None)


@pytest.mark.parametrize("change", [{}, {"local": "x"}])
def test_nothing_or_something_local_keeps_everything_known(change: Values) -> None:
    assert planned({"name": "n"} | change, PRIOR, PRIOR | change) == PRIOR | change


def test_a_default_that_takes_over_is_a_change() -> None:
    prior = PRIOR | {"kind": "L"}
    found = planned({"name": "n"}, prior, prior)
    assert (found["kind"], found["moving"]) == ("K", UNKNOWN)


@pytest.mark.parametrize(
    ("nesting", "wrap"),
    [("single", lambda value: value), ("map", lambda value: {"k": value}), ("list", lambda value: [value])],
)
def test_members_of_an_unchanged_object_keep_what_they_had(nesting: str, wrap: Any) -> None:
    prior = PRIOR | {nesting: wrap(member("x", "K", "u", "p"))}
    config = {"name": "other", nesting: wrap(member("x"))}
    found = planned(config, prior, prior | {"name": "other"})
    assert found[nesting] == wrap(member("x", "K", UNKNOWN, "p"))


def test_a_new_map_element_has_nothing_to_keep() -> None:
    prior = PRIOR | {"map": {"k": member("x", "K", "u", "p")}}
    both = {"k": member("x", "K", "u", "p"), "new": member("y")}
    found = planned({"name": "n", "map": {"k": member("x"), "new": member("y")}}, prior, prior | {"map": both})
    assert found["map"] == {"k": member("x", "K", UNKNOWN, "p"), "new": member("y", "K", UNKNOWN, UNKNOWN)}


def test_a_removed_list_element_and_a_longer_list() -> None:
    prior = PRIOR | {"list": [member("x", "K", "u", "p")]}
    two = [member("x", "K", "u", "p"), member("y")]
    found = planned({"name": "n", "list": [member("x"), member("y")]}, prior, prior | {"list": two})
    assert found["list"] == [member("x", "K", UNKNOWN, "p"), member("y", "K", UNKNOWN, UNKNOWN)]


def test_the_elements_of_a_set_find_their_configuration_whatever_the_order() -> None:
    """Terraform proposes elements with prior computed values, which sorts them differently from the configured ones."""
    prior = PRIOR | {"set": [member("x", "L", "u", "p"), member("y", "K", "u", "p")]}
    proposed = prior | {"name": "other"}
    config = {"name": "other", "set": [member("y"), member("x", "L")]}
    found = planned(config, prior, proposed)
    assert sorted((each["a"], each["kind"]) for each in found["set"]) == [("x", "L"), ("y", "K")]


def test_an_unknown_element_is_proposed_as_an_object_of_unknowns() -> None:
    unknown = dict.fromkeys(MEMBERS, UNKNOWN)
    for nesting, config, proposed in (
        ("map", {"k": UNKNOWN}, {"k": unknown}),
        ("list", [UNKNOWN], [unknown]),
        ("set", [UNKNOWN], [unknown]),
    ):
        found = planned({"name": "n", nesting: config}, PRIOR, PRIOR | {nesting: proposed})
        assert found[nesting] == proposed


@pytest.mark.parametrize(
    ("prior", "after", "expected"),
    [
        ({}, {}, False),
        ({}, {"name": "other"}, True),
        ({}, {"name": UNKNOWN}, True),
        ({"name": UNKNOWN}, {"name": UNKNOWN}, True),
        ({}, {"local": "x"}, False),
        ({}, {"name": ""}, True),
        ({"name": None}, {"name": ""}, True),
    ],
)
def test_differs(prior: Values, after: Values, expected: bool) -> None:
    assert differs(SCHEMA.attributes, PRIOR | prior, PRIOR | prior | after) is expected


@pytest.mark.parametrize(
    ("prior", "after", "paths"),
    [
        ({}, {}, []),
        ({"name": "a"}, {"name": "b"}, ["name"]),
        ({"name": ""}, {"name": None}, []),
        ({"name": "a"}, {"name": UNKNOWN}, ["name"]),
        ({"moving": "a"}, {"moving": "b"}, []),
        ({"single": member("a")}, {"single": member("b")}, ["single.a"]),
        ({"single": None}, {"single": member("b", "K", "u")}, ["single.a", "single.kind"]),
        ({"single": member("b")}, {"single": None}, ["single.a"]),
        ({"single": member("b")}, {"single": UNKNOWN}, ["single"]),
        ({"map": {"k": member("a")}}, {"map": {"l": member("a")}}, ['map["k"].a', 'map["l"].a']),
        ({"map": {"k": member("a")}}, {"map": {"k": UNKNOWN}}, ['map["k"].a', 'map["k"].kind']),
        ({"map": {}}, {"map": {"k": UNKNOWN}}, ['map["k"].a', 'map["k"].kind']),
        ({"list": [member("a")]}, {"list": [member("a"), member("b")]}, ["list[1].a"]),
        ({"list": [member("a")]}, {"list": []}, ["list[0].a"]),
    ],
)
def test_changed(prior: Values, after: Values, paths: list[str]) -> None:
    found = changed(SCHEMA.attributes, NOTHING | prior, NOTHING | prior | after)
    assert [str(at) for at, _ in found] == paths


def replacing(**more: Any) -> Attribute:
    return optional(REPLACE, **more)


PLACE = Schema(
    description="x",
    attributes={
        "pool": replacing(),
        "zone": replacing(computed=True),
        "kind": replacing(computed=True, default="K", equivalent=lambda one, other: {one, other} <= {"OBS", "OBSFS"}),
        "name": optional(),
        "disk": nested(
            Nesting.SINGLE,
            {"kind": replacing(computed=True, default="K"), "uri": replacing(), "size": optional(computed=True)},
            required=True,
        ),
        "keys": Attribute(type=SetOf(STRING), description="x", optional=True, change=REPLACE),
    },
)
DISK: Values = {"kind": "K", "uri": None, "size": "1"}
HERE: Values = {"pool": None, "zone": "z", "kind": "K", "name": "n", "disk": DISK, "keys": None}


@pytest.mark.parametrize(
    ("config", "after", "paths"),
    [
        ({}, {}, []),
        ({"name": "other"}, {"name": "other"}, []),
        ({"pool": "p"}, {"pool": "p"}, ["pool"]),
        ({"pool": UNKNOWN}, {"pool": UNKNOWN}, ["pool"]),
        ({"pool": ""}, {"pool": ""}, []),
        ({}, {"zone": "other"}, []),
        ({"zone": "other"}, {"zone": "other"}, ["zone"]),
        ({"zone": "z"}, {"zone": "z"}, []),
        ({"zone": UNKNOWN}, {"zone": UNKNOWN}, ["zone"]),
        ({"kind": "L"}, {"kind": "L"}, ["kind"]),
        ({"keys": ["a"]}, {"keys": ["a"]}, ["keys"]),
        ({"keys": []}, {"keys": []}, []),
        ({"disk": DISK | {"uri": "u"}}, {"disk": DISK | {"uri": "u"}}, ["disk.uri"]),
        ({"disk": DISK | {"size": "2"}}, {"disk": DISK | {"size": "2"}}, []),
        ({"disk": UNKNOWN}, {"disk": UNKNOWN}, ["disk.kind", "disk.uri"]),
        ({"disk": DISK | {"kind": UNKNOWN}}, {"disk": DISK | {"kind": UNKNOWN}}, ["disk.kind"]),
    ],
)
def test_requires_replace(config: Values, after: Values, paths: list[str]) -> None:
    nothing: Values = dict.fromkeys(PLACE.attributes) | {"disk": dict.fromkeys(DISK)}
    assert [str(at) for at in requires_replace(PLACE, nothing | config, HERE, HERE | after)] == paths


@pytest.mark.parametrize(
    ("prior", "after", "paths"),
    [
        ({"kind": "L"}, {"kind": "K"}, ["kind"]),
        ({"disk": DISK | {"kind": "L"}}, {"disk": DISK}, ["disk.kind"]),
        ({"disk": DISK | {"uri": "u"}}, {"disk": DISK}, ["disk.uri"]),
        ({"kind": "OBS"}, {"kind": "OBSFS"}, []),
    ],
)
def test_what_is_left_out_falls_back_to_the_default_and_replaces(
    prior: Values, after: Values, paths: list[str]
) -> None:
    nothing: Values = dict.fromkeys(PLACE.attributes) | {"disk": dict.fromkeys(DISK)}
    assert [str(at) for at in requires_replace(PLACE, nothing, HERE | prior, HERE | prior | after)] == paths
