"""`make demo`: see `tools.demo`.

Usage: `tools/with-python -m tools.within python -m tools.demo [--with cdktf|hcl] [--port N] [--keep] [--dir FOLDER]`.
Exit codes: 0 all was as it must be; 1 something was not, or is missing; 130 it was interrupted.
"""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.demo import drivers, emulator, scenario
from tools.demo.failure import DemoError, InterruptedDemoError
from tools.demo.printing import heading, out
from tools.demo.workspace import Workspace, claimed
from tools.layout import DEMO

if TYPE_CHECKING:
    from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Runs the demo and returns its exit code."""
    options = _parser().parse_args(arguments)
    begun = time.monotonic()
    try:
        with claimed(options.dir.absolute()) as workspace:
            for number in _ENDINGS:
                signal.signal(number, _interrupt)
            _run(workspace, options)
    except DemoError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    except InterruptedDemoError:
        print("\ndemo: interrupted; everything that it had started is ended.", file=sys.stderr)
        return 130
    out(f"\nThe demo took {time.monotonic() - begun:.0f} s, and all of it was as it must be.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make demo", description="Deploys, updates in place and destroys two notebooks."
    )
    parser.add_argument("--with", dest="driver", choices=("cdktf", "hcl"), default="cdktf", help="how to deploy")
    parser.add_argument("--port", type=int, default=0, help="the emulator's port (default: a free one)")
    parser.add_argument("--keep", action="store_true", help="leave notebooks and emulator up at the end")
    parser.add_argument("--dir", type=Path, default=DEMO, help="the demo's folder, which is emptied first")
    return parser


def _run(workspace: Workspace, options: argparse.Namespace) -> None:
    spare: list[int] = []
    emulators: list[int] = []
    try:
        heading(1, "Start an emulator of the API, and install the provider where Terraform looks for it")
        base = workspace.environment({})
        api = emulator.start(workspace, options.port, base)
        emulators.append(api.process)
        workspace.install_provider(base)
        out(f"   The API listens on {api.url}; the provider lies in {workspace.mirror}.")
        driver = drivers.choose(options.driver, workspace, workspace.environment(api.provider_settings))
        scenario.run(workspace, driver, api)
        if options.keep:
            spare.append(api.process)
            workspace.belongs_to(api.process)
            _print_next_steps(workspace, driver, api)
        else:
            scenario.end(driver, api)
    finally:
        for number in _ENDINGS:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave anything behind
        workspace.children.end_all(
            emulators
        )  # while the API still answers: an update that is cut short puts things back
        workspace.children.end_all(spare)


def _print_next_steps(workspace: Workspace, driver: drivers.Driver, api: emulator.Emulator) -> None:
    settings = workspace.write_shell_settings(workspace.environment(api.provider_settings))
    out(f"\nThe emulator stays up at {api.url} with both notebooks. To go on by hand:")
    out(f"   cd {shlex.quote(str(workspace.work))} && . {shlex.quote(str(settings))}")
    out(f"   change something in {workspace.configuration.name}, then: {driver.by_hand()}")
    out(f"   see the calls: curl --noproxy '*' -s {api.url}/_emulator/requests")
    out(f"To end it: kill {api.process}")


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    raise InterruptedDemoError(signal.Signals(number).name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
