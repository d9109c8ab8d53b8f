"""A plan that is applied late, when somebody has changed something else, and answers that lag behind or get lost."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import CPU_8U, MARK, Workspace

HOUR = 3_600_000
RULES = pytest.mark.parametrize("rules", ["documented", "observed"])
BLAME = "Provider produced"


def planned(workspace: Workspace, before: dict[str, Any], after: dict[str, Any], rules: str = "documented") -> None:
    """A saved plan that changes one thing."""
    workspace.emulator.reset(rules=rules, quota=0)
    workspace.configure(**before)
    workspace.apply().ok()
    workspace.configure(**after)
    workspace.plan("-out=saved").ok()
    workspace.emulator.clear_requests()


@RULES
@pytest.mark.parametrize(
    "console",
    [{"duration": -1}, {"duration": 20 * HOUR}, {"duration": 4 * HOUR, "type": "IDLE"}],
    ids=["off", "20h", "idle"],
)
def test_a_foreign_auto_stop_that_our_restart_carries_on_stays_drift(
    workspace: Workspace, rules: str, console: dict[str, Any]
) -> None:
    managed = {"auto_stop": {"duration": "4h"}}
    planned(workspace, managed, {**managed, "flavor": CPU_8U}, rules)
    workspace.emulator.patch_notebook(workspace.id(), lease=console)

    run = workspace.apply("saved").failed()

    assert "somebody has changed auto_stop" in run.error_text()
    assert BLAME not in run.text
    assert workspace.plan().ok().actions == ["update"]
    workspace.apply().ok()
    workspace.clean()


@pytest.mark.parametrize("there", [{"env": "y"}, {}], ids=["changed", "removed"])
@pytest.mark.parametrize("arguments", [("saved",), ("-refresh=false",)], ids=["saved plan", "without a refresh"])
def test_a_default_tag_that_somebody_changed_is_told(
    workspace: Workspace, there: dict[str, str], arguments: tuple[str, ...]
) -> None:
    workspace.provider_block["default_tags"] = {"env": "x"}
    planned(workspace, {}, {"description": "new"})
    workspace.emulator.patch_notebook(workspace.id(), tags={**there, MARK: "managed"})

    run = workspace.apply(*arguments).failed()

    assert "somebody has changed tags_all" in run.error_text()
    assert BLAME not in run.text
    workspace.apply().ok()
    workspace.clean()


def test_what_is_to_be_ignored_is_left_to_others_without_a_refresh_too(workspace: Workspace) -> None:
    planned(workspace, {"tags": {"a": "1", "x": "theirs"}}, {"tags": {"a": "1"}, "description": "new"})
    workspace.provider_block["ignore_tags"] = {"keys": ["x"]}
    workspace.configure(tags={"a": "1"}, description="new")

    workspace.apply("-refresh=false").ok()

    assert "DeleteNotebookTags" not in workspace.calls()
    workspace.clean()


@pytest.mark.parametrize("times", [1, 3])
def test_reads_that_lag_behind_a_create_lose_nothing(workspace: Workspace, times: int) -> None:
    workspace.emulator.add_fault(operation="ShowNotebook", status=404, error_code="ModelArts.6404", count=times)
    workspace.configure()

    workspace.apply().ok()

    assert workspace.calls().count("CreateNotebook") == 1
    assert len(workspace.emulator.notebooks()) == 1
    workspace.clean()


@pytest.mark.parametrize(
    ("status", "code"), [(400, "ModelArts.6357"), (400, "ModelArts.0104"), (404, "ModelArts.6404")]
)
def test_a_list_that_is_refused_makes_no_twin(workspace: Workspace, status: int, code: str) -> None:
    workspace.configure()
    workspace.apply().ok()
    identifier = workspace.id()
    workspace.emulator.patch_notebook(identifier, tags={})
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.emulator.add_fault(operation="ListNotebooks", status=status, error_code=code)

    run = workspace.apply().failed()

    assert code in run.error_text()
    assert "Nothing was created" in run.error_text()
    assert [item["id"] for item in workspace.emulator.notebooks()] == [identifier]


@RULES
def test_a_growth_whose_answer_is_lost_has_happened(workspace: Workspace, rules: str) -> None:
    planned(workspace, {}, {"storage": {"size": 50}}, rules)
    workspace.emulator.add_fault(operation="UpdateNotebook", cut="after")

    workspace.apply().ok()

    assert workspace.there()["volume"]["capacity"] == 50
    assert workspace.put_bodies() == [{"storage_new_size": 50}]
    workspace.clean()


def test_the_warning_of_hooks_that_cannot_be_read_outlives_an_apply_that_sent_nothing(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.run("import", "modelarts_notebook.this", identifier, machine=False).ok()
    workspace.configure(hooks={"pre_start": {"script": "/home/ma-user/work/a.sh"}})
    workspace.emulator.add_fault(operation="StopNotebook", status=403, error_code="ModelArts.0112", count=0)
    workspace.apply().failed()
    workspace.emulator.clear_faults()

    assert "can't be read" in workspace.plan().ok().warning_text()
