"""What of an instance's tags a state shows: in ``tags``, in ``tags_all``, or nowhere. A row for each clause of the rule."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.tags import MARK, TagPolicy, all_tags, check_tags, read_tags, tag_changes

OWNER = TagPolicy(defaults={"owner": "ml"})
NOTHING = TagPolicy()
IMPORT = None
SYSTEM = {"_sys_enterprise_project_id": "0", "_sys_x": ""}


def prior(tags: dict[str, str] | None, tags_all: dict[str, str] | None) -> dict[str, Any]:
    return {"tags": tags, "tags_all": tags_all}


READ: list[tuple[str, dict[str, str], Any, TagPolicy, dict[str, str] | None, dict[str, str]]] = [
    ("nothing", {}, prior(None, {}), NOTHING, None, {}),
    ("the service's own", SYSTEM, prior(None, {}), NOTHING, None, {}),
    ("the service's own that a state of before has", SYSTEM, prior(SYSTEM, SYSTEM), NOTHING, None, {}),
    ("the service's own at an import", {**SYSTEM, MARK: "x", "a": "1"}, IMPORT, NOTHING, {"a": "1"}, {"a": "1"}),
    ("our own", {MARK: "managed"}, prior(None, {}), NOTHING, None, {}),
    ("ignored", {"a": "1", "ops:x": ""}, prior(None, {}), TagPolicy({}, frozenset({"a"}), ("ops:",)), None, {}),
    ("ignored, of the prior state", {"a": "1"}, prior({"a": "1"}, {"a": "1"}), TagPolicy({}, frozenset("a")), None, {}),
    # tags: what prior tags has, whatever its value
    ("prior has the key", {"a": "2"}, prior({"a": "1"}, {"a": "1"}), NOTHING, {"a": "2"}, {"a": "2"}),
    (
        "equal to a default",
        {"owner": "ml"},
        prior({"owner": "ml"}, {"owner": "ml"}),
        OWNER,
        {"owner": "ml"},
        {"owner": "ml"},
    ),
    (
        "overrides a default",
        {"owner": "me"},
        prior({"owner": "me"}, {"owner": "me"}),
        OWNER,
        {"owner": "me"},
        {"owner": "me"},
    ),
    ("gone", {}, prior({"a": "1"}, {"a": "1"}), NOTHING, None, {}),
    # tags: pairs that neither a default nor prior tags_all explains
    ("stray", {"a": "1"}, prior(None, {}), NOTHING, {"a": "1"}, {"a": "1"}),
    ("a default", {"owner": "ml"}, prior(None, {}), OWNER, None, {"owner": "ml"}),
    ("a default's key with another value", {"owner": "me"}, prior(None, {}), OWNER, {"owner": "me"}, {"owner": "me"}),
    (
        "a default that somebody changed",
        {"owner": "me"},
        prior(None, {"owner": "ml"}),
        OWNER,
        {"owner": "me"},
        {"owner": "me"},
    ),
    ("a default that has another value now", {"owner": "x"}, prior(None, {"owner": "x"}), OWNER, None, {"owner": "x"}),
    ("a default that is none any more", {"env": "x"}, prior(None, {"env": "x"}), NOTHING, None, {"env": "x"}),
    ("that, changed by somebody", {"env": "y"}, prior(None, {"env": "x"}), NOTHING, {"env": "y"}, {"env": "y"}),
    # on import only the test against the defaults
    ("import: another value", {"owner": "me"}, IMPORT, OWNER, {"owner": "me"}, {"owner": "me"}),
    ("import: the default", {"owner": "ml", "a": "1"}, IMPORT, OWNER, {"a": "1"}, {"owner": "ml", "a": "1"}),
    # defaults or ignore_tags unknown: what prior tags lacked stays out
    (
        "defaults unknown",
        {"a": "1", "b": "2"},
        prior({"a": "0"}, {}),
        TagPolicy(UNKNOWN),
        {"a": "1"},
        {"a": "1", "b": "2"},
    ),
    ("a default unknown", {"a": "1"}, prior(None, {}), TagPolicy({"x": UNKNOWN}), None, {"a": "1"}),
    ("import: defaults unknown", {"a": "1"}, IMPORT, TagPolicy(UNKNOWN), None, {"a": "1"}),
    (
        "ignored unknown: what isn't the state's may be to be ignored",
        {"a": "1", "d": "2", "b": "3", "c": "4"},
        prior({"a": "1"}, {"a": "1", "d": "2"}),
        TagPolicy({}, frozenset({"c"}), (), ignores_more=True),
        {"a": "1"},
        {"a": "1", "d": "2"},
    ),
    ("import: ignored unknown", {"a": "1"}, IMPORT, TagPolicy(ignores_more=True), None, {}),
]


@pytest.mark.parametrize(
    ("remote", "known", "policy", "own", "everything"), [row[1:] for row in READ], ids=[r[0] for r in READ]
)
def test_reading(remote: Any, known: Any, policy: TagPolicy, own: Any, everything: Any) -> None:
    api = {"tags": [{"key": key, "value": value} for key, value in remote.items()]}

    assert read_tags(api, known, policy) == (own, everything)


ALL: list[tuple[str, Any, Any, Any]] = [
    ("none", None, {}, {}),
    ("both", {"a": "1"}, {"owner": "ml"}, {"a": "1", "owner": "ml"}),
    ("overridden", {"owner": "me"}, {"owner": "ml"}, {"owner": "me"}),
    ("a default unknown", {"a": "1"}, {"owner": UNKNOWN}, UNKNOWN),
    ("an overridden default unknown", {"owner": "me"}, {"owner": UNKNOWN, "x": ""}, {"owner": "me", "x": ""}),
    ("defaults unknown", None, UNKNOWN, UNKNOWN),
    ("tags unknown", UNKNOWN, {}, UNKNOWN),
]


@pytest.mark.parametrize(("tags", "defaults", "planned"), [row[1:] for row in ALL], ids=[row[0] for row in ALL])
def test_planned_tags_all(tags: Any, defaults: Any, planned: Any) -> None:
    assert all_tags(tags, TagPolicy(defaults)) == planned


def errors(tags: Any, policy: TagPolicy, before: Any = None) -> list[str]:
    found = Diagnostics()
    check_tags({"name": "nb", "tags": tags, "tags_all": all_tags(tags, policy)}, policy, found, before)
    return [f"{each.path}: {each.summary} {each.detail}" for each in found]


@pytest.mark.parametrize("defaults", [{}, {"later": UNKNOWN}, UNKNOWN], ids=["known", "one unknown", "unknown"])
@pytest.mark.parametrize(
    "ignored", [TagPolicy({}, frozenset({"owner"})), TagPolicy({}, frozenset(), ("own",))], ids=["key", "prefix"]
)
def test_a_tag_that_is_set_and_ignored_is_an_error(ignored: TagPolicy, defaults: Any) -> None:
    policy = TagPolicy(defaults, ignored.ignored_keys, ignored.ignored_prefixes)

    (error,) = errors({"owner": "secret", "a": "1"}, policy)

    assert error.startswith('tags["owner"]: A tag of notebook "nb" is to be ignored owner is set in tags,')
    assert "secret" not in error


def test_a_default_that_is_ignored_is_an_error_whether_its_value_is_known_or_not() -> None:
    policy = TagPolicy({"owner": UNKNOWN}, frozenset({"owner"}))

    (error,) = errors(None, policy, prior(None, {}))

    assert "owner is set in the provider's default_tags" in error


def test_known_keys_count_whatever_waits_for_another_resource() -> None:
    policy = TagPolicy({f"d{n}": UNKNOWN for n in range(10)})
    ten, nine = {f"t{n}": "" for n in range(10)}, {f"t{n}": "" for n in range(9)}

    assert len(errors(ten, policy)) == 1
    assert errors(nine, policy) == []


def test_as_many_as_there_are_already_may_stay() -> None:
    twenty = {f"t{n}": "" for n in range(20)}

    assert errors(twenty, NOTHING, prior(twenty, twenty)) == []
    assert len(errors(twenty, NOTHING, prior({}, {}))) == 1


def test_what_nobody_sees_is_neither_set_nor_taken_away() -> None:
    hidden = {**SYSTEM, MARK: "x"}

    assert tag_changes({**hidden, "a": "1"}, None) == ({}, ("a",))
    assert tag_changes(None, {**hidden, "a": "1"}) == ({"a": "1"}, ())
