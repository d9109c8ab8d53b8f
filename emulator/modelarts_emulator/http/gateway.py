"""The way of an API call: read, log, fault, verify, route, carry out, save, answer."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from starlette.requests import ClientDisconnect

from modelarts_emulator.calls import Call, Reply
from modelarts_emulator.errors import Refusal, envelope, gateway, refuse
from modelarts_emulator.http import json_text, routes
from modelarts_emulator.http.request_log import Entry, masked
from modelarts_emulator.http.transport import reset_connection, send_json, send_text
from modelarts_emulator.identity import iam, metadata, sts
from modelarts_emulator.identity.iam import IamCall
from modelarts_emulator.identity.signing import Message
from modelarts_emulator.state.state_file import StateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from modelarts_emulator.config import User
    from modelarts_emulator.emulator import Emulator
    from modelarts_emulator.http.faults import Fault

MAX_BODY = 12 * 1024 * 1024
MAX_LOGGED = 64 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in."""

    message: Message
    path: str
    query: dict[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """What a path asks for: an operation of the API, one of IAM or the metadata service, or nothing known."""

    service: str
    operation: str | None
    match: routes.Match | None = None
    iam: Callable[[IamCall], Reply] | None = None


_SERVICES = (
    ("/v3/", "iam"),
    ("/v3.0/", "iam"),
    ("/v5/", "iam"),
    ("/meta-data/", "metadata"),
    ("/openstack/", "metadata"),
)


_PLAIN_OPERATIONS = {**iam.OPERATIONS, **sts.OPERATIONS, **metadata.OPERATIONS}


def find_target(method: str, path: str) -> Target:
    """The target of a request."""
    service = next((name for prefix, name in _SERVICES if path.startswith(prefix)), "modelarts")
    if service == "modelarts":
        match = routes.find(method, path)
        return Target(service, match.operation.name if match else None, match)
    name, handler = _PLAIN_OPERATIONS.get((method, path.removesuffix("/")), (None, _unknown_path))
    return Target(service, name, iam=handler)


def _unknown_path(call: IamCall) -> Reply:
    raise iam.refuse(404, "The resource could not be found.")


class Gateway:
    """The ASGI application of the API: everything that isn't below ``/_emulator``."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call; where the server ends meanwhile, its connection ends without an answer."""
        try:
            await self._answer(scope, receive, send)
        except asyncio.CancelledError:
            with contextlib.suppress(ConnectionResetError):
                reset_connection(scope)
            raise

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        emulator = self._emulator
        try:
            body = await _read(receive)
        except ClientDisconnect:
            return  # half a request is none: nobody waits for an answer, and nothing may happen
        request_id = emulator.world.ids.request_id()
        if body is None:
            refusal = gateway(413, "0201", "The request body is larger than 12 MB.", {"connection": "close"})
            await _refuse(send, refusal, request_id)
            return
        request = _request(scope, body)
        target = find_target(request.message.method, request.path)
        entry = emulator.journal.add(_entry(emulator, request, target, request_id))
        fault = emulator.take_fault(request.message.method, request.path, entry.operation)
        if fault is not None:
            entry.fault = fault.describe()
            await asyncio.sleep(fault.latency_ms / 1000)
        if fault is not None and fault.cut == "before":
            reset_connection(scope)
            return
        outcome = self._saved(_injected(fault) or self._carry_out(request, target, entry))
        if fault is not None and fault.cut == "after":
            reset_connection(scope)
            return
        entry.status = outcome.status
        entry.duration_ms = emulator.wall() - entry.at
        slow_ms = fault.slow_body_ms if fault else 0
        if isinstance(outcome, Refusal):
            entry.error_code = outcome.code
            await _refuse(send, outcome, request_id, slow_ms)
            return
        headers = {"x-request-id": request_id, **outcome.headers}
        if target.service == "iam":
            headers["x-iam-trace-id"] = request_id
        if outcome.text is not None:
            await send_text(send, outcome.status, outcome.text, headers)
            return
        await send_json(send, outcome.status, outcome.body, headers, slow_ms=slow_ms)

    def _carry_out(self, request: Request, target: Target, entry: Entry) -> Reply | Refusal:
        emulator = self._emulator
        try:
            if target.iam is not None:
                call = self._iam_call(request)
                emulator.permissions.check_iam(call, target.operation)
                return target.iam(call)
            caller = emulator.identities.authenticate(request.message)
            entry.user = caller.user.name
            if target.match is None:
                return gateway(404, "0101", "The API does not exist or has not been published in the environment.")
            host = request.message.headers.get("host", "")
            caller.check_project(emulator.config, target.match.project_id, host)
            emulator.permissions.check(caller.user, target.match.operation.name)
            reply = target.match.operation.handler(self._call(request, target.match, caller.user))
        except Refusal as refusal:
            return refusal
        if target.operation == "CreateNotebook" and reply.body is not None:
            entry.notebook_id = reply.body["id"]
        return reply

    def _saved(self, outcome: Reply | Refusal) -> Reply | Refusal:
        """The outcome, once what it changed is in the state file; a call that isn't saved isn't confirmed."""
        try:
            self._emulator.save()
        except StateError as error:
            return refuse("6361", f"The call could not be saved: {error}.", status=500)
        return outcome

    def _call(self, request: Request, match: routes.Match, user: User) -> Call:
        return Call(
            world=self._emulator.world,
            user=user,
            project_id=match.project_id,
            path=match.path,
            query=request.query,
            body=_json(request.message.body) if match.operation.reads_body else {},
            now=self._emulator.world.advance(),
        )

    def _iam_call(self, request: Request) -> IamCall:
        emulator = self._emulator
        try:
            body = _json(request.message.body)
        except Refusal as refusal:
            raise iam.refuse(400, refusal.message) from None
        return IamCall(emulator.identities, emulator.world.ids, request.message, request.query, body)


async def _read(receive: Receive) -> bytes | None:
    """The body, or None when it is larger than allowed.

    Raises:
        ClientDisconnect: the client went away before the end.
    """
    chunks: list[bytes] = []
    size = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise ClientDisconnect
        chunk: bytes = event.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
        if not event.get("more_body", False):
            return b"".join(chunks)


def _request(scope: Scope, body: bytes) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), _decode(raw_value)
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    raw_query: bytes = scope["query_string"]
    message = Message(scope["method"], raw_path, raw_query, headers, body)
    query = dict(parse_qsl(raw_query.decode("latin-1"), keep_blank_values=True, errors="replace"))
    return Request(message, unquote(raw_path.decode("latin-1"), errors="replace"), query)


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _entry(emulator: Emulator, request: Request, target: Target, request_id: str) -> Entry:
    match = target.match
    return Entry(
        index=0,
        service=target.service,
        operation=target.operation,
        method=request.message.method,
        path=request.path,
        query=request.query,
        body=_for_log(request.message.body),
        at=emulator.wall(),
        emulated_at=emulator.world.clock.now(),
        notebook_id=match.path.get("id") if match and match.operation.path.startswith("/notebooks/") else None,
        request_id=request_id,
    )


