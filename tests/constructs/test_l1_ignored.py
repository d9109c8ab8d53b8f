"""The names in a lifecycle's ``ignore_changes``."""

from __future__ import annotations

import pytest

from modelarts_constructs import ConstructError, Notebook
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1._base import ResourceBase
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_constructs.testing import Template
from modelarts_emulator.testing import running_emulator

THERE = [
    "name",
    "tags",
    'tags["Cost.Center"]',
    "storage",
    "storage.size",
    "storage.mount_path",
    'endpoints["SSH"]',
    'endpoints["SSH"].allowed_access_ips',
    "endpoints.SSH.key_pair_names",
    "hooks.post_start.script",
    "action_progress[0].step",
    "image.tag",
    "user.domain.name",
    "url",
]


@pytest.mark.parametrize("form", [dict, cdktf.TerraformResourceLifecycle], ids=["dict", "object"])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (["nmae"], r"ignore_changes\[0\] is 'nmae': the resource has no attribute 'nmae': did you mean name\?"),
        (["name", "imageId"], r"ignore_changes\[1\] is 'imageId': .*did you mean image_id\?"),
        (["xyz"], "the resource has no attribute 'xyz': there are name, description, flavor, image_id, "),
        (["inputs"], "has no attribute 'inputs'"),
        (["notebook_id"], "has no attribute 'notebook_id'"),
        (["node"], "has no attribute 'node'"),
        (["depends_on"], "has no attribute 'depends_on'"),
        (["storage.sise"], "is 'storage.sise': storage has no attribute 'sise': did you mean size"),
        (
            ['endpoints["SSH"].ips'],
            "endpoints has no attribute 'ips': there are key_pair_names, allowed_access_ips, uri",
        ),
        (["user.domain.nam"], r"domain has no attribute 'nam': did you mean name\?"),
        (["storage[0]"], "storage has attributes: must name one after a point"),
        (["action_progress.step"], "action_progress is a list: must have an index in brackets there"),
        (["modelarts_notebook.a.name"], "the resource has no attribute 'modelarts_notebook'"),
        (["all"], r'is \'all\': must stand alone for every attribute: ignore_changes="all"'),
        (["*"], r'is \'\*\': must stand alone for every attribute: ignore_changes="all"'),
        (["tags."], r'must be the name of an attribute, or a path below one such as tags\["owner"\]'),
        (["tags[owner]"], "or a path below one such as"),
        (["name\n"], "or a path below one such as"),
        ([""], "must be the name of an attribute"),
        ("name", r"ignore_changes is 'name': must be a list, such as \['name'\], or \"all\""),
    ],
)
def test_names_that_there_are_not(provided, basic_resource, form, changes, message):
    with pytest.raises(ConstructError, match=f"/a: lifecycle: .*{message}"):
        NotebookResource(provided, "a", **basic_resource, lifecycle=form(ignore_changes=changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [([5], r"ignore_changes\[0\] is 5: must be the name of an attribute"), (7, "ignore_changes is 7: must be a list")],
)
def test_what_is_no_text(provided, basic, changes, message):
    with pytest.raises(ConstructError, match=f"/a: lifecycle: {message}"):
        Notebook(provided, "a", **basic, lifecycle={"ignore_changes": changes})


def test_a_reference_is_no_name(provided, basic):
    there = Notebook(provided, "there", **basic)
    with pytest.raises(ConstructError, match=r"\(only known during the apply\): Terraform needs a name in the plan"):
        Notebook(provided, "a", **basic, lifecycle={"ignore_changes": [there.name]})


@pytest.mark.parametrize("changes", [*([each] for each in THERE), tuple(THERE), [], "all", None])
def test_names_that_there_are(provided, basic, notebooks, changes):
    Notebook(provided, "a", **basic, lifecycle={"ignore_changes": changes, "prevent_destroy": True})
    written = notebooks(provided)["a"]["lifecycle"]
    assert written == {
        "prevent_destroy": True,
        **({} if changes is None else {"ignore_changes": list_or_word(changes)}),
    }


def list_or_word(changes):
    return changes if isinstance(changes, str) else list(changes)


def test_a_resource_made_by_hand_has_names_that_nobody_knows(provided, notebooks):
    class Plain(ResourceBase):
        TF_RESOURCE_TYPE = "modelarts_notebook"

    Plain(provided, "a", {}, {"lifecycle": {"ignore_changes": ["anything"]}})
    assert notebooks(provided)["a"]["lifecycle"] == {"ignore_changes": ["anything"]}


@pytest.mark.acceptance
def test_terraform_takes_those_names(provided, basic):
    Notebook(provided, "a", **basic, lifecycle={"ignore_changes": THERE})
    with running_emulator() as emulator:
        assert Template.synth(provided).to_plan(emulator)["resource_changes"]
