"""Whole objects and maps of a resource as values: of outputs, of functions, and of other constructs."""

from __future__ import annotations

import pytest

from modelarts_constructs import ConstructError, Endpoint, Hook, Notebook, Storage
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_constructs.testing import Template
from modelarts_emulator.testing import running_emulator

PLACE = "modelarts_notebook.a"


@pytest.fixture
def made(provided, basic):
    return Notebook(provided, "a", **basic, endpoints=[Endpoint.ssh(key_pair_names=["mine"])])


def values(made):
    """What people write, and the expression that it is."""
    reference = cdktf.Token.as_any_map(made.endpoints)
    return [
        (made.storage, f"${{{PLACE}.storage}}"),
        (made.endpoints, f"${{{PLACE}.endpoints}}"),
        (made.endpoints["SSH"], f'${{{PLACE}.endpoints["SSH"]}}'),
        (made.action_progress, f"${{{PLACE}.action_progress}}"),
        (made.action_progress[0], f"${{{PLACE}.action_progress[0]}}"),
        (made.user.domain, f"${{{PLACE}.user.domain}}"),
        (made.tags_all, f"${{{PLACE}.tags_all}}"),
        (made.billing_items, f"${{{PLACE}.billing_items}}"),
        ({"a": made.storage, "b": [made.image]}, {"a": f"${{{PLACE}.storage}}", "b": [f"${{{PLACE}.image}}"]}),
        (str(made.storage), f"${{{PLACE}.storage}}"),
        (cdktf.Token.as_string(made.storage), f"${{{PLACE}.storage}}"),
        (cdktf.Fn.jsonencode(made.storage), f"${{jsonencode({PLACE}.storage)}}"),
        (f"of {cdktf.Fn.jsonencode(made.storage)}", f"of ${{jsonencode({PLACE}.storage)}}"),
        (cdktf.Fn.keys(made.endpoints), f"${{keys({PLACE}.endpoints)}}"),
        (cdktf.Fn.lookup(made.endpoints, "SSH"), f"${{{PLACE}.endpoints.SSH}}"),
        (cdktf.Fn.length_of(made.action_progress), f"${{length({PLACE}.action_progress)}}"),
        (cdktf.Fn.merge([made.storage, {"a": 1}]), f'${{merge({PLACE}.storage, {{"a" = 1}})}}'),
        (cdktf.TerraformIterator.from_map(reference).keys(), f"${{[ for key, val in {PLACE}.endpoints: key]}}"),
    ]


def test_handed_on_to_the_library(provided, made, rendered):
    written, expected = zip(*values(made), strict=True)
    assert rendered(provided, *written) == list(expected)


def test_into_blocks_and_locals_of_others(provided, made, basic_resource):
    resource = cdktf.TerraformResource(provided, "other", terraform_resource_type="terraform_data")
    resource.add_override("input", made.storage)
    cdktf.TerraformLocal(provided, "here", {"image": made.image})
    given = {**basic_resource, "storage": made.storage, "endpoints": made.endpoints, "timeouts": made.timeouts}
    NotebookResource(provided, "b", **given, hooks={"pre_start": made.hooks.post_start})
    template = Template.synth(provided)
    assert template.resources("terraform_data")["other"]["input"] == f"${{{PLACE}.storage}}"
    assert template.document["locals"] == {"here": {"image": f"${{{PLACE}.image}}"}}
    template.has_notebook(
        "b",
        storage=f"${{{PLACE}.storage}}",
        endpoints=f"${{{PLACE}.endpoints}}",
        timeouts=f"${{{PLACE}.timeouts}}",
        hooks={"pre_start": f"${{{PLACE}.hooks.post_start}}"},
    )


def test_out_of_another_stack(cdk_app, provided, made):
    """The library makes an output of it there and reads that here."""
    other = cdktf.TerraformStack(cdk_app, f"{provided.node.id}-other")
    cdktf.TerraformOutput(other, "storage", value=made.storage)
    assert "storage" in Template.synth(other).document["output"]


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (lambda made: {"depends_on": [made.storage]}, r"storage>, a value of a resource: must be the resource itself"),
        (lambda made: {"for_each": made.endpoints}, r"must be an iterator, .*from_map\(cdktf\.Token\.as_any_map\("),
        (lambda made: {"count": made.storage}, r"count is <NotebookStorageReference storage>: must be a whole number"),
    ],
)
def test_where_no_value_belongs(provided, made, basic, meta, message):
    with pytest.raises(ConstructError, match=message):
        Notebook(provided, "b", **basic, **meta(made))


def test_the_friendly_values_are_made_of_single_ones(provided, made, basic):
    with pytest.raises(ConstructError, match=r"such as Storage\.evs\(size=50\), of the reference's values one by one"):
        Notebook(provided, "b", **{**basic, "storage": made.storage})
    Notebook(provided, "b", **{**basic, "storage": Storage.evs(size=made.storage.size)})


def test_a_command_holds_no_object(made):
    with pytest.raises(ConstructError, match="storage is an object that is only known during the apply"):
        Hook.command(f"echo {made.storage}")


def test_lists_that_are_only_known_during_the_apply_pass_the_friendly_methods(provided, made, basic, notebooks):
    ips = made.endpoints["SSH"].allowed_access_ips
    other = Notebook(provided, "b", **basic, tags=made.tags)
    other.allow_ssh(from_ips=ips, key_pair=made.endpoints["SSH"].key_pair_names)
    assert notebooks(provided)["b"]["endpoints"]["SSH"] == {
        "allowed_access_ips": f'${{{PLACE}.endpoints["SSH"].allowed_access_ips}}',
        "key_pair_names": f'${{{PLACE}.endpoints["SSH"].key_pair_names}}',
    }
    with pytest.raises(ConstructError, match="from_ips can't be put together with a list that is only known"):
        other.allow_ssh(from_ips=["8.8.8.8"])


@pytest.mark.acceptance
def test_terraform_takes_them(provided, made):
    for index, (value, _) in enumerate(values(made)):
        cdktf.TerraformOutput(provided, f"whole{index}", value=value)
    with running_emulator() as emulator:
        assert "whole0" in Template.synth(provided).to_plan(emulator)["output_changes"]
