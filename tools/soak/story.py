"""One life of one or two notebooks: operations on it, accidents, and the recovery that a user would make after each."""

from __future__ import annotations

import os
import re
import signal
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from tools.soak.episode import Episode
from tools.soak.faults import FAILED_STATE
from tools.soak.judge import Complaint, Kind, Settled, hasty, judge
from tools.soak.notebooks import changed, written
from tools.soak.providers import Provider
from tools.soak.terraform import Terraform

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from modelarts_emulator.testing import Control
    from tools.soak.notebooks import Config
    from tools.soak.tally import Tally
    from tools.soak.terraform import Run

HELD: Final[dict[str, Any]] = {"latency_ms": 45_000, "cut": "before", "count": 0}
"""A call that the service has got and never carries out."""
MOST_APPLIES: Final = 2
MOST_ADVICES: Final = 4
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SMALLEST: Final = re.compile(r"Write `size = (\d+)`")
CONSENT: Final = "needs a stop that is not allowed"


class BrokenError(AssertionError):
    """Promises were not kept; the text says which, and what was done."""


class Story:
    """The world of one life after another: an emulator, a provider that can be killed, a folder for Terraform.

    Args:
        folder: Everything is written below it.
        emulator: The API; its transitions take no time.
        tally: Counts.
    """

    _seeds = count(1)

    def __init__(self, folder: Path, emulator: Control, tally: Tally) -> None:
        self.emulator = emulator
        self.tally = tally
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

    # What may happen. Operations that only prepare something come first.

    def begin(self, rules: str, config: Config) -> None:
        """Starts a new life with one notebook. After a complaint a long run goes on with another life, not again."""
        self.configured = {}
        if self.broken is not None:
            raise self.broken
        self.emulator.reset(rules=rules, quota=0, seed=next(self._seeds))
        self._clear()
        self.terraform.begin()
        self.hooks_known = set()
        self.trace = [f"rules {rules}"]
        self.add("this", config)

    def fresh(self) -> None:
        """Goes on with a provider that remembers nothing, as every command of a user does."""
        self.terraform.environment["TF_REATTACH_PROVIDERS"] = self.provider.start()

    def change(self, name: str, new: Mapping[str, Any]) -> None:
        """Changes the configuration."""
        there = self._there(name)
        size = there["volume"].get("capacity") if there else None
        self.configured[name] = changed(self.configured[name], new, size)
        self._did("configuration change", f"{name}: {dict(new)}")

    def console(self, name: str, new: Mapping[str, Any]) -> None:
        """Changes an instance as somebody in the console would."""
        there = self._there(name)
        if there is None:
            return
        settings = dict(new)
        if "grow" in settings:
            settings["capacity"] = there["volume"]["capacity"] + settings.pop("grow")
        self.emulator.patch_notebook(there["id"], **settings)
        self._did("console change", f"{name}: {settings}")

    def fault(self, kind: str, effect: Mapping[str, Any]) -> None:
        """Lets a call of the next apply go wrong."""
        if kind == FAILED_STATE:
            self.emulator.fail_next(**effect)
        else:
            self.emulator.add_fault(**effect)
        self.pending.append(kind)
        self._did("fault", f"{kind}: {dict(effect)}")

    def delete_outside(self, name: str) -> None:
        """Lets an instance vanish."""
        there = self._there(name)
        if there is not None:
            self.emulator.drop_notebook(there["id"])
            self._did("deletion in the console", name)

    def add(self, name: str, config: Config) -> None:
        """Configures a further notebook."""
        self.configured[name] = dict(config)
        self.hooks_known.add(name)
        self._did("notebook added", f"{name}: {written(config)}")

    def remove(self, name: str) -> None:
        """Takes a notebook out of the configuration."""
        del self.configured[name]
        self._did("notebook removed", name)

    # Operations that run Terraform, and are followed by a recovery.

    def apply(self, *, untaint: bool = False) -> None:
        """Applies, with whatever faults are pending, and recovers."""
        self._did("apply", "")
        episode, disturbed = self._episode(), bool(self.pending)
        self._recover(self._applied(), episode, disturbed=disturbed, untaint=untaint)

    def kill(
        self, operation: str, moment: str, *, terraform: bool, destroy: bool = False, untaint: bool = False
    ) -> None:
        """Applies, kills the provider (and Terraform) around a call, and recovers with a fresh provider."""
        self._clear()
        episode = self._episode(destroy=destroy)
        run, struck = self._killed(operation, moment, terraform, "-destroy" if destroy else "")
        self.trace.append(f"  (that was {'killed' if struck else 'not killed'} {moment} {operation}, {terraform=})")
        if struck:
            self._did("kill", "")
            self.tally.kills[f"{moment} {operation}"] += 1
            self.fresh()
        else:
            self._did("destroy" if destroy else "apply", "")
        if destroy:
            self._destroyed(run, episode)
        else:
            self._recover(run, episode, disturbed=struck, untaint=untaint)

    def destroy(self) -> None:
        """Destroys everything, with whatever faults are pending, and makes it anew."""
        self._did("destroy", "")
        episode = self._episode(destroy=True)
        self._destroyed(self._applied("-destroy"), episode)

    def import_(self, name: str, *, by_name: bool) -> None:
        """Forgets an instance and imports it again."""
        self._clear()
        there = self._there(name)
        if there is None:
            return
        self._say(self.terraform.forget(name))
        same = [item for item in self.emulator.notebooks() if item["name"] == there["name"]]
        self._did("import", f"{name} by {'name' if by_name else 'id'}")
        self._say(self.terraform.import_(name, there["name"] if by_name and len(same) == 1 else there["id"]))
        self.hooks_known.discard(name)
        self._recover_fresh()

    def check(self) -> None:
        """Judges what is there, without mending anything.

        Raises:
            BrokenError: A promise isn't kept.
        """
        episode = self._episode()
        self._judge(episode, self._planned(episode).actions)

    # How they are done.

    def _did(self, what: str, detail: str) -> None:
        self.tally.operations[what] += 1
        self.trace.append(f"{what} {detail}".rstrip())

    def _say(self, run: Run) -> None:
        """Keeps what a command said, for whoever reads a complaint."""
        said = [f"{e['summary']}: {e.get('detail', '')}" for e in run.errors] or ([] if run.code < 1 else [run.text])
        self.trace.append(f"  -> {run.code} {run.actions} {' | '.join(said)}")

    def _there(self, name: str) -> dict[str, Any] | None:
        known = self.terraform.known().get(name)
        found = [item for item in self.emulator.notebooks() if known and item["id"] == known.id]
        return found[0] if found else None

    def _episode(self, *, destroy: bool = False) -> Episode:
        self.emulator.clear_requests()
        return Episode.begin(
            {} if destroy else self.configured,
            self.terraform.known(),
            self.emulator.notebooks(),
            frozenset(self.hooks_known),
        )

    def _applied(self, *more: str) -> Run:
        self.terraform.write({name: written(config) for name, config in self.configured.items()})
        run = self.terraform.apply(*more)
        self._say(run)
        return run

    def _killed(self, operation: str, moment: str, terraform: bool, *more: str) -> tuple[Run, bool]:
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

        arguments = [argument for argument in more if argument]
        run = self.terraform.run_until(now, strike, "apply", "-input=false", "-auto-approve", "-json", *arguments)
        self._say(run)
        self._clear()
        return run, state["struck"]

    def _clear(self) -> None:
        """Ends all faults, and counts those that have hit something."""
        hit = [fault["hit"] for fault in self.emulator.call("GET", "/faults")["faults"]]
        left = len(self.emulator.call("GET", "/failures")["failures"])
        self.emulator.clear_faults()
        self.emulator.call("DELETE", "/failures")
        plain = [kind for kind in self.pending if kind != FAILED_STATE]
        for kind, times in zip(plain, hit, strict=False):
            self.tally.faults[kind] += times > 0
        self.tally.faults[FAILED_STATE] += max(0, len(self.pending) - len(plain) - left)
        self.pending = []

    def _recover(self, run: Run, episode: Episode, *, disturbed: bool, untaint: bool = False) -> None:
        """Does what a user would do until the plan is empty, and judges.

        After an accident two more applies may be needed, else none but those that an error's advice asks for.
        """
        self._clear()
        applies, advices, plan = MOST_APPLIES if disturbed else 0, MOST_ADVICES, None
        while True:
            episode.blame(run)
            plan = self._planned(episode) if run.good else None
            if plan is not None and (not plan.actions or not applies):
                break
            if self._follow(run, episode, untaint=untaint) and advices:
                advices -= 1
            elif applies:
                applies -= 1
            else:
                episode.complaints.append(Complaint(Kind.STUCK, run.text[-1500:]))
                break
            before = len(self.emulator.requests())
            run = self._applied()
            episode.complaints += hasty(self.emulator.requests(since=str(before)))
        self._judge(episode, plan.actions if plan else ())

    def _recover_fresh(self) -> None:
        episode = self._episode()
        self._recover(self._applied(), episode, disturbed=False)

    def _planned(self, episode: Episode) -> Run:
        plan = self.terraform.plan()
        self._say(plan)
        episode.blame(plan)
        return plan

    def _follow(self, run: Run, episode: Episode, *, untaint: bool) -> bool:
        """Does what errors advise; whether that was something without which an apply could not succeed."""
        followed = False
        for error in run.errors:
            text = " ".join(f"{error['summary']} {error.get('detail', '')}".split())
            name = str(error.get("address", "")).rpartition(".")[2]
            followed = self._advice(name, text) or followed
        for name, known in self.terraform.known().items():
            there = self._there(name)
            if known.tainted and untaint and there and there["status"] in ("RUNNING", "STOPPED"):
                self._say(self.terraform.untaint(name))
            elif known.tainted:
                episode.deletes.add(known.id)
        return followed

    def _advice(self, name: str, text: str) -> bool:
        if name not in self.configured:
            return False
        smallest = SMALLEST.search(text)
        if smallest:
            self.configured[name]["storage"] = {"size": int(smallest.group(1))}
        if CONSENT in text:
            self.configured[name]["allow_stopping_for_update"] = None
        ours = {known.id for known in self.terraform.known().values()}
        strays = [found for found in UUID.findall(text) if found not in ours] if "terraform import" in text else []
        if strays:
            self._say(self.terraform.import_(name, strays[0]))
            self.hooks_known.discard(name)
            self._did("import", f"{name} as the error says")
        return bool(smallest or strays or CONSENT in text)

    def _destroyed(self, run: Run, episode: Episode) -> None:
        """Destroys again until it is done, at most twice, and then makes everything anew."""
        self._clear()
        episode.blame(run)
        for _ in range(MOST_APPLIES):
            if run.good:
                break
            while self._follow(run, episode, untaint=False):  # Terraform plans an update before it plans a destroy
                run = self._applied("-destroy")
            for known in self.terraform.known().values():
                episode.deletes.add(known.id)
            run = run if run.good else self._applied("-destroy")
            episode.blame(run)
        if not run.good:
            episode.complaints.append(Complaint(Kind.STUCK, f"the destroy does not end: {run.text[-1500:]}"))
        strays = self._strays_of_a_destroy()
        self.hooks_known = set(self.configured)
        self._finish(episode, [*episode.found(self.emulator.requests()), *strays])
        self.trace = [*self.trace[:1], "after a destroy"]
        self._recover_fresh()

    def _strays_of_a_destroy(self) -> list[Complaint]:
        known = {name: known.id for name, known in self.terraform.known().items()}
        return judge(Settled(configured={}, known=known, notebooks=self.emulator.notebooks()))

    def _judge(self, episode: Episode, actions: list[str] | tuple[()]) -> None:
        known = {name: known.id for name, known in self.terraform.known().items()}
        settled = Settled(
            configured=self.configured,
            known=known,
            notebooks=self.emulator.notebooks(),
            powers=episode.powers(known),
            hooks_known=frozenset(self.hooks_known),
            actions=actions,
        )
        found = [*judge(settled), *episode.found(self.emulator.requests()), *episode.leases(settled)]
        self.hooks_known |= {name for name, config in self.configured.items() if config.get("hooks")}
        self._finish(episode, found)

    def _finish(self, episode: Episode, found: list[Complaint]) -> None:
        self.tally.recoveries += 1
        complaints = [*episode.complaints, *found]
        for complaint in complaints:
            self.tally.complain(complaint)
        if complaints:
            self.configured = {}
            self.broken = BrokenError("\n".join([*map(str, complaints), "", "What was done:", *self.trace]))
            raise self.broken
