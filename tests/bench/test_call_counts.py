"""How many calls the API sees per command: with N notebooks in a project, each needless one is N."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from contextlib import contextmanager

import pytest
from tools.bench.workspace import FLAVORS, Tools, Workspace, notebooks

from modelarts_provider import SOURCE
from modelarts_provider.framework.protocol.reattach import reattachable_thread
from modelarts_provider.framework.protocol.servicer import Servicer
from modelarts_provider.provider import ModelartsProvider

pytestmark = pytest.mark.acceptance

COUNT = 3


@contextmanager
def served_provider():
    """A provider in this process; gives the value of TF_REATTACH_PROVIDERS."""
    made = []

    def make_dispatch():
        provider = ModelartsProvider(environment={})
        made.append((provider, asyncio.get_running_loop()))
        return Servicer(provider, log=print)

    with reattachable_thread(make_dispatch, SOURCE) as value:
        yield value
        for provider, loop in made:
            asyncio.run_coroutine_threadsafe(provider.aclose(), loop).result(timeout=30)


def wait_for_managed_tags(emulator) -> None:
    """A create is tagged once Terraform has its answer, so an apply may end before the last of these calls."""
    deadline = time.monotonic() + 60
    while sum(call["path"].endswith("/tags/create") for call in emulator.requests()) < COUNT:
        assert time.monotonic() < deadline, "the managed tags were not set"
        time.sleep(0.01)


@pytest.fixture
def workspace(tmp_path, emulator, clean_env):
    """A workspace with notebooks that exist and run."""
    terraform = shutil.which("terraform") or shutil.which("tofu")
    assert terraform, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    with served_provider() as reattach:
        made = Workspace(tmp_path / "work", Tools(terraform, {**clean_env, "TF_REATTACH_PROVIDERS": reattach}))
        made.write(notebooks(COUNT, emulator))
        made.apply()
        wait_for_managed_tags(emulator)
        emulator.clear_requests()
        yield made


def calls(emulator) -> list[str]:
    """Method and path of each call, ids left out, in the order in which they came."""
    uuid = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    found = [f"{call['method']} {call['path'].split(emulator.project_id)[-1]}" for call in emulator.requests()]
    return [re.sub(uuid, "ID", call) for call in found]


def test_a_plan_reads_each_notebook_once(workspace, emulator):
    workspace.plan()
    assert calls(emulator) == ["GET /notebooks/ID"] * COUNT
    assert len({call["notebook_id"] for call in emulator.requests()}) == COUNT


def test_validate_calls_nothing(workspace, emulator):
    workspace.validate()
    assert calls(emulator) == []


def test_a_change_of_flavor_costs_these_calls(workspace, emulator):
    document = notebooks(COUNT, emulator)
    document["resource"]["modelarts_notebook"]["n0"]["flavor"] = FLAVORS[1]
    workspace.write(document)

    workspace.apply()

    assert calls(emulator) == ["GET /notebooks/ID"] * COUNT + CHANGE_OF_FLAVOR


CHANGE_OF_FLAVOR = [
    "GET /notebooks/ID",  # consent holds for what is there now
    "POST /notebooks/ID/tags/create",  # the mark that survives a killed run
    "POST /notebooks/ID/stop",
    "GET /notebooks/ID",
    "PUT /notebooks/ID",
    "POST /notebooks/ID/start",
    "GET /notebooks/ID",  # runs again, and is what the state keeps
    "POST /notebooks/ID/tags/create",  # the sign takes the mark's place, so that no create takes it for a lost one
]
