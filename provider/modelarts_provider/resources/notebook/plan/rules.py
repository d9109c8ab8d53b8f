"""The notebook's own rules of a plan: region and project, a disk that can't shrink, and what the user is warned of.

Pure: decided from configuration, state, private data and the provider block, since Terraform plans again inside apply.
"""

from __future__ import annotations

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.planning.passes import requires_replace
from modelarts_provider.framework.printable import one_line
from modelarts_provider.framework.resource import PlanRequest, PlanResponse
from modelarts_provider.framework.schema.paths import Path, path
from modelarts_provider.framework.schema.values import UNKNOWN, Values
from modelarts_provider.lifecycle.power import FAILED, Power
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.resources.common.diagnostics import with_way_to_destroy
from modelarts_provider.resources.common.location import plan_location
from modelarts_provider.resources.common.provider_block import ProviderBlock
from modelarts_provider.resources.common.tags import TAGS_ALL, all_tags, check_tags
from modelarts_provider.resources.notebook.plan.advice import advise
from modelarts_provider.resources.notebook.plan.changes import SIZE, certain_rows, changed_rows, makes_calls
from modelarts_provider.resources.notebook.plan.new_values import check_new_values
from modelarts_provider.resources.notebook.plan.power import WIPED, owed_power, restart_policy, tell_of_power
from modelarts_provider.resources.notebook.plan.protection import check_replacement
from modelarts_provider.resources.notebook.plan.unknown import PlannedPower, mark_unknown, planned_power
from modelarts_provider.resources.notebook.schema.notebook import SCHEMA
from modelarts_provider.resources.notebook.service.interruption import FOUND, Mark

IMPORTED = "imported"
"""Private data: nothing of ours has been applied since the import, so hooks may exist that nobody can see."""

APPLIED_SIZE = "applied_size"
"""Private data: the size in GB that was configured when it was applied last; absent after an import."""


def plan_notebook(request: PlanRequest, provider: ProviderBlock) -> PlanResponse:
    """The final plan of a create or an update."""
    answer = _planned(request, provider)
    answer.diagnostics = with_way_to_destroy(answer.diagnostics, request.prior)
    return answer


def _planned(request: PlanRequest, provider: ProviderBlock) -> PlanResponse:
    answer = PlanResponse(planned=dict(request.planned), private=request.private)
    plan_location(request, provider, answer)
    _tags(request, provider, answer)
    prior = request.prior
    if prior is None:
        answer.diagnostics.extend(check_new_values(None, answer.planned))
        advise(None, answer.planned, answer.diagnostics)
        _refuse_old_storage(answer)
        problem = resizes_what_cannot(request, answer.planned)
        if problem:
            answer.diagnostics.error(f'Notebook "{_name(answer.planned)}" can\'t be given a size', problem, SIZE)
        return answer
    replacing = requires_replace(SCHEMA, request.config, prior, answer.planned)
    answer.diagnostics.extend(check_new_values(prior, answer.planned, replacing=bool(replacing)))
    advise(None if replacing else prior, answer.planned, answer.diagnostics)
    if replacing:  # Terraform shows the warnings of this call only, and not those of the create that it plans next
        check_replacement(prior, answer.planned, provider.deletion_protection, replacing, answer.diagnostics)
        _warn_of_replacement(prior, replacing, answer.diagnostics)
        return answer
    problem = _plan_size(request, answer) or resizes_what_cannot(request, answer.planned)
    if problem:
        head = f'Unable to resize the disk of notebook "{_name(prior)}"'
        answer.diagnostics.error(head, problem, SIZE)
        return answer
    rows = changed_rows(request.config, prior, answer.planned)
    if not makes_calls(rows, prior, answer.planned):
        return answer
    certain = certain_rows(rows, answer.planned)
    power = planned_power(prior, answer.planned, rows, certain)
    policy = restart_policy(answer.planned, provider.allow_stopping_for_update)
    owed = _plan_repair(request, answer, policy) if prior["interrupted_update"] else None
    if owed is None:
        tell_of_power(request, answer.planned, policy, answer.diagnostics)
    sure = answer.planned["desired_status"] is not UNKNOWN and makes_calls(certain, prior, answer.planned)
    answer.planned = mark_unknown(request.config, prior, answer.planned, rows, owed or power, certain=sure)
    _warn_of_hooks(request, answer)
    return answer


