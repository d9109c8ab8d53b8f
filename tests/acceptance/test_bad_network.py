"""A bad network through Terraform: no wrong result, no duplicate effect, and errors that a person can act on.

What was injected and what happened stands as a table in the test output.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bad_network_cases import CHANGES, CREATE, NO_WAY, READ, READS, UPDATE, Case
from damaging_relay import Damage, relay_to
from serving import served_provider
from terraform_workspace import CPU_2U, CPU_8U, Run, Workspace, clean_environment

from modelarts_emulator.testing import Control, running_emulator
from modelarts_provider.framework.protocol.certificate import make_certificate

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
TABLE = "table: bad network (command, what was injected, how often and how long, what happened)"
LINE = 110
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def service() -> Iterator[Control]:
    with running_emulator() as control:
        yield control


def workspace_in(folder: Path, service: Control, value: str) -> Workspace:
    return Workspace(folder, service, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})


@pytest.fixture(scope="module")
def base(service: Control, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A notebook and its state, made once; each case gets a copy of the state and the notebook as it was.

    Its provider lives as long: Terraform ends the process that an address which nobody serves any more names, and that
    is this one.
    """
    with served_provider() as value:
        made = workspace_in(tmp_path_factory.mktemp("base"), service, value)
        made.configure()
        made.apply().ok()
        yield made


@pytest.fixture(scope="module")
def closed_port() -> Iterator[int]:
    """A port that nobody else gets meanwhile, and where nobody listens."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield int(kept.getsockname()[1])


@pytest.fixture(scope="module")
def places(service: Control, closed_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What cases fill into settings: ports, and the file that vouches for one of them."""
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(make_certificate().pem)
    with relay_to(service.url, file) as secure, relay_to(service.url) as page:
        page.damages.append(Damage("html", path="", status=407, count=0))
        yield {"closed": closed_port, "tls": port_of(secure.url), "ca": file, "page": port_of(page.url)}


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.fixture
def clean_proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def filled(value: Any, ports: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: filled(inner, ports) for key, inner in value.items()}
    return value.format(**ports) if isinstance(value, str) else value


def prepared(case: Case, folder: Path, base: Workspace, value: str) -> Workspace:
    service = base.emulator
    service.clear_faults()
    for notebook in service.notebooks():
        if notebook["name"] != "nb":
            service.drop_notebook(notebook["id"])
    service.patch_notebook(base.id(), status="RUNNING", flavor=CPU_2U, tags={})
    made = workspace_in(folder, service, value)
    if case.does != CREATE:
        (folder / "terraform.tfstate").write_text(state_of(base, case))
    return made


def state_of(base: Workspace, case: Case) -> str:
    """The state as the last apply left it, with the attributes that a refresh goes by."""
    state = json.loads((base.folder / "terraform.tfstate").read_text())
    state["resources"][0]["instances"][0]["attributes"] |= case.resource
    return json.dumps(state)


@pytest.mark.parametrize("case", [*NO_WAY, *READS, *CHANGES], ids=lambda case: f"{case.does}: {case.injected}")
def test_bad_network(
    case: Case,
    tmp_path: Path,
    base: Workspace,
    service: Control,
    places: dict[str, Any],
    clean_proxies: pytest.MonkeyPatch,
    record_property: Record,
) -> None:
    with ExitStack() as stack:
        relay = stack.enter_context(relay_to(service.url)) if case.damages else None
        ports = places | {"open": port_of(relay.url if relay else service.url)}
        for name, text in case.environment.items():
            clean_proxies.setenv(name, text.format(**ports))
        workspace = prepared(case, tmp_path, base, stack.enter_context(served_provider()))
        if relay:
            relay.damages = [replace(damage) for damage in case.damages]
            workspace.provider_block["endpoints"] = {"modelarts": relay.url, "iam": relay.url}
        workspace.provider_block |= filled(case.provider, ports)
        workspace.configure({"name": "fresh"} if case.does == CREATE else {}, **case.resource)
        if case.does == UPDATE:
            workspace.configure(case.resource, flavor=CPU_8U)
        for fault in case.faults:
            service.add_fault(**fault)
        service.clear_requests()

        started = time.monotonic()
        run = workspace.plan() if case.does == READ else workspace.apply()
        took = time.monotonic() - started

        calls = service.requests()
        hits = sum(fault["hit"] for fault in service.call("GET", "/faults")["faults"])
        hits += sum(damage.hits for damage in relay.damages) if relay else 0
        assert hits or not (case.faults or case.damages), "nothing was hit: the case shows nothing"
        judge(case, run, workspace, [word.format(**ports) for word in case.says])
    assert duplicated(calls) == []
    assert impatient(case, calls) == []
    record_property(TABLE, row(case, run, f"{hits or '-'} hit, {len(calls)} calls, {took:.1f} s"))


def judge(case: Case, run: Run, workspace: Workspace, words: list[str]) -> None:
    """The result that the case asks for, and a state that says what the service has."""
    assert "proxy-password" not in run.text
    if words:
        text = " ".join(run.failed().error_text().split())
        assert [word for word in words if word not in text] == [], text
    else:
        run.ok()
    state = workspace.state()
    name = "fresh" if case.does == CREATE else "nb"
    there = [notebook for notebook in workspace.emulator.notebooks() if notebook["name"] == name]
    if case.does == CREATE and words:
        assert (there, state) == ([], None)
        return
    assert len(there) == 1
    assert state is not None
    wanted = CPU_8U if case.does == UPDATE and not words else CPU_2U
    assert (there[0]["id"], there[0]["flavor"], there[0]["status"]) == (state["id"], wanted, "RUNNING")
    assert (state["flavor"], state["status"]) == (wanted, "RUNNING")
    if case.does == READ and not words:
        assert run.actions == []


def duplicated(calls: list[dict[str, Any]]) -> list[str]:
    """Operations that took effect twice in one command; a PUT says the same each time and may."""
    effects = [
        call["operation"]
        for call in calls
        if call["method"] == "POST"
        and call["operation"] in {"CreateNotebook", "StopNotebook", "StartNotebook"}
        and ((call["status"] or 599) < 300 or "after the effect" in (call["fault"] or ""))
    ]
    return sorted({operation for operation in effects if effects.count(operation) > 1})


def impatient(case: Case, calls: list[dict[str, Any]]) -> list[int]:
    """Waits (in ms) before a repetition that are shorter than the Retry-After of the answer before."""
    asked = [fault["retry_after"] * 1000 for fault in case.faults if "retry_after" in fault]
    if not asked:
        return []
    repeated = [call["at"] for call in calls if call["operation"] == case.faults[0]["operation"]]
    waits = [later - earlier for earlier, later in pairwise(repeated)]
    assert bool(waits) != bool(case.says), "a call is repeated, unless that is what fails"
    return [wait for wait in waits if wait < min(asked)]


def row(case: Case, run: Run, cost: str) -> tuple[str, str, str, str]:
    happened = "done" if run.code in (0, 2) else f"error: {one_line(run)}"
    return case.does, case.injected, cost, happened


def one_line(run: Run) -> str:
    detail = " ".join((run.errors[0].get("detail") or run.errors[0]["summary"]).split())
    plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", detail).removeprefix("The call failed: ")
    return f"{plain[:LINE]}…" if len(plain) > LINE else plain
