"""What makes an image one that a notebook can't be made of."""

from __future__ import annotations

from typing import Any

import pytest

from modelarts_provider.api import errors
from modelarts_provider.framework.diagnostics import Diagnostics, Severity
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.resources.notebook.plan.image_check import ShownImage, judge_image

PLANNED = {"name": "nb", "image_id": "i", "region": "here"}


def judged(shown: ShownImage) -> list[Any]:
    found = Diagnostics()
    judge_image(shown, PLANNED, "The way out.", found)
    return list(found)


@pytest.mark.parametrize(
    "shown",
    [
        ShownImage(None),
        ShownImage({"id": "i", "status": "ACTIVE"}),
        ShownImage({"id": "i", "status": "active"}),
        ShownImage({"id": "i"}),
        ShownImage({"id": "i", "status": None}),
        ShownImage({"id": "i", "status": 5}),
        ShownImage(None, errors.Forbidden("no", status=403)),
        ShownImage(None, errors.ServerError("no", status=503)),
        ShownImage(None, errors.WrongEndpoint("no", status=404, code="APIGW.0101")),
        ShownImage(None, TimeoutError()),
    ],
    ids=str,
)
def test_what_says_nothing_against_an_image(shown: ShownImage) -> None:
    assert judged(shown) == []


@pytest.mark.parametrize(
    "problem",
    [
        errors.MissingReference("no image", status=400, code="ModelArts.6797", request_id="r1"),
        errors.NotFound("no image", status=404),
    ],
    ids=str,
)
def test_a_missing_image(problem: errors.ApiError) -> None:
    [error] = judged(ShownImage(None, problem))
    assert (error.severity, error.path) == (Severity.ERROR, path("image_id"))
    assert error.summary == 'Image "i" of notebook "nb" doesn\'t exist'
    assert [
        word for word in ("here", "can't see it", "no image", "image_id", "The way out.") if word not in error.detail
    ] == []


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("INIT", "once it is ACTIVE"),
        ("CREATING", "once it is ACTIVE"),
        ("creating", "once it is ACTIVE"),
        ("CREATE_FAILED", "Choose another image"),
        ("ERROR", "Choose another image"),
        ("DELETED", "Choose another image"),
        ("NEVER_HEARD_OF", "Choose another image"),
    ],
)
def test_an_image_that_is_not_active(status: str, words: str) -> None:
    [error] = judged(ShownImage({"id": "i", "name": "mine", "status": status, "status_message": "full"}))
    assert (error.severity, error.path) == (Severity.ERROR, path("image_id"))
    assert f"(mine) is {status}: full." in error.detail
    assert words in error.detail
    assert error.detail.endswith("The way out.")


@pytest.mark.parametrize(
    ("problem", "open_"),
    [
        (None, False),
        (errors.Forbidden("no", status=403), False),
        (errors.NotFound("no", status=404), False),
        (errors.ServerError("no", status=503), True),
        (errors.ConnectionFailed("no", reason="reset"), True),
        (TimeoutError(), True),
    ],
    ids=str,
)
def test_what_leaves_it_open(problem: Any, open_: bool) -> None:
    assert ShownImage(None, problem).is_unanswered is open_
