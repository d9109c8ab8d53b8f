"""One CDK app for the session (Node takes a second to start), a fresh stack for each test."""

from __future__ import annotations

import itertools
import os

import pytest

os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")


from modelarts_constructs import AutoStop, Endpoint, Hook, ModelartsProvider, Notebook, Storage
from modelarts_constructs._cdk import cdktf
from modelarts_constructs.testing import Template, scratch_app

IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54100"
NUMBERS = itertools.count()


def pytest_report_header(config):
    return f"CDK library: {cdktf.__name__}"


def pytest_collection_modifyitems(items):
    for item in items:
        if "constructs" in item.path.parts:
            item.add_marker(pytest.mark.cdk)


@pytest.fixture(scope="session")
def cdk_app():
    return scratch_app()


@pytest.fixture
def stack(cdk_app):
    return cdktf.TerraformStack(cdk_app, f"stack{next(NUMBERS)}")


@pytest.fixture
def provided(stack):
    """A stack that has the provider."""
    ModelartsProvider(stack, region="cn-north-4")
    return stack


@pytest.fixture
def text(stack):
    """A string token."""
    return cdktf.TerraformVariable(stack, "text", type="string").string_value


@pytest.fixture
def basic():
    """The least that a notebook needs."""
    return {"name": "nb", "flavor": "modelarts.vm.cpu.2u", "image_id": IMAGE, "storage": Storage.evs(size=10)}


@pytest.fixture
def full():
    """What a notebook may have beside that."""
    return {
        "description": "Training",
        "endpoints": [Endpoint.ssh(key_pair_names=["a", "b"], allowed_access_ips=["1.1.1.1"])],
        "pre_start": Hook.script("/a"),
        "auto_stop": AutoStop.after(hours=4),
        "tags": {"CostCenter": "42"},
    }


@pytest.fixture
def template(provided, basic, full):
    """A stack with a notebook that has everything, and another one."""
    Notebook(provided, "train", **basic, **full)
    Notebook(provided, "other", **{**basic, "name": "other", "storage": Storage.evs(size=20)})
    return Template.synth(provided)


@pytest.fixture
def basic_resource():
    """The least that the L1 resource needs."""
    return {"name": "nb", "flavor": "modelarts.vm.cpu.2u", "image_id": IMAGE, "storage": {"size": 10}}


@pytest.fixture
def notebooks():
    """The synthesised notebooks of a stack, by logical id."""

    return lambda stack: Template.synth(stack).notebooks()


@pytest.fixture
def rendered():
    """What values become in the synthesised stack."""

    def outputs(stack, *values):
        for index, value in enumerate(values):
            cdktf.TerraformOutput(stack, f"rendered{index}", value=value)
        found = Template.synth(stack).document["output"]
        return [found[f"rendered{index}"]["value"] for index in range(len(values))]

    return outputs
