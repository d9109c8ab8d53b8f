"""Instances: their states, the transitions between them, and the shape of the answers."""

from __future__ import annotations

import pytest
from emulator_api import CPU2, CPU8, HOUR, IMAGE, SOLD_OUT, Api

from modelarts_emulator.state.ids import Ids


def test_create_answers_as_the_sample_does(api: Api) -> None:
    answer = api.create(description="api-test")
    body = answer.body
    assert answer.status == 200
    assert body["status"] == "CREATING"
    assert body["lease"] == {
        "create_at": api.clock.now(),
        "duration": HOUR,
        "enable": True,
        "type": "TIMING",
        "update_at": api.clock.now(),
    }
    assert set(body["image"]) == {"id", "name", "swr_path", "type", "tag", "description"}
    assert not {"url", "volume", "endpoints", "hooks", "fail_reason", "pool"} & set(body)
    assert body["description"] == "api-test"
    assert len(body["token"]) == 36
    assert "null" not in answer.raw.decode()


def test_it_runs_after_the_time_it_takes(api: Api) -> None:
    ident = api.create().body["id"]
    api.wait(29.9)
    creating = api.show(ident)
    assert creating["status"] == "CREATING"
    assert "volume" not in creating
    assert "url" in creating
    api.wait(0.1)
    running = api.show(ident)
    assert running["status"] == "RUNNING"
    assert running["volume"]["capacity"] == 50
    assert running["url"].endswith(f"/{ident}/lab")
    assert running["current_time"] == api.clock.now()
    assert running["user"]["domain"]["name"] == "emulator"


@pytest.mark.parametrize(
    ("elapsed", "statuses"),
    [
        (0, ["PROCESSING", "WAITING", "WAITING", "WAITING"]),
        (8, ["COMPLETED", "PROCESSING", "WAITING", "WAITING"]),
        (29, ["COMPLETED", "COMPLETED", "COMPLETED", "PROCESSING"]),
        (30, ["COMPLETED"] * 4),
    ],
)
def test_progress_goes_through_four_steps(api: Api, elapsed: float, statuses: list[str]) -> None:
    ident = api.create().body["id"]
    api.wait(elapsed)
    steps = api.show(ident)["action_progress"]
    assert [step["status"] for step in steps] == statuses
    assert [step["step"] for step in steps] == [1, 2, 3, 4]
    assert all(step["description"] == step["step_description"] and step["notebook_id"] == ident for step in steps)


def test_stop_start_delete(api: Api) -> None:
    ident = api.running()
    assert api.call("POST", f"/notebooks/{ident}/stop").body["status"] == "STOPPING"
    api.wait(14)
    assert api.status(ident) == "STOPPING"
    api.wait(1)
    assert api.status(ident) == "STOPPED"
    assert api.call("POST", f"/notebooks/{ident}/start", {}).body["status"] == "STARTING"
    api.wait(30)
    assert api.status(ident) == "RUNNING"
    gone = api.call("DELETE", f"/notebooks/{ident}")
    assert (gone.status, gone.body["status"]) == (200, "DELETING")
    assert api.call("DELETE", f"/notebooks/{ident}").code == "6357"
    api.wait(10)
    missing = api.call("GET", f"/notebooks/{ident}")
    assert (missing.status, missing.code) == (400, "6404")


@pytest.mark.parametrize(
    ("choice", "status", "code"), [("6404", 400, "6404"), ("6309", 400, "6309"), ("404", 404, "6404")]
)
def test_a_missing_one_answers_as_configured(choice: str, status: int, code: str) -> None:
    answer = Api(not_found=choice).call("GET", "/notebooks/00000000-0000-4000-8000-000000000000")
    assert (answer.status, answer.code) == (status, code)


_ACTIONS = {
    "start": ("POST", "/start", {"STOPPED": "", "RUNNING": "6357", "FROZEN": "6326", "START_FAILED": "6357"}),
    "stop": ("POST", "/stop", {"RUNNING": "", "STOPPED": "6357", "FROZEN": "6327", "ERROR": "6327"}),
    "delete": ("DELETE", "", {"RUNNING": "", "STOPPED": "", "FROZEN": "", "ERROR": "", "CREATE_FAILED": ""}),
    "renew": ("PATCH", "/lease", {"RUNNING": "", "STOPPED": "6327"}),
    "lease": ("GET", "/lease", {"RUNNING": "", "STOPPED": "6327"}),
}


@pytest.mark.parametrize(
    ("action", "status", "code"),
    [(action, status, code) for action, (_, _, table) in _ACTIONS.items() for status, code in table.items()],
)
def test_what_is_allowed_in_which_status(api: Api, action: str, status: str, code: str) -> None:
    ident = api.running()
    api.put_into(ident, status)
    method, path, _ = _ACTIONS[action]
    answer = api.call(method, f"/notebooks/{ident}{path}")
    assert answer.code == code
    if code:
        assert answer.status == 400
        assert api.status(ident) == status


@pytest.mark.parametrize("status", ["CREATING", "STARTING", "STOPPING", "DELETING", "SNAPSHOTTING", "INIT"])
@pytest.mark.parametrize("action", ["start", "stop", "delete", "renew", "put"])
def test_nothing_is_done_to_a_busy_one(api: Api, status: str, action: str) -> None:
    ident = api.running()
    api.put_into(ident, status)
    method, path, _ = _ACTIONS.get(action, ("PUT", "", {}))
    assert api.call(method, f"/notebooks/{ident}{path}", {"name": "x"} if action == "put" else None).code == "6357"
    assert api.status(ident) == status


