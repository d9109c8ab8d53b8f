"""The power contract through Terraform: the state found is kept, a set one is enforced, and nobody is surprised."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import CPU_8U, Workspace

RULES = pytest.mark.parametrize("rules", ["documented", "observed"])


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def use(workspace: Workspace, rules: str) -> None:
    workspace.emulator.reset(rules=rules, quota=0)


def test_create_it_stopped(workspace: Workspace) -> None:
    workspace.configure(desired_status="STOPPED")

    workspace.apply().ok()

    assert workspace.calls() == ["CreateNotebook", "StopNotebook"]
    assert workspace.there()["status"] == "STOPPED"
    workspace.clean()


def test_a_wanted_state_is_enforced_when_it_drifts(workspace: Workspace) -> None:
    made(workspace, desired_status="RUNNING")
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")

    planned = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert planned.actions == ["update"]
    assert workspace.calls() == ["StartNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


def test_stopping_by_configuration_warns_and_stops_once(workspace: Workspace) -> None:
    made(workspace, desired_status="RUNNING")
    workspace.configure(desired_status="STOPPED", flavor=CPU_8U, allow_stopping_for_update=False)

    run = workspace.apply().ok()

    assert 'Notebook "nb" will be stopped' in run.warning_text()
    assert workspace.calls() == ["StopNotebook", "UpdateNotebook"]
    assert workspace.there()["status"] == "STOPPED"
    workspace.clean()


def test_unset_keeps_whatever_is_found(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")
    workspace.clean()

    workspace.configure(flavor=CPU_8U)
    workspace.apply().ok()

    assert workspace.calls() == ["UpdateNotebook"]
    assert workspace.there()["status"] == "STOPPED"


def test_a_stop_that_the_plan_could_not_tell_of_is_told_afterwards(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")
    workspace.configure(flavor=CPU_8U)
    plan = workspace.folder / "plan"
    assert "stopped" not in workspace.plan(f"-out={plan}").ok().warning_text()
    workspace.emulator.patch_notebook(workspace.id(), status="RUNNING")

    run = workspace.run("apply", "-input=false", str(plan)).ok()

    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert "was stopped and started again" in run.warning_text()
    assert "It was STOPPED when this was planned" in run.warning_text()


def test_starting_comes_after_the_update(workspace: Workspace) -> None:
    made(workspace, desired_status="STOPPED")
    workspace.configure(desired_status="RUNNING", flavor=CPU_8U)

    workspace.apply().ok()

    assert workspace.calls() == ["UpdateNotebook", "StartNotebook"]
    workspace.clean()


def test_taking_desired_status_out_changes_nothing(workspace: Workspace) -> None:
    made(workspace, desired_status="STOPPED")
    workspace.configure()

    workspace.apply().ok()

    assert workspace.calls() == []
    assert workspace.there()["status"] == "STOPPED"
    workspace.clean()


@RULES
@pytest.mark.parametrize("change", [{"name": "renamed"}, {"description": "new"}], ids=str)
def test_gentle_changes_disturb_as_little_as_the_rules_allow(
    workspace: Workspace, rules: str, change: dict[str, Any]
) -> None:
    use(workspace, rules)
    made(workspace)
    workspace.configure(**change)

    run = workspace.apply().ok()

    assert "may be stopped" in run.warning_text()
    if rules == "observed":
        assert workspace.calls() == ["UpdateNotebook"]
    else:
        assert workspace.calls() == ["UpdateNotebook", "StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@RULES
def test_a_running_disk_grows_without_a_stop(workspace: Workspace, rules: str) -> None:
    use(workspace, rules)
    made(workspace)
    workspace.configure(storage={"size": 50})

    workspace.apply().ok()

    assert workspace.calls() == ["UpdateNotebook"]
    assert workspace.there()["volume"]["capacity"] == 50
    workspace.clean()


@RULES
def test_a_stopped_disk_grows_and_the_notebook_stays_stopped(workspace: Workspace, rules: str) -> None:
    use(workspace, rules)
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")
    workspace.configure(storage={"size": 50})

    run = workspace.apply().ok()

    expected = ["UpdateNotebook"]
    if rules == "observed":  # grows only while it runs: started for it and stopped again
        expected = ["UpdateNotebook", "StartNotebook", "UpdateNotebook", "StopNotebook"]
    assert "may be started and stopped again" in run.warning_text()
    assert workspace.calls() == expected
    assert (workspace.there()["volume"]["capacity"], workspace.there()["status"]) == (50, "STOPPED")
    workspace.clean()


@RULES
def test_at_most_one_stop_and_one_start_whatever_changes(workspace: Workspace, rules: str) -> None:
    use(workspace, rules)
    made(workspace)
    workspace.configure(
        name="x",
        description="y",
        flavor=CPU_8U,
        storage={"size": 30},
        tags={"a": "b"},
        auto_stop={"duration": "3h"},
        endpoints={"SSH": {"key_pair_names": ["k"]}},
    )

    workspace.apply().ok()

    assert workspace.calls().count("StopNotebook") == 1
    assert workspace.calls().count("StartNotebook") == 1
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@pytest.mark.parametrize("where", ["resource", "provider"])
def test_consent_refused_fails_the_plan_with_the_ways_out(workspace: Workspace, where: str) -> None:
    made(workspace)
    if where == "provider":
        workspace.provider_block["allow_stopping_for_update"] = False
        workspace.configure(flavor=CPU_8U)
    else:
        workspace.configure(flavor=CPU_8U, allow_stopping_for_update=False)

    run = workspace.plan().failed()

    text = run.error_text()
    assert 'Updating notebook "nb" needs a stop that is not allowed' in text
    assert "flavor" in text
    assert "allow_stopping_for_update = true" in text
    assert 'desired_status = "STOPPED"' in text
    assert workspace.calls() == []


def test_the_resource_overrides_the_providers_refusal(workspace: Workspace) -> None:
    workspace.provider_block["allow_stopping_for_update"] = False
    made(workspace)
    workspace.configure(flavor=CPU_8U, allow_stopping_for_update=True)

    workspace.apply().ok()

    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]


def test_without_consent_a_stopped_notebook_is_not_started_for_its_disk(workspace: Workspace) -> None:
    use(workspace, "observed")
    made(workspace, allow_stopping_for_update=False)
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")
    workspace.configure(storage={"size": 50}, allow_stopping_for_update=False)

    text = workspace.apply().failed().error_text()

    assert "starting the notebook and stopping it again, which is not allowed" in text
    assert "Set allow_stopping_for_update = true" in text
    assert "Stop the instance" not in text, "the code's own advice is the contrary of what would help"
    assert workspace.calls() == ["UpdateNotebook"]
    assert workspace.there()["status"] == "STOPPED"


def test_without_consent_a_gentle_change_is_tried_and_never_stops(workspace: Workspace) -> None:
    made(workspace, allow_stopping_for_update=False)
    workspace.configure(name="renamed", allow_stopping_for_update=False)

    workspace.plan().ok()
    run = workspace.apply().failed()  # the documented rules refuse it while it runs

    assert "allow_stopping_for_update" in run.error_text()
    assert workspace.calls() == ["UpdateNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    assert workspace.plan().actions == ["update"]


@pytest.mark.parametrize("attempt", ["destroy", "replace"])
def test_deletion_protection_fails_at_plan_before_any_call(workspace: Workspace, attempt: str) -> None:
    made(workspace, deletion_protection=True)

    if attempt == "destroy":
        run = workspace.destroy().failed()
    else:
        workspace.configure(deletion_protection=True, workspace_id="abcdef0123456789abcdef0123456789")
        run = workspace.plan().failed()

    assert 'Notebook "nb" is protected against deletion' in run.error_text()
    assert "set deletion_protection = false, apply that" in run.error_text()
    assert workspace.calls() == []


def test_protection_taken_back_lets_it_go(workspace: Workspace) -> None:
    made(workspace, deletion_protection=True)
    made(workspace, deletion_protection=False)

    workspace.destroy().ok()

    assert workspace.emulator.notebooks() == []


def test_no_capacity_at_our_start_is_tried_again(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.add_fault(
        operation="StartNotebook", status=400, error_code="ModelArts.6360", error_msg="no capacity", count=2
    )
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", *["StartNotebook"] * 3]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()
