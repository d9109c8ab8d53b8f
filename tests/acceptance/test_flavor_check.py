"""check_flavors_at_plan: a flavor that can't be had is the plan's error, before anything is stopped; what that costs in calls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from serving import served_provider
from terraform_workspace import CPU_2U, CPU_8U, IMAGE, Run, Workspace

GPU_SOLD_OUT = "modelarts.bm.gpu.v100NV32"
GPU = "modelarts.vm.gpu.t4u8"
ARM = "modelarts.vm.arm.cpu.8u"
POOL_ONLY = "modelarts.pool.cpu.16u"
POOL = "pool-emulator-0001"
GPU_IMAGE = "59a6e9f5-93c0-44dd-85b0-82f390c5d53a"
ARM_IMAGE = "c5e35b1e-7d1f-4b7a-8a53-1f0f5d7d3e22"

LIST, IMAGE_CALL, READ = "ListFlavors", "ShowImage", "ShowNotebook"


@pytest.fixture
def checked(workspace: Workspace) -> Workspace:
    workspace.provider_block |= {"check_flavors_at_plan": True}
    return workspace


def asked(workspace: Workspace) -> list[str]:
    """The operations that the API saw, in order."""
    return [call["operation"] for call in workspace.emulator.requests()]


def refused(run: Run, attribute: str, *words: str) -> None:
    """One error, at that attribute's line, with these words."""
    [error] = run.failed().errors
    assert f'"{attribute}"' in error["snippet"]["code"]
    text = " ".join(f"{error['summary']} {error['detail']}".split())
    assert [word for word in words if word not in text] == [], text
    assert "check_flavors_at_plan = false" in text


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        (
            {"flavor": "modelarts.vm.cpu.3u"},
            ("doesn't exist", f"closest that fit are {CPU_2U}, {CPU_8U}", "cn-north-4"),
        ),
        ({"flavor": "ml.t3.medium"}, ("doesn't exist", "It has", CPU_2U)),
        ({"flavor": GPU_SOLD_OUT, "image_id": GPU_IMAGE}, ("is sold out", "To be had now", GPU)),
        ({"flavor": ARM}, ("doesn't fit", "aarch64", "x86_64", "Flavors that fit", CPU_8U)),
        ({"flavor": GPU}, ("doesn't fit", "a GPU machine", "runs on CPU")),
        ({"flavor": POOL_ONLY}, ("doesn't exist",)),
        ({"flavor": "modelarts.vm.cpu.free"}, ("doesn't exist",)),
    ],
    ids=lambda value: value.get("flavor", "") if isinstance(value, dict) else "",
)
def test_a_new_notebook(checked: Workspace, attributes: dict[str, Any], words: tuple[str, ...]) -> None:
    checked.configure(attributes)

    refused(checked.plan(), "flavor", *words)

    assert asked(checked) == [LIST, IMAGE_CALL]


def test_it_is_off_unless_asked_for(workspace: Workspace) -> None:
    workspace.configure(flavor="modelarts.vm.cpu.3u")
    workspace.plan().ok()
    assert asked(workspace) == []


def test_the_environment_switches_it_on(workspace: Workspace) -> None:
    workspace.configure(flavor="modelarts.vm.cpu.3u")
    with served_provider({"HW_CHECK_FLAVORS_AT_PLAN": "true"}) as value:
        workspace.environment["TF_REATTACH_PROVIDERS"] = value
        refused(workspace.plan(), "flavor", "doesn't exist")


