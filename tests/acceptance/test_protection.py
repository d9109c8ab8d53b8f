"""What stands before the deletion of a disk: the provider's deletion_protection, and the warning of a planned destroy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import ADDRESS, BASE, Workspace

WORKSPACE = "abcdef0123456789abcdef0123456789"
VARIABLE = "HW_DELETION_PROTECTION"
DISKS = "Disks of notebooks will be deleted"
CYCLE = {"create_before_destroy": True}
EFS = {
    "category": "EFS",
    "ownership": "DEDICATED",
    "uri": "efs.example:/",
    "id": "b6b0a2f4-5a0e-4f13-9d6e-3d6b2a1f7c88",
}


def made(workspace: Workspace, **attributes: Any) -> None:
    workspace.configure(**attributes)
    workspace.apply().ok()
    workspace.emulator.clear_requests()


@dataclass
class Protection:
    """The provider's setting, in its block or in its environment."""

    workspace: Workspace
    providers: ExitStack
    source: str

    def set(self, *, on: bool) -> None:
        if self.source == "block":
            self.workspace.provider_block["deletion_protection"] = on
        else:
            served = served_provider({VARIABLE: "true" if on else "false"})
            self.workspace.environment["TF_REATTACH_PROVIDERS"] = self.providers.enter_context(served)

    @property
    def says(self) -> str:
        source = "the provider block" if self.source == "block" else f"the environment variable {VARIABLE}"
        return f"{source} protects every such notebook"


@pytest.fixture
def providers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture(params=["block", "variable"])
def protection(request: pytest.FixtureRequest, workspace: Workspace, providers: ExitStack) -> Protection:
    return Protection(workspace, providers, request.param)


@pytest.mark.parametrize("attempt", ["destroy", "left out", "replace", "replace first"])
def test_the_providers_protection_fails_the_plan_and_names_its_source(
    workspace: Workspace, protection: Protection, attempt: str
) -> None:
    cycle = {"lifecycle": CYCLE} if attempt == "replace first" else {}
    made(workspace, **cycle)
    protection.set(on=True)
    workspace.configure(**cycle)
    arguments: list[str] = []
    match attempt:
        case "destroy":
            arguments = ["-destroy"]
        case "left out":
            workspace.write({})
        case _:
            workspace.configure(workspace_id=WORKSPACE, **cycle)

    run = workspace.plan(*arguments).failed()

    assert [error["summary"] for error in run.errors] == ['Notebook "nb" is protected against deletion']
    text = run.error_text()
    assert protection.says in text
    assert "set deletion_protection = false in the resource, apply that" in text
    way = "deletion_protection = false in the provider block" if protection.source == "block" else f"{VARIABLE}=false"
    assert way in text
    assert workspace.calls() == []
    protection.set(on=False)
    workspace.write({})
    workspace.apply().ok()
    assert workspace.emulator.notebooks() == []


@pytest.mark.parametrize("attempt", ["-replace", "tainted", "deposed"])
def test_the_providers_protection_holds_at_the_apply_of_what_no_plan_is_told(
    workspace: Workspace, protection: Protection, attempt: str
) -> None:
    cycle = {"lifecycle": CYCLE} if attempt == "deposed" else {}
    made(workspace, **cycle)
    before = workspace.id()
    protection.set(on=True)
    workspace.configure(**cycle)
    if attempt == "tainted":
        workspace.run("taint", ADDRESS, machine=False).ok()

    run = workspace.apply(*([] if attempt == "tainted" else [f"-replace={ADDRESS}"])).failed()

    assert 'Notebook "nb" is protected against deletion' in run.error_text()
    assert protection.says in run.error_text()
    assert "DeleteNotebook" not in workspace.calls()
    assert before in [one["id"] for one in workspace.emulator.notebooks()]
    protection.set(on=False)  # the one way that a deposed one has, and it works at once
    workspace.configure(**cycle)
    workspace.apply(*([f"-replace={ADDRESS}"] if attempt == "-replace" else [])).ok()
    assert [one["id"] for one in workspace.emulator.notebooks()] == [workspace.id()]
    assert workspace.id() != before


def test_a_resources_own_false_overrides_the_providers_protection(workspace: Workspace) -> None:
    workspace.provider_block["deletion_protection"] = True
    made(workspace, deletion_protection=False)

    workspace.configure(deletion_protection=False, workspace_id=WORKSPACE)
    workspace.apply().ok()
    workspace.destroy().ok()

    assert workspace.emulator.notebooks() == []


def test_a_resources_own_true_overrides_the_providers_false(workspace: Workspace) -> None:
    workspace.provider_block["deletion_protection"] = False
    made(workspace, deletion_protection=True)

    text = workspace.destroy().failed().error_text()

    assert "Its state has deletion_protection = true" in text
    assert "provider" not in text


def test_the_providers_block_overrides_the_environment(workspace: Workspace, providers: ExitStack) -> None:
    made(workspace)
    Protection(workspace, providers, "variable").set(on=True)
    Protection(workspace, providers, "block").set(on=False)
    workspace.configure()

    workspace.destroy().ok()


@pytest.mark.parametrize("own", [True, None], ids=["configured", "left to the provider"])
def test_protection_that_comes_with_a_replacement_counts(workspace: Workspace, own: bool | None) -> None:
    """Whoever protects a disk doesn't want to lose it in the very apply that does so."""
    made(workspace, deletion_protection=False)
    workspace.provider_block["deletion_protection"] = True
    workspace.configure(deletion_protection=own, workspace_id=WORKSPACE)

    text = workspace.plan().failed().error_text()

    assert "Changing workspace_id would replace it: take that back first" in text
    assert ("Its configuration has deletion_protection = true" in text) is (own is True)


