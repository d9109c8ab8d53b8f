"""Values that are only known during the apply: questions that Python would answer wrongly are errors that say what to write."""

from __future__ import annotations

import copy
import operator

import pytest

from modelarts_constructs import ConstructError, Notebook, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.testing import Template


@pytest.fixture
def made(provided, basic):
    return Notebook(provided, "a", **basic)


QUESTIONS = {
    "interrupted_update is a truth (true or false)": [
        (bool, "decide by it", "cdktf.Fn.conditional(the_truth, a, b)"),
        (lambda truth: truth or 1, "decide by it", ""),
        (lambda truth: truth == True, "compare it", "cdktf.Op.eq(the_truth, the_other)"),  # noqa: E712 - what people write
        (lambda truth: truth != False, "compare it", "cdktf.Op.eq(the_truth, the_other)"),  # noqa: E712 - as above
    ],
    "billing_items is a list": [
        (lambda items: items[0], "pick an element of it", "cdktf.Fn.element(the_list, 0)"),
        (lambda items: items.pop(), "pick an element of it", "cdktf.Fn.element(the_list, …)"),
        (lambda items: "ALL" in items, "look into it", "cdktf.Fn.contains(the_list, 'ALL')"),
        (lambda items: items.index("ALL"), "look into it", "cdktf.Fn.index(the_list, 'ALL')"),
        (lambda items: items.count("ALL"), "look into it", "cdktf.Fn.contains(the_list, 'ALL')"),
        (len, "count its elements", "cdktf.Fn.length_of(the_list)"),
        (list, "count its elements, or put others beside them", "cdktf.Fn.concat([the_list, more])"),
        (lambda items: [*items, "x"], "count its elements, or put others beside them", "cdktf.Fn.concat("),
        (bool, "tell whether it is empty", "cdktf.Op.gte(cdktf.Fn.length_of(the_list), 1)"),
        (lambda items: items or ["x"], "tell whether it is empty", ""),
        (lambda items: items == ["ALL"], "compare it", "cdktf.Op.eq(the_list, the_other)"),
        (lambda items: ["ALL"] == items, "compare it", "cdktf.Op.eq(the_list, the_other)"),  # noqa: SIM300 - as people do
        (lambda items: items != [], "compare it", "cdktf.Op.eq(the_list, the_other)"),
        (lambda items: items < ["ALL"], "put it in order", "cdktf.Fn.sort(the_list)"),
        (lambda items: items.sort(), "put it in order", "cdktf.Fn.sort(the_list)"),
        (reversed, "turn it round", "cdktf.Fn.reverse(the_list)"),
        (lambda items: items + ["x"], "put elements into it", "cdktf.Fn.concat([the_list, more])"),  # noqa: RUF005 - as above
        (lambda items: ["x"] + items, "put elements into it", "cdktf.Fn.concat([the_list, more])"),  # noqa: RUF005 - as above
        (lambda items: items * 2, "put elements into it", "cdktf.Fn.concat([the_list, more])"),
        (lambda items: operator.iadd(items, ["x"]), "put elements into it", "cdktf.Fn.concat([the_list, more])"),
        (lambda items: items.append("x"), "put elements into it", "cdktf.Fn.concat([the_list, more])"),
        (lambda items: items.extend(["x"]), "put elements into it", "cdktf.Fn.concat([the_list, more])"),
        (lambda items: operator.setitem(items, 0, "x"), "put elements into it", "cdktf.Fn.concat([the_list, more])"),
        (lambda items: operator.delitem(items, 0), "put elements into it or take some out", "cdktf.Fn.concat("),
        (lambda items: f"of {items}", "put it into text", 'cdktf.Fn.join(",", the_list)'),
    ],
    "tags_all is a map": [
        (lambda tags: tags["a"], "pick a member of it", "cdktf.Fn.lookup(the_map, 'a')"),
        (lambda tags: tags.get("a"), "pick a member of it", "cdktf.Fn.lookup(the_map, 'a')"),
        (lambda tags: tags.get("a", "b"), "pick a member of it", "cdktf.Fn.lookup(the_map, 'a', 'b')"),
        (lambda tags: tags.pop("a", "b"), "pick a member of it", "cdktf.Fn.lookup(the_map, 'a', 'b')"),
        (lambda tags: tags.pop("a"), "pick a member of it", "cdktf.Fn.lookup(the_map, 'a')"),
        (lambda tags: tags.popitem(), "pick a member of it", "cdktf.Fn.lookup(the_map, key)"),
        (lambda tags: "a" in tags, "look into it", "cdktf.Fn.contains(cdktf.Fn.keys(the_map), 'a')"),
        (lambda tags: tags.setdefault("a", "b"), "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: tags.update({"a": "b"}), "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: tags.update(a="b"), "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: tags | {"a": "b"}, "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: {"a": "b"} | tags, "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: operator.ior(tags, {}), "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: operator.setitem(tags, "a", "b"), "put members into it", "cdktf.Fn.merge([the_map, more])"),
        (lambda tags: operator.delitem(tags, "a"), "put members into it or take some out", "cdktf.Fn.merge("),
        (lambda tags: tags == {"a": "b"}, "compare it", "cdktf.Op.eq(the_map, the_other)"),
        (lambda tags: tags != {}, "compare it", "cdktf.Op.eq(the_map, the_other)"),
        (len, "count its members", "cdktf.Fn.length_of(the_map)"),
        (lambda tags: tags or {}, "tell whether it is empty", "cdktf.Op.gte(cdktf.Fn.length_of(the_map), 1)"),
        (lambda tags: f"of {tags}", "put it into text", "cdktf.Fn.jsonencode(the_map)"),
    ],
    "hooks is an object": [
        (bool, "tell whether it is set", "cdktf.Op.neq(the_reference, cdktf.Token.null_value())"),
        (lambda hooks: hooks == {}, "compare it", "cdktf.Op.eq(the_reference, the_other)"),
        (lambda hooks: hooks != {}, "compare it", "cdktf.Op.eq(the_reference, the_other)"),
        (len, "count what is in it", "cdktf.Fn.length_of(the_reference)"),
        (lambda hooks: f"of {hooks}", "put it into text", "cdktf.Fn.jsonencode(the_reference)"),
        ("of {}".format, "put it into text", "one of its values"),
    ],
    "endpoints is a map": [
        (list, "go through it", 'each place by its name, such as ["SSH"] or [0]'),
        (
            lambda endpoints: "SSH" in endpoints,
            "look into it",
            "cdktf.Fn.contains(cdktf.Fn.keys(the_reference), 'SSH')",
        ),
    ],
    "action_progress is a list": [
        (list, "go through it", 'each place by its name, such as ["SSH"] or [0]'),
    ],
}


