"""Auto-stop: a setting that is managed is kept and mended, one that isn't survives our restarts."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, Workspace

HOUR = 3_600_000


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def sent(workspace: Workspace, operation: str) -> list[dict[str, Any]]:
    return [r["query"] or r["body"] for r in workspace.emulator.requests() if r["operation"] == operation]


@pytest.mark.parametrize(
    ("auto_stop", "lease"),
    [
        ({"duration": "4h"}, {"duration": 4 * HOUR, "type": "TIMING"}),
        ({"type": "IDLE", "duration": "2h"}, {"duration": 2 * HOUR, "type": "IDLE"}),
        ({"enabled": False}, None),
    ],
    ids=str,
)
def test_create_with_auto_stop(workspace: Workspace, auto_stop: dict[str, Any], lease: dict[str, Any] | None) -> None:
    workspace.configure(auto_stop=auto_stop)
    workspace.apply().ok()

    body = sent(workspace, "CreateNotebook")[0]

    assert body.get("lease") == lease
    assert body.get("duration") == (-1 if lease is None else None)
    assert workspace.there()["lease"]["enable"] is (lease is not None)
    workspace.clean()


def test_unset_sends_nothing(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()

    body = sent(workspace, "CreateNotebook")[0]

    assert not {"lease", "duration"} & set(body)


def test_a_change_while_running_never_stops(workspace: Workspace) -> None:
    made(workspace, auto_stop={"duration": "4h"})

    made_calls = []
    for auto_stop in ({"duration": "6h"}, {"type": "IDLE", "duration": "1h"}, {"enabled": False}):
        workspace.configure(auto_stop=auto_stop)
        assert workspace.plan().ok().warnings == []
        workspace.apply().ok()
        workspace.clean()
        made_calls += workspace.calls()
        workspace.emulator.clear_requests()

    assert made_calls == ["RenewLease"] * 3
    assert workspace.there()["lease"]["enable"] is False


def test_the_same_duration_in_other_words_is_no_change(workspace: Workspace) -> None:
    made(workspace, auto_stop={"duration": "4h"})
    workspace.configure(auto_stop={"type": "TIMING", "duration": "240m"})

    workspace.clean()
    workspace.apply().ok()

    assert workspace.calls() == []
    state = workspace.state()
    assert state is not None
    assert state["auto_stop"]["duration"] == "4h"


def test_drift_is_shown_and_mended(workspace: Workspace) -> None:
    made(workspace, auto_stop={"duration": "4h"})
    workspace.emulator.patch_notebook(workspace.id(), lease={"duration": 8 * HOUR, "type": "TIMING"})

    assert workspace.plan().ok().actions == ["update"]
    workspace.apply().ok()

    assert workspace.calls() == ["RenewLease"]
    workspace.clean()


def test_while_stopped_a_change_waits_for_our_next_start(workspace: Workspace) -> None:
    made(workspace, auto_stop={"duration": "4h"}, desired_status="STOPPED")
    made(workspace, auto_stop={"duration": "6h"}, desired_status="STOPPED")
    assert workspace.calls() == []
    workspace.configure(auto_stop={"duration": "6h"}, desired_status="RUNNING")

    workspace.apply().ok()

    assert sent(workspace, "StartNotebook") == [{"duration": str(6 * HOUR), "type": "TIMING"}]
    workspace.clean()


@pytest.mark.parametrize(
    ("lease", "expected"),
    [
        ({"duration": -1}, {"duration": "-1"}),
        ({"duration": 3 * HOUR, "type": "IDLE"}, {"duration": str(3 * HOUR), "type": "IDLE"}),
    ],
    ids=str,
)
def test_an_unmanaged_setting_survives_our_restart(
    workspace: Workspace, lease: dict[str, Any], expected: dict[str, str]
) -> None:
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), lease=lease)
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    assert sent(workspace, "StartNotebook") == [expected]
    assert workspace.there()["lease"]["enable"] is (lease["duration"] > 0)
    workspace.clean()


def test_timing_stops_at_the_same_moment_after_our_restart(workspace: Workspace) -> None:
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), lease={"duration": 9 * HOUR, "type": "TIMING"})
    before = workspace.there()["lease"]
    workspace.configure(flavor=CPU_8U)

    workspace.apply().ok()

    after = workspace.there()["lease"]
    moments = [lease["create_at"] + lease["duration"] for lease in (before, after)]
    assert abs(moments[0] - moments[1]) < 60_000
    workspace.clean()


def test_a_restart_of_ours_is_no_drift_of_a_managed_setting(workspace: Workspace) -> None:
    made(workspace, auto_stop={"duration": "9h"})
    made(workspace, auto_stop={"duration": "9h"}, flavor=CPU_8U)

    state = workspace.state()

    assert state is not None
    assert state["auto_stop"]["duration"] == "9h"


@pytest.mark.parametrize(
    ("auto_stop", "calls"),
    [
        ({"duration": "4h"}, []),
        ({"duration": "240m", "type": "TIMING"}, []),
        ({"duration": "5h"}, ["RenewLease"]),
        ({"duration": "4h", "type": "IDLE"}, ["RenewLease"]),
        ({"enabled": False}, ["RenewLease"]),
    ],
    ids=str,
)
def test_what_is_imported_keeps_the_moment_of_its_stop_where_that_is_what_is_configured(
    workspace: Workspace, auto_stop: dict[str, Any], calls: list[str]
) -> None:
    made(workspace, auto_stop={"duration": "4h"})
    identifier, before = workspace.id(), workspace.there()["lease"]
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.configure(auto_stop=auto_stop)
    workspace.run("import", ADDRESS, identifier, machine=False).ok()
    workspace.emulator.clear_requests()

    workspace.apply().ok()

    assert workspace.calls() == calls
    assert (workspace.there()["lease"] == before) == (calls == [])
    workspace.clean()


def test_taking_it_out_leaves_it_as_it_is(workspace: Workspace) -> None:
    made(workspace, auto_stop={"enabled": False})
    made(workspace)

    assert workspace.calls() == []
    assert workspace.there()["lease"]["enable"] is False


EACH_APPLY = "Each apply starts notebooks again after their auto-stop"
AN_HOUR = "Notebooks without auto_stop stop after an hour"
OPEN = "Notebooks accept SSH from every address"


def advice(workspace: Workspace, *arguments: str) -> set[str]:
    """The advisory warnings of a plan."""
    summaries = {warning["summary"] for warning in workspace.plan(*arguments).ok().diagnostics("warning")}
    return summaries & {EACH_APPLY, AN_HOUR, OPEN}


def test_running_with_auto_stop_warns_where_an_apply_starts_it_again(workspace: Workspace) -> None:
    both = {"desired_status": "RUNNING", "auto_stop": {"duration": "4h"}}
    workspace.configure(**both)
    assert advice(workspace) == {EACH_APPLY}
    workspace.apply().ok()
    assert advice(workspace) == set(), "nothing is new, and nothing is started"
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED")
    assert advice(workspace) == {EACH_APPLY}
    workspace.configure(desired_status="RUNNING", auto_stop={"enabled": False})
    assert advice(workspace) == set()


def test_an_unset_auto_stop_is_told_at_the_create(workspace: Workspace) -> None:
    workspace.configure()
    assert advice(workspace) == {AN_HOUR}
    workspace.apply().ok()
    assert advice(workspace) == set()
    workspace.configure(workspace_id="abcdef0123456789abcdef0123456789")
    assert advice(workspace) == {AN_HOUR}, "a replacement advises as a create"
    workspace.configure(auto_stop={"duration": "4h"}, tags={"a": "b"})
    assert advice(workspace, "-replace=modelarts_notebook.this") == set()


def test_ssh_that_is_open_to_all_is_told_when_it_becomes_so(workspace: Workspace) -> None:
    stop = {"auto_stop": {"duration": "4h"}}
    listed = {"SSH": {"key_pair_names": ["k1"], "allowed_access_ips": ["203.0.113.7"]}}
    misspelt = {"SSH": {"key_pair_names": ["k1"], "allowed_ips": ["203.0.113.7"]}}
    for open_to_all in ({"SSH": {"key_pair_names": ["k1"]}}, {"SSH": {"allowed_access_ips": []}}, misspelt):
        workspace.configure(endpoints=open_to_all, **stop)
        assert advice(workspace) == {OPEN}
    workspace.configure(endpoints=listed, **stop)
    assert advice(workspace) == set()
    workspace.apply().ok()
    workspace.configure(endpoints=misspelt, **stop)
    assert advice(workspace) == {OPEN}
    workspace.apply().ok()
    workspace.configure(endpoints=misspelt, tags={"a": "b"}, **stop)
    assert advice(workspace) == set()


@pytest.mark.parametrize(
    ("auto_stop", "message"),
    [
        ({"duration": "30m"}, 'be from "1h" to "72h"'),
        ({"duration": "73h"}, 'be from "1h" to "72h"'),
        ({"type": "TIMING"}, "is required"),
        ({}, "is required"),
        ({"enabled": False, "duration": "4h"}, "can't be set together with enabled = false"),
        ({"type": "NEVER", "duration": "4h"}, "must be TIMING or IDLE"),
        ({"duration": "soon"}, "must be a duration"),
    ],
    ids=str,
)
def test_bad_values_fail_validate(workspace: Workspace, auto_stop: dict[str, Any], message: str) -> None:
    workspace.configure(auto_stop=auto_stop)

    run = workspace.validate()

    assert run.code == 1
    assert message in run.error_text()
