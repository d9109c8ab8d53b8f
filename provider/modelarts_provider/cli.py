"""The executable: the plugin when Terraform starts it, a command line when a person does. It may import everything.

Imports stand inside functions: Terraform starts this several times per command and waits for the handshake.
"""

from __future__ import annotations

import os
import sys

from modelarts_provider import NAME, SOURCE, __version__

TYPE_CHECKING = False  # importing typing would cost every start of the plugin
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from modelarts_provider.framework.protocol.services import Dispatch

NO_WINDOWS = (
    "terraform-provider-modelarts does not run on Windows, which lacks the sockets and signals that it needs: "
    "run it and Terraform in WSL, on Linux or on macOS."
)


def main() -> None:
    """Serve Terraform, or run a command."""
    if sys.platform == "win32":
        sys.exit(NO_WINDOWS)
    from modelarts_provider.framework.protocol.handshake import is_started_by_terraform  # noqa: PLC0415

    if is_started_by_terraform(os.environ):
        from modelarts_provider.framework.protocol.process import serve  # noqa: PLC0415

        serve(make_dispatch, NAME)
    sys.exit(_run_into(sys.argv[1:]))


def _run_into(arguments: Sequence[str]) -> int:
    """Run a command whose reader may have gone (`| head`), whose disk may be full, or that has no output at all (`>&-`)."""
    import errno  # noqa: PLC0415

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - as long as the process
    try:
        try:
            code = run(arguments)
        except SystemExit as ended:  # argparse's, whose text is still to be written
            code = ended.code if isinstance(ended.code, int) else 0
        sys.stdout.flush()
    except OSError as error:
        if error.filename is not None or error.errno not in (errno.EPIPE, errno.ENOSPC, errno.EIO):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries again at its end
        return 1 if error.errno == errno.EPIPE else _failed(f"the output can't be written: {error.strerror}")
    return code


def make_dispatch() -> Dispatch:
    """The function that answers Terraform's calls, with a provider of its own behind it once it is needed."""
    from modelarts_provider.framework.protocol.schema_cache import SchemaCache, SchemaFirst  # noqa: PLC0415

    return SchemaFirst(SchemaCache(os.path.dirname(__file__)), _make_servicer)  # noqa: PTH120 - no pathlib for a start


def _make_servicer() -> Dispatch:
    from modelarts_provider.framework.protocol.hclog import Log, level_from  # noqa: PLC0415
    from modelarts_provider.framework.protocol.servicer import Servicer  # noqa: PLC0415
    from modelarts_provider.provider import ModelartsProvider  # noqa: PLC0415

    log = Log(f"provider.{NAME}", level_from(os.environ, NAME))
    return Servicer(ModelartsProvider(log=log), log=lambda frames: log.error("call failed", frames=frames))


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    commands = {
        "install": _install,
        "uninstall": _uninstall,
        "doctor": _doctor,
        "schema": _schema,
        "docs": _docs,
        "generate": _generate,
        "serve": _serve,
    }
    return commands[options.command](options)


