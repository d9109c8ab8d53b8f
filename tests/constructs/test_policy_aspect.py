"""A platform team's policy as an aspect: it sees all that it needs through what is public, and fails the synthesis."""

from __future__ import annotations

import jsii
import pytest

from modelarts_constructs import AutoStop, Endpoint, ModelartsProvider, Notebook, Storage, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_constructs.testing import Template

ALLOWED = ("modelarts.vm.cpu.2u", "modelarts.vm.cpu.8u")


@jsii.implements(cdktf.IAspect)
class Policy:
    """Allowed flavors, no SSH that is open to all, auto-stop, a cost center: on either layer's notebooks."""

    def visit(self, node):
        if isinstance(node, NotebookResource):
            for problem in self.problems(node):
                cdktf.Annotations.of(node).add_error(problem)

    def problems(self, notebook):
        flavor = notebook.inputs["flavor"]
        if cdktf.Token.is_unresolved(flavor):
            yield f"flavor is an expression, {self.resolved(notebook, flavor)}: write it out"
        elif flavor not in ALLOWED:
            yield f"flavor {flavor} isn't allowed"
        ssh = notebook.inputs.get("endpoints", {}).get("SSH")
        if ssh is not None and not ssh.get("allowed_access_ips"):
            yield "SSH is open to every address"
        if notebook.inputs.get("auto_stop", {"enabled": False}).get("enabled") is False:
            yield "it never stops by itself"
        if "CostCenter" not in {**self.default_tags(notebook), **notebook.inputs.get("tags", {})}:
            yield "no tag CostCenter"

    def resolved(self, notebook, value):
        resolver = cdktf.DefaultTokenResolver(cdktf.StringConcat())
        return cdktf.Tokenization.resolve(value, scope=notebook, resolver=resolver, preparing=False)

    def default_tags(self, notebook):
        used = notebook.provider
        for each in cdktf.TerraformStack.of(notebook).node.find_all():
            if isinstance(each, ModelartsProvider) and (each is used or (used is None and each.alias is None)):
                return each.inputs.get("default_tags", {})
        return {}


GOOD = {
    "flavor": ALLOWED[0],
    "endpoints": [Endpoint.ssh(key_pair_names=["a"], allowed_access_ips=["1.1.1.1"])],
    "auto_stop": AutoStop.when_idle(hours=2),
    "tags": {"CostCenter": "42"},
}


@pytest.fixture
def governed(provided):
    cdktf.Aspects.of(provided).add(Policy())
    return provided


def test_what_keeps_to_the_policy_passes(governed, basic):
    Notebook(governed, "a", **{**basic, **GOOD})
    assert list(Template.synth(governed).notebooks()) == ["a"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"flavor": "modelarts.vm.gpu.8v100"}, r"flavor modelarts\.vm\.gpu\.8v100 isn't allowed"),
        ({"flavor": expression("var.flavor")}, r"flavor is an expression, \$\{var\.flavor\}: write it out"),
        ({"endpoints": [Endpoint.ssh()]}, "SSH is open to every address"),
        ({"auto_stop": None}, "it never stops by itself"),
        ({"auto_stop": AutoStop.off()}, "it never stops by itself"),
        ({"tags": {"Team": "a"}}, "no tag CostCenter"),
    ],
)
def test_what_breaks_it_fails_the_synthesis(governed, basic, change, problem):
    Notebook(governed, "a", **{**basic, **GOOD, **change})
    with pytest.raises(RuntimeError, match=rf"\[stack\d+/a\] {problem}"):
        Template.synth(governed)


def test_what_methods_added_is_seen(governed, basic):
    made = Notebook(governed, "a", **basic)
    made.allow_ssh(from_ips=["1.1.1.1"])
    made.stop_when_idle(hours=2)
    made.add_tag("CostCenter", "42")
    Template.synth(governed)


def test_tags_of_the_provider_in_use_are_seen(governed, basic):
    west = ModelartsProvider(governed, "west", alias="west", default_tags={"CostCenter": "42"})
    Notebook(governed, "a", **{**basic, **GOOD, "tags": None}, provider=west)
    Template.synth(governed)
    Notebook(governed, "b", **{**basic, **GOOD, "tags": None})
    with pytest.raises(RuntimeError, match=r"/b\] no tag CostCenter"):
        Template.synth(governed)


def test_the_generated_class_and_overrides_are_seen(governed, basic_resource):
    made = NotebookResource(
        governed, "a", **basic_resource, auto_stop={"duration": "4h"}, tags={"CostCenter": "1"}, endpoints={}
    )
    Template.synth(governed)
    made.add_override("flavor", "modelarts.vm.gpu.8v100")
    written = made.to_terraform()["resource"][made.TF_RESOURCE_TYPE]["a"]
    assert written["flavor"] == "modelarts.vm.gpu.8v100", "overrides stand in what the construct will be"
    assert made.inputs["flavor"] == basic_resource["flavor"]


def test_a_storage_may_be_judged_too(provided, basic):
    made = Notebook(provided, "a", **{**basic, "storage": Storage.evs(size=500)})
    assert made.inputs["storage"] == {"category": "EVS", "size": 500}
    assert made.node.path.endswith("/a")
