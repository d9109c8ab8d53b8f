"""What a notebook costs at synth, in messages to the CDK library and in members that its runtime looks at."""

from __future__ import annotations

import jsii
import pytest

from modelarts_constructs import AutoStop, ConstructError, Endpoint, Hook, ModelartsProvider, Notebook, Storage
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1._base import ResourceBase, Written
from modelarts_constructs.l1._native import HeldResource
from modelarts_constructs.l1.notebook import NotebookAttributes, NotebookResource

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54100"


def notebook(stack, index):
    return Notebook(
        stack,
        f"n{index}",
        name=f"n{index}",
        flavor="modelarts.vm.cpu.2u",
        image_id=IMAGE,
        storage=Storage.evs(size=50),
        endpoints=[Endpoint.ssh(key_pair_names=["mine"], allowed_access_ips=["8.8.8.8"])],
        post_start=Hook.command("pip install pandas"),
        auto_stop=AutoStop.after(hours=4),
        tags={"a": "b"},
    )


@pytest.fixture
def messages(monkeypatch):
    process = jsii._runtime.kernel.provider._process
    sent = []
    send = process.send
    monkeypatch.setattr(process, "send", lambda *given: (sent.append(given[0]), send(*given))[1])
    return sent


def synthesised(folder, number, messages):
    app = cdktf.App(outdir=str(folder))
    stack = cdktf.TerraformStack(app, "s")
    ModelartsProvider(stack)
    del messages[:]
    for index in range(number):
        notebook(stack, index)
    app.synth()
    return len(messages)


def test_a_notebook_is_one_message_and_asks_nothing_back(tmp_path, messages):
    few = synthesised(tmp_path / "a", 2, messages)
    many = synthesised(tmp_path / "b", 12, messages)
    assert many - few == 10


def test_what_crosses_to_node_is_what_was_written(provided, messages):
    made = notebook(provided, 0)
    (create,) = messages
    *_, config, written = create.args
    assert written == plain(dict(made.inputs))
    filled = {name: value for name, value in config["$jsii.struct"]["data"].items() if value is not None}
    assert sorted(filled) == ["terraformGeneratorMetadata", "terraformResourceType"]
    assert create.overrides == []


def plain(value):
    """A value as the runtime sends it."""
    if isinstance(value, dict):
        return {"$jsii.map": {name: plain(member) for name, member in value.items()}}
    return [plain(element) for element in value] if isinstance(value, list) else value


def test_checking_sends_nothing(provided, messages):
    for wrong in ({"name": 5}, {"storage": {"size": 5}}, {"tags": {"a": 1}}, {"count": "2"}, {"image_id": "x"}):
        del messages[:]
        given = {"name": "nb", "flavor": "f", "image_id": IMAGE, "storage": Storage.evs(size=50), **wrong}
        with pytest.raises(ConstructError):
            Notebook(provided, "a", **given)
        assert len(messages) <= 2, "the path of the scope, for the error"


def test_a_method_that_adds_is_one_message(provided, messages):
    made = notebook(provided, 0)
    del messages[:]
    made.add_tag("c", "d")
    assert [type(each).__name__ for each in messages] == ["SetRequest"]


def test_what_is_no_override_stands_behind_the_library_class():
    """The runtime compares every member that comes before it with some twenty classes, for each object."""
    order = Notebook.mro()
    library = order.index(cdktf.TerraformResource)
    assert order[:library] == [Notebook, NotebookResource, ResourceBase, HeldResource]
    assert {NotebookAttributes, Written} <= set(order[library:])
    walked = [name for made in order[:library] for name in vars(made) if not name.startswith("__")]
    assert len(walked) <= 3, walked
