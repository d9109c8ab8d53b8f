"""What exists can be managed, whatever it is called; what is new follows the API's documents; addresses are warned of."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import ADDRESS, Workspace, tags_there

ODD: dict[str, Any] = {
    "name": "训练-1",
    "description": "a / b: <c & \"d\" 'e'>",
    "tags": {"a*b": "<c>, d", "成本/中心": "e;f", "team": "ml"},
}
MADE_SO = [
    *({"name": name} for name in ("训练-1", "a b", "nb.1", "x" * 129)),
    *({"description": text} for text in ("a/b", "<a>", "a & b", "d" * 513)),
    *({"tags": tags} for tags in ({"a*b": "c"}, {"a/b": "c"}, {"k": "a*b"}, {"k": "v" * 256}, {"_sys_x": "y"})),
]
WAY_OUT = "terraform destroy -refresh=false"


def existing(workspace: Workspace, **values: Any) -> str:
    """The id of a notebook that somebody made in the console; the API would not have taken these values."""
    body = {
        "name": "console",
        "flavor": "modelarts.vm.cpu.2u",
        "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
        "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 10},
    }
    identifier = str(workspace.emulator.api("POST", "/notebooks", body)["id"])
    workspace.emulator.patch_notebook(identifier, **values)
    return identifier


def imported(workspace: Workspace, **values: Any) -> None:
    """Import such a notebook with the configuration that Terraform generates, which it validates."""
    identifier = existing(workspace, **values)
    workspace.write({"import": [{"to": ADDRESS, "id": identifier}]})
    workspace.plan(f"-generate-config-out={workspace.folder / 'generated.tf'}").ok()
    assert (workspace.validate().code, workspace.validate().errors) == (0, [])
    workspace.apply().ok()
    workspace.clean()
    workspace.emulator.clear_requests()


def configured(workspace: Workspace, **changes: Any) -> None:
    """The same configuration, written out, with changes."""
    (workspace.folder / "generated.tf").unlink(missing_ok=True)
    workspace.configure({**ODD, "storage": {}, **changes})


def test_what_exists_is_imported_changed_and_destroyed(workspace: Workspace) -> None:
    imported(workspace, **ODD)
    configured(workspace, flavor="modelarts.vm.cpu.8u", tags={**ODD["tags"], "team": "other"})

    workspace.apply().ok()

    assert workspace.put_bodies() == [{"flavor": "modelarts.vm.cpu.8u"}]
    assert tags_there(workspace) == {**ODD["tags"], "team": "other"}
    assert workspace.there()["name"] == "训练-1"
    workspace.clean()

    configured(workspace, flavor="modelarts.vm.cpu.8u", name="training-1", description="fine", tags={"team": "ml"})
    workspace.apply().ok()
    assert tags_there(workspace) == {"team": "ml"}
    workspace.clean()

    configured(workspace)
    run = workspace.plan().failed()
    assert {each["summary"] for each in run.errors} == {
        "Invalid value for name",
        "Invalid value for description",
        'Invalid value for tags["a*b"]',
        'Invalid value for tags["成本/中心"]',
    }
    assert run.error_text().count(WAY_OUT) == len(run.errors)

    run = workspace.destroy().failed()
    assert WAY_OUT in run.error_text()
    workspace.destroy("-refresh=false").ok()
    assert workspace.state() is None


def test_what_exists_is_destroyed_as_it_is(workspace: Workspace) -> None:
    imported(workspace, **ODD)
    workspace.destroy().ok()
    assert workspace.state() is None


@pytest.mark.parametrize("values", MADE_SO, ids=lambda values: str(values)[:40])
def test_a_new_notebook_is_refused_at_plan(workspace: Workspace, values: dict[str, Any]) -> None:
    workspace.configure(values)

    assert workspace.validate().code == 0
    run = workspace.plan().failed()

    (error,) = run.errors
    (attribute,) = values
    assert error["summary"].startswith(f"Invalid value for {attribute}")
    assert WAY_OUT not in run.error_text()
    assert workspace.emulator.requests() == []


def test_a_rename_to_another_such_name_is_refused(workspace: Workspace) -> None:
    imported(workspace, **ODD)
    configured(workspace, name="训练-2")

    run = workspace.plan().failed()

    assert "must consist of letters, digits, hyphens and underscores" in run.error_text()
    assert WAY_OUT in run.error_text()
    assert workspace.calls() == []


def test_a_replacement_is_refused_before_anything_is_destroyed(workspace: Workspace) -> None:
    imported(workspace, name="训练-1")
    configured(workspace, description=None, tags=None, storage={"category": "EFS"})

    run = workspace.plan().failed()

    assert "the new one can't have this value" in run.error_text()
    assert workspace.calls() == []


@pytest.mark.parametrize("exists", [False, True])
def test_an_unknown_value_is_checked_before_any_call(workspace: Workspace, exists: bool) -> None:
    def write(name: str) -> None:
        notebook = {
            "name": "${terraform_data.name.output}",
            "tags": {"k": "${terraform_data.name.output}"},
            "flavor": "modelarts.vm.cpu.2u",
            "image_id": "e1a07296-22a8-4f05-8bc8-e936c8e54090",
            "storage": {},
        }
        resources = {"terraform_data": {"name": {"input": name}}, "modelarts_notebook": {"this": notebook}}
        workspace.write({"resource": resources})

    if exists:
        write("fine")
        workspace.apply().ok()
        workspace.emulator.clear_requests()
    write("a*b")

    workspace.plan().ok()
    run = workspace.apply().failed()

    assert "must consist of letters, digits, hyphens and underscores" in run.error_text()
    assert workspace.calls(marks=True) == []
    assert exists == (workspace.state() is not None)


def test_a_notebook_that_has_all_tags_that_the_service_takes(workspace: Workspace) -> None:
    tags = {f"k{number}": "" for number in range(20)}
    imported(workspace, name="full", tags=tags)
    configured(workspace, name="full", description=None, tags={**tags, "k0": "changed"}, flavor="modelarts.vm.cpu.8u")

    workspace.apply().ok()

    assert tags_there(workspace) == {**tags, "k0": "changed"}
    workspace.clean()


ADDRESSES = ["10.1.1.2", "100.64.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.1"]


def test_addresses_that_are_not_public_are_folded_warnings(workspace: Workspace) -> None:
    workspace.configure(count=12, endpoints={"SSH": {"key_pair_names": ["k"], "allowed_access_ips": ADDRESSES}})

    assert workspace.validate().code == 0
    run = workspace.run("plan", "-input=false", "-no-color", machine=False)
    assert run.code == 0, run.text
    assert run.text.count("Warning: Unusual value for endpoints[*].allowed_access_ips") == 1
    assert "only public addresses can connect" in " ".join(run.text.split())
    assert "more similar warnings elsewhere" in " ".join(run.text.split())

    workspace.configure(count=1, endpoints={"SSH": {"key_pair_names": ["k"], "allowed_access_ips": ADDRESSES}})
    run = workspace.apply().ok()
    assert all(address in run.warning_text() for address in ADDRESSES)
    there = workspace.emulator.requests(operation="CreateNotebook")[0]["body"]["endpoints"]
    assert sorted(there[0]["allowed_access_ips"]) == sorted(ADDRESSES)
    workspace.plan("-detailed-exitcode").ok()


def test_public_and_documentation_addresses_pass_silently(workspace: Workspace) -> None:
    addresses = ["192.0.2.1", "198.51.100.255", "203.0.113.7", "8.8.8.8"]
    workspace.configure(endpoints={"SSH": {"key_pair_names": ["k"], "allowed_access_ips": addresses}})

    run = workspace.apply().ok()

    assert run.warnings == []
    workspace.clean()
