"""The environment of a soak: an emulator, a provider that can be killed, Terraform, and the invariants."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any, Final

from tools.soak.episode import Episode
from tools.soak.faults import FAILED_STATE
from tools.soak.invariants import FinalState, check_invariants
from tools.soak.notebooks import written
from tools.soak.providers import Provider
from tools.soak.terraform import Terraform

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from modelarts_emulator.testing import Control
    from tools.soak.counters import Counters
    from tools.soak.invariants import Violation
    from tools.soak.notebooks import Config
    from tools.soak.terraform import Run

HELD: Final[dict[str, Any]] = {"latency_ms": 45_000, "cut": "before", "count": 0}
"""A call that the service has got and never carries out."""
MOVING: Final = frozenset({"CREATING", "STARTING", "STOPPING", "DELETING"})
PATIENCE: Final = 30.0


class BrokenError(AssertionError):
    """Invariants were violated; the text says which, and what was done."""


class Environment:
    """The environment of one life after another: an emulator, a provider that can be killed, a folder for Terraform.

    Args:
        folder: Everything is written below it.
        emulator: The API.
        counters: Those of the life.
    """

    def __init__(self, folder: Path, emulator: Control, counters: Counters) -> None:
        self.emulator = emulator
        self.counters = counters
        self.terraform = Terraform(folder, emulator)
        self.provider = Provider(folder / "provider.log")
        self.configured: dict[str, Config] = {}
        self.hooks_known: set[str] = set()
        self.pending: list[str] = []
        self.trace: list[str] = []
        self.broken: BrokenError | None = None
        self.fresh()

    def close(self) -> None:
        """Ends the provider."""
        self.provider.stop()

    def take_broken(self) -> str | None:
        """What ended the life before, if a promise did; the next life may begin then."""
        broken, self.broken = self.broken, None
        return None if broken is None else str(broken)

    def fresh(self) -> None:
        """Goes on with a provider that remembers nothing, as every command of a user does."""
        self.terraform.environment["TF_REATTACH_PROVIDERS"] = self.provider.start()

    def did(self, what: str, detail: str) -> None:
        """Counts an operation, and adds it to the trace, which a violation shows."""
        self.counters.operations[what] += 1
        self.trace.append(f"{what} {detail}".rstrip())

    def record_run(self, run: Run) -> None:
        """Adds the exit code, the actions and the errors of a command to the trace."""
        said = [f"{e['summary']}: {e.get('detail', '')}" for e in run.errors] or ([] if run.code < 1 else [run.text])
        self.trace.append(f"  -> {run.code} {run.actions} {' | '.join(said)}")

    def there(self, name: str) -> dict[str, Any] | None:
        """The instance of a resource, behind the API; None where there is none."""
        known = self.terraform.known().get(name)
        found = [item for item in self.emulator.notebooks() if known and item["id"] == known.id]
        return found[0] if found else None

    def rest(self) -> None:
        """Waits until no instance is on its way."""
        until = time.monotonic() + PATIENCE
        while any(item["status"] in MOVING for item in self.emulator.notebooks()) and time.monotonic() < until:
            time.sleep(0.02)

    def episode(self, *, destroy: bool = False) -> Episode:
        """What an accident may begin with from here."""
        self.rest()
        self.emulator.clear_requests()
        return Episode.begin(
            {} if destroy else self.configured,
            self.terraform.known(),
            self.emulator.notebooks(),
            frozenset(self.hooks_known),
        )

    def applied(self, *more: str) -> Run:
        """Applies the configuration as it is now."""
        self.terraform.write({name: written(config) for name, config in self.configured.items()})
        run = self.terraform.apply(*more)
        self.record_run(run)
        return run

    def killed(self, operation: str, moment: str, *more: str, terraform: bool) -> tuple[Run, bool]:
        """Applies, and kills the provider (and Terraform) around a call; whether that call came at all.

        After its effect means: its answer is lost, and whatever is called next is never carried out.
        """
        self.terraform.write({name: written(config) for name, config in self.configured.items()})
        fault = HELD if moment == "before" else {"latency_ms": 150, "cut": "after"}
        self.emulator.add_fault(operation=operation, **fault)
        state = {"armed": moment == "before", "struck": False}

        def now() -> bool:
            if state["struck"]:
                return False
            if not state["armed"] and self.emulator.requests(operation=operation):
                self.emulator.add_fault(**HELD)
                state["armed"] = True
            return any("cut before" in (call["fault"] or "") for call in self.emulator.requests())

        def strike(process: int) -> None:
            state["struck"] = True
            if terraform:  # first: it must not be hit while it writes its state, which it doesn't do in one step
                os.kill(process, signal.SIGKILL)
            self.provider.kill()

        run = self.terraform.run_until(now, strike, "apply", "-input=false", "-auto-approve", "-json", *more)
        self.record_run(run)
        self.calm()
        return run, state["struck"]

    def calm(self) -> None:
        """Ends all faults, and counts those that have hit something."""
        hit = [fault["hit"] for fault in self.emulator.call("GET", "/faults")["faults"]]
        left = len(self.emulator.call("GET", "/failures")["failures"])
        self.emulator.clear_faults()
        self.emulator.call("DELETE", "/failures")
        plain = [kind for kind in self.pending if kind != FAILED_STATE]
        for kind, times in zip(plain, hit, strict=False):
            self.counters.faults[kind] += times > 0
        self.counters.faults[FAILED_STATE] += max(0, len(self.pending) - len(plain) - left)
        self.pending = []

    def planned(self, episode: Episode) -> Run:
        """Plans."""
        plan = self.terraform.plan()
        self.record_run(plan)
        episode.blame(plan)
        return plan

    def assert_invariants(self, episode: Episode, actions: Sequence[str]) -> None:
        """Checks the invariants on what a recovery has left.

        Raises:
            BrokenError: An invariant is violated.
        """
        self.rest()
        known = {name: known.id for name, known in self.terraform.known().items()}
        final_state = FinalState(
            configured=self.configured,
            known=known,
            notebooks=self.emulator.notebooks(),
            powers=episode.powers(known),
            hooks_known=frozenset(self.hooks_known),
            actions=actions,
        )
        found = [*check_invariants(final_state), *episode.found(self.emulator.requests()), *episode.leases(final_state)]
        self.hooks_known |= {name for name, config in self.configured.items() if config.get("hooks")}
        self.finish(episode, found)

    def finish(self, episode: Episode, found: list[Violation]) -> None:
        """Counts what was found, and ends the life where that is anything.

        Raises:
            BrokenError: As ``assert_invariants``.
        """
        self.counters.recoveries += 1
        violations = [*episode.violations, *found]
        for violation in violations:
            self.counters.record_violation(violation)
        if violations:
            self.configured = {}
            self.broken = BrokenError("\n".join([*map(str, violations), "", "What was done:", *self.trace]))
            raise self.broken
