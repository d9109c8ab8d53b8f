"""Traps of the CDK library as users of the friendly layer meet them: a test for each that the L1's tests don't have."""

from __future__ import annotations

import base64
import threading

import pytest

from modelarts_constructs import AutoStop, ConstructError, Endpoint, Hook, ModelartsProvider, Notebook, Storage
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1 import _making


@pytest.fixture
def number(stack):
    return cdktf.TerraformVariable(stack, "n", type="number").number_value


@pytest.mark.parametrize("bad", ["", "a b", "中文", "北京", "é", "1a", "a.b", "Default"])
def test_ids_that_collide_or_vanish(provided, basic, bad):
    with pytest.raises(ConstructError, match=r"the id '.*' (must start with a letter|is left out of addresses)"):
        Notebook(provided, bad, **basic)
    with pytest.raises(ConstructError, match=r"the id '.*' (must start with a letter|is left out of addresses)"):
        ModelartsProvider(provided, bad, alias="other")


def test_hidden_id_below_a_resource_would_take_its_address(provided, notebooks, basic):
    above = Notebook(provided, "a", **basic)
    with pytest.raises(ConstructError, match="/a/Default: the id 'Default' is left out of addresses"):
        Notebook(above, "Default", **basic)
    Notebook(above, "b", **basic)
    assert len(notebooks(provided)) == 2


def test_interpolation_in_scripts_and_text_is_the_shells(provided, notebooks, basic):
    Notebook(provided, "a", **basic, post_start=Hook.command("echo ${HOME} %{x}"), description="costs $${x}")
    found = notebooks(provided)["a"]
    assert found["hooks"]["post_start"]["script"] == "ZWNobyAke0hPTUV9ICV7eH0="
    assert found["description"] == "costs $$${x}"


@pytest.mark.parametrize("text", ["x-{}", "x1{}", "x.{}", "x+{}"])
def test_number_token_in_an_f_string_where_it_would_be_overlooked(provided, basic, number, text):
    with pytest.raises(ConstructError, match=r"must have cdktf\.Token\.as_string\(number\) in its place"):
        Notebook(provided, "a", **{**basic, "name": text.format(number)})


def test_number_token_in_an_f_string_where_it_is_seen(provided, notebooks, basic, number):
    Notebook(provided, "a", **{**basic, "name": f"nb_{number}"}, tags={"size": f"{number}GB"})
    found = notebooks(provided)["a"]
    assert (found["name"], found["tags"]) == ("nb_${var.n}", {"size": "${var.n}GB"})


def test_our_own_numbers_are_text_in_text(provided, notebooks, basic):
    a = Notebook(provided, "a", **basic)
    Notebook(
        provided,
        "b",
        **{**basic, "storage": Storage.evs(size=a.storage.size)},
        description=f"as a-{a.storage.size} {a.storage.size!s}",
    )
    found = notebooks(provided)["b"]
    assert found["description"] == "as a-${modelarts_notebook.a.storage.size} ${modelarts_notebook.a.storage.size}"
    assert found["storage"]["size"] == "${modelarts_notebook.a.storage.size}"


@pytest.mark.parametrize(
    ("reckon", "instead"),
    [
        (lambda n: n + 10, r"cdktf\.Op\.add"),
        (lambda n: 10 + n, r"cdktf\.Op\.add"),
        (lambda n: n - 1, r"cdktf\.Op\.sub"),
        (lambda n: 2 * n, r"cdktf\.Op\.mul"),
        (lambda n: n / 2, r"cdktf\.Op\.div"),
        (lambda n: n // 2, r"cdktf\.Fn\.floor\(cdktf\.Op\.div"),
        (lambda n: n % 2, r"cdktf\.Op\.mod"),
        (lambda n: n**2, r"cdktf\.Fn\.pow"),
        (lambda n: -n, r"cdktf\.Op\.negate"),
        (abs, r"cdktf\.Fn\.abs"),
        (int, r"cdktf\.Fn\.floor"),
        (round, r"cdktf\.Fn\.floor"),
        (lambda n: n > 5, r"cdktf\.Op\.gt"),
        (lambda n: n <= 5, r"cdktf\.Op\.lte"),
        (lambda n: max(n, 5), r"cdktf\.Op\.(lt|gt)"),
        (lambda n: n == 50, r"cdktf\.Op\.eq"),
        (lambda n: n != 50, r"cdktf\.Op\.eq"),
        (lambda n: n in (50, 100), r"cdktf\.Op\.eq"),
    ],
)
def test_reckoning_with_our_own_numbers_says_what_to_write(provided, basic, reckon, instead):
    size = Notebook(provided, "a", **basic).storage.size
    with pytest.raises(ConstructError, match=rf"^storage\.size is a number that is only known .* write {instead}"):
        reckon(size)


def test_what_the_error_says_to_write_works(provided, basic, rendered):
    size = Notebook(provided, "a", **basic).storage.size
    place = "modelarts_notebook.a.storage.size"
    assert rendered(
        provided,
        cdktf.Op.add(size, 10),
        cdktf.Op.gt(size, 5),
        cdktf.Op.negate(size),
        cdktf.Fn.abs(size),
        cdktf.Fn.pow(size, 2),
        cdktf.Token.as_string(size),
    ) == [
        f"${{({place} + 10)}}",
        f"${{({place} > 5)}}",
        f"${{-{place}}}",
        f"${{abs({place})}}",
        f"${{pow({place}, 2)}}",
        f"${{{place}}}",
    ]


CUTS = {
    "upper": str.upper,
    "lower": str.lower,
    "to nine": lambda token: token[:9],
    "to five": lambda token: token[:5],
    "upper, to five": lambda token: token.upper()[:5],
    "lower, to eight": lambda token: token.lower()[:8],
    "by one": lambda token: token[:-1],
    "in the middle": lambda token: f"{token[:6]}-x",
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_token_that_was_cut_or_changed(provided, basic, text, cut):
    with pytest.raises(
        ConstructError,
        match=r"holds a piece of a value that is only known during the apply: its stand-in \(a token\) was cut or changed",
    ):
        Notebook(provided, "a", **basic, description=cut(text))


def test_variables_of_scripts_that_begin_like_a_token(provided, notebooks, basic):
    text = "tftp ${TFTP_HOST} ${tftp} ${Tf} ${tfto_x}"
    Notebook(provided, "a", **basic, description=text, post_start=Hook.command(text))
    found = notebooks(provided)["a"]
    assert found["description"] == text.replace("${", "$${")
    assert base64.b64decode(found["hooks"]["post_start"]["script"]).decode() == text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda variable: variable.string_value[:9], "a piece of a value that is only known during the apply"),
        (lambda variable: f"x {variable.list_value}", "a list that is only known during the apply"),
        (lambda variable: f"x {variable.value}", "an object that is only known during the apply"),
        (lambda variable: f"x_{variable.number_value}", "a number that is only known during the apply"),
    ],
)
def test_what_would_be_encoded_as_it_stands(provided, change, message):
    variable = cdktf.TerraformVariable(provided, "v", type="any")
    with pytest.raises(ConstructError, match=f"Hook: the command holds {message}.* write cdktf"):
        Hook.command(change(variable))


