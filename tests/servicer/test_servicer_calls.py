"""The servicer's edges: what can't be read, what raises, what is kept, and what runs at once."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import msgpack
import pytest
from servicer_bench import CONFIGURED, PACKED, SCHEMA, STATE, Bench, Message, step, unpacked, value

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.protocol import codec
from modelarts_provider.framework.protocol.status import RpcError, StatusCode
from modelarts_provider.framework.resource import (
    ApplyRequest,
    ApplyResponse,
    ImportResponse,
    PlanResponse,
    ReadResponse,
)
from modelarts_provider.framework.schema.paths import ROOT, path
from modelarts_provider.framework.schema.values import UNKNOWN


@pytest.fixture
def bench() -> Bench:
    return Bench()


BAD = {"msgpack": b"\xc1"}


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("ValidateProviderConfig", {"config": BAD}),
        ("ValidateResourceConfig", {"config": BAD}),
        ("ConfigureProvider", {"config": BAD}),
        ("ReadResource", {"current_state": BAD}),
        ("PlanResourceChange", {"proposed_new_state": BAD}),
        ("PlanResourceChange", {"proposed_new_state": value(STATE), "prior_state": BAD}),
        ("PlanResourceChange", {"proposed_new_state": value(STATE), "config": BAD}),
        ("ApplyResourceChange", {"prior_state": value(STATE), "planned_state": BAD}),
        ("UpgradeResourceState", {"raw_state": {"json": b"{"}}),
        ("UpgradeResourceState", {"raw_state": {"json": b'{"name": 5}'}}),
    ],
)
def test_a_value_that_cannot_be_read_is_a_diagnostic(bench: Bench, method: str, request_: Message) -> None:
    answer = bench.call(method, **request_)
    (found,) = answer["diagnostics"]
    assert found["severity"] == 1
    assert found["summary"] == "Terraform sent a value that doesn't fit the schema"
    assert found["detail"].startswith(f"{method}: ")
    assert "Nothing was changed" in found["detail"]
    assert bench.thing.requests == []
    assert bench.call("ReadResource", current_state=value(STATE))["diagnostics"] == []


@pytest.mark.parametrize("method", ["GetProviderSchema", "PlanResourceChange", "ApplyResourceChange", "StopProvider"])
@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05a", b"\x07", b"\x08"])
def test_a_message_that_cannot_be_read_is_invalid_argument(bench: Bench, method: str, data: bytes) -> None:
    with pytest.raises(RpcError) as caught:
        asyncio.run(bench.servicer(method, data))
    assert caught.value.code is StatusCode.INVALID_ARGUMENT
    assert method in caught.value.message
    assert bench.stopped == 0


@pytest.mark.parametrize("method", ["MoveResourceState", "ReadDataSource", "GetFunctions", "CallFunction", "Nonsense"])
def test_an_unknown_call_is_unimplemented(bench: Bench, method: str) -> None:
    with pytest.raises(RpcError) as caught:
        asyncio.run(bench.servicer(method, b""))
    assert caught.value.code is StatusCode.UNIMPLEMENTED
    assert method in caught.value.message


@pytest.mark.parametrize("method", ["ValidateResourceConfig", "ReadResource", "ImportResourceState"])
def test_an_unknown_resource_type_is_a_diagnostic(bench: Bench, method: str) -> None:
    (found,) = bench.call(method, type_name="test_other")["diagnostics"]
    assert found["summary"] == "The provider has no resource type test_other"
    assert found["detail"].startswith("Nothing was changed.")


@pytest.mark.parametrize(
    ("raising", "method", "request_"),
    [
        ("validate", "ValidateResourceConfig", {"config": value(CONFIGURED)}),
        ("read", "ReadResource", {"current_state": value(STATE)}),
        ("plan", "PlanResourceChange", {"proposed_new_state": value(STATE), "config": value(STATE)}),
        ("plan_destroy", "PlanResourceChange", {"prior_state": value(STATE)}),
        ("import_state", "ImportResourceState", {"id": "x"}),
    ],
)
def test_an_exception_is_a_diagnostic_that_asks_to_report_it(
    bench: Bench, raising: str, method: str, request_: Message
) -> None:
    bench.thing.answers[raising] = ZeroDivisionError("by nought")
    (found,) = bench.call(method, **request_)["diagnostics"]
    assert found["severity"] == 1
    assert f"{method} failed with ZeroDivisionError: by nought" in found["detail"]
    assert "report this" in found["detail"]
    assert any("Traceback" in text and raising in text for text in bench.logged)
    bench.thing.answers.clear()
    assert bench.call(method, **request_)["diagnostics"] == []


@pytest.mark.parametrize(
    ("raising", "prior", "planned"),
    [("create", None, STATE), ("update", STATE, STATE | {"name": "b"}), ("delete", STATE, None)],
)
def test_an_apply_that_raises_keeps_the_state(
    bench: Bench, raising: str, prior: Message | None, planned: Message | None
) -> None:
    bench.thing.answers[raising] = RuntimeError("boom")
    answer = bench.call(
        "ApplyResourceChange", prior_state=value(prior), planned_state=value(planned), planned_private=b'{"p": 1}'
    )
    assert "boom" in answer["diagnostics"][0]["detail"]
    assert unpacked(answer["new_state"]) == (prior and PACKED)
    assert answer["private"] == b'{"p": 1}'


def test_which_apply_it_is_follows_from_what_is_null(bench: Bench) -> None:
    for prior, planned in ((None, STATE), (STATE, STATE), (STATE, None)):
        bench.call("ApplyResourceChange", prior_state=value(prior), planned_state=value(planned), config=value(planned))
    assert [call for call, _ in bench.thing.requests] == ["create", "update", "delete"]
    assert [(r.prior, r.planned, r.config) for _, r in bench.thing.requests] == [
        (None, STATE, STATE),
        (STATE, STATE, STATE),
        (STATE, None, None),
    ]


@pytest.mark.parametrize("stored", [b"", b"{}", b"not JSON", b"[1]", b"\xff"])
def test_private_data_that_is_not_ours_counts_as_none(bench: Bench, stored: bytes) -> None:
    bench.call("ReadResource", current_state=value(STATE), private=stored)
    assert bench.thing.requests[-1][1].private == {}


def test_private_data_goes_round(bench: Bench) -> None:
    private = {"lease": {"duration": 3_600_000}, "b": None, "a": ["ü"]}
    stored = json.dumps(private, sort_keys=True).encode()
    read = bench.call("ReadResource", current_state=value(STATE), private=stored)
    assert read["private"] == stored
    plan = bench.call(
        "PlanResourceChange",
        prior_state=value(STATE),
        proposed_new_state=value(STATE),
        config=value(STATE),
        prior_private=stored,
    )
    assert plan["planned_private"] == stored
    destroy = bench.call("PlanResourceChange", prior_state=value(STATE), prior_private=stored)
    assert destroy["planned_private"] == stored
    bench.thing.answers["update"] = ApplyResponse(state=STATE, private=private)
    applied = bench.call(
        "ApplyResourceChange", prior_state=value(STATE), planned_state=value(STATE), planned_private=stored
    )
    assert bench.thing.requests[-1][1].private == private
    assert applied["private"] == stored
    assert bench.call("ImportResourceState", id="x")["imported_resources"][0]["private"] == b'{"imported": true}'


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b'{"name": "a"}', {"name": "a"}),
        (b'{"name": "a", "size": 5, "long_gone": {"x": [1]}}', {"name": "a", "size": 5}),
        (
            b'{"name": "a", "size": 123456789012345678901234567890}',
            {"name": "a", "size": "123456789012345678901234567890"},
        ),
        (b'{"name": "a", "size": 0.123456789012345678901}', {"name": "a", "size": "0.123456789012345678901"}),
        (b'{"name": "a", "ends": {"k": {}}}', {"name": "a", "ends": {"k": {"ips": None}}}),
    ],
)
@pytest.mark.parametrize("version", [0, 2])
def test_a_stored_state_that_lacks_attributes_or_has_too_many(
    bench: Bench, document: bytes, expected: Message, version: int
) -> None:
    answer = bench.call("UpgradeResourceState", version=version, raw_state={"json": document})
    assert answer["diagnostics"] == []
    assert unpacked(answer["upgraded_state"]) == dict.fromkeys(SCHEMA.attributes) | expected


def test_a_state_of_a_newer_version_is_refused(bench: Bench) -> None:
    answer = bench.call("UpgradeResourceState", version=3, raw_state={"json": b"{}"})
    (found,) = answer["diagnostics"]
    assert "newer version of the provider" in found["summary"]
    assert "version 3, this provider knows 2" in found["detail"]


@pytest.mark.parametrize(
    "number", [0.1, "0.1", "0.123456789012345678901", "123456789012345678901234567890", 5, 2**64 - 1]
)
def test_numbers_survive_a_plan(bench: Bench, number: Any) -> None:
    config = {"msgpack": msgpack.packb(PACKED | {"size": number})}
    answer = bench.call("PlanResourceChange", prior_state=value(STATE), proposed_new_state=config, config=config)
    assert Decimal(str(unpacked(answer["planned_state"])["size"])) == Decimal(str(number))


def test_an_unknown_and_a_refined_unknown_are_answered_as_unknown(bench: Bench) -> None:
    refined = msgpack.ExtType(12, msgpack.packb({1: False}))
    config = {"msgpack": msgpack.packb(PACKED | {"size": refined, "zone": msgpack.ExtType(0, b"")})}
    answer = bench.call("PlanResourceChange", prior_state=value(STATE), proposed_new_state=config, config=config)
    planned = msgpack.unpackb(answer["planned_state"]["msgpack"], ext_hook=lambda code, _: f"ext {code}")
    assert (planned["size"], planned["zone"]) == ("ext 0", "ext 0")
    assert answer["requires_replace"] == [{"steps": [step("attribute_name", "zone")]}]


def test_replacing_paths_are_sorted_and_once_and_none_at_a_create(bench: Bench) -> None:
    extra = (path("zone"), ROOT.name("ends").key("SSH").name("ips"), ROOT.name("list").index(3))
    after = STATE | {"zone": "z"}
    bench.thing.answers["plan"] = PlanResponse(planned=after, requires_replace=extra)
    request = {"proposed_new_state": value(after), "config": value(after)}
    answer = bench.call("PlanResourceChange", prior_state=value(STATE), **request)
    assert [each["steps"] for each in answer["requires_replace"]] == [
        [step("attribute_name", "ends"), step("element_key_string", "SSH"), step("attribute_name", "ips")],
        [step("attribute_name", "list"), step("element_key_int", 3)],
        [step("attribute_name", "zone")],
    ]
    assert bench.call("PlanResourceChange", **request)["requires_replace"] == []


def test_diagnostics_carry_severity_and_path(bench: Bench) -> None:
    found = Diagnostics()
    found.error("S", "D", ROOT.name("ends").key("SSH"))
    found.warning("W")
    bench.thing.answers["validate"] = found
    answer = bench.call("ValidateResourceConfig", config=value(CONFIGURED))
    assert answer["diagnostics"] == [
        {
            "severity": 1,
            "summary": "S",
            "detail": "D",
            "attribute": {"steps": [step("attribute_name", "ends"), step("element_key_string", "SSH")]},
        },
        {"severity": 2, "summary": "W", "detail": "", "attribute": None},
    ]


@pytest.mark.parametrize(
    ("config", "summaries", "asked"),
    [
        (CONFIGURED | {"ends": {}}, ["ends is deprecated"], True),
        (CONFIGURED | {"name": "long"}, ["Invalid value for name"], False),
    ],
)
def test_rules_across_attributes_wait_until_each_attribute_is_right(
    bench: Bench, config: Message, summaries: list[str], asked: bool
) -> None:
    answer = bench.call("ValidateResourceConfig", config=value(config))
    assert [each["summary"] for each in answer["diagnostics"]] == summaries
    assert [call for call, _ in bench.thing.requests] == ["validate"] * asked


@pytest.mark.parametrize("allowed", [True, False])
def test_a_read_is_deferred_where_the_client_allows_it(bench: Bench, allowed: bool) -> None:
    found = Diagnostics()
    found.error("Not configured")
    bench.thing.answers["read"] = ReadResponse(state=STATE, deferred=True, diagnostics=found)
    answer = bench.call("ReadResource", current_state=value(STATE), client_capabilities={"deferral_allowed": allowed})
    assert answer["deferred"] == ({"reason": 2} if allowed else None)
    assert [each["summary"] for each in answer["diagnostics"]] == ([] if allowed else ["Not configured"])
    assert unpacked(answer["new_state"]) == PACKED


def test_a_thing_that_is_gone_has_no_state(bench: Bench) -> None:
    bench.thing.answers["read"] = ReadResponse(state=None)
    assert unpacked(bench.call("ReadResource", current_state=value(STATE))["new_state"]) is None


def test_an_import_that_finds_nothing_imports_nothing(bench: Bench) -> None:
    found = Diagnostics()
    found.error("Not found")
    bench.thing.answers["import_state"] = ImportResponse(state=None, diagnostics=found)
    answer = bench.call("ImportResourceState", id="x")
    assert answer["imported_resources"] == []
    assert [each["summary"] for each in answer["diagnostics"]] == ["Not found"]


def test_an_import_names_its_type(bench: Bench) -> None:
    (imported,) = bench.call("ImportResourceState", id="x")["imported_resources"]
    assert imported["type_name"] == "test_thing"
    assert unpacked(imported["state"]) == PACKED


def test_the_provider_block(bench: Bench) -> None:
    config = {"msgpack": msgpack.packb({"region": "moon"})}
    assert bench.call("ValidateProviderConfig", config=config)["diagnostics"][0]["summary"] == "No such region"
    unknown = {"msgpack": msgpack.packb({"region": msgpack.ExtType(0, b"")})}
    assert bench.call("ConfigureProvider", config=unknown, terraform_version="1.11.4")["diagnostics"] == []
    assert bench.configured == [({"region": UNKNOWN}, "1.11.4")]
    bench.call("StopProvider")
    assert bench.stopped == 1


def test_the_schema_answer(bench: Bench) -> None:
    answer = bench.call("GetProviderSchema")
    assert answer["server_capabilities"]["plan_destroy"]
    schema = answer["resource_schemas"]["test_thing"]
    assert (schema["version"], schema["block"]["description"]) == (2, "A thing")
    found = {each["name"]: each for each in schema["block"]["attributes"]}
    assert list(found) == sorted(SCHEMA.attributes)
    assert (found["name"]["type"], found["name"]["required"]) == (b'"string"', True)
    assert (found["size"]["optional"], found["size"]["computed"]) == (True, True)
    assert found["secret"]["sensitive"]
    assert found["ends"]["deprecated"]
    assert found["ends"]["type"] == b""
    assert found["ends"]["nested_type"]["nesting"] == 4
    assert found["ends"]["nested_type"]["attributes"][0]["type"] == b'["set", "string"]'
    assert bench.call("GetMetadata")["resources"] == [{"type_name": "test_thing"}]


def test_calls_run_at_once(bench: Bench) -> None:
    """Ten creates that each wait for all others end only if they run together."""
    everyone = asyncio.Barrier(10)

    async def create(request: ApplyRequest) -> ApplyResponse:
        await everyone.wait()
        return ApplyResponse(state=request.planned)

    bench.thing.create = create  # type: ignore[method-assign]  # this test's own create
    request = {"type_name": "test_thing", "planned_state": value(STATE)}
    data = codec.encode("ApplyResourceChange.Request", request)

    async def ten() -> list[bytes]:
        calls = (bench.servicer("ApplyResourceChange", data) for _ in range(10))
        return await asyncio.wait_for(asyncio.gather(*calls), timeout=30)

    answers = [codec.decode("ApplyResourceChange.Response", answer) for answer in asyncio.run(ten())]
    assert [unpacked(answer["new_state"]) for answer in answers] == [PACKED] * 10