def _plan_size(request: PlanRequest, answer: PlanResponse) -> str:
    """Keep a disk that has grown elsewhere; what is wrong with a size that was changed to a smaller one, or nothing.

    The size that was applied last is still configured: nobody asked for a smaller disk. After an import nobody knows.
    """
    prior, planned = request.prior, answer.planned
    assert prior is not None  # noqa: S101 - an update
    problem = shrinks(prior, planned)
    if not problem or request.private.get(APPLIED_SIZE) not in (None, planned["storage"]["size"]):
        return problem
    size = planned["storage"]["size"]
    actual = prior["storage"]["size"]
    planned["storage"] = planned["storage"] | {"size": actual}
    answer.diagnostics.warning(
        "Disks of notebooks are larger than configured",
        f"storage.size of {_name(prior)} ({prior['id']}) is {size}, and its disk has {actual} GB: it has grown outside of "
        f"Terraform. A disk can't shrink, so it stays as it is. Write `size = {actual}`, or leave size out.",
        SIZE,
    )
    return ""


def _plan_repair(request: PlanRequest, answer: PlanResponse, policy: RestartPolicy) -> PlannedPower | None:
    """An update was killed: plan what brings the instance back, whether the configuration has changed or not.

    Returns the power state that this leads to; None where it is none of a repair's business.
    """
    prior = request.prior
    assert prior is not None  # noqa: S101 - an update
    answer.planned["interrupted_update"] = False
    failed = f", {prior['status']} now: {one_line(str(prior['fail_reason']))}" if prior["status"] in FAILED else ""
    who = f"{_name(prior)} ({prior['id']}{failed})"
    owed = owed_power(request.private, answer.planned, policy)
    forgiven = owed is None and request.private.get(FOUND) == Mark.STOP.value
    _warn_of_repair(owed, _name(prior), who, answer.diagnostics, stays_up=forgiven)
    if owed is None:
        return None
    # A value that isn't known yet may ask for another power state, or forbid this one.
    unknown = answer.planned["desired_status"] is UNKNOWN or policy is RestartPolicy.UNKNOWN
    return PlannedPower(changes=True, status=UNKNOWN if unknown else owed.value)


def _warn_of_repair(owed: Power | None, name: str, who: str, found: Diagnostics, *, stays_up: bool) -> None:
    match owed:
        case Power.RUNNING:
            found.warning(
                f'Notebook "{name}" will be started: an update of it was interrupted',
                f"An earlier update stopped {who} and ended before it ran again; the tag that it left says so, and "
                "nobody has started it since. The apply starts it and removes the tag. To leave it stopped, set "
                "desired_status to STOPPED.",
            )
        case Power.STOPPED:
            found.warning(
                f'Notebook "{name}" will be stopped: an update of it was interrupted',
                f"{who} was stopped; an earlier update started it for a change that it takes only while it runs, and "
                "ended before it was stopped again: the tag that it left says so, and its auto-stop is still the one "
                f"of that start. The apply stops it and removes the tag. {WIPED} To keep it running, set "
                "desired_status to RUNNING.",
            )
        case None if stays_up:
            found.warning(
                f'The mark of an interrupted update of notebook "{name}" will be removed, and it stays up',
                f"{who} was stopped; an earlier update started it for a change that it takes only while it runs, and "
                "ended before it was stopped again. It isn't stopped, because desired_status is RUNNING or "
                'allow_stopping_for_update is false. To stop it, set desired_status to "STOPPED".',
            )
        case None:
            found.warning(
                f'The mark of an interrupted update of notebook "{name}" will be removed',
                f"An earlier update of {who} ended early and left a tag, which the apply removes. The power state "
                "stays as it is found, unless desired_status says otherwise.",
            )


