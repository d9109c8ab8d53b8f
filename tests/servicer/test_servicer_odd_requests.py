"""Requests that Terraform doesn't send and another client may: each is answered with a diagnostic, and by no defect."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgpack
import pytest
from notebook_scenarios import NOTEBOOK, SIMPLE, Stage
from servicer_bench import STATE, Bench, Message, unpacked, value
from terraform_core import State
from terraform_rules import proposed_new
from terraform_values import complete, pack

from modelarts_provider.framework.protocol import codec

DEFECT = "The provider met a defect of its own"
UNKNOWN_VALUE = msgpack.ExtType(0, b"")
DEEP = b"\x91" * 5_000 + b"\xc0"
DEEP_JSON = b"[" * 100_000
LONG_NAME = "modelarts_" + "x" * 100_000

WHOLE: dict[str, Message | None] = {
    "absent": None,
    "empty": {},
    "null": {"msgpack": msgpack.packb(None)},
    "JSON null": {"json": b"null"},
    "unknown": {"msgpack": msgpack.packb(UNKNOWN_VALUE)},
    "a text": {"msgpack": msgpack.packb("x")},
    "a list": {"msgpack": msgpack.packb([{}])},
    "an object without attributes": {"msgpack": msgpack.packb({})},
    "a map with numbers as keys": {"msgpack": msgpack.packb({1: 2})},
    "another extension": {"msgpack": msgpack.packb(msgpack.ExtType(7, b"x"))},
    "no MessagePack": {"msgpack": b"\xc1"},
    "cut off": {"msgpack": b"\xdf\xff\xff\xff\xff"},
    "nested deep": {"msgpack": DEEP},
    "nested deep in JSON": {"json": DEEP_JSON},
    "a JSON text that isn't Unicode": {"json": b'{"name": "\\ud800"}'},
    "a JSON number of 5,000 digits": {"json": b'{"size": %s}' % (b"9" * 5_000)},
    "a JSON number out of range": {"json": b'{"size": 1e99999999999999999999}'},
}
NULLS = ("absent", "empty", "null", "JSON null")
FIELDS = (
    ("ValidateProviderConfig", "config"),
    ("ConfigureProvider", "config"),
    ("ValidateResourceConfig", "config"),
    ("ReadResource", "current_state"),
    ("PlanResourceChange", "config"),
    ("PlanResourceChange", "prior_state"),
    ("PlanResourceChange", "proposed_new_state"),
    ("ApplyResourceChange", "config"),
    ("ApplyResourceChange", "prior_state"),
    ("ApplyResourceChange", "planned_state"),
)
MAY_BE_NULL = {
    ("PlanResourceChange", "prior_state"),
    ("PlanResourceChange", "proposed_new_state"),
    ("ApplyResourceChange", "prior_state"),
    ("ApplyResourceChange", "planned_state"),
    ("ApplyResourceChange", "config"),
}
OF_A_TYPE = (
    "ValidateResourceConfig",
    "UpgradeResourceState",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def usual(method: str, stage: Stage, state: State) -> Message:
    """A request that the provider answers well."""
    core = stage.core
    config = pack(core.kind, complete(core.attributes, SIMPLE))
    prior = pack(core.kind, state.values)
    return {
        "ValidateResourceConfig": {"config": config},
        "ReadResource": {"current_state": prior},
        "PlanResourceChange": {"config": config, "prior_state": prior, "proposed_new_state": prior},
        "ApplyResourceChange": {"config": config, "prior_state": prior, "planned_state": prior},
    }.get(method, {})


def call(stage: Stage, method: str, **request: Any) -> Message:
    if "type_name" in {field.name for field in codec.message(f"{method}.Request").fields}:
        request = {"type_name": NOTEBOOK, **request}
    data = codec.encode(f"{method}.Request", request)
    return codec.decode(f"{method}.Response", stage.run(stage.servicer(method, data)))


@pytest.fixture(scope="module")
def state(stage: Stage) -> State:
    stage.reset()
    _, made = stage.run(stage.core.converge(None, SIMPLE))
    return made


@pytest.mark.parametrize(("method", "field"), FIELDS)
@pytest.mark.parametrize("shape", WHOLE)
def test_odd_whole_value_is_a_diagnostic(stage: Stage, state: State, method: str, field: str, shape: str) -> None:
    request = usual(method, stage, state)
    answer = call(stage, method, **request | {field: WHOLE[shape]})
    errors = [each for each in answer["diagnostics"] if each["severity"] == 1]
    assert DEFECT not in [each["summary"] for each in errors]
    assert sum(len(each["summary"] + each["detail"]) for each in errors) < 2_000
    if shape in NULLS and (method, field) in MAY_BE_NULL:
        return
    (error,) = errors
    assert error["summary"] == "Terraform sent a value that doesn't fit the schema"
    assert error["detail"].startswith(f"{method}: {field}")
    assert "Nothing was changed" in error["detail"]
    if method == "ApplyResourceChange":
        assert answer["new_state"] is not None
        if field != "prior_state":
            assert answer["new_state"]["msgpack"] == request["prior_state"]["msgpack"]


@pytest.mark.parametrize("shape", [name for name, message in WHOLE.items() if not message or "json" in message])
def test_odd_raw_state_is_a_diagnostic(bench: Bench, shape: str) -> None:
    answer = bench.call("UpgradeResourceState", version=1, raw_state=WHOLE[shape])
    (error,) = answer["diagnostics"]
    assert error["summary"] == "Terraform sent a value that doesn't fit the schema"
    assert error["detail"].startswith("UpgradeResourceState: raw_state")
    assert answer["upgraded_state"] is None


@pytest.mark.parametrize("shape", NULLS)
@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("PlanResourceChange", ("prior_state", "proposed_new_state")),
        ("ApplyResourceChange", ("prior_state", "planned_state")),
    ],
)
def test_change_from_nothing_to_nothing_is_a_diagnostic(
    stage: Stage, state: State, method: str, fields: tuple[str, ...], shape: str
) -> None:
    request = usual(method, stage, state) | dict.fromkeys(fields, WHOLE[shape])
    answer = call(stage, method, **request)
    (error,) = answer["diagnostics"]
    assert "is null, as prior_state is" in error["detail"]
    if method == "ApplyResourceChange":
        assert unpacked(answer["new_state"]) is None


@pytest.mark.parametrize("shape", NULLS)
@pytest.mark.parametrize("prior", [True, False])
def test_apply_without_configuration_is_a_diagnostic(stage: Stage, state: State, shape: str, prior: bool) -> None:
    request = usual("ApplyResourceChange", stage, state) | {"config": WHOLE[shape]}
    request["planned_state"] = pack(stage.core.kind, {**state.values, "name": "other"})
    if not prior:
        request["prior_state"] = WHOLE["null"]
    stage.emulator.clear_requests()
    answer = call(stage, "ApplyResourceChange", **request)
    (error,) = answer["diagnostics"]
    assert "without its configuration" in error["detail"]
    assert unpacked(answer["new_state"]) == (unpacked(request["prior_state"]) if prior else None)
    assert stage.emulator.requests() == []


@pytest.mark.parametrize("method", OF_A_TYPE)
@pytest.mark.parametrize("name", ["", "modelarts_other", "x\x1b[2J\ny", LONG_NAME])
def test_unknown_type_is_a_short_diagnostic(bench: Bench, method: str, name: str) -> None:
    prior = {"prior_state": value(STATE)} if method == "ApplyResourceChange" else {}
    answer = bench.call(method, type_name=name, **prior)
    (error,) = answer["diagnostics"]
    assert error["severity"] == 1
    assert error["summary"].startswith("The provider has no resource type ")
    assert len(error["summary"]) < 200
    assert error["summary"].isprintable()
    if method == "ApplyResourceChange":
        assert unpacked(answer["new_state"])["name"] == "a"


@pytest.mark.parametrize(
    "identifier", ["", " ", "x\x1b]0;owned\x07\r\ny", "x" * 100_000, "/", "..", "a/b/c/d", "\u202e"]
)
def test_odd_import_id_is_a_short_diagnostic(stage: Stage, state: State, identifier: str) -> None:
    answer = call(stage, "ImportResourceState", id=identifier)
    assert answer["imported_resources"] == []
    (error,) = answer["diagnostics"]
    assert error["summary"] != DEFECT
    assert error["summary"].isprintable()
    assert error["detail"].replace("\n", "").isprintable()
    assert len(error["summary"]) < 400


REFUSED: dict[str, Message] = {
    "auto-stop without duration": {"auto_stop": {"type": "TIMING"}},
    "empty auto-stop": {"auto_stop": {}},
    "auto-stop of no duration": {"auto_stop": {"duration": "soon"}},
    "auto-stop of another type": {"auto_stop": {"duration": "4h", "type": "NEVER"}},
    "disabled with a duration": {"auto_stop": {"enabled": False, "duration": "4h"}},
    "endpoint of another service": {"endpoints": {"FTP": {}}},
    "malformed address": {"endpoints": {"SSH": {"allowed_access_ips": ["x"]}}},
    "hook that is no path": {"hooks": {"post_start": {"script": "x"}}},
    "hook without script": {"hooks": {"post_start": {}}},
    "hook of another type": {"hooks": {"post_start": {"script": "/x", "type": "PYTHON"}}},
    "no name": {"name": None},
    "no flavor": {"flavor": None},
    "no image": {"image_id": None},
    "no storage": {"storage": None},
    "size 0": {"storage": {"size": 0}},
    "size of 300 digits": {"storage": {"size": 10**300}},
    "size with a fraction": {"storage": {"size": 10.5}},
    "size for object storage": {"storage": {"size": 10, "category": "OBS"}},
    "dedicated disk": {"storage": {"size": 10, "ownership": "DEDICATED"}},
    "unknown category": {"storage": {"category": "TAPE"}},
    "a tag that is null": {"tags": {"a": None}},
    "another power state": {"desired_status": "FLYING"},
    "timeout of no duration": {"timeouts": {"update": "soon"}},
    "region with a slash": {"region": "evil.example/x"},
}


@pytest.mark.parametrize("change", REFUSED)
@pytest.mark.parametrize("prior", [True, False])
def test_plan_of_refused_configuration_is_a_diagnostic(stage: Stage, state: State, change: str, prior: bool) -> None:
    """A client that plans without a validation: Terraform itself never does."""
    core = stage.core
    before = state.values if prior else None
    config = complete(core.attributes, SIMPLE | REFUSED[change])
    request = {
        "config": config,
        "prior_state": before,
        "proposed_new_state": proposed_new(core.attributes, before, config),
    }
    answer = call(stage, "PlanResourceChange", **{name: pack(core.kind, item) for name, item in request.items()})
    errors = [each for each in answer["diagnostics"] if each["severity"] == 1]
    assert errors
    assert DEFECT not in [each["summary"] for each in errors]


def places(values: Message, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, item in values.items():
        yield (*above, name)
        if isinstance(item, dict):
            yield from places(item, (*above, name))


def with_value(values: Message, place: tuple[str, ...], item: Any) -> Message:
    changed = copy.deepcopy(values)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = item
    return changed


FULL = SIMPLE | {
    "description": "d",
    "endpoints": {"SSH": {"key_pair_names": ["k"], "allowed_access_ips": ["8.8.8.8"]}},
    "hooks": {"post_start": {"script": "/home/ma-user/work/x"}},
    "auto_stop": {"duration": "4h"},
    "tags": {"a": "b"},
    "desired_status": "RUNNING",
    "timeouts": {"update": "5m"},
}


@pytest.mark.parametrize("field", ["config", "prior_state", "proposed_new_state"])
@pytest.mark.parametrize("item", [None, UNKNOWN_VALUE], ids=["null", "unknown"])
def test_plan_with_any_value_null_or_unknown_meets_no_defect(stage: Stage, field: str, item: Any) -> None:
    """One value of one of the three is taken away, whatever the two others say."""
    core = stage.core
    stage.reset()
    _, made = stage.run(core.converge(None, FULL))
    config = complete(core.attributes, FULL)
    usual_ = {"config": config, "prior_state": made.values}
    usual_["proposed_new_state"] = proposed_new(core.attributes, made.values, config)
    raw = {name: msgpack.unpackb(pack(core.kind, each)["msgpack"]) for name, each in usual_.items()}
    raw["proposed_new_state"]["description"] = raw["config"]["description"] = "other"
    for place in places(raw[field]):
        changed = raw | {field: with_value(raw[field], place, item)}
        request = {name: {"msgpack": msgpack.packb(each)} for name, each in changed.items()}
        answer = call(stage, "PlanResourceChange", **request)
        assert DEFECT not in [each["summary"] for each in answer["diagnostics"]], (place, answer["diagnostics"])


def test_refresh_with_any_value_null_meets_no_defect(stage: Stage) -> None:
    core = stage.core
    stage.reset()
    _, made = stage.run(core.converge(None, FULL))
    raw = msgpack.unpackb(pack(core.kind, made.values)["msgpack"])
    for place in places(raw):
        request = {"msgpack": msgpack.packb(with_value(raw, place, None))}
        answer = call(stage, "ReadResource", current_state=request, private=made.private)
        assert DEFECT not in [each["summary"] for each in answer["diagnostics"]], (place, answer["diagnostics"])
        assert unpacked(answer["new_state"]) is not None, place
