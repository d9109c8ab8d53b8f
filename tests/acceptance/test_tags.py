"""Tags: the resource's, the provider's defaults, what others manage. They never stop anything."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import Workspace, tags_there


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def tags(workspace: Workspace) -> tuple[dict[str, str] | None, dict[str, str]]:
    state = workspace.state()
    assert state is not None
    return state["tags"], state["tags_all"]


def test_set_change_remove_while_running(workspace: Workspace) -> None:
    made(workspace, tags={"team": "a", "cost": "1"})
    assert tags_there(workspace) == {"team": "a", "cost": "1"}

    workspace.configure(tags={"team": "b", "new": ""})
    assert workspace.plan().ok().warnings == []
    workspace.apply().ok()

    assert workspace.calls() == ["DeleteNotebookTags", "CreateNotebookTags"]
    assert tags_there(workspace) == {"team": "b", "new": ""}
    workspace.clean()


@pytest.mark.parametrize("empty", [None, {}])
def test_dropping_tags_removes_them(workspace: Workspace, empty: dict[str, str] | None) -> None:
    made(workspace, tags={"team": "a"})

    made(workspace, tags=empty)

    assert tags_there(workspace) == {}


def test_defaults_of_the_provider(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"CostCenter": "1", "team": "default"}
    made(workspace, tags={"team": "own"})

    assert tags_there(workspace) == {"CostCenter": "1", "team": "own"}
    assert tags(workspace) == ({"team": "own"}, {"CostCenter": "1", "team": "own"})


def test_a_changed_default_is_an_update_of_tags_alone(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"CostCenter": "1"}
    made(workspace)
    workspace.provider_block["default_tags"] = {"CostCenter": "2"}
    workspace.configure()

    run = workspace.plan().ok()
    workspace.emulator.clear_requests()
    workspace.apply().ok()

    assert run.actions == ["update"]
    assert workspace.calls() == ["CreateNotebookTags"]
    assert tags_there(workspace) == {"CostCenter": "2"}
    workspace.clean()


def test_a_removed_default_is_removed(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"CostCenter": "1"}
    made(workspace)
    workspace.provider_block["default_tags"] = None

    made(workspace)

    assert tags_there(workspace) == {}


def test_drift_is_mended(workspace: Workspace) -> None:
    made(workspace, tags={"team": "a"})
    workspace.emulator.patch_notebook(workspace.id(), tags={"team": "z", "stray": "1"})

    assert workspace.plan().ok().actions == ["update"]
    workspace.apply().ok()

    assert tags_there(workspace) == {"team": "a"}
    workspace.clean()


def test_ignored_tags_are_left_alone(workspace: Workspace) -> None:
    workspace.provider_block["ignore_tags"] = {"keys": ["owner"], "key_prefixes": ["ops:"]}
    made(workspace, tags={"team": "a"})
    workspace.emulator.patch_notebook(workspace.id(), tags={"team": "a", "owner": "x", "ops:backup": "y"})

    workspace.clean()
    made(workspace, tags={"team": "b"})

    assert tags_there(workspace) == {"team": "b", "owner": "x", "ops:backup": "y"}
    assert tags(workspace)[1] == {"team": "b"}


def test_a_tag_that_is_set_and_ignored_fails_the_plan(workspace: Workspace) -> None:
    workspace.provider_block["ignore_tags"] = {"keys": ["owner"]}
    workspace.configure(tags={"owner": "me"})

    assert "is to be ignored" in workspace.plan().failed().error_text()


def test_twenty_tags_are_one_too_many(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {f"d{n}": "" for n in range(10)}
    workspace.configure(tags={f"t{n}": "" for n in range(10)})

    assert "19 are possible" in workspace.plan().failed().error_text()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"_sys_x": ""}, "is reserved"),
        ({"terraform-provider-modelarts": ""}, "is reserved"),
        ({"a*b": ""}, "must consist of letters"),
        ({" a": ""}, "must consist of letters"),
        ({"a": "x" * 256}, "has 256 characters"),
        ({"k" * 129: ""}, "has 129 characters"),
    ],
    ids=str,
)
def test_bad_tags_fail_the_plan(workspace: Workspace, wrong: dict[str, str], message: str) -> None:
    """Not the validation: a notebook that exists may have them."""
    workspace.configure(tags=wrong)

    run = workspace.plan().failed()

    assert message in run.error_text()
    assert workspace.calls() == []


def test_bad_default_tags_fail_validate(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"a*b": ""}
    workspace.configure()

    assert "must consist of letters" in workspace.validate().error_text()


def test_tags_that_only_apply_knows(workspace: Workspace) -> None:
    workspace.write(
        {
            "resource": {
                "terraform_data": {"team": {"input": "a"}},
                "modelarts_notebook": {
                    "this": {
                        "name": "nb",
                        "flavor": "modelarts.vm.cpu.2u",
                        "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
                        "storage": {"size": 10},
                        "tags": {"team": "${terraform_data.team.output}"},
                    }
                },
            }
        }
    )

    workspace.apply().ok()

    assert tags_there(workspace) == {"team": "a"}
    workspace.clean()
