"""Methods that add to a notebook after it was made: they accumulate, or say what they contradict."""

from __future__ import annotations

import jsii
import pytest

from modelarts_constructs import AutoStop, ConstructError, Endpoint, Hook, Notebook
from modelarts_constructs._cdk import cdktf


@pytest.fixture
def notebook(provided, basic):
    return Notebook(provided, "train", **basic)


def test_allow_ssh_accumulates(notebook, provided, notebooks):
    notebook.allow_ssh(from_ips=["8.8.8.8"], key_pair="mine")
    notebook.allow_ssh(from_ips={"1.1.1.1"}, key_pair=["yours", "mine"])
    notebook.allow_ssh(key_pair=(name for name in ["ours"]))
    notebook.allow_ssh(from_ips=["8.8.8.8"])
    ssh = {"key_pair_names": ["mine", "yours", "ours"], "allowed_access_ips": ["8.8.8.8", "1.1.1.1"]}
    assert notebook.inputs["endpoints"] == {"SSH": ssh}
    assert notebooks(provided)["train"]["endpoints"] == {"SSH": ssh}


def test_allow_ssh_adds_to_what_the_arguments_said(provided, basic):
    given = [Endpoint.notebook(allowed_access_ips=["9.9.9.9"]), Endpoint.ssh(allowed_access_ips=["8.8.8.8"])]
    made = Notebook(provided, "train", **basic, endpoints=given)
    made.allow_ssh(from_ips=["1.1.1.1"], key_pair="mine")
    assert made.inputs["endpoints"] == {
        "NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]},
        "SSH": {"key_pair_names": ["mine"], "allowed_access_ips": ["8.8.8.8", "1.1.1.1"]},
    }
    assert len(given) == 2, "the caller's list is the caller's"
    assert given[1].allowed_access_ips == ("8.8.8.8",)


@pytest.mark.parametrize("endpoints", [(each for each in [Endpoint.notebook()]), (Endpoint.notebook(),), None])
def test_endpoints_of_every_kind_can_be_added_to(provided, basic, endpoints):
    made = Notebook(provided, "train", **basic, endpoints=endpoints)
    made.allow_ssh(from_ips=["1.1.1.1"])
    assert made.inputs["endpoints"]["SSH"] == {"allowed_access_ips": ["1.1.1.1"]}


@pytest.mark.parametrize("more", [{}, {"key_pair": "mine"}, {"from_ips": []}])
def test_allow_ssh_never_opens_it_to_everybody(notebook, more):
    with pytest.raises(ConstructError, match=r"/train: allow_ssh without from_ips would let every address in"):
        notebook.allow_ssh(**more)
    assert "endpoints" not in notebook.inputs


def test_allow_ssh_never_closes_it_to_somebody(provided, basic):
    made = Notebook(provided, "train", **basic, endpoints=[Endpoint.ssh(key_pair_names=["mine"])])
    with pytest.raises(ConstructError, match="lets every address in, and from_ips would close it to others"):
        made.allow_ssh(from_ips=["1.1.1.1"])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"from_ips": ["10.0.0"]}, r"/train: Endpoint: allowed_access_ips\[0\] is '10.0.0': must be an IPv4 address"),
        ({"from_ips": [f"1.1.1.{n}" for n in range(6)]}, "has 6 elements and must have at most 5"),
        ({"from_ips": "1.1.1.1"}, r"/train: from_ips is '1.1.1.1': must be a list, such as \['1.1.1.1'\]"),
        ({"from_ips": ["1.1.1.1"], "key_pair": ""}, r"key_pair_names\[0\] is '': has 0 characters"),
    ],
)
def test_allow_ssh_checks(notebook, more, message):
    with pytest.raises(ConstructError, match=message):
        notebook.allow_ssh(**more)
    assert "endpoints" not in notebook.inputs


def test_the_sixth_address_is_refused_and_five_stay(notebook):
    notebook.allow_ssh(from_ips=[f"1.1.1.{n}" for n in range(5)])
    with pytest.raises(ConstructError, match="has 6 elements and must have at most 5"):
        notebook.allow_ssh(from_ips=["8.8.8.8"])
    assert len(notebook.inputs["endpoints"]["SSH"]["allowed_access_ips"]) == 5


def test_expressions_pass_alone_and_are_not_added_to(notebook, provided, notebooks, text):
    everyone = cdktf.TerraformVariable(provided, "ips", type="list(string)").list_value
    notebook.allow_ssh(from_ips=everyone, key_pair=text)
    notebook.allow_ssh(key_pair="mine")
    assert notebooks(provided)["train"]["endpoints"]["SSH"] == {
        "key_pair_names": ["${var.text}", "mine"],
        "allowed_access_ips": "${var.ips}",
    }
    with pytest.raises(
        ConstructError,
        match=r"from_ips can't be put together with a list that is only known during the apply: write cdktf\.Fn\.concat",
    ):
        notebook.allow_ssh(from_ips=["1.1.1.1"])


