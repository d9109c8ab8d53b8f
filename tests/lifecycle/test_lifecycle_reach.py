"""Waiting: answers may lag behind, failures end it at once, what goes elsewhere isn't waited for, nor what is cancelled."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from modelarts_provider.framework.cancellation import Cancel, CancelledByUser, Deadline, DeadlineExceeded
from modelarts_provider.lifecycle.changes import Observed
from modelarts_provider.lifecycle.instance import PollIntervals
from modelarts_provider.lifecycle.operate import InFailedState, Operator, Sight, WentElsewhere
from modelarts_provider.lifecycle.power import Power

STALE = PollIntervals().stale


class Shown:
    """A notebook of which only what it shows matters: these statuses, and the last one for ever."""

    def __init__(self, statuses):
        self.statuses = itertools.chain(statuses, itertools.repeat(statuses[-1]))
        self.looks = 0

    async def show(self):
        self.looks += 1
        return Observed(status=next(self.statuses))


def reached(power, before, statuses):
    """How the wait ends, and after how many looks."""
    clock = itertools.count()
    now = 0

    async def sleep(_):
        nonlocal now
        now = next(clock)
        await asyncio.sleep(0)

    shown = Shown(statuses)
    pace = PollIntervals(sleep=sleep, monotonic=lambda: float(now), jitter=lambda: 1.0)
    operator = Operator(shown, pace, Deadline(at=50.0, seconds=50.0), Cancel(), Sight())
    try:
        asyncio.run(operator.reach(power, before))
    except (InFailedState, WentElsewhere, DeadlineExceeded) as error:
        return type(error), shown.looks
    return None, shown.looks


CASES = {
    # where to, from where, what is shown, how it ends, and with which look
    "there": (Power.RUNNING, "STOPPED", ["STARTING", "RUNNING"], None, 2),
    "there at once": (Power.STOPPED, "RUNNING", ["STOPPED"], None, 1),
    "shown as before for a while": (Power.RUNNING, "STOPPED", ["STOPPED"] * 9 + ["STARTING", "RUNNING"], None, 11),
    "never moves": (Power.RUNNING, "STOPPED", ["STOPPED"], DeadlineExceeded, None),
    "fails": (Power.RUNNING, "STOPPED", ["STARTING", "START_FAILED"], InFailedState, 2),
    "fails unseen": (Power.RUNNING, "STOPPED", ["ERROR"], InFailedState, 1),
    "an old failure is shown for a while": (
        Power.RUNNING,
        "START_FAILED",
        ["START_FAILED"] * STALE + ["STARTING", "RUNNING"],
        None,
        STALE + 2,
    ),
    "fails again unseen": (Power.RUNNING, "START_FAILED", ["START_FAILED"], InFailedState, STALE + 1),
    "fails again": (Power.RUNNING, "START_FAILED", ["STARTING", "START_FAILED"], InFailedState, 2),
    "falls back": (Power.RUNNING, "STOPPED", ["STARTING", "STOPPED"], WentElsewhere, STALE + 2),
    "seems to fall back": (
        Power.RUNNING,
        "STOPPED",
        ["STARTING", *["STOPPED"] * STALE, "STARTING", "RUNNING"],
        None,
        STALE + 3,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_wait_for_a_power_state(case):
    power, before, statuses, ends, looks = CASES[case]
    assert reached(power, before, statuses)[0] is ends
    if looks is not None:
        assert reached(power, before, statuses)[1] == looks


@pytest.mark.parametrize("grace", [0.0, 30.0])
def test_a_write_under_way_is_given_a_moment_to_answer_after_a_cancel(grace):
    """Else nobody knows whether it was done; a read is given up at once."""

    async def scenario():
        cancel, answered = Cancel(), []

        async def work():
            cancel.set()
            for _ in range(20):
                await asyncio.sleep(0)
            answered.append(True)

        operator = Operator(Shown(["RUNNING"]), PollIntervals(grace=grace), Deadline.after(60.0), cancel, Sight())
        try:
            await operator.write(work())
        except CancelledByUser:
            return "given up", answered
        return "answered", answered

    assert asyncio.run(scenario()) == (("answered", [True]) if grace else ("given up", []))
