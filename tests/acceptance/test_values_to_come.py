"""A value that is known during the apply only counts as the widest change, and may turn out to be none."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import BASE, CPU_2U, CPU_8U, IMAGE, OTHER_IMAGE, Workspace

REF = "${terraform_data.later.output.value}"
SSH = {"key_pair_names": ["k1"], "allowed_access_ips": ["8.8.8.8"]}

FIELDS: dict[str, tuple[Any, Any, Any]] = {
    # the attribute with the value to come; the value that it has, and another one
    "name": ({"name": REF}, "nb", "other"),
    "description": ({"description": REF}, "x", "y"),
    "flavor": ({"flavor": REF}, CPU_2U, CPU_8U),
    "image_id": ({"image_id": REF}, IMAGE, OTHER_IMAGE),
    "size": ({"storage": {"size": REF}}, 10, 20),
    "addresses": ({"endpoints": {"SSH": {**SSH, "allowed_access_ips": REF}}}, ["8.8.8.8"], ["1.1.1.1"]),
    "keys": ({"endpoints": {"SSH": {**SSH, "key_pair_names": REF}}}, ["k1"], ["k1", "k2"]),
    "endpoints": ({"endpoints": REF}, {"SSH": SSH}, {"SSH": SSH, "NOTEBOOK": {"allowed_access_ips": ["1.1.1.1"]}}),
    "script": ({"hooks": {"post_start": {"script": REF}}}, "/home/ma-user/work/a.sh", "/home/ma-user/work/b.sh"),
    "hooks": ({"hooks": REF}, {"post_start": {"script": "/x"}}, {"pre_start": {"script": "/x"}}),
    "auto_stop": ({"auto_stop": {"duration": REF}}, "4h", "5h"),
    "desired_status": ({"desired_status": REF}, "RUNNING", "STOPPED"),
    "tags": ({"tags": REF}, {"team": "a"}, {"team": "b"}),
    "tag": ({"tags": {"team": REF}}, "a", "b"),
}


def written(workspace: Workspace, reference: dict[str, Any], value: Any, serial: int) -> None:
    """A notebook that refers to a resource which is made anew with each serial."""
    later = {"input": {"value": value, "serial": serial}, "triggers_replace": [serial]}
    resources = {"modelarts_notebook": {"this": {**BASE, **reference}}, "terraform_data": {"later": later}}
    workspace.write({"resource": resources})


@pytest.mark.parametrize("field", FIELDS)
def test_it_turns_out_to_be_the_same_or_a_change(workspace: Workspace, field: str) -> None:
    reference, same, other = FIELDS[field]
    workspace.emulator.reset(rules="observed", quota=0)
    written(workspace, reference, same, 1)
    workspace.apply().ok()
    workspace.emulator.clear_requests()

    written(workspace, reference, same, 2)
    workspace.apply().ok()
    assert workspace.calls() == []
    workspace.clean()

    written(workspace, reference, other, 3)
    workspace.apply().ok()
    assert workspace.calls() != []
    workspace.clean()
