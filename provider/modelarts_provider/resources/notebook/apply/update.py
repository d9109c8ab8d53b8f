"""Updating a notebook in place: the lifecycle's run, and the state that is true afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from modelarts_provider.framework.cancellation import CancelledByUser
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.planning.equivalence import fill_unknown, not_applied
from modelarts_provider.framework.resource import ApplyRequest, ApplyResponse, Private
from modelarts_provider.framework.schema.attributes import ChangeKind
from modelarts_provider.framework.schema.paths import Name, path
from modelarts_provider.framework.schema.values import UNKNOWN, Json, Values
from modelarts_provider.framework.schema.walk import value_at, walk
from modelarts_provider.lifecycle.changes import UpdateGoal
from modelarts_provider.lifecycle.instance import Refused
from modelarts_provider.lifecycle.outcome import Outcome, Reason
from modelarts_provider.lifecycle.power import Power, heading_of, power_of
from modelarts_provider.lifecycle.restart_policy import RestartPolicy
from modelarts_provider.lifecycle.run import run_update
from modelarts_provider.lifecycle.steps import Start, Stop
from modelarts_provider.resources.common.diagnostics import cause_of, explained
from modelarts_provider.resources.common.odd_fields import warn_of_odd_fields
from modelarts_provider.resources.common.tags import MARK, TAGS_ALL, without_strays
from modelarts_provider.resources.notebook.plan.changes import SIZE, lifecycle_changes
from modelarts_provider.resources.notebook.plan.power import owed_power, wanted_power
from modelarts_provider.resources.notebook.plan.rules import APPLIED_SIZE, shrinks
from modelarts_provider.resources.notebook.schema.auto_stop import MEMORY, is_remembered, raw_lease, wanted_lease
from modelarts_provider.resources.notebook.schema.notebook import ATTRIBUTES
from modelarts_provider.resources.notebook.service.conversion import Reading, to_state
from modelarts_provider.resources.notebook.service.diagnostics import shown, summary, unapplied
from modelarts_provider.resources.notebook.service.interruption import Mark, found_mark, read_mark
from modelarts_provider.resources.notebook.service.observed import NotebookOperator, ObservedNotebook

DEPENDED_ON: Final = frozenset(
    {"status", "url", "ssh_uri", "endpoints.uri", "image.id", "image.swr_path", "storage.size"}
)
"""Values that other resources are likely to refer to."""

SAYS_WHAT_TO_DO: Final = frozenset(
    {Reason.FAILED_FORBIDS, Reason.FAILED_FOR_GOOD, Reason.FROZEN, Reason.CONSENT, Reason.NO_WAY}
)
"""Reasons whose own advice knows more of the notebook than the API's code, which may say the contrary."""


async def update(
    request: ApplyRequest, operator: NotebookOperator, answer: ApplyResponse, reading: Reading, *, policy: RestartPolicy
) -> None:
    """Run the update and fill in the answer. Its state is the one before it until something else is known."""
    config, prior, planned = request.config, request.prior, request.planned
    assert config is not None  # noqa: S101 - an update has all three
    assert prior is not None  # noqa: S101 - as above
    assert planned is not None  # noqa: S101 - as above
    head = summary("update", prior["name"])
    problem = shrinks(prior, planned)
    if problem:  # a size that wasn't known at plan time; nothing has been called yet
        answer.diagnostics.error(head, problem, SIZE)
        return
    repairing = prior["interrupted_update"] is True
    owed = owed_power(request.private, planned, policy) if repairing else None
    if owed is not None and not await _is_still_owed(operator, owed, answer.diagnostics, head):
        if operator.sight.seen is not None:
            answer.state = to_state(operator.sight.seen.api, prior, reading)
        return
    changes = lifecycle_changes(config, prior, planned)
    goal = UpdateGoal(
        # A state that wasn't refreshed may still hold what is to be ignored by now: that is left to others.
        changes=replace(
            changes, remove_tags=tuple(key for key in changes.remove_tags if not reading.tags.ignores(key))
        ),
        wanted=wanted_power(planned),
        policy=policy,
        managed_lease=wanted_lease(planned["auto_stop"]),
        mark=True,
        moves=prior["desired_status"] != planned["desired_status"],
    )
    outcome = await run_update(
        goal,
        operator,
        interrupted=owed,
        owes=None if repairing else lambda seen: _unplanned(seen, prior, planned, policy=policy),
    )
    tell(outcome, answer.diagnostics, head, planned["name"])
    if outcome.observed is None:
        return
    _tell_of_stop(outcome, answer.diagnostics, prior)
    if repairing and owed is None and outcome.error is None:
        await _unmark(operator, outcome.observed, answer.diagnostics, planned["name"])
    _fill_in(request, reading, outcome, answer, head, repaired=owed is not None)