def _tags(request: PlanRequest, provider: ProviderBlock, answer: PlanResponse) -> None:
    """Plan ``tags_all`` known: where it changes alone, by the provider's defaults, that makes an update, too."""
    prior, planned = request.prior, answer.planned
    everything = all_tags(planned["tags"], provider.tags)
    if prior is not None and TAGS_ALL.same(prior["tags_all"], everything):
        everything = prior["tags_all"]  # null in the state of an older version: no tags either way
    planned["tags_all"] = everything
    check_tags(planned, provider.tags, answer.diagnostics, prior)


def _warn_of_hooks(request: PlanRequest, answer: PlanResponse) -> None:
    prior = request.prior
    if prior is None or prior["hooks"] is not None or not request.private.get(IMPORTED):
        return
    if "hooks" in changed_rows(request.config, prior, answer.planned):
        answer.diagnostics.warning(
            f'The present hooks of notebook "{_name(prior)}" can\'t be read',
            "It was imported, and the API never returns hooks: whatever hooks it has now are overwritten by the "
            "configuration's.",
            path("hooks"),
        )


def _name(values: Values | None) -> str:
    return one_line(str(values["name"])) if values else ""


def _warn_of_replacement(prior: Values, replacing: tuple[Path, ...], found: Diagnostics) -> None:
    reasons = ", ".join(sorted({str(at) for at in replacing}))
    own = (prior["storage"] or {}).get("ownership") == "DEDICATED"
    loss = (
        "Its storage is your own and stays, everything outside of it is lost."
        if own
        else "Its disk and everything on it is deleted with it."
    )
    found.warning(
        f'Notebook "{_name(prior)}" will be replaced',
        f"Changing {reasons} can't be done in place: {_name(prior)} ({prior['id']}) is destroyed and a new one is "
        f"created. {loss} Save what you need first, or take the change back.",
    )


def resizes_what_cannot(request: PlanRequest, planned: Values) -> str:
    """What is wrong where a size is configured for storage that has none to choose; empty where nothing is."""
    storage, configured = planned["storage"], request.config["storage"]
    if storage is UNKNOWN or configured is UNKNOWN or storage["category"] in ("EVS", UNKNOWN):
        return ""
    before = ((request.prior or {}).get("storage") or {}).get("size")
    if configured["size"] in (None, UNKNOWN, before):
        return ""
    return (
        f"storage.size applies to EVS only, and storage.category is {storage['category']}, whose size is its own. "
        "Nothing was changed. Leave size out."
    )


def _refuse_old_storage(answer: PlanResponse) -> None:
    storage = answer.planned["storage"]
    if storage is not UNKNOWN and storage["category"] == "SFS":
        answer.diagnostics.error(
            f'Notebook "{_name(answer.planned)}" can\'t be created with SFS storage',
            "storage.category is SFS, which the service offers for old instances only. Nothing was created. Write EVS, "
            "EFS, OBS or OBSFS, or import the instance that has it.",
            path("storage", "category"),
        )


def shrinks(prior: Values, planned: Values) -> str:
    """What is wrong where the planned disk is smaller than the present one; empty where it isn't."""
    before = (prior["storage"] or {}).get("size")
    storage = planned["storage"]
    after = UNKNOWN if storage is UNKNOWN else (storage or {}).get("size")
    if before is None or after is None or after is UNKNOWN or after >= before:
        return ""
    return (
        f"storage.size is {after}, but the disk has {before} GB, and a disk can grow and never shrink. Nothing was "
        f"changed. Write `size = {before}` (or more), or leave size out to keep whatever the disk has."
    )
