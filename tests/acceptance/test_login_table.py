"""Every way to log in through Terraform, end to end: right, wrong, ended and missing credentials, as a table in the output."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from login_cases import COLUMNS, TABLE, TEMPORARY, Cell, Empty, Stage, metadata
from serving import served_provider
from terraform_workspace import CPU_2U, CPU_8U, Run, Workspace, clean_environment
from watched_service import Watched, watched_service

from modelarts_provider.api.auth import credential_cache

TITLE = "table: logins through Terraform (way to log in, credentials, what happened)"
LINE = 130
WRITES = ("StopNotebook", "UpdateNotebook", "StartNotebook")
NO_LOGIN = {"access_key": None, "secret_key": None, "project_id": None}
Record = Callable[[str, object], None]

CELLS = [
    (method, column, cell) for method, row in TABLE.items() for column, cell in row.items() if isinstance(cell, Cell)
]
EMPTY = [
    (method, column, cell) for method, row in TABLE.items() for column, cell in row.items() if isinstance(cell, Empty)
]


@pytest.fixture(scope="module")
def service() -> Iterator[Watched]:
    with watched_service() as watched:
        yield watched


@pytest.fixture(scope="module")
def base(service: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A notebook and its state; its provider lives as long as the module, since Terraform ends the process that an address
    which nobody serves any more names."""
    with served_provider() as value:
        environment = {**clean_environment(), "TF_REATTACH_PROVIDERS": value}
        made = Workspace(tmp_path_factory.mktemp("base"), service.control, environment)
        made.configure()
        made.apply().ok()
        yield made


