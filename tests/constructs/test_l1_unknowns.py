"""Values that only Terraform knows: questions that Python would answer wrongly are errors that say what to write."""

from __future__ import annotations

import operator

import pytest

from modelarts_constructs import ConstructError, Notebook, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.testing import Template


@pytest.fixture
def made(provided, basic):
    return Notebook(provided, "a", **basic)


@pytest.mark.parametrize(
    ("ask", "instead"),
    [
        (lambda made: bool(made.interrupted_update), "decide by a truth, .* cdktf.Fn.conditional(the_truth, a, b)"),
        (lambda made: made.interrupted_update or 1, "decide by a truth"),
        (lambda made: made.billing_items[0], "pick an element of a list, .* cdktf.Fn.element(the_list, 0)"),
        (lambda made: "ALL" in made.billing_items, "look into a list, .* cdktf.Fn.contains(the_list, 'ALL')"),
        (lambda made: made.tags_all["a"], "pick a member of a map, .* cdktf.Fn.lookup(the_map, 'a')"),
        (lambda made: made.tags_all.get("a", "b"), "pick a member of a map, .* cdktf.Fn.lookup(the_map, 'a', 'b')"),
        (lambda made: "a" in made.tags_all, "look into a map, .* cdktf.Fn.contains(cdktf.Fn.keys(the_map), 'a')"),
        (lambda made: made.tags_all.pop("a", "b"), "pick a member of a map, .* cdktf.Fn.lookup(the_map, 'a', 'b')"),
        (lambda made: made.tags_all.pop("a"), "pick a member of a map, .* cdktf.Fn.lookup(the_map, 'a')"),
        (lambda made: made.tags_all.popitem(), "take a member out of a map, .* cdktf.Fn.lookup(the_map, key)"),
        (lambda made: made.tags_all.setdefault("a", "b"), "put members into a map, .* cdktf.Fn.merge([the_map, more])"),
        (lambda made: made.tags_all.update({"a": "b"}), "put members into a map, .* cdktf.Fn.merge([the_map, more])"),
        (lambda made: made.tags_all | {"a": "b"}, "put members into a map, .* cdktf.Fn.merge([the_map, more])"),
        (lambda made: {"a": "b"} | made.tags_all, "put members into a map, .* cdktf.Fn.merge([the_map, more])"),
        (lambda made: operator.ior(made.tags_all, {}), "put members into a map, .* cdktf.Fn.merge([the_map, more])"),
        (lambda made: made.tags_all == made.tags_all, "compare a map, .* cdktf.Op.eq(the_map, the_other)"),
        (lambda made: made.tags_all != {}, "compare a map, .* cdktf.Op.eq(the_map, the_other)"),
        (lambda made: len(made.tags_all), "count the members of a map, .* cdktf.Fn.length_of(the_map)"),
        (
            lambda made: made.tags_all or {},
            "tell whether a map is empty, .* cdktf.Op.gte(cdktf.Fn.length_of(the_map), 1",
        ),
        (lambda made: bool(made.hooks), "tell whether hooks is set, .* cdktf.Op.neq(str(reference), cdktf.Token.null_"),
        (lambda made: list(made.endpoints), 'go through endpoints, .* each place by its name, such as ["SSH"] or [0]'),
        (lambda made: list(made.action_progress), "go through action_progress"),
        (
            lambda made: "SSH" in made.endpoints,
            "look into endpoints, .* cdktf.Fn.contains(cdktf.Fn.keys(str(reference)",
        ),
    ],
)
def test_questions_that_python_cannot_answer(made, ask, instead):
    with pytest.raises(ConstructError) as raised:
        ask(made)
    what, _, write = instead.partition(", .* ")
    assert f"Python can't {what}" in str(raised.value)
    assert write in str(raised.value)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda made: made.action_progress[-1], r"action_progress\[-1\]: the index must be a whole number from 0"),
        (lambda made: made.action_progress["a"], r"action_progress\['a'\]: the index must be"),
        (lambda made: made.endpoints[0], r"endpoints\[0\]: the key must be text"),
    ],
)
def test_places_that_there_cannot_be(made, ask, message):
    with pytest.raises(ConstructError, match=message):
        ask(made)


def test_what_the_errors_say_to_write_works(made, provided, rendered):
    place = "modelarts_notebook.a"
    assert rendered(
        provided,
        cdktf.Fn.conditional(made.interrupted_update, "a", "b"),
        cdktf.Fn.element(made.billing_items, 0),
        cdktf.Fn.contains(made.billing_items, "ALL"),
        cdktf.Fn.lookup(made.tags_all, "Cost", "x"),
        cdktf.Fn.contains(cdktf.Fn.keys(made.tags_all), "a"),
        cdktf.Fn.merge([made.tags_all, {"a": "b"}]),
        cdktf.Op.eq(made.tags_all, made.tags),
        cdktf.Fn.length_of(made.tags_all),
        cdktf.Op.gte(cdktf.Fn.length_of(made.tags_all), 1),
        cdktf.Op.neq(str(made.hooks), cdktf.Token.null_value()),
        cdktf.Fn.contains(cdktf.Fn.keys(str(made.endpoints)), "SSH"),
    ) == [
        f'${{{place}.interrupted_update ? "a" : "b"}}',
        f"${{element({place}.billing_items, 0)}}",
        f'${{contains({place}.billing_items, "ALL")}}',
        f'${{lookup({place}.tags_all, "Cost", "x")}}',
        f'${{contains(keys({place}.tags_all), "a")}}',
        f'${{merge({place}.tags_all, {{"a" = "b"}})}}',
        f"${{({place}.tags_all == {place}.tags)}}",
        f"${{length({place}.tags_all)}}",
        f"${{(length({place}.tags_all) >= 1)}}",
        f"${{({place}.hooks != null)}}",
        f'${{contains(keys({place}.endpoints), "SSH")}}',
    ]


def test_they_are_handed_on_as_the_expressions_that_they_are(made, provided, basic, rendered):
    copy = Notebook(
        provided,
        "b",
        **basic,
        tags=made.tags_all,
        deletion_protection=made.interrupted_update,
        description=f"truth {made.interrupted_update}",
        endpoints=None,
    )
    assert rendered(provided, made.interrupted_update, made.tags_all, made.billing_items) == [
        "${modelarts_notebook.a.interrupted_update}",
        "${modelarts_notebook.a.tags_all}",
        "${modelarts_notebook.a.billing_items}",
    ]
    found = Template.synth(provided).notebooks()["b"]
    assert found["tags"] == "${modelarts_notebook.a.tags_all}"
    assert found["deletion_protection"] == "${modelarts_notebook.a.interrupted_update}"
    assert found["description"] == "truth ${modelarts_notebook.a.interrupted_update}"
    assert copy.inputs["name"] == "nb"


def test_a_map_is_itself(made):
    tags = made.tags_all
    same = tags
    assert tags == same
    assert not tags != same  # noqa: SIM202 - Python asks another method


def test_the_key_of_a_place_may_be_an_expression(made, provided, rendered):
    key = expression("var.service")
    assert rendered(provided, made.endpoints[key].uri) == ['${modelarts_notebook.a.endpoints["${var.service}"].uri}']


def test_an_id_that_is_there(made, provided, basic):
    with pytest.raises(ConstructError, match=r"/a: there is a construct with this id already: choose another"):
        Notebook(provided, "a", **basic)
