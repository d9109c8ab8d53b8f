"""SIGKILL of the provider, of Terraform, or of both, around every call that changes something; the next apply mends it.

Real processes: the installed provider in a mirror. The emulator holds the call at which the kill comes, so that each kill
hits its moment on any machine. `make test` runs representative kills, `make test-kills` all of them.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from killing import ALL, HELD, PATIENCE, Kill, calls_of, chosen, every, held, killed, known, marked, settled, wait_for
from serving import QUICKLY
from terraform_workspace import ADDRESS, CPU_8U, MARK, Workspace, binary, clean_environment

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.lifecycle.changes import Changes, History, Observed, RefusedPut, UpdateGoal
from modelarts_provider.lifecycle.fields import FIELDS
from modelarts_provider.lifecycle.plan import plan_update
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.steps import Mark, Start, Stop, Unmark, Update, WaitFor, WaitResized

OPERATIONS = {
    Mark: "CreateNotebookTags",
    Stop: "StopNotebook",
    Update: "UpdateNotebook",
    Start: "StartNotebook",
    Unmark: "CreateNotebookTags 2",  # the notebook is young: its sign takes the mark's place
}
RESTART = [
    OPERATIONS[type(step)]
    for step in plan_update(
        UpdateGoal(changes=Changes(table=FIELDS, fields={"flavor": {"flavor": CPU_8U}}), mark=True),
        Observed(status="RUNNING"),
    ).steps
    if not isinstance(step, WaitFor)
]
"""The calls of an update that stops and starts, from the very steps that the provider plans."""

REFUSED = frozenset({RefusedPut(frozenset({"storage_size"}), Power.STOPPED)})
GROWTH = [
    {Update: "UpdateNotebook 2"}.get(type(step), OPERATIONS.get(type(step)))  # the first was refused
    for step in plan_update(
        UpdateGoal(changes=Changes(table=FIELDS, fields={"storage_size": {"storage_new_size": 80}}), mark=True),
        Observed(status="STOPPED", storage_size=50),
        History(refused=REFUSED),
    ).steps
    if not isinstance(step, WaitFor | WaitResized)
]
"""The calls of a growth that the service takes only from a running notebook, under a stopped one."""

CREATE = ["CreateNotebook", "ShowNotebook", "CreateNotebookTags", "CreateNotebookTags 2"]
"""The calls of a create with tags: the second is the first look at an instance that is still CREATING, the last the sign."""
SIGN = CREATE[-1]
"""Comes after the answer: Terraform knows the instance by then."""


@pytest.fixture(scope="module")
def moving() -> Iterator[Control]:
    """An emulator whose transitions take part of a second, so that a kill can hit a notebook on its way."""
    with running_emulator(time_scale=0.02, lease_scale=1.0) as control:
        yield control


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, moving: Control) -> tuple[Path, Path]:
    """The configuration file of Terraform's command line, and a folder in which `terraform init` was run."""
    folder = tmp_path_factory.mktemp("prepared")
    command = [sys.executable, "-m", "modelarts_provider", "install", "--dir", str(folder / "mirror")]
    for more in ([], ["--print-config"]):
        done = subprocess.run([*command, *more], env=clean_environment(), text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    configuration = folder / "terraform.rc"
    configuration.write_text(done.stdout)
    workspace = Workspace(folder / "work", moving, {**clean_environment(), "TF_CLI_CONFIG_FILE": str(configuration)})
    workspace.folder.mkdir()
    workspace.configure()
    assert workspace.run("init", machine=False).code == 0
    return configuration, workspace.folder


@pytest.fixture
def installed(tmp_path: Path, prepared: tuple[Path, Path], moving: Control) -> Workspace:
    moving.reset(rules="documented", quota=0)
    moving.clear_faults()
    moving.clear_requests()
    configuration, initialised = prepared
    folder = tmp_path / "work"
    shutil.copytree(initialised, folder, symlinks=True)
    return Workspace(folder, moving, {**clean_environment(), **QUICKLY, "TF_CLI_CONFIG_FILE": str(configuration)})


def made(workspace: Workspace) -> str:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    return str(workspace.there()["id"])


USUAL_RESTARTS = [
    "all after StopNotebook",
    "provider after UpdateNotebook",
    "terraform before StartNotebook",
    "all before CreateNotebookTags 2",
]


@pytest.mark.parametrize("kill", chosen(every(RESTART), USUAL_RESTARTS), ids=str)
def test_the_apply_after_a_killed_update_finishes_it(installed: Workspace, kill: Kill) -> None:
    identifier = made(installed)
    installed.configure(flavor=CPU_8U)

    killed(installed, kill)

    done = kill.done(RESTART)
    down = "StopNotebook" in done and "StartNotebook" not in done
    if kill.victims == "terraform":  # nobody listens to the provider any more, and it puts things back all the same
        assert (settled(installed), marked(installed)) == ("RUNNING", False)
    else:
        assert settled(installed) == ("STOPPED" if down else "RUNNING")
        assert marked(installed) == ("CreateNotebookTags" in done and "CreateNotebookTags 2" not in done)
    applied = installed.apply().ok()
    there = installed.there()
    assert (there["id"], there["status"], there["flavor"], marked(installed)) == (identifier, "RUNNING", CPU_8U, False)
    told = "will be started: an update of it was interrupted" in applied.warning_text()
    assert told == (down and kill.victims != "terraform")
    [state] = known(installed)
    assert (state["flavor"], state["interrupted_update"]) == (CPU_8U, False)
    installed.clean()


def test_the_auto_stop_of_a_restart_whose_terraform_was_killed_is_no_drift(installed: Workspace) -> None:
    """The provider that is left puts the notebook back, and nobody hears what it made of the lease."""
    installed.configure(auto_stop={"duration": "4h"})
    installed.apply().ok()
    ends = installed.there()["lease"]["duration"]
    installed.configure(flavor=CPU_8U, auto_stop={"duration": "4h"})
    killed(installed, Kill("terraform", "before", "StartNotebook"))
    assert settled(installed) == "RUNNING"
    assert 0 < abs(installed.there()["lease"]["duration"] - ends) < 5_000
    installed.emulator.clear_requests()

    installed.apply().ok()

    assert "RenewLease" not in installed.calls()
    installed.clean()


@pytest.mark.parametrize("retry", ["the saved plan", "without a refresh"])
def test_an_apply_that_knows_nothing_of_the_kill_starts_the_notebook_as_well(installed: Workspace, retry: str) -> None:
    """What a pipeline that tries again does. The plan can't show the repair: the mark is found when it is applied."""
    identifier = made(installed)
    installed.configure(flavor=CPU_8U)
    installed.plan("-out=saved").ok()
    arguments = ["saved"] if retry == "the saved plan" else ["-refresh=false"]
    killed(installed, Kill("all", "after", "StopNotebook"), *arguments)
    assert (settled(installed), marked(installed)) == ("STOPPED", True)

    applied = installed.apply(*arguments).ok()

    there = installed.there()
    assert (there["id"], there["status"], there["flavor"], marked(installed)) == (identifier, "RUNNING", CPU_8U, False)
    assert "The plan was made without knowing that" in applied.warning_text()
    installed.clean()


USUAL_GROWTHS = ["all after StartNotebook"]


@pytest.mark.parametrize("kill", chosen(every(GROWTH), USUAL_GROWTHS), ids=str)
def test_a_stopped_notebook_whose_growth_is_killed_is_stopped_again(installed: Workspace, kill: Kill) -> None:
    installed.emulator.reset(rules="observed", quota=0)
    identifier = made(installed)
    installed.emulator.patch_notebook(identifier, status="STOPPED")
    installed.configure(storage={"size": 80})

    killed(installed, kill)

    done = kill.done(GROWTH)
    up = "StartNotebook" in done and "StopNotebook" not in done
    if kill.victims == "terraform":  # nobody listens to the provider any more, and it puts things back all the same
        assert (settled(installed), marked(installed)) == ("STOPPED", False)
    else:
        assert settled(installed) == ("RUNNING" if up else "STOPPED")
        assert marked(installed) == ("CreateNotebookTags" in done and "CreateNotebookTags 2" not in done)
    applied = installed.apply().ok()
    there = installed.there()
    assert (there["id"], there["status"], marked(installed)) == (identifier, "STOPPED", False)
    assert there["volume"]["capacity"] == 80
    told = "will be stopped: an update of it was interrupted" in applied.warning_text()
    assert told == (up and kill.victims != "terraform")
    [state] = known(installed)
    assert (state["status"], state["storage"]["size"], state["interrupted_update"]) == ("STOPPED", 80, False)
    installed.clean()


def test_a_saved_plan_of_a_growth_that_is_applied_again_stops_the_notebook(installed: Workspace) -> None:
    """The plan was made for a stopped notebook, so that the stop is no surprise to anybody."""
    installed.emulator.reset(rules="observed", quota=0)
    identifier = made(installed)
    installed.emulator.patch_notebook(identifier, status="STOPPED")
    installed.configure(storage={"size": 80}, flavor=CPU_8U)
    installed.plan("-out=saved").ok()
    killed(installed, Kill("all", "after", "StartNotebook"), "saved")
    assert (settled(installed), marked(installed)) == ("RUNNING", True)

    applied = installed.apply("saved").ok()

    there = installed.there()
    assert (there["status"], there["flavor"], there["volume"]["capacity"]) == ("STOPPED", CPU_8U, 80)
    assert not marked(installed)
    assert "The plan was made without knowing that" in " ".join(applied.warning_text().split())
    installed.clean()


@pytest.mark.parametrize(
    ("kill", "started"),
    [
        (Kill("all", "before", "CreateNotebookTags 2"), "by us"),
        *([(Kill("all", "after", "StopNotebook"), "by the user")] if ALL else []),
    ],
    ids=str,
)
def test_a_users_own_stop_after_the_start_stays(installed: Workspace, kill: Kill, started: str) -> None:
    identifier = made(installed)
    installed.configure(flavor=CPU_8U)
    killed(installed, kill)
    settled(installed)
    if started == "by the user":  # a start sets the lease anew
        installed.emulator.patch_notebook(identifier, status="RUNNING", lease={"duration": 3_600_000})
    installed.emulator.patch_notebook(identifier, status="STOPPED")
    installed.emulator.clear_requests()

    installed.apply().ok()

    assert "StartNotebook" not in installed.calls()
    there = installed.there()
    assert (there["status"], there["flavor"], marked(installed)) == ("STOPPED", CPU_8U, False)
    installed.clean()


@dataclass(frozen=True)
class KilledCreate:
    kill: Kill
    way: str

    def __str__(self) -> str:
        return f"{self.kill}, {self.way}"


CREATES = [KilledCreate(kill, way) for kill in every(CREATE) for way in ("import", "adopt")]
USUAL_CREATES = [
    "all after CreateNotebook, import",
    "provider before CreateNotebookTags, adopt",
    "all before CreateNotebookTags 2, import",
]


@pytest.mark.parametrize("case", chosen(CREATES, USUAL_CREATES), ids=str)
def test_a_killed_create_leaves_neither_orphan_nor_twin(installed: Workspace, case: KilledCreate) -> None:
    configured: dict[str, Any] = {"tags": {"team": "a"}}
    installed.configure(**configured)

    killed(installed, case.kill)

    left = installed.emulator.notebooks()
    assert len(left) == ("CreateNotebook" in case.kill.done(CREATE))
    answered = case.kill.operation == SIGN
    assert [state["id"] for state in known(installed)] == ([one["id"] for one in left] if answered else [])
    if left and case.way == "import" and not answered:
        said = installed.apply().failed().error_text()
        assert f"terraform import <address> {left[0]['id']}" in said
        installed.run("import", ADDRESS, left[0]["id"], machine=False).ok()
    elif left and not answered:
        configured["adopt_existing"] = True
        installed.configure(**configured)
    installed.apply().ok()
    there = installed.there()  # exactly one
    assert [there["id"]] == [state["id"] for state in known(installed)]
    assert [there["id"]] == [one["id"] for one in left or [there]]
    assert there["status"] == "RUNNING"
    assert [tag for tag in there["tags"] if tag["key"] != MARK] == [{"key": "team", "value": "a"}]
    installed.clean()


def test_ctrl_c_while_the_mark_is_being_left_leaves_none(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.add_fault(operation="CreateNotebookTags", cut="after")
    workspace.emulator.add_fault(operation="CreateNotebookTags", **{**HELD, "nth": 2, "count": 1})
    workspace.configure(flavor=CPU_8U)
    run = subprocess.Popen(
        [binary(), "apply", "-input=false", "-auto-approve"],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: held(workspace.emulator), run, "no call was held")
        assert marked(workspace)
        run.send_signal(signal.SIGINT)
        run.wait(PATIENCE)
    finally:
        run.kill()
        run.wait()

    assert (workspace.there()["status"], marked(workspace)) == ("RUNNING", False)
    assert "StopNotebook" not in workspace.calls()


def test_an_import_of_what_is_still_being_created_waits(workspace: Workspace) -> None:
    """Until it is made it has no storage to show, and a plan on that would replace it."""
    workspace.configure()
    workspace.apply().ok()
    identifier = workspace.id()
    (workspace.folder / "terraform.tfstate").unlink()
    workspace.emulator.patch_notebook(identifier, status="CREATING")
    workspace.emulator.clear_requests()

    with ThreadPoolExecutor(1) as pool:
        imported = pool.submit(workspace.run, "import", ADDRESS, identifier, machine=False)
        wait_for(lambda: len(calls_of(workspace.emulator, "ShowNotebook")) > 1, None, "the import does not wait")
        assert not imported.done()
        workspace.emulator.patch_notebook(identifier, status="RUNNING")
        imported.result().ok()

    workspace.clean()


@pytest.mark.parametrize("kill", chosen(every(["DeleteNotebook"]), ["all after DeleteNotebook"]), ids=str)
def test_a_killed_destroy_is_finished_by_the_next(installed: Workspace, kill: Kill) -> None:
    made(installed)

    killed(installed, kill, "-destroy")

    assert known(installed), "what may still be there is not forgotten"
    if kill.moment == "before":
        installed.clean()
    installed.destroy().ok()
    assert installed.emulator.notebooks() == []
    assert known(installed) == []
