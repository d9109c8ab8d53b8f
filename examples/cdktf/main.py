"""A team's notebooks with CDK for Terraform.

`cdktf deploy` runs this file. Which notebooks there are is data, in a JSON file, so that a change of a flavor is a change
of a line there; the environment variable NOTEBOOKS names another file.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import cdktf

from modelarts_constructs import Endpoint, Hook, ModelartsProvider, Notebook, Storage

CONFIGURATIONS = Path(__file__).resolve().parent.parent / "configurations"


class Team(cdktf.TerraformStack):
    """The notebooks of one team."""

    def __init__(self, scope: cdktf.App, name: str, notebooks: dict[str, dict[str, Any]]) -> None:
        super().__init__(scope, name)
        # Region, keys and project come from the environment: HW_REGION_NAME, HW_ACCESS_KEY, HW_SECRET_KEY, HW_PROJECT_ID.
        ModelartsProvider(self)
        for key, wanted in notebooks.items():
            notebook = Notebook(
                self,
                key,  # stays the same when the name changes, so that Terraform knows which one is meant
                name=wanted["name"],
                description=wanted.get("description"),
                flavor=wanted["flavor"],
                image_id=wanted["image_id"],
                storage=Storage.evs(size=wanted["storage_gb"]),
                endpoints=[Endpoint.ssh(**wanted["ssh"])] if "ssh" in wanted else None,
                pre_start=Hook.script(wanted["pre_start_script"]) if "pre_start_script" in wanted else None,
                post_start=post_start(wanted),
            )
            cdktf.TerraformOutput(self, f"{key}_id", value=notebook.notebook_id)


def post_start(wanted: dict[str, Any]) -> Hook | None:
    """What runs when a notebook has started: a command, or a script that lies in its work directory."""
    if "post_start_command" in wanted:
        return Hook.command(wanted["post_start_command"])
    if "post_start_script" in wanted:
        return Hook.script(wanted["post_start_script"])
    return None


app = cdktf.App()
file = Path(os.environ.get("NOTEBOOKS", CONFIGURATIONS / "before.tfvars.json"))
Team(app, "notebooks", json.loads(file.read_text())["notebooks"])
app.synth()
