"""The traps of the CDK library, each with what becomes of it here and the tests that hold that. Printed in the summary."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
ERROR, WORKS, CANNOT = "an error that says what to write", "works as meant", "can't be written"

TRAPS = [
    # ids
    ("ids that become the same id, or none (spaces, dots)", ERROR, "l1_traps.ids_that_would_collide_are_refused"),
    ("ids that aren't ASCII", ERROR, "l2_traps.ids_that_collide_or_vanish"),
    ('the id "Default", which addresses leave out', ERROR, "l2_traps.hidden_id_below_a_resource_would_take_its_address"),
    ("an id that is there already", ERROR, "l1_unknowns.an_id_that_is_there"),
    # text
    ("${ and %{ in scripts and other text", WORKS, "l2_traps.interpolation_in_scripts_and_text_is_the_shells"),
    ("tokens inside an encoded command", WORKS, "hooks_in_terraform.terraform_reads_what_was_meant"),
    ("a number token after - + . or a digit", ERROR, "l2_traps.number_token_in_an_f_string_where_it_would_be_overlooked"),
    ("the same, with a number of ours", WORKS, "l2_traps.our_own_numbers_are_text_in_text"),
    ("a list, a map or an object token inside text", ERROR, "l1_traps.other_tokens_printed_into_text_are_refused"),
    ("a boolean of ours inside text", WORKS, "l1_unknowns.they_are_handed_on_as_the_expressions_that_they_are"),
    ("the same in an encoded command", ERROR, "l2_traps.what_would_be_encoded_as_it_stands"),
    ("a token that was cut or changed (.upper(), [:8])", ERROR, "l2_traps.token_that_was_cut_or_changed"),
    # questions to tokens
    ("reckoning with a number (n + 1 loses the 1)", ERROR, "l2_traps.reckoning_with_our_own_numbers_says_what_to_write"),
    ("deciding by a boolean, which is always true", ERROR, "l1_unknowns.questions_that_python_cannot_answer"),
    ("an element of a list, a member of a map", ERROR, "l1_unknowns.questions_that_python_cannot_answer"),
    ("the length of a list, == with it, more elements beside it", ERROR, "l1_unknowns.questions_that_python_cannot_answer"),
    ("== with a number, a truth, a map or a reference", ERROR, "l1_unknowns.questions_that_python_cannot_answer"),
    ("a whole object or map as an output, an argument of a function, another's input", WORKS, "l1_whole.handed_on_to_the_library"),
    ("a whole object, list or map in an f-string", ERROR, "l1_unknowns.questions_that_python_cannot_answer"),
    ("going through a reference, for ever", ERROR, "l1_unknowns.questions_that_python_cannot_answer"),
    ("what those errors say to write", WORKS, "l1_unknowns.what_the_errors_say_to_write_works"),
    ("list token + [...], {**map_token}", ERROR, "l2_traps.list_and_map_tokens_put_together_with_others"),
    # values
    ("None in a list, which is dropped", ERROR, "l2_traps.null_in_a_list"),
    ("None in a list of the L1", ERROR, "l1_traps.values_that_would_be_lost_are_refused"),
    ("tuple, set, Enum, Decimal, dataclass, model, path", WORKS, "l1_traps.values_become_plain"),
    ("bytes, datetime, NaN, integers beyond 2**53", ERROR, "l1_traps.values_that_would_be_lost_are_refused"),
    ("a construct in the place of its value", ERROR, "l1_traps.construct_in_the_place_of_its_value_is_refused"),
    ("a list override that piles up at each synthesis", CANNOT, "l1_native.overrides_do_not_pile_up"),
    ("an answer to synthesis that changes", CANNOT, "l1_traps.synthesis_asks_more_than_once_and_gets_the_same"),
    # metadata arguments
    ("replace_triggered_by=[resource]", WORKS, "l2_traps.replace_triggered_by_a_notebook"),
    ("replace_triggered_by=[token]", ERROR, "l1_traps.replace_triggered_by_a_token_is_refused"),
    ("depends_on=[text]", ERROR, "l1_traps.depends_on_text_is_refused"),
    ("metadata arguments of other kinds (count='2', a list for for_each)", ERROR, "l1_traps.metadata_of_another_kind"),
    ("count together with for_each", ERROR, "l1_traps.count_together_with_for_each_is_refused"),
    ("a reference into many instances (count, for_each)", ERROR, "l2_traps.reference_into_many_instances"),
    ("a wrong name in ignore_changes", ERROR, "l1_ignored.names_that_there_are_not"),
    ("a count of -1, 1.5 or True", ERROR, "l1_traps.metadata_of_another_kind"),
    ("a lifecycle in JavaScript's spelling", ERROR, "l2_traps.lifecycle_in_another_spelling"),
    ("an argument that there isn't", ERROR, "l1_resource.unknown_argument_is_named"),
    ("a new logical id after it was used, lost silently", ERROR, "l1_traps.a_new_logical_id_after_it_was_used"),
    # names, provider, process
    ("an attribute named as a member of the library", CANNOT, "constructs_package.reserved_names_are_the_members_that_there_are"),
    ("keys of a provider's maps, rewritten (CostCenter)", WORKS, "l1_provider.keys_of_maps_survive_exactly"),
    ("a provider's alias, which the library ignores", WORKS, "l1_provider.alias"),
    ("a stack without the provider", ERROR, "l1_resource.a_stack_without_the_provider_fails_at_synth"),
    ("an exception inside synthesis, its type and place lost", CANNOT, "synth_cost.a_notebook_is_one_message_and_asks_nothing_back"),
    ("error annotations that a synthesis for tests ignores", WORKS, "constructs_testing.what_fails_synth_fails_here"),
    ("folders for temporary files that stay", CANNOT, "constructs_testing.nothing_is_left_when_the_process_has_ended"),
    ("two threads", ERROR, "l2_traps.two_threads_at_once"),
    ("a forked process", ERROR, "l2_traps.forked_process"),
    ("no Node, an AttributeError without a cause", ERROR, "constructs_package.node"),
    ("a folder constructs/ that hides the package", CANNOT, "constructs_package.the_folder_is_no_package_and_the_library_is_the_installed_one"),
]  # fmt: skip


@pytest.mark.parametrize(("trap", "here", "test"), TRAPS, ids=[trap for trap, *_ in TRAPS])
def test_a_test_holds_it(trap, here, test, record_property):
    module, _, name = test.partition(".")
    tree = ast.parse((FOLDER / f"test_{module}.py").read_text(encoding="utf-8"))
    assert f"test_{name}" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    record_property("table: traps of the CDK library", [trap, here, test])


def test_no_trap_stands_there_twice():
    assert len({trap for trap, *_ in TRAPS}) == len(TRAPS)
