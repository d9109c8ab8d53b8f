"""Defects 15 to 18 and 21 that a survey found in another provider's notebook resource: what is hidden, misread or fixed.

Each scenario says what that provider does, and holds the calls that the API saw and the state against what ours promises.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from peer_defects_meanwhile import Until, meanwhile
from terraform_workspace import ADDRESS, CPU_8U, Workspace

HOUR = 3_600_000
RULES = pytest.mark.parametrize("rules", ["documented", "observed"])
MANY = {
    "SSH": {"key_pair_names": ["k1", "k2", "k3"], "allowed_access_ips": ["8.8.8.8", "9.9.9.9"]},
    "NOTEBOOK": {"allowed_access_ips": ["1.1.1.1"]},
}


def made(workspace: Workspace, rules: str = "documented", **attributes: Any) -> None:
    workspace.emulator.reset(rules=rules, quota=0)
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def known(workspace: Workspace) -> dict[str, Any]:
    """What Terraform's state holds, without a refresh."""
    state = workspace.state()
    assert state is not None
    return state


def import_anew(workspace: Workspace) -> None:
    """Forget the notebook, and take it over by its id."""
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.run("import", ADDRESS, identifier, machine=False).ok()


@RULES
@pytest.mark.parametrize("imported", [False, True], ids=["created", "imported"])
def test_peer_defect_15_of_several_things_the_state_shows_all(workspace: Workspace, rules: str, imported: bool) -> None:
    """The peer shows the first of several mounts. Mounts aren't this resource's; all that it shows in numbers is whole."""
    made(workspace, rules, endpoints=MANY, tags={"a": "1", "b": "2"})
    if imported:
        import_anew(workspace)

    state = known(workspace)

    assert state["endpoints"]["SSH"]["key_pair_names"] == ["k1", "k2", "k3"]
    assert state["endpoints"]["SSH"]["allowed_access_ips"] == ["8.8.8.8", "9.9.9.9"]
    assert state["endpoints"]["NOTEBOOK"]["allowed_access_ips"] == ["1.1.1.1"]
    assert state["tags_all"] == {"a": "1", "b": "2"}
    assert state["billing_items"] == workspace.there()["billing_items"]
    assert [step["step"] for step in state["action_progress"]] == [1, 2, 3, 4]
    workspace.clean()


@RULES
@pytest.mark.parametrize(
    ("attributes", "outside", "calls"),
    [
        ({"desired_status": "RUNNING"}, {"status": "STOPPED"}, ["StartNotebook"]),
        ({"desired_status": "STOPPED"}, {"status": "RUNNING"}, ["StopNotebook"]),
        ({"auto_stop": {"duration": "4h"}}, {"lease": {"duration": 8 * HOUR, "type": "TIMING"}}, ["RenewLease"]),
        ({"auto_stop": {"enabled": False}}, {"lease": {"duration": HOUR, "type": "IDLE"}}, ["RenewLease"]),
    ],
    ids=["stopped", "started", "longer", "switched on"],
)
def test_peer_defect_16_drift_of_power_and_auto_stop_is_shown_and_mended(
    workspace: Workspace, rules: str, attributes: dict[str, Any], outside: dict[str, Any], calls: list[str]
) -> None:
    """The peer can't manage power and auto-stop, and no plan shows that somebody changed them."""
    made(workspace, rules, **attributes)
    workspace.emulator.patch_notebook(workspace.id(), **outside)

    run = workspace.plan().ok()
    workspace.apply().ok()

    assert run.actions == ["update"]
    assert workspace.calls() == calls
    workspace.clean()


def test_peer_defect_16_what_is_not_managed_is_told_by_a_refresh(workspace: Workspace) -> None:
    """With the peer the lease stays invisible; ours tells it even where nobody manages it."""
    made(workspace)
    workspace.emulator.patch_notebook(workspace.id(), status="STOPPED", lease={"duration": 8 * HOUR, "type": "IDLE"})

    workspace.clean()
    workspace.apply("-refresh-only").ok()

    state = known(workspace)
    assert (state["status"], state["lease"]["type"], state["lease"]["duration"]) == ("STOPPED", "IDLE", 8 * HOUR)
    assert (state["desired_status"], state["auto_stop"]) == (None, None)


