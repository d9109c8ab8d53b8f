"""Defects 9 to 14, 19 and 20 that a survey found in another provider's notebook resource: what can't be changed, or not alone.

Each scenario says what that provider does, and holds the calls that the API saw and the state against what ours promises.
"""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import BASE, CPU_8U, IMAGE, OTHER_IMAGE, Workspace, tags_there

RULES = pytest.mark.parametrize("rules", ["documented", "observed"])
POOL = "pool-emulator-0001"
RESTART = ["StopNotebook", "UpdateNotebook", "StartNotebook"]


def made(workspace: Workspace, rules: str = "documented", **attributes: Any) -> None:
    workspace.emulator.reset(rules=rules, quota=0)
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def ssh(*keys: str, ips: tuple[str, ...] = ()) -> dict[str, Any]:
    entry: dict[str, Any] = {"key_pair_names": list(keys)}
    return {"SSH": entry | ({"allowed_access_ips": list(ips)} if ips else {})}


def keys_there(workspace: Workspace) -> list[str] | None:
    """The key pairs that the service holds; None where SSH is off."""
    entries = workspace.there()["endpoints"]
    return next((sorted(e.get("key_pair_names", [])) for e in entries if e["service"] == "SSH"), None)


@RULES
@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        (None, ssh("k1"), ["k1"]),
        (ssh("k1"), ssh("k2"), ["k2"]),
        (ssh("k1"), ssh("k1", "k2"), ["k1", "k2"]),
        (ssh("k1", "k2"), ssh("k2"), ["k2"]),
        (ssh("k1"), None, None),
    ],
    ids=["added", "replaced", "one more", "one less", "removed"],
)
def test_peer_defect_09_key_pairs_change_in_place(
    workspace: Workspace,
    rules: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    keys: list[str] | None,
) -> None:
    """With the peer adding, replacing or removing a key pair fails the plan, although PUT takes them."""
    made(workspace, rules, endpoints=before)
    workspace.configure(endpoints=after)

    run = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert run.actions == ["update"]
    assert workspace.calls() == RESTART
    assert [list(body) for body in workspace.put_bodies()] == [["endpoints"]]
    assert keys_there(workspace) == keys
    workspace.clean()


@RULES
@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"flavor": CPU_8U}, None),
        ({"image_id": OTHER_IMAGE}, None),
        (
            {"endpoints": ssh("k1", "k2", ips=("8.8.8.8", "9.9.9.9"))},
            [{"service": "SSH", "key_pair_names": ["k1", "k2"], "allowed_access_ips": ["8.8.8.8", "9.9.9.9"]}],
        ),
    ],
    ids=["flavor", "image", "addresses"],
)
def test_peer_defect_10_no_update_drops_the_second_key_pair(
    workspace: Workspace, rules: str, change: dict[str, Any], sent: list[Any] | None
) -> None:
    """The peer knows one key pair: any update of flavor, image or addresses sends only that one, and drops the others."""
    made(workspace, rules, endpoints=ssh("k1", "k2", ips=("8.8.8.8",)))
    workspace.configure(**{"endpoints": ssh("k1", "k2", ips=("8.8.8.8",)), **change})

    workspace.apply().ok()

    assert [body.get("endpoints") for body in workspace.put_bodies()][-1] == sent
    assert keys_there(workspace) == ["k1", "k2"]
    workspace.clean()


def test_peer_defect_10_a_key_pair_of_the_console_is_shown_before_it_is_taken_away(workspace: Workspace) -> None:
    """The peer doesn't see a second key pair, and drops it by the way."""
    made(workspace, endpoints=ssh("k1"))
    workspace.emulator.patch_notebook(workspace.id(), endpoints=[{"service": "SSH", "key_pair_names": ["k1", "k2"]}])
    workspace.configure(endpoints=ssh("k1"), flavor=CPU_8U)

    run = workspace.plan().ok()
    assert 'endpoints["SSH"].key_pair_names' in run.warning_text()

    workspace.configure(endpoints=ssh("k1", "k2"), flavor=CPU_8U)
    workspace.apply().ok()
    assert workspace.put_bodies() == [{"flavor": CPU_8U}]
    assert keys_there(workspace) == ["k1", "k2"]


