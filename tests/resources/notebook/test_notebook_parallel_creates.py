"""Creates of one name at the same time, of this run and of others: whose an instance is, and how long that is waited for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from notebook_obtaining import MADE_AND_LOST, obtained, obtaining, told
from notebook_service import FORBIDDEN, GONE, LOST, UNAVAILABLE, Service, after, notebook
from notebook_values import PROJECT, REGION, configured

from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.resources.common.tags import MARK
from modelarts_provider.resources.notebook.service.known_instances import Claims
from modelarts_provider.resources.notebook.service.lookup import likeness


def becoming(*looks: dict[str, Any]) -> list[Any]:
    """What the reads of the first instance show, one after the other; those after them show the last."""
    return [after(lambda service, look=look: service.items[-1].update(look)) for look in looks]


MANAGED = {"tags": [{"key": MARK, "value": "managed"}]}
MOVES, RESTS = {"status": "CREATING"}, {"status": "RUNNING"}
FINISHED: dict[str, list[dict[str, Any]]] = {
    "it is made, and tagged": [MOVES, MOVES, RESTS, MANAGED],
    "it takes a while until it is tagged": [MOVES, RESTS, RESTS, RESTS, RESTS, RESTS, MANAGED],
    "it is stopped before it is tagged": [RESTS, *[{"status": "STOPPING"}] * 20, {"status": "STOPPED"}, MANAGED],
    "its disk is worked on": [{**RESTS, "volume": {"status": "INITIALIZING"}}] * 20 + [{"volume": {}}, MANAGED],
    "it fails, and is tagged": [MOVES, {"status": "CREATE_FAILED"}, MANAGED],
    "another run adopts it": [RESTS, {"tags": [{"key": MARK, "value": "adopting/0"}]}, *[RESTS] * 6, MANAGED],
    "it is updated": [RESTS, {"tags": [{"key": MARK, "value": "20261123T000000Z/deadbeef/1:TIMING:1"}]}],
    "it is deleted": [MOVES, {"status": "DELETING"}],
}


@pytest.mark.parametrize("case", FINISHED)
@pytest.mark.parametrize("adopt", [None, True])
def test_what_another_run_finishes_is_no_reason_not_to_create(case: str, adopt: bool | None) -> None:
    """Parallel stacks whose notebooks have the same name."""
    looks = FINISHED[case]
    service = Service([notebook("theirs", **looks[0])], {"show": becoming(*looks)})
    assert obtained(service, adopt_existing=adopt) == ("made-1", "")
    assert service.calls.count("create") == 1
    assert "create_tags" not in service.calls
    assert service.calls.count("show") == len(looks)


@pytest.mark.parametrize("error", [GONE, FORBIDDEN], ids=["gone", "forbidden"])
def test_what_is_gone_or_others_while_it_is_waited_for_is_no_reason_not_to_create(error: Exception) -> None:
    assert obtained(Service([notebook("theirs")], {"show": [None, UNAVAILABLE, None, error]})) == ("made-1", "")


@pytest.mark.parametrize("moves", [0, 12])
@pytest.mark.parametrize("seconds", [0.0, 6.0, 30.0])
def test_what_rests_for_as_long_as_is_set_is_left_over(seconds: float, moves: int) -> None:
    service = Service([notebook("left")], {"show": becoming(*[MOVES] * moves, RESTS)})
    made, error = obtained(service, Claims(unmanaged_seconds=seconds))
    assert made is None
    assert "terraform import <address> left" in error
    assert service.calls.count("create") == 0
    assert service.slept >= seconds
    assert service.slept <= seconds + (moves + 2) * 11.0


def test_what_comes_while_a_create_waits_is_not_left_over() -> None:
    """It is another run's, whatever becomes of it: that run began later."""
    later = after(lambda service: service.items.insert(0, notebook("later")))
    service = Service([notebook("theirs")], {"show": [later, None, *becoming(MANAGED)]})
    assert obtained(service) == ("made-2", "")
    assert service.calls == ["list", "show", "show", "show", "list", "create"]


def test_what_came_while_a_create_waited_is_not_taken_for_what_was_just_made() -> None:
    later = after(lambda service: service.items.insert(0, notebook("later")))
    answers = {"show": [later, None, *becoming(MANAGED)], "create": [MADE_AND_LOST]}
    assert obtained(Service([notebook("theirs")], answers)) == ("mine", "")


def test_an_image_in_capitals_is_the_same_image() -> None:
    left = notebook("left")
    left["image"] = {"id": left["image"]["id"].upper()}
    made, error = obtained(Service([left]))
    assert made is None
    assert "terraform import <address> left" in error
    lower = configured(name="nb", endpoints=None, description=None)
    upper = {**lower, "image_id": lower["image_id"].upper()}
    assert likeness(lower, REGION, PROJECT) == likeness(upper, REGION, PROJECT)


@pytest.mark.parametrize(
    ("caller", "told", "left"),
    [
        ("u1", {"user_id": "u1"}, True),
        ("u1", {"user_id": "U1"}, True),
        ("u1", {"user_id": "u2"}, False),
        ("u1", {"user": {"id": "u2"}}, False),
        ("u1", {"user": None}, True),
        (None, {"user_id": "u2"}, True),
    ],
)
def test_an_instance_of_another_user_is_not_left_over(caller: str | None, told: dict[str, Any], left: bool) -> None:
    made, _ = obtained(Service([notebook("left", **told)]), Claims(user_id=caller))
    assert (made is None) == left