def test_peer_defect_16_hooks_are_sent_when_they_change_and_their_limits_are_said(workspace: Workspace) -> None:
    """The peer has no hooks. The API never returns them: nobody can show their drift, so an import says that."""
    made(workspace, hooks={"pre_start": {"script": "/home/ma-user/work/a.sh"}})
    hooks = {"pre_start": {"script": "/home/ma-user/work/b.sh"}}
    workspace.configure(hooks=hooks)
    workspace.apply().ok()
    assert [list(body) for body in workspace.put_bodies()] == [["hooks"]]
    import_anew(workspace)

    run = workspace.plan().ok()
    workspace.apply().ok()

    assert 'The present hooks of notebook "nb" can\'t be read' in run.warning_text()
    there = workspace.there()["hooks"]
    assert {when: hook["script"] for when, hook in there.items()} == {"pre_start": "/home/ma-user/work/b.sh"}
    workspace.clean()


@pytest.mark.parametrize("after", ["DELETED", "ERROR", "CREATE_FAILED"])
def test_peer_defect_17_what_is_still_listed_after_the_deletion(workspace: Workspace, after: str) -> None:
    """The peer waits 20 minutes for a notebook shown as DELETED, and fails for one that shows its old failure a while."""
    made(workspace)
    notebook_id = workspace.id()
    if after != "DELETED":
        workspace.emulator.patch_notebook(notebook_id, status=after, fail_reason="out of order")
    workspace.emulator.add_fault(operation="DeleteNotebook", status=200)  # accepted; this one's effect takes a while

    def delete(until: Until) -> None:
        until("DeleteNotebook")
        until("ShowNotebook", times=2)
        if after == "DELETED":
            workspace.emulator.patch_notebook(notebook_id, status=after)
        else:
            workspace.emulator.drop_notebook(notebook_id)

    with meanwhile(workspace, delete):
        workspace.destroy().ok()

    assert workspace.calls() == ["DeleteNotebook"]
    assert workspace.state() is None


def test_peer_defect_17_a_frozen_notebook_ends_a_create_at_once(workspace: Workspace) -> None:
    """The peer polls a notebook that is frozen for arrears to its limit of 20 minutes, and never shows a reason."""
    workspace.emulator.add_fault(operation="ShowNotebook", status=503, count=0)
    workspace.configure()

    def freeze(until: Until) -> None:
        until("CreateNotebook")
        (notebook,) = workspace.emulator.notebooks()
        workspace.emulator.patch_notebook(notebook["id"], status="FROZEN", fail_reason="the account is in arrears")
        workspace.emulator.clear_faults()

    with meanwhile(workspace, freeze):
        run = workspace.apply().failed()

    assert "FROZEN: the account is in arrears" in run.error_text()
    assert "terraform untaint" in run.error_text()
    assert known(workspace)["fail_reason"] == "the account is in arrears"


@RULES
def test_peer_defect_17_a_frozen_notebook_ends_an_update_at_once(workspace: Workspace, rules: str) -> None:
    """As above."""
    made(workspace, rules, desired_status="RUNNING")
    workspace.emulator.patch_notebook(workspace.id(), status="FROZEN")

    run = workspace.apply().failed()

    assert "ModelArts.6326" in run.error_text()
    assert "Settle the account's arrears" in run.error_text()
    assert workspace.calls() == ["StartNotebook"]
    assert (known(workspace)["status"], known(workspace)["desired_status"]) == ("FROZEN", "FROZEN")


def test_peer_defect_17_the_services_reason_and_progress_are_shown(workspace: Workspace) -> None:
    """The peer never shows ``fail_reason`` and ``action_progress``."""
    workspace.emulator.fail_next("create", "no node left")
    workspace.configure()

    workspace.apply().failed()

    state = known(workspace)
    assert (state["status"], state["fail_reason"]) == ("CREATE_FAILED", "no node left")
    assert [step["status"] for step in state["action_progress"]] == ["COMPLETED", "FAILED", "WAITING", "WAITING"]
    workspace.destroy().ok()
    assert workspace.emulator.notebooks() == []


def test_peer_defect_18_create_has_a_timeout_of_its_own(workspace: Workspace) -> None:
    """The peer has 20 minutes for everything and no ``timeouts``."""
    workspace.provider_block["max_retries"] = 0
    workspace.emulator.add_fault(operation="ShowNotebook", status=503, count=0)
    workspace.configure(timeouts={"create": "2s"})

    run = workspace.apply().failed()

    assert "did not run within 2 s (timeouts.create)" in run.error_text()
    workspace.emulator.clear_faults()
    workspace.run("untaint", ADDRESS, machine=False).ok()
    workspace.clean()
    assert len(workspace.emulator.notebooks()) == 1


