"""The command line: ``modelarts-emulator serve`` and ``modelarts-emulator assumptions``."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from . import assumptions
from .config import (
    DEFAULT_ACCESS_KEY,
    DEFAULT_PROJECTS,
    DEFAULT_SECRET_KEY,
    DOMAIN_ID,
    Config,
    Project,
    default_users,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_N = TypeVar("_N", int, float)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, no usage text."""
        self.exit(2, f"modelarts-emulator: {message}\n")


_MAX_SCALE, _MAX_PORT = 1000, 65535
_LONGEST_SHOWN = 40


def _number(text: str, read: Callable[[str], _N], words: str) -> _N:
    try:
        return read(text)
    except ValueError:
        shown = f"{text[:_LONGEST_SHOWN]}..." if len(text) > _LONGEST_SHOWN else text
        raise argparse.ArgumentTypeError(f"{shown!r} is not {words}") from None


def _scale(text: str) -> float:
    value = _number(text, float, "a number")
    if not 0 <= value <= _MAX_SCALE:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 (instant) and 1000")
    return value


def _port(text: str) -> int:
    value = _number(text, int, "a whole number")
    if not 0 <= value <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port (0 takes a free one)")
    return value


def _seed(text: str) -> int:
    return _number(text, int, "a whole number of at most 4300 digits")


def _count(text: str) -> int:
    value = _number(text, int, "a whole number")
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0 (0 means no limit)")
    return value


def _key(text: str) -> str:
    if not re.fullmatch(r"[!-+\--~]+", text):  # visible ASCII without the comma, which ends a key in a signature
        raise argparse.ArgumentTypeError("a key has at least one character, and no space or comma")
    return text


def _project(text: str) -> Project:
    name, _, ident = text.partition("=")
    if not re.fullmatch(r"[0-9a-f]{32}", ident) or not re.fullmatch(r"[a-z0-9-]+(_[A-Za-z0-9_-]+)?", name):
        raise argparse.ArgumentTypeError(f"{text!r} is not REGION=ID or REGION_NAME=ID with an ID of 32 hex digits")
    return Project(ident, name, DOMAIN_ID)


def _host_name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a host, without scheme and port")
    return text


def _version() -> str:
    try:
        return metadata.version("terraform-provider-modelarts")
    except metadata.PackageNotFoundError:  # run from a checkout that isn't installed
        return "unknown"


def _parser() -> _Parser:
    parser = _Parser(prog="modelarts-emulator", description="An emulator of the ModelArts notebook API.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    commands.add_parser("assumptions", help="print what no source states, and what is assumed (Markdown)")
    serve = commands.add_parser("serve", help="serve the API until SIGTERM")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=0, help="0 takes a free one (default)")
    serve.add_argument(
        "--allow-host",
        type=_host_name,
        action="append",
        default=[],
        metavar="NAME",
        help="one more name under which the control answers, such as that of a container (repeat)",
    )
    serve.add_argument("--port-file", type=Path, help="write the port there once it is ready")
    serve.add_argument(
        "--rules",
        choices=("documented", "observed"),
        default="documented",
        help="what the API's pages say (default), or what Huawei's own Terraform provider met",
    )
    serve.add_argument(
        "--time-scale",
        type=_scale,
        default=1.0,
        help="1: as slow as the service (default); 0.01: emulated seconds take 10 ms; 0: instant",
    )
    serve.add_argument(
        "--lease-scale",
        type=_scale,
        help="the same for leases and printed moments (default: the time scale; 1: real time)",
    )
    serve.add_argument("--seed", type=_seed, default=1, help="of the identifiers")
    serve.add_argument("--quota", type=_count, default=10, help="notebooks per account, 0 for no limit (default 10)")
    serve.add_argument("--not-found", choices=("6404", "6309", "404"), default="6404", help="how a missing one answers")
    serve.add_argument("--state", metavar="FILE", help="SQLite file that keeps the state")
    serve.add_argument("--access-key", type=_key, default=DEFAULT_ACCESS_KEY, help=f"(default {DEFAULT_ACCESS_KEY})")
    serve.add_argument("--secret-key", type=_key, default=DEFAULT_SECRET_KEY, help=f"(default {DEFAULT_SECRET_KEY})")
    serve.add_argument(
        "--project",
        type=_project,
        action="append",
        default=[],
        metavar="REGION=ID",
        help="one more project, or another id for one of the defaults (repeat)",
    )
    serve.add_argument(
        "--assume", action="append", default=[], metavar="ID=CHOICE", help="another answer to an open question (repeat)"
    )
    return parser


