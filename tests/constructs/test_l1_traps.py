"""Traps of the CDK library, each impossible here or an error that says what to write instead."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from modelarts_constructs import ConstructError, ModelartsProvider
from modelarts_constructs._cdk import cdktf
from modelarts_constructs._plain import to_plain
from modelarts_constructs.l1.notebook import NotebookResource


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Plain(Enum):
    ONE = 1


class Model(BaseModel):
    a: int
    b: str | None = None


@dataclass
class Data:
    a: int
    b: str | None = None


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        ("text", "text"),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Plain.ONE, 1),
        (5, 5),
        (2**53, 2**53),
        (0.5, 0.5),
        (Decimal("7"), 7),
        (Decimal("0.5"), 0.5),
        (Path("/a/b"), "/a/b"),
        ((1, 2), [1, 2]),
        ({"b", "a", "c"}, ["a", "b", "c"]),
        (frozenset({"b", "a"}), ["a", "b"]),
        ({"a": None, "b": {"c": None}}, {"b": {}}),
        ({Colour.RED: 1}, {"red": 1}),
        (Model(a=1), {"a": 1}),
        (Data(a=1), {"a": 1}),
        ("${HOME}", "${HOME}"),
    ],
)
def test_values_become_plain(value, plain):
    result = to_plain(value, "x")
    assert result == plain
    assert type(result) is type(plain)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, None], r"x\[1\] is None, and CDK for Terraform drops null elements"),
        (2**53 + 1, r"loses digits beyond 2\*\*53"),
        (-(2**53) - 1, r"loses digits beyond 2\*\*53"),
        (float("nan"), "x is nan, and Terraform has no such number"),
        (float("inf"), "x is inf, and Terraform has no such number"),
        (Decimal("Infinity"), "x is Infinity, and Terraform has no such number"),
        (b"bytes", r"x is a bytes, and Terraform has no such value: write \.decode\(\)"),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), r"write \.isoformat\(\)"),
        (dt.timedelta(minutes=30), 'write a duration such as "30m"'),
        (object(), "x is a object, and Terraform has no such value"),
        ({1: "a"}, "x has the key 1: keys must be text"),
        ({"a": {"b c": [{None: 1}]}}, r'x\.a\["b c"\]\[0\] has the key None'),
    ],
)
def test_values_that_would_be_lost_are_refused(value, message):
    with pytest.raises(ConstructError, match=message):
        to_plain(value, "x")


def test_construct_in_the_place_of_its_value_is_refused(provided, basic_resource):
    variable = cdktf.TerraformVariable(provided, "v", type="string")
    with pytest.raises(ConstructError, match=r"/a: region is the construct TerraformVariable itself"):
        NotebookResource(provided, "a", **basic_resource, region=variable)


@pytest.mark.parametrize("bad", ["", "a b", "中文", "北京", "é", "1a", "-a", "a.b", "a/b"])
def test_ids_that_would_collide_are_refused(provided, basic_resource, bad):
    with pytest.raises(ConstructError, match="must start with a letter or an underscore"):
        NotebookResource(provided, bad, **basic_resource)
    with pytest.raises(ConstructError, match="must start with a letter or an underscore"):
        ModelartsProvider(provided, bad)


def test_refused_construct_leaves_nothing_behind(provided, notebooks, basic_resource):
    with pytest.raises(ConstructError):
        NotebookResource(provided, "a", **basic_resource, timeouts={"create": object()})
    NotebookResource(provided, "a", **basic_resource)
    assert list(notebooks(provided)) == ["a"]


def test_an_id_is_needed_before_the_apply(provided, basic_resource, text):
    with pytest.raises(ConstructError, match=r"the id is '.*' \(only known during the apply\), and addresses are made"):
        NotebookResource(provided, text, **basic_resource)


def test_numbers_that_stand_for_others_are_named_so(provided):
    number = cdktf.TerraformVariable(provided, "n", type="number").number_value
    with pytest.raises(ConstructError, match=r"is -8.*298 \(only known during the apply\): must be the id of an inst"):
        NotebookResource.generate_config_for_import(provided, "a", number)


@pytest.mark.parametrize("before", ["-", "+", ".", "1"])
def test_number_token_that_would_be_overlooked_in_text_is_refused(provided, basic_resource, before):
    number = cdktf.TerraformVariable(provided, "n", type="number").number_value
    with pytest.raises(
        ConstructError,
        match=r"description holds a number that is only known during the apply .*write cdktf\.Token\.as_string",
    ):
        NotebookResource(provided, "a", **basic_resource, description=f"x{before}{number}")


def test_number_token_in_text_elsewhere_is_resolved(provided, notebooks, basic_resource):
    number = cdktf.TerraformVariable(provided, "n", type="number").number_value
    text = f"x_{number} {cdktf.Token.as_string(number)}"
    NotebookResource(provided, "a", **basic_resource, description=text)
    assert notebooks(provided)["a"]["description"] == "x_${var.n} ${var.n}"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda variable: variable.list_value, "a list"),
        (lambda variable: cdktf.Token.as_string_map(variable.value), "a map"),
        (lambda variable: variable.value, "an object"),
    ],
)
def test_other_tokens_printed_into_text_are_refused(provided, basic_resource, make, words):
    token = make(cdktf.TerraformVariable(provided, "v", type="any"))
    with pytest.raises(
        ConstructError, match=f"description holds {words} that is only known during the apply, as Python prints"
    ):
        NotebookResource(provided, "a", **basic_resource, description=f"x {token}")


def test_replace_triggered_by_a_resource_is_a_bare_reference(provided, notebooks, basic_resource):
    a = NotebookResource(provided, "a", **basic_resource)
    for index, lifecycle in enumerate(
        (
            {"replace_triggered_by": [a, "terraform_data.x.id"], "prevent_destroy": True},
            cdktf.TerraformResourceLifecycle(replace_triggered_by=[a, "terraform_data.x.id"], prevent_destroy=True),
        )
    ):
        NotebookResource(provided, f"b{index}", **basic_resource, lifecycle=lifecycle)
        assert notebooks(provided)[f"b{index}"]["lifecycle"] == {
            "prevent_destroy": True,
            "replace_triggered_by": ["modelarts_notebook.a", "terraform_data.x.id"],
        }


def test_replace_triggered_by_a_token_is_refused(provided, basic_resource):
    a = NotebookResource(provided, "a", **basic_resource)
    with pytest.raises(ConstructError, match=r"/b: replace_triggered_by takes resources, or bare references"):
        NotebookResource(provided, "b", **basic_resource, lifecycle={"replace_triggered_by": [a.url]})


def test_depends_on_text_is_refused(provided, basic_resource):
    with pytest.raises(ConstructError, match=r"depends_on takes resources, not the text 'modelarts_notebook\.a'"):
        NotebookResource(provided, "b", **basic_resource, depends_on=["modelarts_notebook.a"])


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"count": "2"}, r"/a: count is '2': must be a whole number from 0, or cdktf\.TerraformCount\.of"),
        ({"count": True}, r"/a: count is True: must be a whole number from 0"),
        ({"count": -1}, r"/a: count is -1: must be a whole number from 0"),
        ({"count": 1.5}, r"/a: count is 1\.5: must be a whole number from 0"),
        ({"count": float("nan")}, r"/a: count is nan: must be a whole number from 0"),
        ({"count": float("inf")}, r"/a: count is inf: must be a whole number from 0"),
        (
            {"for_each": ["a"]},
            r"/a: for_each is \['a'\]: must be an iterator, such as cdktf\.TerraformIterator\.from_list",
        ),
        ({"provider": "modelarts.west"}, r"/a: provider is 'modelarts\.west': must be the provider itself"),
        (
            {"depends_on": "modelarts_notebook.b"},
            r"/a: depends_on is 'modelarts_notebook\.b': must be a list of resources",
        ),
        ({"lifecycle": ["prevent_destroy"]}, r"/a: lifecycle is \['prevent_destroy'\]: must be a dict, such as"),
        ({"lifecycle": {"prevent_destroy": "yes"}}, r"/a: .*prevent_destroy"),
        ({"provisioners": "x"}, r"/a: .*provisioners"),
    ],
)
def test_metadata_of_another_kind(provided, basic_resource, meta, message):
    with pytest.raises(ConstructError, match=message):
        NotebookResource(provided, "a", **basic_resource, **meta)


def test_counts_that_there_can_be(provided, basic_resource, notebooks):
    variable = cdktf.TerraformVariable(provided, "n", type="number")
    counts = {"none": 0, "two": 2, "whole": 2.0, "token": variable.number_value}
    counts["object"] = cdktf.TerraformCount.of(variable.number_value)
    for name, count in counts.items():
        NotebookResource(provided, name, **basic_resource, count=count)
    expected = {"none": 0, "two": 2, "whole": 2, "token": "${var.n}", "object": "${var.n}"}
    assert {name: body["count"] for name, body in notebooks(provided).items()} == expected


def test_a_new_logical_id_after_it_was_used(provided, basic_resource):
    """The library keeps the old one then, without a word."""
    counted = NotebookResource(provided, "a", **basic_resource, count=2)
    counted.each("url")
    with pytest.raises(RuntimeError, match="Logical ID may not be overridden once"):
        counted.override_logical_id("other")
    trigger = NotebookResource(provided, "b", **basic_resource)
    NotebookResource(provided, "c", **basic_resource, lifecycle={"replace_triggered_by": [trigger]})
    with pytest.raises(RuntimeError, match="Logical ID may not be overridden once"):
        trigger.override_logical_id("other")


def test_count_together_with_for_each_is_refused(provided, basic_resource):
    each = cdktf.TerraformIterator.from_list(["a"])
    with pytest.raises(ConstructError, match="/a: count and for_each exclude each other"):
        NotebookResource(provided, "a", **basic_resource, count=1, for_each=each)


def test_reference_into_many_instances_is_refused_and_each_is_offered(provided, basic_resource, rendered):
    counted = NotebookResource(provided, "a", **basic_resource, count=2)
    with pytest.raises(ConstructError, match=r"with count there are many instances: write \.each\('url'\)"):
        _ = counted.url
    with pytest.raises(ConstructError, match=r"write \.each\('endpoints'\)"):
        _ = counted.endpoints
    listed = NotebookResource(provided, "b", **basic_resource, for_each=cdktf.TerraformIterator.from_list(["a"]))
    with pytest.raises(ConstructError, match="with for_each there are many"):
        _ = listed.url
    assert rendered(provided, counted.each("url"), listed.each('endpoints["SSH"].uri')) == [
        "${modelarts_notebook.a[*].url}",
        '${values(modelarts_notebook.b)[*].endpoints["SSH"].uri}',
    ]
    with pytest.raises(ConstructError, match=r"neither count nor for_each: write \.url"):
        NotebookResource(provided, "c", **basic_resource).each("url")


def test_synthesis_asks_more_than_once_and_gets_the_same(tmp_path, basic_resource):
    app = cdktf.App(outdir=str(tmp_path))
    stack = cdktf.TerraformStack(app, "s")
    ModelartsProvider(stack, default_tags={"CostCenter": "42"})
    NotebookResource(stack, "a", **basic_resource)
    app.synth()
    first = (tmp_path / "stacks" / "s" / "cdk.tf.json").read_text()
    app.synth()
    assert (tmp_path / "stacks" / "s" / "cdk.tf.json").read_text() == first
    assert json.loads(first)["resource"]["modelarts_notebook"]["a"]["storage"] == {"size": 10}
