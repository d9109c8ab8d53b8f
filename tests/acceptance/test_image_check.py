"""check_flavors_at_plan: an image that doesn't exist, or isn't active, is the plan's error, before anything is stopped."""

from __future__ import annotations

from typing import Any

import pytest
from terraform_workspace import CPU_8U, IMAGE, Run, Workspace

NO_IMAGE = "00000000-0000-4000-8000-000000000000"
POOL = "pool-emulator-0001"

LIST, IMAGE_CALL, READ = "ListFlavors", "ShowImage", "ShowNotebook"


@pytest.fixture
def checked(workspace: Workspace) -> Workspace:
    workspace.provider_block |= {"check_flavors_at_plan": True, "max_retries": 0}
    return workspace


def asked(workspace: Workspace) -> list[str]:
    return [call["operation"] for call in workspace.emulator.requests()]


def refused(run: Run, *words: str) -> None:
    """One error, at image_id, with these words and the way out."""
    [error] = run.failed().errors
    assert '"image_id"' in error["snippet"]["code"]
    text = " ".join(f"{error['summary']} {error['detail']}".split())
    assert [word for word in (*words, "check_flavors_at_plan = false") if word not in text] == [], text


def saved_image(workspace: Workspace, name: str = "saved") -> str:
    """The id of an image that is made of a notebook, a custom one; the notebook is gone again."""
    body = {"name": "source", "flavor": CPU_8U, "image_id": IMAGE}
    body["volume"] = {"category": "EVS", "ownership": "MANAGED", "capacity": 5}  # type: ignore[assignment]
    source = workspace.emulator.api("POST", "/notebooks", body)["id"]
    image = workspace.emulator.api("POST", f"/notebooks/{source}/create-image", {"name": name, "namespace": "team"})
    workspace.emulator.drop_notebook(source)
    workspace.emulator.clear_requests()
    return str(image["id"])


@pytest.mark.parametrize("pool", [None, POOL])
def test_a_new_notebook_with_a_missing_image(checked: Workspace, pool: str | None) -> None:
    checked.configure(image_id=NO_IMAGE, flavor=CPU_8U, pool_id=pool)

    refused(checked.plan(), f'Image "{NO_IMAGE}" of notebook "nb"', "doesn't exist", "cn-north-4", "ModelArts.6797")

    assert asked(checked) == ([IMAGE_CALL] if pool else [LIST, IMAGE_CALL])


def test_a_missing_image_and_a_missing_flavor_are_both_told(checked: Workspace) -> None:
    checked.configure(image_id=NO_IMAGE, flavor="modelarts.vm.cpu.3u")
    errors = checked.plan().failed().errors
    assert sorted(error["summary"].split()[0] for error in errors) == ["Flavor", "Image"]


def test_an_image_is_checked_where_the_flavor_is_known_later(checked: Workspace) -> None:
    body = {"name": "nb", "flavor": "${terraform_data.flavor.output}", "image_id": NO_IMAGE, "storage": {"size": 10}}
    flavor = {"flavor": {"input": CPU_8U}}
    checked.write({"resource": {"terraform_data": flavor, "modelarts_notebook": {"this": body}}})
    refused(checked.plan(), "doesn't exist")


def test_an_update_to_a_missing_image_is_refused_before_the_stop(checked: Workspace) -> None:
    checked.configure()
    checked.apply().ok()
    checked.fresh_provider()
    checked.emulator.clear_requests()
    checked.configure(image_id=NO_IMAGE)

    refused(checked.apply(), "doesn't exist", "terraform destroy -refresh=false")

    assert asked(checked) == [READ, LIST, IMAGE_CALL]
    assert checked.there()["status"] == "RUNNING"


def test_an_image_of_another_project_looks_the_same(checked: Workspace) -> None:
    image = saved_image(checked)
    checked.provider_block["region"] = "ap-southeast-3"
    checked.provider_block["project_id"] = None
    checked.configure(image_id=image)
    refused(checked.plan(), "doesn't exist", "can't see it", "ap-southeast-3")


def test_an_image_whose_making_failed(checked: Workspace) -> None:
    checked.emulator.fail_next("create-image", "the registry is full")
    checked.configure(image_id=saved_image(checked))

    refused(checked.plan(), "is not active", "saved", "CREATE_FAILED: the registry is full", "Choose another image")

    assert checked.calls() == []


def test_an_image_that_is_saved_meanwhile_passes_once_it_is_active(checked: Workspace) -> None:
    checked.configure(image_id=saved_image(checked))
    checked.plan().ok()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 403, "error_code": "ModelArts.0112", "error_msg": "no"},
        {"status": 400, "error_code": "ModelArts.6407", "error_msg": "no"},
    ],
    ids=str,
)
def test_who_may_not_look_at_images_hears_nothing(checked: Workspace, fault: dict[str, Any]) -> None:
    """It says nothing about the image: creating needs no permission to read images."""
    checked.emulator.add_fault(operation=IMAGE_CALL, count=0, **fault)
    checked.configure(image_id=NO_IMAGE)
    assert checked.plan().ok().warnings == []


@pytest.mark.parametrize("fault", [{"status": 503}, {"cut": "before"}, {"status": 400, "error_code": "X.1"}], ids=str)
def test_an_image_that_can_not_be_looked_up_is_a_warning(checked: Workspace, fault: dict[str, Any]) -> None:
    checked.emulator.add_fault(operation=IMAGE_CALL, count=0, **fault)
    body = {"flavor": CPU_8U, "image_id": IMAGE, "storage": {"size": 10}}
    checked.write({"resource": {"modelarts_notebook": {name: {**body, "name": name} for name in ("one", "two")}}})

    run = checked.plan().ok()

    assert run.actions == ["create", "create"]
    assert {warning["summary"] for warning in run.warnings} == {"Images could not be checked"}
    assert asked(checked) == [LIST, IMAGE_CALL]


def test_an_image_that_stays_is_not_judged(checked: Workspace) -> None:
    """A retired image doesn't block a change of the flavor: the update doesn't send it."""
    checked.configure()
    checked.apply().ok()
    checked.emulator.add_fault(operation=IMAGE_CALL, count=0, status=400, error_code="ModelArts.6797", error_msg="no")
    checked.configure(flavor=CPU_8U)
    assert checked.plan().ok().actions == ["update"]


def test_it_is_off_unless_asked_for(workspace: Workspace) -> None:
    workspace.configure(image_id=NO_IMAGE)
    workspace.plan().ok()
    assert asked(workspace) == []
