"""What ``has_notebook`` takes for a match, and what it says of what differs."""

from __future__ import annotations

import pytest

from modelarts_constructs import AutoStop, Endpoint, Hook, Notebook, Storage
from modelarts_constructs._differences import differences
from modelarts_constructs.l1.notebook import NotebookAttributes
from modelarts_constructs.testing import ABSENT, Template
from modelarts_provider.framework.schema.attributes import Nested, Nesting
from modelarts_provider.framework.schema.types import SetOf
from modelarts_provider.framework.schema.walk import walk
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

BOTH = "endpoints.SSH.key_pair_names: expected ['a', 'c'] in any order, found ['a', 'b']: missing 'c'; unexpected 'b'"


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"name": "nb"},
        {"name": "nb", "storage": {"size": 10}},
        {"storage": Storage.evs(size=10)},
        {"endpoints": {"SSH": {"key_pair_names": ["a", "b"]}}},
        {"endpoints": {"SSH": {"key_pair_names": ("a", "b")}}},
        {"endpoints": {"SSH": {"key_pair_names": {"b", "a"}}}},
        {"endpoints": {"SSH": {"key_pair_names": ["b", "a"]}}},
        {"endpoints": {"SSH": Endpoint.ssh(key_pair_names=["b", "a"])}},
        {"endpoints": [Endpoint.ssh(allowed_access_ips={"1.1.1.1"}, key_pair_names=("b", "a"))]},
        {"endpoints": Endpoint.ssh(key_pair_names=["b", "a"])},
        {"endpoints": ()},
        {"endpoints": {"SSH": {}, "NOTEBOOK": ABSENT}},
        {"pre_start": Hook.script("/a")},
        {"pre_start": {"script": "/a"}, "post_start": ABSENT},
        {"hooks": {"post_start": ABSENT}, "pre_start": Hook.script("/a")},
        {"lifecycle": ABSENT, "count": ABSENT, "depends_on": ABSENT},
        {"hooks": {"pre_start": Hook.script("/a"), "post_start": ABSENT}},
        {"auto_stop": AutoStop.after(hours=4), "pool_id": ABSENT},
    ],
)
def test_a_part_that_matches(template, attributes):
    assert template.has_notebook("train", **attributes) == "train"


@pytest.mark.parametrize(
    ("attributes", "lines"),
    [
        ({"name": "x"}, ["name: expected 'x', found 'nb'"]),
        ({"storage": {"size": 60}}, ["storage.size: expected 60, found 10"]),
        ({"storage": {"size": True}}, ["storage.size: expected True, found 10"]),
        ({"pool_id": "p"}, ["pool_id: expected 'p', found nothing"]),
        ({"description": ABSENT}, ["description: expected nothing, found 'Training'"]),
        ({"storage": "x"}, ["storage: expected 'x', found {'category': 'EVS', 'size': 10}"]),
        (
            {"endpoints": {"SSH": {"key_pair_names": ["a", "c"], "allowed_access_ips": []}}},
            [
                BOTH,
                "endpoints.SSH.allowed_access_ips: expected [] in any order, found ['1.1.1.1']: unexpected '1.1.1.1'",
            ],
        ),
        (
            {"endpoints": {"SSH": {"key_pair_names": {"a", "c"}}}},
            [
                BOTH,
            ],
        ),
        (
            {"endpoints": [Endpoint.ssh(key_pair_names=["a"]), Endpoint.notebook()]},
            [
                "endpoints.SSH.key_pair_names: expected ['a'] in any order, found ['a', 'b']: unexpected 'b'",
                "endpoints.NOTEBOOK: expected {}, found nothing",
            ],
        ),
        ({"storage": Storage.evs(size=60)}, ["storage.size: expected 60, found 10"]),
        ({"storage": Storage.efs()}, ["storage.category: expected 'EFS', found 'EVS'"]),
        ({"auto_stop": AutoStop.when_idle(hours=4)}, ["auto_stop.type: expected 'IDLE', found 'TIMING'"]),
        ({"pre_start": Hook.script("/b")}, ["hooks.pre_start.script: expected '/b', found '/a'"]),
        (
            {"post_start": Hook.script("/b")},
            ["hooks.post_start: expected {'type': 'SCRIPT', 'script': '/b'}, found noth"],
        ),
        ({"pre_start": ABSENT}, ["hooks.pre_start: expected nothing, found {'script': '/a', 'type': 'SCRIPT'}"]),
        ({"name": "x", "flavor": "y"}, ["name: expected 'x', found 'nb'", "flavor: expected 'y', found 'modelarts."]),
    ],
)
def test_a_part_that_differs_says_in_what(template, attributes, lines):
    with pytest.raises(AssertionError) as raised:
        template.has_notebook("train", **attributes)
    first, *rest = str(raised.value).splitlines()
    assert first == "no notebook is like that; the nearest is train:"
    assert len(rest) == len(lines)
    assert all(found.startswith(f"  {line}") for found, line in zip(rest, lines, strict=True))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"nmae": ABSENT}, r"a notebook has no attribute 'nmae': did you mean name\?"),
        ({"poststart": ABSENT}, r"a notebook has no attribute 'poststart': did you mean post_start\?"),
        ({"xyzzy": 1}, r"a notebook has no attribute 'xyzzy': there are action_progress, adopt_existing, "),
    ],
)
def test_what_no_notebook_has_is_no_expectation(template, attributes, message):
    with pytest.raises(AssertionError, match=message):
        template.has_notebook("train", **attributes)


