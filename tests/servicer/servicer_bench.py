"""A servicer over a small provider whose one resource does what a test tells it to."""

from __future__ import annotations

import asyncio
from typing import Any

import msgpack

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.protocol import codec, dynamic_value
from modelarts_provider.framework.protocol.servicer import Servicer
from modelarts_provider.framework.resource import (
    ApplyRequest,
    ApplyResponse,
    ImportResponse,
    PlanRequest,
    PlanResponse,
    ReadRequest,
    ReadResponse,
)
from modelarts_provider.framework.schema.attributes import (
    LOCAL,
    REPLACE,
    Attribute,
    Nested,
    Nesting,
    Schema,
    in_place,
    object_type,
)
from modelarts_provider.framework.schema.paths import path
from modelarts_provider.framework.schema.types import NUMBER, STRING, SetOf
from modelarts_provider.framework.schema.validators import Length

Message = dict[str, Any]

SCHEMA = Schema(
    description="A thing",
    version=2,
    attributes={
        "name": Attribute(
            type=STRING, description="Its name", required=True, change=in_place("name"), validators=(Length(1, 3),)
        ),
        "zone": Attribute(type=STRING, description="Where", optional=True, change=REPLACE),
        "size": Attribute(type=NUMBER, description="How big", optional=True, computed=True, change=in_place("size")),
        "secret": Attribute(type=STRING, description="Hidden", optional=True, sensitive=True, change=LOCAL),
        "ends": Attribute(
            type=Nested(
                Nesting.MAP, {"ips": Attribute(type=SetOf(STRING), description="ips", optional=True, change=REPLACE)}
            ),
            description="Its ends",
            optional=True,
            deprecated="Use name.",
        ),
        "id": Attribute(type=STRING, description="Its id", computed=True),
    },
)
NOTHING: Message = dict.fromkeys(SCHEMA.attributes)
STATE = NOTHING | {"name": "a", "id": "1", "size": 5}
CONFIGURED = STATE | {"id": None}
PACKED = {
    "name": "a",
    "id": "1",
    "size": 5,
    "zone": None,
    "secret": None,
    "ends": None,
}


class Thing:
    """A resource that does what a test puts into ``answers``: a response, or an exception to raise."""

    type_name = "test_thing"
    schema = SCHEMA

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[tuple[str, Any]] = []

    def _answer(self, call: str, request: Any, usual: Any) -> Any:
        self.requests.append((call, request))
        answer = self.answers.get(call, usual)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def validate(self, config: Message) -> Diagnostics:
        return self._answer("validate", config, Diagnostics())

    def plan(self, request: PlanRequest) -> PlanResponse:
        usual = PlanResponse(planned=request.planned, private=request.private)
        return self._answer("plan", request, usual)

    async def check_plan(self, request: PlanRequest, planned: Message) -> Diagnostics:
        return self.answers.get("check_plan", Diagnostics())

    def plan_destroy(self, prior: Message, private: Message) -> Diagnostics:
        return self._answer("plan_destroy", (prior, private), Diagnostics())

    async def read(self, request: ReadRequest) -> ReadResponse:
        return self._answer("read", request, ReadResponse(state=request.state, private=request.private))

    async def create(self, request: ApplyRequest) -> ApplyResponse:
        return self._answer("create", request, ApplyResponse(state=STATE))

    async def update(self, request: ApplyRequest) -> ApplyResponse:
        return self._answer("update", request, ApplyResponse(state=STATE))

    async def delete(self, request: ApplyRequest) -> ApplyResponse:
        return self._answer("delete", request, ApplyResponse(state=None))

    async def import_state(self, identifier: str) -> ImportResponse:
        return self._answer("import_state", identifier, ImportResponse(state=STATE, private={"imported": True}))


class Bench:
    """A servicer over one ``Thing``, and its provider at once."""

    schema = Schema(
        description="p", attributes={"region": Attribute(type=STRING, description="r", optional=True, change=LOCAL)}
    )

    def __init__(self) -> None:
        self.thing = Thing()
        self.resources = {"test_thing": self.thing}
        self.logged: list[str] = []
        self.configured: list[tuple[Message, str]] = []
        self.stopped = 0
        self.servicer = Servicer(self, log=self.logged.append)

    def validate(self, config: Message) -> Diagnostics:
        found = Diagnostics()
        if config["region"] == "moon":
            found.error("No such region", "There is no moon.", path("region"))
        return found

    async def configure(self, config: Message, terraform_version: str) -> Diagnostics:
        self.configured.append((config, terraform_version))
        return Diagnostics()

    def stop(self) -> None:
        self.stopped += 1

    def call(self, method: str, **request: Any) -> Message:
        if "type_name" in {field.name for field in codec.message(f"{method}.Request").fields}:
            request = {"type_name": "test_thing", **request}
        data = codec.encode(f"{method}.Request", request)
        return codec.decode(f"{method}.Response", asyncio.run(self.servicer(method, data)))


def value(values: Message | None) -> dict[str, bytes]:
    return dynamic_value.encode(object_type(SCHEMA.attributes), values)


def unpacked(dynamic: Message | None) -> Any:
    return msgpack.unpackb(dynamic["msgpack"]) if dynamic else None


def step(kind: str, value: Any) -> Message:
    return {"attribute_name": None, "element_key_string": None, "element_key_int": None, kind: value}
