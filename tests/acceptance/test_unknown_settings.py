"""Settings of the provider block that depend on another resource: only what a call needs keeps Terraform from reading."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from terraform_workspace import ADDRESS, BASE, CPU_8U, Workspace, binary, tags_there

LATER = "${terraform_data.later.output}"

SETTINGS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "one default tag": ({"default_tags": {"owner": LATER, "env": "prod"}}, "a", "b"),
    "default_tags": ({"default_tags": LATER}, {"owner": "a", "env": "prod"}, {"owner": "b", "env": "prod"}),
    "ignore_tags.keys": ({"ignore_tags": {"keys": [LATER]}}, "x", "y"),
    "ignore_tags.key_prefixes": ({"ignore_tags": {"key_prefixes": [LATER], "keys": ["k"]}}, "x:", "y:"),
    "ignore_tags": ({"ignore_tags": LATER}, {"keys": ["x"], "key_prefixes": []}, {"keys": ["y"], "key_prefixes": []}),
    "allow_stopping_for_update": ({"allow_stopping_for_update": LATER}, False, True),
    "check_flavors_at_plan": ({"check_flavors_at_plan": LATER}, False, True),
    "requests_per_second": ({"requests_per_second": LATER}, 500, 1000),
    "max_retries": ({"max_retries": LATER}, 1, 2),
}

NEEDED: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "region": ({"region": LATER}, "cn-north-4", "cn-east-3"),
    "access_key": ({"access_key": LATER}, "emulator-access-key", "other"),
    "secret_key": ({"secret_key": LATER}, "emulator-secret-key", "other"),
    "project_id": ({"project_id": LATER}, "0123456789abcdef0123456789abcdef", "f" * 32),
}


def configure(workspace: Workspace, value: Any, document: dict[str, Any] | None = None, **more: Any) -> None:
    """A notebook, and the resource that the provider block waits for; ``value`` is what it holds after the apply."""
    resources: dict[str, Any] = {"terraform_data": {"later": {"input": value}}}
    resources["modelarts_notebook"] = {"this": {**BASE, "tags": {"team": "a"}, **more}}
    workspace.write({"resource": resources, **(document or {})})


def planned(workspace: Workspace) -> dict[str, Any]:
    """What a plan says of the notebook."""
    workspace.plan("-out=plan").ok()
    shown = subprocess.run(
        [binary(), "show", "-json", "plan"],
        cwd=workspace.folder,
        env=workspace.environment,
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )
    changes: list[dict[str, Any]] = json.loads(shown.stdout)["resource_changes"]
    return next(dict(each["change"]) for each in changes if each["address"] == ADDRESS)


def made(workspace: Workspace, settings: dict[str, Any], value: Any) -> None:
    workspace.provider_block |= settings
    configure(workspace, value)
    workspace.apply().ok()  # the notebook is new, and the value unknown as well
    workspace.clean()
    workspace.emulator.clear_requests()


@pytest.mark.parametrize("setting", SETTINGS)
def test_everything_works_while_it_is_unknown(workspace: Workspace, setting: str) -> None:
    settings, value, other = SETTINGS[setting]
    made(workspace, settings, value)

    configure(workspace, other, tags={"team": "b"})
    workspace.plan().ok()
    workspace.run("plan", "-refresh-only").ok()
    workspace.apply().ok()

    assert tags_there(workspace).items() >= {"team": "b"}.items()
    workspace.clean()
    configure(workspace, value, tags={"team": "b"})
    workspace.plan("-destroy").ok()
    workspace.destroy().ok()
    assert workspace.emulator.notebooks() == []


@pytest.mark.parametrize("setting", NEEDED)
def test_what_a_call_needs_is_named(workspace: Workspace, setting: str) -> None:
    settings, value, other = NEEDED[setting]
    made(workspace, settings, value)
    configure(workspace, other)

    text = workspace.plan().failed().error_text()

    assert 'Unable to read notebook "nb"' in text
    assert f"The provider block's {setting} can't be known" in text


def test_only_what_a_call_needs_is_named(workspace: Workspace) -> None:
    settings, value, other = NEEDED["secret_key"]
    made(workspace, settings, value)
    workspace.provider_block |= {"default_tags": {"a": LATER}, "ignore_tags": {"keys": [LATER]}, "max_retries": LATER}
    configure(workspace, other)

    assert "The provider block's secret_key can't be known" in workspace.plan().failed().error_text()


@pytest.mark.parametrize("setting", ["one default tag", "default_tags"])
def test_unknown_default_tags_make_tags_all_unknown(workspace: Workspace, setting: str) -> None:
    settings, value, other = SETTINGS[setting]
    made(workspace, settings, value)
    configure(workspace, other)

    change = planned(workspace)

    assert change["actions"] == ["update"]
    assert change["after_unknown"]["tags_all"] is True
    assert change["after"]["tags"] == {"team": "a"}
    workspace.apply("plan").ok()
    assert workspace.calls() == ["CreateNotebookTags"]
    assert tags_there(workspace) == {"team": "a", "owner": "b", "env": "prod"}
    workspace.clean()


def test_an_unknown_default_that_the_resource_overrides_changes_nothing(workspace: Workspace) -> None:
    made(workspace, {"default_tags": {"team": LATER}}, "x")
    configure(workspace, "y")

    assert planned(workspace)["actions"] == ["no-op"]


def test_a_stray_tag_goes_whether_the_defaults_are_known_or_not(workspace: Workspace) -> None:
    made(workspace, *SETTINGS["one default tag"][:2])
    there = tags_there(workspace)
    workspace.emulator.patch_notebook(workspace.id(), tags={**there, "stray": "1"})
    configure(workspace, "b")

    change = planned(workspace)
    assert change["before"]["tags"] == {"team": "a"}
    assert change["before"]["tags_all"] == {**there, "stray": "1"}
    workspace.apply("plan").ok()

    assert tags_there(workspace) == {"team": "a", "owner": "b", "env": "prod"}
    workspace.clean()


def test_what_may_be_to_be_ignored_is_neither_shown_nor_removed(workspace: Workspace) -> None:
    made(workspace, {"ignore_tags": {"keys": [LATER]}}, "x")
    workspace.emulator.patch_notebook(workspace.id(), tags={"team": "a", "x": "theirs", "y": "theirs"})
    configure(workspace, "y", tags={"team": "b"})

    change = planned(workspace)
    assert (change["before"]["tags_all"], change["after"]["tags_all"]) == ({"team": "a"}, {"team": "b"})
    workspace.apply("plan").ok()

    assert workspace.calls() == ["CreateNotebookTags"]
    assert tags_there(workspace) == {"team": "b", "x": "theirs", "y": "theirs"}
    assert workspace.plan().ok().actions == ["update"]  # x isn't ignored any more
    workspace.apply().ok()
    assert tags_there(workspace) == {"team": "b", "y": "theirs"}
    workspace.clean()


def test_a_key_that_turns_out_to_be_ignored_fails_before_any_call(workspace: Workspace) -> None:
    made(workspace, {"ignore_tags": {"keys": [LATER]}}, "x")
    configure(workspace, "new", tags={"team": "a", "new": "1"})

    workspace.plan().ok()
    assert "new is set in tags" in workspace.apply().failed().error_text()

    assert workspace.calls() == []


@pytest.mark.parametrize("setting", ["one default tag", "default_tags", "ignore_tags.keys"])
def test_import_while_it_is_unknown(workspace: Workspace, setting: str) -> None:
    workspace.configure(tags={"team": "a", "owner": "me"})
    workspace.apply().ok()
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.fresh_provider()
    workspace.emulator.clear_requests()
    settings, value, _ = SETTINGS[setting]
    workspace.provider_block |= settings
    configure(workspace, value, {"import": [{"to": ADDRESS, "id": identifier}]}, tags={"team": "a", "owner": "me"})

    workspace.apply().ok()

    assert workspace.calls() == (["CreateNotebookTags"])
    expected = {"team": "a", "owner": "me"} | ({"env": "prod"} if "default" in setting else {})
    assert tags_there(workspace) == expected
    workspace.clean()


def test_consent_that_turns_out_to_be_refused_fails_before_any_call(workspace: Workspace) -> None:
    made(workspace, {"allow_stopping_for_update": LATER}, True)
    configure(workspace, False, flavor=CPU_8U)

    assert "stopped" in workspace.plan().ok().warning_text()
    assert "needs a stop that is not allowed" in workspace.apply().failed().error_text()

    assert workspace.calls() == []
    workspace.apply().failed()
    configure(workspace, True, flavor=CPU_8U)
    workspace.apply().ok()
    workspace.clean()