def _parser() -> argparse.ArgumentParser:
    import argparse  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    parser = argparse.ArgumentParser(
        prog="terraform-provider-modelarts",
        description="Terraform provider for Huawei Cloud ModelArts notebook instances. Terraform starts it by itself; "
        "these commands are for people.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    install = commands.add_parser("install", help="put the provider where Terraform finds it without a network")
    install.add_argument("--dir", type=_folder, help="the mirror's folder (default: ~/.terraform.d/plugins)")
    install.add_argument("--source", default=SOURCE, help="the provider's address (%(default)s)")
    install.add_argument("--print-config", action="store_true", help="print the Terraform CLI configuration for --dir")
    uninstall = commands.add_parser("uninstall", help="remove what install has written, and nothing else")
    uninstall.add_argument("--dir", type=_folder, help="the mirror's folder (default: ~/.terraform.d/plugins)")
    uninstall.add_argument("--source", default=SOURCE, help="the provider's address (%(default)s)")
    uninstall.add_argument("--version", default=__version__, dest="removed", help="the version to remove (%(default)s)")
    doctor = commands.add_parser(
        "doctor",
        help="say what is wrong with the set-up, and how to fix it",
        description="Says what is wrong with the set-up, and how to fix it. It reads the environment and login files, "
        "and not the provider block of a Terraform configuration.",
    )
    doctor.add_argument("--json", action="store_true", help="a list of objects with check, status, found and mend")
    doctor.add_argument("--region", help="the region to look at (default: HW_REGION_NAME, or what the files say)")
    commands.add_parser("schema", help="print the schema as `terraform providers schema -json` does")
    docs = commands.add_parser("docs", help="write the registry pages, in a checkout of the project")
    docs.add_argument("--root", type=Path, default=Path(), help="the checkout (default: this folder)")
    generate = commands.add_parser("generate", help="write everything that is generated, in a checkout of the project")
    generate.add_argument("--root", type=Path, default=Path(), help="the checkout (default: this folder)")
    serve = commands.add_parser("serve", help="serve one provider to many Terraform commands, for debugging")
    serve.add_argument("--debug", action="store_true", required=True, help="print TF_REATTACH_PROVIDERS and wait")
    return parser


def _folder(text: str) -> Path:
    """An empty name is a variable that isn't set, and never this folder."""
    from argparse import ArgumentTypeError  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    if not text:
        msg = "it names no folder; for this one write ."
        raise ArgumentTypeError(msg)
    return Path(text)


def _install(options: argparse.Namespace) -> int:
    from modelarts_provider import installation  # noqa: PLC0415

    try:
        mirror = installation.mirror_at(options.dir)
        configuration = installation.cli_configuration(mirror, options.source) if options.print_config else ""
        launcher = installation.install(mirror, source=options.source)
        installation.compile_sources()
    except installation.InstallationError as error:
        return _failed(str(error))
    if options.print_config:
        sys.stdout.write(configuration)
        return 0
    sys.stdout.write(f"installed {_shown(launcher)}\n")
    if options.dir is None:
        sys.stdout.write("Terraform looks there by itself, unless its CLI configuration has a provider_installation.\n")
    else:
        sys.stdout.write(
            "Terraform looks there once its CLI configuration (a file that TF_CLI_CONFIG_FILE names, or ~/.terraformrc) "
            "says so; print that with --print-config.\n"
        )
    sys.stdout.write("For cdktf, also set CDKTF_SKIP_PROVIDER_LOCK=true: its lock step goes to the network.\n")
    return 0


def _uninstall(options: argparse.Namespace) -> int:
    from modelarts_provider import installation  # noqa: PLC0415

    try:
        mirror = installation.mirror_at(options.dir)
        done = installation.uninstall(mirror, source=options.source, version=options.removed)
    except installation.InstallationError as error:
        return _failed(str(error))
    if done.was_there:
        sys.stdout.write(f"removed {_shown(done.launcher)}\n")
    else:
        sys.stdout.write(f"nothing to remove: version {options.removed} is not installed in {_shown(mirror)}\n")
    for stray in done.strays:
        sys.stdout.write(f"left {_shown(stray)}: install did not write it\n")
    if done.others:
        sys.stdout.write(f"still there: {', '.join(done.others)}; remove each with --version\n")
    if done.was_there:
        sys.stdout.write(
            "The Python package itself is removed with `pip uninstall terraform-provider-modelarts`; a Terraform CLI "
            "configuration that names the folder stays as it is.\n"
        )
    return 0


def _shown(path: Path) -> str:
    """A path as a terminal can show it, whatever its bytes are."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _doctor(options: argparse.Namespace) -> int:
    from modelarts_provider.doctor.run import run as examine  # noqa: PLC0415

    return examine(region=options.region, json=options.json)


def _schema(options: argparse.Namespace) -> int:
    import json  # noqa: PLC0415

    from modelarts_provider import generated  # noqa: PLC0415

    sys.stdout.write(json.dumps(generated.schema_document(), sort_keys=True) + "\n")
    return 0


def _docs(options: argparse.Namespace) -> int:
    from modelarts_provider import generated  # noqa: PLC0415

    return _write(generated.docs, options.root)


def _generate(options: argparse.Namespace) -> int:
    from modelarts_provider import generated  # noqa: PLC0415

    return _write(generated.everything, options.root)


def _write(render: Callable[[Path], dict[str, str]], root: Path) -> int:
    """Write what is rendered from the templates of a checkout; 1 with a sentence where there is none."""
    missing = [f"{name}/" for name in ("templates", "examples") if not (root / name).is_dir()]
    if missing:
        return _failed(
            f"{_shown(root.absolute())} has no {' and no '.join(missing)}, so it is no checkout of the project. Nothing was "
            "written. Run this in a checkout, or name one with --root"
        )
    try:
        files = render(root)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        return _failed(f"{error.filename or root}: {error.strerror or error}. Correct it and run this again")
    except ValueError as error:  # a template that names what isn't there, or isn't UTF-8
        return _failed(f"the pages can't be made of what is in {_shown(root.absolute())}: {error}. Nothing was written")
    sys.stdout.write(f"wrote {len(files)} files below {_shown(root)}\n")
    return 0


def _failed(sentence: str) -> int:
    from modelarts_provider.framework.printable import printable  # noqa: PLC0415

    sys.stderr.write(f"terraform-provider-modelarts: {printable(sentence)}.\n")
    return 1


def _serve(options: argparse.Namespace) -> int:
    from modelarts_provider.framework.protocol.reattach import serve_debug  # noqa: PLC0415

    serve_debug(make_dispatch, SOURCE)
    return 0