@RULES
def test_peer_defect_18_update_has_a_timeout_of_its_own_and_restores_after_it(workspace: Workspace, rules: str) -> None:
    """As above; the peer's most complex update waits three times within its one limit."""
    made(workspace, rules)
    workspace.emulator.add_fault(
        operation="UpdateNotebook", status=400, error_code="ModelArts.6357", error_msg="busy", count=0
    )
    workspace.configure(flavor=CPU_8U, timeouts={"update": "2s"})

    run = workspace.apply().failed()

    assert "not finished within 2 s" in run.error_text()
    assert "timeouts.update" in run.error_text()
    assert "The notebook was started again. It is RUNNING." in run.error_text()
    assert workspace.there()["status"] == "RUNNING"
    workspace.emulator.clear_faults()
    assert workspace.plan().ok().actions == ["update"]


def test_peer_defect_18_delete_has_a_timeout_of_its_own(workspace: Workspace) -> None:
    """As above."""
    made(workspace, timeouts={"delete": "1s"})
    workspace.emulator.add_fault(operation="DeleteNotebook", status=200, count=0)

    run = workspace.destroy().failed()

    assert "was not gone within 1 s (timeouts.delete)" in run.error_text()
    assert known(workspace)["id"] == workspace.there()["id"]


def test_peer_defect_18_read_has_a_timeout_of_its_own(workspace: Workspace) -> None:
    """As above; the calls that a read repeats end with it."""
    made(workspace, timeouts={"read": "1s"})
    workspace.emulator.add_fault(operation="ShowNotebook", status=503, count=0)

    run = workspace.plan().failed()

    assert "within 1 s" in run.error_text()
    assert "timeouts.read" in run.error_text()
    assert "doesn't count as gone" in run.error_text()
    workspace.emulator.clear_faults()
    workspace.clean()


def as_older_regions_answer(notebook: dict[str, Any]) -> dict[str, Any]:
    """The answer of a region whose endpoints have the older names, and whose times are in the lease alone."""
    older = {name: value for name, value in notebook.items() if name not in {"create_at", "update_at"}}
    for entry in older.get("endpoints", []):
        entry.pop("service", None)
        entry.pop("key_pair_names", None)
    return older


@pytest.fixture
def older_region(workspace: Workspace) -> Iterator[Workspace]:
    """The emulator behind a server that passes everything on, and answers about instances in the older form."""
    target = workspace.emulator.url

    class Passing(BaseHTTPRequestHandler):
        def answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            request = urllib.request.Request(target + self.path, self.rfile.read(size) or None, method=self.command)
            for name, value in self.headers.items():
                request.add_header(name, value)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    status, body = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    status, body = error.code, error.read()
            document = json.loads(body) if body else None
            if isinstance(document, dict) and "lease" in document:
                body = json.dumps(as_older_regions_answer(document)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name for it
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        workspace.provider_block["endpoints"] = {"modelarts": address, "iam": address}
        yield workspace
        server.shutdown()
        thread.join()


def moment(milliseconds: int) -> str:
    text = datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


@RULES
def test_peer_defect_21_times_are_the_services(workspace: Workspace, rules: str) -> None:
    """The peer reads times at one of the two places where they are: elsewhere it shows 1970."""
    made(workspace, rules)

    state, there = known(workspace), workspace.there()

    assert state["created_at"] == moment(there["create_at"])
    assert state["updated_at"] == moment(there["update_at"])


def test_peer_defect_21_both_spellings_are_understood(older_region: Workspace) -> None:
    """The peer reads ``service`` and ``key_pair_names`` alone; older regions say ``dev_service`` and ``ssh_keys``."""
    endpoints = {"SSH": MANY["SSH"]}
    made(older_region, endpoints=endpoints)
    import_anew(older_region)

    older_region.clean()
    state, there = known(older_region), older_region.there()
    assert state["endpoints"]["SSH"]["key_pair_names"] == ["k1", "k2", "k3"]
    assert state["ssh_uri"]
    assert state["created_at"] == moment(there["lease"]["create_at"])
    assert state["updated_at"] == moment(there["lease"]["update_at"])

    older_region.configure(endpoints=endpoints, flavor=CPU_8U)
    older_region.apply().ok()
    assert older_region.put_bodies() == [{"flavor": CPU_8U}]
    older_region.clean()