def _config(args: argparse.Namespace) -> Config:
    assume = dict(text.partition("=")[::2] for text in args.assume)
    wrong = assumptions.problem(assume)
    if wrong is not None:
        raise SystemExit(_fail(wrong))
    if args.lease_scale == 0:
        raise SystemExit(_fail("--lease-scale 0 would end every lease at once; use 1 for real time"))
    return Config(
        rules=args.rules,
        time_scale=args.time_scale,
        lease_scale=args.lease_scale,
        seed=args.seed,
        quota=args.quota,
        not_found=args.not_found,
        users=default_users(args.access_key, args.secret_key),
        projects=_projects(args.project),
        state=args.state,
        assume=assume,
        host_names=(args.host, *args.allow_host),
    )


def _projects(given: list[Project]) -> tuple[Project, ...]:
    """The defaults and those given; one of a default's name replaces it, since clients look projects up by name."""
    for values in ([project.name for project in given], [project.id for project in given]):
        twice = [value for value, count in Counter(values).items() if count > 1]
        if twice:
            raise SystemExit(_fail(f"argument --project: {twice[0]} is there twice"))
    names = {project.name for project in given}
    kept = [item for item in DEFAULT_PROJECTS if item.domain_id != DOMAIN_ID or item.name not in names]
    taken = next((item for item in kept if item.id in {project.id for project in given}), None)
    if taken is not None:
        raise SystemExit(_fail(f"argument --project: {taken.id} is the id of the project {taken.name}"))
    return (*kept, *given)


def _fail(sentence: str) -> int:
    # A path may hold what a terminal obeys.
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in sentence)
    sys.stderr.write(f"modelarts-emulator: {shown}\n")
    return 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; 0 after a clean end, 2 with one sentence where it cannot start."""
    args = _parser().parse_args(argv)
    if args.command == "assumptions":
        sys.stdout.write(assumptions.markdown())
        return 0
    try:
        from modelarts_emulator.http.app import create_app  # noqa: PLC0415 - flags are judged, and help is shown, without the server's imports
        from modelarts_emulator.http.server import bind, serve, url_of  # noqa: PLC0415 - as above
        from modelarts_emulator.state.state_file import StateError  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        extra = "pip install 'terraform-provider-modelarts[emulator]' (from a checkout: pip install '.[emulator]')"
        return _fail(f"{error.name} is missing: the emulator needs its extra, {extra}")

    try:
        if args.port_file is not None:
            args.port_file.unlink(missing_ok=True)  # nobody reads the port of an earlier run
            args.port_file.parent.resolve(strict=True)
    except OSError as error:
        return _fail(f"--port-file {args.port_file} cannot be written: {error.strerror}")
    try:
        bound = bind(args.host, args.port)
    except OSError as error:
        return _fail(f"cannot listen on {args.host} port {args.port}: {error.strerror or error}")
    try:
        app = create_app(_config(args))
    except StateError as error:
        bound.close()
        return _fail(str(error))

    def ready() -> None:
        if args.port_file is not None:
            partial = args.port_file.with_name(args.port_file.name + ".partial")
            partial.write_text(f"{bound.getsockname()[1]}\n")
            partial.replace(args.port_file)  # nobody reads half a number
        sys.stdout.write(f"listening on {url_of(bound)}\n")
        sys.stdout.flush()

    try:
        asyncio.run(serve(app, bound, ready))
    except OSError as error:
        return _fail(f"cannot go on: {error}")
    finally:
        app.state.emulator.close()
    return 0