def test_the_way_out_through_the_resource_needs_no_call_and_works(workspace: Workspace) -> None:
    made(workspace)
    workspace.provider_block["deletion_protection"] = True

    made(workspace, deletion_protection=False)
    assert workspace.emulator.requests(operation="UpdateNotebook") == []
    workspace.write({})
    workspace.apply().ok()

    assert workspace.emulator.notebooks() == []


def _with_unknown_protection(workspace: Workspace, protection: bool, **resource: Any) -> None:
    """The provider's setting comes from something that the same apply makes."""
    workspace.provider_block["deletion_protection"] = "${terraform_data.policy.output}"
    policy = {"terraform_data": {"policy": {"input": protection}}}
    workspace.write({"resource": policy | resource})


@pytest.mark.parametrize("protection", [True, False])
@pytest.mark.parametrize("attempt", ["left out", "replace"])
def test_protection_that_no_plan_knows_is_looked_at_by_the_apply(
    workspace: Workspace, attempt: str, protection: bool
) -> None:
    made(workspace)
    before = workspace.id()
    changed = {"this": {**BASE, "workspace_id": WORKSPACE}}
    _with_unknown_protection(workspace, protection, **({"modelarts_notebook": changed} if attempt == "replace" else {}))

    run = workspace.plan().ok()  # and it reads: the service needs no setting that isn't known

    assert "The deletion protection of notebooks isn't known yet" in run.warning_text()
    applied = workspace.apply()
    if protection:
        assert "is protected against deletion" in applied.failed().error_text()
        assert workspace.calls() == []
        assert workspace.there()["id"] == before
    else:
        applied.ok()
        assert before not in [one["id"] for one in workspace.emulator.notebooks()]


@pytest.mark.parametrize("value", ["perhaps", "2"])
def test_a_variable_that_says_nothing_clear_is_an_error(workspace: Workspace, providers: ExitStack, value: str) -> None:
    served = served_provider({VARIABLE: value})
    workspace.environment["TF_REATTACH_PROVIDERS"] = providers.enter_context(served)
    workspace.configure()

    text = workspace.plan().failed().error_text()

    assert f"The environment variable {VARIABLE} can't be used: it must be true or false" in text


# --- the warning of a planned destroy


def _three(*names: str, **more: Any) -> dict[str, Any]:
    return {name: {**BASE, "name": f"nb-{name}", "storage": {"size": 10 + at}, **more} for at, name in enumerate(names)}


def test_a_renamed_address_warns_of_the_disk(workspace: Workspace) -> None:
    made(workspace)
    ident = workspace.id()
    workspace.write({"resource": {"modelarts_notebook": {"that": BASE}}})

    run = workspace.plan().ok()

    assert sorted(run.actions) == ["create", "delete"]
    assert [warning["summary"] for warning in run.warnings] == [DISKS]
    detail = run.warnings[0]["detail"]
    for part in (f"nb ({ident})", "EVS, 10 GB", "`moved` block"):
        assert part in detail
    workspace.write(
        {
            "resource": {"modelarts_notebook": {"that": BASE}},
            "moved": [{"from": ADDRESS, "to": "modelarts_notebook.that"}],
        }
    )
    run = workspace.plan().ok()
    assert (run.actions, run.warnings) == (["move"], [])


@pytest.mark.parametrize("attempt", ["keys", "destroy"])
def test_warnings_of_many_disks_are_folded_into_one(workspace: Workspace, attempt: str) -> None:
    arguments: list[str] = []
    if attempt == "keys":
        block = {**BASE, "name": "nb-${each.key}", "for_each": '${toset(["a", "b", "c"])}'}
        workspace.write({"resource": {"modelarts_notebook": {"of": block}}})
        workspace.apply().ok()
        block["for_each"] = '${toset(["d"])}'
        workspace.write({"resource": {"modelarts_notebook": {"of": block}}})
    else:
        workspace.write({"resource": {"modelarts_notebook": _three("a", "b", "c")}})
        workspace.apply().ok()
        arguments = ["-destroy"]

    text = workspace.run("plan", "-input=false", *arguments, machine=False).ok().text

    assert text.count(DISKS) == 1, text
    assert re.search(r"and 2 more similar warnings elsewhere", text), text


def test_warnings_of_removed_blocks_name_every_disk(workspace: Workspace) -> None:
    """Terraform folds warnings that point into the configuration only."""
    workspace.write({"resource": {"modelarts_notebook": _three("a", "b", "c")}})
    workspace.apply().ok()
    workspace.write({"resource": {"modelarts_notebook": _three("d", "e", "f")}})

    run = workspace.plan().ok()

    assert [warning["summary"] for warning in run.warnings] == [DISKS] * 3
    assert all(f"nb-{name} (" in run.warning_text() for name in "abc")


def test_dedicated_storage_stays_and_is_warned_of_by_nobody(workspace: Workspace) -> None:
    made(workspace, storage=EFS)

    run = workspace.plan("-destroy").ok()

    assert run.actions == ["delete"]
    assert run.warnings == []


def test_what_is_forgotten_loses_no_disk(workspace: Workspace) -> None:
    made(workspace)
    workspace.write({"removed": [{"from": ADDRESS, "lifecycle": {"destroy": False}}]})

    assert DISKS not in workspace.plan().ok().warning_text()
    workspace.apply().ok()
    assert workspace.there()["status"] == "RUNNING"


def test_a_protected_one_is_an_error_and_no_warning(workspace: Workspace) -> None:
    made(workspace, deletion_protection=True)
    workspace.write({"resource": {"modelarts_notebook": {"that": BASE}}})

    run = workspace.plan().failed()

    assert 'Notebook "nb" is protected against deletion' in run.error_text()
    assert DISKS not in run.warning_text()
