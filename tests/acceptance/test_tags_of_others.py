"""Tags that others hold: the service's own, defaults with other values at an import, what comes between plan and apply."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, MARK, Workspace, tags_there
from test_import_generated import generated
from test_tags import made, tags
from test_unknown_settings import planned

SYSTEM = {"_sys_enterprise_project_id": "0", "_sys_other": "x"}


def hold(workspace: Workspace, *gone: str, **more: str) -> None:
    """Set tags as the console would, without taking the provider's own away."""
    identifier = workspace.there()["id"]
    there = {tag["key"]: tag["value"] for tag in workspace.there().get("tags") or [] if tag["key"] not in gone}
    workspace.emulator.patch_notebook(identifier, tags=there | more)


def sent(workspace: Workspace) -> str:
    """Every body of a tag call."""
    return str([call["body"] for call in workspace.emulator.requests() if "Tags" in call["operation"]])


def imported(workspace: Workspace, **there: str) -> None:
    """An instance with these tags that no state knows any more, and an import of it."""
    made(workspace)
    hold(workspace, **there)
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.fresh_provider()
    workspace.emulator.clear_requests()


def import_it(workspace: Workspace, **attributes: Any) -> dict[str, Any]:
    """Plan and apply the import with a configuration: what the plan shows."""
    workspace.configure(**attributes)
    document = (workspace.folder / "main.tf.json").read_text()
    block = f'{{"import": [{{"to": "{ADDRESS}", "id": "{workspace.there()["id"]}"}}]}}'
    (workspace.folder / "import.tf.json").write_text(block)
    change = planned(workspace)
    workspace.apply("plan").ok()
    assert document
    return change


def test_the_services_tags_are_nobodys(workspace: Workspace) -> None:
    made(workspace, tags={"team": "a"})
    hold(workspace, **SYSTEM)

    workspace.clean()
    assert tags(workspace) == ({"team": "a"}, {"team": "a"})
    for attributes in ({"tags": {"team": "b"}}, {"tags": None}, {"description": "d"}, {"flavor": CPU_8U}):
        workspace.configure(**attributes)
        workspace.apply().ok()
        workspace.clean()

    assert "_sys_" not in sent(workspace)
    assert tags_there(workspace) == SYSTEM
    workspace.destroy().ok()


def test_a_state_that_holds_the_services_tags_loses_them(workspace: Workspace) -> None:
    """An older version has written it."""
    made(workspace, tags={"team": "a"})
    hold(workspace, **SYSTEM)
    state = workspace.folder / "terraform.tfstate"
    text = state.read_text()
    for name in ("tags", "tags_all"):
        text = text.replace(f'"{name}": {{', f'"{name}": {{ "_sys_other": "x",')
    state.write_text(text)

    workspace.configure(tags={"team": "b"})
    workspace.apply("-refresh=false").ok()

    assert "_sys_" not in sent(workspace)
    assert tags(workspace) == ({"team": "b"}, {"team": "b"})
    assert tags_there(workspace) == {"team": "b", **SYSTEM}
    workspace.clean()


def test_a_generated_configuration_lacks_the_services_tags(workspace: Workspace) -> None:
    made(workspace, tags={"team": "a"})
    hold(workspace, **SYSTEM)

    text = generated(workspace)

    assert "_sys_" not in text
    assert "team" in text
    assert tags_there(workspace) == {"team": "a", **SYSTEM}


@pytest.mark.parametrize("takes", ["none", "one of the 20 each"])
def test_as_many_tags_of_ones_own_as_ever(workspace: Workspace, takes: str) -> None:
    """Whether the service's take slots of the 20, nobody knows: where they do, the provider's own has none."""
    workspace.emulator.reset(assume={"system-tags": takes})
    made(workspace)
    hold(workspace, MARK, **SYSTEM)
    many = {f"t{n}": "" for n in range(18)}

    made(workspace, tags=many)
    workspace.configure(tags=many, flavor=CPU_8U)
    run = workspace.apply().ok()

    assert ("Could not mark the notebook" in run.warning_text()) == (takes != "none")
    assert tags_there(workspace) == many | SYSTEM
    workspace.clean()


