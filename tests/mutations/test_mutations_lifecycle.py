"""Mutations of planner and runner, each with the test that must fail with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation_run import Mutation, assert_fails, assert_passes_unmutated

RUN = "tests/lifecycle/test_lifecycle_run.py::"
PLAN = "tests/lifecycle/test_lifecycle_plan.py::"
FAILED = "tests/lifecycle/test_lifecycle_failed.py::"
FAILURES = "tests/lifecycle/test_lifecycle_failures.py::"
TAKEN_OVER = "tests/lifecycle/test_lifecycle_taken_over.py::"

MUTATIONS = (
    Mutation(
        name="a repair sends the configured auto-stop anew",
        file="lifecycle/plan.py",
        old="    if managed is not None and (not restart or managed.type == IDLE):",
        new="    if managed is not None:",
        test=f"{TAKEN_OVER}test_what_an_interrupted_run_has_stopped_keeps_its_auto_stop[managed-STOPPED]",
    ),
    Mutation(
        name="a repair that fails leaves the notebook down",
        file="lifecycle/execute.py",
        old="        self.operator.sight.moved.add(owed.other)\n",
        new="",
        test=f"{TAKEN_OVER}test_what_an_interrupted_run_has_stopped_runs_again_even_where_its_repair_fails[update]",
    ),
    Mutation(
        name="the mark goes while the notebook is down",
        file="lifecycle/run.py",
        old="    if execution.marked and restoration.restored is not False:",
        new="    if execution.marked:",
        test=f"{TAKEN_OVER}test_the_mark_of_an_interrupted_run_stays_while_the_notebook_is_down[show]",
    ),
    Mutation(
        name="a start that a stop follows leaves no mark",
        file="lifecycle/plan.py",
        old="marking=here is final)",
        new="marking=here is final is Power.RUNNING)",
        test=f"{PLAN}test_a_mark_surrounds_a_start_that_a_stop_follows",
    ),
    Mutation(
        name="the mark around a start holds the lease as it was",
        file="lifecycle/execute.py",
        old="self.instance.mark_started(seen, resolve(step.start, self.operator.pace.now())[0])",
        new="self.instance.mark_started(seen, resolve(SameMoment(self.history.lease), self.operator.pace.now())[0])",
        test=f"{RUN}test_the_mark_around_a_start_holds_the_lease_that_the_start_sends[managed1]",
    ),
    Mutation(
        name="a repair that stops claims to have set auto-stop",
        file="lifecycle/execute.py",
        old="        if owed is Power.RUNNING:\n            self.operator.sight.accepted.add(owed.other)\n",
        new="        self.operator.sight.accepted.add(owed.other)\n",
        test=f"{TAKEN_OVER}test_what_an_interrupted_run_has_started_is_stopped_even_where_its_repair_fails[update]",
    ),
    Mutation(
        name="what has failed and can't be stopped is given up",
        file="lifecycle/execute.py",
        old="            if failed.observed.status not in STARTABLE or",
        new="            if failed.observed.status or",
        test=f"{FAILED}test_what_has_failed_and_cannot_be_stopped_is_started_first[ERROR]",
    ),
    Mutation(
        name="a stop that nobody answered counts as refused",
        file="lifecycle/operate.py",
        old="                if observed.status in FAILED and refused.kind in SAYS_NO:",
        new="                if observed.status in FAILED:",
        test=f"{FAILED}test_what_has_failed_is_never_started_because_a_stop_had_no_answer[Refusal.BUSY-Reason.FAILED_STATE]",
    ),
    Mutation(
        name="a repair doesn't start what takes no change before",
        file="lifecycle/execute.py",
        old="(power or self.goal.wanted or self.history.found) is not None",
        new="(power or self.goal.wanted) is not None",
        test=f"{TAKEN_OVER}test_what_failed_to_start_is_started_where_it_takes_no_change_before",
    ),
    Mutation(
        name="a repair without a plan leaves the notebook down",
        file="lifecycle/execute.py",
        old="        self.final = self.goal.wanted or owed\n",
        new="",
        test=f"{TAKEN_OVER}test_it_runs_again_even_where_no_plan_came_about[not managed-no way]",
    ),
    Mutation(
        name="nothing is restored after a failed PUT",
        file="lifecycle/run.py",
        old="    return await restore(rescue, execution.final, execution.sender(), hurried=hurried)",
        new="    return Restoration(None)",
        test=f"{FAILURES}test_a_refused_put_leaves_what_the_api_has",
    ),
    Mutation(
        name="an error after our stop is swallowed",
        file="lifecycle/run.py",
        old="        error = _error(problem, execution)",
        new="        error = None if execution.history.stops else _error(problem, execution)",
        test=f"{FAILURES}test_a_defect_in_the_adapter_does_not_leave_it_stopped",
    ),
    Mutation(
        name="a cancel ends the restoring, too",
        file="lifecycle/run.py",
        old="deadline=operator.pace.deadline(restore_timeout), cancel=Cancel.shield())",
        new="deadline=operator.pace.deadline(restore_timeout))",
        test=f"{FAILURES}test_cancel_does_not_wait_for_a_start_to_end",
    ),
    Mutation(
        name="a PUT carries more than the fields that it is for",
        file="lifecycle/changes.py",
        old="for name in names for key, value in self.fields[name].items()}",
        new="for name in self.fields for key, value in self.fields[name].items()}",
        test=f"{RUN}test_update_calls_exactly_this[wanted stopped, size]",
    ),
    Mutation(
        name="two PUTs where one would do",
        file="lifecycle/plan.py",
        old="        return [Update(changes.body(ordered), ordered, attributes(changes.table, ordered))] if ordered else []",
        new="        return [Update(changes.body((name,)), (name,)) for name in ordered]",
        test=f"{PLAN}test_steps[all in the one PUT]",
    ),
    Mutation(
        name="a stopped notebook is started after a rename",
        file="lifecycle/plan.py",
        old="        return self.goal.wanted or self.history.found or self.here",
        new="        return self.goal.wanted or self.history.found or Power.RUNNING",
        test=f"{RUN}test_update_calls_exactly_this[name of a stopped one]",
    ),
    Mutation(
        name="consent is not asked for",
        file="lifecycle/plan.py",
        old="        if restarts_for and not self.goal.policy.may_restart:",
        new="        if restarts_for and self.goal.policy is None:",
        test=f"{RUN}test_consent_is_checked_against_the_live_state",
    ),
    Mutation(
        name="a disk is asked to shrink",
        file="lifecycle/plan.py",
        old="size is not None and growth.size < size:",
        new="size is not None and growth.size < 0:",
        test=f"{RUN}test_a_disk_cannot_shrink_and_nothing_is_called",
    ),
    Mutation(
        name="our restart sends no lease",
        file="lifecycle/execute.py",
        old="        await self.instance.start(lease)",
        new="        await self.instance.start(None)",
        test=f"{RUN}test_restart_keeps_idle_and_disabled_auto_stop[observed0-sent0]",
    ),
    Mutation(
        name="a growth that has happened is sent again",
        file="lifecycle/execute.py",
        old="                del body[growth.key]",
        new="                body[growth.key] = observed.storage_size",
        test=f"{RUN}test_a_growth_that_happened_is_not_sent_again",
    ),
    Mutation(
        name="a busy notebook is not waited for",
        file="lifecycle/operate.py",
        old="    return observed.status not in TRANSITIONAL and not observed.storage_pending",
        new="    return True",
        test=f"{RUN}test_update_calls_exactly_this[as an image is saved]",
    ),
    Mutation(
        name="a refusal that may mean 'it is already so' is believed",
        file="lifecycle/operate.py",
        old="                return power_of(observed.status) is power\n",
        new="                return True\n",
        test=f"{RUN}test_busy_on_stop_while_an_image_is_saved",
    ),
    Mutation(
        name="a start that lacks capacity is not tried again",
        file="lifecycle/operate.py",
        old="            case Refusal.NO_CAPACITY if self.patient:",
        new="            case Refusal.NO_CAPACITY if not self.patient:",
        test=f"{RUN}test_capacity_is_waited_for",
    ),
    Mutation(
        name="a poll ends with the first bad answer",
        file="lifecycle/operate.py",
        old="frozenset({Refusal.UNREACHABLE, Refusal.BUSY, Refusal.NO_CAPACITY})\n",
        new="frozenset({Refusal.BUSY, Refusal.NO_CAPACITY})\n",
        test=f"{RUN}test_polls_survive_a_bad_network",
    ),
    Mutation(
        name="tags are forgotten",
        file="lifecycle/plan.py",
        old="        steps = _tags(self.changes)\n",
        new="        steps: list[Step] = []\n",
        test=f"{PLAN}test_tags_come_before_anything_that_disrupts",
    ),
    Mutation(
        name="6357 counts as gone",
        file="api/error_codes.py",
        old='    Code("6357", e.Busy,',
        new='    Code("6357", e.NotFound,',
        test="tests/api/test_api_errors.py::test_class_by_code_then_by_status[400-ModelArts.6357-Busy]",
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation_of_the_lifecycle_fails_its_test(mutation: Mutation, tmp_path: Path) -> None:
    assert_fails(mutation, tmp_path)


def test_lifecycle_tests_pass_unmutated(tmp_path: Path) -> None:
    assert_passes_unmutated(MUTATIONS, tmp_path)
