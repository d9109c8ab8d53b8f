"""What people write wrong when they meet the constructs: each an error of ours, with the name that they wrote."""

from __future__ import annotations

import pytest

from modelarts_constructs import ConstructError, Hook, ModelartsProvider, Notebook, Storage, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1.notebook import NotebookResource


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Hook.command(5), "Hook: the command is 5: must be text"),
        (lambda: Hook.command(None), "Hook: the command is None: must be text"),
        (lambda: Hook.command_file(5), "Hook: path is 5: must be text"),
        (lambda: Hook.script(5), "Hook: path is 5: must be text"),
        (lambda: Hook.encoded_command(b"eA=="), "Hook: the encoded command is of the type bytes: must be text"),
        (lambda: expression(5), 'expression(5): must be a Terraform expression without ${ and }, such as "var.region"'),
        (lambda: expression("${var.x}"), "expression('${var.x}'): must be a Terraform expression without ${ and }, su"),
        (lambda: Storage.evs(size=50.5), "Storage: size is 50.5: must be a whole number"),
    ],
)
def test_a_value(make, message):
    with pytest.raises(ConstructError) as raised:
        make()
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda made: made.allow_ssh(from_ips=5), "from_ips is 5: must be a list"),
        (lambda made: made.allow_ssh(from_ips="1.1.1.1"), "from_ips is '1.1.1.1': must be a list, such as ['1.1.1.1']"),
        (lambda made: made.allow_ssh(from_ips=["1.1.1.1"], key_pair=5), "key_pair is 5: must be a list"),
    ],
)
def test_a_method(provided, basic, use, message):
    with pytest.raises(ConstructError) as raised:
        use(Notebook(provided, "a", **basic))
    assert str(raised.value).endswith(f"/a: {message}")


def test_a_whole_number_in_another_spelling(provided, basic, notebooks):
    Notebook(provided, "a", **{**basic, "storage": Storage.evs(size=50.0)})
    size = notebooks(provided)["a"]["storage"]["size"]
    assert (size, type(size)) == (50, int)


def test_a_list_expression_for_a_list(provided, basic, notebooks):
    Notebook(provided, "a", **basic).allow_ssh(from_ips=expression("var.ips"), key_pair=expression("var.keys"))
    ssh = notebooks(provided)["a"]["endpoints"]["SSH"]
    assert ssh == {"allowed_access_ips": "${var.ips}", "key_pair_names": ["${var.keys}"]}


def test_another_provider_needs_another_id(provided):
    with pytest.raises(ConstructError, match=r"/modelarts: there is a construct with this id already: choose another"):
        ModelartsProvider(provided, alias="west")


def test_a_scope_that_is_none(provided, basic):
    with pytest.raises(ConstructError, match="the construct 'a' is put into 'team': must be put into a stack"):
        Notebook("team", "a", **basic)
    with pytest.raises(ConstructError, match=r"/5: the id is 5: must be text"):
        Notebook(provided, 5, **basic)


def test_what_lifecycle_ignores(provided, basic, notebooks):
    with pytest.raises(
        ConstructError, match=r"/a: lifecycle: ignore_changes is 'tags': must be a list, such as \['tags'\]"
    ):
        Notebook(provided, "a", **basic, lifecycle={"ignore_changes": "tags"})
    Notebook(provided, "a", **basic, lifecycle={"ignore_changes": "all"})
    assert notebooks(provided)["a"]["lifecycle"] == {"ignore_changes": "all"}


def test_friendly_values_in_the_generated_class(provided, basic_resource, notebooks):
    hooks = {"pre_start": Hook.script("/a")}
    NotebookResource(provided, "a", **{**basic_resource, "storage": Storage.evs(size=5)}, hooks=hooks)
    found = notebooks(provided)["a"]
    assert found["storage"] == {"category": "EVS", "size": 5}
    assert found["hooks"] == {"pre_start": {"type": "SCRIPT", "script": "/a"}}


@pytest.mark.parametrize("more", [{}, {"pre_start": Hook.script("/a")}])
@pytest.mark.parametrize("name", ["hook", "hooks"])
def test_an_argument_that_only_the_generated_class_has(provided, basic, name, more):
    with pytest.raises(TypeError, match=rf"^Notebook has no argument '{name}': there are .*post_start, pre_start"):
        Notebook(provided, "a", **basic, **more, **{name: {}})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"default_tags": {"a": None}}, "default_tags.a is None: must be text"),
        ({"default_tags": {"a": "b", "c d": None}}, 'default_tags["c d"] is None: must be text'),
        ({"endpoints": {"iam": None}}, "endpoints.iam is None: must be text"),
    ],
)
def test_none_in_a_map_of_the_provider(stack, given, message):
    with pytest.raises(ConstructError) as raised:
        ModelartsProvider(stack, **given)
    assert str(raised.value).endswith(f"/modelarts: {message}")


def test_the_app_as_the_scope(cdk_app, basic):
    refused = "is put into the app.*: must be put into a stack or another construct below one"
    with pytest.raises(ConstructError, match=f"the construct 'a' {refused}"):
        Notebook(cdk_app, "a", **basic)
    with pytest.raises(ConstructError, match=f"the construct 'modelarts' {refused}"):
        ModelartsProvider(cdk_app)
    with pytest.raises(ConstructError, match=f"the construct 'a' {refused}"):
        Notebook.generate_config_for_import(cdk_app, "a", "mine")


def test_a_reference_with_an_id_that_is_there(provided, basic):
    Notebook(provided, "a", **basic)
    with pytest.raises(ConstructError, match=r"/a: there is a construct with this id already: choose another"):
        Notebook.from_notebook_id(provided, "a", basic["image_id"])


@pytest.mark.parametrize("bad", [None, 5, {}])
def test_what_nothing_can_depend_on(provided, basic, bad):
    good = cdktf.TerraformVariable(provided, "v")
    with pytest.raises(ConstructError, match=rf"/a: depends_on\[1\] is {bad}: must be a resource$"):
        Notebook(provided, "a", **basic, depends_on=[good, bad])
