"""What the READMEs say to type, typed: the commands up to `doctor`, which finds nothing wrong then, and the HCL's first plan."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from terraform_workspace import clean_environment

ROOT = Path(__file__).resolve().parents[2]
READMES = [ROOT / "README.md", *sorted((ROOT / "examples").glob("*/README.md"))]
WITH_EXPORTS = [readme for readme in READMES if "export HW_" in readme.read_text(encoding="utf-8")]
DOCTOR = "terraform-provider-modelarts doctor"
END = "--- done ---"


def commands(readme: Path) -> list[str]:
    """The lines that set everything up: of the block with the exports, those up to the last one of them."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (lines,) = [block.splitlines() for block in blocks if "export HW_" in block]
    last = max(number for number, line in enumerate(lines) if line.startswith("export "))
    return lines[: last + 1]


class Shell:
    """A bash that is typed into, line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input: IO[str] = process.stdin
        self._output: IO[str] = process.stdout

    def type(self, line: str, until: str = END) -> str:
        """Type a line, and return what is said until a line that begins so."""
        self._input.write(f"{line}\necho; echo '{END}'\n" if until == END else f"{line}\n")
        self._input.flush()
        said = ""
        while not (got := self._output.readline()).startswith(until):
            assert got, f"{line}: the shell has ended\n{said}"
            said += got
        return said


@contextmanager
def shell(folder: Path, home: Path) -> Iterator[Shell]:
    environment = {**clean_environment(), "HOME": str(home), "BASH_ENV": "", "PS1": ""}
    for name in ("TF_CLI_CONFIG_FILE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        environment.pop(name, None)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    bash = shutil.which("bash")
    assert bash
    process = subprocess.Popen(
        [bash, "--noprofile", "--norc"], cwd=folder, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield Shell(process)
        assert process.stdin is not None
        process.communicate("kill %1\nwait\nexit 0\n", timeout=60)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def set_up(bash: Shell, readme: Path, port: int) -> None:
    for line in commands(readme):
        typed = line.replace("8080", str(port))
        bash.type(typed, until="listening on" if "modelarts-emulator serve" in line else END)


@pytest.mark.parametrize("readme", WITH_EXPORTS, ids=lambda readme: str(readme.relative_to(ROOT)))
def test_the_exports_make_doctor_green(readme: Path, tmp_path: Path) -> None:
    folder = readme.parent if readme.parent.name == "hcl" else ROOT  # as each of them says
    with shell(folder, tmp_path) as bash:
        set_up(bash, readme, free_port())
        said = bash.type(f'{DOCTOR} --json; echo "exit code $?"')
    findings, _, code = said.rpartition("exit code ")
    wrong = {each["check"]: each for each in json.loads(findings) if each["status"] != "ok"}
    # Of the machine that the tests run on, and not of what the README says to set.
    assert set(wrong) <= {"node", "cdktf", "cdktn"}, wrong
    assert code.split() == ["0"]


def test_the_readme_s_configuration_plans(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (configuration,) = re.findall(r"^```hcl\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert DOCTOR in text
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text(configuration)
    with shell(ROOT, tmp_path) as bash:
        set_up(bash, ROOT / "README.md", free_port())
        said = bash.type(
            f'cd {work} && terraform init -no-color && terraform apply -no-color -auto-approve; echo "exit code $?"'
        )
    assert said.rstrip().endswith("exit code 0"), said
    assert "1 added, 0 changed, 0 destroyed" in said