def test_a_construct_in_the_place_of_its_value(provided, basic):
    variable = cdktf.TerraformVariable(provided, "v", type="string")
    with pytest.raises(ConstructError, match=r"must be text: write one of its values, such as \.id or \.string_value"):
        Notebook(provided, "a", **{**basic, "name": variable})


def test_list_and_map_tokens_put_together_with_others(provided, basic):
    variable = cdktf.TerraformVariable(provided, "v", type="any")
    with pytest.raises(ConstructError, match=r"key_pair_names is .* must be cdktf\.Fn\.concat"):
        Endpoint.ssh(key_pair_names=[*variable.list_value, "mine"])
    with pytest.raises(ConstructError, match=r"allowed_access_ips is .* must be cdktf\.Fn\.concat"):
        Endpoint.ssh(allowed_access_ips=[*variable.list_value, "1.1.1.1"])
    with pytest.raises(ConstructError, match=r"tags holds .* must be cdktf\.Fn\.merge"):
        Notebook(provided, "a", **basic, tags={**cdktf.Token.as_string_map(variable.value), "a": "b"})
    with pytest.raises(
        ConstructError,
        match=r"default_tags holds a whole map that is only known during the apply .* write cdktf\.Fn\.merge",
    ):
        ModelartsProvider(provided, "p", default_tags={**cdktf.Token.as_string_map(variable.value), "a": "b"})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Endpoint.ssh(key_pair_names=["a", None]), r"key_pair_names\[1\] is None: must be text"),
        (lambda: Endpoint.ssh(allowed_access_ips=[None]), r"allowed_access_ips\[0\] is None: must be text"),
    ],
)
def test_null_in_a_list(make, message):
    with pytest.raises(ConstructError, match=message):
        make()


def test_values_of_python_that_the_library_has_no_form_for(provided, notebooks, basic):
    Notebook(
        provided,
        "a",
        **basic,
        endpoints=(Endpoint.ssh(key_pair_names={"b", "a"}, allowed_access_ips=("1.1.1.1",)),),
        tags={"a": "b"},
        auto_stop=AutoStop.when_idle(hours=2),
    )
    assert notebooks(provided)["a"]["endpoints"]["SSH"] == {
        "key_pair_names": ["a", "b"],
        "allowed_access_ips": ["1.1.1.1"],
    }


def test_replace_triggered_by_a_notebook(provided, notebooks, basic):
    a = Notebook(provided, "a", **basic)
    Notebook(provided, "b", **basic, lifecycle={"replace_triggered_by": [a]})
    assert notebooks(provided)["b"]["lifecycle"] == {"replace_triggered_by": ["modelarts_notebook.a"]}
    with pytest.raises(ConstructError, match="replace_triggered_by takes resources"):
        Notebook(provided, "c", **basic, lifecycle={"replace_triggered_by": [a.url]})


def test_lifecycle_in_another_spelling(provided, basic):
    with pytest.raises(ConstructError, match="/a: lifecycle has no preventDestroy; it has create_before_destroy, "):
        Notebook(provided, "a", **basic, lifecycle={"preventDestroy": True})


@pytest.mark.parametrize("read", ["url", "notebook_id", "storage", "endpoints", "tags_all"])
def test_reference_into_many_instances(provided, basic, read):
    many = Notebook(provided, "a", **basic, count=2)
    with pytest.raises(ConstructError, match=r"with count there are many instances: write \.each\("):
        getattr(many, read)


def test_two_threads_at_once(provided, basic):
    holding, done = threading.Event(), threading.Event()

    def other():
        with _making.alone():
            holding.set()
            done.wait(60)

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert holding.wait(60)
        with pytest.raises(ConstructError, match="another thread is making a construct"):
            Notebook(provided, "a", **basic)
    finally:
        done.set()
        thread.join()
    Notebook(provided, "a", **basic)


def test_forked_process(provided, basic, monkeypatch):
    monkeypatch.setattr(_making, "_PROCESS", -1)
    with pytest.raises(ConstructError, match=r"this process was forked .* start it fresh"):
        Notebook(provided, "a", **basic)
