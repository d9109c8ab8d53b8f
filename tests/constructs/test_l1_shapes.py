"""Values of another kind than the generated classes' annotations say are errors where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modelarts_constructs import ConstructError, ModelartsProvider, Storage, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1._shapes import arguments
from modelarts_constructs.l1.notebook import NotebookResource

if TYPE_CHECKING:
    from constructs import Construct as OnlyForCheckers


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 5}, "name is a number: must be text"),
        ({"name": ["nb"]}, "name is a list: must be text"),
        ({"name": True}, "name is True or False: must be text"),
        ({"storage": 50}, "storage is a number: must be a dict of category, ownership, size, uri, id, dew_secret_name"),
        ({"storage": {"sise": 5}}, "storage has no member 'sise': did you mean size?"),
        (
            {"storage": {"xyz": 5}},
            "storage has no member 'xyz': it has category, ownership, size, uri, id, dew_secret_",
        ),
        ({"storage": {"size": "50"}}, "storage.size is text: must be a number"),
        ({"storage": {"size": True}}, "storage.size is True or False: must be a number"),
        ({"storage": {"mount_path": "/a"}}, "storage has no member 'mount_path'"),
        ({"endpoints": ["SSH"]}, "endpoints is a list: must be a dict"),
        ({"endpoints": {"SSH": {"key_pair_names": "mine"}}}, "endpoints['SSH'].key_pair_names is text: must be a list"),
        ({"endpoints": {"SSH": {"key_pair_names": [5]}}}, "endpoints['SSH'].key_pair_names[0] is a number: must be te"),
        ({"hooks": [{"pre_start": {}}]}, "hooks is a list: must be a dict of pre_start, post_start"),
        ({"hooks": {"pre_start": {"type": "SCRIPT"}}}, "hooks.pre_start has no script, which is required"),
        ({"deletion_protection": "true"}, "deletion_protection is text: must be True or False"),
        ({"tags": {"a": 1}}, "tags['a'] is a number: must be text"),
        ({"timeouts": {"crate": "1h"}}, "timeouts has no member 'crate': did you mean create?"),
    ],
)
def test_the_resource(provided, basic_resource, change, message):
    with pytest.raises(ConstructError) as raised:
        NotebookResource(provided, "a", **{**basic_resource, **change})
    path, _, rest = str(raised.value).partition(": ")
    assert path.endswith("/a")
    assert rest.startswith(message)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"region": 5}, "region is a number: must be text"),
        ({"max_retries": "x"}, "max_retries is text: must be a number"),
        ({"insecure": "false"}, "insecure is text: must be True or False"),
        ({"default_tags": ["a"]}, "default_tags is a list: must be a dict"),
        ({"default_tags": {"CostCenter": 42}}, "default_tags['CostCenter'] is a number: must be text"),
        ({"ignore_tags": {"key": ["a"]}}, "ignore_tags has no member 'key': did you mean keys?"),
        ({"assume_role": {"agency_name": "a"}}, "assume_role is a dict: must be a list"),
        ({"assume_role": [{"agency": "a"}]}, "assume_role[0] has no member 'agency': did you mean agency_name?"),
    ],
)
def test_the_provider(stack, given, message):
    with pytest.raises(ConstructError) as raised:
        ModelartsProvider(stack, **given)
    assert message in str(raised.value)


def test_no_value_is_shown(stack):
    with pytest.raises(ConstructError) as raised:
        ModelartsProvider(stack, secret_key=["hunter2"])
    assert "secret_key is a list: must be text" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_what_fits_passes(provided, basic_resource, notebooks):
    variable = cdktf.TerraformVariable(provided, "v", type="any")
    there = NotebookResource(provided, "there", **basic_resource)
    NotebookResource(
        provided,
        "a",
        name=variable.string_value,
        flavor=expression("var.v"),
        image_id=there.image.id,
        storage={"size": variable.number_value, "category": None},
        endpoints={"SSH": {"key_pair_names": variable.list_value, "allowed_access_ips": {"1.1.1.1"}}, "NOTEBOOK": {}},
        hooks=there.hooks,
        auto_stop=variable.value,
        deletion_protection=variable.boolean_value,
        tags=cdktf.Token.as_string_map(variable.value),
        timeouts={},
    )
    NotebookResource(provided, "b", **{**basic_resource, "storage": Storage.evs(size=5)}, tags={"a": expression("x")})
    assert sorted(notebooks(provided)) == ["a", "b", "there"]


def test_annotations_are_read_once():
    class Special(NotebookResource):
        """A team's own class has the generated one's arguments below its own."""

        def __init__(self, scope, key):
            super().__init__(scope, key, name=key, flavor="f", image_id="i", storage={})

    assert arguments(Special)["storage"] == arguments(NotebookResource)["storage"]
    assert arguments(Special) is arguments(Special)


class Team(NotebookResource):
    """A team's own class, whose annotations aren't resolved and whose ``tags`` are of another kind."""

    __module__ = "mycorp.l1.notebook"

    def __init__(self, scope: OnlyForCheckers, key: str, tags: list[str]) -> None:
        super().__init__(
            scope, key, name=key, flavor="f", image_id="i", storage={"size": 5}, tags=dict.fromkeys(tags, "x")
        )


class Unresolved(Team):
    """The same in a package of ours."""

    __module__ = "modelarts_constructs.l1.unresolved"

    def __init__(self, scope: OnlyForCheckers, key: str) -> None:
        super().__init__(scope, key, ["a"])


def test_a_package_of_the_same_name_is_not_ours(provided, notebooks):
    assert arguments(Team) == arguments(NotebookResource)
    Team(provided, "a", ["one", "two"])
    assert notebooks(provided)["a"]["tags"] == {"one": "x", "two": "x"}


def test_annotations_that_cannot_be_resolved_say_nothing(provided, notebooks):
    assert arguments(Unresolved) == {}
    Unresolved(provided, "a")
    assert notebooks(provided)["a"]["tags"] == {"a": "x"}
