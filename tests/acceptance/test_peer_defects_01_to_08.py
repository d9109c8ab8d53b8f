"""Defects 1 to 8 that a survey found in another provider's notebook resource: what is lost, started, left down or untrue.

Each scenario says what that provider does, and holds the calls that the API saw and the state against what ours promises.
"""

from __future__ import annotations

from typing import Any

import pytest
from peer_defects_meanwhile import Until, meanwhile
from terraform_workspace import CPU_2U, CPU_8U, OTHER_IMAGE, Workspace

HOUR = 3_600_000
RULES = pytest.mark.parametrize("rules", ["documented", "observed"])
KEYS = {"SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8"]}}
MORE_ADDRESSES = {"SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8", "9.9.9.9"]}}


def made(workspace: Workspace, rules: str = "documented", **attributes: Any) -> None:
    workspace.emulator.reset(rules=rules, quota=0)
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def stop_outside(workspace: Workspace) -> None:
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")


def refuse(workspace: Workspace, operation: str, code: str, count: int = 1, **more: Any) -> None:
    workspace.emulator.add_fault(
        operation=operation, status=400, error_code=f"ModelArts.{code}", error_msg="refused", count=count, **more
    )


def known(workspace: Workspace) -> dict[str, Any]:
    """What Terraform's state holds, without a refresh."""
    state = workspace.state()
    assert state is not None
    return state


@RULES
def test_peer_defect_01_a_destroy_refused_as_busy_forgets_nothing(workspace: Workspace, rules: str) -> None:
    """The peer reads 6357 ("another operation is running") at DELETE as "gone": the notebook lives on and bills."""
    made(workspace, rules, timeouts={"delete": "1s"})
    refuse(workspace, "DeleteNotebook", "6357", count=0)

    run = workspace.destroy().failed()

    assert "was not gone within 1 s (timeouts.delete)" in run.error_text()
    assert "stays in the state" in run.error_text()
    assert set(workspace.calls()) == {"DeleteNotebook"}
    assert known(workspace)["id"] == workspace.there()["id"]

    workspace.emulator.clear_faults()
    workspace.destroy().ok()
    assert workspace.emulator.notebooks() == []
    assert workspace.state() is None


@RULES
def test_peer_defect_01_a_destroy_refused_as_busy_is_sent_again(workspace: Workspace, rules: str) -> None:
    """The peer reports "Destroy complete!" after the first refusal."""
    made(workspace, rules)
    refuse(workspace, "DeleteNotebook", "6357", count=2)

    workspace.destroy().ok()

    assert workspace.calls() == ["DeleteNotebook"] * 3
    assert workspace.emulator.notebooks() == []


@RULES
@pytest.mark.parametrize(
    "change",
    [
        {"name": "renamed"},
        {"description": "new"},
        {"storage": {"size": 50}},
        {"flavor": CPU_8U},
        {"image_id": OTHER_IMAGE},
        {"endpoints": MORE_ADDRESSES},
        {"name": "renamed", "flavor": CPU_8U, "endpoints": MORE_ADDRESSES},
    ],
    ids=" ".join,
)
def test_peer_defect_02_a_stopped_notebook_stays_stopped(
    workspace: Workspace, rules: str, change: dict[str, Any]
) -> None:
    """The peer starts a stopped notebook to rename, re-describe or grow it, and always ends with it running."""
    made(workspace, rules, endpoints=KEYS)
    stop_outside(workspace)
    workspace.configure(**{"endpoints": KEYS, **change})

    workspace.apply().ok()

    expected = ["UpdateNotebook"]
    if rules == "observed" and "storage" in change:  # a disk that grows only while it runs, and is stopped again
        expected = ["UpdateNotebook", "StartNotebook", "UpdateNotebook", "StopNotebook"]
    assert workspace.calls() == expected
    assert workspace.there()["status"] == known(workspace)["status"] == "STOPPED"
    workspace.clean()


@RULES
@pytest.mark.parametrize(
    ("lease", "start"),
    [
        ({"duration": 3 * HOUR, "type": "IDLE"}, {"duration": str(3 * HOUR), "type": "IDLE"}),
        ({"duration": -1}, {"duration": "-1"}),
    ],
    ids=["idle", "off"],
)
def test_peer_defect_03_auto_stop_of_the_console_survives_an_update(
    workspace: Workspace, rules: str, lease: dict[str, Any], start: dict[str, str]
) -> None:
    """The peer creates and starts with ``duration=-1``: a lease that somebody set is gone after the next update."""
    made(workspace, rules)
    workspace.emulator.patch_notebook(workspace.id(), lease=lease)
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    starts = [r["query"] for r in workspace.emulator.requests(operation="StartNotebook")]
    assert starts == [start]
    assert workspace.there()["lease"]["enable"] is (lease["duration"] > 0)
    workspace.clean()


