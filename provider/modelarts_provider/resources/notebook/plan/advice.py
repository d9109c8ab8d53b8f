"""What a plan advises, without anything being wrong: SSH that is open to all, auto-stops that surprise. Pure.

Each has one summary for all notebooks, so that Terraform folds those of many into one; the detail names the notebook.
"""

from __future__ import annotations

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.values import Values
from modelarts_provider.lifecycle.power import Power, heading_of


def advise(prior: Values | None, planned: Values, found: Diagnostics) -> None:
    """Add the warnings of a create or an update; a replacement advises as a create (``prior`` None).

    None where the plan has an error: that comes first, and a wrong name is not to be printed.
    """
    if found.has_error:
        return
    if _is_open(planned) and not (prior is not None and _is_open(prior)):
        found.warning(
            "Notebooks accept SSH from every address",
            f'{planned["name"]} has endpoints["SSH"] without allowed_access_ips: whoever has one of its keys may connect '
            "from anywhere. List the addresses that may. (Terraform leaves out members that it doesn't know, so a misspelt "
            "allowed_access_ips looks like this, too; the constructs refuse it.)",
            path("endpoints").key("SSH").name("allowed_access_ips"),
        )
    if prior is None and planned["auto_stop"] is None and planned["desired_status"] != Power.STOPPED.value:
        found.warning(
            "Notebooks without auto_stop stop after an hour",
            f"{planned['name']} doesn't configure auto_stop: the service stops it by itself an hour after the create. "
            'Write auto_stop = { duration = "8h" } for another time, or auto_stop = { enabled = false } to keep it running.',
            path("auto_stop"),
        )
    if _starts_again(prior, planned):
        found.warning(
            "Each apply starts notebooks again after their auto-stop",
            f"{planned['name']} has desired_status RUNNING and an auto_stop: when it has stopped by itself, the next apply "
            "starts it again. Leave desired_status out to let it stay stopped.",
            path("desired_status"),
        )


def _is_open(values: Values) -> bool:
    """Whether SSH is offered and known to have no list of addresses."""
    endpoints = values["endpoints"]
    ssh = endpoints.get("SSH") if isinstance(endpoints, dict) else None
    return isinstance(ssh, dict) and ssh["allowed_access_ips"] in (None, [])


def _stops_by_itself(values: Values) -> bool:
    """Whether a configured auto-stop is known to be enabled."""
    auto_stop = values["auto_stop"]
    return isinstance(auto_stop, dict) and auto_stop["enabled"] in (None, True)


def _starts_again(prior: Values | None, planned: Values) -> bool:
    """Whether an apply starts it after its auto-stop: told where that is new, and where this very plan does it."""
    if planned["desired_status"] != Power.RUNNING.value or not _stops_by_itself(planned):
        return False
    if prior is None or prior["desired_status"] is None or not _stops_by_itself(prior):
        return True
    return heading_of(str(prior["status"])) is Power.STOPPED