@RULES
def test_peer_defect_11_addresses_change_without_a_stop_where_the_service_allows_it(
    workspace: Workspace, rules: str
) -> None:
    """The peer stops and starts the notebook for each change of the addresses, and each change of their order."""
    made(workspace, rules, endpoints=ssh("k1", ips=("8.8.8.8", "9.9.9.9")))
    workspace.configure(endpoints=ssh("k1", ips=("9.9.9.9", "8.8.8.8")))
    workspace.clean()
    workspace.configure(endpoints=ssh("k1", ips=("9.9.9.9",)))
    workspace.emulator.clear_requests()

    run = workspace.apply().ok()

    gently = ["UpdateNotebook"]
    assert workspace.calls() == (gently if rules == "observed" else gently + RESTART)
    assert 'Notebook "nb" may be stopped and started again' in run.warning_text()
    assert workspace.there()["status"] == "RUNNING"
    workspace.clean()


@RULES
@pytest.mark.parametrize("status", ["RUNNING", "STOPPED"])
def test_peer_defect_12_a_smaller_disk_fails_the_plan(workspace: Workspace, rules: str, status: str) -> None:
    """The peer plans it, starts a stopped notebook for it, and fails then."""
    made(workspace, rules, storage={"size": 20})
    workspace.emulator.patch_notebook(workspace.id(), status=status)
    workspace.configure(storage={"size": 10}, name="renamed")

    planned = workspace.plan().failed()
    workspace.apply().failed()

    assert 'disk of notebook "nb"' in planned.error_text()
    assert "a disk can grow and never shrink" in planned.error_text()
    assert "Write `size = 20`" in planned.error_text()
    assert workspace.calls() == []
    assert (workspace.there()["status"], workspace.there()["name"]) == (status, "nb")


NINE_ADDRESSES = [f"300.1.1.{n}" for n in range(9)]


@pytest.mark.parametrize(
    ("attributes", "at"),
    [
        ({"name": "my notebook"}, "name"),
        ({"endpoints": {"SSH": {"allowed_access_ips": NINE_ADDRESSES}}}, 'endpoints["SSH"].allowed_access_ips'),
        ({"storage": {"size": 1}}, "storage.size"),
        ({"storage": {"category": "EFS", "ownership": "DEDICATED"}}, "storage.uri"),
        ({"storage": {"category": "EFS", "ownership": "DEDICATED", "uri": "x:/"}}, "storage.id"),
    ],
    ids=["name", "addresses", "size", "uri", "id"],
)
def test_peer_defect_13_bad_values_never_reach_the_service(
    workspace: Workspace, attributes: dict[str, Any], at: str
) -> None:
    """The peer has checked no value since 2024: all of these plan, and fail half way at apply."""
    workspace.configure(**attributes)

    run = workspace.plan().failed()

    assert f"Invalid value for {at}" in run.error_text()
    assert workspace.emulator.requests() == []


def test_peer_defect_13_a_disk_without_a_size_has_the_services_own(workspace: Workspace) -> None:
    """The peer plans EVS without a size and lets the service judge; ours leaves the size out and shows what came."""
    made(workspace, storage={})

    state = workspace.state()

    assert state is not None
    assert state["storage"]["size"] == workspace.there()["volume"]["capacity"]


@RULES
@pytest.mark.parametrize("empty", [None, {}], ids=["absent", "empty"])
def test_peer_defect_14_dropped_tags_are_removed(
    workspace: Workspace, rules: str, empty: dict[str, str] | None
) -> None:
    """With the peer dropping ``tags`` leaves them all on the notebook, and the plan says "No changes"."""
    made(workspace, rules, tags={"team": "a", "cost": "1"})
    workspace.configure(tags=empty)

    run = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert run.actions == ["update"]
    assert workspace.calls() == ["DeleteNotebookTags"]
    assert tags_there(workspace) == {}
    workspace.clean()