@pytest.mark.parametrize("default", ["other", "same"])
def test_import_with_a_default_of_the_same_key(workspace: Workspace, default: str) -> None:
    """Neither dropped nor overwritten without a word: ``tags`` shows it, and the plan what becomes of it."""
    imported(workspace, owner="me")
    workspace.provider_block["default_tags"] = {"owner": "me" if default == "same" else "ml"}

    change = import_it(workspace, tags=None)

    if default == "same":
        assert (change["actions"], change["before"]["tags"], change["before"]["tags_all"]) == (
            ["no-op"],
            None,
            {"owner": "me"},
        )
        assert workspace.calls() == []
    else:
        assert (change["actions"], change["before"]["tags"], change["after"]["tags"]) == (
            ["update"],
            {"owner": "me"},
            None,
        )
        assert (change["before"]["tags_all"], change["after"]["tags_all"]) == ({"owner": "me"}, {"owner": "ml"})
        assert workspace.calls() == ["CreateNotebookTags"]
        assert tags_there(workspace) == {"owner": "ml"}
    workspace.clean()


def test_import_that_configures_what_is_there_keeps_it(workspace: Workspace) -> None:
    imported(workspace, owner="me")
    workspace.provider_block["default_tags"] = {"owner": "ml"}

    change = import_it(workspace, tags={"owner": "me"})

    assert change["actions"] == ["no-op"]
    assert workspace.calls() == []
    workspace.clean()
    assert tags_there(workspace) == {"owner": "me"}


def test_generated_configuration_keeps_what_overrides_a_default(workspace: Workspace) -> None:
    made(workspace, tags={"owner": "me"})
    workspace.provider_block["default_tags"] = {"owner": "ml"}

    text = generated(workspace)

    assert 'owner = "me"' in text
    assert tags_there(workspace) == {"owner": "me"}


@pytest.mark.parametrize("after", [{"cost": "2"}, {"cost": "1", "env": "x"}, None, {"other": "1"}], ids=str)
def test_a_change_of_defaults_shows_in_tags_all_alone(workspace: Workspace, after: dict[str, str] | None) -> None:
    workspace.provider_block["default_tags"] = {"cost": "1"}
    made(workspace, tags={"team": "a"})
    workspace.provider_block["default_tags"] = after
    workspace.configure(tags={"team": "a"})

    run = workspace.plan().ok()
    change = planned(workspace)

    drifts = [m["change"] for m in run.messages if m.get("type") == "resource_drift"]
    assert (run.actions, drifts) == (["update"], [])
    assert change["before"]["tags"] == change["after"]["tags"] == {"team": "a"}
    assert change["before"]["tags_all"] == {"team": "a", "cost": "1"}
    assert change["after"]["tags_all"] == {"team": "a", **(after or {})}
    workspace.apply("plan").ok()
    assert set(workspace.calls()) <= {"CreateNotebookTags", "DeleteNotebookTags"}
    assert tags_there(workspace) == {"team": "a", **(after or {})}
    workspace.clean()


def test_a_default_that_moves_into_tags_and_back(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"cost": "1"}
    made(workspace)
    workspace.provider_block["default_tags"] = None
    made(workspace, tags={"cost": "1"})
    workspace.provider_block["default_tags"] = {"cost": "1"}
    made(workspace)

    assert tags(workspace) == (None, {"cost": "1"})
    assert tags_there(workspace) == {"cost": "1"}


def test_a_default_that_somebody_changes_is_drift_and_mended(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"cost": "1"}
    made(workspace)
    hold(workspace, cost="2")

    change = planned(workspace)
    workspace.apply("plan").ok()

    assert (change["before"]["tags"], change["before"]["tags_all"]) == ({"cost": "2"}, {"cost": "2"})
    assert (change["after"]["tags"], change["after"]["tags_all"]) == (None, {"cost": "1"})
    assert tags_there(workspace) == {"cost": "1"}
    workspace.clean()


@pytest.mark.parametrize("attributes", [{"description": "new"}, {"tags": {"team": "b"}}], ids=["else", "tags"])
def test_a_tag_that_comes_between_plan_and_apply_is_the_next_plans(workspace: Workspace, attributes: Any) -> None:
    made(workspace, tags={"team": "a"})
    workspace.configure(**{"tags": {"team": "a"}, **attributes})
    planned(workspace)
    hold(workspace, stray="1")

    workspace.apply("plan").ok()

    assert "stray" in tags_there(workspace)
    assert "stray" not in tags(workspace)[1]
    assert workspace.plan().ok().actions == ["update"]
    workspace.apply().ok()
    assert "stray" not in tags_there(workspace)
    workspace.clean()


def test_a_default_that_is_ignored_fails_the_plan_and_says_how_to_destroy(workspace: Workspace) -> None:
    workspace.provider_block["default_tags"] = {"owner": "ml"}
    made(workspace)
    workspace.provider_block["ignore_tags"] = {"keys": ["owner"]}
    workspace.configure()

    text = workspace.plan().failed().error_text()

    assert "owner is set in the provider's default_tags" in text
    assert "terraform destroy -refresh=false" in text
    workspace.destroy("-refresh=false").ok()
