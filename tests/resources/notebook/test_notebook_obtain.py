"""A create's one POST: what it looks at before and after, what it takes for its own, and what it leaves to others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from notebook_obtaining import MADE_AND_LOST, obtained, obtaining, told
from notebook_service import FORBIDDEN, GONE, LOST, REFUSED, UNAVAILABLE, Service, after, notebook

from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.resources.notebook.apply.create_once import LOOKS
from modelarts_provider.resources.notebook.service.known_instances import Claims


@pytest.mark.parametrize("looks", [1, 2, 3, 4])
def test_an_instance_whose_answer_was_lost_is_found_once_it_is_listed(looks: int) -> None:
    service = Service([notebook("other", signed=True)], {"create": [MADE_AND_LOST]})
    service.lists = [set(), *[{"mine"}] * (looks - 1)]
    assert obtained(service) == ("mine", "")
    assert service.calls.count("list") == 1 + looks + 1  # the last for what is listed later still
    assert service.calls.count("create") == 1


def test_what_is_never_listed_is_not_known() -> None:
    service = Service([], {"create": [MADE_AND_LOST]}, lists=[set(), *[{"mine"}] * LOOKS])
    made, error = obtained(service)
    assert made is None
    assert "Whether an instance was created is not known" in error
    assert "Nothing was created" not in error


def test_of_several_that_may_be_it_none_is_taken() -> None:
    both = after(lambda service: service.make("mine"), lambda service: service.make("theirs"), error=LOST)
    made, error = obtained(Service([], {"create": [both]}))
    assert made is None
    assert "more than one may be it" in error
    assert "mine" in error
    assert "theirs" in error
    assert "terraform import" in error


def test_without_a_list_from_before_nothing_is_taken() -> None:
    service = Service([notebook("theirs")], {"list": [FORBIDDEN], "create": [LOST]})
    made, error = obtained(service)
    assert made is None
    assert "not known" in error


def test_what_may_not_be_listed_is_no_reason_not_to_create() -> None:
    assert obtained(Service([], {"list": [FORBIDDEN]})) == ("made-0", "")


def test_what_can_not_be_listed_at_the_moment_gets_no_twin() -> None:
    service = Service([notebook("left")], {"list": [UNAVAILABLE]})
    made, error = obtained(service, adopt_existing=True)
    assert made is None
    assert "Nothing was created" in error
    assert service.calls == ["list"]


def test_a_look_for_what_was_lost_may_fail_for_a_while() -> None:
    service = Service([], {"list": [None, UNAVAILABLE, UNAVAILABLE], "create": [MADE_AND_LOST]})
    assert obtained(service) == ("mine", "")


def test_an_answer_that_names_no_instance_is_a_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nameless(service: Service, _body: Any) -> dict[str, Any]:
        service.make("mine")
        return {"status": "CREATING"}

    monkeypatch.setattr(Service, "create", nameless)
    assert obtained(Service([])) == ("mine", "")


@pytest.mark.parametrize("another", [{"id": "theirs"}, {"id": "THEIRS"}, {"id": "unlisted", "name": "nb-2"}])
def test_an_answer_about_another_instance_is_a_lost_one(
    monkeypatch: pytest.MonkeyPatch, another: dict[str, Any]
) -> None:
    """What mixes answers up must not give a state somebody else's instance, which a destroy would delete."""

    async def mixed_up(service: Service, _body: Any) -> dict[str, Any]:
        service.make("mine")
        return {"status": "CREATING", **another}

    monkeypatch.setattr(Service, "create", mixed_up)
    assert obtained(Service([notebook("theirs", signed=True)])) == ("mine", "")


LATE = {
    "signed: a state has it": notebook("theirs", signed=True),
    "older than the request": notebook("theirs", age=3600.0),
    "older, by its lease alone": {k: v for k, v in notebook("theirs", age=3600.0).items() if k != "create_at"},
    "another flavor": notebook("theirs", flavor="modelarts.vm.cpu.8u"),
    "another image": notebook("theirs", image={"id": "278e88d1-5b71-4766-8502-b3ba72e824d9"}),
    "another name": notebook("theirs", name="nb-2"),
}


@pytest.mark.parametrize("case", LATE)
def test_what_is_listed_late_and_is_somebody_elses_is_not_taken(case: str) -> None:
    """A list may lag behind, and may lose an item where others are deleted while its pages are read."""
    service = Service([LATE[case]], {"create": [LOST]}, lists=[{"theirs"}])
    made, error = obtained(service)
    assert made is None
    assert "No instance of that name has turned up" in error