def test_peer_defect_03_auto_stop_is_neither_sent_unasked_nor_hidden(workspace: Workspace) -> None:
    """The peer sends ``duration=-1`` at every create, and shows the lease read-only: no plan ever mentions it."""
    workspace.configure()
    workspace.apply().ok()
    (created,) = workspace.emulator.requests(operation="CreateNotebook")
    assert not {"duration", "lease"} & set(created["body"])
    workspace.configure(auto_stop={"duration": "4h"})
    workspace.apply().ok()
    workspace.emulator.patch_notebook(workspace.id(), lease={"duration": -1})
    workspace.emulator.clear_requests()

    assert workspace.plan().ok().actions == ["update"]
    workspace.apply().ok()

    assert workspace.calls() == ["RenewLease"]
    assert workspace.there()["lease"]["enable"] is True
    workspace.clean()


@pytest.mark.parametrize(
    ("trouble", "max_retries"),
    [
        ({"status": 502}, None),
        ({"status": 502}, 0),
        ({"status": 503}, 0),
        ({"status": 429}, 0),
        ({"cut": "before"}, 0),
        ({"cut": "after"}, 0),
    ],
    ids=str,
)
def test_peer_defect_04_a_bad_moment_of_the_network_taints_nothing(
    workspace: Workspace, trouble: dict[str, Any], max_retries: int | None
) -> None:
    """With the peer a single 502 while it polls taints the new notebook; the next apply destroys it with its disk."""
    workspace.provider_block["max_retries"] = max_retries
    workspace.emulator.add_fault(operation="ShowNotebook", count=2, **trouble)
    workspace.configure()

    workspace.apply().ok()

    assert not workspace.is_tainted()
    assert workspace.calls() == ["CreateNotebook"]
    assert workspace.there()["id"] == workspace.id()
    workspace.clean()


@RULES
def test_peer_defect_05_a_refused_update_brings_the_notebook_back(workspace: Workspace, rules: str) -> None:
    """With the peer a failed PUT leaves the notebook stopped, nothing says so, and the next plan has no changes."""
    made(workspace, rules)
    refuse(workspace, "UpdateNotebook", "6792")
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().failed()

    assert "ModelArts.6792" in run.error_text()
    assert "The notebook was started again. It is RUNNING." in run.error_text()
    assert run.error_text().count("400 ModelArts.6792") == 1
    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.there()["status"] == known(workspace)["status"] == "RUNNING"
    assert workspace.plan().ok().actions == ["update"]


@pytest.mark.parametrize("trouble", [{"status": 500}, {"cut": "before"}, {"cut": "after"}], ids=str)
def test_peer_defect_05_an_update_without_an_answer_ends_running(workspace: Workspace, trouble: dict[str, Any]) -> None:
    """As above, where nobody knows whether the PUT happened: it is sent again, and the notebook started."""
    made(workspace)
    workspace.emulator.add_fault(operation="UpdateNotebook", **trouble)
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


