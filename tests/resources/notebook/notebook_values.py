"""Whole values of ``modelarts_notebook`` from the few that a test is about, and its plan without any protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelarts_provider.framework.diagnostics import Diagnostic, Severity
from modelarts_provider.framework.planning.passes import plan_values
from modelarts_provider.framework.resource import PlanRequest, PlanResponse
from modelarts_provider.framework.schema.attributes import Attribute, Nested, Nesting
from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.resources.common.provider_block import ProviderBlock
from modelarts_provider.resources.common.tags import TagPolicy
from modelarts_provider.resources.notebook.plan.rules import plan_notebook
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES, SCHEMA
from modelarts_provider.resources.notebook.service.conversion import Reading, to_state

REGION, PROJECT = "cn-north-4", "0123456789abcdef0123456789abcdef"
ID, IMAGE, OTHER_IMAGE = (
    "ccee150b-7b25-489d-98bd-9b005759ccb4",
    "e1a07296-22a8-4f05-8bc8-e936c8e54090",
    "278e88d1-5b71-4766-8502-b3ba72e824d9",
)
READING = Reading(region=REGION, project_id=PROJECT)
PROVIDER = ProviderBlock(REGION, PROJECT, TagPolicy(), True)

API: Values = {
    "id": ID,
    "name": "nb",
    "description": "notes",
    "status": "RUNNING",
    "fail_reason": "",
    "feature": "NOTEBOOK",
    "flavor": "modelarts.vm.cpu.2u",
    "workspace_id": "0",
    "url": "https://authoring.example.com/lab",
    "image": {
        "id": IMAGE,
        "name": "cpu",
        "swr_path": "swr.example.com/atelier/cpu:1",
        "type": "BUILD_IN",
        "create_at": 1_700_000_000_000,
        "update_at": 1_700_000_000_001,
    },
    "endpoints": [
        {"service": "NOTEBOOK"},
        {"service": "SSH", "key_pair_names": ["k2", "k1"], "allowed_access_ips": ["8.8.8.8"], "uri": "ssh://x:1"},
    ],
    "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 10, "mount_path": "/home/ma-user/work/"},
    "lease": {
        "create_at": 1_700_000_000_000,
        "duration": 3_600_000,
        "enable": True,
        "type": "TIMING",
        "update_at": 1_700_000_000_002,
    },
    "user": {"id": "u", "name": "user", "domain": {"id": "d", "name": "domain"}},
    "billing_items": ["COMPUTE", "STORAGE"],
    "action_progress": [
        {"notebook_id": ID, "step": 1, "status": "COMPLETED", "step_description": "Prepare storage"},
    ],
    "create_at": 1_700_000_000_000,
    "update_at": 1_700_000_000_002,
}
"""A notebook as the client answers it: spellings normalised, everything there that a running one has."""

MINE: Values = {"name": "nb", "description": "notes", "flavor": "modelarts.vm.cpu.2u", "image_id": IMAGE}
SSH: Values = {"SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}}


def whole(values: Values, attributes: Mapping[str, Attribute] = ATTRIBUTES) -> Values:
    """The values with everything else null, nested objects completed."""
    assert values.keys() <= attributes.keys(), values.keys() - attributes.keys()
    return {name: _whole(attribute, values.get(name)) for name, attribute in attributes.items()}


def _whole(attribute: Attribute, value: Any) -> Any:
    if value is None or value is UNKNOWN or not isinstance(attribute.type, Nested):
        return value
    members = attribute.type.attributes
    match attribute.type.nesting:
        case Nesting.SINGLE:
            return whole(value, members)
        case Nesting.MAP:
            return {key: item if item is UNKNOWN else whole(item, members) for key, item in value.items()}
        case _:
            return [whole(item, members) for item in value]


def configured(**values: Any) -> Values:
    """A configuration: the usual one with these values."""
    return whole({**MINE, "storage": {"size": 10}, "endpoints": SSH, **values})


def state(api: Values | None = None, **before: Any) -> Values:
    """The state of the usual notebook, changed as the API's fields and the values before say."""
    made = configured(**before) | {"tags_all": {}}
    made["storage"] = made["storage"] and made["storage"] | {
        "category": made["storage"]["category"] or "EVS",
        "ownership": made["storage"]["ownership"] or "MANAGED",
    }
    return to_state({**API, **(api or {})}, made, READING)


def proposed(config: Values, prior: Values | None) -> Values:
    """What Terraform proposes, as far as these tests need it: computed values of the prior state where unset."""
    return _proposed(ATTRIBUTES, config, prior)


def _proposed(attributes: Mapping[str, Attribute], config: Any, prior: Any) -> Any:
    if config is UNKNOWN:
        return UNKNOWN
    made: Values = {}
    for name, attribute in attributes.items():
        value, before = config[name], prior and prior[name]
        if value is None and attribute.computed:
            made[name] = before
        elif isinstance(attribute.type, Nested) and attribute.type.nesting is Nesting.SINGLE and value is not None:
            made[name] = _proposed(attribute.type.attributes, value, before)
        elif isinstance(attribute.type, Nested) and isinstance(value, dict):
            members = attribute.type.attributes
            made[name] = {key: _proposed(members, item, (before or {}).get(key)) for key, item in value.items()}
        else:
            made[name] = value
    return made


def plan(
    config: Values, prior: Values | None, provider: ProviderBlock = PROVIDER, private: Values | None = None
) -> PlanResponse:
    """The final plan."""
    planned = plan_values(SCHEMA, config, prior, proposed(config, prior))
    return plan_notebook(PlanRequest(config=config, prior=prior, planned=planned, private=private or {}), provider)


ADVICE = frozenset({"Notebooks without auto_stop stop after an hour", "Notebooks accept SSH from every address"})
"""What most plans of these tests advise, and a test of its own is about."""


def warnings(answer: PlanResponse) -> list[str]:
    """The summaries of warnings, without that advice."""
    found = [each.summary for each in answer.diagnostics if each.severity is Severity.WARNING]
    return [summary for summary in found if summary not in ADVICE]


def details(answer: PlanResponse) -> list[str]:
    """The details of all diagnostics but that advice."""
    return [each.detail for each in answer.diagnostics if each.summary not in ADVICE]


def errors(answer: PlanResponse) -> list[Diagnostic]:
    return [each for each in answer.diagnostics if each.severity is Severity.ERROR]
