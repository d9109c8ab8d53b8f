"""What long lives have found, repeated as short ones: the invariants of the soak fail where it comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tools.soak.counters import Counters
from tools.soak.faults import FAILED_STATE
from tools.soak.notebooks import CPU_8U, FIRST
from tools.soak.scenario import Scenario

from modelarts_emulator.testing import running_emulator

pytestmark = pytest.mark.acceptance


@pytest.fixture
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    with running_emulator(time_scale=0.0) as emulator:
        scenario = Scenario(tmp_path_factory.mktemp("soak"), emulator, Counters())
        yield scenario
        scenario.close()


def test_an_imported_restriction_of_https_is_seen_and_needs_no_restart(scenario: Scenario) -> None:
    scenario.begin("documented", {**FIRST, "endpoints": {"NOTEBOOK": {"allowed_access_ips": ["8.8.8.8"]}}})
    scenario.apply()
    scenario.import_("this", by_name=False)


def test_a_failed_start_doesnt_keep_a_disk_from_growing_and_the_notebook_from_starting(scenario: Scenario) -> None:
    scenario.begin("observed", FIRST)
    scenario.apply()
    scenario.change("this", {"grow": 1, "flavor": CPU_8U})
    scenario.fault("refused", {"operation": "UpdateNotebook", "status": 400, "error_code": "ModelArts.6400"})
    scenario.fault(FAILED_STATE, {"operation": "start", "fail_reason": "no reason"})
    scenario.apply()


def test_what_failed_to_start_and_is_wanted_stopped_is_started_to_be_stopped(scenario: Scenario) -> None:
    scenario.begin("observed", {**FIRST, "desired_status": "STOPPED"})
    scenario.apply()
    scenario.change("this", {"grow": 1, "flavor": CPU_8U, "endpoints": {"SSH": {"key_pair_names": ["k1"]}}})
    scenario.fault(FAILED_STATE, {"operation": "start", "fail_reason": "no reason"})
    scenario.apply()


def test_what_failed_to_start_and_whose_power_nobody_manages_says_how_to_go_on(scenario: Scenario) -> None:
    scenario.begin("observed", FIRST)
    scenario.apply()
    scenario.console("this", {"status": "STOPPED"})
    scenario.change("this", {"grow": 1})
    scenario.fault(FAILED_STATE, {"operation": "start", "fail_reason": "no reason"})
    scenario.apply()
