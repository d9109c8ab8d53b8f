"""What a user is told: what happened with code and request id, what state it is in, what to do next."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.api.errors import (
    ApiError,
    Busy,
    ConnectionFailed,
    InvalidRequest,
    NotFound,
    NoTurn,
    ServerError,
)
from modelarts_provider.framework.cancellation import DeadlineExceeded
from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.schema.paths import ROOT, path
from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.lifecycle.instance import Refusal, Refused
from modelarts_provider.resources.common.diagnostics import cause_of, failed, next_step_of, time_was_up
from modelarts_provider.resources.notebook.service.diagnostics import summary, unapplied

BUSY = Busy(
    "in progress",
    status=400,
    code="ModelArts.6357",
    request_id="req-1",
    method="PUT",
    path="/notebooks/x",
    meaning="Another operation is running",
)
GONE = NotFound("no such notebook", status=404, code="ModelArts.6404", request_id="req-2")
ODD = ApiError("strange", status=418, request_id="req-3")
LATE = ServerError("down", status=503)
LATE.time_was_up = True


def test_a_summary_names_the_notebook() -> None:
    """Rule 10: equal summaries are folded by Terraform."""
    assert summary("update", "nb") == 'Unable to update notebook "nb"'


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BUSY, ["PUT /notebooks/x", "400", "ModelArts.6357", "in progress", "req-1", "Another operation is running"]),
        (Refused(Refusal.BUSY, BUSY), ["ModelArts.6357", "req-1"]),
        (Refused(Refusal.OTHER, Refused(Refusal.BUSY, BUSY)), ["ModelArts.6357"]),
        (GONE, ["ModelArts.6404", "req-2"]),
        (DeadlineExceeded("not finished within 5 s"), ["Not finished within 5 s."]),
        (LATE, ["503", "The timeout left no time to send it again."]),
        (KeyError("x"), ["KeyError"]),
        (None, []),
    ],
)
def test_the_cause_has_code_and_request_id(error: Any, words: list[str]) -> None:
    text = cause_of(error)
    assert [word for word in words if word not in text] == []
    assert text == "" or text.endswith(".")


@pytest.mark.parametrize(
    ("error", "was_up"),
    [
        (LATE, True),
        (DeadlineExceeded("not finished within 5 s"), True),
        (NoTurn("no call was made"), True),
        (ServerError("down", status=503), False),
        (BUSY, False),
        (None, False),
    ],
)
def test_what_a_longer_timeout_can_help(error: Any, was_up: bool) -> None:
    assert time_was_up(error) is was_up


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BUSY, "Wait until the instance is in a stable state"),
        (Refused(Refusal.BUSY, BUSY), "Wait until the instance is in a stable state"),
        (GONE, "Check the id, the region and the project"),
        (ODD, "quote request id req-3"),
        (ConnectionFailed("refused", next_step="Start it."), "Start it."),
        (KeyError("x"), ""),
        (None, ""),
    ],
)
def test_the_next_step(error: Any, words: str) -> None:
    assert next_step_of(error).startswith(words) if not words or error is not ODD else words in next_step_of(error)
    assert bool(next_step_of(error)) is bool(words)


def test_a_failed_call_says_all_three_in_order() -> None:
    found = Diagnostics()
    failed(found, summary("create", "nb"), BUSY, "Nothing was created.", path("name"))
    (told,) = found
    assert (told.summary, str(told.path)) == ('Unable to create notebook "nb"', "name")
    places = [told.detail.index(words) for words in ("ModelArts.6357", "Nothing was created.", "Wait until")]
    assert places == sorted(places)


def test_what_was_not_applied_is_named() -> None:
    found = Diagnostics()
    at = ROOT.name("endpoints").key("SSH")
    planned = {"description": "ours", "endpoints": {"SSH": {"uri": UNKNOWN}}}
    state = {"description": "theirs", "endpoints": None, "status": "STOPPED"}
    unapplied(found, summary("update", "nb"), (at, path("description")), planned | {"endpoints": None}, planned, state)
    (told,) = found
    assert 'endpoints["SSH"], description did not become what was asked for' in told.detail
    assert 'endpoints["SSH"] was to be {"uri": "(known after apply)"} and is unset; ' in told.detail
    assert 'description was to be "ours" and is "theirs". Somebody else may have changed it' in told.detail
    assert "the instance is STOPPED" in told.detail
    assert "terraform plan" in told.detail
    assert told.path == at


def test_what_somebody_else_changed_was_never_asked_for() -> None:
    """A plan that is applied late: the service was not asked for the name at all."""
    found = Diagnostics()
    before = {"name": "ours", "description": "old"}
    planned, state = before | {"description": "new"}, {"name": "theirs", "description": "new", "status": "RUNNING"}
    unapplied(found, summary("update", "nb"), (path("name"),), before, planned, state)
    (told,) = found
    assert 'somebody has changed name since the plan was made: name was to be "ours" and is "theirs"' in told.detail
    assert "accepted the request" not in told.detail
    assert "terraform plan" in told.detail


def test_scripts_and_tags_that_were_not_applied_are_named_without_values() -> None:
    found = Diagnostics()
    paths = (ROOT.name("hooks").name("post_start").name("script"), ROOT.name("tags").key("team"))
    planned = {"hooks": {"post_start": {"script": "/hunter2"}}, "tags": {"team": "hunter2"}}
    state = {"hooks": None, "tags": {"team": "hunter3"}, "status": "RUNNING"}
    unapplied(found, summary("update", "nb"), paths, {"hooks": None, "tags": None}, planned, state)
    (told,) = found
    assert 'hooks.post_start.script, tags["team"] did not become what was asked for' in told.detail
    assert "hunter" not in told.detail


def test_line_breaks_of_the_service_begin_no_line() -> None:
    error = InvalidRequest("bad\r\nError: fake\u2028x\x85y\n", status=400, code="A\nB", request_id="r\n1")
    assert cause_of(error) == r"The call failed: 400 A\nB: bad\nError: fake\nx\ny\n (request id r\n1)."
    assert "\n" not in next_step_of(ApiError("x", code="A\nB", request_id="r\n1"))
