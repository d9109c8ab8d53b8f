"""Time: scales, and what they do to transitions and to leases."""

from __future__ import annotations

import time

import pytest

from modelarts_emulator import assumptions, cli
from modelarts_emulator.config import Config
from modelarts_emulator.state.clock import ManualClock, ScaledClock, wall_now


@pytest.mark.parametrize(
    ("time_scale", "lease_scale", "clock_scale", "create_ms"),
    [
        (1.0, None, 1.0, 30_000),  # as it is
        (0.01, None, 0.01, 30_000),  # everything a hundred times as fast: 30 emulated seconds are 300 real ms
        (0.01, 1.0, 1.0, 300),  # real time for leases; the same 300 real ms
        (0.0, None, 1.0, 0),  # instant transitions, real time for leases
        (0.0, 0.1, 0.1, 0),
        (10.0, None, 10.0, 30_000),  # slower than real
    ],
)
def test_scales(time_scale: float, lease_scale: float | None, clock_scale: float, create_ms: int) -> None:
    config = Config(time_scale=time_scale, lease_scale=lease_scale)
    assert config.clock_scale == clock_scale
    assert config.emulated_timing.create == create_ms
    assert config.emulated_timing.create * clock_scale == pytest.approx(30_000 * time_scale)


def test_a_scaled_clock_runs_faster_from_the_real_time() -> None:
    before = wall_now()
    clock = ScaledClock(0.001)
    first, begin = clock.now(), time.monotonic_ns()
    assert before <= first
    while clock.now() < first + 20_000:
        time.sleep(0.001)
    real_ms = (time.monotonic_ns() - begin) / 1_000_000
    assert real_ms >= 19  # 20 emulated seconds take 20 real milliseconds, and never less


def test_a_clock_is_never_behind_what_it_was() -> None:
    assert ScaledClock(1.0, not_before=wall_now() + 10**9).now() > wall_now() + 10**8


def test_wrong_clocks() -> None:
    with pytest.raises(ValueError, match="above 0"):
        ScaledClock(0)
    with pytest.raises(ValueError, match="back"):
        ManualClock().advance(-1)


def test_the_assumptions_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["assumptions"]) == 0
    assert capsys.readouterr().out == assumptions.markdown()
