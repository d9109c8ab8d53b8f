"""What the plan of an update marks as known after apply: what its changes can alter, and nothing else. Pure.

Whatever refers to a value that becomes unknown is changed, restarted or replaced with it, so a tag must not move an
address. The field table names what each change alters; a value that isn't known yet counts as the widest change that it
can become, since the plan inside the apply may turn unknown into known and never the reverse.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.lifecycle.fields import FIELDS, POWER_ALTERS, fields_needing_stop
from modelarts_provider.lifecycle.power import FAILED, SETTLED, Power, heading_of
from modelarts_provider.resources.notebook.plan.power import wanted_power


@dataclass(frozen=True, slots=True)
class PlannedPower:
    """The power state that a plan leads to.

    Attributes:
        changes: Whether the plan starts, stops or restarts the notebook, or may do so because a value isn't known yet.
        status: The status afterwards; UNKNOWN where the service alone decides it.
    """

    changes: bool
    status: Any


def planned_power(prior: Values, planned: Values, rows: Collection[str], certain: Collection[str]) -> PlannedPower:
    """The power state that an update leads to, as far as its plan is sure of it.

    Args:
        prior: The prior state.
        planned: The planned state.
        rows: Rows of the field table that change, or may change.
        certain: Those that change whatever the unknown values turn out to be.
    """
    status = str(prior["status"])
    if planned["desired_status"] is UNKNOWN:
        return PlannedPower(changes=True, status=UNKNOWN)
    here, wanted = heading_of(status), wanted_power(planned)
    if wanted is not None and (here is wanted.other or status in FAILED):
        return PlannedPower(changes=True, status=wanted.value)
    settled = status if status in SETTLED else UNKNOWN
    if here is Power.RUNNING and fields_needing_stop(FIELDS, rows, here):
        return PlannedPower(changes=True, status=here.value if fields_needing_stop(FIELDS, certain, here) else settled)
    return PlannedPower(changes=False, status=settled)


def mark_unknown(
    config: Values, prior: Values, planned: Values, rows: Collection[str], power: PlannedPower, *, certain: bool
) -> Values:
    """The planned state with everything unknown that these changes can alter.

    Args:
        config: The configuration.
        prior: The prior state.
        planned: The planned state before.
        rows: Rows of the field table that change, or may change.
        power: What happens to the power state.
        certain: Whether the update calls the service whatever the unknown values turn out to be.
    """
    altered = {name for row in rows for name in FIELDS[row].alters} | set(POWER_ALTERS if power.changes else ())
    marked = planned
    for name in sorted(altered):
        marked = _without_value(marked, name.split("."))
    marked = marked | {"endpoints": _respelled(config["endpoints"], prior["endpoints"], marked["endpoints"])}
    reason = prior["fail_reason"]
    if power.status == Power.RUNNING.value and certain:
        reason = None
    elif reason is not None and (power.changes or power.status == Power.RUNNING.value):
        reason = UNKNOWN
    return marked | {"status": power.status, "fail_reason": reason}


def _respelled(config: Any, prior: Any, endpoints: Any) -> Any:
    """Endpoints as they are configured, unless all are as before: Terraform takes another spelling of the whole only."""
    if endpoints == prior or not isinstance(config, dict) or not isinstance(endpoints, dict):
        return endpoints
    members = ("key_pair_names", "allowed_access_ips")
    return {
        service: entry | {name: config[service][name] for name in members}
        if isinstance(entry, dict) and isinstance(config[service], dict)
        else entry
        for service, entry in endpoints.items()
    }


def _without_value(values: Any, steps: list[str]) -> Any:
    """The values with one of them unknown; ``[*]`` behind a name means each element of the map."""
    if not steps:
        return UNKNOWN
    if not isinstance(values, dict):  # null, or unknown as a whole
        return values
    name, *below = steps
    if not name.endswith("[*]"):
        return values | {name: _without_value(values[name], below)}
    name = name.removesuffix("[*]")
    elements = values[name]
    if not isinstance(elements, dict):
        return values
    return values | {name: {key: _without_value(element, below) for key, element in elements.items()}}
