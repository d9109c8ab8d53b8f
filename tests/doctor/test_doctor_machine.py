"""Terraform, the provider's installation, Node and the CDK's command line, as a machine has them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from doctor_bench import Bench

from modelarts_provider import __version__, installation
from modelarts_provider.doctor.findings import Finding
from modelarts_provider.doctor.machine import Machine, check_machine


def looked_at(bench: Bench, *libraries: str) -> dict[str, Finding]:
    environment = {"PATH": str(bench.programs), **bench.environment}
    machine = Machine(environment, installed=lambda name: name in libraries)
    return {finding.check: finding for finding in check_machine(machine)}


def says(text: str) -> str:
    return f"echo '{text}'"


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        (says('{"terraform_version": "1.8.0"}'), "ok", "1.8.0"),
        (says('{"terraform_version": "1.15.9"}'), "ok", "1.15.9"),
        (says('{"terraform_version": "1.16.0-alpha1"}'), "ok", "newer than"),
        (says('{"terraform_version": "2.0.0"}'), "ok", "newer than"),
        (says('{"terraform_version": "1.7.5"}'), "error", "too old"),
        (says('{"terraform_version": "0.15.5"}'), "error", "too old"),
        (says('{"terraform_version": 3}'), "error", "doesn't say its version"),
        (says("{}"), "error", "doesn't say its version"),
        (says("Terraform v1.11.4"), "error", "doesn't say its version"),
        ("exit 1", "error", "doesn't say its version"),
    ],
)
def test_terraform(bench: Bench, script: str, status: str, words: str) -> None:
    bench.program("terraform", script)
    finding = looked_at(bench)["terraform"]
    assert finding.status == status
    assert words in finding.found
    assert bool(finding.mend) == (status == "error")


def test_no_terraform(bench: Bench) -> None:
    (bench.programs / "terraform").unlink()
    finding = looked_at(bench)["terraform"]
    assert (finding.status, finding.found) == ("error", "there is no `terraform` on PATH")


def test_opentofu_is_marked_as_not_tested(bench: Bench) -> None:
    (bench.programs / "terraform").unlink()
    bench.program("tofu", says('{"terraform_version": "1.9.1"}'))
    finding = looked_at(bench)["terraform"]
    assert finding.status == "warning"
    assert "OpenTofu 1.9.1" in finding.found
    assert "not tested" in finding.found


def test_variables_that_would_change_what_terraform_prints_are_kept_from_it(bench: Bench) -> None:
    bench.program("terraform", 'test -z "$TF_CLI_ARGS$TF_LOG" && ' + says('{"terraform_version": "1.9.0"}'))
    bench.set(TF_CLI_ARGS="-help", TF_LOG="TRACE")
    assert looked_at(bench)["terraform"].status == "ok"


def test_not_installed(bench: Bench) -> None:
    finding = looked_at(bench)["installation"]
    assert finding.status == "warning"
    assert "terraform-provider-modelarts install" in finding.mend


def implied() -> Path:
    return installation.IMPLIED_MIRROR.expanduser()


def test_installed(bench: Bench) -> None:
    installation.install(implied())
    finding = looked_at(bench)["installation"]
    assert (finding.status, __version__ in finding.found) == ("ok", True)


def test_another_version_is_installed(bench: Bench) -> None:
    installation.launcher_in(implied(), version="0.0.1").parent.mkdir(parents=True)
    finding = looked_at(bench)["installation"]
    assert (finding.status, "it has 0.0.1" in finding.found) == ("warning", True)


@pytest.mark.parametrize("python", ["/nowhere/python\n", None])
def test_the_python_of_an_installation_is_gone(bench: Bench, python: str | None) -> None:
    record = installation.python_of(installation.install(implied()))
    record.unlink() if python is None else record.write_text(python)
    finding = looked_at(bench)["installation"]
    assert (finding.status, "is gone" in finding.found) == ("error", True)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (installation.cli_configuration(Path("/somewhere")), "ok"),
        ("provider_installation {\n  direct {}\n}\n", "warning"),
        ("disable_checkpoint = true\n", "warning"),
    ],
)
@pytest.mark.parametrize("named", [True, False])
def test_the_users_own_cli_configuration(bench: Bench, text: str, status: str, *, named: bool) -> None:
    file = bench.home / ("named.rc" if named else ".terraformrc")
    file.write_text(text)
    if named:
        bench.set(TF_CLI_CONFIG_FILE=str(file))
    finding = looked_at(bench)["installation"]
    assert finding.status == status
    assert (file.name in finding.found) == ("provider_installation" in text)


@pytest.mark.parametrize("named", [True, False])
def test_a_cli_configuration_that_is_no_file(bench: Bench, *, named: bool) -> None:
    """Nobody writes to the pipe: who opens it to read waits for ever."""
    file = bench.home / ("named.rc" if named else ".terraformrc")
    os.mkfifo(file)
    if named:
        bench.set(TF_CLI_CONFIG_FILE=str(file))
    assert looked_at(bench)["installation"].status == "warning"


def test_a_provider_that_is_debugged(bench: Bench) -> None:
    bench.set(TF_REATTACH_PROVIDERS="{}")
    assert looked_at(bench)["installation"].status == "ok"


def test_without_the_cdk_nothing_is_said_of_it(bench: Bench) -> None:
    assert set(looked_at(bench)) == {"terraform", "installation"}


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        (says("v20.1.0"), "ok", "v20.1.0"),
        (says("v22.20.0"), "ok", "v22.20.0"),
        (says("v24.0.1"), "warning", "not tested"),
        (says("v18.0.0"), "warning", "not tested"),
        ("exit 1", "warning", "doesn't say"),
        (None, "warning", "there is no `node`"),
    ],
)
def test_node(bench: Bench, script: str | None, status: str, words: str) -> None:
    if script:
        bench.program("node", script)
    finding = looked_at(bench, "cdktf")["node"]
    assert (finding.status, words in finding.found) == (status, True)


def test_the_node_that_jsii_is_told_to_use(bench: Bench) -> None:
    bench.program("node", says("v24.0.0"))
    bench.set(JSII_NODE=str(bench.program("other-node", says("v22.0.0"))))
    assert "other-node" in looked_at(bench, "cdktf")["node"].found


def npm_package(folder: Path, name: str, version: str, command: str) -> Path:
    package = folder / "node_modules" / name
    program = package / "bundled" / "bin" / command
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    (package / "package.json").write_text(json.dumps({"name": name, "version": version}))
    (package / "bundled" / "package.json").write_text("not JSON")
    return program


@pytest.mark.parametrize(
    ("library", "package", "version", "status"),
    [
        ("cdktf", "cdktf-cli", "0.21.0", "ok"),
        ("cdktf", "cdktf-cli", "0.20.11", "warning"),
        ("cdktf", "something-else", "9.8.7", "ok"),
        ("cdktn", "cdktn-cli", "0.24.3", "ok"),
        ("cdktn", "cdktn-cli", "0.21.0", "warning"),
    ],
)
def test_the_cdk_s_command_line(bench: Bench, library: str, package: str, version: str, status: str) -> None:
    (bench.programs / library).symlink_to(npm_package(bench.home, package, version, library))
    finding = looked_at(bench, library)[library]
    assert finding.status == status
    assert (version in finding.found) == (package != "something-else")


def test_a_command_line_in_the_project_s_own_folder(bench: Bench) -> None:
    program = npm_package(bench.home, "cdktf-cli", "0.21.0", "cdktf")
    (bench.home / "node_modules" / ".bin").mkdir()
    (bench.home / "node_modules" / ".bin" / "cdktf").symlink_to(program)
    assert looked_at(bench, "cdktf")["cdktf"].status == "ok"


def test_no_command_line_is_a_hint(bench: Bench) -> None:
    finding = looked_at(bench, "cdktf")["cdktf"]
    assert (finding.status, "npm install" in finding.mend) == ("warning", True)
