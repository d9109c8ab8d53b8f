"""Mutations of create, delete and read, each with the test that must fail with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutation_run import Mutation, assert_fails, assert_passes_unmutated

OBTAIN = "tests/resources/notebook/test_notebook_obtain.py::"
DELETION = "tests/resources/notebook/test_notebook_deletion.py::"

MUTATIONS = (
    Mutation(
        name="what a state has is taken for what was just made",
        file="resources/notebook/service/interruption.py",
        old="    return _value(api) is not None and adopter_of(api) is None",
        new="    return not api",
        test=f"{OBTAIN}test_what_is_listed_late_and_is_somebody_elses_is_not_taken[signed: a state has it]",
    ),
    Mutation(
        name="a tag that is set while a create waits is not seen",
        file="resources/notebook/apply/unmanaged.py",
        old="        if is_managed(seen.api):\n            self.claims.ids.add(identifier)",
        new="        if not seen.api:\n            self.claims.ids.add(identifier)",
        test="tests/resources/notebook/test_notebook_parallel_creates.py::test_what_another_run_finishes_is_no_reason_not_to_create[None-it is made, and tagged]",
    ),
    Mutation(
        name="a stop amid the search says that nothing was created",
        file="resources/notebook/apply/create_once.py",
        old="        except (DeadlineExceeded, CancelledByUser):",
        new="        except DeadlineExceeded:",
        test=f"{OBTAIN}test_a_stop_while_a_lost_instance_is_looked_for_does_not_say_that_there_is_none",
    ),
    Mutation(
        name="creates of one likeness don't take turns",
        file="resources/notebook/apply/create_once.py",
        old="        async with self.claims.turn(self.likeness):\n            before",
        new="        if self.likeness:\n            before",
        test=f"{OBTAIN}test_creates_of_one_likeness_take_turns",
    ),
    Mutation(
        name="an accepted deletion counts as done",
        file="resources/notebook/apply/delete.py",
        old="        await operator.wait_until(_failed_or_not_yet(operator.pace.stale))\n",
        new="        return True\n",
        test=f"{DELETION}test_what_stays_is_told_and_never_forgotten[accepted, and nothing happens]",
    ),
    Mutation(
        name="what may not be read counts as gone",
        file="resources/notebook/service/instance.py",
        old="    (errors.Busy, Refusal.BUSY),",
        new="    (errors.Forbidden, Refusal.GONE),\n    (errors.Busy, Refusal.BUSY),",
        test=f"{DELETION}test_what_stays_is_told_and_never_forgotten[may not be looked at any more]",
    ),
)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_mutation_that_loses_things_fails_its_test(mutation: Mutation, tmp_path: Path) -> None:
    assert_fails(mutation, tmp_path)


def test_nothing_lost_tests_pass_unmutated(tmp_path: Path) -> None:
    assert_passes_unmutated(MUTATIONS, tmp_path)
