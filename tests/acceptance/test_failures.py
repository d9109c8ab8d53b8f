"""What a user is told when the API says no: code, request id, where things are now, what to do next. Nothing is lost."""

from __future__ import annotations

import pytest
from terraform_workspace import CPU_8U, Workspace

MISSING = "00000000-0000-4000-8000-000000000000"


def test_a_wrong_key(workspace: Workspace) -> None:
    workspace.provider_block["secret_key"] = "wrong-secret"
    workspace.configure()

    run = workspace.apply().failed()

    text = run.error_text()
    assert 'Unable to create notebook "nb"' in text
    assert "APIGW.0301" in text
    assert "request id" in text
    assert "Nothing was created" in text
    assert "wrong-secret" not in run.text
    assert workspace.state() is None


def test_an_unknown_project(workspace: Workspace) -> None:
    workspace.provider_block["project_id"] = "f" * 32
    workspace.configure()

    run = workspace.apply().failed()

    assert "ModelArts.0210" in run.error_text()
    assert "request id" in run.error_text()
    assert workspace.state() is None


@pytest.mark.parametrize("name", ["region", "access_key", "secret_key"])
def test_a_missing_setting_is_named_with_its_environment_variable(workspace: Workspace, name: str) -> None:
    workspace.provider_block[name] = None
    workspace.configure()

    run = workspace.plan().failed()

    assert f"{name} is missing" in run.error_text()
    assert "HW_" in run.error_text() or "Set both" in run.error_text()
    assert workspace.emulator.requests() == []


def test_a_flavor_that_does_not_exist(workspace: Workspace) -> None:
    workspace.configure(flavor="modelarts.vm.no.such")

    run = workspace.apply().failed()

    assert "ModelArts." in run.error_text()
    assert "Nothing was created" in run.error_text()
    assert workspace.state() is None


def test_a_notebook_that_fails_to_start_at_create_is_kept_tainted(workspace: Workspace) -> None:
    workspace.emulator.fail_next("create", "no node left in the pool")
    workspace.configure()

    run = workspace.apply().failed()

    text = run.error_text()
    assert "CREATE_FAILED" in text
    assert "no node left in the pool" in text
    assert "terraform untaint" in text
    assert workspace.is_tainted()
    state = workspace.state()
    assert state is not None
    assert (state["status"], state["fail_reason"]) == ("CREATE_FAILED", "no node left in the pool")


def test_a_failed_notebook_can_be_read_planned_and_destroyed(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.patch_notebook(workspace.id(), status="ERROR", fail_reason="disk on fire")

    workspace.clean()
    workspace.destroy().ok()

    assert workspace.emulator.notebooks() == []


def test_a_gone_notebook_leaves_the_state_and_is_created_again(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.drop_notebook(workspace.id())

    assert workspace.plan().ok().actions == ["create"]


@pytest.mark.parametrize(
    ("status", "code"), [(403, "ModelArts.0112"), (500, "ModelArts.0010"), (400, "ModelArts.6357")]
)
def test_a_notebook_that_cannot_be_read_stays_in_the_state(workspace: Workspace, status: int, code: str) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.provider_block["max_retries"] = 0
    workspace.configure()
    workspace.emulator.add_fault(operation="ShowNotebook", status=status, error_code=code, error_msg="no", count=0)

    run = workspace.plan().failed()

    assert code in run.error_text()
    assert "doesn't count as gone" in run.error_text()
    workspace.emulator.clear_faults()
    workspace.clean()


def test_a_refused_update_brings_the_notebook_back_and_keeps_the_truth(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.add_fault(
        operation="UpdateNotebook", status=400, error_code="ModelArts.6792", error_msg="flavor can not be switched"
    )
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().failed()

    assert 'Unable to update notebook "nb"' in run.error_text()
    assert "ModelArts.6792" in run.error_text()
    state = workspace.state()
    assert state is not None
    assert (state["flavor"], state["status"]) == ("modelarts.vm.cpu.2u", "RUNNING")
    assert workspace.there()["status"] == "RUNNING"
    workspace.emulator.clear_faults()
    assert workspace.plan().actions == ["update"]


def test_destroy_waits_for_a_busy_notebook_and_never_calls_it_gone(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.add_fault(
        operation="DeleteNotebook", status=400, error_code="ModelArts.6357", error_msg="busy", count=2
    )

    workspace.destroy().ok()

    assert workspace.calls()[-3:] == ["DeleteNotebook"] * 3
    assert workspace.emulator.notebooks() == []


def test_destroy_stops_first_where_the_service_asks_for_it(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    workspace.emulator.add_fault(
        operation="DeleteNotebook", status=400, error_code="ModelArts.6304", error_msg="stop it first"
    )

    workspace.destroy().ok()

    assert workspace.calls() == ["DeleteNotebook", "StopNotebook", "DeleteNotebook"]
    assert workspace.emulator.notebooks() == []


def test_a_failed_delete_is_told_with_its_reason_and_forgets_nothing(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.fail_next("delete", "volume is attached elsewhere")

    run = workspace.destroy().failed()

    assert "DELETE_FAILED" in run.error_text()
    assert "volume is attached elsewhere" in run.error_text()
    assert workspace.state() is not None


def test_import_by_id_then_a_clean_plan(workspace: Workspace) -> None:
    endpoints = {"SSH": {"key_pair_names": ["k"], "allowed_access_ips": ["8.8.8.8"]}}
    workspace.configure(description="x", endpoints=endpoints)
    workspace.apply().ok()
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()

    workspace.run("import", "modelarts_notebook.this", identifier, machine=False).ok()

    workspace.clean()
    state = workspace.state()
    assert state is not None
    assert (state["id"], state["hooks"], state["region"]) == (identifier, None, "cn-north-4")


@pytest.mark.parametrize(
    ("identifier", "message"),
    [("non sense", "is not the id of a notebook instance"), (MISSING, "ModelArts.6404")],
)
def test_import_of_what_is_not_there(workspace: Workspace, identifier: str, message: str) -> None:
    workspace.configure()

    run = workspace.run("import", "modelarts_notebook.this", identifier, machine=False)

    assert run.code == 1
    assert message in run.text.replace("\n", " ")


def test_hooks_after_an_import_are_announced(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.run("import", "modelarts_notebook.this", identifier, machine=False)
    workspace.configure(hooks={"pre_start": {"script": "/home/ma-user/work/x.sh"}})

    run = workspace.plan().ok()

    assert "can't be read" in run.warning_text()
    workspace.apply().ok()
    workspace.clean()
