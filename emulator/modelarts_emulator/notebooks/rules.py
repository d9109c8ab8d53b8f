"""Which action and which field is allowed in which status. Contradicting sources are two columns, each with its evidence.

``documented`` is what the pages of the API say, ``observed`` what Huawei's own Terraform provider does against the
live service (reference 2.2). Nothing here was tried against the service by us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelarts_emulator.errors import Refusal, busy, refuse
from modelarts_emulator.state.entities import TRANSITIONAL

if TYPE_CHECKING:
    from modelarts_emulator.config import Rules

_STOPPED = frozenset({"STOPPED"})
_RUNNING = frozenset({"RUNNING"})
_EITHER = _STOPPED | _RUNNING
_DOWN = _STOPPED | {"START_FAILED"}
_SETTLED = _EITHER | {"CREATE_FAILED", "START_FAILED", "DELETE_FAILED", "ERROR", "FROZEN"}
_ANY = _SETTLED | TRANSITIONAL


@dataclass(frozen=True, slots=True)
class Rule:
    """The statuses in which something is allowed, by reading of the sources."""

    documented: frozenset[str]
    observed: frozenset[str]
    evidence: str

    def allowed(self, rules: Rules) -> frozenset[str]:
        """The statuses under one of the readings."""
        return self.documented if rules == "documented" else self.observed


FIELDS: dict[str, Rule] = {
    "name": Rule(
        _STOPPED, _DOWN | _RUNNING, "page: the instance must be stopped; Huawei's provider sends it while RUNNING"
    ),
    "description": Rule(_STOPPED, _DOWN | _RUNNING, "as name"),
    "storage_new_size": Rule(
        _EITHER, _RUNNING, "page: EVS grows 'dynamically'; Huawei's provider (2026) starts a stopped instance first"
    ),
    "allowed_access_ips": Rule(
        _STOPPED,
        _DOWN | _RUNNING,
        "page: stopped; user guide: the IP list is edited on the details page of any instance",
    ),
    "endpoints": Rule(_STOPPED, _DOWN, "page: stopped; Huawei's provider stops first"),
    "flavor": Rule(_STOPPED, _DOWN, "page: stopped; Huawei's provider stops first"),
    "image_id": Rule(_STOPPED, _DOWN, "page: stopped; Huawei's provider stops first"),
    "hooks": Rule(_STOPPED, _DOWN, "page: stopped; no other source"),
    "custom_spec": Rule(_STOPPED, _DOWN, "page: stopped; no other source"),
    "affinity": Rule(_STOPPED, _DOWN, "page: stopped; no other source"),
    "data_volumes": Rule(_STOPPED, _DOWN, "page: stopped; no other source"),
    "dew_secret_name": Rule(_STOPPED, _DOWN, "page: stopped; no other source"),
    "public_network_config": Rule(_STOPPED, _DOWN, "page: stopped; no other source"),
}

ACTIONS: dict[str, Rule] = {
    "start": Rule(
        _STOPPED,
        _STOPPED | {"START_FAILED", "ERROR"},
        "SDK text and user guide: STOPPED; from failed states no source says anything (observed: allowed, not verified)",
    ),
    "stop": Rule(_RUNNING, _RUNNING, "SDK text and user guide"),
    "delete": Rule(_SETTLED, _SETTLED, "Huawei's provider deletes RUNNING instances; while deleting: 6357"),
    "renew-lease": Rule(_RUNNING, _RUNNING, "page: prolongs a running instance"),
    "show-lease": Rule(_RUNNING, _ANY, "page: of a running instance; a read has no reason to fail (not verified)"),
    "create-image": Rule(_RUNNING, _RUNNING, "page: saves a running instance"),
    "attach-storage": Rule(_RUNNING, _RUNNING, "live note: 6958 otherwise; Huawei's provider checks first"),
    "detach-storage": Rule(_RUNNING, _RUNNING, "page; live note: 6958 otherwise"),
}

# What says no, where it isn't the general 6357.
_NOT_RUNNING = {"renew-lease": "6327", "show-lease": "6327", "create-image": "6327"}
_STORAGE = {"attach-storage", "detach-storage"}


def check_action(rules: Rules, action: str, status: str) -> None:
    """Raise the documented refusal unless the action is allowed in that status."""
    if status in ACTIONS[action].allowed(rules):
        return
    if action in _STORAGE:
        raise refuse("6958", f"Storage can be attached or detached only while the instance is RUNNING; it is {status}.")
    if status in TRANSITIONAL:
        raise busy(status)
    if action == "start" and status == "FROZEN":
        raise refuse("6326", "The instance is frozen; check whether the account is in arrears.")
    if action in _NOT_RUNNING or (action == "stop" and status != "STOPPED"):
        raise refuse("6327", f"The instance is not running; it is {status}.")
    raise busy(status)


def check_field(rules: Rules, field: str, status: str) -> None:
    """Raise 6347 unless the field may be changed in that status (transitional ones are refused before)."""
    if status not in FIELDS[field].allowed(rules):
        raise not_changeable(field, status)


def not_changeable(field: str, status: str) -> Refusal:
    """6347, naming the status and the parameter."""
    return refuse("6347", f"When the instance is in the '{status}' status, the parameter '{field}' cannot be changed.")
