"""Logins that end while Terraform runs, and clocks that differ: renewed once, or said as such."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import CPU_8U, Workspace, clean_environment
from watched_service import HOUR, MINUTE, Watched, watched_service

NO_KEYS = {"access_key": None, "secret_key": None}
PASSWORD = {**NO_KEYS, "user_name": "emulator", "password": "emulator", "domain_name": "emulator"}


@contextmanager
def workspace_of(folder: Path, service: Watched, **settings: Any) -> Iterator[Workspace]:
    with served_provider() as value:
        made = Workspace(folder, service.control, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
        made.provider_block |= settings
        yield made


@pytest.mark.parametrize("operation", ["StopNotebook", "UpdateNotebook", "StartNotebook", "ShowNotebook"])
def test_a_token_that_ends_in_the_middle_of_an_update_is_renewed_once(tmp_path: Path, operation: str) -> None:
    with watched_service() as service, workspace_of(tmp_path, service, **PASSWORD) as workspace:
        workspace.configure()
        workspace.apply().ok()
        service.control.clear_requests()
        service.when_first_called(operation, partial(setattr, service.wall, "ahead", 25 * HOUR))
        workspace.configure(flavor=CPU_8U)

        workspace.apply().ok()

        calls = service.control.requests()
        assert [call["operation"] for call in calls if call["status"] == 401] == [operation]
        assert len([call for call in calls if "Token" in call["operation"]]) == 1
        for write in ("StopNotebook", "UpdateNotebook", "StartNotebook"):
            done = [call for call in calls if call["operation"] == write and call["status"] == 200]
            assert len(done) == 1
        assert (workspace.there()["flavor"], workspace.there()["status"]) == (CPU_8U, "RUNNING")
        workspace.clean()


def test_a_token_that_was_given_and_has_ended(tmp_path: Path) -> None:
    """Nothing can renew it; the notebook isn't taken for gone."""
    with watched_service() as service, workspace_of(tmp_path, service, **PASSWORD) as workspace:
        workspace.configure()
        workspace.apply().ok()
        token = next(iter(service.emulator.identities.tokens))
        service.wall.ahead = 25 * HOUR
        service.control.clear_requests()
        workspace.provider_block |= {"token": token}
        workspace.configure()

        run = workspace.plan().failed()

        text = " ".join(run.error_text().split())
        assert "APIGW.0307" in text
        assert "expired" in text
        assert "doesn't count as gone" in text
        assert token not in run.text
        assert len(service.control.requests()) == 1, "asking again with the same token is useless"


@pytest.mark.parametrize(("ahead", "works"), [(-20, False), (-14, True), (14, True), (20, False)])
def test_a_clock_that_is_off(tmp_path: Path, ahead: int, *, works: bool) -> None:
    """Signatures are accepted within 15 minutes; beyond, the error says so, and what both clocks show."""
    with watched_service() as service, workspace_of(tmp_path, service) as workspace:
        workspace.configure()
        workspace.apply().ok()
        service.wall.ahead = ahead * MINUTE
        service.control.clear_requests()

        run = workspace.plan()

        if works:
            assert run.ok().actions == []
            return
        text = " ".join(run.failed().error_text().split())
        assert "the signature's time is" in text
        assert "clock" in text
        assert "15 minutes" in text
        assert "doesn't count as gone" in text
        assert len(service.control.requests()) == 1, "sending it again changes no clock"


def test_a_clock_that_is_off_creates_nothing(tmp_path: Path) -> None:
    with watched_service() as service, workspace_of(tmp_path, service) as workspace:
        service.wall.ahead = 20 * MINUTE
        workspace.configure()

        text = " ".join(workspace.apply().failed().error_text().split())

        assert "15 minutes" in text
        assert "Nothing was created" in text
        assert workspace.state() is None
