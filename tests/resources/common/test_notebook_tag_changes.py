"""Which tags an update sets and takes away: those that differ, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.resources.common.tags import MARK, TagPolicy, read_tags, tag_changes

CHANGES: list[tuple[Any, Any, dict[str, str], tuple[str, ...]]] = [
    (None, None, {}, ()),
    (None, {"a": "1"}, {"a": "1"}, ()),
    ({"a": "1"}, {"a": "1"}, {}, ()),
    ({"a": "1", "b": "2"}, {"a": "1", "b": "3"}, {"b": "3"}, ()),
    ({"a": "1", "b": "2", "c": "3"}, {"b": "2"}, {}, ("a", "c")),
    ({"a": "1"}, {"b": "1"}, {"b": "1"}, ("a",)),
    ({"a": "1"}, None, {}, ("a",)),
    ({"a": ""}, {"a": "x"}, {"a": "x"}, ()),
]


@pytest.mark.parametrize(("before", "after", "add", "remove"), CHANGES)
def test_only_what_differs_is_sent(before: Any, after: Any, add: dict[str, str], remove: tuple[str, ...]) -> None:
    assert tag_changes(before, after) == (add, remove)


def test_our_own_tag_is_never_one_to_take_away() -> None:
    remote = [{"key": MARK, "value": "managed"}, {"key": "a", "value": "1"}]
    _, everything = read_tags({"tags": remote}, None, TagPolicy())
    assert tag_changes(everything, {}) == ({}, ("a",))
