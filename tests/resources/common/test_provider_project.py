"""Which project is the provider's: one belongs to the region that stands beside it, wherever settings come from."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.api.auth.credential_files import FileLogin
from modelarts_provider.api.auth.projects import may_belong
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.login_settings import ProviderProject, provider_project
from modelarts_provider.provider import _block
from modelarts_provider.provider_schema import SCHEMA
from modelarts_provider.settings import Settings, resolve

HERE, THERE = "cn-north-4", "ap-southeast-3"
P, Q = "0123456789abcdef0123456789abcdef", "2123456789abcdef0123456789abcdef"
ENV, SDK = "environment HW_PROJECT_ID", "environment HUAWEICLOUD_SDK_PROJECT_ID"
FILE = FileLogin("f", region=HERE, project_id=P)


def resolved(config: dict[str, Any], environment: dict[str, str]) -> Settings:
    return resolve(dict.fromkeys(SCHEMA.attributes) | config, environment)


@pytest.mark.parametrize(
    ("config", "environment", "file", "found"),
    [
        ({"region": HERE}, {}, None, ProviderProject()),
        ({"region": HERE, "project_id": P.upper()}, {}, None, ProviderProject(P, origin="configuration")),
        ({"project_id": P}, {"HW_REGION_NAME": THERE}, None, ProviderProject(P, origin="configuration")),
        (
            {"project_id": P},
            {"HW_REGION_NAME": THERE, "HW_PROJECT_ID": Q},
            None,
            ProviderProject(P, origin="configuration"),
        ),
        ({}, {"HW_REGION_NAME": HERE, "HW_PROJECT_ID": P.upper()}, None, ProviderProject(P, origin=ENV)),
        ({"region": HERE}, {"HW_REGION_NAME": HERE, "HW_PROJECT_ID": P}, None, ProviderProject(P, origin=ENV)),
        ({"region": THERE}, {"HW_REGION_NAME": HERE, "HW_PROJECT_ID": P}, None, ProviderProject()),
        ({"region": THERE}, {"HW_REGION_NAME": HERE, "HUAWEICLOUD_SDK_PROJECT_ID": P}, None, ProviderProject()),
        ({"region": THERE}, {"HW_PROJECT_ID": P}, None, ProviderProject(unplaced_id=P, origin=ENV)),
        (
            {"region": THERE},
            {"HUAWEICLOUD_SDK_PROJECT_ID": P},
            None,
            ProviderProject(unplaced_id=P, origin=SDK),
        ),
        ({}, {}, FILE, ProviderProject(P, origin="file f")),
        ({"region": HERE}, {}, FILE, ProviderProject(P, origin="file f")),
        ({"region": THERE}, {}, FILE, ProviderProject()),
        ({}, {"HW_REGION_NAME": THERE}, FILE, ProviderProject()),
        ({}, {"HW_PROJECT_ID": Q}, FILE, ProviderProject(unplaced_id=Q, origin=ENV)),
        ({"region": HERE}, {"HW_REGION_NAME": THERE, "HW_PROJECT_ID": Q}, FILE, ProviderProject(P, origin="file f")),
        (
            {"region": HERE},
            {},
            FileLogin("f", project_id=P),
            ProviderProject(unplaced_id=P, origin="file f"),
        ),
    ],
)
def test_the_providers_project(
    config: dict[str, Any], environment: dict[str, str], file: FileLogin | None, found: ProviderProject
) -> None:
    settings = resolved(config, environment)
    assert provider_project(settings, (file, None)) == found
    block = _block(settings, (file, None))
    assert block.project_id == found.id
    assert block.unplaced_project_id == found.unplaced_id
    assert block.origins.get("project_id") == found.origin


@pytest.mark.parametrize(
    ("config", "environment", "project_id"),
    [
        ({"region": UNKNOWN}, {"HW_PROJECT_ID": P}, UNKNOWN),
        ({"region": UNKNOWN}, {"HW_PROJECT_ID": P, "HW_REGION_NAME": HERE}, UNKNOWN),
        ({"region": UNKNOWN, "project_id": P}, {}, P),
        ({"region": HERE, "project_id": UNKNOWN}, {"HW_PROJECT_ID": P}, UNKNOWN),
    ],
)
def test_while_the_region_is_unknown_nor_is_the_project_known(
    config: dict[str, Any], environment: dict[str, str], project_id: Any
) -> None:
    block = _block(resolved(config, environment), (None, None))
    assert block.project_id == project_id
    assert block.unplaced_project_id is None


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        ("cn-north-4", True),
        ("cn-north-4_team", True),
        ("cn-north-4_a_b", True),
        ("ap-southeast-3", False),
        ("ap-southeast-3_team", False),
        ("cn-north-41", False),
        ("eu-west-101_team", False),
        ("team", True),
        ("team_cn-north-4", True),
        ("", True),
    ],
)
def test_whose_project_a_name_can_be(name: str, belongs: bool) -> None:
    assert may_belong(name, HERE) is belongs
