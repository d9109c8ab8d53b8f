"""The command line of the fuzzing."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from schemathesis.cli import schemathesis as command

from modelarts_emulator.http.routes import OPERATIONS
from modelarts_emulator.testing import serving
from tools.fuzz.environment import Environment
from tools.fuzz.extension import Extension
from tools.layout import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER = ROOT / "build" / "fuzz"
RULES = ("documented", "observed")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "refusal_changes_nothing",  # our own
)
NAMES = tuple(operation.name for operation in OPERATIONS)


def main(arguments: Sequence[str]) -> int:
    """Fuzzes under one reading of the rules after the other.

    Returns:
        0 where nothing was found; 1 where an answer was wrong, or where an operation was never answered with a success,
        or never with a refusal.
    """
    options = _parser().parse_args(arguments)
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.chdir(FOLDER)  # where schemathesis leaves what it remembers
    environment = Environment()
    extension = Extension(environment)
    extension.register()
    codes = []
    with serving(environment.app) as url:
        for rules in options.rules or RULES:
            print(f"rules: {rules}", flush=True)
            environment.prepare(url, rules)
            codes.append(_run(url, options))
    environment.app.state.emulator.close()
    never = _never(extension, options.only or NAMES)
    for line in never:
        print(line)
    return 1 if any(codes) or never else 0


def _run(url: str, options: argparse.Namespace) -> int:
    call = ["run", f"{url}/openapi.json", "--no-color", "--workers", "1", "--continue-on-failure", "--warnings", "off"]
    call += ["--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)]
    call += ["--max-examples", str(options.cases), "--suppress-health-check", "all", "--request-timeout", "60"]
    for name in options.only or ():
        call += ["--include-operation-id", name]
    call += ["--generation-deterministic"] if options.fixed else ["--generation-database", "none"]
    if options.seed is not None:
        call += ["--seed", str(options.seed)]
    try:
        command.main(call, prog_name="schemathesis", standalone_mode=False)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0


def _never(extension: Extension, names: Sequence[str]) -> list[str]:
    """Says which operations only ever succeeded, or were only ever refused: then little of them was tried."""
    wanted = {2: "a success", 4: "a refusal"}
    return [
        f"{name} never answered with {what}"
        for name in names
        for kind, what in wanted.items()
        if not extension.answers[name, kind]
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz", description="Fuzzes the emulator after its own OpenAPI document."
    )
    parser.add_argument("--cases", type=_positive, default=100, help="random requests for each operation (%(default)s)")
    parser.add_argument("--seed", type=int, help="of a run that is to be repeated; each run prints its own")
    parser.add_argument("--fixed", action="store_true", help="the same requests on every run")
    parser.add_argument("--rules", action="append", choices=RULES, help="this reading alone; may be given again")
    parser.add_argument("--only", action="append", choices=NAMES, help="this operation alone; may be given again")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
