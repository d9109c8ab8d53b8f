"""The friendly notebook: what it synthesises, and errors at the line that wrote a wrong value."""

from __future__ import annotations

import inspect
import re

import jsii
import pytest

from modelarts_constructs import AutoStop, ConstructError, Endpoint, Hook, Notebook, Storage, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1.notebook import NotebookResource
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54100"
ID = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"

HOOKS = {"pre_start", "post_start"}


def test_everything(provided, notebooks, basic, text):
    Notebook(
        provided,
        "train",
        **basic,
        description="Training",
        endpoints=[
            Endpoint.ssh(key_pair_names={"b", "a"}, allowed_access_ips=("1.1.1.1", text)),
            Endpoint.notebook(),
        ],
        pre_start=Hook.command("pip install pandas", mode="BLOCK"),
        post_start=Hook.script("/home/ma-user/work/init.sh"),
        auto_stop=AutoStop.after(hours=4),
        desired_status="RUNNING",
        allow_stopping_for_update=False,
        deletion_protection=True,
        adopt_existing=True,
        tags={"CostCenter": "42", "team a": ""},
        feature="NOTEBOOK",
        workspace_id="0",
        pool_id="pool-1",
        region="cn-north-4",
        project_id="0" * 32,
        timeouts={"create": "1h", "update": "90m"},
        lifecycle={"prevent_destroy": True},
    )
    assert notebooks(provided)["train"] == {
        "name": "nb",
        "flavor": "modelarts.vm.cpu.2u",
        "image_id": IMAGE,
        "storage": {"category": "EVS", "size": 10},
        "description": "Training",
        "endpoints": {
            "SSH": {"key_pair_names": ["a", "b"], "allowed_access_ips": ["1.1.1.1", "${var.text}"]},
            "NOTEBOOK": {},
        },
        "hooks": {
            "pre_start": {"type": "COMMAND", "script": "cGlwIGluc3RhbGwgcGFuZGFz", "mode": "BLOCK"},
            "post_start": {"type": "SCRIPT", "script": "/home/ma-user/work/init.sh"},
        },
        "auto_stop": {"type": "TIMING", "duration": "4h"},
        "desired_status": "RUNNING",
        "allow_stopping_for_update": False,
        "deletion_protection": True,
        "adopt_existing": True,
        "tags": {"CostCenter": "42", "team a": ""},
        "feature": "NOTEBOOK",
        "workspace_id": "0",
        "pool_id": "pool-1",
        "region": "cn-north-4",
        "project_id": "0" * 32,
        "timeouts": {"create": "1h", "update": "90m"},
        "lifecycle": {"prevent_destroy": True},
    }


def test_it_is_the_resource_itself(provided, basic):
    train = Notebook(provided, "train", **basic)
    assert isinstance(train, NotebookResource)
    assert provided.node.find_child("train") is train
    assert train.inputs["storage"] == {"category": "EVS", "size": 10}


def test_empty_and_absent_are_written_as_given(provided, notebooks, basic):
    Notebook(provided, "a", **basic, description="", endpoints=[])
    Notebook(provided, "b", **basic)
    found = notebooks(provided)
    assert (found["a"]["description"], found["a"]["endpoints"]) == ("", {})
    assert {"description", "endpoints", "hooks", "timeouts"}.isdisjoint(found["b"])


