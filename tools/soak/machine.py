"""The state machine that hypothesis drives: which operation comes next, with which values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tools.soak.faults import READS, WRITES, faults, kills, one_of
from tools.soak.notebooks import CONSOLE, CPU_2U, CPU_8U, changes, configurations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.soak.notebooks import Config
    from tools.soak.scenario import Scenario

SECOND = "that"
MOST_FAULTS = 3
WHICH = st.sampled_from(["this", "this", SECOND])
SELDOM = st.sampled_from([True, False, False, False])
"""For rules that would take the place of others: hypothesis leaves some rules out of a life, and these can always come."""
RESTART = ("CreateNotebookTags", "DeleteNotebookTags", "StopNotebook", "UpdateNotebook", "StartNotebook")
Fault = tuple[str, "Mapping[str, Any]"]
CREATE = ("CreateNotebook", "CreateNotebook", "CreateNotebook", "CreateNotebookTags", "ShowNotebook", "ListNotebooks")
LIGHT: tuple[dict[str, Any], ...] = (
    {"tags": {"x": "y"}},
    {"tags": {}},
    {"auto_stop": {"duration": "4h"}},
    {"auto_stop": {"enabled": False}},
    {"grow": 1},
)
SOME_RESTART = st.lists(faults((*RESTART, "ShowNotebook")), min_size=1, max_size=2)
SOME_LIGHT = st.lists(
    faults(("CreateNotebookTags", "DeleteNotebookTags", "RenewLease", "UpdateNotebook")), min_size=1, max_size=2
)
SOME_CREATE = st.lists(faults(CREATE), min_size=1, max_size=2)
SOME_DELETE = st.lists(faults(("DeleteNotebook", "DeleteNotebook", "ShowNotebook")), min_size=1, max_size=2)


class Lives(RuleBasedStateMachine):
    """Rules over one scenario; a subclass says which one it is, and which kinds of faults come more often."""

    scenario: ClassVar[Scenario]
    favoured: ClassVar[tuple[str, ...]] = ()

    @initialize(rules=st.sampled_from(["documented", "observed"]), config=configurations())
    def begin(self, rules: str, config: Config) -> None:
        """Begins a life with one notebook."""
        self.scenario.begin(rules, config)
        self.scenario.apply()

    @rule(which=WHICH, new=changes())
    def change(self, which: str, new: Mapping[str, Any]) -> None:
        """The user edits the configuration."""
        self.scenario.change(self._one(which), new)

    @rule(which=WHICH, new=CONSOLE)
    def console(self, which: str, new: Mapping[str, Any]) -> None:
        """Somebody works in the console."""
        self.scenario.console(self._one(which), new)

    @precondition(lambda self: len(self.scenario.pending) < MOST_FAULTS)
    @rule(fault=faults())
    def fault(self, fault: tuple[str, Mapping[str, Any]]) -> None:
        """A call of the next apply will go wrong."""
        self.scenario.fault(*fault)

    @rule(which=WHICH, new=changes(), untaint=st.booleans())
    def change_and_apply(self, which: str, new: Mapping[str, Any], untaint: bool) -> None:
        """The user edits the configuration and applies."""
        self.scenario.change(self._one(which), new)
        self.scenario.apply(untaint=untaint)

    @rule(which=WHICH, faults=SOME_RESTART, more=changes(), untaint=st.booleans())
    def faulty_update(self, which: str, faults: list[Fault], more: Mapping[str, Any], untaint: bool) -> None:
        """Calls of a change that needs a stop go wrong."""
        one = self._one(which)
        self._toggle(one, more)
        self._set(faults)
        self.scenario.apply(untaint=untaint)

    @rule(new=st.sampled_from(LIGHT), faults=SOME_LIGHT)
    def faulty_light_update(self, new: Mapping[str, Any], faults: list[Fault]) -> None:
        """Calls of a change that needs no stop go wrong."""
        self.scenario.change("this", new)
        self._set(faults)
        self.scenario.apply()

    @precondition(lambda self: SECOND not in self.scenario.configured)
    @rule(config=configurations(), faults=SOME_CREATE, untaint=st.booleans())
    def faulty_create(self, config: Config, faults: list[Fault], untaint: bool) -> None:
        """Calls of a create go wrong."""
        self.scenario.add(SECOND, {**config, "tags": {"team": "a"}})
        self._set(faults)
        self.scenario.apply(untaint=untaint)

    @precondition(lambda self: SECOND in self.scenario.configured)
    @rule(faults=SOME_DELETE)
    def faulty_delete(self, faults: list[Fault]) -> None:
        """Calls of a deletion go wrong."""
        self.scenario.remove(SECOND)
        self._set(faults)
        self.scenario.apply()

    @rule(which=WHICH, kill=kills(RESTART), more=changes(), blind=st.booleans())
    def kill_an_update(self, which: str, kill: tuple[str, str, bool], more: Mapping[str, Any], blind: bool) -> None:
        """A change that needs a stop is killed, and at times tried again at once without a refresh."""
        self._toggle(self._one(which), more)
        operation, moment, terraform = kill
        self.scenario.kill(operation, moment, terraform=terraform, blind=blind)

    @rule(kill=kills((*WRITES, *READS)), untaint=st.booleans())
    def kill_anything(self, kill: tuple[str, str, bool], untaint: bool) -> None:
        """Whatever there is to apply is killed."""
        operation, moment, terraform = kill
        self.scenario.kill(operation, moment, terraform=terraform, untaint=untaint)

    @precondition(lambda self: SECOND not in self.scenario.configured)
    @rule(config=configurations(), really=SELDOM)
    def add(self, config: Config, really: bool) -> None:
        """A second notebook, often one just like the first."""
        if really:
            self.scenario.add(SECOND, config)
            self.scenario.apply()

    @precondition(lambda self: SECOND not in self.scenario.configured)
    @rule(config=configurations(), kill=kills(CREATE))
    def kill_a_create(self, config: Config, kill: tuple[str, str, bool]) -> None:
        """The create of a second notebook is killed."""
        self.scenario.add(SECOND, {**config, "tags": {"team": "a"}})
        operation, moment, terraform = kill
        self.scenario.kill(operation, moment, terraform=terraform)

    @precondition(lambda self: SECOND in self.scenario.configured)
    @rule(really=SELDOM)
    def remove(self, really: bool) -> None:
        """The second notebook is no longer wanted."""
        if really:
            self.scenario.remove(SECOND)
            self.scenario.apply()

    @rule(which=WHICH, by_name=st.booleans())
    def import_(self, which: str, by_name: bool) -> None:
        """The state of a notebook is lost, and it is imported again."""
        self.scenario.import_(self._one(which), by_name=by_name)

    @rule(which=WHICH)
    def vanish(self, which: str) -> None:
        """Somebody deletes a notebook in the console."""
        self.scenario.delete_outside(self._one(which))
        self.scenario.apply()

    @rule(kill=st.none() | kills(("DeleteNotebook", "DeleteNotebook", "ShowNotebook")), really=SELDOM)
    def destroy(self, kill: tuple[str, str, bool] | None, really: bool) -> None:
        """Everything is destroyed, and made anew."""
        if not really:
            return
        if kill is None:
            self.scenario.destroy()
        else:
            operation, moment, terraform = kill
            self.scenario.kill(operation, moment, terraform=terraform, destroy=True)

    @rule(really=SELDOM)
    def fresh(self, really: bool) -> None:
        """The next commands talk to a provider that remembers nothing; not often, since its start takes a while."""
        if really:
            self.scenario.fresh()

    def teardown(self) -> None:
        """What is still pending comes about; then each kind of fault that is favoured hits a restart."""
        if not self.scenario.configured:
            return
        self.scenario.apply()
        for kind in self.favoured:
            self._toggle("this", {"desired_status": "RUNNING", "allow_stopping_for_update": None})
            self._set([one_of(kind, RESTART)])
            self.scenario.apply()

    def _set(self, faults: list[Fault]) -> None:
        for kind, effect in faults:
            self.scenario.fault(kind, effect)

    def _toggle(self, name: str, more: Mapping[str, Any]) -> None:
        flavor = CPU_8U if self.scenario.configured[name]["flavor"] == CPU_2U else CPU_2U
        self.scenario.change(name, {**more, "flavor": flavor})

    def _one(self, which: str) -> str:
        return which if which in self.scenario.configured else "this"
