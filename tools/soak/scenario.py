"""One life of one or two notebooks: operations on it, accidents, and the recovery that a user would make after each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tools.soak.environment import Environment
from tools.soak.faults import FAILED_STATE
from tools.soak.invariants import FinalState, Kind, Violation, check_invariants, repeated_power_calls
from tools.soak.notebooks import changed, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.soak.episode import Episode
    from tools.soak.notebooks import Config
    from tools.soak.terraform import Run

MOST_APPLIES: Final = 2
MOST_ADVICES: Final = 4
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SMALLEST: Final = re.compile(r"Write `size = (\d+)`")
CONSENT: Final = "allow_stopping_for_update = true"
OUT_OF_FAILURE: Final = 'Set desired_status = "RUNNING"'


class Scenario(Environment):
    """One life after another in one environment. What only prepares something comes first."""

    seed = 1
    rules = ""

    def begin(self, rules: str, config: Config) -> None:
        """Starts a new life with one notebook. After a violation a long run goes on with another life, not again."""
        self.configured = {}
        if self.broken is not None:
            raise self.broken
        self.emulator.reset(rules=rules, quota=0, seed=self.seed)
        self.seed += 1
        self.calm()
        self.terraform.begin()
        self.hooks_known = set()
        self.rules = rules
        self.trace = [f"rules {rules}"]
        self.add("this", config)

    def change(self, name: str, new: Mapping[str, Any]) -> None:
        """Changes the configuration."""
        there = self.there(name)
        size = there["volume"].get("capacity") if there else None
        self.configured[name] = changed(self.configured[name], new, size)
        self.did("configuration change", f"{name}: {dict(new)}")

    def console(self, name: str, new: Mapping[str, Any]) -> None:
        """Changes an instance as somebody in the console would."""
        there = self.there(name)
        if there is None:
            return
        settings = dict(new)
        if "grow" in settings:
            settings["capacity"] = there["volume"]["capacity"] + settings.pop("grow")
        self.emulator.patch_notebook(there["id"], **settings)
        self.did("console change", f"{name}: {settings}")

    def fault(self, kind: str, effect: Mapping[str, Any]) -> None:
        """Lets a call of the next apply go wrong."""
        if kind == FAILED_STATE:
            self.emulator.fail_next(**effect)
        else:
            self.emulator.add_fault(**effect)
        self.pending.append(kind)
        self.did("fault", f"{kind}: {dict(effect)}")

    def delete_outside(self, name: str) -> None:
        """Lets an instance vanish."""
        there = self.there(name)
        if there is not None:
            self.emulator.drop_notebook(there["id"])
            self.did("deletion in the console", name)

    def add(self, name: str, config: Config) -> None:
        """Configures a further notebook."""
        self.configured[name] = dict(config)
        self.hooks_known.add(name)
        self.did("notebook added", f"{name}: {written(config)}")

    def remove(self, name: str) -> None:
        """Takes a notebook out of the configuration."""
        del self.configured[name]
        self.did("notebook removed", name)

    def apply(self, *, untaint: bool = False) -> None:
        """Applies, with whatever faults are pending, and recovers."""
        self.did("apply", "")
        episode, disturbed = self.episode(), bool(self.pending)
        self._recover(self.applied(), episode, disturbed=disturbed, untaint=untaint)

    def kill(
        self,
        operation: str,
        moment: str,
        *,
        terraform: bool,
        destroy: bool = False,
        untaint: bool = False,
        blind: bool = False,
    ) -> None:
        """Applies, kills the provider (and Terraform) around a call, and recovers with a fresh provider.

        A ``blind`` user first tries again without a refresh, as who applies a saved plan once more: nothing that the kill
        has left is known to that plan.
        """
        self.calm()
        episode = self.episode(destroy=destroy)
        run, struck = self.killed(operation, moment, *(["-destroy"] if destroy else []), terraform=terraform)
        self.trace.append(f"  (that was {'killed' if struck else 'not killed'} {moment} {operation}, {terraform=})")
        if struck:
            self.did("kill", "")
            self.counters.kills[f"{moment} {operation}"] += 1
            self.fresh()
            if blind:
                episode.blame(run)
                run = self.applied("-refresh=false")
                self.did("apply", "without a refresh")
        else:
            self.did("destroy" if destroy else "apply", "")
        if destroy:
            self._destroyed(run, episode)
        else:
            self._recover(run, episode, disturbed=struck, untaint=untaint)

    def destroy(self) -> None:
        """Destroys everything, with whatever faults are pending, and makes it anew."""
        self.did("destroy", "")
        episode = self.episode(destroy=True)
        self._destroyed(self.applied("-destroy"), episode)

    def import_(self, name: str, *, by_name: bool) -> None:
        """Forgets an instance and imports it again."""
        self.calm()
        there = self.there(name)
        if there is None:
            return
        self.record_run(self.terraform.forget(name))
        same = [item for item in self.emulator.notebooks() if item["name"] == there["name"]]
        self.did("import", f"{name} by {'name' if by_name else 'id'}")
        self.record_run(self.terraform.import_(name, there["name"] if by_name and len(same) == 1 else there["id"]))
        self.hooks_known.discard(name)
        self._recover_fresh()

    def check(self) -> None:
        """Checks the invariants without a recovery.

        Raises:
            BrokenError: An invariant is violated.
        """
        episode = self.episode()
        self.assert_invariants(episode, self.planned(episode).actions)

    def _recover(self, run: Run, episode: Episode, *, disturbed: bool, untaint: bool = False) -> None:
        """Does what a user would do until the plan is empty, and checks the invariants.

        After an accident two more applies may be needed, else none but those that an error's advice asks for.
        """
        self.calm()
        self._repair()
        applies, advices, plan = MOST_APPLIES if disturbed else 0, MOST_ADVICES, None
        while True:
            episode.blame(run)
            plan = self.planned(episode) if run.good else None
            if plan is not None:
                self._heed(plan)
            if plan is not None and (not plan.actions or not applies):
                break
            if self._follow(run, episode, untaint=untaint) and advices:
                advices -= 1
            elif applies:
                applies -= 1
            else:
                episode.violations.append(Violation(Kind.STUCK, run.text[-1500:]))
                break
            before = len(self.emulator.requests())
            run = self.applied()
            episode.violations += repeated_power_calls(self.emulator.requests(since=str(before)))
        self.assert_invariants(episode, plan.actions if plan else ())

    def _heed(self, plan: Run) -> None:
        """Writes the actual size of a disk that is larger than configured, as the plan's warning advises."""
        for warning in plan.warnings:
            name, smallest = str(warning.get("address", "")).rpartition(".")[2], SMALLEST.search(warning["detail"])
            if smallest and name in self.configured:
                self.configured[name]["storage"] = {"size": int(smallest.group(1))}

    def _repair(self) -> None:
        """By the documented rules nothing leads out of START_FAILED: the service itself has to mend it."""
        for name in self.configured if self.rules == "documented" else ():
            there = self.there(name)
            if there is not None and there["status"] == "START_FAILED":
                self.console(name, {"status": "RUNNING"})

    def _recover_fresh(self) -> None:
        episode = self.episode()
        self._recover(self.applied(), episode, disturbed=False)

    def _follow(self, run: Run, episode: Episode, *, untaint: bool) -> bool:
        """Does what errors advise; whether that was something without which an apply could not succeed."""
        followed = False
        for error in run.errors:
            text = " ".join(f"{error['summary']} {error.get('detail', '')}".split())
            name = str(error.get("address", "")).rpartition(".")[2]
            followed = self._advice(name, text) or followed
        for name, known in self.terraform.known().items():
            there = self.there(name)
            if known.tainted and untaint and there and there["status"] in ("RUNNING", "STOPPED"):
                self.record_run(self.terraform.untaint(name))
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
        if OUT_OF_FAILURE in text:
            self.configured[name]["desired_status"] = "RUNNING"
        ours = {known.id for known in self.terraform.known().values()}
        unmanaged = [found for found in UUID.findall(text) if found not in ours] if "terraform import" in text else []
        if unmanaged:
            self.record_run(self.terraform.import_(name, unmanaged[0]))
            self.hooks_known.discard(name)
            self.did("import", f"{name} as the error says")
        return bool(smallest or unmanaged or CONSENT in text or OUT_OF_FAILURE in text)

    def _destroyed(self, run: Run, episode: Episode) -> None:
        """Destroys again until it is done, at most twice, and then makes everything anew."""
        self.calm()
        episode.blame(run)
        for _ in range(MOST_APPLIES):
            if run.good:
                break
            while self._follow(run, episode, untaint=False):  # Terraform plans an update before it plans a destroy
                run = self.applied("-destroy")
            for known in self.terraform.known().values():
                episode.deletes.add(known.id)
            run = run if run.good else self.applied("-destroy")
            episode.blame(run)
        if not run.good:
            episode.violations.append(Violation(Kind.STUCK, f"the destroy does not end: {run.text[-1500:]}"))
        unmanaged = self._unmanaged_after_destroy()
        self.hooks_known = set(self.configured)
        self.finish(episode, [*episode.found(self.emulator.requests()), *unmanaged])
        self.trace = [*self.trace[:1], "after a destroy"]
        self._recover_fresh()

    def _unmanaged_after_destroy(self) -> list[Violation]:
        self.rest()
        known = {name: known.id for name, known in self.terraform.known().items()}
        return check_invariants(FinalState(configured={}, known=known, notebooks=self.emulator.notebooks()))