def test_tokens_pass_everywhere(provided, notebooks, basic, text):
    variable = cdktf.TerraformVariable(provided, "any", type="any")
    Notebook(
        provided,
        "a",
        name=f"team-{text}",
        flavor=text,
        image_id=text,
        storage=Storage(category=text, ownership=text, size=variable.number_value, uri=text, id=text),
        description=text,
        endpoints=[Endpoint.ssh(key_pair_names=variable.list_value, allowed_access_ips=[text] * 7 + ["1.1.1.1"])],
        pre_start=Hook.encoded_command(text, mode=text),
        post_start=Hook.script(text),
        auto_stop=AutoStop(enabled=variable.boolean_value, type=text, duration=text),
        desired_status=text,
        allow_stopping_for_update=variable.boolean_value,
        deletion_protection=variable.boolean_value,
        adopt_existing=variable.boolean_value,
        tags={text: text},
        feature=text,
        workspace_id=text,
        pool_id=text,
        region=text,
        project_id=text,
        timeouts={"create": text},
    )
    found = notebooks(provided)["a"]
    assert found["name"] == "team-${var.text}"
    assert found["storage"]["size"] == "${var.any}"
    assert found["endpoints"]["SSH"] == {
        "key_pair_names": "${var.any}",
        "allowed_access_ips": ["${var.text}", "1.1.1.1"],
    }
    assert found["hooks"]["pre_start"] == {"type": "COMMAND", "script": "${var.text}", "mode": "${var.text}"}
    assert found["auto_stop"] == {"enabled": "${var.any}", "type": "${var.text}", "duration": "${var.text}"}
    assert found["tags"] == {"${var.text}": "${var.text}"}
    assert found["deletion_protection"] == "${var.any}"
    Notebook(provided, "b", **basic, tags=cdktf.Token.as_string_map(variable.value))
    assert notebooks(provided)["b"]["tags"] == "${var.any}"


def test_validation_makes_no_call(provided, basic, monkeypatch):
    calls = []
    send = jsii._runtime.kernel.provider._process.send
    monkeypatch.setattr(
        jsii._runtime.kernel.provider._process, "send", lambda *given: (calls.append(given[0]), send(*given))[1]
    )
    Notebook(
        provided,
        "a",
        **basic,
        description="x",
        endpoints=[Endpoint.ssh(key_pair_names=["k"], allowed_access_ips=["1.1.1.1"])],
        pre_start=Hook.command("echo"),
        auto_stop=AutoStop.after(hours=4),
        tags={"a": "b"},
        timeouts={"create": "1h"},
        desired_status="RUNNING",
    )
    assert [type(call).__name__ for call in calls] == ["CreateRequest"]


def test_text_is_literal(provided, notebooks, basic):
    Notebook(provided, "a", **basic, description="${HOME} %{if}", post_start=Hook.script("/home/${USER}/a.sh"))
    found = notebooks(provided)["a"]
    assert found["description"] == "$${HOME} %%{if}"
    assert found["hooks"]["post_start"]["script"] == "/home/$${USER}/a.sh"


def test_expression_is_the_way_out_of_literal_text(provided, notebooks, basic):
    Notebook(provided, "a", **{**basic, "name": expression("var.name")}, description=f"of {expression('var.team')}")
    found = notebooks(provided)["a"]
    assert (found["name"], found["description"]) == ("${var.name}", "of ${var.team}")


def test_notebook_id(provided, basic, rendered):
    made = Notebook(provided, "made", **basic)
    found = Notebook.from_notebook_id(provided, "found", ID)
    assert found.notebook_id == ID
    assert rendered(provided, made.notebook_id) == ["${modelarts_notebook.made.id}"]
    token = made.notebook_id
    assert Notebook.from_notebook_id(provided, "token", token).notebook_id == token


@pytest.mark.parametrize(
    ("id", "notebook_id", "message"),
    [
        ("a b", ID, "the id 'a b' must start with a letter"),
        ("a", "nb", "/a: notebook_id 'nb': must be a UUID such as"),
        ("a", None, "/a: notebook_id None: must be text"),
    ],
)
def test_wrong_reference_to_an_existing_notebook(provided, id, notebook_id, message):  # noqa: A002 - the argument's name
    with pytest.raises(ConstructError, match=message):
        Notebook.from_notebook_id(provided, id, notebook_id)


