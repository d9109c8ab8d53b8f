"""What a plan says about power: warnings before a running notebook is stopped, and the error where that isn't allowed.

Decided from the state alone; the runner asks the policy again, with what it then finds.
"""

from __future__ import annotations

from typing import Any, Final

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import PlanRequest, Private
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.lifecycle.fields import FIELDS, fields_needing_stop, fields_that_may_need_stop
from modelarts_provider.lifecycle.power import Power, heading_of
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.resources.notebook.plan.changes import attribute_names, certain_rows, changed_rows
from modelarts_provider.resources.notebook.service.interruption import FOUND, Mark

WIPED: Final = "Everything outside /home/ma-user/work is lost when it stops, and running work ends."


def restart_policy(values: Values, by_provider: Any) -> RestartPolicy:
    """What ``allow_stopping_for_update`` says: the resource's, else the provider block's."""
    own = values["allow_stopping_for_update"]
    says = by_provider if own is None else own
    if says is UNKNOWN:
        return RestartPolicy.UNKNOWN
    return RestartPolicy.FORBIDDEN if says is False else RestartPolicy.ALLOWED


def wanted_power(values: Values) -> Power | None:
    """The power state that ``desired_status`` asks for; None keeps what is found."""
    desired = values["desired_status"]
    return Power(desired) if desired in Power.__members__ else None


def owed_power(private: Private, values: Values, policy: RestartPolicy) -> Power | None:
    """The power state that a killed update owes and the next apply brings about; None where its mark just goes.

    What ``desired_status`` says comes first. A stop needs the policy that has allowed the killed update.
    """
    desired = values["desired_status"]
    match private.get(FOUND):
        case Mark.RESTART.value if desired != Power.STOPPED.value:
            return Power.RUNNING
        case Mark.STOP.value if desired == Power.STOPPED.value:
            return Power.STOPPED
        case Mark.STOP.value if desired != Power.RUNNING.value and policy.may_restart:
            return Power.STOPPED
        case _:
            return None


def tell_of_power(request: PlanRequest, planned: Values, policy: RestartPolicy, found: Diagnostics) -> None:
    """Warn of a stop, or refuse it, naming the instance and the attributes."""
    prior = request.prior
    assert prior is not None  # noqa: S101 - an update
    power, wanted = heading_of(prior["status"] or ""), wanted_power(planned)
    if power is None:
        return
    rows = changed_rows(request.config, prior, planned)
    name, who = prior["name"], f"{prior['name']} ({prior['id']}) is {prior['status']}"
    if power is Power.STOPPED:
        maybe = fields_that_may_need_stop(FIELDS, rows, power)
        if maybe and policy.may_restart and wanted is not Power.RUNNING:
            _warn_of_start(found, name, who, attribute_names(rows, maybe))
        return
    stopping, maybe = (
        fields_needing_stop(FIELDS, certain_rows(rows, planned), power),
        fields_that_may_need_stop(FIELDS, rows, power),
    )
    unsure = fields_needing_stop(FIELDS, rows, power)
    if wanted is Power.STOPPED:
        found.warning(f'Notebook "{name}" will be stopped', f"{who}, and desired_status is STOPPED. {WIPED}")
    elif stopping and not policy.may_restart:
        _refuse(found, name, who, attribute_names(rows, stopping))
    elif stopping:
        found.warning(
            f'Notebook "{name}" will be stopped and started again',
            f"Changing {attribute_names(rows, stopping)} needs a stopped notebook, and {who}. It is stopped, updated "
            f"once and started again. {WIPED}",
        )
    elif planned["desired_status"] is UNKNOWN:
        found.warning(
            f'Notebook "{name}" may be stopped',
            f"{who}, and desired_status is known only during the apply: where it is STOPPED, it is stopped. {WIPED}",
        )
    elif unsure:
        _warn_of_unknown(found, name, who, attribute_names(rows, unsure), allowed=policy.may_restart)
    elif maybe and policy.may_restart:
        found.warning(
            f'Notebook "{name}" may be stopped and started again',
            f"Changing {attribute_names(rows, maybe)} is tried while it runs ({who}). Where the service refuses that, "
            f"it is stopped, updated once and started again. {WIPED}",
        )


def _warn_of_unknown(found: Diagnostics, name: str, who: str, attributes: str, *, allowed: bool) -> None:
    then = (
        f"the notebook is stopped, updated once and started again. {WIPED}"
        if allowed
        else "the apply fails before anything is called, because allow_stopping_for_update is false."
    )
    found.warning(
        f'Notebook "{name}" may be stopped and started again',
        f"Changing {attributes} needs a stopped notebook, and {who}. The new value is known only during the apply: "
        f"where it differs from the present one, {then}",
    )


def _warn_of_start(found: Diagnostics, name: str, who: str, attributes: str) -> None:
    found.warning(
        f'Notebook "{name}" may be started and stopped again',
        f"Changing {attributes} is tried while it is stopped ({who}). Where the service refuses that, it is started for "
        "the change, and stopped again.",
    )


def _refuse(found: Diagnostics, name: str, who: str, attributes: str) -> None:
    found.error(
        f'Updating notebook "{name}" needs a stop that is not allowed',
        f"Changing {attributes} needs a stopped notebook, {who}, and allow_stopping_for_update is false. Nothing was "
        "called. To go on, set allow_stopping_for_update = true (in the resource, or in the provider block), or set "
        'desired_status = "STOPPED", or stop the instance yourself and apply then.',
        path("allow_stopping_for_update"),
    )
