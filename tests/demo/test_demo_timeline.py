"""What an update's calls must be, how they are shown, and what a plan must say."""

from __future__ import annotations

import pytest
from tools.demo.scenario import plan_complaints
from tools.demo.timeline import complaints, render

PROJECT = "/v1/0123456789abcdef0123456789abcdef"
FIELDS = {"name", "flavor"}
OPERATIONS = {
    "stop": ("StopNotebook", "POST", "/notebooks/one/stop", None),
    "put": ("UpdateNotebook", "PUT", "/notebooks/one", {"name": "b", "flavor": "large"}),
    "start": ("StartNotebook", "POST", "/notebooks/one/start", None),
    "show": ("ShowNotebook", "GET", "/notebooks/one", None),
    "list": ("ListNotebooks", "GET", "/notebooks", None),
    "mark": ("CreateNotebookTags", "POST", "/notebooks/one/tags/create", {"tags": []}),
    "unmark": ("DeleteNotebookTags", "DELETE", "/notebooks/one/tags/delete", {"tags": []}),
    "delete": ("DeleteNotebook", "DELETE", "/notebooks/one", None),
}


def calls(*names, **changes):
    made = []
    for index, name in enumerate(names):
        operation, method, path, body = OPERATIONS[name]
        made.append(
            {
                "index": index,
                "operation": operation,
                "method": method,
                "path": PROJECT + path,
                "body": body,
                "status": 200,
                "error_code": None,
                "notebook_id": None if name == "list" else "one",
                "time": f"2026-11-23T01:00:{index:02d}.500+00:00",
                **changes.get(name, {}),
            }
        )
    return made


@pytest.mark.parametrize(
    "names",
    [
        ("stop", "put", "start"),
        ("show", "list", "stop", "show", "show", "put", "show", "start", "show"),
        ("mark", "stop", "put", "start", "unmark"),
    ],
)
def test_stop_one_update_start(names):
    assert complaints(calls(*names), "one", FIELDS) == []


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        (calls(), "no call at all"),
        (calls("show"), "no call at all"),
        (calls("put"), "not stop, one update, start: UpdateNotebook"),
        (calls("stop", "put"), "not stop, one update, start: StopNotebook, UpdateNotebook"),
        (calls("stop", "put", "put", "start"), "UpdateNotebook, UpdateNotebook, StartNotebook"),
        (calls("stop", "start", "put"), "StopNotebook, StartNotebook, UpdateNotebook"),
        (calls("stop", "put", "start", "stop"), "StartNotebook, StopNotebook"),
        (calls("mark", "stop", "put", "start"), "CreateNotebookTags, StopNotebook"),
        (calls("delete"), "DeleteNotebook"),
        (calls("stop", "put", "start", put={"body": {"name": "b"}}), "sent name; the changed fields are flavor, name"),
        (
            calls("stop", "put", "start", put={"body": {"name": "b", "flavor": "c", "hooks": {}}}),
            "sent flavor, hooks, name; the changed fields are flavor, name",
        ),
        (calls("stop", "put", "start", put={"body": None}), "sent nothing"),
        (calls("stop", "put", "start", start={"notebook_id": "two"}), "something else than the one notebook"),
        (
            calls("stop", "put", "start", stop={"status": 409, "error_code": "ModelArts.6357"}),
            "/notebooks/one/stop was answered with 409 ModelArts.6357",
        ),
        (calls("stop", "put", "start", put={"status": None}), "was answered with None"),
    ],
)
def test_anything_else_is_a_complaint(made, complaint):
    found = complaints(made, "one", FIELDS)
    assert any(complaint in text for text in found), found


def test_the_time_line_folds_reads_and_names_instances():
    made = calls("show", "show", "list", "stop", "show", "put", "start", "unmark", put={"status": None})
    assert render(made, {"one": "training"}) == [
        "   0.00 s  GET     /notebooks/{training} x2, /notebooks",
        "   3.00 s  POST    /notebooks/{training}/stop        200",
        "   4.00 s  GET     /notebooks/{training}",
        "   5.00 s  PUT     /notebooks/{training}             cut  name, flavor",
        "   6.00 s  POST    /notebooks/{training}/start       200",
        "   7.00 s  DELETE  /notebooks/{training}/tags/delete  200",
    ]


def test_no_calls_make_no_lines():
    assert render([], {}) == []


IN_PLACE = """
  # modelarts_notebook.training will be updated in-place
  ~ resource "modelarts_notebook" "training" {
      ~ name = "a" -> "b"
    }

Plan: 0 to add, 1 to change, 0 to destroy.
"""


def test_a_plan_of_one_update_in_place():
    assert plan_complaints(IN_PLACE) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("No changes. Your infrastructure matches the configuration.", "it has no totals"),
        ("", "no update in place"),
        (IN_PLACE.replace("1 to change", "2 to change"), "0 to add, 2 to change, 0 to destroy"),
        (IN_PLACE.replace("Plan: 0 to add", "Plan: 1 to import, 0 to add"), "1 to import"),
        (IN_PLACE.replace("0 to add, 1 to change, 0 to destroy", "1 to add, 0 to change, 1 to destroy"), "1 to add"),
        (IN_PLACE.replace("will be updated in-place", "must be replaced"), "replaces a notebook"),
        (IN_PLACE.replace('-> "b"', '-> "b" # forces replacement'), "replaces a notebook"),
    ],
)
def test_any_other_plan_is_a_complaint(text, complaint):
    assert any(complaint in found for found in plan_complaints(text)), plan_complaints(text)