SSH = 'Endpoint.ssh(key_pair_names=["mine"])'
WRONG = [
    ({"name": 5}, "name is 5: must be text"),
    ({"name": None}, "name is required"),
    ({"description": 5}, "description is 5: must be text"),
    ({"flavor": ""}, "flavor is '': has 0 characters and must have 1 to 256 characters"),
    ({"image_id": "ubuntu"}, f"image_id is 'ubuntu': must be a UUID such as {IMAGE}"),
    ({"storage": {"size": 5}}, "storage is {'size': 5}: must be made with Storage, such as Storage.evs(size=50)"),
    ({"storage": None}, "storage is required"),
    ({"endpoints": ["SSH"]}, "endpoints[0] is 'SSH': must be made with Endpoint, such as " + SSH),
    ({"endpoints": Endpoint.ssh()}, f"endpoints is {Endpoint.ssh()!r}: must be a list: [{SSH}]"),
    ({"timeouts": "1h"}, "timeouts is '1h': must be a dict"),
    ({"endpoints": "SSH"}, "endpoints is 'SSH': must be a list, such as ['SSH']"),
    (
        {"pre_start": "echo"},
        'pre_start must be made with Hook, such as Hook.command("pip install pandas")',
    ),
    ({"auto_stop": "4h"}, "auto_stop must be made with AutoStop, such as AutoStop.after(hours=4)"),
    ({"desired_status": "running"}, "desired_status is 'running': must be one of RUNNING, STOPPED"),
    ({"deletion_protection": "yes"}, "deletion_protection is 'yes': must be True or False"),
    ({"adopt_existing": 1}, "adopt_existing is 1: must be True or False"),
    ({"allow_stopping_for_update": "true"}, "allow_stopping_for_update is 'true': must be True or False"),
    ({"tags": ["a"]}, "tags must be a dict"),
    ({"tags": {5: "b"}}, "tags has the key 5: must be text"),
    ({"tags": {"a": 42}}, "tags.a must be text"),
    ({"tags": {"a": None}}, "tags.a is None: must be text"),
    ({"feature": "FREE"}, "feature is 'FREE': must be one of NOTEBOOK, DEFAULT"),
    ({"workspace_id": "x"}, "workspace_id is 'x': must be 0 or 32 lower-case letters and digits"),
    ({"pool_id": "Pool"}, "pool_id is 'Pool': must have 4 to 64 characters and start with a lower-case letter"),
    ({"project_id": "x"}, "project_id is 'x': must have 32 letters and digits"),
    ({"timeouts": {"create": "5"}}, 'timeouts.create is \'5\': must be a duration such as "90s", "30m" or "1h30m"'),
    ({"timeouts": {"create": "0s"}}, 'timeouts.create is \'0s\': must be a duration such as "90s", "30m" or "1h30m"'),
    ({"timeouts": {"make": "5m"}}, "timeouts.make is not an argument here"),
    (
        {"flavor": "", "image_id": "x"},
        f"flavor is '': has 0 characters and must have 1 to 256 characters; image_id is 'x': must be a UUID such as {IMAGE}",
    ),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_value_is_an_error_with_path_value_and_what_is_allowed(provided, basic, change, message):
    with pytest.raises(ConstructError) as raised:
        Notebook(provided, "train", **{**basic, **change})
    path, _, rest = str(raised.value).partition(": ")
    assert re.fullmatch(r"stack\d+/train", path)
    assert rest == message


def test_error_is_an_ordinary_one_at_the_users_line(provided, basic):
    with pytest.raises(ValueError, match="cpu") as raised:
        Notebook(provided, "train", **{**basic, "image_id": "cpu"})
    assert raised.traceback[0].path.name == "test_l2_notebook.py"
    assert raised.value.__suppress_context__


def test_two_endpoints_of_one_service(provided, basic):
    with pytest.raises(ConstructError, match="endpoints has SSH twice"):
        Notebook(provided, "a", **basic, endpoints=[Endpoint.ssh(), Endpoint.ssh()])


def test_path_of_a_nested_construct(provided, basic):
    team = cdktf.TerraformElement(provided, "team")
    with pytest.raises(ConstructError, match=r"^stack\d+/team/a: image_id"):
        Notebook(team, "a", **{**basic, "image_id": "a b"})


def test_every_attribute_of_the_schema_can_be_written():
    arguments = set(inspect.signature(Notebook.__init__).parameters) - {"self", "scope", "id", "meta"}
    configurable = {name for name, attribute in SCHEMA.attributes.items() if attribute.configurable}
    assert arguments - HOOKS | {"hooks"} == configurable


def test_metadata_arguments_pass_through(provided, notebooks, basic):
    a = Notebook(provided, "a", **basic)
    Notebook(provided, "b", **basic, depends_on=[a], count=2)
    assert notebooks(provided)["b"]["depends_on"] == ["modelarts_notebook.a"]
    assert notebooks(provided)["b"]["count"] == 2
    with pytest.raises(TypeError, match=r"^Notebook has no argument 'flavour': did you mean flavor\?$"):
        Notebook(provided, "c", **basic, flavour="x")