def _fill_in(
    request: ApplyRequest,
    reading: Reading,
    outcome: Outcome[ObservedNotebook],
    answer: ApplyResponse,
    head: str,
    *,
    repaired: bool,
) -> None:
    """The state and the private data that are true after a run."""
    prior, planned = request.prior, request.planned
    assert prior is not None  # noqa: S101 - an update has both
    assert planned is not None  # noqa: S101 - as above
    api = _as_left(outcome)
    warn_of_odd_fields(answer.diagnostics, planned["name"], api)
    answer.private = found_mark(remembered(answer.private, planned, api, outcome), api)
    reading = replace(reading, lease=answer.private.get(MEMORY))
    if outcome.error is None:
        as_asked = replace(reading, applied=True)
        answer.state = to_state(without_strays(api, prior, planned), _before(prior, planned), as_asked)
        there = check_applied(answer.diagnostics, head, prior, planned, answer.state)
        if there and (not repaired or _is_there(answer, head, planned)):
            answer.private |= applied_size(request, answer.state)
            answer.state = as_planned(planned, answer.state, answer.diagnostics)
            return
    answer.state = to_state(api, _sent(prior, planned, outcome.applied), reading)


async def _is_still_owed(operator: NotebookOperator, owed: Power, found: Diagnostics, head: str) -> bool:
    """Whether the mark still calls for what the plan has shown, or it has come about: what is in doubt stays as it is."""
    try:
        seen = await operator.look()
    except (Refused, CancelledByUser):
        return True  # the run meets it as well, and tells
    expected = Mark.RESTART if owed is Power.RUNNING else Mark.STOP
    if heading_of(seen.status) is owed or read_mark(seen.api) is expected:
        return True
    found.error(
        head,
        f"The plan repairs an interrupted update, and somebody has started or stopped the notebook since it was made: it is "
        f"{seen.status}. Nothing was changed. Plan again.",
    )
    return False


def _unplanned(seen: ObservedNotebook, prior: Values, planned: Values, *, policy: RestartPolicy) -> Power | None:
    """What a killed run owes that the plan doesn't know of: it was saved before the kill, or made without a refresh.

    A stop only where the plan was made for a stopped notebook: else nothing has announced it.
    """
    owed = owed_power(found_mark({}, seen.api), planned, policy)
    return owed if owed is Power.RUNNING or heading_of(str(prior["status"])) is owed else None


def _is_there(answer: ApplyResponse, head: str, planned: Values) -> bool:
    """Whether a repair's power state, which the plan has promised, is the one that was read back."""
    state = answer.state
    assert state is not None  # noqa: S101 - asked with one
    there = planned["status"] in (UNKNOWN, state["status"])
    if not there:
        answer.diagnostics.error(
            head,
            f"It was brought to {planned['status']} and is {state['status']} since: somebody else, or auto-stop, has moved it. "
            "The state holds what the service says. Run `terraform plan` to see what is left.",
        )
    return there


def _tell_of_stop(outcome: Outcome[ObservedNotebook], found: Diagnostics, prior: Values) -> None:
    """Say after the fact what the plan could not say before: the notebook was down then, and ran when it was applied."""
    moves = [type(step) for step in outcome.done if isinstance(step, Stop | Start)]
    if moves == [Stop, Start] and heading_of(str(prior["status"])) is Power.STOPPED:
        found.warning(
            f'Notebook "{prior["name"]}" was stopped and started again',
            f"It was {prior['status']} when this was planned, so that the plan could not say it, and somebody has started "
            "it since. What was outside of /home/ma-user/work is lost.",
        )


async def _unmark(operator: NotebookOperator, seen: ObservedNotebook, found: Diagnostics, name: str) -> None:
    try:
        await operator.tag(lambda: operator.instance.unmark(seen), patient=False)
    except (Refused, CancelledByUser) as error:
        reason = cause_of(error) if isinstance(error, Refused) else "A stop was asked for."
        found.warning(
            f'The mark of an interrupted update stays on notebook "{name}"',
            f"The update is done, but its tag could not be removed: {reason} The next plan shows it again.",
        )


def _as_left(outcome: Outcome[ObservedNotebook]) -> Json:
    """The notebook as the run left it: a mark that was taken away went after the last read.

    After an update without an error none may show, since the plan has said so: where it could not be taken away, the
    next refresh shows it.
    """
    assert outcome.observed is not None  # noqa: S101 - asked before
    api = outcome.observed.api
    if outcome.error is not None and outcome.marked is not False:
        return api
    return {**api, "tags": [tag for tag in api.get("tags") or [] if tag.get("key") != MARK]}


