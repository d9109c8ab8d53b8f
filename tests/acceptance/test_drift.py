"""Drift of everything that is managed in place: somebody changes it in the console, the plan shows it, the apply mends it.

The table is held against the schema: an attribute that changes in place and has no scenario here fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from terraform_workspace import CPU_8U, OTHER_IMAGE, Workspace

from modelarts_provider.framework.schema.attributes import Attribute, ChangeKind, Nested
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES

HOUR = 3_600_000
SSH = {"key_pair_names": ["k1"], "allowed_access_ips": ["8.8.8.8"]}
RESTART = ["StopNotebook", "UpdateNotebook", "StartNotebook"]

NEVER_READ = {"hooks": "the API never returns hooks, so nobody can see them drift"}


class Drift(NamedTuple):
    """What is configured, what somebody makes of it, and the calls that mend it where the service is lenient."""

    configured: dict[str, Any]
    console: dict[str, Any]
    calls: list[str]


def ssh(**changes: Any) -> list[dict[str, Any]]:
    return [{"service": "SSH", **SSH, **changes}]


DRIFTS = {
    "name": Drift({}, {"name": "theirs"}, ["UpdateNotebook"]),
    "description": Drift({"description": "mine"}, {"description": "theirs"}, ["UpdateNotebook"]),
    "flavor": Drift({}, {"flavor": CPU_8U}, RESTART),
    "image_id": Drift({}, {"image_id": OTHER_IMAGE}, RESTART),
    "endpoints": Drift({"endpoints": {"SSH": SSH}}, {"endpoints": []}, RESTART),
    "endpoints.key_pair_names": Drift(
        {"endpoints": {"SSH": SSH}}, {"endpoints": ssh(key_pair_names=["theirs"])}, RESTART
    ),
    "endpoints.allowed_access_ips": Drift(
        {"endpoints": {"SSH": SSH}}, {"endpoints": ssh(allowed_access_ips=["8.8.4.4"])}, ["UpdateNotebook"]
    ),
    "storage.size": Drift({"storage": {"size": 10}}, {"capacity": 7}, ["UpdateNotebook"]),
    "auto_stop.enabled": Drift({"auto_stop": {"duration": "4h"}}, {"lease": {"duration": -1}}, ["RenewLease"]),
    "auto_stop.type": Drift(
        {"auto_stop": {"duration": "4h"}}, {"lease": {"duration": 4 * HOUR, "type": "IDLE"}}, ["RenewLease"]
    ),
    "auto_stop.duration": Drift({"auto_stop": {"duration": "4h"}}, {"lease": {"duration": 5 * HOUR}}, ["RenewLease"]),
    "desired_status": Drift({"desired_status": "RUNNING"}, {"status": "STOPPED"}, ["StartNotebook"]),
    "tags": Drift(
        {"tags": {"team": "mine"}},
        {"tags": {"team": "theirs", "more": "x"}},
        ["DeleteNotebookTags", "CreateNotebookTags"],
    ),
}


def in_place(attributes: Mapping[str, Attribute], at: str = "") -> Iterator[str]:
    """The paths of the attributes that change in place; of nested ones their members, and themselves where keyed."""
    for name, attribute in attributes.items():
        here = f"{at}.{name}" if at else name
        nested = attribute.type if isinstance(attribute.type, Nested) else None
        if nested is not None:
            yield from in_place(nested.attributes, here)
        if attribute.change.kind is ChangeKind.IN_PLACE and (nested is None or here == "endpoints"):
            yield here


def test_every_attribute_that_changes_in_place_has_a_scenario_of_drift() -> None:
    seen = {at for at in in_place(ATTRIBUTES) if at.split(".")[0] not in NEVER_READ}
    assert seen == set(DRIFTS)


@pytest.mark.parametrize("attribute", DRIFTS)
def test_drift_is_shown_and_mended(workspace: Workspace, attribute: str) -> None:
    drift = DRIFTS[attribute]
    workspace.emulator.reset(rules="observed")
    workspace.configure(drift.configured)
    workspace.apply().ok()
    workspace.clean()
    before = as_configured(workspace)
    workspace.emulator.patch_notebook(workspace.id(), **drift.console)
    assert as_configured(workspace) != before, "the console has changed nothing"
    workspace.emulator.clear_requests()

    planned = workspace.plan().ok()
    workspace.apply().ok()

    assert planned.actions == ["update"]
    assert any(m.get("type") == "resource_drift" for m in planned.messages), "the drift isn't shown"
    assert workspace.calls() == drift.calls
    assert as_configured(workspace) == before
    workspace.clean()


def as_configured(workspace: Workspace) -> dict[str, Any]:
    """What can be configured, as it is behind the API; of auto-stop what was last asked for."""
    there = workspace.there()["behind"]
    lease = {name: there["lease"][name] for name in ("enable", "type", "requested")}
    if not lease["enable"]:
        lease = {"enable": False}
    names = ("name", "description", "flavor", "image_id", "endpoints", "status")
    tags = {key: value for key, value in there["tags"].items() if key != "terraform-provider-modelarts"}
    return {name: there[name] for name in names} | {"lease": lease, "size": there["volume"]["capacity"], "tags": tags}


@pytest.mark.parametrize("config", [{"SSH": {"key_pair_names": ["k1"]}}, None], ids=["SSH", "none"])
def test_a_restriction_of_https_in_the_console_is_never_lost_silently(workspace: Workspace, config: Any) -> None:
    """A change of SSH sends the whole list, so that what isn't shown would go without a word."""
    workspace.configure(endpoints=config)
    workspace.apply().ok()
    kept = [{"service": name, **each} for name, each in (config or {}).items()]
    there = [{"service": "NOTEBOOK", "allowed_access_ips": ["9.9.9.9"]}, *kept]
    workspace.emulator.patch_notebook(workspace.id(), endpoints=there)

    planned = workspace.plan().ok()

    assert planned.actions == ["update"]
    assert 'endpoints["NOTEBOOK"]' in planned.warning_text(), "the stop that its removal needs"
    workspace.configure(endpoints={**(config or {}), "NOTEBOOK": {"allowed_access_ips": ["9.9.9.9"]}})
    workspace.clean()