@pytest.mark.parametrize(
    ("what", "ask", "question", "instead"),
    [(what, *row) for what, rows in QUESTIONS.items() for row in rows],
)
def test_questions_that_python_cannot_answer(made, what, ask, question, instead):
    value = getattr(made, what.split()[0])
    with pytest.raises(ConstructError) as raised:
        ask(value)
    words = str(raised.value)
    assert words.startswith(f"{what} that is only known during the apply, so Python can't {question}")
    assert f": write {instead}" in words or f" or {instead}" in words
    assert words.endswith(", which Terraform evaluates then")


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("name", ["interrupted_update", "billing_items", "tags_all", "hooks", "endpoints", "update_at"])
def test_a_copy_of_what_is_not_known_is_itself(made, copied, name):
    value = getattr(made, name)
    assert copied(value) is value
    assert copied([value])[0] is value


def test_a_misspelt_member_of_a_reference(made):
    with pytest.raises(AttributeError, match=r"NotebookStorageReference has no attribute 'sise': did you mean size\?"):
        _ = made.storage.sise
    with pytest.raises(AttributeError, match=r"NotebookStorageReference has no attribute 'xyz'$"):
        _ = made.storage.xyz


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
        cdktf.Op.eq(made.interrupted_update, made.deletion_protection),
        cdktf.Fn.length_of(made.billing_items),
        cdktf.Op.gte(cdktf.Fn.length_of(made.billing_items), 1),
        cdktf.Op.eq(made.billing_items, ["ALL"]),
        cdktf.Fn.index(made.billing_items, "ALL"),
        cdktf.Fn.sort(made.billing_items),
        cdktf.Fn.reverse(made.billing_items),
        cdktf.Fn.concat([made.billing_items, ["x"]]),
        cdktf.Fn.join(",", made.billing_items),
        cdktf.Fn.jsonencode(made.tags_all),
        cdktf.Op.eq(made.storage.size, 50),
        cdktf.Op.neq(made.hooks, cdktf.Token.null_value()),
        cdktf.Fn.contains(cdktf.Fn.keys(made.endpoints), "SSH"),
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
        f"${{({place}.interrupted_update == {place}.deletion_protection)}}",
        f"${{length({place}.billing_items)}}",
        f"${{(length({place}.billing_items) >= 1)}}",
        f'${{({place}.billing_items == ["ALL"])}}',
        f'${{index({place}.billing_items, "ALL")}}',
        f"${{sort({place}.billing_items)}}",
        f"${{reverse({place}.billing_items)}}",
        f'${{concat({place}.billing_items, ["x"])}}',
        f'${{join(",", {place}.billing_items)}}',
        f"${{jsonencode({place}.tags_all)}}",
        f"${{({place}.storage.size == 50)}}",
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