def test_peer_defect_05_a_failed_restart_is_said_shown_and_mended(workspace: Workspace) -> None:
    """With the peer a failed restart leaves the notebook down, and the next plan says "No changes"."""
    made(workspace, desired_status="RUNNING")
    refuse(workspace, "StartNotebook", "6328", count=0)
    workspace.configure(desired_status="RUNNING", flavor=CPU_8U)

    run = workspace.apply().failed()

    assert "ModelArts.6328" in run.error_text()
    assert "The notebook could not be started again. It is STOPPED." in run.error_text()
    assert (known(workspace)["status"], known(workspace)["flavor"]) == ("STOPPED", CPU_8U)
    workspace.emulator.clear_faults()
    workspace.emulator.clear_requests()
    assert workspace.plan().ok().actions == ["update"]
    workspace.apply().ok()
    assert workspace.calls() == ["StartNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@pytest.mark.parametrize("code", ["6328", "6326"], ids=["no permission", "frozen account"])
def test_peer_defect_05_a_failed_restart_is_mended_though_nobody_manages_the_power_state(
    workspace: Workspace, code: str
) -> None:
    """As above, where ``desired_status`` isn't set: it ran before our update, so it has to run after it."""
    made(workspace)
    refuse(workspace, "StartNotebook", code, count=0)
    workspace.configure(flavor=CPU_8U)
    workspace.apply().failed()
    assert (known(workspace)["status"], known(workspace)["flavor"]) == ("STOPPED", CPU_8U)
    workspace.emulator.clear_faults()
    workspace.emulator.clear_requests()

    run = workspace.plan().ok()
    workspace.apply().ok()

    assert run.actions == ["update"]
    assert workspace.calls() == ["StartNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


def test_peer_defect_05_a_start_that_fails_tells_the_services_reason(workspace: Workspace) -> None:
    """The peer says that a status was unexpected, and nothing of why."""
    made(workspace)
    workspace.emulator.fail_next("start", "the node broke down", notebook_id=workspace.id())
    workspace.configure(flavor=CPU_8U)

    run = workspace.apply().failed()

    assert "START_FAILED: the node broke down" in run.error_text()
    state = known(workspace)
    assert (state["status"], state["fail_reason"], state["flavor"]) == ("START_FAILED", "the node broke down", CPU_8U)


@RULES
def test_peer_defect_06_after_a_failure_the_state_holds_what_is_there(workspace: Workspace, rules: str) -> None:
    """The peer's state holds the planned values after a failed update, until a refresh heals it."""
    made(workspace, rules, description="old", tags={"team": "a"})
    refuse(workspace, "UpdateNotebook", "6792", count=0)
    workspace.configure(
        name="new", description="new", flavor=CPU_8U, storage={"size": 50}, tags={"team": "b"}, endpoints=KEYS
    )

    workspace.apply().failed()

    state = known(workspace)
    assert {name: state[name] for name in ("name", "description", "flavor", "tags", "endpoints")} == {
        "name": "nb",
        "description": "old",
        "flavor": CPU_2U,
        "tags": {"team": "b"},  # tags have calls of their own, before anything is stopped: these were made
        "endpoints": None,
    }
    assert state["storage"]["size"] == 10
    workspace.emulator.clear_faults()
    workspace.emulator.clear_requests()
    workspace.apply().ok()
    assert "CreateNotebookTags" not in workspace.calls()
    workspace.clean()


@RULES
@pytest.mark.parametrize("status", ["SNAPSHOTTING", "STARTING"])
def test_peer_defect_07_a_busy_notebook_is_waited_for(workspace: Workspace, rules: str, status: str) -> None:
    """The peer takes 6357 at the stop as "already stopped" and goes on with PUT and start at once."""
    made(workspace, rules)
    notebook_id = workspace.id()
    workspace.emulator.patch_notebook(notebook_id, status=status)
    workspace.configure(flavor=CPU_8U)
    called_before: list[str] = []

    def settle(until: Until) -> None:
        until("ShowNotebook", times=4)  # the plan's, and the first ones of the apply
        called_before.extend(workspace.calls())
        workspace.emulator.patch_notebook(notebook_id, status="RUNNING")

    with meanwhile(workspace, settle):
        workspace.apply().ok()

    assert called_before == []
    assert workspace.calls() == ["StopNotebook", "UpdateNotebook", "StartNotebook"]
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


def test_peer_defect_07_becoming_busy_as_our_stop_arrives_is_waited_out(workspace: Workspace) -> None:
    """As above, where somebody saves an image at the moment at which the stop is on its way."""
    made(workspace)
    notebook_id = workspace.id()
    refuse(workspace, "StopNotebook", "6357", count=0)
    workspace.configure(flavor=CPU_8U)
    called_while_busy: list[str] = []

    def save_an_image(until: Until) -> None:
        until("StopNotebook")
        workspace.emulator.patch_notebook(notebook_id, status="SNAPSHOTTING")
        workspace.emulator.clear_faults()
        until("ShowNotebook", times=3)  # the first may have been answered before
        called_while_busy.extend(workspace.calls())
        workspace.emulator.patch_notebook(notebook_id, status="RUNNING")

    with meanwhile(workspace, save_an_image):
        workspace.apply().ok()

    assert set(called_while_busy) <= {"StopNotebook"}
    assert [call for call in workspace.calls() if call != "StopNotebook"] == ["UpdateNotebook", "StartNotebook"]
    assert (workspace.there()["flavor"], workspace.there()["status"]) == (CPU_8U, "RUNNING")
    workspace.clean()


@pytest.mark.parametrize(
    ("operation", "code", "calls"),
    [
        *(("StopNotebook", code, ["Stop", "Stop", "Update", "Start"]) for code in ("6307", "6308", "6357")),
        *(("StartNotebook", code, ["Stop", "Update", "Start", "Start"]) for code in ("6305", "6306", "6357")),
    ],
)
def test_peer_defect_08_a_refusal_is_no_proof_of_a_power_state(
    workspace: Workspace, operation: str, code: str, calls: list[str]
) -> None:
    """The peer believes 6357 and fails at the documented codes for already or soon stopped (6307, 6308) or running."""
    made(workspace)
    refuse(workspace, operation, code)
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    assert workspace.calls() == [f"{call}Notebook" for call in calls]
    assert (workspace.there()["flavor"], workspace.there()["status"]) == (CPU_8U, "RUNNING")
    workspace.clean()


@pytest.mark.parametrize("code", ["6307", "6308", "6357"])
def test_peer_defect_08_stopped_by_somebody_else_at_the_same_moment(workspace: Workspace, code: str) -> None:
    """The peer's update fails where the region answers 6307 for a notebook that is stopped already."""
    made(workspace)
    notebook_id = workspace.id()
    refuse(workspace, "StopNotebook", code, count=0, latency_ms=700)
    workspace.configure(flavor=CPU_8U)

    def stop(until: Until) -> None:
        until("StopNotebook")
        workspace.emulator.patch_notebook(notebook_id, status="STOPPED")
        workspace.emulator.clear_faults()

    with meanwhile(workspace, stop):
        workspace.apply().ok()

    assert workspace.calls()[-2:] == ["UpdateNotebook", "StartNotebook"]
    assert workspace.calls().count("StartNotebook") == 1
    assert (workspace.there()["flavor"], workspace.there()["status"]) == (CPU_8U, "RUNNING")
    workspace.clean()
