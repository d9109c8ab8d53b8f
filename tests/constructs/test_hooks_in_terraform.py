"""What Terraform makes of literal text and of encoded commands with tokens in them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess

import pytest

from modelarts_constructs import Hook
from modelarts_constructs._cdk import cdktf
from modelarts_constructs._tokens import literal

TEAM = 'a "team" of $5 ${x}'
COMMANDS = (
    'echo "${HOME}" %{if} \\n $x\n',
    "# {team} ${{HOME}}\necho '{team}' \"$${{A}}\" ${team} é {team}",
    "{team}",
    "$${team}",
)
TEXTS = ("${HOME} %{if} $${x} %%{y} $$$ {} \\", "{team} ${team} $${team} 100%{team}")


@pytest.mark.acceptance
def test_terraform_reads_what_was_meant(stack, tmp_path):
    token = cdktf.TerraformVariable(stack, "team", type="string").string_value

    def written(text):
        return text.replace("{team}", token)

    def meant(text):
        return text.replace("{team}", TEAM)

    values = [Hook.command(written(text)).attributes()["script"] for text in COMMANDS]
    values += [literal(written(text)) for text in TEXTS]
    for index, value in enumerate(values):
        cdktf.TerraformOutput(stack, f"o{index}", value=value)
    (tmp_path / "main.tf.json").write_text(cdktf.Testing.synth(stack))
    binary = shutil.which("terraform") or shutil.which("tofu")
    assert binary, "terraform is not on PATH: run the tests with `make test`, which sees to it"
    environment = {**os.environ, "TF_VAR_team": TEAM, "CHECKPOINT_DISABLE": "1"}
    environment.pop("TF_CLI_CONFIG_FILE", None)

    def terraform(*command):
        run = subprocess.run(
            [binary, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    terraform("apply", "-auto-approve", "-no-color")
    found = json.loads(terraform("output", "-json"))
    results = [found[f"o{index}"]["value"] for index in range(len(values))]
    commands = [base64.b64decode(value).decode() for value in results[: len(COMMANDS)]]
    assert commands == [meant(text) for text in COMMANDS]
    assert results[len(COMMANDS) :] == [meant(text) for text in TEXTS]
