"""The open questions: the table is whole, and every row that can be switched does what it says."""

from __future__ import annotations

import pytest
from emulator_api import CPU8, SOLD_OUT, Api

from modelarts_emulator import assumptions

HOOKS = {"container_hooks": {"pre_start": {"script": "/a"}}}
SSH = [{"service": "SSH", "key_pair_names": ["k"]}]


def test_the_table_is_whole() -> None:
    ids = [row.id for row in assumptions.TABLE]
    assert len(set(ids)) == len(ids)
    assert all(row.question and row.choices and row.evidence for row in assumptions.TABLE)
    text = assumptions.markdown()
    assert text.count("\n") == len(ids) + 2
    assert "--assume empty-hooks=" in text


def test_a_wrong_choice_is_a_sentence(api: Api) -> None:
    assert assumptions.problem({"empty-hooks": "clears"}) is None
    assert "no assumption 'colour'" in str(assumptions.problem({"colour": "red"}))
    assert "clears or ignored" in str(assumptions.problem({"empty-hooks": "explodes"}))
    assert api.control("POST", "/reset", {"assume": {"colour": "red"}}).status == 400
    assert api.control("POST", "/reset", {"assume": {"delete-running": "refused"}}).status == 204
    assert api.call("DELETE", f"/notebooks/{api.running()}").code == "6304"


@pytest.mark.parametrize(("choice", "left"), [("removes", 1), ("ignored", 2)])
def test_empty_endpoints(choice: str, left: int) -> None:
    api = Api(assume={"empty-endpoints": choice})
    ident = api.stopped(endpoints=SSH)
    assert api.put(ident, endpoints=[]).status == 200
    assert len(api.show(ident)["endpoints"]) == left


@pytest.mark.parametrize(("choice", "left"), [("clears", 0), ("ignored", 1)])
def test_empty_hooks(choice: str, left: int) -> None:
    api = Api(assume={"empty-hooks": choice})
    ident = api.stopped(hooks=HOOKS)
    assert api.put(ident, hooks={"container_hooks": {}}).status == 200
    assert len(api.behind(ident)["hooks"]) == left


def test_a_partial_answer() -> None:
    api = Api(assume={"update-answer": "partial"})
    ident = api.stopped(endpoints=SSH)
    answer = api.put(ident, name="n2", flavor=CPU8).body
    assert set(answer) == {"description", "flavor", "name", "endpoints"}
    assert answer["name"] == api.show(ident)["name"] == "n2"


@pytest.mark.parametrize(("choice", "shown"), [("at-end", 50), ("at-once", 60)])
def test_growth(choice: str, shown: int) -> None:
    api = Api(assume={"growth-shown": choice})
    ident = api.running()
    assert api.put(ident, storage_new_size=60).body["volume"]["capacity"] == shown
    api.wait(10)
    assert api.show(ident)["volume"]["capacity"] == 60


@pytest.mark.parametrize(("choice", "code"), [("accepted", ""), ("refused", "6329")])
def test_switching_to_a_sold_out_flavor(choice: str, code: str) -> None:
    api = Api(assume={"sold-out-update": choice})
    ident = api.stopped(image_id="59a6e9f5-93c0-44dd-85b0-82f390c5d53a")
    assert api.put(ident, flavor=SOLD_OUT).code == code
    if not code:
        assert api.call("POST", f"/notebooks/{ident}/start").code == "6360"


@pytest.mark.parametrize(
    "address",
    ["10.1.1.2", "172.16.0.1", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.1", "0.0.0.0"],
)
@pytest.mark.parametrize("choice", ["accepted", "refused"])
def test_addresses_that_are_not_public(choice: str, address: str) -> None:
    api = Api(assume={"non-public-addresses": choice})
    ident = api.stopped()
    answer = api.put(ident, endpoints=[{**SSH[0], "allowed_access_ips": [address, "203.0.113.7", "192.0.2.1"]}])
    assert (answer.status == 200) == (choice == "accepted")
    assert api.put(ident, endpoints=[{**SSH[0], "allowed_access_ips": ["198.51.100.1"]}]).status == 200
    changed = api.control(
        "PATCH", f"/notebooks/{ident}", {"endpoints": [{"service": "SSH", "allowed_access_ips": [address]}]}
    )
    assert changed.status == 200
    assert api.show(ident)["endpoints"][-1]["allowed_access_ips"] == [address]


def test_what_the_console_made_is_kept_and_no_request_may_send_it() -> None:
    api = Api()
    ident = api.stopped()
    odd = {"name": "训练-1", "description": "<a & b> / c", "tags": {"a*b": "<c>", "_sys_x": "y", "team": "z"}}
    assert api.control("PATCH", f"/notebooks/{ident}", odd).status == 200
    shown = api.show(ident)
    assert {name: shown[name] for name in ("name", "description")} == {
        name: odd[name] for name in ("name", "description")
    }
    assert api.put(ident, flavor=CPU8).status == 200
    assert api.put(ident, name="训练-1").status == 400
    assert api.put(ident, description="a/b").status == 400
    tags = f"/notebooks/{ident}/tags"
    assert api.call("POST", f"{tags}/create", {"tags": [{"key": "a*b", "value": "d"}]}).status == 400
    assert api.call("DELETE", f"{tags}/delete", {"tags": [{"key": "_sys_x"}]}).status == 400
    assert api.call("DELETE", f"{tags}/delete", {"tags": [{"key": "b*a"}]}).status == 400
    assert api.call("DELETE", f"{tags}/delete", {"tags": [{"key": "a*b", "value": "<c>"}]}).status == 204
    assert {tag["key"] for tag in api.show(ident)["tags"]} == {"_sys_x", "team"}
