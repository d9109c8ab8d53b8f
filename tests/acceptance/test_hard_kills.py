"""SIGKILL of the provider, of Terraform, or of both, around every call that changes something; the next apply mends it.

Real processes: the installed provider in a mirror. The emulator holds the call at which the kill comes, so that each kill
hits its moment on any machine. `make test` runs representative kills, HARD_KILLS=all (an environment variable) all of them.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import ADDRESS, CPU_8U, MARK, Workspace, binary, clean_environment

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.lifecycle.changes import Changes, Observed, RefusedPut
from modelarts_provider.lifecycle.plan import plan_update
from modelarts_provider.lifecycle.power import Power
from modelarts_provider.lifecycle.steps import Mark, Start, Stop, Unmark, Update, WaitFor, WaitResized

SIGNED = "managed"
"""Our tag's value on an instance whose create has returned: no mark of an update."""
ALL = os.environ.get("HARD_KILLS") == "all"
PATIENCE = 60.0
HELD = {"latency_ms": 45_000, "cut": "before", "count": 0}
"""A call that the service has got and never carries out."""

OPERATIONS = {
    Mark: "CreateNotebookTags",
    Stop: "StopNotebook",
    Update: "UpdateNotebook",
    Start: "StartNotebook",
    Unmark: "CreateNotebookTags 2",  # the notebook is young: its sign takes the mark's place
}
RESTART = [
    OPERATIONS[type(step)]
    for step in plan_update(Changes(fields={"flavor": {"flavor": CPU_8U}}), Observed(status="RUNNING"), mark=True).steps
    if not isinstance(step, WaitFor)
]
"""The calls of an update that stops and starts, from the very steps that the provider plans."""

REFUSED = frozenset({RefusedPut(frozenset({"storage_size"}), Power.STOPPED)})
GROWTH = [
    {Update: "UpdateNotebook 2"}.get(type(step), OPERATIONS.get(type(step)))  # the first was refused
    for step in plan_update(
        Changes(fields={"storage_size": {"storage_new_size": 80}}),
        Observed(status="STOPPED", storage_size=50),
        refused=REFUSED,
        mark=True,
    ).steps
    if not isinstance(step, WaitFor | WaitResized)
]
"""The calls of a growth that the service takes only from a running notebook, under a stopped one."""

CREATE = ["CreateNotebook", "ShowNotebook", "CreateNotebookTags", "CreateNotebookTags 2"]
"""The calls of a create with tags: the second is the first look at an instance that is still CREATING, the last the sign."""
OPEN = [
    f"{victims} after CreateNotebookTags 2, {way}" for victims in ("all", "provider") for way in ("import", "adopt")
]
"""Signed, and killed before Terraform had the answer: it looks like somebody's (decisions/0006)."""


@dataclass(frozen=True)
class Kill:
    """Who is killed, and at which moment of which call; of a call that comes again, its number stands behind the name."""

    victims: str
    moment: str
    operation: str

    @property
    def name(self) -> str:
        return self.operation.split()[0]

    @property
    def nth(self) -> int:
        return int(self.operation.removeprefix(self.name) or 1)

    def __str__(self) -> str:
        return f"{self.victims} {self.moment} {self.operation}"

    def done(self, operations: list[str]) -> list[str]:
        """The calls that have had their effect."""
        return operations[: operations.index(self.operation) + (self.moment == "after")]


def every(operations: list[str]) -> list[Kill]:
    return [
        Kill(victims, moment, operation)
        for operation in operations
        for moment in ("before", "after")
        for victims in ("all", "provider", "terraform")
        if (moment, operation) != ("after", "ShowNotebook")
    ]


def chosen(possible: list[Any], usual: list[str]) -> list[Any]:
    """What this run tries: everything, or the usual ones, which must be possible ones."""
    named = {str(each): each for each in possible}
    return possible if ALL else [named[name] for name in usual]


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
    return Workspace(folder, moving, {**clean_environment(), "TF_CLI_CONFIG_FILE": str(configuration)})


def made(workspace: Workspace) -> str:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.clear_requests()
    return str(workspace.there()["id"])


