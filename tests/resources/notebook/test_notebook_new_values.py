"""What the API's documents forbid of name, description and tags is refused where it is new, and kept where it exists."""

from __future__ import annotations

from typing import Any

import pytest
from notebook_values import Values, configured, errors, plan, state

from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.diagnostics import TO_DESTROY
from modelarts_provider.resources.notebook.plan.new_values import REPLACED

NAME = "consist of letters, digits, hyphens and underscores"
KEY = "consist of letters, digits, spaces inside and _ . : = + - @"
VALUE = "consist of letters, digits, spaces and _ . : / = + - @"
RESERVED = "not start with _sys_ and not be terraform-provider-modelarts"

NEW = [
    *(({"name": name}, "name", NAME) for name in ("训练-1", "a b", "näme", "a\n", "a/b", "ñ")),
    ({"name": ""}, "name", "have 1 to 128 characters"),
    ({"name": "a" * 129}, "name", "have 1 to 128 characters"),
    *(({"description": f"a{c}"}, "description", "not contain any of & < > \" ' /") for c in "&<>\"'/"),
    ({"description": "d" * 513}, "description", "have at most 512 characters"),
    *(({"tags": {key: "v"}}, f'tags["{key}"]', KEY) for key in ("a*b", "a/b", " a", "a ", "a&b", "a,b")),
    ({"tags": {"": "v"}}, 'tags[""]', "have 1 to 128 characters"),
    ({"tags": {"k" * 129: "v"}}, f'tags["{"k" * 129}"]', "have 1 to 128 characters"),
    *(({"tags": {key: "v"}}, f'tags["{key}"]', RESERVED) for key in ("_sys_x", "terraform-provider-modelarts")),
    *(({"tags": {"k": value}}, 'tags["k"]', VALUE) for value in ("a*b", "<a>", "a,b", "a\nb")),
    ({"tags": {"k": "v" * 256}}, 'tags["k"]', "have at most 255 characters"),
]


def existing(**values: Any) -> Values:
    """The state of a notebook that somebody has made in the console, and the provider refreshed."""
    prior = state(**values)
    prior |= values
    prior["tags_all"] = prior["tags"] or {}
    return prior


@pytest.mark.parametrize(("values", "at", "words"), NEW)
def test_a_create_refuses_it(values: Values, at: str, words: str) -> None:
    (error,) = errors(plan(configured(**values), None))
    assert (str(error.path), error.summary) == (at, f"Invalid value for {at}")
    assert error.detail.startswith(at)
    assert words in error.detail
    assert TO_DESTROY not in error.detail


@pytest.mark.parametrize(("values", "at", "words"), NEW)
def test_an_update_refuses_it_and_names_the_way_to_destroy(values: Values, at: str, words: str) -> None:
    (error,) = errors(plan(configured(**values), existing()))
    assert str(error.path) == at
    assert words in error.detail
    assert error.detail.endswith(TO_DESTROY)


@pytest.mark.parametrize("values", [row[0] for row in NEW])
def test_what_exists_is_kept(values: Values) -> None:
    prior = existing(**values)
    assert errors(plan(configured(**values), prior)) == []
    assert errors(plan(configured(**values, flavor="modelarts.vm.cpu.8u"), prior)) == []


@pytest.mark.parametrize(("values", "at", "words"), NEW)
def test_a_replacement_would_send_it_again(values: Values, at: str, words: str) -> None:
    config = configured(**values, storage={"category": "EFS"})
    (error,) = errors(plan(config, existing(**values)))
    assert str(error.path) == at
    assert words in error.detail
    assert error.detail.endswith(f"{REPLACED} {TO_DESTROY}")


@pytest.mark.parametrize("name", ["name", "description", "tags"])
def test_what_is_unknown_is_checked_when_it_is_known(name: str) -> None:
    for prior in (None, existing()):
        assert errors(plan(configured(**{name: UNKNOWN}), prior)) == []


def test_a_tag_whose_value_is_unknown_has_a_key_to_check() -> None:
    assert errors(plan(configured(tags={"k": UNKNOWN}), None)) == []
    (error,) = errors(plan(configured(tags={"a*b": UNKNOWN}), None))
    assert str(error.path) == 'tags["a*b"]'


def test_one_odd_tag_doesnt_keep_others_from_changing() -> None:
    prior = existing(tags={"a*b": "<c>", "team": "x"})
    for tags in ({"a*b": "<c>", "team": "y"}, {"a*b": "<c>"}, {"team": "x"}, {}, None):
        assert errors(plan(configured(tags=tags), prior)) == []
    (error,) = errors(plan(configured(tags={"a*b": "d", "team": "x"}), prior))
    assert str(error.path) == 'tags["a*b"]'


def test_no_error_shows_a_tags_value() -> None:
    (error,) = errors(plan(configured(tags={"k": "s3cret*value"}), None))
    assert "s3cret" not in f"{error.summary}{error.detail}"


def test_as_many_tags_as_there_are_may_stay() -> None:
    """The service takes 20, and one place is kept for the provider's own, which an imported notebook needn't have."""
    twenty = {f"k{index}": "" for index in range(20)}
    assert errors(plan(configured(tags=twenty), existing(tags=twenty))) == []
    assert errors(plan(configured(tags=twenty | {"k0": "new"}), existing(tags=twenty))) == []
    for prior in (None, existing(), existing(tags=dict.fromkeys(list(twenty)[:19], ""))):
        (error,) = errors(plan(configured(tags=twenty), prior))
        assert "20, and 19 are possible" in error.detail
