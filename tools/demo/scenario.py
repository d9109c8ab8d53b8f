"""What the demo shows, act by act, and what it insists on."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

from tools.demo import configuration, timeline
from tools.demo.drivers import EXAMPLES
from tools.demo.failure import DemoError
from tools.demo.printing import heading, indented, out, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.demo.drivers import Driver
    from tools.demo.emulator import Emulator
    from tools.demo.workspace import Workspace

BEFORE = EXAMPLES / "configurations" / "before.tfvars.json"
AFTER = EXAMPLES / "configurations" / "after.tfvars.json"
# The notebook that changes between the two; the other one must be left alone.
CHANGED = "training"


def run(workspace: Workspace, driver: Driver, emulator: Emulator) -> None:
    """Deploys, changes, plans, deploys and compares.

    Args:
        workspace: The demo's folder.
        driver: How the example is deployed.
        emulator: The API.

    Raises:
        DemoError: anything is not as it must be.
    """
    before, after = configuration.read(BEFORE), configuration.read(AFTER)
    heading(2, f"Deploy {len(before)} notebooks: {', '.join(notebook['name'] for notebook in before.values())}")
    driver.prepare()
    shutil.copy(BEFORE, workspace.configuration)
    driver.deploy()
    idents = _idents(emulator, before)

    heading(
        3,
        f"Change name, description, flavor, image, endpoints, hooks and storage of {before[CHANGED]['name']}: the plan",
    )
    shutil.copy(AFTER, workspace.configuration)
    _insist(plan_complaints(driver.plan()))
    out("   One notebook is updated in place, nothing is replaced.")

    heading(4, "Deploy the change")
    since = len(emulator.calls())
    driver.deploy()
    calls = emulator.calls(since)

    heading(5, "Compare what the API holds now with the new configuration")
    compare_all(after, idents, emulator)

    heading(6, "The calls that this update made")
    indented(timeline.render(calls, {idents[key]: before[key]["name"] for key in idents}))
    fields = configuration.changed_request_fields(before[CHANGED], after[CHANGED])
    _insist(timeline.complaints(calls, idents[CHANGED], fields))
    out("   Stopped once, updated by one request with the changed fields alone, started once.")


def compare_all(notebooks: Mapping[str, Mapping[str, Any]], idents: Mapping[str, str], emulator: Emulator) -> None:
    """Compares each notebook of a configuration with what the API holds, and shows both.

    Args:
        notebooks: The configuration, by key.
        idents: The instances' ids, by the same keys.
        emulator: The API.

    Raises:
        DemoError: a field differs, or a notebook does not run.
    """
    for key, notebook in notebooks.items():
        instance = emulator.notebook(idents[key])
        rows = configuration.compare(notebook, instance)
        out(f"   {notebook['name']} ({idents[key]}, {instance['status']})")
        indented(f"  {line}" for line in table(rows))
        _insist(
            [f"{notebook['name']}: {row.field} is {row.held}, not {row.configured}" for row in rows if not row.same]
        )
        _insist([f"{notebook['name']} is {instance['status']}, not RUNNING"] if instance["status"] != "RUNNING" else [])


def end(driver: Driver, emulator: Emulator) -> None:
    """Destroys everything and checks that nothing is left.

    Args:
        driver: How the example was deployed.
        emulator: The API.

    Raises:
        DemoError: something is left.
    """
    heading(7, "Destroy")
    driver.destroy()
    _insist([f"{notebook['name']} is left ({ident})" for ident, notebook in emulator.notebooks().items()])
    out("   Nothing is left in the account.")


def plan_complaints(text: str) -> list[str]:
    """Checks that a plan updates one resource in place and does nothing else.

    Args:
        text: What `plan` or `diff` printed.

    Returns:
        What is otherwise, a sentence each.
    """
    found = []
    totals = re.search(r"Plan: (.*\d+ to add, \d+ to change, \d+ to destroy)", text)
    if totals is None or totals[1] != "0 to add, 1 to change, 0 to destroy":
        found.append(f"the plan is not one change: {totals[1] if totals else 'it has no totals'}")
    if "will be updated in-place" not in text:
        found.append("the plan has no update in place")
    if "must be replaced" in text or "forces replacement" in text:
        found.append("the plan replaces a notebook")
    return found


def _idents(emulator: Emulator, notebooks: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Returns the instances' ids by the keys of the configuration; names are unique in the example."""
    by_name = {instance["name"]: ident for ident, instance in emulator.notebooks().items()}
    wanted = {notebook["name"] for notebook in notebooks.values()}
    if set(by_name) != wanted:
        raise DemoError(f"the API holds {sorted(by_name)} after the deployment, not {sorted(wanted)}")
    return {key: by_name[notebook["name"]] for key, notebook in notebooks.items()}


def _insist(complaints: list[str]) -> None:
    if complaints:
        raise DemoError("not as it must be: " + "; ".join(complaints))