def test_what_this_process_knows_to_be_somebodys_and_is_listed_late_is_not_taken() -> None:
    made, error = obtained(
        Service([notebook("theirs")], {"create": [LOST]}, lists=[{"theirs"}]), Claims(ids={"theirs"})
    )
    assert made is None
    assert "No instance of that name has turned up" in error


def test_what_was_there_before_is_not_taken_for_what_was_just_made() -> None:
    service = Service([notebook("theirs")], {"create": [LOST], "show": [FORBIDDEN] * 9})
    made, error = obtained(service)
    assert made is None
    assert "No instance of that name has turned up" in error


@pytest.mark.parametrize("case", LATE)
def test_what_is_listed_late_is_no_reason_not_to_take_ones_own(case: str) -> None:
    service = Service([LATE[case]], {"create": [MADE_AND_LOST]}, lists=[{"theirs"}])
    assert obtained(service) == ("mine", "")


def test_what_was_just_made_is_read_again_where_that_fails_for_a_while() -> None:
    service = Service([], {"create": [MADE_AND_LOST], "show": [UNAVAILABLE] * 9})
    assert obtained(service) == ("mine", "")


@pytest.mark.parametrize("error", [UNAVAILABLE, REFUSED], ids=["never available", "refused"])
def test_what_may_have_been_made_and_can_not_be_read_is_named(error: Exception) -> None:
    """It may be a parallel run's: only the tag tells."""
    service = Service([], {"create": [MADE_AND_LOST], "show": [error] * 99})
    made, said = obtained(service)
    assert made is None
    assert "this may be the instance, or another run's" in said
    assert "mine  " in said
    assert "terraform import" in said
    assert "Nothing was created" not in said


NAMESAKES: dict[str, tuple[Any, Any]] = {
    # what is there, and what is left of a killed create: whether a create of the same name has to say so
    "young, unsigned": (notebook("left"), True),
    "young by its lease alone": ({k: v for k, v in notebook("left").items() if k != "create_at"}, True),
    "without tags in the answer": ({k: v for k, v in notebook("left").items() if k != "tags"}, True),
    "with somebody's tags": (notebook("left", tags=[{"key": "a", "value": "b"}]), True),
    "signed": (notebook("left", signed=True), False),
    "older than the timeout": (notebook("left", age=1801.0), False),
    "nobody knows how old": (
        {k: v for k, v in notebook("left").items() if k not in ("create_at", "lease")},
        False,
    ),
    "another flavor": (notebook("left", flavor="modelarts.vm.cpu.8u"), False),
    "another image": (notebook("left", image={"id": "278e88d1-5b71-4766-8502-b3ba72e824d9"}), False),
    "another name": (notebook("left", name="nb-2"), False),
}


@pytest.mark.parametrize("case", NAMESAKES)
def test_what_a_killed_create_may_have_left_is_named(case: str) -> None:
    item, left = NAMESAKES[case]
    service = Service([item])
    made, error = obtained(service)
    if left:
        assert made is None
        assert "left  " in error
        assert "terraform import <address> left" in error
        assert "Nothing was created" in error
        assert "create" not in service.calls
    else:
        assert (made, error) == ("made-1", "")


@pytest.mark.parametrize("there", ["0", "abcdef0123456789abcdef0123456789"])
def test_what_is_left_is_looked_for_in_the_planned_workspace_and_where_no_workspace_is_named(there: str) -> None:
    """What the service lists where no workspace is named isn't documented; here it is the default one's alone."""
    service = Service([notebook("left", workspace_id=there)])
    made, error = obtained(service, workspace_id="abcdef0123456789abcdef0123456789")
    assert made is None
    assert "left  " in error
    assert service.calls.count("list") == 2


@pytest.mark.parametrize("case", NAMESAKES)
def test_adopt_existing_takes_just_what_is_named_otherwise(case: str) -> None:
    item, left = NAMESAKES[case]
    service = Service([item])
    assert obtained(service, adopt_existing=True) == ("left" if left else "made-1", "")
    assert service.calls.count("create") == (not left)


def test_of_two_that_may_be_left_adopt_existing_takes_none() -> None:
    service = Service([notebook("one"), notebook("two")])
    made, error = obtained(service, adopt_existing=True)
    assert made is None
    assert "one  " in error
    assert "two  " in error
    assert "import the one that is yours" in error
    assert "create" not in service.calls


