"""What the schema gets later has its L1 without a hand-written line: another resource and data sources, synthesised."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from modelarts_constructs import ConstructError
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.testing import Template
from modelarts_provider.framework.render.constructs import render_constructs
from modelarts_provider.framework.schema.attributes import REPLACE, Attribute, Nested, Nesting, Schema, in_place
from modelarts_provider.framework.schema.types import BOOL, NUMBER, STRING, ListOf, MapOf, SetOf
from modelarts_provider.framework.schema.validators import AtMost, Between, Each, Length, Matches, OneOf, Without


def required(kind, description="Something."):
    return Attribute(type=kind, description=description, required=True, change=REPLACE)


def optional(kind, description="Something.", **more):
    return Attribute(type=kind, description=description, optional=True, change=in_place("name"), **more)


def computed(kind, description="Something."):
    return Attribute(type=kind, description=description, computed=True)


MOUNT = Schema(
    description="A bucket inside a notebook. It appears below the work directory.",
    attributes={
        "notebook_id": required(STRING, "Id of the notebook."),
        "uri": required(STRING, "The bucket's folder."),
        "options": optional(
            Nested(Nesting.SINGLE, {"read_only": optional(BOOL), "users": optional(SetOf(STRING))}), "How."
        ),
        "labels": optional(MapOf(STRING)),
        "id": computed(STRING, "Its id."),
        "status": computed(STRING, "Its status."),
    },
)
IMAGES = Schema(
    description="The images that a notebook can have.",
    attributes={
        "arch": optional(STRING, "Architecture.", validators=(OneOf(("X86_64", "AARCH64")),)),
        "count": computed(NUMBER, "How many there are."),
        "images": computed(
            Nested(Nesting.LIST, {"id": computed(STRING), "services": computed(ListOf(STRING))}), "The images."
        ),
    },
)
NOTHING_TO_SAY = Schema(description="The regions.", attributes={"names": computed(ListOf(STRING), "Names.")})
SAME_NAME = Schema(
    description="A mount that is there.",
    attributes={"id": required(STRING, "Its id."), "uri": computed(STRING, "The bucket's folder.")},
)
FILES = render_constructs(
    "modelarts",
    Schema(description="The provider.", attributes={"region": optional(STRING)}),
    {"modelarts_mount": MOUNT},
    {"modelarts_images": IMAGES, "modelarts_regions": NOTHING_TO_SAY, "modelarts_mount": SAME_NAME},
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The generated modules, imported."""
    folder = tmp_path_factory.mktemp("l1")
    modules = {}
    for path, text in FILES.items():
        name = path.rpartition("/")[2].removesuffix(".py")
        file = folder / f"made_up_{name}.py"
        file.write_text(text)
        spec = importlib.util.spec_from_file_location(file.stem, file)
        modules[name] = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(modules[name])
    return modules


def test_a_module_for_each(made):
    assert sorted(made) == ["data_images", "data_mount", "data_regions", "mount", "provider"]


def test_all_of_it_is_synthesised(stack, made, rendered):
    made["provider"].ModelartsProvider(stack, region="r")
    regions = made["data_regions"].RegionsDataSource(stack, "regions")
    images = made["data_images"].ImagesDataSource(stack, "images", arch="X86_64", depends_on=[regions])
    there = made["data_mount"].MountDataSource(stack, "there", id_attribute="m-1")
    mount = made["mount"].MountResource(
        stack,
        "data",
        notebook_id=images.images[0].id,
        uri=there.uri,
        options={"read_only": True, "users": {"b", "a"}},
        lifecycle={"replace_triggered_by": ["terraform_data.x.id"]},
    )
    expected = [
        "${data.modelarts_images.images.count}",
        "${data.modelarts_images.images.images[0].services}",
        "${data.modelarts_regions.regions.names}",
        "${modelarts_mount.data.options.users}",
        "${modelarts_mount.data.id}",
    ]
    values = [images.count_attribute, images.images[0].services, regions.names, mount.options.users, mount.id]
    assert rendered(stack, *values) == expected
    document = Template.synth(stack).document
    data = {kind: {name: bare(body) for name, body in found.items()} for kind, found in document["data"].items()}
    assert data == {
        "modelarts_regions": {"regions": {}},
        "modelarts_images": {"images": {"arch": "X86_64", "depends_on": ["data.modelarts_regions.regions"]}},
        "modelarts_mount": {"there": {"id": "m-1"}},
    }
    assert bare(document["resource"]["modelarts_mount"]["data"]) == {
        "notebook_id": "${data.modelarts_images.images.images[0].id}",
        "uri": "${data.modelarts_mount.there.uri}",
        "options": {"read_only": True, "users": ["a", "b"]},
        "lifecycle": {"replace_triggered_by": ["terraform_data.x.id"]},
    }


