"""Each validator: what passes, what doesn't, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.framework.diagnostics import Severity
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting, Schema
from modelarts_provider.framework.schema.types import NUMBER, STRING, MapOf, SetOf
from modelarts_provider.framework.schema.validation import validate
from modelarts_provider.framework.schema.validators import (
    AtMost,
    Between,
    Duration,
    Each,
    IPv4,
    Keys,
    Length,
    Matches,
    OneOf,
    PublicIPv4,
    Validator,
    Without,
    duration_seconds,
)
from modelarts_provider.framework.schema.values import UNKNOWN, number

HOUR = 3600.0
NAME = Matches(r"[a-z]+", "consist of lower-case letters")


@pytest.mark.parametrize(
    ("validator", "value"),
    [
        (Length(1, 3), "abc"),
        (Length(0, 3), ""),
        (Length(1, 2), "ü\U0001f680"),
        (NAME, "abc"),
        (Without("&<"), "fine"),
        (Without("&<"), ""),
        (OneOf(("A", "B")), "B"),
        (Between(5, 4096), 5),
        (Between(5, 4096), 4096),
        (Between(5, 4096), number("5.0")),
        (AtMost(2), ["a", "b"]),
        (AtMost(2), ["a", "b", UNKNOWN]),
        (AtMost(2), []),
        (IPv4(), "8.8.8.8"),
        (IPv4(), "10.0.0.1"),
        (IPv4(), "0.0.0.0"),
        (IPv4(), "255.255.255.255"),
        (Each(Length(1, 2)), ["a", "bb", UNKNOWN, None]),
        (Each(Length(1, 2)), {"k": "a", "u": UNKNOWN}),
        (Each(Length(1, 2)), []),
        (Keys(OneOf(("SSH", "NOTEBOOK"))), {"SSH": UNKNOWN}),
        (Duration(), "90s"),
        (Duration(), "1h30m"),
        (Duration(HOUR, 72 * HOUR), "1h"),
        (Duration(HOUR, 72 * HOUR), "72h"),
    ],
)
def test_what_passes(validator: Validator, value: Any) -> None:
    assert list(validator.check(value)) == []


@pytest.mark.parametrize(
    ("validator", "value", "problems"),
    [
        (Length(1, 3), "abcd", ["has 4 characters and must have 1 to 3 characters"]),
        (Length(1, 3), "", ["has 0 characters and must have 1 to 3 characters"]),
        (Length(0, 3), "abcd", ["has 4 characters and must have at most 3 characters"]),
        (NAME, "a b", ["must consist of lower-case letters"]),
        (NAME, "abc\n", ["must consist of lower-case letters"]),
        (Without("&<"), "a<b<&", ["contains & < and must not contain any of & <"]),
        (OneOf(("A", "B")), "C", ["must be A or B"]),
        (OneOf(("A", "B", "C")), "a", ["must be one of A, B, C"]),
        (Between(5, 4096), 4, ["must be a whole number from 5 to 4096"]),
        (Between(5, 4096, "(GB)"), 5000, ["must be a whole number from 5 to 4096 (GB)"]),
        (Between(5, 4096), number("5.5"), ["must be a whole number from 5 to 4096"]),
        (AtMost(2), ["a", "b", "c", UNKNOWN], ["has 4 elements and must have at most 2 elements"]),
        (IPv4(), "10.0.0.0/8", ["must be an IPv4 address such as 203.0.113.7"]),
        (PublicIPv4(), "10.0.0.1", ["holds 10.0.0.1, which is private and should be a public address"]),
        (PublicIPv4("Why"), "10.0.0.1", ["holds 10.0.0.1, which is private and should be a public address. Why"]),
        (Each(Length(1, 2)), ["abc", "x"], ["has an element that has 3 characters and must have 1 to 2 characters"]),
        (Keys(OneOf(("SSH", "NOTEBOOK"))), {"FTP": None}, ["has a key that must be SSH or NOTEBOOK"]),
        (Duration(), "soon", ['must be a duration such as "90s", "30m" or "1h30m"']),
        (Duration(), "0s", ['must be a duration such as "90s", "30m" or "1h30m"']),
        (Duration(HOUR, 2 * HOUR, "be 1h to 2h"), "59m", ["must be 1h to 2h"]),
        (Duration(HOUR, 2 * HOUR, "be 1h to 2h"), "121m", ["must be 1h to 2h"]),
    ],
)
def test_what_does_not_pass(validator: Validator, value: Any, problems: list[str]) -> None:
    assert [problem for _, problem in validator.check(value)] == problems


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "x",
            "8.8.8",
            "8.8.8.8.8",
            "8.8.8.256",
            "8.8.8.8/32",
            "08.8.8.8",
            " 8.8.8.8",
            "8.8.8.8\n",
            "8.8.8.",
            "8.8.8.-1",
        ),
        *("::1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "8.8.8.٨", "8.8.8.²", f"8.8.8.{'1' * 5000}", "0x8.8.8.8"),
    ],
)
def test_addresses_that_are_malformed(address: str) -> None:
    ((_, problem),) = IPv4().check(address)
    assert problem.endswith("must be an IPv4 address such as 203.0.113.7")
    assert list(PublicIPv4().check(address)) == []


@pytest.mark.parametrize(
    ("kind", "addresses"),
    [
        ("private", ("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255")),
        ("shared", ("100.64.0.0", "100.127.255.255")),
        ("loopback", ("127.0.0.1", "127.255.255.255")),
        ("link-local", ("169.254.0.0", "169.254.255.255")),
        ("multicast", ("224.0.0.0", "239.255.255.255")),
        ("reserved", ("0.0.0.0", "192.0.0.8", "198.18.0.0", "198.19.255.255", "240.0.0.0", "255.255.255.255")),
    ],
)
def test_addresses_that_are_not_public(kind: str, addresses: tuple[str, ...]) -> None:
    for address in addresses:
        assert list(IPv4().check(address)) == []
        ((_, problem),) = PublicIPv4().check(address)
        assert f"which is {kind}" in problem


@pytest.mark.parametrize(
    "address",
    [
        *("192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255"),
        *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
        *("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"),
        *("198.17.255.255", "198.20.0.0", "223.255.255.255", "8.8.8.8"),
    ],
)
def test_public_and_documentation_addresses_pass_silently(address: str) -> None:
    assert list(IPv4().check(address)) == []
    assert list(PublicIPv4().check(address)) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("1.5h", 5400), ("1h1m1s", 3661), ("0.5s", 0.5), ("0s", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "h", "1m1h", "-1s", "1 h", "1d", "1h ", "1e3s", "1.h"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as"):
        duration_seconds(text)


@pytest.mark.parametrize(
    ("validator", "value", "words"),
    [
        (Length(1, 3), "abcd", "have 1 to 3 characters"),
        (NAME, "1", "consist of lower-case letters"),
        (Without("&<"), "&", "not contain any of & <"),
        (OneOf(("A", "B")), "C", "be A or B"),
        (Between(5, 4096), 4, "be a whole number from 5 to 4096"),
        (AtMost(0), ["a"], "have at most 0 elements"),
        (IPv4(), "x", "be an IPv4 address such as 203.0.113.7"),
        (Duration(), "x", 'be a duration such as "90s", "30m" or "1h30m"'),
    ],
)
def test_the_page_and_the_diagnostic_use_the_same_words(validator: Validator, value: Any, words: str) -> None:
    assert validator.describe() == words
    assert all(problem.endswith(f"must {words}") for _, problem in validator.check(value))


def test_collections_describe_what_they_check() -> None:
    assert Each(IPv4()).describe() == "have elements that must be an IPv4 address such as 203.0.113.7"
    assert Keys(OneOf(("A", "B"))).describe() == "have keys that must be A or B"


SHORT = Attribute(type=STRING, description="x", optional=True, validators=(Length(0, 2),))
SCHEMA = Schema(
    description="x",
    attributes={
        "name": SHORT,
        "size": Attribute(type=NUMBER, description="x", optional=True, validators=(Between(1, 9),)),
        "old": Attribute(type=STRING, description="x", optional=True, deprecated="Use name instead."),
        "ips": Attribute(
            type=SetOf(STRING), description="x", optional=True, validators=(Each(Length(0, 2)), AtMost(1))
        ),
        "tags": Attribute(type=MapOf(STRING), description="x", optional=True, validators=(Each(Length(0, 2)),)),
        **{
            nesting.name.lower(): Attribute(
                type=Nested(nesting, {"name": SHORT}),
                description="x",
                optional=True,
                validators=(Keys(OneOf(("k", "l"))),) if nesting is Nesting.MAP else (),
            )
            for nesting in Nesting
        },
    },
)
NOTHING: dict[str, Any] = dict.fromkeys(SCHEMA.attributes)
LONG = {"name": "abc"}
PROBLEM = "has 3 characters and must have at most 2 characters."


@pytest.mark.parametrize(
    ("config", "errors"),
    [
        ({}, []),
        ({"name": "ab", "size": 9, "ips": ["a"], "single": {"name": "a"}}, []),
        ({"name": "abc"}, [("name", PROBLEM)]),
        ({"name": UNKNOWN, "size": UNKNOWN, "ips": UNKNOWN, "tags": UNKNOWN, "map": UNKNOWN}, []),
        ({"single": {"name": UNKNOWN}, "list": [UNKNOWN], "map": {"k": UNKNOWN}}, []),
        ({"ips": ["abc", UNKNOWN]}, [("ips", f"has an element that {PROBLEM}")]),
        ({"tags": {"k": "abc"}}, [('tags["k"]', PROBLEM)]),
        ({"single": LONG}, [("single.name", PROBLEM)]),
        ({"list": [{"name": "a"}, LONG]}, [("list[1].name", PROBLEM)]),
        ({"set": [{"name": "a"}, LONG]}, [("set.name", PROBLEM)]),
        ({"map": {"k": LONG}}, [('map["k"].name', PROBLEM)]),
        ({"map": {"z": {"name": "a"}}}, [('map["z"]', "has a key that must be k or l.")]),
        (
            {"name": "abc", "size": 0},
            [("name", PROBLEM), ("size", "must be a whole number from 1 to 9.")],
        ),
    ],
)
def test_errors_carry_the_path_and_repeat_it(config: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    found = list(validate(SCHEMA, NOTHING | config))
    assert [(str(each.path), each.detail) for each in found] == [(at, f"{at} {problem}") for at, problem in errors]
    assert [each.summary for each in found] == [f"Invalid value for {at}" for at, _ in errors]
    assert all(each.severity is Severity.ERROR for each in found)


READ_ONLY = Schema(
    description="x",
    attributes={
        "id": Attribute(type=STRING, description="x", computed=True),
        "both": Attribute(type=STRING, description="x", optional=True, computed=True),
        "texts": Attribute(type=SetOf(STRING), description="x", optional=True, validators=(Each(IPv4()),)),
        "pairs": Attribute(type=MapOf(STRING), description="x", optional=True, validators=(Keys(Length(1, 3)),)),
        "one": Attribute(
            type=Nested(Nesting.SINGLE, {"a": Attribute(type=STRING, description="x", optional=True)}),
            description="x",
            optional=True,
        ),
        "each": Attribute(
            type=Nested(Nesting.MAP, {"uri": Attribute(type=STRING, description="x", computed=True)}),
            description="x",
            optional=True,
        ),
    },
)


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"id": "x"}, {"id": "id can't be configured"}),
        ({"id": UNKNOWN}, {"id": "id can't be configured"}),
        ({"both": "x"}, {}),
        ({"each": {"k": {"uri": "x"}}}, {'each["k"].uri': 'each["k"].uri can\'t be configured'}),
        ({"each": {"k": {"uri": None}}}, {}),
        ({"each": {"k": None}}, {'each["k"]': 'Invalid value for each["k"]'}),
        ({"pairs": {"a": None, "bcde": "x"}}, {'pairs["a"]': 'Invalid value for pairs["a"]'}),
        ({"texts": [None, "8.8.8.8"]}, {"texts": "Invalid value for texts"}),
        ({"one": {"a": None}, "texts": [], "pairs": {}}, {}),
    ],
    ids=str,
)
def test_what_only_the_service_says_and_nulls_in_collections_are_refused(
    config: dict[str, Any], wrong: dict[str, str]
) -> None:
    found = validate(READ_ONLY, {**dict.fromkeys(READ_ONLY.attributes), **config})
    assert {str(each.path): each.summary for each in found} == wrong


def test_a_deprecated_attribute_warns_where_it_is_set() -> None:
    assert len(validate(SCHEMA, NOTHING)) == 0
    found = validate(SCHEMA, NOTHING | {"old": "x"})
    assert [(each.severity, each.summary, each.detail, str(each.path)) for each in found] == [
        (Severity.WARNING, "old is deprecated", "Use name instead.", "old")
    ]
    assert not found.has_error
