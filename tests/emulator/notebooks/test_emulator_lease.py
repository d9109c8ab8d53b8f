"""Auto stop: arithmetic, prolonging, and the stop itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from emulator_api import HOUR, Api

from modelarts_emulator.config import Timing
from modelarts_emulator.notebooks import lease


@pytest.mark.parametrize(
    ("created", "now", "shown"),
    [
        (1638841744515, 1638844471727, 6327212),  # the documents' start sample
        (1638841744515, 1638843457621, 5313106),  # the documents' stop sample
    ],
)
def test_the_numbers_of_the_documents(created: int, now: int, shown: int) -> None:
    made = lease.make(HOUR, "TIMING", created=created, now=now)
    assert (made.duration, made.enable, made.update_at) == (shown, True, now)


def test_it_stops_when_the_lease_is_over(api: Api) -> None:
    ident = api.running()
    api.wait(3600 - 30 - 0.001)
    assert api.status(ident) == "RUNNING"
    api.wait(0.001)
    assert api.status(ident) == "STOPPING"
    api.wait(15)
    assert api.status(ident) == "STOPPED"


def test_a_long_sleep_gives_the_same_end(api: Api) -> None:
    ident = api.running()
    api.wait(10 * 3600)
    assert api.show(ident)["status"] == "STOPPED"
    created = api.behind(ident)["behind"]["create_at"]
    assert api.behind(ident)["behind"]["update_at"] == created + HOUR + 15_000


def test_start_bases_the_lease_anew(api: Api) -> None:
    ident = api.stopped(duration=2 * HOUR)
    api.wait(955)  # 1000 s after creation
    started = api.call("POST", f"/notebooks/{ident}/start").body["lease"]
    assert started["duration"] == 1_000_000 + HOUR
    api.wait(30)
    api.call("POST", f"/notebooks/{ident}/stop")
    api.wait(15)
    query = {"duration": 3 * HOUR, "type": "timing"}
    started = api.call("POST", f"/notebooks/{ident}/start", query=query).body["lease"]
    assert started["duration"] == 1_045_000 + 3 * HOUR


def test_minus_one_keeps_it_running(api: Api) -> None:
    ident = api.running(duration=-1)
    assert api.show(ident)["lease"]["enable"] is False
    api.wait(100 * 3600)
    assert api.status(ident) == "RUNNING"
    api.call("POST", f"/notebooks/{ident}/stop")
    api.wait(15)
    assert api.call("POST", f"/notebooks/{ident}/start", query={"duration": -1}).body["lease"]["enable"] is False
    api.wait(100 * 3600)
    assert api.status(ident) == "RUNNING"


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ({}, {"duration": 2 * HOUR}, {"duration": 30_000 + 2 * HOUR, "type": "TIMING", "enable": True}),
        ({}, {"duration": 2 * HOUR, "type": "idle"}, {"duration": 2 * HOUR, "type": "IDLE", "enable": True}),
        ({}, {"type": "IDLE"}, {"duration": HOUR, "type": "IDLE", "enable": True}),
        ({}, {}, {"duration": 30_000 + HOUR, "type": "TIMING", "enable": True}),
        ({"duration": 5 * HOUR}, {"duration": HOUR, "type": "IDLE"}, {"duration": 30_000 + 5 * HOUR, "type": "TIMING"}),
        ({}, {"duration": -1}, {"enable": False}),
    ],
)
def test_prolonging(api: Api, query: dict[str, Any], body: dict[str, Any], expected: dict[str, Any]) -> None:
    ident = api.running()
    answer = api.call("PATCH", f"/notebooks/{ident}/lease", body, query=query)
    assert answer.status == 200
    assert expected.items() <= answer.body.items()
    assert api.call("GET", f"/notebooks/{ident}/lease").body == answer.body
    assert api.show(ident)["lease"] == answer.body
    assert answer.body["update_at"] == api.clock.now()


@pytest.mark.parametrize(
    ("query", "body", "code"),
    [
        ({"duration": HOUR - 1}, {}, "6349"),
        ({"duration": "soon"}, {}, "6332"),
        ({"duration": "9" * 30}, {}, "6349"),
        ({}, {"duration": 73 * HOUR}, "6349"),
        ({}, {"duration": 14 * 60_000, "type": "IDLE"}, "6349"),
        ({}, {"type": "SOMETIMES"}, "6336"),
        ({}, {"duration": 1.5}, "6332"),
    ],
)
def test_wrong_durations(api: Api, query: dict[str, Any], body: dict[str, Any], code: str) -> None:
    ident = api.running()
    before = api.show(ident)["lease"]
    assert api.call("PATCH", f"/notebooks/{ident}/lease", body, query=query).code == code
    assert api.show(ident)["lease"] == before


def test_prolonging_moves_the_stop(api: Api) -> None:
    ident = api.running()
    api.wait(1770)
    api.call("PATCH", f"/notebooks/{ident}/lease", {"duration": HOUR})
    api.wait(3599)
    assert api.status(ident) == "RUNNING"
    api.wait(1)
    assert api.status(ident) == "STOPPING"


def test_idle_stops_only_when_idle(api: Api) -> None:
    ident = api.running(lease={"type": "IDLE", "duration": HOUR})
    api.wait(50 * 3600)
    assert api.status(ident) == "RUNNING"
    api.control("PATCH", f"/notebooks/{ident}", {"idle": True})
    api.wait(3600)
    assert api.status(ident) == "STOPPING"


def test_a_lease_that_ends_during_the_start_stops_it_afterwards() -> None:
    api = Api(timing=replace(Timing(), create=2 * HOUR))
    ident = api.create().body["id"]
    api.wait(1.5 * 3600)
    assert api.status(ident) == "CREATING"
    api.wait(0.5 * 3600)
    assert api.status(ident) == "STOPPING"
    api.wait(60)
    assert api.status(ident) == "STOPPED"
