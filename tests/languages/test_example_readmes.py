"""The commands that the examples' READMEs say: programs, subcommands, options and settings exist, and files are there."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from outside_programs import NODE_MODULES, ROOT, run

from modelarts_provider.provider_schema import SCHEMA

READMES = sorted((ROOT / "examples").glob("*/README.md"))
OURS = ("modelarts-emulator", "terraform-provider-modelarts")
OTHERS = {"export", "terraform", "npm", "npx", "cdktf"}
SUBCOMMANDS = {"deploy", "diff", "destroy", "get"}


def commands(readme):
    """Each command of the fenced and indented blocks, as words without comments."""
    lines, fenced = [], False
    for line in readme.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            lines.append(line)
    for line in lines:
        words = shlex.split(line.removesuffix("&"), comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words:
            yield [word for word in words if word != "&"]


def test_every_example_has_one():
    assert [readme.parent.name for readme in READMES] == ["cdktf", "hcl", "typescript"]


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_programs_subcommands_and_options_exist(readme):
    found = list(commands(readme))
    assert len(found) > 3
    assert {words[0] for words in found} <= {*OURS, *OTHERS}
    for program, subcommand, *arguments in (words for words in found if words[0] in OURS):
        said = run([Path(sys.executable).with_name(program), subcommand, "--help"], ROOT)
        missing = [word for word in arguments if word.startswith("--") and word not in said]
        assert not missing, f"{program} {subcommand} has no {missing}"


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_what_is_exported_is_read_by_somebody(readme):
    described = str([attribute.description for attribute in SCHEMA.attributes.values()])
    for words in commands(readme):
        for name in (word.partition("=")[0] for word in words[1:] if words[0] == "export"):
            assert name in {"PATH", "NOTEBOOKS", "CDKTF_SKIP_PROVIDER_LOCK"} or f"`{name}`" in described, name


def test_cdktf_has_its_subcommands():
    said = run([NODE_MODULES / ".bin" / "cdktf", "--help"], ROOT, CHECKPOINT_DISABLE="1", CI="true")
    used = {words[1] for readme in READMES for words in commands(readme) if words[0] == "cdktf"}
    assert used == SUBCOMMANDS - {"get"}
    assert all(re.search(rf"cdktf {name}\b", said) for name in SUBCOMMANDS), said


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_files_that_are_named_are_there(readme):
    text = readme.read_text(encoding="utf-8")
    named = re.findall(r"(?:-var-file|NOTEBOOKS)=(\S+\.json)", text) + re.findall(r"\]\((\S+?)\)", text)
    for name in named:
        assert (ROOT / name).is_file() or (readme.parent / name).is_file(), name
