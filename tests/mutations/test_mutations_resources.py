"""Mutations between Terraform and the API, each with the test that must fail with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation_run import Mutation, assert_fails, assert_passes_unmutated

ACCEPTANCE = "tests/acceptance/"
TO_8 = f"{ACCEPTANCE}test_peer_defects_01_to_08.py::test_peer_defect_"
TO_14 = f"{ACCEPTANCE}test_peer_defects_09_to_14.py::test_peer_defect_"

MUTATIONS = (
    Mutation(
        name="a read doesn't remember the lease that the state stands for",
        file="resources/notebook/schema/auto_stop.py",
        old="    return private | {MEMORY: raw_lease(api)}",
        new="    return private",
        test="tests/resources/notebook/test_notebook_memorized.py::test_a_read_remembers_the_lease_that_the_state_stands_for",
    ),
    Mutation(
        name="a blocked destroy doesn't name the way to it",
        file="resources/common/diagnostics.py",
        old='replace(each, detail=f"{each.detail} {TO_DESTROY}")',
        new="each",
        test=f"{ACCEPTANCE}test_failed_states.py::"
        "test_a_plan_error_that_blocks_a_destroy_names_the_way_to_it[no consent-destroy]",
    ),
    Mutation(
        name="the provider's project counts in every region",
        file="resources/common/session.py",
        old="        if project_id in (None, UNKNOWN) and region == self.block.region:",
        new="        if project_id in (None, UNKNOWN):",
        test=f"{ACCEPTANCE}test_locations.py::test_a_resource_of_another_region_is_in_that_regions_project",
    ),
    Mutation(
        name="a refused deletion counts as done",
        file="resources/notebook/apply/delete.py",
        old="            elif refused.kind not in (Refusal.BUSY, Refusal.UNREACHABLE):",
        new="            elif refused.kind is Refusal.BUSY:\n                raise Refused(Refusal.GONE)\n            else:",
        test=f"{TO_8}01_a_destroy_refused_as_busy_forgets_nothing[documented]",
    ),
    Mutation(
        name="the image is sent with every flavor",
        file="resources/notebook/service/conversion.py",
        old='    if "image_id" in fields:',
        new='    if "image_id" in fields or "flavor" in fields:',
        test=f"{TO_14}19_only_what_changes_is_sent[flavor-RUNNING-documented]",
    ),
    Mutation(
        name="only the first key pair is sent",
        file="resources/notebook/service/conversion.py",
        old="                entry[name] = list(wanted[name] or [])",
        new="                entry[name] = list(wanted[name] or [])[:1]",
        test=f"{TO_14}10_no_update_drops_the_second_key_pair[addresses-documented]",
    ),
    Mutation(
        name="the entry that the service lists by itself is kept in the state",
        file="resources/notebook/service/conversion.py",
        old='        and (entry["service"] != SERVED_ANYWAY or SERVED_ANYWAY in had or entry.get("allowed_access_ips"))\n',
        new="",
        test=f"{ACCEPTANCE}test_state_rules.py::test_the_entry_that_the_service_lists_by_itself_stays_out_of_the_state",
    ),
    Mutation(
        name="a notebook that somebody started later is stopped for a killed update",
        file="resources/notebook/service/interruption.py",
        old="return set_at is not None and abs(set_at - self.moment) <= self.within",
        new="return set_at is not None",
        test="tests/resources/notebook/test_notebook_mark.py::"
        "test_a_mark_left_before_a_start_counts_while_that_start_is_in_force[started by somebody later]",
    ),
    Mutation(
        name="a killed update is repaired by a stop that nobody has consented to",
        file="resources/notebook/plan/power.py",
        old="if desired != Power.RUNNING.value and policy.may_restart:",
        new="if desired != Power.RUNNING.value:",
        test="tests/resources/notebook/test_notebook_repair.py::"
        "test_a_repair_is_planned_whether_the_configuration_has_changed_or_not[notes-up, without consent]",
    ),
    Mutation(
        name="a stop for the update isn't told beside a repair",
        file="resources/notebook/plan/rules.py",
        old="    if owed is None:\n        tell_of_power(",
        new="    if owed is not None:\n        tell_of_power(",
        test="tests/resources/notebook/test_notebook_repair.py::test_a_stop_for_the_update_is_told_beside_the_repair"
        "[remove-True-told0]",
    ),
    Mutation(
        name="our own mark shows in the tags",
        file="resources/common/tags.py",
        old="    return key == MARK or key.startswith(SYSTEM)",
        new="    return key.startswith(SYSTEM)",
        test=f"{TO_14}14_the_mark_of_our_own_updates_is_nobodys_tag",
    ),
    Mutation(
        name="dropped tags stay on the notebook",
        file="resources/common/tags.py",
        old="    return add, tuple(sorted(key for key in old if key not in new and not is_hidden(key)))",
        new="    return add, ()",
        test=f"{TO_14}14_dropped_tags_are_removed[absent-documented]",
    ),
    Mutation(
        name="a smaller disk passes the plan",
        file="resources/notebook/plan/rules.py",
        old="or after is UNKNOWN or after >= before:",
        new="or after is UNKNOWN or after >= 0:",
        test=f"{TO_14}12_a_smaller_disk_fails_the_plan[RUNNING-documented]",
    ),
    Mutation(
        name="deletion protection protects from nothing",
        file="resources/notebook/plan/protection.py",
        old="    return provider.value if own is None else own",
        new="    return False",
        test=f"{ACCEPTANCE}test_power.py::test_deletion_protection_fails_at_plan_before_any_call[destroy]",
    ),
    Mutation(
        name="an update plans the image as it was",
        file="lifecycle/fields.py",
        old='alters=(*_UPDATED, "image"),',
        new="alters=_UPDATED,",
        test="tests/resources/notebook/test_notebook_unknown.py::test_what_a_change_leaves_open[image]",
    ),
    Mutation(
        name="the state is the plan's, not the service's",
        file="resources/notebook/apply/update.py",
        old="        answer.state = to_state(without_strays(api, prior, planned), _before(prior, planned), as_asked)\n",
        new='        answer.state = to_state(api, _before(prior, planned), as_asked) | {"endpoints": planned["endpoints"]}\n',
        test=f"{ACCEPTANCE}test_update_scenario.py::test_a_removal_that_the_service_ignores_is_an_error_after_the_read",
    ),
    Mutation(
        name="after a failure the state is the plan's",
        file="resources/notebook/apply/update.py",
        old="    answer.state = to_state(api, _sent(prior, planned, outcome.applied), reading)",
        new="    answer.state = {**to_state(api, _sent(prior, planned, outcome.applied), reading), "
        '"flavor": planned["flavor"]}',
        test=f"{TO_8}06_after_a_failure_the_state_holds_what_is_there[documented]",
    ),
    Mutation(
        name="a create switches auto-stop off unasked",
        file="resources/notebook/schema/auto_stop.py",
        old="    if lease is None:\n        return {}",
        new='    if lease is None:\n        return {"duration": -1}',
        test=f"{ACCEPTANCE}test_auto_stop.py::test_unset_sends_nothing",
    ),
    Mutation(
        name="addresses are changed by a restart at once",
        file="lifecycle/fields.py",
        old='        attribute="endpoints[*].allowed_access_ips",\n        call=UpdateCall.PUT,\n        body_key="endpoints",\n'
        "        when=_GENTLE,",
        new='        attribute="endpoints[*].allowed_access_ips",\n        call=UpdateCall.PUT,\n        body_key="endpoints",\n'
        "        when=_ONLY_STOPPED,",
        test=f"{TO_14}11_addresses_change_without_a_stop_where_the_service_allows_it[observed]",
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation_of_the_resource_fails_its_test(mutation: Mutation, tmp_path: Path) -> None:
    assert_fails(mutation, tmp_path)


def test_resource_tests_pass_unmutated(tmp_path: Path) -> None:
    assert_passes_unmutated(MUTATIONS, tmp_path)
