"""The provider block: its source, aliases, and maps whose keys the CDK library would rewrite."""

from __future__ import annotations

import json

import pytest

import modelarts_provider
from modelarts_constructs import ConstructError, ModelartsProvider, expression
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.l1._base import VERSION, ProviderBase

KEYS = {"modelArts": "x", "CostCenter": "42", "with.dot": "a", "with-dash": "b", "UPPER": "c"}


def synthesised(stack):
    return json.loads(cdktf.Testing.synth(stack))


def test_block_and_requirement(stack):
    ModelartsProvider(stack, region="cn-north-4", insecure=False, max_retries=0)
    document = synthesised(stack)
    assert document["provider"] == {"modelarts": [{"region": "cn-north-4", "insecure": False, "max_retries": 0}]}
    assert document["terraform"]["required_providers"] == {
        "modelarts": {"source": "local/modelarts/modelarts", "version": VERSION}
    }


def test_the_version_is_the_packages():
    assert modelarts_provider.__version__ == VERSION


def test_source_and_version_can_be_others(stack):
    ModelartsProvider(stack, source="example/modelarts", version=None)
    assert synthesised(stack)["terraform"]["required_providers"] == {"modelarts": {"source": "example/modelarts"}}


def test_keys_of_maps_survive_exactly(stack):
    ModelartsProvider(stack, default_tags=KEYS)
    assert synthesised(stack)["provider"]["modelarts"][0]["default_tags"] == KEYS


def test_keys_of_maps_survive_in_hcl(stack):
    ModelartsProvider(stack, default_tags={"CostCenter": "42"})
    assert "CostCenter" in stack.to_hcl_terraform()["hcl"]


class Nested(ProviderBase):
    """A provider whose map lies inside a list of objects."""

    def __init__(self, scope, roles):
        super().__init__(scope, "p", {"roles": roles}, ("roles",), alias=None, source="a/b", version="1")


def test_keys_of_maps_inside_other_values_survive(stack):
    Nested(stack, [{"extra": KEYS}])
    assert synthesised(stack)["provider"]["modelarts"][0]["roles"] == [{"extra": KEYS}]


def test_tokens_in_maps_and_as_maps(stack, text):
    ModelartsProvider(stack, endpoints={"modelarts": text})
    ModelartsProvider(stack, "other", alias="other", endpoints=cdktf.Token.as_string_map(expression("local.all")))
    first, second = synthesised(stack)["provider"]["modelarts"]
    assert first["endpoints"] == {"modelarts": "${var.text}"}
    assert second["endpoints"] == "${local.all}"


def test_users_override_adds_to_a_map(stack):
    provider = ModelartsProvider(stack, endpoints={"modelarts": "http://a"})
    provider.add_override("endpoints.iam", "http://b")
    assert synthesised(stack)["provider"]["modelarts"][0]["endpoints"] == {
        "modelarts": "http://a",
        "iam": "http://b",
    }


def test_alias(stack):
    provider = ModelartsProvider(stack, "west", alias="west")
    assert provider.alias == "west"
    assert synthesised(stack)["provider"]["modelarts"] == [{"alias": "west"}]
    provider.alias = "east"
    assert synthesised(stack)["provider"]["modelarts"] == [{"alias": "east"}]


def test_inputs(stack):
    provider = ModelartsProvider(stack, region="r", endpoints={"modelarts": "http://a"})
    assert provider.inputs == {"region": "r", "endpoints": {"modelarts": "http://a"}}


def test_inputs_are_a_copy(stack):
    given = {"ignore_tags": {"keys": ["a"]}, "default_tags": {"CostCenter": "x"}}
    provider = ModelartsProvider(stack, **given)
    provider.inputs["ignore_tags"]["keys"].append("b")
    provider.inputs["default_tags"]["more"] = "y"
    assert provider.inputs == given
    assert synthesised(stack)["provider"]["modelarts"] == [given]


def test_no_error_shows_a_secret(stack):
    with pytest.raises(ConstructError) as raised:
        ModelartsProvider(stack, secret_key=b"hunter2")
    assert "secret_key is a bytes" in str(raised.value)
    assert "hunter2" not in str(raised.value)
