"""A state that any release wrote plans clean."""

from __future__ import annotations

import pytest
from state_fixtures import CASES, STATES, restored

VERSIONS = sorted(folder.name for folder in STATES.iterdir() if folder.is_dir())


def test_every_case_was_kept_of_every_release() -> None:
    assert "0.1.0" in VERSIONS
    for version in VERSIONS:
        assert {folder.name for folder in (STATES / version).iterdir()} == set(CASES), version


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("version", VERSIONS)
def test_it_plans_clean(version: str, name: str) -> None:
    with restored(version, name) as workspace:
        if CASES[name].how == "interrupted":
            run = workspace.plan().ok()
            assert run.actions == ["update"]
            assert "an update of it was interrupted" in run.warning_text()
            workspace.apply().ok()
            assert workspace.there()["status"] == "RUNNING"
        elif CASES[name].how == "deposed":
            assert workspace.plan().ok().actions == ["delete"]
            workspace.apply().ok()
            assert len(workspace.emulator.notebooks()) == 1
        workspace.clean()
        before = workspace.state()
        workspace.apply().ok()
        assert workspace.state() == before
        assert workspace.calls() == [] or CASES[name].how in ("interrupted", "deposed")
        workspace.destroy().ok()
        assert workspace.emulator.notebooks() == []