@pytest.mark.parametrize(
    ("change", "attribute", "words"),
    [
        ({"flavor": "modelarts.vm.cpu.3u"}, "flavor", ("doesn't exist",)),
        ({"flavor": GPU_SOLD_OUT, "image_id": GPU_IMAGE}, "flavor", ("is sold out",)),
        ({"flavor": GPU_SOLD_OUT, "image_id": GPU_IMAGE, "adopt_existing": True}, "flavor", ("is sold out",)),
        ({"flavor": ARM}, "flavor", ("doesn't fit",)),
        ({"image_id": ARM_IMAGE}, "image_id", ("doesn't fit", "aarch64", ARM)),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_an_update_is_refused_before_the_stop(
    checked: Workspace, change: dict[str, Any], attribute: str, words: tuple[str, ...]
) -> None:
    checked.configure()
    checked.apply().ok()
    checked.fresh_provider()
    checked.emulator.clear_requests()
    checked.configure(change)

    refused(checked.apply(), attribute, *words, "terraform destroy -refresh=false")

    assert asked(checked) == [READ, LIST, IMAGE_CALL]
    assert checked.there()["status"] == "RUNNING"


def test_the_way_out_for_who_wants_to_destroy_is_one(checked: Workspace) -> None:
    checked.configure()
    checked.apply().ok()
    checked.configure(flavor="modelarts.vm.cpu.3u")

    refused(checked.destroy(), "flavor", "doesn't exist", "terraform destroy -refresh=false")
    checked.destroy("-refresh=false").ok()

    assert checked.state() is None


def test_a_change_that_fits_costs_one_list_and_one_image_for_each_command(checked: Workspace) -> None:
    body = {"image_id": IMAGE, "storage": {"size": 10}}
    names = [f"n{number}" for number in range(4)]

    def write(flavor: str) -> None:
        notebooks = {name: {**body, "name": name, "flavor": flavor} for name in names}
        checked.write({"resource": {"modelarts_notebook": notebooks}})

    write(CPU_2U)
    checked.plan().ok()
    assert sorted(asked(checked)) == [LIST, IMAGE_CALL]
    checked.apply().ok()
    checked.emulator.clear_requests()
    write(CPU_8U)

    assert checked.plan().ok().actions == ["update"] * 4

    assert sorted(asked(checked)) == [LIST, IMAGE_CALL, *[READ] * 4]
    checked.emulator.clear_requests()
    checked.apply().ok()
    assert (asked(checked).count(LIST), asked(checked).count(IMAGE_CALL)) == (APPLY_LOOKS, APPLY_LOOKS)


APPLY_LOOKS = 2
"""A plan, and the plan inside the apply: Terraform configures the provider for each."""


def test_a_plan_without_a_choice_calls_nothing_more(checked: Workspace) -> None:
    checked.configure()
    checked.apply().ok()
    checked.emulator.clear_requests()
    checked.configure(description="another", storage={"size": 20})

    checked.plan().ok()

    assert asked(checked) == [READ]


def test_a_flavor_that_is_known_later_is_checked_before_anything_is_called(checked: Workspace) -> None:
    resources = {
        "terraform_data": {"chosen": {"input": "modelarts.vm.cpu.3u"}},
        "modelarts_notebook": {
            "this": {
                "name": "nb",
                "flavor": "${terraform_data.chosen.output}",
                "image_id": IMAGE,
                "storage": {"size": 10},
            }
        },
    }
    checked.write({"resource": resources})
    assert checked.plan().ok().warnings == []
    assert asked(checked) == [IMAGE_CALL]
    checked.emulator.clear_requests()

    refused(checked.apply(), "flavor", "doesn't exist")

    assert asked(checked) == [IMAGE_CALL, LIST, IMAGE_CALL]


def test_a_provider_that_is_known_later_is_not_asked(checked: Workspace) -> None:
    checked.provider_block |= {"secret_key": "${terraform_data.secret.output}"}
    notebook = {"name": "nb", "flavor": "modelarts.vm.cpu.3u", "image_id": IMAGE, "storage": {"size": 10}}
    secret = {"input": checked.emulator.secret_key}
    checked.write({"resource": {"terraform_data": {"secret": secret}, "modelarts_notebook": {"this": notebook}}})

    assert checked.plan().ok().warnings == []

    assert asked(checked) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            {"status": 403, "error_code": "ModelArts.0112", "error_msg": "no"},
            ("ModelArts.0112", "Ask an administrator"),
        ),
        ({"status": 503}, ("503", "request id")),
        ({"cut": "before"}, ("cut the connection",)),
    ],
    ids=str,
)
def test_a_list_that_can_not_be_read_is_a_warning(
    checked: Workspace, fault: dict[str, Any], words: tuple[str, ...]
) -> None:
    """Told once for all notebooks, and asked for once: a failing service isn't asked again for each of them."""
    checked.provider_block |= {"max_retries": 0}
    checked.emulator.add_fault(operation=LIST, count=0, **fault)
    body = {"flavor": CPU_2U, "image_id": IMAGE, "storage": {"size": 10}}
    checked.write({"resource": {"modelarts_notebook": {name: {**body, "name": name} for name in ("one", "two")}}})

    run = checked.plan().ok()

    assert run.actions == ["create", "create"]
    assert {warning["summary"] for warning in run.warnings} == {"Flavors could not be checked"}
    text = " ".join(run.warning_text().split())
    assert [word for word in (*words, "The plan goes on") if word not in text] == []
    assert asked(checked) == [LIST]


def test_a_login_that_fails_is_a_warning(checked: Workspace) -> None:
    checked.provider_block |= {"secret_key": "wrong", "project_id": None}
    checked.configure()
    run = checked.plan().ok()
    assert [warning["summary"] for warning in run.warnings] == ["Flavors could not be checked"]
    assert "APIGW.0301" in run.warning_text()


def test_a_pool_s_flavors_are_not_looked_up(checked: Workspace) -> None:
    checked.configure(flavor=POOL_ONLY, pool_id=POOL)
    checked.plan().ok()
    assert asked(checked) == [IMAGE_CALL]


def test_a_flavor_that_is_sold_out_meanwhile_may_keep_the_notebook_from_starting_again(checked: Workspace) -> None:
    checked.configure(flavor=CPU_8U)
    checked.apply().ok()
    checked.fresh_provider()
    checked.emulator.set_sold_out(CPU_8U)
    checked.configure(flavor=CPU_8U, image_id=GPU_IMAGE)
    checked.emulator.clear_requests()

    run = checked.plan().ok()

    assert "is sold out" in run.warning_text()
    assert CPU_2U in run.warning_text()


def test_a_killed_create_of_a_flavor_that_is_now_sold_out_can_be_taken_over(checked: Workspace) -> None:
    checked.emulator.set_sold_out(CPU_8U)
    checked.configure(flavor=CPU_8U, adopt_existing=True)

    run = checked.plan().ok()

    assert "adopt_existing may find one" in run.warning_text()


def test_the_plan_is_the_same_with_and_without(checked: Workspace) -> None:
    """It only says more: the planned values are those of a plan without the check."""
    checked.configure()
    with_check = checked.plan("-out=with.plan").ok()
    checked.provider_block |= {"check_flavors_at_plan": False}
    checked.configure()
    without = checked.plan("-out=without.plan").ok()
    assert with_check.actions == without.actions == ["create"]
    assert planned(checked, "with.plan") == planned(checked, "without.plan")
    checked.run("apply", "-input=false", "with.plan").ok()


def planned(workspace: Workspace, plan: str) -> Any:
    return json.loads(workspace.run("show", "-json", plan, machine=False).text)["resource_changes"]
