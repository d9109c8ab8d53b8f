"""What an import finds: by id or exact name, shown by id, and not before it is made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from notebook_service import FORBIDDEN, GONE, UNAVAILABLE, Service, after, notebook
from notebook_values import ID

from modelarts_provider.framework.cancellation import Cancel
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.resources.notebook.schema.import_id import ImportId, import_id
from modelarts_provider.resources.notebook.service.import_notebook import find, finished

HEAD = "Unable to import"


def imported(service: Service, identifier: str, cancel: Cancel | None = None) -> tuple[dict[str, Any] | None, str]:
    """What an import finds, once it is made, and its error."""
    found = Diagnostics()

    async def scenario() -> Any:
        asked = import_id(identifier)
        if isinstance(asked, str):
            found.error(HEAD, asked)
            return None
        seen = await find(service.api, asked, cancel or Cancel(), HEAD, ("r", "p"), found)
        if seen is None:
            return None
        return await finished(service.operator(seen["id"], cancel=cancel), seen, HEAD, found)

    return asyncio.run(scenario()), "\n".join(each.detail for each in found)


def becoming(*statuses: str) -> list[Any]:
    return [after(lambda service, status=status: service.items[0].update(status=status)) for status in statuses]


def test_by_name_it_is_what_its_id_shows_and_not_what_a_list_holds() -> None:
    service = Service([notebook(ID), notebook("other", name="nb-2")], {"show": becoming("STOPPED")})
    seen, error = imported(service, "nb")
    assert error == ""
    assert seen is not None
    assert (seen["id"], seen["status"]) == (ID, "STOPPED")


NOT_FOUND: dict[str, tuple[str, dict[str, list[Any]], str, bool]] = {
    # what is asked for, answers, the error's words, and whether anything is called
    "no such id": (ID.replace("c", "d"), {}, "ModelArts.6309", True),
    "an id that may not be seen": (ID, {"show": [FORBIDDEN]}, "ModelArts.0112", True),
    "an id that can't be shown": (ID, {"show": [UNAVAILABLE]}, "503", True),
    "no such name": ("n", {}, "No notebook instance has exactly this name", True),
    "a name that can't be listed": ("nb", {"list": [UNAVAILABLE]}, "503", True),
    "gone since it was listed": ("nb", {"show": [GONE]}, "ModelArts.6309", True),
    "an address": ("modelarts_notebook.train", {}, "is not the id of a notebook instance", True),
    "malformed": ("https://example.com/nb", {}, "is not the id of a notebook instance", False),
}


@pytest.mark.parametrize("case", NOT_FOUND)
def test_what_is_not_found_is_told_and_imports_nothing(case: str) -> None:
    identifier, answers, words, called = NOT_FOUND[case]
    service = Service([notebook(ID)], {name: [*each] for name, each in answers.items()})
    seen, error = imported(service, identifier)
    assert seen is None
    assert words in error
    assert "Nothing was imported" in error
    assert bool(service.calls) == called


def test_an_id_in_capitals_is_the_same_id() -> None:
    service = Service([notebook(ID)])
    seen, error = imported(service, ID.upper())
    assert error == ""
    assert seen is not None
    assert seen["id"] == ID


PROJECT_ID = "0123456789abcdef0123456789abcdef"

FORMS = [
    (ID, ImportId(ID)),
    (ID.upper(), ImportId(ID.upper())),
    ("train", ImportId("train")),
    ("训练-1", ImportId("训练-1")),
    ("a b", ImportId("a b")),
    (f"cn-north-4/{ID}", ImportId(ID, "cn-north-4")),
    ("cn-north-4/train", ImportId("train", "cn-north-4")),
    (f"cn-north-4/{PROJECT_ID}/{ID}", ImportId(ID, "cn-north-4", PROJECT_ID)),
    (f"cn-north-4/{PROJECT_ID.upper()}/train", ImportId("train", "cn-north-4", PROJECT_ID)),
]


@pytest.mark.parametrize(("text", "read"), FORMS)
def test_the_forms_of_an_import_id(text: str, read: ImportId) -> None:
    assert import_id(text) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' can't be the name of one"),
        (" train", "' train' can't be the name of one"),
        ("tr\nain", "can't be the name of one"),
        ("n" * 129, "can't be the name of one"),
        ("cn-north-4/", "'' can't be the name of one"),
        ("/train", "'' is not a region"),
        ("cn_north_4/train", "'cn_north_4' is not a region"),
        ("CN-NORTH-4/train", "'CN-NORTH-4' is not a region"),
        ("cn-north-4//train", "'' is not a project id"),
        ("cn-north-4/team/train", "'team' is not a project id, which has 32 letters and digits"),
        (f"{PROJECT_ID}/cn-north-4/train", "'cn-north-4' is not a project id"),
        (f"cn-north-4/{PROJECT_ID}/train/", "it has 4 parts"),
        ("https://example.com/nb", "it has 4 parts"),
    ],
)
def test_a_malformed_import_id_says_what_is_wrong_and_the_form(text: str, words: str) -> None:
    problem = import_id(text)
    assert isinstance(problem, str)
    assert words in problem
    assert "[region/[project_id/]]<id or exact name>" in problem
    assert problem.endswith("Nothing was imported.")


def test_what_is_still_made_is_waited_for() -> None:
    service = Service([notebook(ID, status="CREATING")], {"show": becoming("CREATING", "INIT", "CREATING", "RUNNING")})
    seen, error = imported(service, ID)
    assert error == ""
    assert seen is not None
    assert seen["status"] == "RUNNING"


@pytest.mark.parametrize(
    ("shows", "words"),
    [
        (becoming(*["CREATING"] * 99), "is still being created"),
        ([*becoming("CREATING"), GONE], "ModelArts.6309"),
        ([*becoming("CREATING"), FORBIDDEN], "ModelArts.0112"),
    ],
    ids=["for ever", "gone", "forbidden"],
)
def test_what_is_not_made_in_time_is_not_imported(shows: list[Any], words: str) -> None:
    seen, error = imported(Service([notebook(ID)], {"show": shows}), ID)
    assert seen is None
    assert words in error
    assert "Nothing was imported" in error


def test_a_stop_imports_nothing() -> None:
    cancel = Cancel()
    service = Service([notebook(ID, status="CREATING")], {"show": [None, lambda _: cancel.set()]})
    seen, error = imported(service, ID, cancel)
    assert seen is None
    assert "A stop was asked for" in error