def test_what_an_override_has_put_there_can_be_expected(provided, basic):
    Notebook(provided, "a", **basic).add_override("newer", [{"b": 1}, {"a": 2}])
    template = Template.synth(provided)
    template.has_notebook(newer=[{"b": 1}, {}])
    with pytest.raises(AssertionError, match=r"newer\[1\]\.a: expected 1, found 2"):
        template.has_notebook(newer=[{}, {"a": 1}])
    with pytest.raises(AssertionError, match=r"newer: expected \[\{\}\], found"):
        template.has_notebook(newer=[{}])


def test_friendly_text_is_literal_and_plain_text_is_terraforms(provided, basic):
    storage = Storage.obs(uri="obs://b/${x}/", dew_secret_name="s")
    Notebook(provided, "a", **{**basic, "storage": storage})
    template = Template.synth(provided)
    template.has_notebook(storage=storage)
    template.has_notebook(storage={"uri": "obs://b/$${x}/"})
    with pytest.raises(AssertionError, match=r"storage\.uri: expected 'obs://b/\$\{x\}/', found 'obs://b/\$\$"):
        template.has_notebook(storage={"uri": "obs://b/${x}/"})


def test_sets_of_the_schema_are_compared_as_sets():
    found = {"many": {"k": {"names": ["a", "b"]}}, "objects": [{"a": 1, "b": 2}, {"a": 3}], "listed": ["a", "b"]}
    sets = ("many.*.names", "objects")
    assert not list(differences({"many": {"k": {"names": ["b", "a", "a"]}}}, found, sets))
    assert not list(differences({"objects": [{"a": 3}, {"a": 1}]}, found, sets))
    assert list(differences({"objects": [{"a": 3}]}, found, sets)) == [
        "objects: expected [{'a': 3}] in any order, found [{'a': 1, 'b': 2}, {'a': 3}]: unexpected {'a': 1, 'b': 2}"
    ]
    assert list(differences({"listed": ["b", "a"]}, found, sets)) == [
        "listed[0]: expected 'b', found 'a'",
        "listed[1]: expected 'a', found 'b'",
    ]


ID = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ({"image_id": ID.upper()}, {"image_id": ID}, True),
        ({"image_id": ID}, {"image_id": ID.upper()}, True),
        ({"image_id": ID[:-1] + "1"}, {"image_id": ID.upper()}, False),
        ({"storage": {"id": ID.upper()}}, {"storage": {"id": ID}}, True),
        ({"id": ID.upper()}, {"id": ID}, True),
        ({"project_id": "A" * 32}, {"project_id": "a" * 32}, True),
        ({"subnet_ids": [ID.upper()]}, {"subnet_ids": [ID]}, True),
        ({"subnet_ids": {ID.upper()}}, {"subnet_ids": [ID]}, True),
        ({"many": [{"image_id": ID.upper()}]}, {"many": [{"image_id": ID}]}, True),
        ({"pool_id": "Pool"}, {"pool_id": "pool"}, False),
        ({"name": ID.upper()}, {"name": ID}, False),
        ({"tags": {"grid": ID.upper()}}, {"tags": {"grid": ID}}, False),
    ],
)
def test_an_id_in_capitals_is_the_same(expected, found, same):
    assert (list(differences(expected, found, ("many",))) == []) == same


def test_a_notebook_whose_ids_are_in_capitals(provided, basic):
    storage = Storage.efs(uri="host:/", id=ID.upper())
    Notebook(provided, "a", **{**basic, "image_id": basic["image_id"].upper(), "storage": storage})
    template = Template.synth(provided)
    template.has_notebook("a", image_id=basic["image_id"], storage=Storage.efs(uri="host:/", id=ID))
    with pytest.raises(AssertionError, match="image_id: expected"):
        template.has_notebook("a", image_id=ID)


def test_the_paths_of_sets_are_the_schemas():
    paths = set()
    for at, attribute, _ in walk(SCHEMA.attributes, example(SCHEMA.attributes)):
        nested = isinstance(attribute.type, Nested) and attribute.type.nesting is Nesting.SET
        if nested or isinstance(attribute.type, SetOf):
            paths.add(str(at).replace('["k"]', ".*"))
    assert set(NotebookAttributes.TF_SETS) == paths


def example(attributes):
    """A value that has each attribute once."""
    values = dict.fromkeys(attributes)
    for name, attribute in attributes.items():
        if isinstance(attribute.type, Nested):
            members = example(attribute.type.attributes)
            one = {Nesting.SINGLE: members, Nesting.MAP: {"k": members}}
            values[name] = one.get(attribute.type.nesting, [members])
    return values


def test_any_notebook_may_match_and_the_nearest_is_shown(template):
    assert template.has_notebook(name="other") == "other"
    with pytest.raises(AssertionError) as raised:
        template.has_notebook(name="nb", storage={"size": 10}, description="x")
    assert str(raised.value) == (
        "no notebook is like that; the nearest is train:\n"
        "  description: expected 'x', found 'Training'\n"
        "others: other (3 differences)"
    )


def test_a_notebook_that_is_not_there(template, stack, provided):
    with pytest.raises(AssertionError, match="there is no notebook tarin; the stack has other, train"):
        template.has_notebook("tarin")
    assert "train" in repr(template)