def test_drift_while_nothing_is_configured_is_no_drift(workspace: Workspace) -> None:
    """What isn't managed is whatever it is: an unset size, auto-stop, power state."""
    workspace.configure(storage={})
    workspace.apply().ok()
    for console in ({"capacity": 77}, {"lease": {"duration": 7 * HOUR}}, {"status": "STOPPED"}):
        workspace.emulator.patch_notebook(workspace.id(), **console)
        workspace.clean()


UNREADABLE = {
    "forbidden": {"status": 403, "error_code": "ModelArts.0112", "error_msg": "no"},
    "not logged in": {"status": 401, "error_code": "APIGW.0301", "error_msg": "no"},
    "internal": {"status": 500, "error_code": "ModelArts.0010", "error_msg": "no"},
    "gateway": {"status": 502, "error_code": "APIGW.0201", "error_msg": "no"},
    "unavailable": {"status": 503},
    "gateway timeout": {"status": 504},
    "throttled": {"status": 429, "error_code": "APIGW.0308", "error_msg": "no"},
    "busy": {"status": 400, "error_code": "ModelArts.6357", "error_msg": "no"},
    "cut before": {"cut": "before"},
    "cut after": {"cut": "after"},
    "no answer in time": {"latency_ms": 20_000},
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_what_cannot_be_read_never_leaves_the_state(workspace: Workspace, fault: str) -> None:
    workspace.provider_block["max_retries"] = 0
    workspace.configure(timeouts={"read": "2s"})
    workspace.apply().ok()
    identifier = workspace.id()
    for operation in ("ShowNotebook", "ListNotebooks"):
        workspace.emulator.add_fault(operation=operation, **UNREADABLE[fault], count=0)

    planned, refreshed = workspace.plan().failed(), workspace.apply("-refresh-only").failed()

    for run in (planned, refreshed):
        assert run.actions == []
        assert "doesn't count as gone" in run.error_text()
    assert workspace.id() == identifier
    workspace.emulator.clear_faults()
    workspace.clean()
