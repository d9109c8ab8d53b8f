"""Sensitive values that break rules, and what the service says: neither values nor control characters are printed."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import BASE, CPU_8U, Workspace

SECRET = "hunter2'\"secret <&"
"""Breaks the rules of every text attribute but a few."""

ALLOWED = "hunter2secret"
"""Breaks none but those of ids and closed lists."""

COMMAND = base64.b64encode(f"set -e\nexport P={ALLOWED}".encode()).decode()

CONTROLS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\U000e0000-\U000e007f]"
)
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07 gone\rError: fake\r\n\nError: faked line \x9b31m \u202eevil\u202c \u2066x\u2069 "
    "\u200bhidden\ufeff \x7f \u2028 \U000e0041"
)

WRONG: dict[str, dict[str, Any]] = {
    "name": {"name": SECRET},
    "description": {"description": SECRET},
    "image_id": {"image_id": ALLOWED},
    "key_pair_names": {"endpoints": {"SSH": {"key_pair_names": [ALLOWED * 20]}}},
    "allowed_access_ips": {"endpoints": {"SSH": {"allowed_access_ips": [ALLOWED]}}},
    "script": {"hooks": {"post_start": {"script": ALLOWED}}},
    "command": {"hooks": {"pre_start": {"script": SECRET, "type": "COMMAND"}}},
    "hook type": {"hooks": {"post_start": {"script": "/x", "type": ALLOWED}}},
    "hook mode": {"hooks": {"post_start": {"script": "/x", "mode": ALLOWED}}},
    "category": {"storage": {"category": ALLOWED}},
    "ownership": {"storage": {"ownership": ALLOWED}},
    "storage uri": {"storage": {"uri": ALLOWED}},
    "storage id": {"storage": {"id": ALLOWED}},
    "dew_secret_name": {"storage": {"dew_secret_name": ALLOWED}},
    "auto-stop type": {"auto_stop": {"type": ALLOWED, "duration": "4h"}},
    "duration": {"auto_stop": {"duration": ALLOWED}},
    "desired_status": {"desired_status": ALLOWED},
    "tag": {"tags": {"team": SECRET}},
    "feature": {"feature": ALLOWED},
    "workspace_id": {"workspace_id": ALLOWED},
    "pool_id": {"pool_id": SECRET},
    "region": {"region": SECRET},
    "project_id": {"project_id": ALLOWED},
    "timeout": {"timeouts": {"create": ALLOWED}},
}


def with_variables(value: Any, variables: dict[str, Any]) -> Any:
    """The same with each secret text in a sensitive variable: Terraform prints literal lines of a configuration itself."""
    if isinstance(value, dict):
        return {key: with_variables(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [with_variables(item, variables) for item in value]
    if not isinstance(value, str) or ("hunter2" not in value and value != COMMAND):
        return value
    name = f"secret_{len(variables)}"
    variables[name] = value
    return f"${{var.{name}}}"


def planned(workspace: Workspace, attributes: dict[str, Any]) -> str:
    variables: dict[str, Any] = {}
    workspace.provider_block = with_variables(workspace.provider_block, variables)
    body = with_variables({**BASE, **attributes}, variables)
    declared = {name: {"type": "string", "sensitive": True} for name in variables}
    workspace.environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}
    workspace.write({"variable": declared, "resource": {"modelarts_notebook": {"this": body}}})
    run = workspace.plan().failed()
    human = workspace.run("plan", "-input=false", machine=False)
    return run.text + human.text


@pytest.mark.parametrize("where", WRONG)
def test_wrong_value_of_resource_is_not_printed(workspace: Workspace, where: str) -> None:
    printed = planned(workspace, WRONG[where])
    assert "hunter2" not in printed
    assert base64.b64encode(SECRET.encode()).decode() not in printed
    assert workspace.emulator.requests() == []


@pytest.mark.parametrize(
    ("secret", "operation", "repeated"),
    [
        ({"hooks": {"post_start": {"script": f"/home/{ALLOWED}.sh"}}}, "UpdateNotebook", f"/home/{ALLOWED}.sh"),
        ({"hooks": {"post_start": {"script": COMMAND, "type": "COMMAND"}}}, "UpdateNotebook", f"export P={ALLOWED}"),
        ({"tags": {"team": ALLOWED}}, "CreateNotebookTags", ALLOWED),
    ],
)
def test_sensitive_value_that_service_repeats_is_not_printed(
    workspace: Workspace, secret: dict[str, Any], operation: str, repeated: str
) -> None:
    workspace.configure()
    workspace.apply().ok()
    variables: dict[str, Any] = {}
    body = with_variables({**BASE, **secret}, variables)
    workspace.environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}
    declared = {name: {"type": "string", "sensitive": True} for name in variables}
    workspace.write({"variable": declared, "resource": {"modelarts_notebook": {"this": body}}})
    said = f"invalid parameter {repeated}!"
    workspace.emulator.add_fault(operation=operation, status=400, error_code="ModelArts.6792", error_msg=said)
    run = workspace.apply().failed()
    assert "invalid parameter ***!" in run.error_text()
    assert "hunter2" not in run.text


def test_controls_in_fail_reason_are_escaped(workspace: Workspace) -> None:
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.patch_notebook(workspace.id(), status="START_FAILED", fail_reason=HOSTILE)
    workspace.configure(flavor=CPU_8U, desired_status="RUNNING")
    run = workspace.plan()
    printed = [d["summary"] + d["detail"] for d in run.warnings + run.errors]
    assert any(r"\x1b[2J" in text and r"\u202e" in text and r"\n\nError: faked" in text for text in printed), printed
    assert not [text for text in printed if CONTROLS.search(text)]
    human = workspace.run("plan", "-input=false", machine=False).text
    warning = human[human.index("Warning:") :]
    assert not CONTROLS.search(warning.replace("\t", " "))


def test_controls_in_refusal_are_escaped_in_errors_and_logs(workspace: Workspace) -> None:
    workspace.configure()
    workspace.emulator.add_fault(
        operation="CreateNotebook", status=400, error_code="ModelArts.6792", error_msg=HOSTILE, count=5
    )
    run = workspace.apply().failed()
    texts = [d["summary"] + d["detail"] for d in run.warnings + run.errors]
    assert any(r"\x1b[2J" in text and r"\n\nError: faked" in text for text in texts), texts
    assert not [text for text in texts if CONTROLS.search(text)]


def test_line_break_of_service_begins_no_line(workspace: Workspace) -> None:
    """A name and an image's reason in details: ``Error: faked line`` would look like one of Terraform's."""
    workspace.configure()
    workspace.apply().ok()
    workspace.emulator.patch_notebook(workspace.id(), name=HOSTILE)
    workspace.configure(flavor=CPU_8U, lifecycle={"ignore_changes": ["name"]})
    workspace.emulator.fail_next("create-image", HOSTILE)
    image = workspace.emulator.api(
        "POST", f"/notebooks/{workspace.id()}/create-image", {"name": "saved", "namespace": "team"}
    )
    renamed = workspace.plan().ok()
    workspace.provider_block["check_flavors_at_plan"] = True
    workspace.configure(image_id=image["id"])
    texts = [each["detail"] for each in (*renamed.warnings, *workspace.plan().failed().errors)]
    assert len([text for text in texts if r"\n\nError: faked line" in text]) == 2, texts
    assert not [text for text in texts if "\n" in text]


@pytest.mark.parametrize("by", ["block", "environment"])
def test_insecure_is_warned_of_in_plan_and_apply(workspace: Workspace, by: str) -> None:
    two = {"resource": {"modelarts_notebook": {"one": BASE, "two": {**BASE, "name": "nb2"}}}}
    with served_provider({"HW_INSECURE": "true"} if by == "environment" else {}) as value:
        workspace.environment["TF_REATTACH_PROVIDERS"] = value
        if by == "block":
            workspace.provider_block["insecure"] = True
        workspace.write(two)
        for run in (workspace.plan("-out=saved").ok(), workspace.run("apply", "-input=false", "saved").ok()):
            found = [each for each in run.warnings if "verify certificates" in each["summary"]]
            assert len(found) == 1, run.text
            assert ("HW_INSECURE" in found[0]["detail"]) == (by == "environment")
        workspace.provider_block["insecure"] = False
        workspace.write(two)
        assert "verify certificates" not in workspace.plan().ok().warning_text()