def test_peer_defect_14_defaults_and_ignored_tags_of_the_provider_count(workspace: Workspace) -> None:
    """The peer's ``default_tags`` and ``ignore_tags`` never reach its notebooks."""
    workspace.provider_block |= {"default_tags": {"CostCenter": "42"}, "ignore_tags": {"key_prefixes": ["ops:"]}}
    made(workspace, tags={"team": "a"})
    there = {"CostCenter": "42", "team": "a", "ops:backup": "daily"}
    workspace.emulator.patch_notebook(workspace.id(), tags=there)
    workspace.clean()
    workspace.configure(tags={"team": "b"})
    workspace.emulator.clear_requests()

    workspace.apply().ok()

    assert workspace.calls() == ["CreateNotebookTags"]
    assert tags_there(workspace) == there | {"team": "b"}
    state = workspace.state()
    assert state is not None
    assert state["tags_all"] == {"CostCenter": "42", "team": "b"}


def test_peer_defect_14_the_mark_of_our_own_updates_is_nobodys_tag(workspace: Workspace) -> None:
    """The peer leaves no mark, and could not hide one: all tags are the user's there."""
    made(workspace, tags={"team": "a"})
    workspace.emulator.patch_notebook(workspace.id(), tags={"team": "a", "terraform-provider-modelarts": "x"})

    workspace.apply("-refresh-only").ok()

    state = workspace.state()
    assert state is not None
    assert (state["tags"], state["tags_all"]) == ({"team": "a"}, {"team": "a"})


@RULES
@pytest.mark.parametrize("status", ["RUNNING", "STOPPED"])
@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"flavor": CPU_8U}, {"flavor": CPU_8U}),
        ({"image_id": OTHER_IMAGE}, {"image_id": OTHER_IMAGE}),
        ({"flavor": CPU_8U, "name": "renamed"}, {"flavor": CPU_8U, "name": "renamed"}),
    ],
    ids=["flavor", "image", "flavor and name"],
)
def test_peer_defect_19_only_what_changes_is_sent(
    workspace: Workspace, rules: str, status: str, change: dict[str, Any], body: dict[str, Any]
) -> None:
    """The peer sends the image with each flavor, and back: a retired image blocks the change of a flavor."""
    made(workspace, rules, description="x", endpoints=ssh("k1"))
    workspace.emulator.patch_notebook(workspace.id(), status=status)
    workspace.configure(**{"description": "x", "endpoints": ssh("k1"), **change})

    workspace.apply().ok()

    assert workspace.put_bodies() == [body]
    assert workspace.calls() == (RESTART if status == "RUNNING" else ["UpdateNotebook"])
    workspace.clean()


def with_source(workspace: Workspace, value: str, version: str, **attributes: Any) -> None:
    """A notebook beside a thing that is made anew with each version, whose value only apply knows then."""
    source = {"input": value, "triggers_replace": version}
    notebook = {**BASE, "flavor": CPU_8U, "image_id": IMAGE, **attributes}
    workspace.write({"resource": {"terraform_data": {"source": source}, "modelarts_notebook": {"this": notebook}}})


@pytest.mark.parametrize(("value", "calls"), [("k2", RESTART), ("k1", [])], ids=["another key", "the same key again"])
def test_peer_defect_20_a_key_pair_that_is_made_anew_in_the_same_plan(
    workspace: Workspace, value: str, calls: list[str]
) -> None:
    """The peer compares with the unknown value and fails the plan."""
    endpoints = {"SSH": {"key_pair_names": ["${terraform_data.source.output}"]}}
    with_source(workspace, "k1", "1", endpoints=endpoints)
    workspace.apply().ok()
    with_source(workspace, value, "2", endpoints=endpoints)

    run = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert "update" in run.actions
    assert 'Notebook "nb" may be stopped and started again' in run.warning_text()
    assert workspace.calls() == calls
    assert keys_there(workspace) == [value]
    workspace.clean()


def test_peer_defect_20_a_pool_that_is_made_anew_in_the_same_plan(workspace: Workspace) -> None:
    """The peer fails the plan; ours plans a replacement, since a notebook can't move, and says what is lost."""
    with_source(workspace, POOL, "1", pool_id="${terraform_data.source.output}")
    workspace.apply().ok()
    workspace.clean()
    before = workspace.id()
    with_source(workspace, POOL, "2", pool_id="${terraform_data.source.output}")

    run = workspace.plan().ok()
    workspace.apply().ok()

    assert run.actions.count("replace") == 2
    assert "Changing pool_id can't be done in place" in run.warning_text()
    assert "Its disk and everything on it is deleted with it" in run.warning_text()
    assert workspace.there()["id"] == workspace.id() != before
    workspace.clean()