def _for_log(body: bytes) -> Any:
    if not body:
        return None
    if len(body) > MAX_LOGGED:
        return f"{len(body)} bytes, too many for the log"
    try:
        return masked(json_text.parse(body))
    except ValueError:
        return body[:2000].decode("utf-8", "replace")


def _json(body: bytes) -> dict[str, Any]:
    """The JSON object of a request; nothing counts as an empty one (the SDK sends start and stop without a body)."""
    if not body:
        return {}
    try:
        data = json_text.parse(body)
    except ValueError:
        raise refuse("6400", "The request body is not valid JSON in UTF-8.") from None
    if not isinstance(data, dict):
        raise refuse("6400", "The request body has to be a JSON object.")
    return data


def _injected(fault: Fault | None) -> Refusal | None:
    if fault is None or fault.status is None:
        return None
    headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
    code, message = fault.error_code, fault.error_msg
    if code is None:
        code = {429: "APIGW.0308", 502: "APIGW.0201", 503: "APIGW.0613", 504: "APIGW.0201"}.get(
            fault.status, "ModelArts.6361"
        )
    if message is None:
        message = (
            "The throttling threshold has been reached."
            if fault.status == HTTPStatus.TOO_MANY_REQUESTS
            else "A fault was injected."
        )
    return Refusal(fault.status, code, message, headers)


async def _refuse(send: Send, refusal: Refusal, request_id: str, slow_ms: int = 0) -> None:
    headers = {"x-request-id": request_id, **refusal.headers}
    if refusal.code.startswith("APIGW."):
        headers["server"] = "api-gateway"
    await send_json(send, refusal.status, envelope(refusal, request_id), headers, slow_ms=slow_ms)
