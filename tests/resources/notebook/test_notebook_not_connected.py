"""Where nothing can be called, nothing is forgotten: settings that aren't known yet, a login that fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from notebook_values import ID, configured, plan, state

from modelarts_provider.api.errors import AuthenticationFailed
from modelarts_provider.framework.diagnostics import Severity
from modelarts_provider.framework.resource import ApplyRequest, ReadRequest
from modelarts_provider.resources.common.provider_block import ProviderBlock
from modelarts_provider.resources.common.session import Connection, Session
from modelarts_provider.resources.notebook.resource import NotebookResource

PRIVATE = {"lease": {"duration": 1, "enable": True, "type": "TIMING"}}


class Locked:
    """An account whose every login fails."""

    async def project_id(self, region: str) -> str:
        raise AuthenticationFailed(f"no login for {region}", status=401, code="APIGW.0301")

    async def holds(self, region: str, project_id: str) -> bool:
        raise AuthenticationFailed(f"no login for {region} and {project_id}", status=401, code="APIGW.0301")

    async def notebooks(self, region: str, project_id: str | None = None) -> Any:
        raise AuthenticationFailed(f"no login for {region} and {project_id}", status=401, code="APIGW.0301")

    async def aclose(self) -> None:
        """Nothing is open."""


def resource(connected: str) -> NotebookResource:
    """A resource whose provider block isn't known yet, or whose login fails."""
    unknown = frozenset({"access_key"}) if connected == "not known yet" else frozenset()
    connection = Connection(block=ProviderBlock("r", "p"), identity=None, open=Locked, unknown=unknown)

    async def made() -> NotebookResource:
        session = Session()
        await session.configure(connection)
        return NotebookResource(session)

    return asyncio.run(made())


WAYS = {"not known yet": "access_key", "no login": "APIGW.0301"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operation", ["read", "update", "delete"])
def test_the_state_stays_as_it_was(operation: str, way: str) -> None:
    notebooks, before = resource(way), state()
    config = configured(description="other")
    changed = plan(config, before).planned
    requests: dict[str, Any] = {
        "read": ReadRequest(state=before, private=PRIVATE),
        "update": ApplyRequest(config=config, prior=before, planned=changed, private=PRIVATE),
        "delete": ApplyRequest(config=None, prior=before, planned=None, private=PRIVATE),
    }
    answer = asyncio.run(getattr(notebooks, operation)(requests[operation]))
    assert answer.state == before
    assert answer.private == PRIVATE
    (error,) = [each for each in answer.diagnostics if each.severity is Severity.ERROR]
    assert WAYS[way] in error.detail
    if operation == "read":
        assert answer.deferred == (way == "not known yet")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operation", ["create", "import"])
def test_nothing_comes_into_the_state(operation: str, way: str) -> None:
    notebooks, config = resource(way), configured()
    if operation == "create":
        request = ApplyRequest(config=config, prior=None, planned=plan(config, None).planned, private={})
        answer: Any = asyncio.run(notebooks.create(request))
    else:
        answer = asyncio.run(notebooks.import_state(ID))
    assert answer.state is None
    (error,) = [each for each in answer.diagnostics if each.severity is Severity.ERROR]
    assert WAYS[way] in error.detail
