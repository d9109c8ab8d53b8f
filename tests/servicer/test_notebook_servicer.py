"""A notebook through the transport-free servicer: what runs at once, what fails and how that is told, what is kept."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from notebook_scenarios import CPU_8U, IMAGE_CPU_NEWER, SIMPLE, Stage
from terraform_core import Failed, State
from terraform_values import UNKNOWN, same, to_json

from modelarts_emulator.testing import Control


@pytest.fixture
def clean(stage: Stage) -> Stage:
    stage.reset()
    return stage


@contextlib.contextmanager
def another(stage: Stage, **block: Any) -> Iterator[Stage]:
    """A second provider with another provider block, on the same loop."""
    other = Stage(stage.emulator, stage._runner, **block)
    try:
        yield other
    finally:
        other.close()


def made(stage: Stage, **more: Any) -> State:
    _, state = stage.run(stage.core.converge(None, {**SIMPLE, **more}))
    stage.emulator.clear_requests()
    return state


def writes(emulator: Control) -> list[str]:
    return [call["operation"] for call in emulator.requests() if call["method"] != "GET"]


def most_at_once(calls: list[dict[str, Any]]) -> int:
    """How many of the calls were under way at one moment, by the log of the service."""
    return max(
        sum(1 for other in calls if other["at"] <= call["at"] < other["at"] + other["duration_ms"]) for call in calls
    )


def test_ten_slow_creates_are_under_way_at_once(clean: Stage) -> None:
    clean.emulator.add_fault(operation="CreateNotebook", count=0, latency_ms=2_500)

    async def create(name: str) -> State | None:
        return await clean.core.apply(await clean.core.plan(None, {**SIMPLE, "name": name}))

    async def ten() -> list[State | None]:
        return await asyncio.gather(*(create(f"nb{number}") for number in range(10)))

    states = clean.run(ten())

    assert len({state.values["id"] for state in states if state}) == 10
    calls = clean.emulator.requests(operation="CreateNotebook")
    assert len(calls) == 10
    assert most_at_once(calls) == 10


def test_calls_one_after_the_other_are_not_at_once(clean: Stage) -> None:
    """The positive control of the count."""
    for number in range(3):
        made(clean, name=f"nb{number}")
    clean.emulator.add_fault(operation="ShowNotebook", count=0, latency_ms=20)
    state = made(clean)
    for _ in range(3):
        clean.run(clean.core.refresh(state))
    assert most_at_once(clean.emulator.requests(operation="ShowNotebook")) == 1


def test_a_stop_ends_the_wait_of_a_create_and_keeps_what_was_made(clean: Stage) -> None:
    clean.emulator.add_fault(operation="ShowNotebook", count=0, latency_ms=60_000)

    async def stopped(stage: Stage) -> Failed:
        apply = asyncio.ensure_future(stage.core.apply(await stage.core.plan(None, SIMPLE)))
        for _ in range(3_000):
            if apply.done() or clean.emulator.requests(operation="ShowNotebook"):
                break
            await asyncio.sleep(0.01)
        await stage.servicer("StopProvider", b"")
        with pytest.raises(Failed) as failed:
            await asyncio.wait_for(apply, timeout=30)
        return failed.value

    with another(clean) as stage:
        failed = clean.run(stopped(stage))

    assert failed.state is not None
    assert failed.state.values["id"] == clean.emulator.notebooks()[0]["id"]
    assert "stop was asked for" in failed.diagnostics[0]["detail"]
    assert "terraform untaint" in failed.diagnostics[0]["detail"]


REFUSED = {"status": 400, "error_code": "ModelArts.6336", "error_msg": "no such value"}


@pytest.mark.parametrize(
    ("fault", "change", "code", "kept"),
    [
        ({"operation": "UpdateNotebook", **REFUSED}, {"name": "x"}, "ModelArts.6336", {"name": "nb"}),
        ({"operation": "UpdateNotebook", **REFUSED}, {"flavor": CPU_8U}, "ModelArts.6336", {"status": "RUNNING"}),
        (
            {"operation": "StopNotebook", "status": 403, "error_code": "ModelArts.0010", "error_msg": "denied"},
            {"flavor": CPU_8U},
            "ModelArts.0010",
            {"status": "RUNNING"},
        ),
    ],
)
def test_an_update_that_fails_tells_the_code_and_keeps_the_truth(
    clean: Stage, fault: dict[str, Any], change: dict[str, Any], code: str, kept: dict[str, Any]
) -> None:
    state = made(clean)
    config = {**SIMPLE, **change}
    clean.emulator.add_fault(**fault, count=0)

    with pytest.raises(Failed) as failed:
        clean.run(clean.core.converge(state, config))

    clean.emulator.clear_faults()
    (told,) = failed.value.diagnostics
    ids = [call["request_id"] for call in clean.emulator.requests() if call["error_code"] == code]
    assert 'Unable to update notebook "nb"' in told["summary"]
    assert code in told["detail"]
    assert any(each in told["detail"] for each in ids)
    after = failed.value.state
    assert after is not None
    assert after.values["id"] == state.values["id"]
    assert {name: after.values[name] for name in kept} == kept
    fresh = clean.run(clean.core.refresh(after))
    assert fresh is not None
    assert same(fresh.values, after.values)
    plan, _ = clean.run(clean.core.converge(fresh, config))
    assert plan.action == "update"


def test_an_update_that_the_service_ignores_is_an_error_and_never_an_inconsistent_result(clean: Stage) -> None:
    ssh = {"SSH": {"key_pair_names": ["k1"]}}
    state = made(clean, endpoints=ssh)
    clean.emulator.add_fault(operation="UpdateNotebook", status=200, nth=1, count=1)
    with pytest.raises(Failed, match="did not become what was asked for") as failed:
        clean.run(clean.core.converge(state, SIMPLE))
    assert failed.value.state is not None
    assert failed.value.state.values["endpoints"].keys() == {"SSH"}
    plan, mended = clean.run(clean.core.converge(failed.value.state, SIMPLE))
    assert (plan.action, mended.values["endpoints"]) == ("update", None)


def test_a_create_that_ends_in_a_failed_state_is_kept_and_named(clean: Stage) -> None:
    clean.emulator.fail_next("create", "no address left")
    with pytest.raises(Failed) as failed:
        clean.run(clean.core.converge(None, SIMPLE))
    told = failed.value.diagnostics[0]
    assert 'Unable to create notebook "nb"' in told["summary"]
    for words in ("CREATE_FAILED", "no address left", "terraform untaint"):
        assert words in told["detail"]
    state = failed.value.state
    assert state is not None
    assert (state.values["status"], state.values["fail_reason"]) == ("CREATE_FAILED", "no address left")
    assert clean.run(clean.core.refresh(state)) is not None
    assert clean.run(clean.core.apply(clean.run(clean.core.plan(state, None)))) is None
    assert clean.emulator.notebooks() == []


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ({"secret_key": "wrong"}, "APIGW."),
        ({"access_key": "stranger-access-key", "secret_key": "stranger-secret-key"}, ""),
    ],
    ids=["wrong key", "another account's key"],
)
def test_an_answer_that_is_no_notebook_never_counts_as_gone(clean: Stage, block: dict[str, Any], code: str) -> None:
    state = made(clean)
    with another(clean, **block) as stranger:
        with pytest.raises(Failed) as failed:
            stranger.run(stranger.core.refresh(state))
        with pytest.raises(Failed) as created:
            stranger.run(stranger.core.converge(None, {**SIMPLE, "name": "other"}))
    told = failed.value.diagnostics[0]
    log = [call for call in clean.emulator.requests(operation="ShowNotebook") if call["status"] != 200]
    assert 'Unable to read notebook "nb"' in told["summary"]
    assert code in told["detail"]
    assert log[-1]["request_id"] in told["detail"]
    assert created.value.state is None
    assert len(clean.emulator.notebooks()) == 1


def test_an_instance_that_is_gone_is_planned_anew(clean: Stage) -> None:
    state = made(clean)
    clean.emulator.drop_notebook(state.values["id"])
    assert clean.run(clean.core.refresh(state)) is None


def test_an_import_of_what_does_not_exist_tells_the_place(clean: Stage) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(Failed) as failed:
        clean.run(clean.core.import_(missing))
    told = failed.value.diagnostics[0]
    assert missing in told["summary"]
    for words in (clean.emulator.region, clean.emulator.project_id, "ModelArts.6404", "Nothing was imported"):
        assert words in told["detail"]
    assert clean.emulator.requests()[-1]["request_id"] in told["detail"]


def test_a_size_that_turns_out_smaller_is_refused_before_any_call(clean: Stage) -> None:
    state = made(clean)
    plan = clean.run(clean.core.plan(state, {**SIMPLE, "storage": {"size": UNKNOWN}}))
    clean.emulator.clear_requests()
    with pytest.raises(Failed, match="the disk has 10 GB"):
        clean.run(clean.core.apply(plan, {**SIMPLE, "storage": {"size": 5}}))
    assert clean.emulator.requests() == []


@pytest.mark.parametrize("values", [{"storage": {"size": 5000}}, {"image_id": "a b"}, {"storage": {"category": "OBS"}}])
def test_what_validate_refuses_calls_nothing(clean: Stage, values: dict[str, Any]) -> None:
    with pytest.raises(Failed) as failed:
        clean.run(clean.core.plan(None, {**SIMPLE, **values}))
    assert failed.value.call == "ValidateResourceConfig"
    assert clean.emulator.requests() == []


@pytest.mark.parametrize("values", [{"name": "a b"}, {"description": "a/b"}, {"tags": {"a*b": "c"}}])
def test_what_no_new_notebook_can_have_calls_nothing(clean: Stage, values: dict[str, Any]) -> None:
    with pytest.raises(Failed) as failed:
        clean.run(clean.core.plan(None, {**SIMPLE, **values}))
    assert failed.value.call == "PlanResourceChange"
    assert clean.emulator.requests() == []


def test_changing_only_timeouts_calls_nothing(clean: Stage) -> None:
    state = made(clean)
    plan = clean.run(clean.core.plan(state, {**SIMPLE, "timeouts": {"update": "5m"}}))
    after = clean.run(clean.core.apply(plan))
    assert (plan.action, plan.warnings) == ("update", ())
    assert after is not None
    assert after.values == state.values | {"timeouts": after.values["timeouts"]}
    assert clean.emulator.requests() == []


def test_renaming_a_stopped_notebook_never_starts_it(clean: Stage) -> None:
    state = made(clean)
    clean.emulator.patch_notebook(state.values["id"], status="STOPPED")
    seen = clean.run(clean.core.refresh(state))
    clean.emulator.clear_requests()
    plan, after = clean.run(clean.core.converge(seen, {**SIMPLE, "name": "renamed"}))
    assert writes(clean.emulator) == ["UpdateNotebook"]
    assert (plan.warnings, after.values["status"]) == ((), "STOPPED")


def test_a_saved_image_is_no_change_of_the_configured_one(clean: Stage) -> None:
    """Rule 8, through Terraform's eyes: a configured other image is one."""
    state = made(clean)
    plan, after = clean.run(clean.core.converge(state, {**SIMPLE, "image_id": IMAGE_CPU_NEWER}))
    assert (plan.action, after.values["image"]["id"]) == ("update", IMAGE_CPU_NEWER)


