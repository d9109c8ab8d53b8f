"""Rules for new values: what a plan would send is checked, and what is there already isn't."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, Schema
from modelarts_provider.framework.schema.types import STRING, MapOf, SetOf
from modelarts_provider.framework.schema.validation import MAY_STAY, validate, validate_new_values
from modelarts_provider.framework.schema.validators import AtMost, Each, Keys, Length
from modelarts_provider.framework.schema.values import UNKNOWN

SHORT = Attribute(type=STRING, description="x", optional=True, new_value_validators=(Length(0, 2),))
SCHEMA = Schema(
    description="x",
    attributes={
        "name": SHORT,
        "free": Attribute(type=STRING, description="x", optional=True),
        "tags": Attribute(
            type=MapOf(STRING),
            description="x",
            optional=True,
            new_value_validators=(Keys(Length(1, 2)), Each(Length(0, 2))),
        ),
        "ips": Attribute(
            type=SetOf(STRING), description="x", optional=True, new_value_validators=(Each(Length(0, 2)), AtMost(2))
        ),
        **{
            nesting.name.lower(): Attribute(type=Nested(nesting, {"name": SHORT}), description="x", optional=True)
            for nesting in Nesting
        },
    },
)
NOTHING: dict[str, Any] = dict.fromkeys(SCHEMA.attributes)
OLD = {
    "name": "old name",
    "tags": {"long key": "long value", "a": "long value", "b": "b"},
    "ips": ["long one", "a", "b"],
    "single": {"name": "old name"},
    "list": [{"name": "old name"}],
    "set": [{"name": "ok"}],
    "map": {"k": {"name": "old name"}},
}


def wrong(prior: dict[str, Any] | None, planned: dict[str, Any]) -> list[str]:
    before = None if prior is None else NOTHING | prior
    return [str(each.path) for each in validate_new_values(SCHEMA, before, NOTHING | planned)]


@pytest.mark.parametrize(
    ("planned", "at"),
    [
        ({"name": "ok"}, []),
        ({"name": "abc"}, ["name"]),
        ({"name": UNKNOWN, "tags": UNKNOWN, "ips": UNKNOWN, "single": UNKNOWN, "map": {"k": UNKNOWN}}, []),
        ({"tags": {"abc": "x", "a": "abc"}}, ['tags["abc"]', 'tags["a"]']),
        ({"tags": {"a": UNKNOWN, "abc": UNKNOWN}}, ['tags["abc"]']),
        ({"ips": ["abc", UNKNOWN]}, ["ips"]),
        ({"ips": ["a", "b", "c"]}, ["ips"]),
        ({"single": {"name": "abc"}}, ["single.name"]),
        ({"list": [{"name": "a"}, {"name": "abc"}]}, ["list[1].name"]),
        ({"set": [{"name": "abc"}]}, ["set.name"]),
        ({"map": {"k": {"name": "abc"}}}, ['map["k"].name']),
        ({"free": "anything"}, []),
    ],
    ids=str,
)
def test_a_create_is_checked_whole(planned: dict[str, Any], at: list[str]) -> None:
    assert wrong(None, planned) == at
    assert wrong({}, planned) == at


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({}, []),
        ({"free": "changed"}, []),
        ({"name": None}, []),
        ({"name": "ok"}, []),
        ({"name": "new name"}, ["name"]),
        ({"name": UNKNOWN}, []),
        ({"tags": None}, []),
        ({"tags": {"long key": "long value"}}, []),
        ({"tags": OLD["tags"] | {"c": "d"}}, []),
        ({"tags": OLD["tags"] | {"c": "long"}}, ['tags["c"]']),
        ({"tags": OLD["tags"] | {"b": "long"}}, ['tags["b"]']),
        # Both are sent, so both have to follow the rules.
        ({"tags": OLD["tags"] | {"long key": "c"}}, ['tags["long key"]']),
        ({"tags": OLD["tags"] | {"a": UNKNOWN}}, []),
        ({"ips": ["long one", "c"]}, []),
        ({"ips": ["long one", "another one"]}, ["ips"]),
        ({"single": {"name": "new name"}}, ["single.name"]),
        ({"list": [{"name": "old name"}, {"name": "new name"}]}, ["list[1].name"]),
        ({"list": []}, []),
        ({"map": {"k": {"name": "old name"}, "l": {"name": "old name"}}}, ['map["l"].name']),
    ],
    ids=str,
)
def test_an_update_is_checked_where_it_differs(change: dict[str, Any], at: list[str]) -> None:
    assert wrong(OLD, OLD | change) == at


def test_a_configuration_may_hold_what_exists() -> None:
    assert list(validate(SCHEMA, NOTHING | OLD)) == []


def test_an_error_names_the_rule_and_what_to_do() -> None:
    (update,) = validate_new_values(SCHEMA, NOTHING, NOTHING | {"name": "abc"}, "Do this.")
    assert update.summary == "Invalid value for name"
    assert update.detail == f"name has 3 characters and must have at most 2 characters. {MAY_STAY} Do this."
    (create,) = validate_new_values(SCHEMA, None, NOTHING | {"name": "abc"})
    assert create.detail == "name has 3 characters and must have at most 2 characters."


texts = st.text("ab", max_size=4)
values = st.fixed_dictionaries(
    {
        "name": st.none() | texts,
        "tags": st.none() | st.dictionaries(texts, texts, max_size=3),
        "ips": st.none() | st.lists(texts, max_size=4, unique=True).map(sorted),
        "single": st.none() | st.fixed_dictionaries({"name": st.none() | texts}),
        "map": st.none() | st.dictionaries(texts, st.fixed_dictionaries({"name": st.none() | texts}), max_size=2),
    }
)


@given(values, values)
def test_what_a_create_allows_any_update_allows(prior: dict[str, Any], planned: dict[str, Any]) -> None:
    assert wrong(planned, planned) == []
    if not wrong(None, planned):
        assert wrong(prior, planned) == []
    assert {each.partition("[")[0] for each in wrong(prior, planned)} <= {
        each.partition("[")[0] for each in wrong(None, planned)
    }
