"""A create up to the instance that it gets, on the notebook API in memory."""

from __future__ import annotations

import asyncio
from typing import Any

from notebook_service import LOST, Service, after
from notebook_values import PROJECT, REGION, configured, plan

from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.framework.diagnostics import Diagnostics, Severity
from modelarts_provider.resources.notebook.apply.create_once import obtain
from modelarts_provider.resources.notebook.service.known_instances import Claims

MADE_AND_LOST = after(lambda service: service.make("mine"), error=LOST)


def told(found: Diagnostics) -> str:
    return "\n".join(f"{each.summary}: {each.detail}" for each in found if each.severity is Severity.ERROR)


async def obtaining(
    service: Service, found: Diagnostics, claims: Claims | None = None, cancel: Cancel | None = None, **config: Any
) -> str | None:
    """The id of what a create obtains."""
    planned = plan(configured(name="nb", endpoints=None, description=None, **config), None).planned
    operator = service.operator(cancel=cancel, seconds=1800.0)
    made = await obtain(service.api, planned, (REGION, PROJECT), operator, claims or Claims(), found)
    return None if made is None else str(made.notebook["id"])


def obtained(service: Service, claims: Claims | None = None, **config: Any) -> tuple[str | None, str]:
    """The id of what a create obtains, and its error."""
    found = Diagnostics()
    return asyncio.run(obtaining(service, found, claims, **config)), told(found)
