"""The generated resource class: what is synthesised, references, metadata arguments."""

from __future__ import annotations

import json

import pytest

from modelarts_constructs import ConstructError, ModelartsProvider
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1._references import Reference
from modelarts_constructs.l1.notebook import NotebookAttributes, NotebookResource


def test_only_what_was_written_is_synthesised(provided, notebooks, basic_resource):
    NotebookResource(
        provided,
        "a",
        **basic_resource,
        description=None,
        endpoints={"SSH": {"key_pair_names": ("k2", "k1"), "allowed_access_ips": None}},
        hooks={"pre_start": {"script": "/init.sh"}},
        timeouts={"create": "1h"},
    )
    assert notebooks(provided)["a"] == {
        **basic_resource,
        "endpoints": {"SSH": {"key_pair_names": ["k2", "k1"]}},
        "hooks": {"pre_start": {"script": "/init.sh"}},
        "timeouts": {"create": "1h"},
    }


def test_references_of_every_kind(provided, notebooks, basic_resource):
    a = NotebookResource(provided, "a", **basic_resource)
    NotebookResource(
        provided,
        "b",
        name=a.name,
        flavor=f"x_{a.storage.size}",
        image_id=a.image.id,
        storage=a.storage,
        description=f"{a.endpoints['SSH'].uri} {a.action_progress[0].step_description} {a.user.domain.name}",
        endpoints={"SSH": {"allowed_access_ips": a.endpoints["SSH"].allowed_access_ips}},
        hooks=a.hooks,
    )
    assert notebooks(provided)["b"] == {
        "name": "${modelarts_notebook.a.name}",
        "flavor": "x_${modelarts_notebook.a.storage.size}",
        "image_id": "${modelarts_notebook.a.image.id}",
        "storage": "${modelarts_notebook.a.storage}",
        "description": '${modelarts_notebook.a.endpoints["SSH"].uri} '
        "${modelarts_notebook.a.action_progress[0].step_description} ${modelarts_notebook.a.user.domain.name}",
        "endpoints": {"SSH": {"allowed_access_ips": '${modelarts_notebook.a.endpoints["SSH"].allowed_access_ips}'}},
        "hooks": "${modelarts_notebook.a.hooks}",
    }


def test_every_reference_has_the_path_of_its_attribute(provided, basic_resource, rendered):
    a = NotebookResource(provided, "a", **basic_resource)
    names = [name for name, member in vars(NotebookAttributes).items() if isinstance(member, property)]
    assert len(names) > 20
    values = [getattr(a, name) for name in names]
    texts = [str(value) if isinstance(value, Reference) else value for value in values]
    assert rendered(provided, *texts) == [f"${{modelarts_notebook.a.{name}}}" for name in names]


def test_a_key_with_quotes_stays_one_key(provided, basic_resource, rendered):
    a = NotebookResource(provided, "a", **basic_resource)
    assert rendered(provided, a.endpoints['S"H'].uri) == ['${modelarts_notebook.a.endpoints["S\\"H"].uri}']


def test_metadata_arguments(provided, notebooks, basic_resource):
    west = ModelartsProvider(provided, "west", region="cn-north-1", alias="west")
    a = NotebookResource(provided, "a", **basic_resource)
    NotebookResource(
        provided,
        "b",
        **basic_resource,
        depends_on=[a],
        provider=west,
        count=2,
        lifecycle={"prevent_destroy": True, "ignore_changes": ["description"]},
        connection=cdktf.SSHProvisionerConnection(type="ssh", host="h"),
        provisioners=[cdktf.LocalExecProvisioner(type="local-exec", command="true")],
    )
    assert notebooks(provided)["b"] == {
        **basic_resource,
        "depends_on": ["modelarts_notebook.a"],
        "provider": "modelarts.west",
        "count": 2,
        "lifecycle": {"prevent_destroy": True, "ignore_changes": ["description"]},
        "connection": {"type": "ssh", "host": "h"},
        "provisioner": [{"local-exec": {"command": "true"}}],
    }


def test_for_each(provided, notebooks, basic_resource):
    each = cdktf.TerraformIterator.from_list(["a", "b"])
    NotebookResource(provided, "a", **{**basic_resource, "name": each.value}, for_each=each)
    assert notebooks(provided)["a"]["for_each"] == '${toset(["a", "b"])}'
    assert notebooks(provided)["a"]["name"] == "${each.value}"


def test_import_and_move(provided, basic_resource):
    NotebookResource(provided, "a", **basic_resource).import_from("5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10")
    NotebookResource(provided, "b", **basic_resource).move_from_id("modelarts_notebook.old")
    document = json.loads(cdktf.Testing.synth(provided))
    assert document["import"] == [{"id": "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10", "to": "modelarts_notebook.a"}]
    assert document["moved"] == [{"from": "modelarts_notebook.old", "to": "modelarts_notebook.b"}]


def test_escape_hatches(provided, notebooks, basic_resource):
    a = NotebookResource(provided, "a", **basic_resource)
    a.add_override("storage.size", 20)
    a.add_override("newer", {"camelCase": "kept"})
    a.override_logical_id("renamed")
    assert notebooks(provided)["renamed"] == {**basic_resource, "storage": {"size": 20}, "newer": {"camelCase": "kept"}}


def test_inputs_show_what_was_written(provided, basic_resource):
    a = NotebookResource(provided, "a", **basic_resource, description=None)
    assert a.inputs == basic_resource
    with pytest.raises(TypeError):
        a.inputs["name"] = "other"


def test_hcl_has_the_same_attributes(provided, basic_resource):
    NotebookResource(provided, "a", **basic_resource, endpoints={"SSH": {"key_pair_names": ["k"]}})
    hcl = provided.to_hcl_terraform()["hcl"]
    for line in ('name = "nb"', "size = 10", "SSH = {", "key_pair_names = ["):
        assert " ".join(line.split()) in " ".join(hcl.split())


def test_a_stack_without_the_provider_fails_at_synth(tmp_path, basic_resource):
    app = cdktf.App(outdir=str(tmp_path))
    NotebookResource(cdktf.TerraformStack(app, "s"), "a", **basic_resource)
    with pytest.raises(RuntimeError, match="without a matching provider"):
        app.synth()


def test_unknown_argument_is_named(provided, basic_resource):
    with pytest.raises(TypeError, match=r"^NotebookResource has no argument 'flavour': did you mean flavor\?$"):
        NotebookResource(provided, "a", **basic_resource, flavour="x")
    with pytest.raises(
        TypeError, match=r"no argument 'xyz': there are adopt_existing, .* storage, tags, timeouts, wor"
    ):
        NotebookResource(provided, "a", **basic_resource, xyz="x")


def test_error_of_a_nested_value_has_the_path(provided, basic_resource):
    with pytest.raises(ConstructError, match=r"^stack\d+/a: endpoints\.SSH\.key_pair_names\[1\] is None"):
        NotebookResource(provided, "a", **basic_resource, endpoints={"SSH": {"key_pair_names": ["k", None]}})
