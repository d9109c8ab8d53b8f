"""Ctrl-C, timeouts and starts that fail: waits end, the power state comes back, the state file tells the truth."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import CPU_8U, Run, Workspace, binary, clean_environment

from modelarts_emulator.testing import Control, running_emulator

PATIENCE = 60.0


@pytest.fixture(scope="module")
def slow_emulator() -> Iterator[Control]:
    """Transitions that take a while: a stop or a start takes seconds."""
    with running_emulator(time_scale=0.04, lease_scale=1.0) as control:
        yield control


@pytest.fixture
def slow(tmp_path: Path, slow_emulator: Control) -> Iterator[Workspace]:
    slow_emulator.reset(rules="documented", quota=0)
    slow_emulator.clear_faults()
    slow_emulator.clear_requests()
    with served_provider() as value:
        yield Workspace(tmp_path, slow_emulator, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.emulator.clear_requests()


def wait_for(workspace: Workspace, operation: str) -> None:
    until = time.monotonic() + PATIENCE
    while operation not in workspace.calls():
        assert time.monotonic() < until, f"{operation} was never called: {workspace.calls()}"
        time.sleep(0.02)


def interrupted(workspace: Workspace, operation: str) -> Run:
    """An apply that gets one SIGINT as soon as the API has seen the operation."""
    command = [binary(), "apply", "-input=false", "-auto-approve", "-json"]
    process = subprocess.Popen(
        command,
        cwd=workspace.folder,
        env=workspace.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(workspace, operation)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    return workspace.read(process.returncode, out, err)


def settled(workspace: Workspace) -> str:
    until = time.monotonic() + PATIENCE
    while (status := str(workspace.there()["status"])) in ("STARTING", "STOPPING", "CREATING"):
        assert time.monotonic() < until, status
        time.sleep(0.05)
    return status


@pytest.mark.parametrize("moment", ["StopNotebook", "UpdateNotebook", "StartNotebook"])
def test_ctrl_c_in_an_update_leaves_a_running_notebook_running(slow: Workspace, moment: str) -> None:
    made(slow)
    slow.configure(flavor=CPU_8U)

    run = interrupted(slow, moment)

    assert run.code == 1
    assert settled(slow) == "RUNNING"
    assert slow.calls().count("StopNotebook") == 1
    state = slow.state()
    assert state is not None
    assert state["flavor"] == slow.there()["flavor"]
    rest = slow.plan()
    assert rest.actions == ([] if state["flavor"] == CPU_8U else ["update"])


def test_ctrl_c_in_a_create_keeps_the_instance_in_the_state(slow: Workspace) -> None:
    slow.configure()

    run = interrupted(slow, "CreateNotebook")

    assert run.code == 1
    assert "A stop was asked for" in run.error_text()
    assert "terraform untaint" in run.error_text()
    assert slow.is_tainted()
    state = slow.state()
    assert state is not None
    assert state["id"] == slow.emulator.notebooks()[0]["id"]
    assert slow.run("untaint", "modelarts_notebook.this", machine=False).code == 0
    assert settled(slow) == "RUNNING"
    slow.clean()


def test_ctrl_c_in_a_destroy_forgets_nothing(slow: Workspace) -> None:
    made(slow)
    slow.emulator.add_fault(operation="DeleteNotebook", status=400, error_code="ModelArts.6357", error_msg="b", count=0)
    slow.configure()
    process = subprocess.Popen(
        [binary(), "apply", "-destroy", "-input=false", "-auto-approve", "-json"],
        cwd=slow.folder,
        env=slow.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(slow, "DeleteNotebook")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()

    assert slow.read(process.returncode, out, err).code == 1
    assert slow.state() is not None


def test_a_create_that_takes_too_long_says_where_it_is(slow: Workspace) -> None:
    slow.configure(timeouts={"create": "1s"})

    run = slow.apply().failed()

    assert "did not run within 1 s (timeouts.create)" in run.error_text()
    assert "CREATING" in run.error_text()
    assert slow.is_tainted()


def test_an_update_that_takes_too_long_is_restored(slow: Workspace) -> None:
    made(slow)
    slow.configure(flavor=CPU_8U, timeouts={"update": "1s"})

    run = slow.apply().failed()

    assert "1 s" in run.error_text()
    assert settled(slow) == "RUNNING"
    state = slow.state()
    assert state is not None
    assert state["flavor"] == slow.there()["flavor"]


def test_a_start_that_fails_is_told_with_its_reason_and_tried_again_by_the_next_apply(workspace: Workspace) -> None:
    workspace.emulator.reset(rules="observed", quota=0)  # by the documented ones only a stopped instance can be started
    made(workspace)
    workspace.emulator.fail_next("start", "image is damaged")
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().failed()

    assert "START_FAILED" in run.error_text()
    assert "image is damaged" in run.error_text()
    state = workspace.state()
    assert state is not None
    assert (state["flavor"], state["status"], state["fail_reason"]) == (CPU_8U, "START_FAILED", "image is damaged")

    planned = workspace.plan().ok()
    workspace.apply().ok()

    assert "will be started" in planned.warning_text()
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 400, "error_code": "ModelArts.6792", "error_msg": "not switchable"},
        {"status": 500, "error_code": "ModelArts.6361", "error_msg": "internal", "count": 0},
        {"cut": "before", "count": 0},
    ],
    ids=["refused", "5xx", "cut"],
)
def test_whatever_fails_after_our_stop_it_runs_again(workspace: Workspace, fault: dict[str, Any]) -> None:
    workspace.provider_block["max_retries"] = 1
    made(workspace)
    workspace.emulator.add_fault(operation="UpdateNotebook", **fault)
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().failed()

    assert "started again" in run.error_text()
    assert workspace.there()["status"] == "RUNNING"
    workspace.emulator.clear_faults()
    assert workspace.plan().actions == ["update"]


def test_an_answer_lost_after_the_effect_is_no_failure(workspace: Workspace) -> None:
    made(workspace)
    for operation in ("StopNotebook", "UpdateNotebook", "StartNotebook"):
        workspace.emulator.add_fault(operation=operation, cut="after")
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()
