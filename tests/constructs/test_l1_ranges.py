"""The ranges of the provider block: errors at the line, the schema's own rules, and tokens that pass."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelarts_constructs import ConstructError, ModelartsProvider, Notebook, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1 import provider as generated
from modelarts_constructs.l1._base import ProviderBase
from modelarts_constructs.l1._ranges import out_of_range
from modelarts_constructs.testing import Template
from modelarts_emulator.testing import running_emulator
from modelarts_provider.framework.schema.attributes import Nested, Nesting
from modelarts_provider.framework.schema.validation import validate
from modelarts_provider.provider_schema import SCHEMA

PROJECT = "0123456789abcdef0123456789abcdef"
WRONG = [
    ({"max_retries": -1}, "max_retries must be a whole number from 0 to 100"),
    ({"max_retries": 101}, "max_retries must be a whole number from 0 to 100"),
    ({"max_retries": 1.5}, "max_retries must be a whole number from 0 to 100"),
    ({"requests_per_second": 0}, "requests_per_second must be a number above 0"),
    ({"requests_per_second": -0.5}, "requests_per_second must be a number above 0"),
    ({"endpoints": {"modelart": "http://a"}}, "endpoints has the key 'modelart': must be one of modelarts, iam, sts, "),
    ({"endpoints": {"iam": "a.example"}}, "endpoints.iam must be an http:// or https:// address"),
    ({"endpoints": {"iam": "http://a?b"}}, "endpoints.iam must be an http:// or https:// address"),
    ({"auth_url": "iam.example"}, "auth_url must be an http:// or https:// address"),
    ({"region": "evil.example/x"}, "region must be the id of a region in lower case, such as cn-north-4"),
    ({"cloud": "evil.example/x"}, "cloud must be a domain, such as myhuaweicloud.com"),
    ({"project_id": "p"}, "project_id must have 32 letters and digits"),
    ({"default_tags": {"_sys_a": "b"}}, "default_tags has the key '_sys_a': is reserved: it must not start with _sys_"),
    (
        {"default_tags": {"terraform-provider-modelarts": "b"}},
        "default_tags has the key 'terraform-provider-modelarts'",
    ),
    ({"default_tags": {"": "b"}}, "default_tags has the key '': has 0 characters and must have 1 to 128 characters"),
    ({"default_tags": {" a": "b"}}, "default_tags has the key ' a': must consist of letters, digits, spaces inside"),
    ({"default_tags": {"a": "<"}}, "default_tags.a must consist of letters, digits, spaces and"),
    ({"default_tags": {"a b": "x" * 256}}, 'default_tags["a b"] has 256 characters'),
    (
        {"assume_role": [{"agency_name": "a"}, {"agency_name": "b", "duration": 899}]},
        "assume_role[1].duration must",
    ),
    (
        {"assume_role_with_oidc": {"duration": 86401}},
        "assume_role_with_oidc.duration must be a whole number ",
    ),
]
ALIASES = [
    ("a b", "'a b': must start with a letter or an underscore"),
    ("", "'': must start"),
    ("1a", "'1a': must start"),
    ("-a", "'-a': must start"),
    ("a.b", "'a.b': must start"),
    ("west\n", "'west\\n': must start"),
    (5, "5: must be text"),
    (True, "True: must be text"),
]


def kinds(given):
    return "-".join(given) if isinstance(given, dict) else None


@pytest.mark.parametrize(("given", "message"), WRONG, ids=kinds)
def test_what_is_out_of_range_is_an_error_at_the_line(stack, given, message):
    with pytest.raises(ConstructError) as raised:
        ModelartsProvider(stack, **given)
    assert str(raised.value).startswith(f"{stack.node.id}/modelarts: {message}")
    ModelartsProvider(stack)


@pytest.mark.parametrize(("alias", "message"), ALIASES)
def test_aliases_that_there_cannot_be(stack, alias, message):
    with pytest.raises(ConstructError) as raised:
        ModelartsProvider(stack, "west", alias=alias)
    assert str(raised.value).startswith(f"{stack.node.id}/west: alias is {message}")
    made = ModelartsProvider(stack, "west", alias="west")
    with pytest.raises(ConstructError, match="/west: alias is "):
        made.alias = alias
    assert made.alias == "west"


@pytest.mark.parametrize("name", ["source", "version"])
def test_source_and_version_are_text(stack, name):
    with pytest.raises(ConstructError, match=f"/modelarts: {name} is 5: must be text"):
        ModelartsProvider(stack, **{name: 5})


def test_an_alias_is_needed_before_anything_is_evaluated(stack, text):
    with pytest.raises(ConstructError, match=r"only known during the apply\), and Terraform needs the name before"):
        ModelartsProvider(stack, alias=text)


@pytest.mark.parametrize("alias", ["west", "_a", "cn-west-1", "é", "中", "A1_-"])
def test_aliases_that_there_can_be(stack, alias):
    assert ModelartsProvider(stack, alias=alias).alias == alias


def test_expressions_pass(stack, text):
    number = cdktf.TerraformVariable(stack, "n", type="number").number_value
    ModelartsProvider(
        stack,
        auth_url=text,
        project_id="${var.project}",
        max_retries=number,
        endpoints={"modelarts": text, "iam": "http://${var.text}/%{ if true }a%{ endif }", text: "http://a"},
        default_tags={"a": text, "${var.text}": "b"},
        assume_role=[{"agency_name": text, "duration": number}],
    )
    ModelartsProvider(
        stack,
        "whole",
        alias="whole",
        endpoints=cdktf.Token.as_string_map(expression("var.endpoints")),
        assume_role=cdktf.Token.as_any(expression("var.roles")),
    )
    first, second = Template.synth(stack).document["provider"]["modelarts"]
    assert first["max_retries"] == "${var.n}"
    assert first["assume_role"] == [{"agency_name": "${var.text}", "duration": "${var.n}"}]
    assert second["endpoints"] == "${var.endpoints}"


def test_whole_numbers_may_be_written_with_a_point(stack):
    ModelartsProvider(stack, max_retries=5.0, requests_per_second=0.5)


texts = st.text(alphabet="aZ9é中 _.:/=+-@<&,?\n", max_size=6)
urls = st.sampled_from(
    [
        "http://a",
        "https://a:1/b",
        "http://a?b",
        "http://a/#b",
        "a",
        "ftp://a",
        "http:// a",
        "http://a:65536",
        "http://u@a",
        "http://[::1]:1/",
        "",
    ]
)
durations = st.sampled_from([899, 900, 86400, 86401, 0, -1])
tag_keys = st.sampled_from(["_sys_", "_sys", "terraform-provider-modelarts", "k" * 128, "k" * 129, " a", "a ", "a b"])
long_texts = st.sampled_from(["", "v" * 255, "v" * 256])
configuration = {
    "region": st.sampled_from(["cn-north-4", "CN-north-4", "evil.example/x", "cn--north", "mars", ""]) | texts,
    "cloud": st.sampled_from(["a.example", "a.example:1", "a..example", "a.example/x", "u@a.example", "-a"]) | texts,
    "auth_url": urls,
    "project_id": st.sampled_from([PROJECT, PROJECT[1:], PROJECT.upper(), "-" * 32, f"{PROJECT}\n"]),
    "endpoints": st.dictionaries(
        st.sampled_from(["modelarts", "iam", "sts", "metadata", "obs", "IAM"]), urls, max_size=3
    ),
    "requests_per_second": st.sampled_from([-1, 0, 0.0, 0.5, 1, 1000]),
    "max_retries": st.sampled_from([-1, 0, 5, 100, 101]),
    "default_tags": st.dictionaries(texts | tag_keys, texts | long_texts, max_size=3),
    "assume_role.duration": durations,
    "assume_role_with_oidc.duration": durations,
}


def test_every_rule_of_the_schema_is_compared():
    assert set(configuration) == set(generated._RULES) == set(ruled(SCHEMA.attributes))


def ruled(attributes, above=""):
    for name, attribute in attributes.items():
        if attribute.validators or attribute.new_value_validators:
            yield f"{above}{name}"
        if isinstance(attribute.type, Nested):
            yield from ruled(attribute.type.attributes, f"{above}{name}.")


@given(st.sampled_from(sorted(configuration)), st.data())
@settings(max_examples=1500, deadline=None)
def test_same_verdict_as_the_schemas(path, data):
    value = data.draw(configuration[path])
    name, _, below = path.partition(".")
    plain = value
    if below:
        nested = SCHEMA.attributes[name].type
        plain = {below: value, **{each: "a" for each, member in nested.attributes.items() if member.required}}
        value = {**dict.fromkeys(nested.attributes), **plain}
        if nested.nesting is Nesting.LIST:
            plain, value = [plain], [value]
    refused = validate(SCHEMA, {**dict.fromkeys(SCHEMA.attributes), name: value}).has_error
    assert bool(out_of_range(generated._RULES, {name: plain})) == refused


class Bare(ProviderBase):
    """A provider block that somebody has made by hand."""

    def __init__(self, scope):
        super().__init__(scope, "p", {"max_retries": -1}, (), alias=None, source="a/b", version="1")


def test_without_rules_nothing_is_refused(stack):
    assert Bare(stack).inputs == {"max_retries": -1}


@pytest.mark.acceptance
def test_the_providers_own_rules_refuse_the_same(provided, basic):
    """What Terraform would have said, only later: the first row past every check of the constructs."""
    Notebook(provided, "a", **basic)
    provider = provided.node.find_child("modelarts")
    provider.add_override("max_retries", -1)
    with running_emulator() as emulator, pytest.raises(AssertionError, match="must be a whole number from 0 to 100"):
        Template.synth(provided).to_plan(emulator)