@pytest.mark.parametrize("adopt", [None, True])
def test_what_this_process_knows_to_be_somebodys_is_neither_named_nor_taken(adopt: bool | None) -> None:
    claims = Claims(ids={"left"})
    assert obtained(Service([notebook("left")]), claims, adopt_existing=adopt) == ("made-1", "")
    assert claims.ids == {"left", "made-1"}


@pytest.mark.parametrize("error", [GONE, FORBIDDEN], ids=["gone", "forbidden"])
def test_what_is_gone_or_others_is_no_reason_not_to_create(error: Exception) -> None:
    assert obtained(Service([notebook("left")], {"show": [error]})) == ("made-1", "")


@pytest.mark.parametrize("adopt", [None, True])
@pytest.mark.parametrize("error", [UNAVAILABLE, REFUSED], ids=["never available", "refused"])
def test_what_may_be_left_and_can_not_be_looked_at_gets_no_twin(adopt: bool | None, error: Exception) -> None:
    service = Service([notebook("left")], {"show": [error] * 99})
    made, said = obtained(service, adopt_existing=adopt)
    assert made is None
    assert "left  " in said
    assert "Nothing was created" in said
    assert ("timeouts.create" in said) == (error is UNAVAILABLE)
    assert (service.calls.count("show") == 1) == (error is REFUSED)
    assert "create" not in service.calls


def test_a_create_that_is_refused_looks_for_nothing() -> None:
    service = Service([], {"create": [REFUSED]})
    made, error = obtained(service)
    assert made is None
    assert "Nothing was created" in error
    assert service.calls == ["list", "create"]


def test_creates_of_one_likeness_take_turns() -> None:
    """Else each would see what the other has just made, and none could tell which is its own."""
    service = Service([])
    service.answers["create"] = [
        after(lambda service: service.make("one"), error=LOST),
        after(lambda service: service.make("two"), error=LOST),
    ]
    found, claims = Diagnostics(), Claims()

    async def both() -> list[str | None]:
        return await asyncio.gather(*(obtaining(service, found, claims) for _ in range(2)))

    assert asyncio.run(both()) == ["one", "two"]
    assert told(found) == ""
    assert service.calls.index("create") < len(service.calls) - 1 - service.calls[::-1].index("create")
    assert claims.ids == {"one", "two"}


def test_creates_of_other_names_do_not_wait_for_each_other() -> None:
    service = Service([])
    everyone = asyncio.Event()

    async def slow(_: Service) -> None:
        await everyone.wait()

    def quick(_: Service) -> None:
        everyone.set()

    service.answers["create"] = [slow, quick]

    async def both() -> list[str | None]:
        claims, found = Claims(), Diagnostics()
        work = (obtaining(service, found, claims), obtaining(service, found, claims, flavor="modelarts.vm.cpu.8u"))
        return await asyncio.wait_for(asyncio.gather(*work), timeout=30)

    assert None not in asyncio.run(both())


def test_a_stop_before_the_request_creates_nothing() -> None:
    async def stopped() -> str | None:
        cancel = Cancel()
        service.answers["list"] = [lambda _: cancel.set()]
        return await obtaining(service, found, cancel=cancel)

    service, found = Service([]), Diagnostics()
    assert asyncio.run(stopped()) is None
    assert service.calls == ["list"]
    assert "Nothing was created" in told(found)


def test_a_stop_while_a_lost_instance_is_looked_for_does_not_say_that_there_is_none() -> None:
    async def stopped() -> str | None:
        cancel = Cancel()
        service.answers["create"] = [after(lambda service: service.make("mine"), lambda _: cancel.set(), error=LOST)]
        return await obtaining(service, found, cancel=cancel)

    service, found = Service([], lists=[set(), {"mine"}]), Diagnostics()
    assert asyncio.run(stopped()) is None
    assert "Whether an instance was created is not known" in told(found)
    assert "Nothing was created" not in told(found)


def test_a_stop_after_the_request_names_what_may_have_been_made() -> None:
    """It may be a parallel run's: there is no time left to see."""

    async def stopped() -> str | None:
        cancel = Cancel()
        service.answers["create"] = [after(lambda service: service.make("mine"), lambda _: cancel.set(), error=LOST)]
        return await obtaining(service, found, cancel=cancel)

    service, found = Service([]), Diagnostics()
    assert asyncio.run(stopped()) is None
    assert "mine  " in told(found)
    assert "A stop was asked for" in told(found)
    assert "terraform import" in told(found)
    assert "Nothing was created" not in told(found)