NEWER = ("tags", "tags_all", "auto_stop", "desired_status", "deletion_protection", "allow_stopping_for_update")


@pytest.mark.parametrize("lacking", [NEWER, ("timeouts", "hooks"), ("action_progress", "billing_items", "user", "url")])
def test_a_state_of_an_older_provider_is_read_and_nothing_changes(clean: Stage, lacking: tuple[str, ...]) -> None:
    state = made(clean)
    document = json.loads(to_json(state.values))
    old = json.dumps({name: value for name, value in document.items() if name not in lacking}).encode()
    upgraded = clean.run(clean.core.upgrade(old))
    assert upgraded.keys() == state.values.keys()
    fresh = clean.run(clean.core.refresh(State(upgraded, state.private)))
    assert fresh is not None
    assert clean.run(clean.core.plan(fresh, SIMPLE)).action == "no-op"


def test_unknown_settings_let_a_new_instance_be_planned_and_name_what_a_read_needs(clean: Stage) -> None:
    """Rule 11."""
    state = made(clean)
    with another(clean, secret_key=UNKNOWN) as early:
        plan = early.run(early.core.plan(None, SIMPLE))
        assert (plan.action, plan.planned and plan.planned["region"]) == ("create", clean.emulator.region)
        with pytest.raises(Failed, match="secret_key can't be known before"):
            early.run(early.core.refresh(state))
    assert clean.emulator.requests() == []
