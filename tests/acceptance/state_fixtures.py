"""States that a release wrote, each with the configuration and the instances that it belongs to.

``python tests/acceptance/state_fixtures.py VERSION`` (with the tests' environment, from a checkout of that release) writes
them anew below tests/fixtures/states/VERSION: once for each release, and never again after it.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from serving import served_provider
from terraform_workspace import BASE, MARK, Workspace, clean_environment
from watched_service import Watched, watched_service

from modelarts_emulator.state.entities import notebook_from_json, to_json
from modelarts_provider.resources.notebook.service.interruption import stopped_value

STATES = Path(__file__).parent.parent / "fixtures" / "states"
POOL = {"pool_id": "pool-emulator-0001", "flavor": "modelarts.vm.cpu.8u"}
OWN_EFS = {
    "category": "EFS",
    "ownership": "DEDICATED",
    "uri": "sfs.example.com:/share",
    "id": "abcdefab-2222-3333-4444-555555555555",
}
OWN_OBS = {"ownership": "DEDICATED", "uri": "obs://bucket/folder/", "dew_secret_name": "secret"}
SSH = {"SSH": {"key_pair_names": ["k1", "k2"], "allowed_access_ips": ["203.0.113.7"]}}


@dataclass(frozen=True)
class Case:
    """A notebook's configuration, what the provider block adds, and how its state came about."""

    resource: dict[str, Any]
    block: dict[str, Any] = field(default_factory=dict)
    how: str = "created"


CASES = {
    "evs": Case({"storage": {"size": 20}}),
    "evs-unset-size": Case({"storage": {}}),
    "efs": Case({"storage": {"category": "EFS"}}),
    "efs-dedicated": Case({"storage": OWN_EFS}),
    "obs": Case({**POOL, "storage": {"category": "OBS", **OWN_OBS}}),
    "obsfs": Case({**POOL, "storage": {"category": "OBSFS", **OWN_OBS}}),
    "sfs-imported": Case({"storage": {"category": "SFS"}}, how="sfs"),
    "endpoints": Case({"endpoints": {**SSH, "NOTEBOOK": {"allowed_access_ips": ["198.51.100.7"]}}}),
    "hooks": Case(
        {
            "hooks": {
                "pre_start": {"type": "COMMAND", "script": "ZWNobyAkSE9NRQ=="},
                "post_start": {"script": "/home/ma-user/work/init.sh", "mode": "BLOCK"},
            }
        }
    ),
    "tags": Case(
        {"tags": {"team": "ml", "stage": "dev"}},
        {"default_tags": {"owner": "ml", "stage": "test"}, "ignore_tags": {"keys": ["cost"]}},
    ),
    "everything": Case(
        {
            "description": "notes: 100% [a] {b}",
            "endpoints": SSH,
            "storage": {"size": 20},
            "hooks": {"post_start": {"script": "/home/ma-user/work/init.sh"}},
            "auto_stop": {"type": "IDLE", "duration": "2h"},
            "desired_status": "RUNNING",
            "allow_stopping_for_update": True,
            "deletion_protection": False,
            "adopt_existing": True,
            "tags": {"team": "ml"},
            "feature": "NOTEBOOK",
            "workspace_id": "0",
            "region": "cn-north-4",
            "project_id": "0123456789abcdef0123456789abcdef",
            "timeouts": {"create": "10m", "read": "1m", "update": "10m", "delete": "10m"},
        }
    ),
    "empty-forms": Case({"description": "", "endpoints": {}, "hooks": {}, "tags": {}}),
    "auto-stop": Case({"auto_stop": {"duration": "240m"}}),
    "auto-stop-off": Case({"auto_stop": {"enabled": False}}),
    "stopped": Case({"desired_status": "STOPPED"}),
    "imported": Case({"storage": {"size": 20}, "endpoints": SSH, "tags": {"team": "ml"}}, how="imported"),
    "interrupted": Case({"endpoints": SSH, "auto_stop": {"duration": "4h"}}, how="interrupted"),
    "deposed": Case({"lifecycle": {"create_before_destroy": True}}, how="deposed"),
}


def write(name: str, folder: Path) -> None:
    """Write one case with the provider of this checkout."""
    case = CASES[name]
    with service_and_workspace(case) as (watched, workspace):
        configure(workspace, case)
        workspace.apply().ok()
        finish(case, watched, workspace)
        folder.mkdir(parents=True)
        shutil.copy(workspace.folder / "terraform.tfstate", folder / "state.json")
        notebooks = [to_json(each) for each in watched.emulator.world.notebooks.values()]
        (folder / "service.json").write_text(json.dumps(notebooks, indent=1, sort_keys=True) + "\n")


def finish(case: Case, watched: Watched, workspace: Workspace) -> None:
    """What happens to the notebook after its create."""
    identifier = workspace.id()
    if case.how in ("imported", "sfs"):
        if case.how == "sfs":
            watched.emulator.world.notebooks[identifier].volume.category = "SFS"
        (workspace.folder / "terraform.tfstate").unlink()
        done = workspace.run("import", "-input=false", "modelarts_notebook.this", identifier, machine=False)
        assert done.code == 0, done.text
    elif case.how == "interrupted":
        watched.control.patch_notebook(identifier, status="STOPPED")
        value = stopped_value(watched.control.notebook(identifier)["lease"])
        watched.control.patch_notebook(identifier, tags={MARK: value})
        workspace.apply("-refresh-only").ok()
    elif case.how == "deposed":
        watched.control.add_fault(
            operation="DeleteNotebook", count=100, status=403, error_code="ModelArts.0110", error_msg="not allowed"
        )
        configure(workspace, Case({**case.resource, "workspace_id": "abcdef0123456789abcdef0123456789"}))
        workspace.apply().failed()


def configure(workspace: Workspace, case: Case) -> None:
    """Write the configuration of a case."""
    resource = {**BASE, **case.resource}
    if case.how == "sfs" and not (workspace.folder / "terraform.tfstate").exists():
        resource["storage"] = {}
    workspace.provider_block |= case.block
    workspace.write({"resource": {"modelarts_notebook": {"this": resource}}})


@contextmanager
def service_and_workspace(case: Case) -> Iterator[tuple[Watched, Workspace]]:
    """An emulator, and a workspace whose provider calls it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        watched_service(rules="observed", quota=0) as watched,
        served_provider() as reattach,
    ):
        environment = {**clean_environment(), "TF_REATTACH_PROVIDERS": reattach}
        yield watched, Workspace(Path(folder), watched.control, environment)


@contextmanager
def restored(version: str, name: str) -> Iterator[Workspace]:
    """A workspace with a state that a release wrote, its configuration, and the instances behind the API."""
    case, folder = CASES[name], STATES / version / name
    with service_and_workspace(case) as (watched, workspace):
        shutil.copy(folder / "state.json", workspace.folder / "terraform.tfstate")
        for each in json.loads((folder / "service.json").read_text()):
            watched.emulator.world.notebooks[each["id"]] = notebook_from_json(each)
        if case.how == "deposed":
            case = Case({**case.resource, "workspace_id": "abcdef0123456789abcdef0123456789"})
        configure(workspace, case)
        yield workspace


if __name__ == "__main__":
    for each in CASES:
        write(each, STATES / sys.argv[1] / each)