def known(workspace: Workspace) -> list[dict[str, Any]]:
    """The instances in the state file, without asking Terraform (a question starts the provider)."""
    file = workspace.folder / "terraform.tfstate"
    text = file.read_text() if file.exists() else ""  # a run that is killed early leaves an empty file
    return [
        each["attributes"] for one in json.loads(text or '{"resources": []}')["resources"] for each in one["instances"]
    ]


def killed(workspace: Workspace, kill: Kill, *arguments: str) -> None:
    """Apply, and kill at the moment; returns when nothing of that run is left."""
    emulator = workspace.emulator
    hold = (
        HELD if kill.victims != "terraform" else {**HELD, "latency_ms": 5_000}
    )  # the provider lives, and waits for it
    if kill.moment == "before":
        emulator.add_fault(operation=kill.name, nth=kill.nth, **hold)
    else:
        emulator.add_fault(operation=kill.name, nth=kill.nth, latency_ms=500, cut="after")
    run = subprocess.Popen(
        [binary(), "apply", "-input=false", "-auto-approve", *arguments],
        cwd=workspace.folder,
        env=workspace.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: len(calls_of(emulator, kill.name)) >= kill.nth, run, f"{kill.operation} was never called")
        if kill.moment == "after":  # it has its effect in half a second; whatever is called then is held
            emulator.add_fault(**hold)
        wait_for(lambda: held(emulator), run, "no call was held")
        for process in victims(kill.victims, run.pid):
            os.kill(process, signal.SIGKILL)
        emulator.clear_faults()
        run.wait(PATIENCE)
        wait_for(lambda: not members(run.pid), None, "the provider outlives its Terraform")
    finally:
        for process in members(run.pid):
            os.kill(process, signal.SIGKILL)
        run.wait()


def calls_of(emulator: Control, operation: str) -> list[dict[str, Any]]:
    return emulator.requests(operation=operation)


def held(emulator: Control) -> list[dict[str, Any]]:
    """Calls that never have an effect."""
    return [call for call in emulator.requests() if "cut before" in (call["fault"] or "")]


def wait_for(condition: Callable[[], Any], run: subprocess.Popen[bytes] | None, otherwise: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, otherwise
        assert run is None or run.poll() is None, f"terraform ended by itself: {otherwise}"
        time.sleep(0.01)


def victims(who: str, group: int) -> list[int]:
    terraform, providers = [], []
    for process in members(group):
        (providers if b"modelarts_provider" in command_line(process) else terraform).append(process)
    assert terraform
    assert providers
    return {"terraform": terraform, "provider": providers, "all": [*terraform, *providers]}[who]


def command_line(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def members(group: int) -> list[int]:
    """The processes of a group that still live; zombies don't."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            state, _, of_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(of_group) == group and state not in "ZX":
            found.append(int(folder.name))
    return found


def settled(workspace: Workspace) -> str:
    """The status, once it rests."""
    wait_for(lambda: not workspace.there()["status"].endswith("ING") or rests(workspace), None, "it never rests")
    return str(workspace.there()["status"])


def rests(workspace: Workspace) -> bool:
    return workspace.there()["status"] == "RUNNING"


def marked(workspace: Workspace) -> bool:
    tags = workspace.there().get("tags") or []
    return any(tag["key"] == MARK and tag["value"] != SIGNED for tag in tags)


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
    "terraform after CreateNotebookTags 2, import",
]


@pytest.mark.parametrize("case", chosen([case for case in CREATES if str(case) not in OPEN], USUAL_CREATES), ids=str)
def test_a_killed_create_leaves_neither_orphan_nor_twin(installed: Workspace, case: KilledCreate) -> None:
    configured: dict[str, Any] = {"tags": {"team": "a"}}
    installed.configure(**configured)

    killed(installed, case.kill)

    left = installed.emulator.notebooks()
    assert len(left) == ("CreateNotebook" in case.kill.done(CREATE))
    assert known(installed) == []
    if left and case.way == "import":
        said = installed.apply().failed().error_text()
        assert f"terraform import <address> {left[0]['id']}" in said
        installed.run("import", ADDRESS, left[0]["id"], machine=False).ok()
    elif left:
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