@pytest.mark.parametrize("status", ["START_FAILED", "ERROR"])
def test_observed_rules_start_a_failed_one(observed: Api, status: str) -> None:
    ident = observed.running()
    observed.put_into(ident, status)
    assert observed.call("POST", f"/notebooks/{ident}/start").status == 200


@pytest.mark.parametrize(
    ("operation", "failed"), [("create", "CREATE_FAILED"), ("start", "START_FAILED"), ("delete", "DELETE_FAILED")]
)
def test_it_fails_on_demand(api: Api, operation: str, failed: str) -> None:
    if operation == "create":
        api.control("POST", "/failures", {"operation": "create", "fail_reason": "no node"})
        ident = api.create().body["id"]
    else:
        ident = api.stopped()
        api.control("POST", "/failures", {"operation": operation, "fail_reason": "no node", "notebook_id": ident})
        path = f"/notebooks/{ident}" + ("/start" if operation == "start" else "")
        assert api.call("POST" if operation == "start" else "DELETE", path).status == 200
    api.wait(30)
    shown = api.show(ident)
    assert (shown["status"], shown["fail_reason"]) == (failed, "no node")
    if operation != "delete":
        assert [step["status"] for step in shown["action_progress"]] == ["COMPLETED", "FAILED", "WAITING", "WAITING"]
    assert api.control("GET", "/failures").body == {"failures": []}
    assert api.call("DELETE", f"/notebooks/{ident}").status == 200


def test_a_failure_of_another_instance_waits(api: Api) -> None:
    one, other = api.stopped(), api.stopped()
    api.control("POST", "/failures", {"operation": "start", "fail_reason": "x", "notebook_id": one})
    api.call("POST", f"/notebooks/{other}/start")
    api.wait(30)
    assert api.status(other) == "RUNNING"


def test_a_flavor_sold_out_at_start(api: Api) -> None:
    ident = api.stopped()
    api.control("PATCH", "/catalog", {"flavors": {CPU2: {"sold_out": True}}})
    assert api.call("POST", f"/notebooks/{ident}/start").code == "6360"
    assert api.status(ident) == "STOPPED"
    api.control("PATCH", "/catalog", {"flavors": {CPU2: {"sold_out": False}}})
    assert api.call("POST", f"/notebooks/{ident}/start").status == 200
    assert api.create(flavor=SOLD_OUT, image_id="59a6e9f5-93c0-44dd-85b0-82f390c5d53a").code == "6329"


@pytest.mark.parametrize(("rules", "code"), [("documented", "0113"), ("observed", "0118")])
def test_quota(rules: str, code: str) -> None:
    api = Api(rules=rules, quota=2)
    first = api.running()
    api.running()
    assert api.create().code == code
    api.call("DELETE", f"/notebooks/{first}")
    api.wait(10)
    assert api.create().status == 200


def test_instant_transitions_are_done_when_the_next_request_arrives() -> None:
    api = Api(time_scale=0.0)
    created = api.create().body
    assert created["status"] == "CREATING"
    assert api.status(created["id"]) == "RUNNING"
    assert api.call("POST", f"/notebooks/{created['id']}/stop").body["status"] == "STOPPING"
    assert api.put(created["id"], flavor=CPU8).status == 200


def test_ids_follow_the_seed_and_not_the_polls(api: Api) -> None:
    other = Api()
    assert api.create().body["id"] == other.create().body["id"]
    for _ in range(3):
        other.call("GET", "/notebooks")
    assert other.create(name="bad name").status == 400
    assert api.create().body["id"] == other.create().body["id"]
    assert Api(seed=2).create().body["id"] != Api(seed=1).create().body["id"]


def test_switchable_flavors_fit_the_image(api: Api) -> None:
    ident = api.running(image_id=IMAGE)
    answer = api.call("GET", f"/notebooks/{ident}/flavors").body
    assert [flavor["id"] for flavor in answer["data"]] == [CPU8]
    assert answer["flavors"] == answer["data"]
    assert answer["current"] == 1


SSH = [{"service": "SSH", "key_pair_names": ["k"]}]


def ssh_uri(api: Api, ident: str) -> str:
    return next(str(entry["uri"]) for entry in api.show(ident)["endpoints"] if entry["service"] == "SSH")


def restart(api: Api, ident: str) -> None:
    api.call("POST", f"/notebooks/{ident}/stop")
    api.wait(60)
    api.call("POST", f"/notebooks/{ident}/start")
    api.wait(60)


def test_the_ssh_port_changes_at_every_start_and_at_nothing_else(observed: Api) -> None:
    one, two = observed.running(endpoints=SSH), observed.running(endpoints=SSH)
    uris = [ssh_uri(observed, one), ssh_uri(observed, two)]
    for _ in range(3):
        restart(observed, one)
        uris.append(ssh_uri(observed, one))
        observed.put(one, description=f"after {uris[-1][-5:]}")
        observed.call("POST", f"/notebooks/{one}/start")  # refused: it runs
        observed.call("POST", f"/notebooks/{one}/create-image", {"name": "i", "namespace": "n"})
        observed.wait(300)
        assert ssh_uri(observed, one) == uris[-1]
    assert len(set(uris)) == len(uris)
    assert ssh_uri(observed, two) == uris[1]
    for status in ("STOPPED", "RUNNING"):  # in the console
        observed.control("PATCH", f"/notebooks/{two}", {"status": status})
    assert ssh_uri(observed, two) not in uris


def test_ssh_ports_follow_from_the_seed_and_repeat_late() -> None:
    drawn = [Ids(7).port(), Ids(8).port()]
    ids = Ids(7)
    ports = [ids.port() for _ in range(2_768)]
    assert (ports[0], ids.port()) == (drawn[0], drawn[0])
    assert drawn[0] != drawn[1]
    assert sorted(ports) == list(range(30_000, 32_768))
