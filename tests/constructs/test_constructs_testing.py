"""What users test their own stacks with: the synthesised template, readable differences, a real plan."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsii
import pytest

from modelarts_constructs import ModelartsProvider, Notebook, _plan
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.testing import PlanError, Template
from modelarts_emulator.testing import running_emulator


@pytest.fixture(scope="module")
def emulator():
    with running_emulator() as control:
        yield control


def test_notebooks_are_what_was_written(template):
    assert list(template.notebooks()) == ["other", "train"]
    assert template.notebooks()["train"]["tags"] == {"CostCenter": "42"}
    assert "//" not in template.notebooks()["train"]
    assert template.resources("modelarts_image") == {}
    assert template.document["terraform"]["required_providers"]["modelarts"]["source"] == "local/modelarts/modelarts"


def test_an_empty_stack(provided):
    with pytest.raises(AssertionError, match="there is no notebook; the stack has none"):
        Template.synth(provided).has_notebook(name="a")


def test_provider(stack):
    ModelartsProvider(stack, region="cn-north-4")
    ModelartsProvider(stack, "west", alias="west", region="cn-west-1")
    template = Template.synth(stack)
    assert template.provider() == {"region": "cn-north-4"}
    assert template.provider("west") == {"alias": "west", "region": "cn-west-1"}
    with pytest.raises(AssertionError, match="no provider modelarts has the alias 'east'; there is None, 'west'"):
        template.provider("east")
    with pytest.raises(AssertionError, match="there is none at all"):
        Template({}).provider()


def test_what_fails_synth_fails_here(provided, stack, basic):
    made = Notebook(provided, "train", **basic)
    cdktf.Annotations.of(made).add_error("labels are required")
    with pytest.raises(RuntimeError, match=r"\[stack\d+/train\] labels are required"):
        Template.synth(provided)


def test_a_missing_provider_fails_here(stack, basic):
    Notebook(stack, "train", **basic)
    with pytest.raises(RuntimeError, match="without a matching provider"):
        Template.synth(stack)


def test_aspects_count(provided, basic):
    @jsii.implements(cdktf.IAspect)
    class Tagged:
        def visit(self, node):
            if isinstance(node, Notebook):
                node.add_tag("a", "b")

    Notebook(provided, "train", **basic)
    cdktf.Aspects.of(provided).add(Tagged())
    Template.synth(provided).has_notebook(tags={"a": "b"})


@pytest.mark.acceptance
def test_plan_is_what_terraform_shows(provided, basic, emulator, full):
    Notebook(provided, "train", **basic, **full)
    plan = Template.synth(provided).to_plan(emulator)
    (change,) = plan["resource_changes"]
    assert change["address"] == "modelarts_notebook.train"
    assert change["change"]["actions"] == ["create"]
    after = change["change"]["after"]
    assert after["tags_all"] == {"CostCenter": "42"}
    assert after["endpoints"]["SSH"]["key_pair_names"] == ["a", "b"]
    assert after["hooks"]["pre_start"] == {"type": "SCRIPT", "script": "/a", "mode": None}
    assert after["project_id"] == emulator.project_id


@pytest.mark.acceptance
def test_plan_with_an_address_alone_and_variables(provided, basic, emulator, text):
    Notebook(provided, "train", **{**basic, "name": text})
    plan = Template.synth(provided).to_plan(emulator.url, variables={"text": "from-a-variable"})
    assert plan["resource_changes"][0]["change"]["after"]["name"] == "from-a-variable"


@pytest.mark.acceptance
def test_stack_that_terraform_refuses_raises_its_words(provided, basic, emulator):
    made = Notebook(provided, "train", **basic)
    made.add_override("name", "a b")
    with pytest.raises(PlanError) as raised:
        Template.synth(provided).to_plan(emulator)
    words = str(raised.value)
    assert words.startswith("terraform plan: Error: Invalid value for name")
    assert "with modelarts_notebook.train" in words
    assert "name must consist of letters, digits, hyphens and underscores" in words
    assert "│" not in words


@pytest.mark.acceptance
def test_what_cannot_be_initialised_raises_its_words(provided, basic, emulator):
    Notebook(provided, "train", **basic)
    document = dict(Template.synth(provided).document)
    document["module"] = {"a": {"source": "./nowhere"}}
    with pytest.raises(PlanError, match=r"terraform init: (.|\n)*nowhere"):
        Template(document).to_plan(emulator)


def test_nothing_of_the_stack_or_the_environment_reaches_the_real_service(stack):
    ModelartsProvider(
        stack,
        region="cn-east-3",
        access_key="real",
        secret_key="real",
        security_token="real",
        project_id="9" * 32,
        endpoints={"modelarts": "https://modelarts.example"},
        default_tags={"CostCenter": "42"},
    )
    cdktf.S3Backend(stack, bucket="b", key="k", region="r")
    document = Template.synth(stack).document
    settings = _plan.emulator_settings("http://127.0.0.1:1")
    pointed = _plan.pointed_at(document, settings)
    assert pointed["provider"]["modelarts"] == [
        {**settings, "region": "cn-east-3", "default_tags": {"CostCenter": "42"}}
    ]
    assert "real" not in str(pointed)
    assert "backend" not in pointed["terraform"]
    assert "backend" in document["terraform"], "the template stays what it is"
    given = {"HW_ACCESS_KEY": "real", "TF_VAR_a": "1", "PATH": "/bin", "NO_PROXY": "a", "HTTPS_PROXY": "http://p"}
    environment = _plan._environment(given, Path("/rc"), "http://127.0.0.1:1")
    assert environment == {
        "PATH": "/bin",
        "HTTPS_PROXY": "http://p",
        "NO_PROXY": "a,127.0.0.1",
        "no_proxy": "a,127.0.0.1",
        "TF_CLI_CONFIG_FILE": "/rc",
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def test_an_emulator_with_other_keys():
    other = SimpleNamespace(url="http://h:1", access_key="a", secret_key="s", project_id="p", region="r")
    assert _plan.emulator_settings(other) == {
        "access_key": "a",
        "secret_key": "s",
        "project_id": "p",
        "region": "r",
        "endpoints": {"modelarts": "http://h:1", "iam": "http://h:1"},
    }


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ({}, "local/modelarts/modelarts"),
        ({"source": "local/modelarts/modelarts"}, "local/modelarts/modelarts"),
        ({"source": "someone/modelarts"}, "registry.terraform.io/someone/modelarts"),
    ],
)
def test_the_provider_is_installed_under_the_stacks_address(source, address):
    assert _plan._source({"terraform": {"required_providers": {"modelarts": source}}}) == address


def test_missing_programs_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlanError, match="no terraform"):
        _plan._terraform()
    monkeypatch.setattr(_plan.sys, "executable", str(tmp_path / "python"))
    with pytest.raises(PlanError, match="pip install terraform-provider-modelarts"):
        _plan._provider()


USERS_TEST = """
import sys
from modelarts_constructs import ModelartsProvider, Notebook, Storage
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.testing import PlanError, Template, scratch_app

app = scratch_app()
stack = cdktf.TerraformStack(app, "s")
ModelartsProvider(stack)
image = "e1a07296-22a8-4f05-8bc8-e936c8e54090"
made = Notebook(stack, "a", name="a", flavor="modelarts.vm.cpu.2u", image_id=image, storage=Storage.evs(size=50))
Template.synth(stack).to_plan(sys.argv[1])
made.add_override("name", "a b")
try:
    Template.synth(stack).to_plan(sys.argv[1])
except PlanError:
    app.synth()
cdktf.Annotations.of(made).add_error("refused")
try:
    Template.synth(stack)
except RuntimeError:
    print("done")
"""


@pytest.mark.acceptance
def test_nothing_is_left_when_the_process_has_ended(emulator, tmp_path):
    """Neither by us nor by the CDK library's runtime: the folder for temporary files is as empty as it was."""
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", USERS_TEST, emulator.url]
    done = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert done.stdout == "done\n", done.stderr
    assert list(tmp_path.iterdir()) == []
