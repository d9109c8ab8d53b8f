"""Where a notebook is, in a plan (rule 2): the configuration's, else the state's, else the provider's location."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from notebook_values import ID, PROJECT, PROVIDER, REGION, Values, configured, details, errors, plan, state, warnings

from modelarts_provider.api.errors import ConnectionFailed
from modelarts_provider.framework.diagnostics import Diagnostic, Diagnostics, Severity
from modelarts_provider.framework.planning.passes import requires_replace
from modelarts_provider.framework.resource import PlanRequest, PlanResponse
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.diagnostics import TO_DESTROY, with_way_to_destroy
from modelarts_provider.resources.common.provider_block import ProviderBlock
from modelarts_provider.resources.common.session import Connection, Session
from modelarts_provider.resources.notebook.plan.rules import APPLIED_SIZE
from modelarts_provider.resources.notebook.resource import NotebookResource
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA

ELSEWHERE, OTHER = "ap-southeast-3", "2123456789abcdef0123456789abcdef"


def block(region: Any = REGION, project_id: Any = PROJECT, **more: Any) -> ProviderBlock:
    return replace(PROVIDER, region=region, project_id=project_id, **more)


def location(answer: PlanResponse) -> tuple[Any, Any]:
    return answer.planned["region"], answer.planned["project_id"]


@pytest.mark.parametrize(
    ("provider", "config", "planned"),
    [
        (block(), {}, (REGION, PROJECT)),
        (block(project_id=None), {}, (REGION, UNKNOWN)),
        (block(project_id=UNKNOWN), {}, (REGION, UNKNOWN)),
        (block(region=UNKNOWN), {}, (UNKNOWN, PROJECT)),
        (block(region=UNKNOWN, project_id=UNKNOWN), {}, (UNKNOWN, UNKNOWN)),
        (block(), {"region": REGION}, (REGION, PROJECT)),
        (block(), {"region": ELSEWHERE}, (ELSEWHERE, UNKNOWN)),
        (block(), {"region": UNKNOWN}, (UNKNOWN, UNKNOWN)),
        (block(region=UNKNOWN), {"region": UNKNOWN}, (UNKNOWN, UNKNOWN)),
        (block(region=UNKNOWN), {"region": REGION}, (REGION, UNKNOWN)),
        (block(), {"project_id": OTHER}, (REGION, OTHER)),
        (block(), {"project_id": OTHER.upper()}, (REGION, OTHER.upper())),
        (block(), {"region": ELSEWHERE, "project_id": OTHER}, (ELSEWHERE, OTHER)),
    ],
)
def test_the_location_of_a_new_notebook(provider: ProviderBlock, config: Values, planned: tuple[Any, Any]) -> None:
    """The provider's project is its region's: for any other region it is looked up, so the plan leaves it open."""
    answer = plan(configured(**config), None, provider)
    assert errors(answer) == []
    assert location(answer) == planned


@pytest.mark.parametrize(
    ("provider", "config"),
    [
        (block(), {}),
        (block(project_id=None), {}),
        (block(project_id=UNKNOWN), {}),
        (block(region=UNKNOWN), {}),
        (block(region=UNKNOWN, project_id=UNKNOWN), {}),
        (block(region=UNKNOWN, project_id=OTHER), {}),
        (block(project_id=PROJECT.upper()), {}),
        (block(region=ELSEWHERE, project_id=OTHER), {"region": REGION}),
        (block(region=ELSEWHERE, project_id=None), {"region": REGION}),
        (block(project_id=OTHER), {"project_id": PROJECT}),
        (block(region=ELSEWHERE, project_id=OTHER), {"region": REGION, "project_id": PROJECT}),
    ],
)
def test_the_state_keeps_its_location(provider: ProviderBlock, config: Values) -> None:
    prior = state()
    answer = plan(configured(**config), prior, provider)
    assert list(answer.diagnostics) == []
    assert answer.planned == prior


@pytest.mark.parametrize(
    ("provider", "config", "changed"),
    [
        (block(region=ELSEWHERE), {}, "region"),
        (block(region=ELSEWHERE, project_id=None), {}, "region"),
        (block(region=ELSEWHERE, project_id=UNKNOWN), {}, "region"),
        (block(region=ELSEWHERE, project_id=OTHER), {}, "region"),
        (block(region=ELSEWHERE, project_id=OTHER), {"project_id": PROJECT}, "region"),
        (block(project_id=OTHER), {}, "project_id"),
        (block(project_id=OTHER), {"region": REGION}, "project_id"),
    ],
)
@pytest.mark.parametrize(
    "more", [{}, {"name": "other"}, {"workspace_id": "a" * 32}], ids=["alone", "update", "replace"]
)
def test_another_location_of_the_provider_is_an_error(
    provider: ProviderBlock, config: Values, changed: str, more: Values
) -> None:
    """Each counts by itself, the text names the one that changed, and nothing is replaced because of it."""
    prior = state()
    wanted = configured(**config, **more)
    answer = plan(wanted, prior, replace(provider, origins={changed: "environment HW_X"}))
    (error,) = errors(answer)
    assert str(error.path) == changed
    assert error.summary == f'Notebook "nb" is in another {changed.removesuffix("_id")} than the provider'
    assert f'write `{changed} = "{prior[changed]}"` in the resource' in error.detail
    assert f"The provider's {changed} (environment HW_X) is another one" in error.detail
    assert "`terraform destroy -refresh=false` (or remove its block)" in error.detail
    assert ({"region", "project_id"} - {changed}).pop() not in error.detail
    assert location(answer) == (REGION, PROJECT)
    replacing = {str(at) for at in requires_replace(SCHEMA, wanted, prior, answer.planned)}
    assert replacing == ({"workspace_id"} if "workspace_id" in more else set())


@pytest.mark.parametrize(
    ("config", "replacing", "planned"),
    [
        ({"region": ELSEWHERE}, {"region"}, (ELSEWHERE, UNKNOWN)),
        ({"region": UNKNOWN}, {"region"}, (UNKNOWN, UNKNOWN)),
        ({"project_id": OTHER}, {"project_id"}, (REGION, OTHER)),
        ({"region": ELSEWHERE, "project_id": OTHER}, {"region", "project_id"}, (ELSEWHERE, OTHER)),
    ],
)
def test_another_configured_location_replaces_and_says_what_is_lost(
    config: Values, replacing: set[str], planned: tuple[Any, Any]
) -> None:
    prior = state()
    wanted = configured(**config)
    answer = plan(wanted, prior)
    assert {str(at) for at in requires_replace(SCHEMA, wanted, prior, answer.planned)} == replacing
    assert location(answer) == planned
    assert warnings(answer) == ['Notebook "nb" will be replaced']
    assert "Its disk and everything on it is deleted with it." in "".join(details(answer))


def test_moved_to_the_providers_region_it_gets_the_providers_project() -> None:
    answer = plan(configured(region=ELSEWHERE), state(), block(region=ELSEWHERE, project_id=OTHER))
    assert errors(answer) == []
    assert location(answer) == (ELSEWHERE, OTHER)


class Iam:
    """An account of which only the look-up counts."""

    def __init__(self, answer: bool | Exception) -> None:
        self.answer, self.asked = answer, 0

    async def holds(self, region: str, project_id: str) -> bool:
        self.asked += 1
        assert (region, project_id) == (REGION, OTHER)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def aclose(self) -> None:
        """Nothing is open."""


UNREACHABLE = ConnectionFailed("no connection", reason="refused")


@pytest.mark.parametrize(
    ("iam", "prior", "config", "asked", "severity"),
    [
        (True, {}, {}, True, Severity.ERROR),
        (False, {}, {}, True, None),
        (UNREACHABLE, {}, {}, True, Severity.WARNING),
        (True, {"project_id": OTHER.upper()}, {}, False, None),
        (True, {}, {"project_id": PROJECT}, False, None),
        (True, {"region": ELSEWHERE}, {"region": ELSEWHERE}, False, None),
        (True, None, {}, False, None),
    ],
    ids=["the region's", "another region's", "IAM is out of reach", "the state's", "configured", "elsewhere", "new"],
)
def test_a_project_without_a_region_beside_it_is_looked_up(
    iam: Any, prior: Values | None, config: Values, asked: bool, severity: Severity | None
) -> None:
    account: Any = Iam(iam)
    provider = ProviderBlock(REGION, None, unplaced_project_id=OTHER)
    connection = Connection(block=provider, identity=None, open=lambda: account)
    before = None if prior is None else state() | prior
    wanted = configured(**config)
    planned = plan(wanted, before, block(project_id=None)).planned
    request = PlanRequest(config=wanted, prior=before, planned=planned, private={})

    async def scenario() -> Diagnostics:
        session = Session()
        await session.configure(connection)
        return await NotebookResource(session).check_plan(request, planned)

    found = list(asyncio.run(scenario()))
    assert account.asked == asked
    assert [each.severity for each in found] == ([severity] if severity else [])
    if severity is Severity.ERROR:
        assert f'write `project_id = "{PROJECT}"`' in found[0].detail
        assert TO_DESTROY in found[0].detail
    if severity is Severity.WARNING:
        assert "stays in the region and project of the state" in found[0].detail


def test_the_way_to_destroy_stands_in_each_error_of_an_update_but_the_protections() -> None:
    found = [
        Diagnostic(Severity.ERROR, "s", "one.", path("storage", "size")),
        Diagnostic(Severity.ERROR, "s", "protected.", path("deletion_protection")),
        Diagnostic(Severity.WARNING, "s", "two."),
        Diagnostic(Severity.ERROR, "s", "three."),
    ]
    assert [each.detail for each in with_way_to_destroy(found, state())] == [
        f"one. {TO_DESTROY}",
        "protected.",
        "two.",
        f"three. {TO_DESTROY}",
    ]
    assert list(with_way_to_destroy(found, None)) == found


@pytest.mark.parametrize(
    ("config", "provider"),
    [
        ({"storage": {"size": 5}}, block()),
        ({"flavor": "modelarts.vm.cpu.8u", "allow_stopping_for_update": False}, block()),
        ({"name": "a b"}, block()),
        ({"tags": {f"k{n}": "v" for n in range(20)}}, block()),
        ({"tags": {"theirs": "x"}}, block(tags=replace(PROVIDER.tags, ignored_keys=frozenset({"theirs"})))),
        ({}, block(region=ELSEWHERE)),
        ({}, block(project_id=OTHER)),
    ],
    ids=["smaller disk", "no consent", "a name", "too many tags", "an ignored tag", "region", "project"],
)
def test_an_error_of_an_updates_plan_names_the_way_to_destroy(config: Values, provider: ProviderBlock) -> None:
    """Terraform plans an update before it plans a destroy. A create's error stands in no destroy's way."""
    found = errors(plan(configured(**config), state(), provider, {APPLIED_SIZE: 10}))
    assert [each.detail.count(TO_DESTROY) for each in found] == [1]
    assert TO_DESTROY not in str(errors(plan(configured(**config), None, provider)))


def test_a_protected_notebook_is_not_to_be_destroyed() -> None:
    found = errors(plan(configured(workspace_id="a" * 32), state() | {"deletion_protection": True}))
    assert [str(each.path) for each in found] == ["deletion_protection"]
    assert "refresh=false" not in found[0].detail
    assert ID in found[0].detail
