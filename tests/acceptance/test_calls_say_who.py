"""What each call says about its maker, and how often the project is asked for."""

from __future__ import annotations

import re
from pathlib import Path

from serving import served_provider
from terraform_workspace import CPU_2U, IMAGE, Workspace, clean_environment
from watched_service import watched_service

from modelarts_provider import __version__


def test_the_user_agent_names_us_and_terraform_and_what_the_user_adds(tmp_path: Path) -> None:
    with watched_service() as service, served_provider({"TF_APPEND_USER_AGENT": "pipeline/7 (team)"}) as value:
        made = Workspace(tmp_path, service.control, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
        made.provider_block |= {"project_id": None}
        made.configure()
        made.apply().ok()
        agents = {headers["user-agent"] for headers in service.headers}
        called = {call["operation"] for call in service.control.requests()}
    assert {"KeystoneListProjects", "CreateNotebook"} <= called
    [agent] = agents
    assert re.fullmatch(
        rf"terraform-provider-modelarts/{re.escape(__version__)} terraform/\d+\.\d+\S* pipeline/7 \(team\)", agent
    )


def test_the_project_is_looked_up_once_for_all_notebooks(workspace: Workspace) -> None:
    workspace.provider_block |= {"project_id": None}
    body = {"flavor": CPU_2U, "image_id": IMAGE, "storage": {"size": 10}}
    names = [f"n{number}" for number in range(5)]
    workspace.write({"resource": {"modelarts_notebook": {name: {**body, "name": name} for name in names}}})

    workspace.apply().ok()

    operations = [call["operation"] for call in workspace.emulator.requests()]
    assert operations.count("CreateNotebook") == 5
    assert operations.count("KeystoneListProjects") == 1