def test_what_never_rests_ends_with_the_timeout_and_nothing_is_created() -> None:
    service = Service([notebook("left", status="CREATING")])
    made, error = obtained(service, adopt_existing=True)
    assert made is None
    assert "timeouts.create" in error
    assert "left  CREATING" in error
    assert "Nothing was created" in error
    assert "create" not in service.calls


def test_a_stop_ends_the_wait_at_once_and_nothing_is_created() -> None:
    async def stopped() -> str | None:
        cancel = Cancel()
        service.answers["show"] = [None, None, lambda _: cancel.set()]
        return await obtaining(service, found, cancel=cancel)

    service, found = Service([notebook("left", status="CREATING")]), Diagnostics()
    assert asyncio.run(stopped()) is None
    assert "A stop was asked for while the create waited" in told(found)
    assert "left  CREATING" in told(found)
    assert "Nothing was created" in told(found)
    assert service.calls.count("show") == 3
    assert "create" not in service.calls


def test_why_a_create_waits_is_logged_once() -> None:
    lines: list[tuple[str, Any]] = []
    claims = Claims(log=lambda message, **facts: lines.append((message, facts)))
    obtained(Service([notebook("theirs")], {"show": becoming(MOVES, MOVES, RESTS, MANAGED)}), claims)
    ((message, facts),) = lines
    assert 'create of notebook "nb" waits' in message
    assert facts == {"instances": ["theirs"]}
    obtained(Service([notebook("theirs")], {"show": becoming(MANAGED)}), claims)
    assert len(lines) == 1


@pytest.mark.parametrize("adopt", [None, True])
def test_many_creates_wait_for_one_leftover_as_one_would(adopt: bool | None) -> None:
    """One read in each interval, whoever makes it, and nobody waits for what another of them has just made."""
    service, found, claims = Service([notebook("left")]), Diagnostics(), Claims()

    async def many() -> list[str | None]:
        return await asyncio.gather(*(obtaining(service, found, claims, adopt_existing=adopt) for _ in range(20)))

    made = asyncio.run(many())
    assert service.calls.count("show") <= 20
    assert service.slept <= 60.0
    if adopt is None:
        assert made == [None] * 20
        assert service.calls.count("create") == 0
    else:
        assert made.count("left") == 1
        assert len(set(made)) == 20
        assert told(found) == ""


def test_two_runs_whose_answers_are_lost_at_once_take_nothing_of_each_other() -> None:
    """Nobody can tell which is whose. Both are named, and neither is taken."""
    service, both = Service([]), asyncio.Event()

    async def lost(service: Service) -> None:
        service.make("one" if not service.items else "two")
        if len(service.items) == 2:
            both.set()
        await both.wait()
        raise LOST

    service.answers["create"] = [lost, lost]
    found = [Diagnostics(), Diagnostics()]

    async def runs() -> list[str | None]:
        return await asyncio.gather(*(obtaining(service, each, Claims()) for each in found))

    assert asyncio.run(runs()) == [None, None]
    for each in found:
        assert "more than one may be it" in told(each)
        assert "one  " in told(each)
        assert "two  " in told(each)
    assert all(item["tags"] == [] for item in service.items)


@pytest.mark.parametrize("listed", ["both", "theirs first"])
def test_a_lost_answer_finds_its_own_beside_another_runs(listed: str) -> None:
    """The other run's is tagged when that run is done: then one remains."""
    both = after(lambda service: service.make("theirs"), lambda service: service.make("mine"), error=LOST)
    looks: list[Any] = [None] * 6
    looks += [after(lambda service: service.items[-1].update(MANAGED))]
    service = Service([], {"create": [both], "show": looks})
    service.lists = [set(), *([{"mine"}] if listed == "theirs first" else [])]
    assert obtained(service) == ("mine", "")


def test_what_two_runs_take_for_their_own_is_one_runs() -> None:
    """One request never arrived, the other's answer was lost: both see one instance, and one of them gets it."""
    service, both = Service([]), asyncio.Event()

    async def made(service: Service) -> None:
        service.make("one")
        both.set()
        raise LOST

    async def never_arrived(_: Service) -> None:
        await both.wait()
        raise LOST

    service.answers["create"] = [made, never_arrived]
    found = [Diagnostics(), Diagnostics()]

    async def runs() -> list[str | None]:
        return await asyncio.gather(*(obtaining(service, each, Claims()) for each in found))

    got = asyncio.run(runs())
    assert sorted(got, key=str) == [None, "one"]
    assert "Whether an instance was created is not known" in told(found[got.index(None)])


def test_two_creates_of_one_process_whose_answers_are_lost_each_find_their_own() -> None:
    """The second asks while the first waits for what it has found."""
    service, found, claims = Service([]), Diagnostics(), Claims()
    service.answers["create"] = [
        after(lambda service: service.make("one"), error=LOST),
        after(lambda service: service.make("two"), error=LOST),
    ]

    async def both() -> list[str | None]:
        return await asyncio.gather(*(obtaining(service, found, claims) for _ in range(2)))

    assert asyncio.run(both()) == ["one", "two"]
    assert told(found) == ""
    last_create = len(service.calls) - 1 - service.calls[::-1].index("create")
    assert service.calls.index("create_tags") > last_create, "the second waits until the first has waited"
    assert claims.candidates == set()
