"""Tokens are told from literals by their form, as the CDK library itself tells them, and without asking it."""

from __future__ import annotations

import re

import jsii
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelarts_constructs import expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs._tokens import is_token, literal, number_token_in, overlooked
from modelarts_constructs.l1.notebook import NotebookResource


def tokens(stack, basic_resource):
    variable = cdktf.TerraformVariable(stack, "v", type="any")
    notebook = NotebookResource(stack, "n", **basic_resource)
    return {
        "string": variable.string_value,
        "inside text": f"a-{variable.string_value}-b",
        "number": variable.number_value,
        "list": variable.list_value,
        "number list": cdktf.Token.as_number_list(variable.value),
        "map": cdktf.Token.as_string_map(variable.value),
        "number map": cdktf.Token.as_number_map(variable.value),
        "bool": variable.boolean_value,
        "any": variable.value,
        "expression": expression("var.x"),
        "attribute": notebook.url,
        "attribute list": notebook.billing_items,
        "function": cdktf.Fn.base64encode("a"),
        "function list": cdktf.Fn.tolist(variable.list_value),
    }


LITERALS = [
    "",
    "a",
    "${var.x}",
    "${TfToken}",
    0,
    5,
    -8.1e298,
    0.5,
    True,
    False,
    None,
    [],
    ["a"],
    {},
    {"a": 1},
    (1,),
    [1.5],
]


def test_tokens_are_told_as_the_library_tells_them(provided, basic_resource):
    for kind, value in tokens(provided, basic_resource).items():
        assert cdktf.Token.is_unresolved(value), kind
        assert is_token(value), kind


@pytest.mark.parametrize("value", LITERALS, ids=repr)
def test_literals_are_told_as_the_library_tells_them(value):
    assert not is_token(value)
    if not isinstance(value, tuple) and value is not None:
        assert not cdktf.Token.is_unresolved(value)


def test_constructs_are_no_tokens(provided):
    assert not is_token(provided)
    assert not is_token(cdktf.TerraformVariable(provided, "v", type="any"))


def test_telling_makes_no_call(provided, basic_resource, monkeypatch):
    values = tokens(provided, basic_resource)

    def refuse(*arguments, **keywords):
        pytest.fail("a call to the CDK library")

    for name in ("invoke", "sinvoke", "get", "sget", "create"):
        monkeypatch.setattr(jsii._runtime.kernel, name, refuse)
    assert all(is_token(value) for value in values.values())


@given(st.floats(allow_nan=True), st.text(), st.lists(st.text(), max_size=2))
def test_ordinary_values_are_no_tokens(number, text, texts):
    assert not is_token(text)
    assert not is_token(texts)
    assert is_token(number) == (number != 0 and str(number)[:7] in {"-8.1095", "-1.8881"} and abs(number) > 1e288)


@pytest.mark.parametrize(
    ("written", "escaped"),
    [
        ("${HOME}", "$${HOME}"),
        ("%{if}", "%%{if}"),
        ("$HOME 100% { } $", "$HOME 100% { } $"),
        ("${TfToken[TOKEN.7]} ${x}", "${TfToken[TOKEN.7]} $${x}"),
        ("$${HOME}", "$$${HOME}"),
        ("cost: $${TfToken[TOKEN.7]}", 'cost: ${"$"}${TfToken[TOKEN.7]}'),
        ("$$${TfToken[TOKEN.7]}", '${"$$"}${TfToken[TOKEN.7]}'),
        ("%${TfToken[TOKEN.7]}", "%${TfToken[TOKEN.7]}"),
        ("", ""),
    ],
)
def test_literal_text_is_escaped_and_tokens_are_not(written, escaped):
    assert literal(written) == escaped


def read_by_terraform(text):
    """How Terraform reads a template without interpolations: a run of two or more before a brace loses one (measured)."""
    return re.sub(r"([$%])(\1+)\{", r"\2{", text)


@given(st.text(alphabet="${}%aT\n"))
def test_escaped_text_reads_back(text):
    assert read_by_terraform(literal(text)) == text
    assert overlooked(text) is None
    assert not number_token_in(text)
