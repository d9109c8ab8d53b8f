"""Imports without a resource: Terraform writes the configuration of a notebook that is there."""

from __future__ import annotations

import json
import os

import pytest

from modelarts_constructs import ConstructError, ModelartsProvider, Notebook, Storage, _plan
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_constructs.testing import Template
from modelarts_emulator.testing import running_emulator

THERE = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"


@pytest.mark.parametrize("made", [NotebookResource, Notebook])
def test_the_block_without_a_resource(provided, made):
    found = made.generate_config_for_import(provided, "train", THERE)
    assert isinstance(found, cdktf.ImportableResource)
    document = Template.synth(provided).document
    assert document["import"] == [{"id": THERE, "to": "modelarts_notebook.train"}]
    assert "resource" not in document
    assert f'id = "{THERE}"' in " ".join(provided.to_hcl_terraform()["hcl"].split())


def test_the_provider_with_an_alias(provided):
    west = ModelartsProvider(provided, "west", alias="west")
    NotebookResource.generate_config_for_import(provided, "train", THERE, provider=west)
    assert Template.synth(provided).document["import"] == [
        {"id": THERE, "to": "modelarts_notebook.train", "provider": "modelarts.west"}
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("a b", THERE), "the id 'a b' must start with a letter"),
        (("train", 5), r"/train: import_from_id is 5: must be the id"),
        (("train", ""), r"/train: import_from_id is '': must be the id"),
        (
            ("train", "cn_north_4/nb"),
            r"/train: import_from_id is 'cn_north_4/nb': 'cn_north_4' is not a region: must be",
        ),
        (("train", "cn-north-4/team/nb"), r"'team' is not a project id, which has 32 letters and digits: must be"),
        (("train", "a/b/c/d"), r"it has 4 parts"),
        (("train", "cn-north-4/"), r"'' can't be the id or the name of an instance: must be"),
        (("train", " nb"), r"' nb' can't be the id or the name"),
        (("train", THERE, "modelarts.west"), r"/train: provider is 'modelarts.west': must be the provider itself"),
    ],
)
def test_wrong_arguments(provided, given, message):
    with pytest.raises(ConstructError, match=message):
        NotebookResource.generate_config_for_import(provided, *given)


PROJECT = "2123456789abcdef0123456789abcdef"
FORMS = [
    *(THERE, THERE.upper(), "train", "训练-1"),
    *(f"ap-southeast-3/{THERE}", "ap-southeast-3/train"),
    *(f"ap-southeast-3/{PROJECT}/{THERE}", f"ap-southeast-3/{PROJECT.upper()}/train"),
]


@pytest.mark.parametrize("identifier", FORMS)
@pytest.mark.parametrize("made", [NotebookResource, Notebook])
def test_every_form_of_an_import_id(provided, basic_resource, made, identifier):
    made.generate_config_for_import(provided, "train", identifier)
    friendly = {"storage": Storage.evs(size=50)} if made is Notebook else {}
    made(provided, "a", **{**basic_resource, **friendly}).import_from(identifier)
    assert [block["id"] for block in Template.synth(provided).document["import"]] == [identifier, identifier]


def test_an_import_id_that_is_known_later(provided, basic_resource):
    """A token passes; Terraform says what is wrong with its value."""
    variable = cdktf.TerraformVariable(provided, "which", type="string")
    NotebookResource(provided, "a", **basic_resource).import_from(variable.string_value)
    assert Template.synth(provided).document["import"] == [{"id": "${var.which}", "to": "modelarts_notebook.a"}]


def test_import_from_with_the_provider_of_another_region(provided, basic_resource):
    west = ModelartsProvider(provided, "west", alias="west")
    NotebookResource(provided, "a", **basic_resource, provider=west).import_from(f"ap-southeast-3/{THERE}", west)
    (block,) = Template.synth(provided).document["import"]
    assert block == {"id": f"ap-southeast-3/{THERE}", "to": "modelarts_notebook.a", "provider": "modelarts.west"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((5,), r"stack\d+/a: id is 5: must be the id of an instance"),
        (("cn-north-4/team/nb",), r"/a: id is 'cn-north-4/team/nb': 'team' is not a project id"),
        ((THERE, "modelarts.west"), r"/a: provider is 'modelarts.west': must be the provider itself"),
    ],
)
def test_wrong_arguments_of_import_from(provided, basic_resource, given, message):
    made = NotebookResource(provided, "a", **basic_resource)
    with pytest.raises(ConstructError, match=message):
        made.import_from(*given)


@pytest.mark.acceptance
def test_terraform_writes_the_configuration(provided, tmp_path):
    NotebookResource.generate_config_for_import(provided, "train", "from-the-console")
    document = Template.synth(provided).document
    with running_emulator(time_scale=0.0) as emulator:
        body = {
            "name": "from-the-console",
            "flavor": "modelarts.vm.cpu.2u",
            "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
            "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 50},
        }
        emulator.api("POST", "/notebooks", body)
        settings = _plan.emulator_settings(emulator)
        configuration = tmp_path / "terraform.rc"
        environment = _plan._environment(os.environ, configuration, emulator.url)
        work = tmp_path / "work"
        work.mkdir()
        (work / "main.tf.json").write_text(json.dumps(_plan.pointed_at(document, settings)))
        install = [_plan._provider(), "install", "--dir", str(tmp_path / "mirror")]
        _plan._run(install, work, environment)
        configuration.write_text(_plan._run([*install, "--print-config"], work, environment))
        terraform = _plan._terraform()
        _plan._run([terraform, "init", "-no-color"], work, environment)
        said = _plan._run(
            [terraform, "plan", "-no-color", "-input=false", "-generate-config-out=made.tf"], work, environment
        )
        assert "1 to import, 0 to add, 0 to change, 0 to destroy" in said
        text = " ".join((work / "made.tf").read_text().split())
        assert 'resource "modelarts_notebook" "train" {' in text
        assert 'name = "from-the-console"' in text
        assert "size = 50" in text
