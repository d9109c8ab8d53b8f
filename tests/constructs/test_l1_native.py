"""Resources that hold their attributes on the JavaScript side: what synthesis, overrides and subclasses make of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from io import BytesIO

import pytest

from modelarts_constructs import ModelartsProvider, Notebook
from modelarts_constructs._cdk import LIBRARIES, cdktf
from modelarts_constructs.l1 import _native
from modelarts_constructs.l1.notebook import NotebookResource


@pytest.fixture
def synthesised(tmp_path):
    app = cdktf.App(outdir=str(tmp_path))
    stack = cdktf.TerraformStack(app, "s")
    ModelartsProvider(stack)

    def synthesise():
        app.synth()
        return json.loads((tmp_path / "stacks" / "s" / "cdk.tf.json").read_text())["resource"]["modelarts_notebook"]

    return stack, synthesise


def test_overrides_do_not_pile_up(synthesised, basic_resource):
    """The library appends a list to a list that is there, merges objects, and asks more than once."""
    stack, synthesise = synthesised
    made = NotebookResource(stack, "a", **basic_resource, endpoints={"SSH": {"key_pair_names": ["k"]}}, tags={"a": "b"})
    made.add_override("endpoints.SSH.key_pair_names", ["more"])
    made.add_override("tags.c", "d")
    made.add_override("storage.size", 20)
    first = synthesise()
    assert first["a"]["endpoints"] == {"SSH": {"key_pair_names": ["k", "more"]}}
    assert first["a"]["tags"] == {"a": "b", "c": "d"}
    assert first["a"]["storage"] == {"size": 20}
    assert synthesise() == first
    assert made.inputs == {**basic_resource, "endpoints": {"SSH": {"key_pair_names": ["k"]}}, "tags": {"a": "b"}}


def test_an_override_takes_an_attribute_away(synthesised, basic_resource):
    stack, synthesise = synthesised
    made = NotebookResource(stack, "a", **basic_resource, description="d")
    made.add_override("description", None)
    assert "description" not in synthesise()["a"]


def test_what_was_written_is_a_copy(synthesised, basic_resource):
    stack, synthesise = synthesised
    tags = {"a": "b"}
    made = NotebookResource(stack, "a", **basic_resource, tags=tags)
    tags["a"] = "changed"
    made.inputs["tags"]["a"] = "changed"
    assert made.inputs["tags"] == {"a": "b"}
    assert synthesise()["a"]["tags"] == {"a": "b"}


def test_objects_of_the_library_inside_attributes_stay_what_they_are(synthesised, basic_resource):
    stack, synthesise = synthesised
    variable = cdktf.TerraformVariable(stack, "v", type="bool")
    there = NotebookResource(stack, "there", **basic_resource)
    NotebookResource(
        stack,
        "a",
        **{**basic_resource, "storage": {"size": there.storage.size, "uri": cdktf.Fn.upper("x")}},
        auto_stop={"enabled": variable.boolean_value},
        deletion_protection=there.interrupted_update,
        tags=cdktf.Token.as_string_map(variable.value),
        hooks=cdktf.Token.as_any({"pre_start": {"script": "/a"}}),
    )
    assert {
        name: value for name, value in synthesise()["a"].items() if name not in {"//", *("flavor", "image_id")}
    } == {
        "name": "nb",
        "storage": {"size": "${modelarts_notebook.there.storage.size}", "uri": '${upper("x")}'},
        "auto_stop": {"enabled": "${var.v}"},
        "deletion_protection": "${modelarts_notebook.there.interrupted_update}",
        "tags": "${var.v}",
        "hooks": {"pre_start": {"script": "/a"}},
    }


def test_a_subclass_may_still_answer_itself(synthesised, basic_resource):
    stack, synthesise = synthesised

    class Special(NotebookResource):
        def _synthesize_attributes(self):
            return {**super()._synthesize_attributes(), "description": "special"}

    Special(stack, "a", **basic_resource)
    assert {**synthesise()["a"], "//": None} == {**basic_resource, "description": "special", "//": None}


def test_the_construct_shows_what_it_will_be(provided, basic):
    made = Notebook(provided, "a", **basic)
    made.add_tag("a", "b")
    found = made.to_terraform()["resource"]["modelarts_notebook"]["a"]
    assert (found["name"], found["tags"]) == ("nb", {"a": "b"})
    assert made.to_hcl_terraform()["resource"]["modelarts_notebook"]["a"]["tags"] == {"a": "b"}


def test_identity_survives(provided, basic):
    made = Notebook(provided, "a", **basic)
    assert provided.node.find_child("a") is made
    assert [child for child in provided.node.children if isinstance(child, Notebook)] == [made]


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_archive_is_the_same_every_time_and_names_its_library(library):
    archive = _native.package(library)
    assert archive == _native.package(library)
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        files = {entry.name: tar.extractfile(entry).read() for entry in tar}
        assert {(entry.mtime, entry.uid, entry.gid) for entry in tar} == {(0, 0, 0)}
    assert sorted(files) == ["package/.jsii", "package/index.js", "package/package.json"]
    assert json.loads(files["package/package.json"])["library"] == library
    types = json.loads(files["package/.jsii"])["types"]
    assert {each["base"] for each in types.values() if "base" in each} == {
        f"{library}.{name}" for name in ("TerraformResource", "TerraformDataSource", "ImportableResource")
    }


def test_no_folder_stays_after_an_import(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", "import modelarts_constructs"], check=True, env=environment)
    assert list(tmp_path.iterdir()) == []
