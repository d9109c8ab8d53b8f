"""A deletion is done when the service says that there is no such instance, and nothing else counts as that."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from notebook_service import (
    BUSY,
    FORBIDDEN,
    GONE,
    LOST,
    REFUSED,
    STOP_FIRST,
    UNAVAILABLE,
    Service,
    after,
    notebook,
)

from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.resources.notebook.apply.delete import delete

GOES = after(Service.drop)
GOES_UNHEARD = after(Service.drop, error=LOST)


def becomes(status: str, error: Exception | None = None) -> Any:
    return after(lambda service: service.items[0].update(status=status), error=error)


def deleted(service: Service, cancel: Cancel | None = None, most_looks: int = 50) -> tuple[bool, str]:
    """Whether it is gone, and what a user is told."""
    found = Diagnostics()
    operator = service.operator("nb-1", cancel=cancel, most_looks=most_looks)
    done = asyncio.run(delete(operator, "nb", found))
    return done, "\n".join(each.detail for each in found)


ENDS_GONE: dict[str, tuple[dict[str, list[Any]], int]] = {
    # answers, and how often the deletion is asked for
    "accepted, then gone": ({"show": [None, None, GOES]}, 1),
    "gone already": ({"delete": [GONE]}, 1),
    "shown as DELETED": ({"show": [None, becomes("DELETED")]}, 1),
    "busy, then accepted": ({"delete": [BUSY, BUSY], "show": [None, None, GOES]}, 3),
    "busy with the very deletion": ({"delete": [becomes("DELETING", BUSY)], "show": [None, GOES]}, 1),
    "unanswered with effect": ({"delete": [becomes("DELETING", LOST)], "show": [None, GOES]}, 1),
    "unanswered, and gone since": ({"delete": [GOES_UNHEARD]}, 1),
    "unanswered without effect": ({"delete": [LOST], "show": [None, GOES]}, 2),
    "unavailable": ({"delete": [UNAVAILABLE, UNAVAILABLE], "show": [None, None, GOES]}, 3),
    "busy, and a look at it fails": ({"delete": [BUSY], "show": [UNAVAILABLE, BUSY, None, GOES]}, 2),
    "a look at what goes fails": ({"show": [UNAVAILABLE, BUSY, None, GOES]}, 1),
    "failed before, and shown so for a while": (
        {"delete": [becomes("DELETE_FAILED")], "show": [*[becomes("DELETE_FAILED")] * 3, becomes("DELETING"), GOES]},
        1,
    ),
    "to be stopped first": ({"delete": [STOP_FIRST], "show": [None, None, None, GOES]}, 2),
}


@pytest.mark.parametrize("case", ENDS_GONE)
def test_what_ends_gone(case: str) -> None:
    answers, times = ENDS_GONE[case]
    service = Service([notebook("nb-1")], {name: [*each] for name, each in answers.items()})
    assert deleted(service) == (True, "")
    assert service.calls.count("delete") == times
    assert service.calls.count("stop") == (case == "to be stopped first")


STAYS: dict[str, tuple[dict[str, list[Any]], str]] = {
    "refused": ({"delete": [REFUSED]}, "ModelArts.6336"),
    "forbidden": ({"delete": [FORBIDDEN]}, "ModelArts.0112"),
    "busy for ever": ({"delete": [BUSY] * 99}, "timeouts.delete"),
    "unavailable for ever": ({"delete": [UNAVAILABLE] * 99}, "timeouts.delete"),
    "accepted, and nothing happens": (
        {"delete": [becomes("RUNNING")], "show": [becomes("RUNNING")] * 99},
        "timeouts.delete",
    ),
    "can't be looked at any more": ({"show": [UNAVAILABLE] * 99}, "timeouts.delete"),
    "may not be looked at any more": ({"show": [FORBIDDEN]}, "ModelArts.0112"),
    "failed": ({"show": [None, becomes("DELETE_FAILED")]}, "The notebook is DELETE_FAILED"),
    "failed at once": ({"show": [becomes("DELETE_FAILED")] * 99}, "The notebook is DELETE_FAILED"),
    "may not be stopped": ({"delete": [STOP_FIRST], "stop": [FORBIDDEN] * 9}, "asks for a stop before the deletion"),
}


@pytest.mark.parametrize("case", STAYS)
def test_what_stays_is_told_and_never_forgotten(case: str) -> None:
    answers, words = STAYS[case]
    service = Service([notebook("nb-1")], {name: [*each] for name, each in answers.items()})
    done, said = deleted(service)
    assert not done
    assert words in said
    assert "stays in the state: nothing is forgotten" in said
    under_way = case in {
        "accepted, and nothing happens",
        "can't be looked at any more",
        "may not be looked at any more",
    }
    assert ("The service has accepted the deletion." in said) is under_way
    assert ("delete the instance in the console" in said) is case.startswith(("failed", "may not be stopped"))


@pytest.mark.parametrize("operation", ["delete", "show"])
def test_a_stop_that_is_asked_for_forgets_nothing(operation: str) -> None:
    async def stopped() -> bool:
        cancel = Cancel()
        service.answers[operation] = [lambda _: cancel.set()]
        return await delete(service.operator("nb-1", cancel=cancel), "nb", found)

    service, found = Service([notebook("nb-1")]), Diagnostics()
    assert not asyncio.run(stopped())
    (error,) = found
    assert "A stop was asked for" in error.detail
    assert "stays in the state: nothing is forgotten" in error.detail
