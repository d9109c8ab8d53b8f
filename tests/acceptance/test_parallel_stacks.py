"""Stacks of one project whose notebooks have the same name, flavor and image, applied at the same time.

Real processes: the installed provider in a mirror, a folder and a state for each stack.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import BASE, MARK, Run, Workspace, binary, clean_environment

from modelarts_emulator.testing import Control, running_emulator

PATIENCE = 120.0
WAIT = "6"
"""Seconds that an instance has to rest without the tag: far longer than a create here lets pass between two reads."""


@pytest.fixture(scope="module")
def slow_service() -> Iterator[Control]:
    """An emulator whose creates take a while, so that the others begin meanwhile."""
    with running_emulator(time_scale=0.02, lease_scale=1.0) as control:
        yield control


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, slow_service: Control) -> Workspace:
    """A folder in which `terraform init` was run with the installed provider."""
    folder = tmp_path_factory.mktemp("prepared")
    command = [sys.executable, "-m", "modelarts_provider", "install", "--dir", str(folder / "mirror")]
    for more in ([], ["--print-config"]):
        done = subprocess.run([*command, *more], env=clean_environment(), text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    configuration = folder / "terraform.rc"
    configuration.write_text(done.stdout)
    more = {"TF_CLI_CONFIG_FILE": str(configuration), "MODELARTS_UNMANAGED_WAIT_SECONDS": WAIT}
    workspace = Workspace(folder / "work", slow_service, {**clean_environment(), **more})
    workspace.folder.mkdir()
    workspace.configure()
    assert workspace.run("init", machine=False).code == 0
    return workspace


class Stack(Workspace):
    """One of several workspaces, whose commands can run at the same time."""

    def __init__(self, folder: Path, prepared: Workspace) -> None:
        shutil.copytree(prepared.folder, folder, symlinks=True)
        super().__init__(folder, prepared.emulator, dict(prepared.environment))
        self.process: subprocess.Popen[str] | None = None

    def begin(self, **environment: str) -> None:
        """Start an apply."""
        self.process = subprocess.Popen(
            [binary(), "apply", "-json", "-input=false", "-auto-approve"],
            cwd=self.folder,
            env={**self.environment, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def end(self) -> Run:
        """Wait for the apply, and give what it said."""
        assert self.process is not None
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.read(self.process.returncode, out, err)


@pytest.fixture
def stacks(tmp_path: Path, prepared: Workspace) -> Iterator[list[Stack]]:
    prepared.emulator.reset(rules="documented", quota=0)
    prepared.emulator.clear_faults()
    prepared.emulator.clear_requests()
    made = [Stack(tmp_path / f"stack{number}", prepared) for number in range(3)]
    yield made
    for stack in made:
        if stack.process is not None and stack.process.poll() is None:
            os.killpg(stack.process.pid, signal.SIGKILL)
            stack.process.communicate()


def until(condition: Callable[[], Any], otherwise: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, otherwise
        threading.Event().wait(0.02)


def calls(emulator: Control, operation: str) -> int:
    return len(emulator.requests(operation=operation))


def ids(emulator: Control) -> list[str]:
    return sorted(one["id"] for one in emulator.notebooks())


def forgotten(stack: Stack) -> str:
    """What a killed create leaves: an instance that no state knows, without the managed tag."""
    stack.configure()
    stack.apply().ok()
    identifier = stack.id()
    stack.emulator.patch_notebook(identifier, tags={})
    (stack.folder / "terraform.tfstate").unlink()
    stack.emulator.clear_requests()
    return identifier


@pytest.mark.parametrize(
    ("begin", "adopt"),
    [("at once", None), ("while the first is being created", None), ("while the first is being created", True)],
)
def test_three_stacks_with_one_name_get_three_notebooks(stacks: list[Stack], begin: str, adopt: bool | None) -> None:
    emulator = stacks[0].emulator
    for number, stack in enumerate(stacks):
        stack.configure(adopt_existing=adopt)
        stack.begin()
        if number == 0 and begin != "at once":
            until(lambda: ids(emulator), "the first creates nothing")

    for stack in stacks:
        stack.end().ok()

    assert sorted(stack.id() for stack in stacks) == ids(emulator)
    assert (calls(emulator, "CreateNotebook"), calls(emulator, "UpdateNotebook")) == (3, 0)
    for stack in stacks:
        stack.clean()


def test_one_of_three_stacks_adopts_what_a_killed_create_left(stacks: list[Stack]) -> None:
    """The others go on, whether they see the adoption or try it at the same moment."""
    left = forgotten(stacks[0])
    for number, stack in enumerate(stacks):
        stack.configure(adopt_existing=True, description=f"stack {number}")
        stack.begin()

    for stack in stacks:
        stack.end().ok()

    found = sorted(stack.id() for stack in stacks)
    assert found == ids(stacks[0].emulator)
    assert len(set(found)) == 3
    assert left in found
    for stack in stacks:
        stack.clean()


@pytest.mark.parametrize(("lost", "cut"), [(1, "after"), (3, "after"), (2, "before")])
def test_no_stack_takes_anothers_notebook_when_answers_are_lost(stacks: list[Stack], lost: int, cut: str) -> None:
    """Whichever of them meet: each instance is in one state, or in none and named by an error."""
    emulator = stacks[0].emulator
    emulator.add_fault(operation="CreateNotebook", latency_ms=1500, cut=cut, count=lost)
    if lost < len(stacks):
        emulator.add_fault(operation="CreateNotebook", latency_ms=1500, nth=lost + 1, count=0)
    for number, stack in enumerate(stacks):
        stack.configure(description=f"stack {number}")
        stack.begin()

    runs = [stack.end() for stack in stacks]

    said = "\n".join(run.error_text() for run in runs)
    states = [stack.state() for stack in stacks]
    held = [str(state["id"]) for state in states if state]
    assert len(set(held)) == len(held)
    assert all(each in held or each in said for each in ids(emulator))
    for number, (run, state) in enumerate(zip(runs, states, strict=True)):
        assert (run.code == 0) == (state is not None)
        if state is not None:
            assert emulator.notebook(state["id"])["description"] == f"stack {number}"
    assert len(held) >= len(stacks) - lost
    assert calls(emulator, "CreateNotebook") == 3


@pytest.mark.parametrize("adopt", [None, True], ids=["named", "adopted"])
def test_several_of_one_stack_meet_what_a_killed_create_left(stacks: list[Stack], adopt: bool | None) -> None:
    stack = stacks[0]
    left = forgotten(stack)
    stack.write({"resource": {"modelarts_notebook": {"this": {**BASE, "adopt_existing": adopt is True, "count": 8}}}})
    stack.begin()

    run = stack.end()

    reads = [each for each in stack.emulator.requests(operation="ShowNotebook") if left in each["path"]]
    if adopt is None:
        run.failed()
        assert all(f"terraform import <address> {left}" in error["detail"] for error in run.errors)
        assert ids(stack.emulator) == [left]
        assert len(reads) <= 16, "each create reads it for itself"
    else:
        run.ok()
        assert left in ids(stack.emulator)
        assert len(ids(stack.emulator)) == 8
        stack.clean()


def test_several_of_one_stack_do_not_wait_for_each_other(stacks: list[Stack]) -> None:
    stack = stacks[0]
    stack.environment = {**stack.environment, "MODELARTS_UNMANAGED_WAIT_SECONDS": "3600"}
    stack.write({"resource": {"modelarts_notebook": {"this": {**BASE, "count": 20}}}})
    stack.begin()

    stack.end().ok()

    assert len(ids(stack.emulator)) == 20
    assert calls(stack.emulator, "ListNotebooks") == 20
    stack.clean()


def test_ctrl_c_ends_the_wait_for_another_run(stacks: list[Stack]) -> None:
    stack = stacks[0]
    other = forgotten(stack)
    stack.emulator.patch_notebook(other, status="CREATING")
    stack.begin(TF_LOG_PROVIDER="INFO", TF_LOG_PATH=str(stack.folder / "log"))
    until(lambda: calls(stack.emulator, "ShowNotebook") > 1, "the create does not wait")
    assert stack.process is not None
    stack.process.send_signal(signal.SIGINT)

    said = stack.end().failed().error_text()

    assert "A stop was asked for while the create waited" in said
    assert other in said
    assert "Nothing was created" in said
    assert stack.state() is None
    assert ids(stack.emulator) == [other]
    log = (stack.folder / "log").read_text()
    assert log.count('The create of notebook "nb" waits') == 1
    assert other in log


def test_what_is_gone_or_managed_by_then_is_no_reason_not_to_create(stacks: list[Stack]) -> None:
    one, other = stacks[:2]
    gone = forgotten(one)
    one.emulator.patch_notebook(gone, status="CREATING")
    one.begin()
    until(lambda: calls(one.emulator, "ShowNotebook") > 1, "the create does not wait")
    one.emulator.patch_notebook(gone, status="DELETING")
    one.end().ok()

    managed = one.id()
    one.emulator.patch_notebook(managed, status="CREATING", tags={})
    one.emulator.clear_requests()
    other.begin()
    until(lambda: calls(one.emulator, "ShowNotebook") > 1, "the create does not wait")
    one.emulator.patch_notebook(managed, status="RUNNING", tags={MARK: "managed"})
    other.end().ok()

    assert other.id() != managed
    one.clean()
    other.clean()
