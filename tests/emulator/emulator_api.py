"""Drives an emulator in this process, below any HTTP library, with a signer of its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlencode

from openapi_judge import Judge

from modelarts_emulator.config import DEFAULT_PROJECT_ID, Config
from modelarts_emulator.http import openapi
from modelarts_emulator.http.app import create_app
from modelarts_emulator.state.clock import SECOND, ManualClock

PROJECT = DEFAULT_PROJECT_ID
CPU2, CPU8, GPU, SOLD_OUT = (
    "modelarts.vm.cpu.2u",
    "modelarts.vm.cpu.8u",
    "modelarts.vm.gpu.t4u8",
    "modelarts.bm.gpu.v100NV32",
)
ASCEND, ARM, FREE, POOL_ONLY = (
    "modelarts.bm.d910.xlarge.1",
    "modelarts.vm.arm.cpu.8u",
    "modelarts.vm.cpu.free",
    "modelarts.pool.cpu.16u",
)
IMAGE = "e1a07296-22a8-4f05-8bc8-e936c8e54090"
IMAGE_NEWER = "278e88d1-5b71-4766-8502-b3ba72e824d9"
IMAGE_GPU = "59a6e9f5-93c0-44dd-85b0-82f390c5d53a"
IMAGE_SSH_ONLY = "b6b1a4a0-0c5d-4d2b-9c0e-5a0d3f7e2a11"
IMAGE_ARM = "c5e35b1e-7d1f-4b7a-8a53-1f0f5d7d3e22"
POOL = "pool-emulator-0001"
HOUR = 3_600_000
JUDGE = Judge(openapi.document())
WALL = 1_795_000_000_000  # a fixed real time, so that signatures don't depend on the day


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes
    pieces: int  # in how many parts the body came

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        """The error code without its prefix, or "" for a success."""
        return "" if self.status < 300 else self.body["error_code"].removeprefix("ModelArts.")


def stamp(wall_ms: int) -> str:
    return datetime.fromtimestamp(wall_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def signature(
    secret: str, method: str, path: str, query: str, *, headers: dict[str, str], signed: list[str], body: bytes
) -> str:
    """The signature by the published recipe, written again from scratch."""
    lines = [method, path if path.endswith("/") else path + "/", query]
    lines += [f"{name}:{headers[name]}" for name in sorted(signed)]
    lines += ["", ";".join(sorted(signed)), hashlib.sha256(body).hexdigest()]
    inner = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"SDK-HMAC-SHA256\n{headers['x-sdk-date']}\n{inner}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Api:
    """One emulator with a clock that stands still until a test moves it."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self.wall = WALL
        self.config = Config(**{"quota": 0, **settings})
        self.app = create_app(self.config, clock=self.clock, wall=lambda: self.wall)
        self.access_key, self.secret_key = self.config.users[0].access_key, self.config.users[0].secret_key

    @property
    def world(self) -> Any:
        return self.app.state.emulator.world

    def raw(
        self, method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Answer:
        """One request as it is, without signing."""
        return asyncio.run(self._run(method, path, query, headers or {}, body))

    def raw_json(self, method: str, path: str, body: Any, headers: dict[str, str] | None = None) -> Answer:
        """One request with a JSON body, without signing."""
        return self.raw(method, path, "", headers, json.dumps(body).encode())

    async def _run(self, method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        sent: list[Any] = []
        events = [{"type": "http.request", "body": body, "more_body": False}]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "state": {},
        }

        async def receive() -> Any:
            return events.pop(0) if events else {"type": "http.disconnect"}

        async def send(event: Any) -> None:
            sent.append(event)

        await self.app(scope, receive, send)
        start = sent[0]
        answer_headers = {name.decode(): value.decode() for name, value in start["headers"]}
        parts = [event["body"] for event in sent[1:] if event.get("body")]
        return Answer(start["status"], answer_headers, b"".join(parts), len(parts))

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        project: str = PROJECT,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One signed call; ``path`` follows the project id unless it starts with /v."""
        full = path if path.startswith("/v") else f"/v1/{project}{path}"
        payload = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        text = urlencode(sorted((query or {}).items()), quote_via=quote, safe="")
        all_headers = {"host": "emulator", "x-sdk-date": stamp(self.wall), **(headers or {})}
        signed = sorted(all_headers)
        value = signature(self.secret_key, method, full, text, headers=all_headers, signed=signed, body=payload)
        all_headers["authorization"] = (
            f"SDK-HMAC-SHA256 Access={self.access_key}, SignedHeaders={';'.join(signed)}, Signature={value}"
        )
        answer = self.raw(method, full, text, all_headers, payload)
        if not self.app.state.emulator.faults:  # every answer of every test is held against the document
            JUDGE.check(method, full, answer.status, answer.raw)
        return answer

    def control(self, method: str, path: str, body: Any = None) -> Answer:
        raw = b"" if body is None else json.dumps(body).encode()
        plain, _, query = path.partition("?")
        return self.raw(method, f"/_emulator{plain}", query, {}, raw)

    # --- what most tests need

    def create(self, **changes: Any) -> Answer:
        """POST /notebooks with a valid body, changed; None removes a key."""
        body: dict[str, Any] = {
            "name": "nb",
            "flavor": CPU2,
            "image_id": IMAGE,
            "volume": {"category": "EVS", "ownership": "MANAGED", "capacity": 50},
        }
        body.update(changes)
        return self.call("POST", "/notebooks", {key: value for key, value in body.items() if value is not None})

    def running(self, **changes: Any) -> str:
        """The id of an instance that runs."""
        answer = self.create(**changes)
        assert answer.status == 200, answer.raw
        self.wait(30)
        assert self.status(answer.body["id"]) == "RUNNING"
        return str(answer.body["id"])

    def stopped(self, **changes: Any) -> str:
        """The id of an instance that is stopped."""
        ident = self.running(**changes)
        assert self.call("POST", f"/notebooks/{ident}/stop").status == 200
        self.wait(15)
        assert self.status(ident) == "STOPPED"
        return ident

    def wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds * SECOND))

    def show(self, ident: str) -> Any:
        answer = self.call("GET", f"/notebooks/{ident}")
        assert answer.status == 200, answer.raw
        return answer.body

    def status(self, ident: str) -> str:
        return str(self.show(ident)["status"])

    def put(self, ident: str, **body: Any) -> Answer:
        return self.call("PUT", f"/notebooks/{ident}", body)

    def behind(self, ident: str) -> Any:
        return self.control("GET", f"/notebooks/{ident}").body

    def put_into(self, ident: str, status: str) -> None:
        assert self.control("PATCH", f"/notebooks/{ident}", {"status": status}).status == 200

    def log(self) -> list[Any]:
        return list(self.control("GET", "/requests").body["requests"])
