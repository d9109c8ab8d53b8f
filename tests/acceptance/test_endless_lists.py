"""A service whose lists never end, or never come: creates, imports and look-ups end with their timeouts and with Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from damaging_relay import Damage, Relay, relay_to
from serving import served_provider
from terraform_workspace import BASE, Run, Workspace, binary, clean_environment

from modelarts_emulator.testing import Control, running_emulator

LIST = r"/notebooks\?"
PATIENCE = 60.0
HANGS = 600_000
SHORT = {"timeouts": {"create": "3s"}}


def endless(path: str, answer: Any) -> Any:
    """One more full page of instances that nobody has seen yet."""
    offset = int(path.partition("offset=")[2].partition("&")[0])
    data = [{"id": f"00000000-0000-4000-8000-{offset + n:012d}", "name": "other"} for n in range(50)]
    return {**answer, "data": data, "total": 10**9}


def repeated(_: str, answer: Any) -> Any:
    """The same page again and again."""
    return {**answer, "data": [{"id": "00000000-0000-4000-8000-000000000000", "name": "other"}] * 50, "total": 10**9}


def nameless(_: str, answer: Any) -> Any:
    """A page of instances without an id."""
    return {**answer, "data": [{"name": "nb", "status": "RUNNING"}] * 50, "total": 10**9}


@pytest.fixture(scope="module")
def service() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


@pytest.fixture
def relay(service: Control) -> Iterator[Relay]:
    service.reset()
    service.clear_faults()
    service.clear_requests()
    with relay_to(service.url) as relay:
        yield relay


@pytest.fixture
def workspace(tmp_path: Path, service: Control, relay: Relay) -> Iterator[Workspace]:
    with served_provider() as value:
        made = Workspace(tmp_path, service, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
        made.provider_block["endpoints"] = {"modelarts": relay.url, "iam": relay.url}
        yield made


def count(workspace: Workspace, operation: str) -> int:
    return sum(call["operation"] == operation for call in workspace.emulator.requests())


def interrupted(workspace: Workspace, operation: str, times: int, *arguments: str) -> Run:
    """A command that gets one SIGINT as soon as the API has seen so many calls of an operation."""
    process = subprocess.Popen(
        [binary(), *arguments],
        cwd=workspace.folder,
        env=workspace.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        until = time.monotonic() + PATIENCE
        while count(workspace, operation) < times:
            assert time.monotonic() < until, f"{operation} was never called"
            assert process.poll() is None, process.communicate()
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    return workspace.read(process.returncode, out, err, machine="-json" in arguments)


APPLY = ("apply", "-input=false", "-auto-approve", "-json")


def said(run: Run) -> str:
    return " ".join((run.error_text() if run.errors else run.text).replace("│", " ").split())


def test_a_create_does_not_read_an_endless_list_for_ever(workspace: Workspace, relay: Relay) -> None:
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=endless))
    workspace.configure()

    run = workspace.apply().failed()

    assert "the list goes on after 400 pages" in said(run)
    assert "Nothing was created" in said(run)
    assert count(workspace, "ListNotebooks") == 400
    assert workspace.calls() == []


def test_a_create_ends_with_its_timeout_while_it_lists(workspace: Workspace, relay: Relay) -> None:
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=endless))
    workspace.emulator.add_fault(operation="ListNotebooks", latency_ms=400, count=0)
    workspace.configure(SHORT)

    run = workspace.apply().failed()

    assert "was not read to its end within 3 s" in said(run)
    assert "Nothing was created" in said(run)
    assert workspace.calls() == []


def test_a_create_ends_with_its_timeout_while_a_page_does_not_come(workspace: Workspace) -> None:
    workspace.emulator.add_fault(operation="ListNotebooks", latency_ms=HANGS, count=0)
    workspace.configure(SHORT)

    run = workspace.apply().failed()

    assert "did not answer in time" in said(run)
    assert "Nothing was created" in said(run)
    assert workspace.calls() == []


@pytest.mark.parametrize(("latency", "times"), [(100, 3), (HANGS, 1)], ids=["endless", "no answer"])
def test_ctrl_c_ends_the_list_of_a_create(workspace: Workspace, relay: Relay, latency: int, times: int) -> None:
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=endless))
    workspace.emulator.add_fault(operation="ListNotebooks", latency_ms=latency, count=0)
    workspace.configure()

    run = interrupted(workspace, "ListNotebooks", times, *APPLY)

    assert run.code == 1
    assert "A stop was asked for" in said(run)
    assert "Nothing was created" in said(run)
    assert workspace.calls() == []
    assert workspace.state() is None


def test_pages_that_repeat_end_a_list(workspace: Workspace, relay: Relay) -> None:
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=repeated))
    workspace.configure()

    workspace.apply().ok()

    assert count(workspace, "ListNotebooks") == 2


def test_a_list_of_instances_without_ids_is_an_error(workspace: Workspace, relay: Relay) -> None:
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=nameless))
    workspace.configure()

    run = workspace.apply().failed()

    assert "no item of the list has an id" in said(run)
    assert count(workspace, "ListNotebooks") == 1
    assert workspace.calls() == []


def test_an_import_by_name_does_not_read_an_endless_list_for_ever(workspace: Workspace, relay: Relay) -> None:
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=endless))
    workspace.configure()

    run = workspace.run("import", "-input=false", "modelarts_notebook.this", "nb", machine=False)

    assert run.code == 1
    assert "the list goes on after 400 pages" in said(run)
    assert workspace.state() is None


def test_ctrl_c_ends_the_list_of_an_import(workspace: Workspace, relay: Relay) -> None:
    """Of a plan; Terraform tells no provider of a stop during its command import, or before an apply begins."""
    relay.damages.append(Damage("changed", "GET", LIST, 0, change=endless))
    workspace.emulator.add_fault(operation="ListNotebooks", latency_ms=100, count=0)
    workspace.write(
        {"import": {"to": "modelarts_notebook.this", "id": "nb"}, "resource": {"modelarts_notebook": {"this": BASE}}}
    )

    run = interrupted(workspace, "ListNotebooks", 3, "plan", "-input=false", "-json")

    assert run.code == 1
    assert "A stop was asked for" in said(run)
    assert workspace.state() is None


def test_a_look_up_of_the_project_ends_with_the_timeout(workspace: Workspace) -> None:
    workspace.provider_block["project_id"] = None
    workspace.emulator.add_fault(path="/v3/projects", latency_ms=HANGS, count=0)
    workspace.configure(SHORT)

    run = workspace.apply().failed()

    assert "did not answer in time" in said(run)
    assert workspace.calls() == []


def test_ctrl_c_ends_a_look_up_of_the_project(workspace: Workspace) -> None:
    workspace.provider_block["project_id"] = None
    workspace.emulator.add_fault(path="/v3/projects", latency_ms=HANGS, count=0)
    workspace.configure()
    looked_up = {call["operation"] for call in workspace.emulator.requests()}
    assert looked_up == set()

    run = interrupted(workspace, "KeystoneListProjects", 1, *APPLY)

    assert run.code == 1
    assert "A stop was asked for" in said(run)
    assert workspace.state() is None