def test_auto_stop_is_said_once(notebook):
    notebook.stop_after(hours=4)
    notebook.stop_after(minutes=240)
    assert notebook.inputs["auto_stop"] == {"type": "TIMING", "duration": "4h"}
    with pytest.raises(ConstructError) as raised:
        notebook.stop_when_idle(hours=2)
    assert str(raised.value).partition(": ")[2] == "auto_stop has another value already: say it in one place"


def test_stop_when_idle_and_the_argument(provided, basic, notebook):
    notebook.stop_when_idle(hours=2)
    assert notebook.inputs["auto_stop"] == {"type": "IDLE", "duration": "2h"}
    off = Notebook(provided, "off", **basic, auto_stop=AutoStop.off())
    with pytest.raises(ConstructError, match="auto_stop has another value already"):
        off.stop_after(hours=4)
    with pytest.raises(ConstructError, match="must be from 1 to 72 hours"):
        Notebook(provided, "b", **basic).stop_after(hours=80)


def test_scripts_are_said_once(notebook, tmp_path):
    file = tmp_path / "setup.sh"
    file.write_text("echo")
    notebook.on_start(Hook.command_file(file))
    notebook.on_start(Hook.command("echo"))
    notebook.before_start(Hook.script("/a"))
    assert notebook.inputs["hooks"] == {
        "pre_start": {"type": "SCRIPT", "script": "/a"},
        "post_start": {"type": "COMMAND", "script": "ZWNobw=="},
    }
    with pytest.raises(ConstructError, match="post_start has another value already"):
        notebook.on_start(Hook.command("ls"))
    with pytest.raises(ConstructError, match="pre_start has another value already"):
        notebook.before_start(Hook.command("ls"))


def test_a_hook_of_another_kind_is_refused(notebook):
    with pytest.raises(ConstructError, match="/train: post_start must be made with Hook"):
        notebook.on_start("echo")


def test_tags_accumulate(provided, basic):
    given = {"a": "1"}
    made = Notebook(provided, "train", **basic, tags=given)
    made.add_tag("CostCenter", "42")
    made.add_tag("a", "1")
    assert made.inputs["tags"] == {"a": "1", "CostCenter": "42"}
    assert given == {"a": "1"}
    given["later"] = "change"
    made.add_tag("b", "")
    assert "later" not in made.inputs["tags"]
    with pytest.raises(ConstructError, match="/train: tag 'a' has another value already"):
        made.add_tag("a", "2")
    with pytest.raises(ConstructError, match=r"tags.c must be text"):
        made.add_tag("c", 2)
    assert made.inputs["tags"] == {"a": "1", "CostCenter": "42", "b": ""}


def test_tags_that_are_an_expression(provided, basic):
    variable = cdktf.TerraformVariable(provided, "any", type="any")
    made = Notebook(provided, "train", **basic, tags=cdktf.Token.as_string_map(variable.value))
    with pytest.raises(
        ConstructError, match=r"tags is a map that is only known during the apply, .*write tags=cdktf\.Fn\.merge"
    ):
        made.add_tag("a", "1")


def test_the_twentieth_tag_is_refused_at_synth(notebook, provided, notebooks):
    for number in range(19):
        notebook.add_tag(f"k{number}", "")
    assert len(notebooks(provided)["train"]["tags"]) == 19
    notebook.add_tag("k19", "")
    with pytest.raises(RuntimeError, match="has 20 tags and must have at most 19"):
        notebooks(provided)


def test_a_method_sends_what_it_wrote_and_nothing_else(notebook, monkeypatch):
    process = jsii._runtime.kernel.provider._process
    sent, send = [], process.send
    monkeypatch.setattr(process, "send", lambda *given: (sent.append(given[0]), send(*given))[1])
    methods = (
        lambda: notebook.allow_ssh(from_ips=["1.1.1.1"], key_pair="mine"),
        lambda: notebook.stop_after(hours=4),
        lambda: notebook.on_start(Hook.command("echo")),
        lambda: notebook.before_start(Hook.script("/a")),
        lambda: notebook.add_tag("a", "b"),
    )
    for number, method in enumerate(methods, 1):
        method()
        assert len(sent) == number


def test_aspects_see_and_add(provided, basic, notebooks):
    @jsii.implements(cdktf.IAspect)
    class CostCenter:
        def visit(self, node):
            if isinstance(node, Notebook):
                assert node.inputs["flavor"] == "modelarts.vm.cpu.2u"
                node.add_tag("CostCenter", "42")

    made = Notebook(provided, "train", **basic)
    cdktf.Aspects.of(provided).add(CostCenter())
    assert notebooks(provided)["train"]["tags"] == {"CostCenter": "42"}
    assert made.inputs["tags"] == {"CostCenter": "42"}
