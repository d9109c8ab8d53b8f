"""The schema document, against what Terraform itself prints for the running provider."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from modelarts_provider import SOURCE
from modelarts_provider.framework.protocol.reattach import reattachable_thread
from modelarts_provider.framework.protocol.servicer import Servicer
from modelarts_provider.framework.render.schema_json import schema_json
from modelarts_provider.framework.schema.attributes import LOCAL, Attribute, Nested, Nesting, Schema
from modelarts_provider.framework.schema.types import STRING, MapOf, SetOf
from modelarts_provider.provider import ModelartsProvider

PROVIDER = Schema(
    description="The provider.",
    attributes={
        "keys": Attribute(type=MapOf(STRING), description="Keys.", optional=True, sensitive=True, change=LOCAL),
    },
)
THING = Schema(
    description="A thing.",
    version=3,
    attributes={
        "name": Attribute(type=STRING, description="Its name.", required=True, change=LOCAL),
        "ips": Attribute(
            type=Nested(
                Nesting.LIST,
                {"ip": Attribute(type=SetOf(STRING), description="", optional=True, computed=True, change=LOCAL)},
            ),
            description="Addresses.",
            optional=True,
            deprecated="gone soon.",
            change=LOCAL,
        ),
    },
)


def test_document():
    assert schema_json(PROVIDER, {"acme_thing": THING}, source="local/acme/acme") == {
        "format_version": "1.0",
        "provider_schemas": {
            "local/acme/acme": {
                "provider": {
                    "version": 0,
                    "block": {
                        "attributes": {
                            "keys": {
                                "type": ["map", "string"],
                                "description": "Keys.",
                                "description_kind": "markdown",
                                "optional": True,
                                "sensitive": True,
                            }
                        },
                        "description": "The provider.",
                        "description_kind": "markdown",
                    },
                },
                "resource_schemas": {
                    "acme_thing": {
                        "version": 3,
                        "block": {
                            "attributes": {
                                "ips": {
                                    "nested_type": {
                                        "attributes": {
                                            "ip": {
                                                "type": ["set", "string"],
                                                "description_kind": "markdown",
                                                "optional": True,
                                                "computed": True,
                                            }
                                        },
                                        "nesting_mode": "list",
                                    },
                                    "description": "Addresses.",
                                    "description_kind": "markdown",
                                    "deprecated": True,
                                    "optional": True,
                                },
                                "name": {
                                    "type": "string",
                                    "description": "Its name.",
                                    "description_kind": "markdown",
                                    "required": True,
                                },
                            },
                            "description": "A thing.",
                            "description_kind": "markdown",
                        },
                    }
                },
            }
        },
    }


@pytest.mark.acceptance
def test_document_is_what_terraform_prints(tmp_path):
    provider = ModelartsProvider(environment={})
    configuration = {"terraform": {"required_providers": {"modelarts": {"source": "local/modelarts/modelarts"}}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(configuration))
    binary = shutil.which("terraform") or shutil.which("tofu")
    assert binary, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    with reattachable_thread(lambda: Servicer(provider, log=lambda _: None), SOURCE) as reattach:
        environment = {**os.environ, "TF_REATTACH_PROVIDERS": reattach, "CHECKPOINT_DISABLE": "1"}
        environment.pop("TF_CLI_CONFIG_FILE", None)
        for command in (["init"], ["providers", "schema", "-json"]):
            run = subprocess.run(
                [binary, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert run.returncode == 0, run.stdout + run.stderr
    schemas = {name: resource.schema for name, resource in provider.resources.items()}
    assert json.loads(run.stdout) == schema_json(provider.schema, schemas, SOURCE)
