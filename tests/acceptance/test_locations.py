"""Regions and projects (rule 2): calls go to the right project, and another shell moves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import ADDRESS, BASE, CPU_8U, Workspace

from modelarts_emulator.testing import Control

HOME_REGION, HOME, TEAM = (
    "cn-north-4",
    "0123456789abcdef0123456789abcdef",
    "1123456789abcdef0123456789abcdef",
)
REGION, PROJECT = "ap-southeast-3", "2123456789abcdef0123456789abcdef"

Shell = Callable[..., None]


@pytest.fixture
def shell(workspace: Workspace) -> Iterator[Shell]:
    """Go on in another shell: with these environment variables, and a provider that remembers nothing."""
    with ExitStack() as providers:

        def opened(**variables: str) -> None:
            served = providers.enter_context(served_provider(variables))
            workspace.environment["TF_REATTACH_PROVIDERS"] = served

        yield opened


def projects_called(emulator: Control) -> set[str]:
    """The projects in the paths of all calls to ModelArts."""
    paths = [call["path"] for call in emulator.requests() if call["path"].startswith("/v1/")]
    return {path.split("/")[2] for path in paths}


def planned(workspace: Workspace) -> dict[str, Any]:
    """What a saved plan knows of the notebook, and what it leaves open."""
    file = workspace.folder / "plan"
    workspace.plan(f"-out={file}").ok()
    change = json.loads(workspace.run("show", "-json", str(file), machine=False).text)["resource_changes"][0]["change"]
    return {**change["after"], "unknown": {name for name, value in change["after_unknown"].items() if value is True}}


def test_a_resource_of_another_region_is_in_that_regions_project(workspace: Workspace, emulator: Control) -> None:
    """The provider's project is of the provider's region. Nothing is ever called in it for another one."""
    workspace.configure(region=REGION)
    change = planned(workspace)
    assert change["region"] == REGION
    assert "project_id" in change["unknown"]

    workspace.apply().ok()
    workspace.clean()
    workspace.configure(region=REGION, flavor=CPU_8U)
    assert workspace.apply().ok().actions == ["update"]
    workspace.clean()
    state = workspace.state()
    assert state is not None
    assert (state["region"], state["project_id"]) == (REGION, PROJECT)

    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    assert workspace.run("import", ADDRESS, f"{REGION}/{identifier}", machine=False).code == 0
    workspace.clean()
    workspace.destroy().ok()
    assert projects_called(emulator) == {PROJECT}
    assert emulator.notebooks() == []


def test_a_project_of_the_environment_that_is_the_blocks_regions(
    workspace: Workspace, emulator: Control, shell: Shell
) -> None:
    """Nothing says which region it is of, and IAM says that it is this one's: a team's project, not the default one."""
    shell(HW_PROJECT_ID=TEAM)
    workspace.provider_block["project_id"] = None
    workspace.configure()
    workspace.apply().ok()
    workspace.clean()
    workspace.destroy().ok()

    assert projects_called(emulator) == {TEAM}


def test_where_iam_cannot_say_whose_project_it_is_nothing_is_made(
    workspace: Workspace, emulator: Control, shell: Shell
) -> None:
    shell(HW_PROJECT_ID=TEAM)
    workspace.provider_block["project_id"] = None
    workspace.configure()
    emulator.add_fault(operation="KeystoneListProjects", status=403, error_code="IAM.0002", count=9)

    text = workspace.apply().failed().error_text()

    assert "whether the given project_id belongs to cn-north-4 could not be looked up" in text
    assert "set HW_REGION_NAME beside HW_PROJECT_ID, or project_id in the provider block" in text
    assert projects_called(emulator) == set()
    shell(HW_PROJECT_ID=TEAM, HW_REGION_NAME=HOME_REGION)
    workspace.apply().ok()
    assert projects_called(emulator) == {TEAM}


CHANGES = {
    "region of the environment": ({"HW_REGION_NAME": REGION, "HW_PROJECT_ID": HOME}, "region", HOME_REGION),
    "region and project": ({"HW_REGION_NAME": REGION, "HW_PROJECT_ID": PROJECT}, "region", HOME_REGION),
    "project of the environment": ({"HW_REGION_NAME": HOME_REGION, "HW_PROJECT_ID": TEAM}, "project_id", HOME),
    "SDK's variable": ({"HW_REGION_NAME": HOME_REGION, "HUAWEICLOUD_SDK_PROJECT_ID": TEAM}, "project_id", HOME),
}


@pytest.fixture
def made(workspace: Workspace, shell: Shell) -> Workspace:
    """A notebook, and another resource, of a configuration whose region and project come from the shell."""
    shell(HW_REGION_NAME=HOME_REGION, HW_PROJECT_ID=HOME)
    workspace.provider_block |= {"region": None, "project_id": None}
    configure(workspace)
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    return workspace


def configure(workspace: Workspace, **more: Any) -> None:
    body = {**BASE, **more}
    workspace.write({"resource": {"modelarts_notebook": {"this": body}, "terraform_data": {"other": {"input": "x"}}}})


@pytest.mark.parametrize("case", CHANGES)
def test_another_shell_moves_nothing(made: Workspace, shell: Shell, case: str) -> None:
    environment, changed, value = CHANGES[case]
    shell(**environment)

    text = made.plan().failed().error_text()
    assert f'Notebook "nb" is in another {changed.removesuffix("_id")} than the provider' in text
    assert f'write `{changed} = "{value}"` in the resource' in text
    assert ({"region", "project_id"} - {changed}).pop() not in text
    for command in (("plan", "-destroy"), ("apply", "-destroy", "-auto-approve"), ("destroy", "-auto-approve")):
        assert "`terraform destroy -refresh=false`" in made.run(*command, "-input=false").failed().error_text()
    assert made.apply().failed().error_text().count("is in another") == 1
    assert made.calls() == []

    configure(made, **{changed: value})
    made.clean()
    configure(made, description="x", **{changed: value})
    assert made.apply().ok().actions == ["update"]
    made.destroy().ok()
    assert projects_called(made.emulator) == {HOME}
    assert made.emulator.notebooks() == []


@pytest.mark.parametrize("case", ["region of the environment", "project of the environment"])
@pytest.mark.parametrize("way", ["no refresh", "refresh only", "another target", "block removed", "restored"])
def test_the_ways_out_of_another_shell(made: Workspace, shell: Shell, case: str, way: str) -> None:
    shell(**CHANGES[case][0])
    gone = way in ("no refresh", "block removed")
    match way:
        case "no refresh":
            made.run("destroy", "-input=false", "-auto-approve", "-refresh=false").ok()
        case "refresh only":
            made.emulator.patch_notebook(made.id(), description="theirs")
            made.apply("-refresh-only").ok()
            state = made.state()
            assert state is not None
            assert (state["description"], state["region"], state["project_id"]) == ("theirs", HOME_REGION, HOME)
        case "another target":
            made.write(
                {
                    "resource": {
                        "modelarts_notebook": {"this": BASE},
                        "terraform_data": {"other": {"input": "y"}},
                    }
                }
            )
            assert made.apply("-target=terraform_data.other").ok().actions == ["update"]
        case "block removed":
            made.write({"resource": {"terraform_data": {"other": {"input": "x"}}}})
            assert made.apply().ok().actions == ["delete"]
        case "restored":
            shell(HW_REGION_NAME=HOME_REGION, HW_PROJECT_ID=HOME)
            made.clean()
    assert projects_called(made.emulator) <= {HOME}
    assert bool(made.emulator.notebooks()) is not gone
    assert ("DeleteNotebook" in made.calls()) is gone


@pytest.mark.parametrize("project", [TEAM, PROJECT], ids=["the region's", "another region's"])
def test_another_project_in_a_shell_that_names_no_region(workspace: Workspace, shell: Shell, project: str) -> None:
    """The region stands in the provider block. IAM says whether the project is its own, and only then it has changed."""
    shell(HW_PROJECT_ID=HOME)
    workspace.provider_block["project_id"] = None
    workspace.configure()
    workspace.apply().ok()
    shell(HW_PROJECT_ID=project)

    if project == PROJECT:
        workspace.clean()
    else:
        text = workspace.plan().failed().error_text()
        assert 'Notebook "nb" is in another project than the provider' in text
        assert "(environment HW_PROJECT_ID)" in text
        assert "`terraform destroy -refresh=false`" in text
        workspace.configure(project_id=HOME)
        workspace.clean()
    workspace.destroy("-refresh=false").ok()
    assert workspace.emulator.notebooks() == []


def test_a_configured_region_replaces_and_the_new_one_is_in_its_project(
    workspace: Workspace, emulator: Control
) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.configure(region=REGION)

    run = workspace.apply().ok()

    assert run.actions == ["replace"]
    assert 'Notebook "nb" will be replaced' in run.warning_text()
    state = workspace.state()
    assert state is not None
    assert (state["region"], state["project_id"]) == (REGION, PROJECT)
    workspace.clean()


def test_an_unknown_region_of_the_provider_moves_nothing(workspace: Workspace) -> None:
    """Rule 11: the apply knows, and says so before it calls anything."""
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    workspace.provider_block["region"] = "${terraform_data.region.output}"
    notebook = {"this": {**BASE, "description": "x"}}
    document = {"resource": {"terraform_data": {"region": {"input": REGION}}, "modelarts_notebook": notebook}}
    workspace.write(document)

    run = workspace.run("apply", "-input=false", "-auto-approve", "-refresh=false").failed()

    assert sorted(run.actions) == ["create", "update"]
    assert 'write `region = "cn-north-4"`' in run.error_text()
    assert workspace.calls() == []


def test_not_found_in_the_states_location_alone_is_gone(workspace: Workspace, shell: Shell) -> None:
    """Whatever the shell says, the instance is looked for where the state has it."""
    shell(HW_REGION_NAME=HOME_REGION, HW_PROJECT_ID=HOME)
    workspace.provider_block |= {"region": None, "project_id": None}
    workspace.configure()
    workspace.apply().ok()
    shell(HW_REGION_NAME=REGION, HW_PROJECT_ID=PROJECT)
    workspace.apply("-refresh-only").ok()
    assert workspace.state() is not None

    workspace.emulator.api("POST", f"/notebooks/{workspace.id()}/stop")
    workspace.emulator.api("DELETE", f"/notebooks/{workspace.id()}")
    workspace.apply("-refresh-only").ok()
    assert workspace.state() is None


def test_a_project_id_in_capitals_is_the_same_project(workspace: Workspace, emulator: Control, shell: Shell) -> None:
    """Calls use the lower-case form; the configuration keeps its spelling."""
    workspace.provider_block["project_id"] = HOME.upper()
    workspace.configure()
    workspace.apply().ok()
    workspace.clean()
    workspace.provider_block["project_id"] = HOME
    workspace.configure()
    workspace.clean()
    workspace.destroy().ok()

    workspace.configure(project_id=HOME.upper())
    workspace.apply().ok()
    workspace.clean()
    workspace.configure(project_id=HOME)
    workspace.clean()
    workspace.configure(project_id=HOME.upper(), flavor=CPU_8U)
    assert workspace.apply().ok().actions == ["update"]
    workspace.clean()
    workspace.destroy().ok()
    assert projects_called(emulator) == {HOME}
    assert emulator.notebooks() == []