def bare(body):
    return {name: value for name, value in body.items() if name != "//"}


def test_many_instances_of_a_data_source(stack, made, rendered):
    made["provider"].ModelartsProvider(stack)
    many = made["data_images"].ImagesDataSource(stack, "images", count=2)
    with pytest.raises(ConstructError, match=r"with count there are many instances: write \.each\('images'\)"):
        _ = many.images
    each = made["data_images"].ImagesDataSource(stack, "x", for_each=cdktf.TerraformIterator.from_list(["a"]))
    assert rendered(stack, many.each("count"), each.each("count")) == [
        "${data.modelarts_images.images[*].count}",
        "${values(data.modelarts_images.x)[*].count}",
    ]


def test_a_data_source_takes_what_terraform_lets_it_take(stack, made):
    with pytest.raises(TypeError, match=r"ImagesDataSource has no argument 'connection': there are arch, count, "):
        made["data_images"].ImagesDataSource(stack, "a", connection=None)
    assert not hasattr(made["data_images"].ImagesDataSource, "generate_config_for_import")
    assert made["mount"].MountResource.generate_config_for_import(stack, "b", "m-1")


def test_a_data_source_says_no_word_about_changes():
    text = FILES["constructs/modelarts_constructs/l1/data_images.py"]
    assert "Architecture. Must be X86_64 or AARCH64.\n" in text
    assert "in place" not in text
    assert "Changes in place" in FILES["constructs/modelarts_constructs/l1/mount.py"]


def test_values_are_checked_where_they_are_written(stack, made):
    with pytest.raises(ConstructError, match=r"/a: arch is a bytes, and Terraform has no such value"):
        made["data_images"].ImagesDataSource(stack, "a", arch=b"x")
    with pytest.raises(ConstructError, match="the id 'a b' must start with"):
        made["data_images"].ImagesDataSource(stack, "a b")


RULED = Schema(
    description="The provider.",
    attributes={
        "size": optional(NUMBER, validators=(Between(1, 5), Between(1, 9, "GB"))),
        "names": optional(SetOf(STRING), validators=(AtMost(2), Each(Without("<>")), Each(Length(1, 3)))),
        "said": optional(STRING, validators=(Matches(r'"\d"', 'be a digit in "quotes"'),)),
        "label": optional(STRING, validators=(Length(1, 9),), new_value_validators=(Without("<>"), Length(0, 2))),
        "password": optional(STRING, sensitive=True, validators=(Length(8, 9),)),
        "shown": Attribute(type=STRING, description="Reported.", computed=True, validators=(Length(1, 3),)),
        "keyed": optional(
            Nested(
                Nesting.MAP,
                {"inner": optional(Nested(Nesting.LIST, {"kind": optional(STRING, validators=(OneOf(("A", "B")),))}))},
            )
        ),
    },
)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": 6}, "size must be a whole number from 1 to 5"),
        ({"names": ["a", "b", "c"]}, "names has 3 elements and must have at most 2"),
        ({"names": ["a", "<"]}, "names[1] contains < and must not contain any of < >"),
        ({"names": {"long"}}, "names[0] has 4 characters and must have 1 to 3 characters"),
        ({"said": "1"}, 'said must be a digit in "quotes"'),
        (
            {"keyed": {"x y": {"inner": [{}, {"kind": "C"}]}}},
            'keyed["x y"].inner[1].kind must be one of A, B',
        ),
        ({"label": "<"}, "label contains < and must not contain any of < >"),
        ({"label": "abc"}, "label has 3 characters and must have at most 2 characters"),
        ({"password": "short"}, ""),
        ({"size": 5, "names": ["a"], "said": '"1"', "keyed": {"x": {"inner": [{"kind": "A"}, {}]}, "y": {}}}, ""),
    ],
)
def test_the_rules_of_a_provider_block_are_the_schemas(stack, tmp_path, given, message):
    file = tmp_path / "ruled.py"
    file.write_text(render_constructs("modelarts", RULED, {})["constructs/modelarts_constructs/l1/provider.py"])
    spec = importlib.util.spec_from_file_location("ruled", file)
    module = sys.modules["ruled"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert sorted(module._RULES) == ["keyed.*.inner.kind", "label", "names", "said", "size"], (
        "no secret is shown by a rule"
    )
    found = ""
    try:
        module.ModelartsProvider(stack, **given)
    except ConstructError as error:
        found = str(error).partition(": ")[2]
    assert found == message


def test_a_rule_that_the_constructs_do_not_know():
    class Even:
        def describe(self):
            return "be even"

    with pytest.raises(ValueError, match=r"size has the rule Even, .*: add it to their _rules\.py and to this list"):
        render_constructs(
            "modelarts", Schema(description="P.", attributes={"size": optional(NUMBER, validators=(Even(),))}), {}
        )
