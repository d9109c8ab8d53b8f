"""Creating a notebook: one POST, then waiting until it runs. Whatever happens after the POST, its id is not lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelarts_provider.api.errors import ApiError
from modelarts_provider.api.notebooks import Notebooks
from modelarts_provider.core.diagnostics import Diagnostics
from modelarts_provider.core.waiting import Cancel, CancelledByUser, Deadline, DeadlineExceeded
from modelarts_provider.lifecycle.instance import Pace, Refused
from modelarts_provider.lifecycle.operate import InFailedState, Operator, Sight, WentElsewhere
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.resources.notebook_conversion import create_body
from modelarts_provider.resources.notebook_diagnostics import cause_of, failed, next_step_of, summary
from modelarts_provider.resources.notebook_instance import NotebookInstance, observe

Values = dict[str, Any]
Json = Mapping[str, Any]


async def create(
    api: Notebooks, planned: Values, *, deadline: Deadline, cancel: Cancel, pace: Pace, found: Diagnostics
) -> Json | None:
    """Create the notebook and wait until it runs.

    Returns:
        The notebook as it was seen last; None where none was created. Errors are in ``found``.
    """
    head = summary("create", planned["name"])
    try:
        cancel.raise_if_set()
        made = await api.create(create_body(planned))  # type: ignore[arg-type]  # built from the schema
    except CancelledByUser:
        found.error(head, "A stop was asked for before anything was called. Nothing was created.")
        return None
    except ApiError as error:
        failed(found, head, error, _uncertain(planned) if error.may_have_acted else "Nothing was created.")
        return None
    if not made.get("id"):
        found.error(head, f"The service accepted the request and named no instance. {_uncertain(planned)}")
        return None
    operator = Operator(NotebookInstance(api, made["id"]), pace, deadline, cancel, Sight(seen=observe(made)))
    try:
        await operator.reach(Power.RUNNING, None)
    except (Refused, InFailedState, WentElsewhere, DeadlineExceeded, CancelledByUser) as error:
        _not_running(found, head, made["id"], operator, error)
    seen = operator.sight.seen
    return seen.source if seen is not None else made


def _uncertain(planned: Values) -> str:
    return (
        f'Whether an instance was created is not known: look for a new one named "{planned["name"]}" in the console, '
        "and take it over with `terraform import`, or delete it, before you apply again."
    )


def _not_running(found: Diagnostics, head: str, notebook_id: str, operator: Operator, error: Exception) -> None:
    """The error of an instance that exists and doesn't run."""
    seen = operator.sight.seen
    status = seen.status if seen else "in an unknown state"
    progress = f" ({seen.progress})" if seen and seen.progress else ""
    match error:
        case InFailedState():
            happened = f"The instance was created, and {error}."
        case DeadlineExceeded():
            happened = f"The instance did not run within {operator.deadline.seconds:g} s (timeouts.create)."
        case CancelledByUser():
            happened = "A stop was asked for while the instance was starting."
        case WentElsewhere():
            happened = f"The instance was stopped by somebody else while it started: {error}."
        case _:
            happened = cause_of(error)
    found.error(
        head,
        f"{happened} Instance {notebook_id} is {status}{progress} and stays in the state, tainted: the next apply "
        "replaces it. To keep it instead, run `terraform untaint` on it once it runs, then `terraform plan`. "
        f"{next_step_of(error)}".rstrip(),
    )
