"""Logins that end while Terraform runs, and clocks that differ: renewed once, or said as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from terraform_workspace import CPU_8U, Workspace, clean_environment

from conftest import served_provider
from modelarts_emulator import testing
from modelarts_emulator.app import create_app
from modelarts_emulator.clock import wall_now
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.testing import Control, running_emulator

HOUR = 3_600_000
MINUTE = 60_000
NO_KEYS = {"access_key": None, "secret_key": None}
PASSWORD = {**NO_KEYS, "user_name": "emulator", "password": "emulator", "domain_name": "emulator"}


class Wall:
    """The service's clock, by which tokens end and signatures are judged."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return wall_now() + self.ahead


@contextmanager
def service_with(wall: Wall) -> Iterator[tuple[Control, Emulator]]:
    made: list[Any] = []

    def remembered(*arguments: Any, **settings: Any) -> Any:
        made.append(create_app(*arguments, wall=wall, **settings))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "create_app", remembered)
        with running_emulator() as control:
            yield control, made[0].state.emulator


@contextmanager
def workspace_of(folder: Path, control: Control, **settings: Any) -> Iterator[Workspace]:
    with served_provider() as value:
        made = Workspace(folder, control, {**clean_environment(), "TF_REATTACH_PROVIDERS": value})
        made.provider_block |= settings
        yield made


def when_first_called(emulator: Emulator, operation: str, then: Callable[[], None]) -> None:
    """Do something in the service just before it looks at the first call of an operation."""
    usual = emulator.take_fault
    waiting = [operation]

    def take_fault(method: str, path: str, called: str | None) -> Any:
        if called in waiting:
            waiting.clear()
            then()
        return usual(method, path, called)

    emulator.take_fault = take_fault  # type: ignore[method-assign] # the seam through which every call goes


@pytest.mark.parametrize("operation", ["StopNotebook", "UpdateNotebook", "StartNotebook", "ShowNotebook"])
def test_a_token_that_ends_in_the_middle_of_an_update_is_renewed_once(tmp_path: Path, operation: str) -> None:
    wall = Wall()
    with service_with(wall) as (control, emulator), workspace_of(tmp_path, control, **PASSWORD) as workspace:
        workspace.configure()
        workspace.apply().ok()
        control.clear_requests()
        when_first_called(emulator, operation, partial(setattr, wall, "ahead", 25 * HOUR))
        workspace.configure(flavor=CPU_8U)

        workspace.apply().ok()

        calls = control.requests()
        assert [call["operation"] for call in calls if call["status"] == 401] == [operation]
        assert len([call for call in calls if "Token" in call["operation"]]) == 1
        for write in ("StopNotebook", "UpdateNotebook", "StartNotebook"):
            done = [call for call in calls if call["operation"] == write and call["status"] == 200]
            assert len(done) == 1
        assert (workspace.there()["flavor"], workspace.there()["status"]) == (CPU_8U, "RUNNING")
        workspace.clean()


def test_a_token_that_was_given_and_has_ended(tmp_path: Path) -> None:
    """Nothing can renew it; the notebook isn't taken for gone."""
    wall = Wall()
    with service_with(wall) as (control, emulator), workspace_of(tmp_path, control, **PASSWORD) as workspace:
        workspace.configure()
        workspace.apply().ok()
        token = next(iter(emulator.identities.tokens))
        wall.ahead = 25 * HOUR
        control.clear_requests()
        workspace.provider_block |= {"token": token}
        workspace.configure()

        run = workspace.plan().failed()

        text = " ".join(run.error_text().split())
        assert "APIGW.0307" in text
        assert "expired" in text
        assert "doesn't count as gone" in text
        assert token not in run.text
        assert len(control.requests()) == 1, "asking again with the same token is useless"


@pytest.mark.parametrize(("ahead", "works"), [(-20, False), (-14, True), (14, True), (20, False)])
def test_a_clock_that_is_off(tmp_path: Path, ahead: int, *, works: bool) -> None:
    """Signatures are accepted within 15 minutes; beyond, the error says so, and what both clocks show."""
    wall = Wall()
    with service_with(wall) as (control, _), workspace_of(tmp_path, control) as workspace:
        workspace.configure()
        workspace.apply().ok()
        wall.ahead = ahead * MINUTE
        control.clear_requests()

        run = workspace.plan()

        if works:
            assert run.ok().actions == []
            return
        text = " ".join(run.failed().error_text().split())
        assert "the signature's time is" in text
        assert "clock" in text
        assert "15 minutes" in text
        assert "doesn't count as gone" in text
        assert len(control.requests()) == 1, "sending it again changes no clock"


def test_a_clock_that_is_off_creates_nothing(tmp_path: Path) -> None:
    wall = Wall()
    wall.ahead = 20 * MINUTE
    with service_with(wall) as (control, _), workspace_of(tmp_path, control) as workspace:
        workspace.configure()

        text = " ".join(workspace.apply().failed().error_text().split())

        assert "15 minutes" in text
        assert "Nothing was created" in text
        assert workspace.state() is None
