"""The generator of the L1 classes, on schemas that have what the real ones don't have yet."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from modelarts_provider.framework.render.constructs import render_constructs
from modelarts_provider.framework.schema.attributes import REPLACE, Attribute, Nested, Nesting, Schema, in_place
from modelarts_provider.framework.schema.types import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf
from modelarts_provider.framework.schema.validators import OneOf

ROOT = Path(__file__).resolve().parents[3]


def optional(kind, description="Something.", **more):
    return Attribute(type=kind, description=description, optional=True, change=in_place("name"), **more)


def computed(kind):
    return Attribute(type=kind, description="Something computed.", computed=True)


MEMBERS = {"size": optional(NUMBER), "flags": optional(ListOf(BOOL)), "shown": computed(BOOL)}

ODD = Schema(
    description="Odd things. " + "A long text that has to be wrapped. " * 8,
    attributes={
        "name": Attribute(type=STRING, description="The name.", required=True, change=REPLACE),
        "count": optional(NUMBER, "Collides with a metadata argument."),
        "id": optional(STRING, "Collides with the construct's id."),
        "connection": computed(STRING),
        "class": optional(STRING, "A keyword."),
        "list": optional(ListOf(NUMBER)),
        "quoted": optional(STRING, r'Has "quotes" and a \ backslash, and ends with "them".'),
        "long": optional(STRING, "One sentence that has no end for a very long time " * 4 + "but ends."),
        "choice": optional(STRING, validators=(OneOf(("A", "B")),)),
        "labels": optional(MapOf(STRING)),
        "figures": optional(MapOf(NUMBER)),
        "matrix": optional(ListOf(ListOf(STRING))),
        "anything": optional(ObjectOf((("a", STRING),))),
        "flag": optional(BOOL),
        "one": optional(Nested(Nesting.SINGLE, MEMBERS)),
        "many": optional(Nested(Nesting.LIST, MEMBERS)),
        "unordered": optional(Nested(Nesting.SET, MEMBERS)),
        "keyed": optional(Nested(Nesting.MAP, {"inner": optional(Nested(Nesting.SINGLE, MEMBERS))})),
        "reported": computed(Nested(Nesting.LIST, {"ips": computed(SetOf(STRING)), "type": computed(STRING)})),
    },
)
PROVIDER = Schema(
    description="The provider.",
    attributes={
        "region": optional(STRING),
        "alias": optional(STRING, "Collides with the provider's own argument."),
        "default_tags": optional(MapOf(STRING)),
        "assume_role": optional(Nested(Nesting.LIST, {"extra": optional(MapOf(STRING))})),
        "ignore_tags": optional(Nested(Nesting.SINGLE, {"keys": optional(SetOf(STRING))})),
    },
)
EMPTY = Schema(description="Nothing can be written here.", attributes={"names": computed(ListOf(STRING))})
FILES = render_constructs("modelarts", PROVIDER, {"acme_odd_thing": ODD}, {"acme_odd_thing": ODD, "acme_names": EMPTY})
TEXT = FILES["constructs/modelarts_constructs/l1/odd_thing.py"]
DATA_TEXT = FILES["constructs/modelarts_constructs/l1/data_odd_thing.py"]
EMPTY_TEXT = FILES["constructs/modelarts_constructs/l1/data_names.py"]
PROVIDER_TEXT = FILES["constructs/modelarts_constructs/l1/provider.py"]


def definitions(text):
    return {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}


def arguments(text, name):
    init = next(node for node in definitions(text)[name].body if getattr(node, "name", "") == "__init__")
    return {argument.arg: ast.unparse(argument.annotation) for argument in init.args.kwonlyargs}


def properties(text, name):
    return {
        node.name: ast.unparse(node.returns)
        for node in definitions(text)[name].body
        if isinstance(node, ast.FunctionDef) and node.name != "__init__"
    }


def test_one_file_for_each_resource_and_data_source_and_one_for_the_provider():
    names = ("data_names", "data_odd_thing", "odd_thing", "provider")
    assert sorted(FILES) == [f"constructs/modelarts_constructs/l1/{name}.py" for name in names]


def test_a_data_source_takes_the_same_arguments_and_says_nothing_of_changes():
    assert arguments(DATA_TEXT, "OddThingDataSource") == arguments(TEXT, "OddThingResource")
    assert properties(DATA_TEXT, "OddThingAttributes") == properties(TEXT, "OddThingAttributes")
    assert "**meta: Unpack[DataMetaArguments]," in DATA_TEXT
    assert "Changes in place" in TEXT
    assert "Changes in place" not in DATA_TEXT


def test_arguments_have_types_and_required_ones_no_default():
    found = arguments(TEXT, "OddThingResource")
    assert next(iter(found.items())) == ("name", "str")
    assert found["choice"] == "str | None"
    assert found["flag"] == "Flag | None"
    assert found["labels"] == "Mapping[str, str] | None"
    assert found["matrix"] == "Many[Many[str]] | None"
    assert found["anything"] == "Mapping[str, Any] | None"
    assert found["one"] == "OddThingOne | Expression | None"
    assert found["many"] == "Many[OddThingMany] | Expression | None"
    assert found["unordered"] == "Many[OddThingUnordered] | Expression | None"
    assert found["keyed"] == "Mapping[str, OddThingKeyed] | Expression | None"
    assert "connection" not in found, "what is computed can't be written"


def test_names_that_are_taken_get_a_suffix_and_keep_their_key():
    found = arguments(TEXT, "OddThingResource")
    for name in ("count", "id", "class", "list"):
        assert name not in found
        assert f"{name}_attribute" in found
        assert f'"{name}": {name}_attribute,' in TEXT
    assert properties(TEXT, "OddThingAttributes")["connection_attribute"] == "str"
    assert 'return self._string("connection")' in TEXT
    assert "alias_attribute" in arguments(PROVIDER_TEXT, "ModelartsProvider")


def test_attributes_are_typed_references():
    found = properties(TEXT, "OddThingAttributes")
    assert found["name"] == "str"
    assert found["count_attribute"] == "float"
    assert found["flag"] == "cdktf.IResolvable"
    assert found["labels"] == "dict[str, str]"
    assert found["figures"] == "dict[str, float]"
    assert found["matrix"] == "cdktf.IResolvable"
    assert found["one"] == "OddThingOneReference"
    assert found["many"] == "ListReference[OddThingManyReference]"
    assert found["unordered"] == "SetReference"
    assert found["keyed"] == "MapReference[OddThingKeyedReference]"
    assert properties(TEXT, "OddThingReportedReference") == {"ips": "list[str]", "type": "str"}
    assert "OddThingReported" not in definitions(TEXT), "no argument takes what is computed"


def test_classes_come_after_those_that_they_name():
    names = list(definitions(TEXT))
    assert names.index("OddThingKeyedInner") < names.index("OddThingKeyed") < names.index("OddThingResource")


def test_provider_maps_are_told_to_the_base_class():
    assert 'maps=("default_tags", "assume_role"),' in PROVIDER_TEXT


def test_single_provider_map_is_still_a_tuple():
    schema = Schema(description="P.", attributes={"endpoints": optional(MapOf(STRING))})
    assert (
        'maps=("endpoints",),'
        in render_constructs("modelarts", schema, {})["constructs/modelarts_constructs/l1/provider.py"]
    )


def test_keyword_as_a_member_is_refused():
    schema = Schema(description="X.", attributes={"a": optional(Nested(Nesting.SINGLE, {"from": optional(STRING)}))})
    with pytest.raises(ValueError, match="'from' is a keyword"):
        render_constructs("modelarts", PROVIDER, {"acme_x": schema})


def test_type_without_prefix_is_refused():
    with pytest.raises(ValueError, match="'thing'"):
        render_constructs("modelarts", PROVIDER, {"thing": ODD})


@pytest.mark.parametrize("text", [TEXT, DATA_TEXT, EMPTY_TEXT, PROVIDER_TEXT])
@pytest.mark.parametrize("command", [("format", "--check"), ("check",)])
def test_generated_code_is_clean(command, text):
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--stdin-filename", "constructs/modelarts_constructs/l1/odd.py", "-"],
        input=text,
        text=True,
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_generated_code_type_checks(tmp_path):
    for path, text in FILES.items():
        (tmp_path / Path(path).name).write_text(text)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        f"--cache-dir={tmp_path}/cache",
        *map(str, tmp_path.glob("*.py")),
    ]
    run = subprocess.run(command, text=True, capture_output=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