@pytest.fixture
def stage(service: Watched, base: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The notebook as it was made, a home without anybody's files, and nothing that was given out before."""
    control = service.control
    control.clear_faults()
    control.patch_notebook(base.id(), status="RUNNING", flavor=CPU_2U, tags={})
    service.end_what_was_given()
    service.headers.clear()
    control.clear_requests()
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Stage(service, tmp_path, int(free.getsockname()[1]))


def workspace_of(stage: Stage, base: Workspace, settings: dict[str, Any], value: str) -> Workspace:
    made = Workspace(stage.folder, stage.service.control, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
    url = stage.service.control.url
    made.provider_block |= {**NO_LOGIN, "endpoints": {"modelarts": url, "iam": url, "sts": url}, **settings}
    shutil.copy(base.folder / "terraform.tfstate", stage.folder)
    made.configure()
    return made


@pytest.mark.parametrize(
    ("method", "column", "cell"), CELLS, ids=[f"{method}: {column}" for method, column, _ in CELLS]
)
def test_login(method: str, column: str, cell: Cell, stage: Stage, base: Workspace, record_property: Record) -> None:
    settings = cell.settings(stage)
    for fault in cell.faults:
        stage.service.control.add_fault(**fault)
    with served_provider(stage.environment) as value:
        workspace = workspace_of(stage, base, settings, value)
        if cell.says:
            happened = refused(cell, workspace)
        elif cell.ends:
            happened = renewed(workspace, stage.service)
        else:
            happened = accepted(cell, workspace, stage.service)
    record_property(TITLE, (method, column, happened))


def refused(cell: Cell, workspace: Workspace) -> str:
    """The plan fails with the words, nothing was changed, and the notebook isn't taken for gone."""
    run = workspace.plan().failed()
    text = " ".join(run.error_text().split())
    assert [word for word in cell.says if word not in text] == [], text
    assert "canonicalRequest" not in run.text
    assert not [made_up for made_up in ("made-up", "x-secret") if made_up in text], "a secret is in the error"
    assert workspace.calls() == [call for call in workspace.calls() if call not in WRITES]
    state = workspace.state()
    assert state is not None
    assert (state["flavor"], state["status"]) == (CPU_2U, "RUNNING")
    return f"error: {one_line(run)}"


def accepted(cell: Cell, workspace: Workspace, service: Watched) -> str:
    """A change is applied, the plan is clean then, and each call of the API carried what this login gives."""
    workspace.configure(flavor=CPU_8U)
    workspace.apply().ok()
    carried = [set(headers) for headers in api_calls(service)]
    assert carried
    assert all(set(cell.carries) <= headers for headers in carried)
    others = {"x-auth-token", *TEMPORARY} - set(cell.carries)
    assert not [headers for headers in carried if headers & others]
    assert workspace.there()["flavor"] == CPU_8U
    workspace.clean()
    return f"done: calls carry {' and '.join(cell.carries)}"


def renewed(workspace: Workspace, service: Watched) -> str:
    """What the login gave ends just before the update: it is renewed once, and everything is done once."""
    workspace.configure(flavor=CPU_8U)
    service.when_first_called("UpdateNotebook", service.end_what_was_given)
    workspace.apply().ok()
    calls = service.control.requests()
    assert [call["operation"] for call in calls if call["status"] == 401] == ["UpdateNotebook"]
    gave = [call["operation"] for call in calls if call["operation"] in GIVES]
    assert gave, "nothing was given: the case shows nothing"
    assert all(gave.count(operation) % 2 == 0 for operation in gave), gave
    first, second = gave[: len(gave) // 2], gave[len(gave) // 2 :]
    assert first == second, "one renewal is one more login like the first"
    for write in WRITES:
        assert [call["status"] for call in calls if call["operation"] == write and call["status"] != 401] == [200]
    assert (workspace.there()["flavor"], workspace.there()["status"]) == (CPU_8U, "RUNNING")
    return f"done: one 401, then one renewal ({', '.join(second)})"


GIVES = {
    "KeystoneCreateUserTokenByPassword", "CreateTokenWithIdToken", "CreateTemporaryAccessKey", "AssumeAgency",
    "ShowSecurityKey",
}  # fmt: skip
"""The calls that give out what ends."""


def api_calls(service: Watched) -> list[dict[str, str]]:
    """The headers of the calls of the notebook API: those that name the project, and those with its token."""
    calls = service.control.requests()
    assert len(calls) == len(service.headers)
    return [headers for headers, call in zip(service.headers, calls, strict=True) if "/notebooks" in call["path"]]


def one_line(run: Run) -> str:
    detail = " ".join((run.errors[0].get("detail") or run.errors[0]["summary"]).split())
    plain = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", detail).removeprefix("The call failed: ")
    return f"{plain[:LINE]}…" if len(plain) > LINE else plain


@pytest.mark.parametrize(
    ("method", "column", "cell"), EMPTY, ids=[f"{method}: {column}" for method, column, _ in EMPTY]
)
def test_what_can_not_be(method: str, column: str, cell: Empty, record_property: Record) -> None:
    """An empty cell says why, and no way to log in is without one that works or fails."""
    assert cell.why
    assert set(TABLE[method]) == set(COLUMNS)
    assert [other for other in TABLE[method].values() if isinstance(other, Cell)]
    record_property(TITLE, (method, column, f"can't be: {cell.why}"))


def test_the_sdk_s_file_in_its_usual_place(stage: Stage, base: Workspace) -> None:
    folder = stage.folder / ".huaweicloud"
    folder.mkdir()
    (folder / "credentials").write_text("[basic]\nak = emulator-access-key\nsk = emulator-secret-key\n")
    with served_provider() as value:
        workspace_of(stage, base, {}, value).clean()
    assert all("authorization" in headers for headers in api_calls(stage.service))


def test_a_metadata_key_is_replaced_before_it_ends(
    stage: Stage, base: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time passes for service and provider alike: five minutes before the end, a new key is fetched and no call is refused."""
    passed = timedelta()

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(tz) + passed

    def pass_time() -> None:
        nonlocal passed
        passed = timedelta(hours=5, minutes=55)
        stage.service.wall.ahead = int(passed.total_seconds() * 1000)

    monkeypatch.setattr(credential_cache, "datetime", Later)
    try:
        with served_provider() as value:
            workspace = workspace_of(stage, base, metadata(stage), value)
            workspace.configure(flavor=CPU_8U)
            stage.service.when_done("StopNotebook", pass_time)
            workspace.apply().ok()
    finally:
        stage.service.wall.ahead = 0
    calls = stage.service.control.requests()
    operations = [call["operation"] for call in calls]
    assert operations.count("ShowSecurityKey") == 2, "one at first, one before its end"
    assert operations.index("StopNotebook") < len(operations) - operations[::-1].index("ShowSecurityKey")
    assert [call for call in calls if call["status"] == 401] == []