def tell(outcome: Outcome[ObservedNotebook], found: Diagnostics, head: str, name: str) -> None:
    """A run's warnings and its error as diagnostics."""
    for warning in outcome.warnings:
        found.warning(f'The update of notebook "{name}" has a side effect', warning)
    if outcome.error is not None:
        error = outcome.error
        added = explained(error.cause, next_step=error.reason not in SAYS_WHAT_TO_DO)
        found.error(head, f"{outcome.detail} {added}".rstrip())


def remembered(
    private: Private, planned: Values, api: Mapping[str, Any], outcome: Outcome[ObservedNotebook]
) -> Private:
    """Private data with the raw lease after a setting of ours; without one where a new setting still waits."""
    others = {key: value for key, value in private.items() if key != MEMORY}
    if planned["auto_stop"] is None:
        return others
    started = outcome.restored or any(isinstance(step, Start) for step in outcome.done)
    if "auto_stop" in outcome.applied:
        return others | {MEMORY: raw_lease(api)}
    if started:
        # A start that carried on somebody else's setting has made nothing of ours of it: it stays drift.
        foreign = (
            MEMORY in private and outcome.carried is not None and not is_remembered(private[MEMORY], outcome.carried)
        )
        return private if foreign else others | {MEMORY: raw_lease(api)}
    return private if power_of(str(api.get("status"))) is Power.RUNNING else others


def check_applied(found: Diagnostics, head: str, prior: Values | None, planned: Values, state: Values) -> bool:
    """Hold the state that was read back against the plan; an error names what isn't so. ``prior``: None of a create."""
    missing = tuple(
        at for at in not_applied(ATTRIBUTES, planned, state) if not (at == SIZE and _has_grown(planned, state))
    )
    everything = planned["tags_all"]
    if not missing and everything is not UNKNOWN and not TAGS_ALL.same(everything, state["tags_all"]):
        missing = (path("tags_all"),)  # a default tag of the provider, which `tags` doesn't show
    if missing:
        unapplied(found, head, missing, prior, planned, state)
    return not missing


def _has_grown(planned: Values, state: Values) -> bool:
    """Whether the disk is larger than planned, which is no failure: it has grown outside of Terraform."""
    return bool((state["storage"]["size"] or 0) > planned["storage"]["size"])


def as_planned(planned: Values, state: Values, found: Diagnostics) -> Values:
    """The state that Terraform accepts after a success: known planned values stay, although reality may have moved on.

    The next refresh shows the truth. A difference that others may depend on is told, since they were planned with the
    old value: an address after a restart that only a refusal made necessary, for one.
    """
    differing = [
        at
        for at, attribute, wanted in walk(ATTRIBUTES, planned)
        if ".".join(step.name for step in at if isinstance(step, Name)) in DEPENDED_ON
        and wanted is not UNKNOWN
        and not attribute.same(wanted, value_at(state, at))
    ]
    if differing:
        values = "; ".join(
            f"{at} is {shown(value_at(state, at))}, and was planned as {shown(value_at(planned, at))}"
            for at in differing
        )
        found.warning(
            f'Notebook "{planned["name"]}" has changed in a way that the plan did not show',
            f"What was asked for is done. {values}. The state holds the planned value until the next refresh, and so does "
            "everything that refers to it. Apply again.",
            differing[0],
        )
    filled: Values = fill_unknown(planned, state)
    return filled


def applied_size(request: ApplyRequest, state: Values) -> Private:
    """What private data remembers of the disk: the size that is configured, else the one that it has."""
    storage = (request.config or {}).get("storage")
    configured = storage["size"] if isinstance(storage, dict) else None
    size = configured if isinstance(configured, int) else (state["storage"] or {}).get("size")
    return {} if size is None else {APPLIED_SIZE: size}


def _before(prior: Values, planned: Values) -> Values:
    """The plan, with the image that the state showed: where the choice stays, a saved image is no other choice."""
    return planned if planned["image_id"] != prior["image_id"] else planned | {"image": prior["image"]}


def _sent(prior: Values, planned: Values, applied: frozenset[str]) -> Values:
    """The prior values, with what was sent and the API never tells, and with the provider's own attributes."""
    own = {name: planned[name] for name, attribute in ATTRIBUTES.items() if attribute.change.kind is ChangeKind.LOCAL}
    sent = {name: planned[name] for name in ("hooks", "auto_stop") if name in applied}
    return prior | own | sent
