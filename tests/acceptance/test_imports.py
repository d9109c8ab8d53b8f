"""The import id in all its forms: on the command line, in import blocks, and with a generated configuration."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from terraform_workspace import ADDRESS, BASE, IMAGE, Workspace

from modelarts_emulator.testing import Control

HOME_REGION, HOME, TEAM = (
    "cn-north-4",
    "0123456789abcdef0123456789abcdef",
    "1123456789abcdef0123456789abcdef",
)
REGION, PROJECT = "ap-southeast-3", "2123456789abcdef0123456789abcdef"


def projects_called(emulator: Control) -> set[str]:
    """The projects in the paths of all calls to ModelArts."""
    paths = [call["path"] for call in emulator.requests() if call["path"].startswith("/v1/")]
    return {path.split("/")[2] for path in paths}


BODY = {
    "name": "nb",
    "flavor": "modelarts.vm.cpu.2u",
    "image_id": IMAGE,
    "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 50},
}


def from_the_console(emulator: Control, project_id: str) -> str:
    return str(replace(emulator, project_id=project_id).api("POST", "/notebooks", BODY)["id"])


IMPORT_IDS = {
    "id": ("{id}", HOME),
    "id in capitals": ("{ID}", HOME),
    "name": ("nb", HOME),
    "region and id": (HOME_REGION + "/{id}", HOME),
    "region and name": (HOME_REGION + "/nb", HOME),
    "another region and id": (REGION + "/{id}", PROJECT),
    "another region and id in capitals": (REGION + "/{ID}", PROJECT),
    "another region and name": (REGION + "/nb", PROJECT),
    "another project and id": (HOME_REGION + "/" + TEAM + "/{id}", TEAM),
    "another project and name": (HOME_REGION + "/" + TEAM.upper() + "/nb", TEAM),
    "another region, project and id": (REGION + "/" + PROJECT + "/{ID}", PROJECT),
}


WAYS = [("command", case) for case in IMPORT_IDS]
WAYS += [
    (way, case)
    for way in ("block", "generated")
    for case in (
        "id in capitals",
        "another region and name",
        "another project and id",
        "another region, project and id",
    )
]


@pytest.mark.parametrize(("way", "case"), WAYS)
def test_every_form_of_an_import_id(workspace: Workspace, emulator: Control, case: str, way: str) -> None:
    form, project_id = IMPORT_IDS[case]
    region = REGION if project_id == PROJECT else HOME_REGION
    made = {each: from_the_console(emulator, each) for each in (HOME, TEAM, PROJECT)}
    identifier = form.format(id=made[project_id], ID=made[project_id].upper())
    emulator.clear_requests()
    where = {"region": region, "project_id": project_id}
    match way:
        case "command":
            workspace.configure(storage={}, **where)
            assert workspace.run("import", ADDRESS, identifier, machine=False).code == 0
        case "block":
            body = {**BASE, "storage": {}, **where}
            document = {
                "import": [{"to": ADDRESS, "id": identifier}],
                "resource": {"modelarts_notebook": {"this": body}},
            }
            workspace.write(document)
            assert "0 added, 0 changed, 0 destroyed" in workspace.apply().ok().text
        case "generated":
            workspace.write({"import": [{"to": ADDRESS, "id": identifier}]})
            workspace.plan(f"-generate-config-out={workspace.folder / 'generated.tf'}").ok()
            assert workspace.validate().code == 0
            assert "0 added, 0 changed, 0 destroyed" in workspace.apply().ok().text
    state = workspace.state()
    assert state is not None
    assert (state["id"], state["region"], state["project_id"]) == (made[project_id], region, project_id)
    workspace.clean()
    assert projects_called(emulator) == {project_id}
    assert workspace.calls() == []


def test_what_was_imported_from_elsewhere_needs_its_region_written(workspace: Workspace, emulator: Control) -> None:
    identifier = from_the_console(emulator, PROJECT)
    workspace.configure(storage={})
    assert workspace.run("import", ADDRESS, f"{REGION}/{identifier}", machine=False).code == 0

    assert f'write `region = "{REGION}"`' in workspace.plan().failed().error_text()
    workspace.configure(storage={}, region=REGION)
    workspace.clean()


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("cn_north_4/nb", ["'cn_north_4' is not a region", "[region/[project_id/]]<id or exact name>"]),
        ("cn-north-4/team/nb", ["'team' is not a project id"]),
        ("a/b/c/d", ["it has 4 parts"]),
        ("cn-north-4/", ["'' can't be the name of one"]),
        ("nowhere-1/nb", ["no project named 'nowhere-1'"]),
        (f"{REGION}/nb", ["No notebook instance has exactly this name", f"region {REGION}, project {PROJECT}"]),
    ],
)
def test_an_import_id_that_names_nothing(workspace: Workspace, identifier: str, words: list[str]) -> None:
    workspace.configure()

    run = workspace.run("import", ADDRESS, identifier, machine=False)

    assert run.code == 1
    assert [word for word in words if word not in " ".join(re.sub(r"[│╷╵]", " ", run.text).split())] == []
    assert workspace.state() is None
