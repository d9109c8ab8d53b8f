"""What a new notebook can't have fails the synthesis, unless an import or a move brings the notebook in."""

from __future__ import annotations

import json

import pytest

from modelarts_constructs import Endpoint, ModelartsProvider, Notebook
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_constructs.testing import Template

THERE = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"
ODD = [
    ({"name": "训练-1"}, "name is '训练-1': must consist of letters, digits, hyphens and underscores"),
    ({"name": "a b"}, "name is 'a b': must consist of letters, digits, hyphens and underscores"),
    ({"name": "a" * 129}, f"name is '{'a' * 79}…: has 129 characters and must have 1 to 128 characters"),
    ({"name": ""}, "name is '': has 0 characters and must have 1 to 128 characters"),
    (
        {"name": "${var.x}"},
        (
            "name is '${var.x}': must consist of letters, digits, hyphens and underscores; "
            'text is literal here: write expression("var.name") for a Terraform expression'
        ),
    ),
    ({"description": "a / b"}, "description is 'a / b': contains / and must not contain any of & < > \" ' /"),
    (
        {"description": "a" * 513},
        f"description is '{'a' * 79}…: has 513 characters and must have at most 512 characters",
    ),
    ({"tags": {"a<": "b"}}, "tags has the key 'a<': must consist of letters, digits, spaces inside and _ . : = + - @"),
    ({"tags": {"": "b"}}, "tags has the key '': has 0 characters and must have 1 to 128 characters"),
    ({"tags": {"_sys_a": "b"}}, "tags has the key '_sys_a': is reserved: it must not start with _sys_"),
    ({"tags": {"a b": "x<"}}, 'tags["a b"] must consist of letters, digits, spaces and _ . : / = + - @'),
    ({"tags": {f"k{number}": "" for number in range(20)}}, "has 20 tags and must have at most 19"),
]


def refused(stack):
    """What the synthesis says, without the line that wrote it."""
    with pytest.raises(RuntimeError) as raised:
        Template.synth(stack)
    return str(raised.value)


@pytest.mark.parametrize(("change", "message"), ODD, ids=lambda value: str(value)[:40])
def test_a_new_notebook_with_it_fails_the_synthesis(provided, basic, change, message):
    Notebook(provided, "train", **{**basic, **change})
    said = refused(provided)
    assert "/train] " in said
    assert message in said
    assert "one that exists may keep it: call import_from, or move_from_id" in said


def test_the_error_has_the_line_that_wrote_it(provided, basic):
    made = Notebook(provided, "train", **{**basic, "name": "a b"})
    made.add_tag("a<", "b")
    first, second = (line for line in refused(provided).splitlines() if "/train]" in line)
    for line in (first, second):
        assert "test_l2_existing.py:" in line
    assert int(second.rpartition(":")[2].rstrip(")")) == int(first.rpartition(":")[2].rstrip(")")) + 1


def old_one(stack):
    return NotebookResource(stack, "old", name="old", flavor="f", image_id=THERE, storage={})


def import_it(stack, made):
    made.import_from(THERE)


def move_from_id(stack, made):
    made.move_from_id("modelarts_notebook.before")


def move_to_target(stack, made):
    made.add_move_target("new place")
    old_one(stack).move_to("new place")


def move_to_id(stack, made):
    old_one(stack).move_to_id("modelarts_notebook.train")


def import_block(stack, made):
    stack.add_override("import", [{"to": "modelarts_notebook.train", "id": THERE}])


def moved_block(stack, made):
    stack.add_override("moved", [{"to": "modelarts_notebook.train", "from": "modelarts_notebook.before"}])


WAYS = [import_it, move_from_id, move_to_target, move_to_id, import_block, moved_block]


@pytest.mark.parametrize("way", WAYS)
def test_one_that_exists_may_keep_it(provided, basic, way):
    odd = {"name": "训练-1", "description": "<a & b> / c", "tags": {"a*b": "<c>"}}
    made = Notebook(provided, "train", **{**basic, **odd})
    way(provided, made)
    train = Template.synth(provided).notebooks()["train"]
    assert {name: train[name] for name in odd} == odd


def test_an_import_of_another_notebook_is_none_of_this_one(provided, basic):
    Notebook(provided, "train", **{**basic, "name": "训练-1"})
    other = Notebook(provided, "other", **basic)
    other.import_from(THERE)
    other.add_move_target("other place")
    old_one(provided).move_to("other place")
    assert "/train] name is '训练-1'" in refused(provided)


def test_a_notebook_that_moves_away_is_not_written(provided, basic):
    Notebook(provided, "train", **{**basic, "name": "训练-1"}).move_to_id("modelarts_notebook.next")
    assert "train" not in Template.synth(provided).notebooks()


def test_what_a_method_repairs_is_not_said(provided, basic):
    made = Notebook(provided, "train", **basic, tags={"a": "b"})
    made.add_tag("a<", "b")
    made._rewrite(tags={"a": "b"})
    assert Template.synth(provided).notebooks()["train"]["tags"] == {"a": "b"}


def test_every_problem_is_said_once(provided, basic):
    made = Notebook(provided, "train", **{**basic, "name": "a b"}, description="<")
    for number in range(3):
        made.add_tag(f"k{number}", "")
    said = refused(provided)
    assert said.count("name is 'a b'") == 1
    assert said.count("description is '<'") == 1


def warnings(stack):
    return [each.data for each in stack.node.find_child("train").node.metadata if each.type == "@cdktf/warn"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [("10.1.1.2", "private"), ("100.64.0.1", "shared"), ("127.0.0.1", "loopback"), ("224.0.0.1", "multicast")],
)
def test_an_address_that_is_not_public_is_a_warning(provided, basic, address, kind):
    made = Notebook(provided, "train", **basic, endpoints=[Endpoint.ssh(allowed_access_ips=["8.8.8.8", address])])
    made.add_tag("a", "b")
    (text,) = warnings(provided)
    assert text.startswith(f'endpoints["SSH"].allowed_access_ips holds {address}, which is {kind}')
    assert "only public addresses" in text
    assert Template.synth(provided).has_notebook("train")


def test_a_method_warns_of_the_address_that_it_adds(provided, basic):
    made = Notebook(provided, "train", **basic)
    made.allow_ssh(from_ips=["203.0.113.7", "192.0.2.1", "198.51.100.1", "8.8.8.8"])
    assert warnings(provided) == []
    made.allow_ssh(from_ips=["10.1.1.2"])
    (text,) = warnings(provided)
    assert "10.1.1.2" in text


def test_addresses_that_are_expressions_are_not_judged(provided, basic, text):
    everyone = cdktf.TerraformVariable(provided, "ips", type="list(string)").list_value
    ways = [Endpoint.ssh(allowed_access_ips=[text]), Endpoint.notebook(allowed_access_ips=everyone)]
    Notebook(provided, "train", **basic, endpoints=ways)
    assert warnings(provided) == []


def test_the_written_stack_says_it_to_the_command_line(tmp_path, basic):
    """`cdktf synth` prints the annotations that it finds in the manifest."""
    app = cdktf.App(outdir=str(tmp_path))
    stack = cdktf.TerraformStack(app, "team")
    ModelartsProvider(stack)
    Notebook(stack, "train", **basic, endpoints=[Endpoint.ssh(allowed_access_ips=["10.1.1.2"])])
    app.synth()
    (found,) = json.loads((tmp_path / "manifest.json").read_text())["stacks"]["team"]["annotations"]
    assert (found["level"], "10.1.1.2" in found["message"]) == ("@cdktf/warn", True)
