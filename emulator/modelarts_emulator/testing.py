"""For tests, ours and users': a running emulator and its controls, with the standard library alone.

::

    with running_emulator(time_scale=0.0) as emulator:
        ... emulator.url, emulator.access_key ...
        assert [call["operation"] for call in emulator.requests()] == ["StopNotebook", "UpdateNotebook"]
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelarts_emulator.http.app import create_app
from modelarts_emulator.http.server import bind, make_server, url_of
from modelarts_emulator.identity.signing import Message, signed_headers
from modelarts_emulator.state.clock import wall_now

from .config import DEFAULT_ACCESS_KEY, DEFAULT_PROJECT_ID, DEFAULT_REGION, DEFAULT_SECRET_KEY, Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

    from modelarts_emulator.state.clock import Clock

READY_SECONDS = 30


class ControlError(Exception):
    """The control refused a request; the text says why."""


@dataclass(frozen=True, slots=True)
class Control:
    """The controls of an emulator that runs somewhere, in this process or in another.

    Attributes:
        url: its address; also the endpoint of ``modelarts`` and ``iam`` for a client.
    """

    url: str
    access_key: str = DEFAULT_ACCESS_KEY
    secret_key: str = DEFAULT_SECRET_KEY
    project_id: str = DEFAULT_PROJECT_ID
    region: str = DEFAULT_REGION

    def environment(self) -> dict[str, str]:
        """Environment variables that point the Terraform provider and the official SDK at this emulator."""
        region = self.region.upper().replace("-", "_")
        return {
            "HW_ACCESS_KEY": self.access_key,
            "HW_SECRET_KEY": self.secret_key,
            "HW_REGION_NAME": self.region,
            "HW_PROJECT_ID": self.project_id,
            "HW_ENDPOINT_MODELARTS": self.url,
            "HW_ENDPOINT_IAM": self.url,
            "HUAWEICLOUD_SDK_AK": self.access_key,
            "HUAWEICLOUD_SDK_SK": self.secret_key,
            "HUAWEICLOUD_SDK_PROJECT_ID": self.project_id,
            "HUAWEICLOUD_SDK_IAM_ENDPOINT": self.url,
            f"HUAWEICLOUD_SDK_REGION_MODELARTS_{region}": self.url,
        }

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request to ``/_emulator`` + path; the parsed answer, or None when it has no body.

        Raises:
            ControlError: with the sentence that the emulator answered.
        """
        return self._send(method, f"/_emulator{path}", b"" if body is None else json.dumps(body).encode(), {})

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """One signed call of the API itself, as somebody else who works in the same project.

        Args:
            method: of HTTP.
            path: what follows the project id, such as ``/notebooks/{id}/stop``, with its query.
            body: as JSON values; None for none.

        Returns:
            The parsed answer, or None when it has no body.

        Raises:
            ControlError: with the status, code and message of a refusal.
        """
        data = b"" if body is None else json.dumps(body).encode()
        full = f"/v1/{self.project_id}{path}"
        plain, _, query = full.partition("?")
        message = Message(method, plain.encode(), query.encode(), {}, data)
        return self._send(method, full, data, signed_headers(message, self.access_key, self.secret_key, wall_now()))

    def _send(self, method: str, path: str, data: bytes, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(f"{self.url}{path}", data=data or None, headers=headers, method=method)  # noqa: S310 - our own address
        request.add_header("Content-Type", "application/json")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=READY_SECONDS) as answer:
                raw = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise ControlError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return json.loads(raw) if raw else None

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        """The log of calls, oldest first; filter by method, path, operation, service, notebook_id, status or since."""
        query = "&".join(f"{key}={urllib.parse.quote(str(value))}" for key, value in filters.items())
        found: list[dict[str, Any]] = self.call("GET", "/requests" + (f"?{query}" if query else ""))["requests"]
        return found

    def clear_requests(self) -> None:
        """Empty the log."""
        self.call("DELETE", "/requests")

    def add_fault(self, **fault: Any) -> None:
        """Let calls go wrong: method, path, operation, nth, count and status, cut or latency_ms."""
        self.call("POST", "/faults", fault)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.call("DELETE", "/faults")

    def fail_next(self, operation: str, fail_reason: str, *, notebook_id: str | None = None, count: int = 1) -> None:
        """Let the next create, start, delete, create-image or attach end in its ``…_FAILED`` status."""
        body = {"operation": operation, "fail_reason": fail_reason, "notebook_id": notebook_id, "count": count}
        self.call("POST", "/failures", body)

    def notebook(self, notebook_id: str) -> dict[str, Any]:
        """An instance with what the API hides: hooks, and the whole state below ``behind``."""
        found: dict[str, Any] = self.call("GET", f"/notebooks/{notebook_id}")
        return found

    def notebooks(self) -> list[dict[str, Any]]:
        """All instances, of all projects."""
        found: list[dict[str, Any]] = self.call("GET", "/notebooks")["notebooks"]
        return found

    def patch_notebook(self, notebook_id: str, **changes: Any) -> dict[str, Any]:
        """Change an instance from outside: name, description, flavor, image_id, status, tags, lease, hooks."""
        found: dict[str, Any] = self.call("PATCH", f"/notebooks/{notebook_id}", changes)
        return found

    def drop_notebook(self, notebook_id: str) -> None:
        """Take an instance away at once, as if somebody had deleted it."""
        self.call("DELETE", f"/notebooks/{notebook_id}")

    def set_sold_out(self, flavor_id: str, *, sold_out: bool = True) -> None:
        """Say whether a flavor is sold out."""
        self.call("PATCH", "/catalog", {"flavors": {flavor_id: {"sold_out": sold_out}}})

    def deny(self, *what: str, user: str = "emulator") -> None:
        """Let a user not use these actions, such as ``modelarts:notebook:list``, or operations; without any, all is allowed."""
        self.call("PATCH", f"/users/{urllib.parse.quote(user, safe='')}", {"denied": [*what]})

    def reset(self, **settings: Any) -> None:
        """Start from nothing; may change rules, quota, not_found, seed and assume."""
        self.call("POST", "/reset", settings)


@contextlib.contextmanager
def running_emulator(config: Config | None = None, *, clock: Clock | None = None, **settings: Any) -> Iterator[Control]:
    """Serve an emulator on a free local port, from a thread of this process, while the block runs.

    Args:
        config: the settings; None for the defaults with instant transitions and no quota.
        clock: emulated time, for example a ManualClock.
        settings: fields of :class:`Config` that replace those of ``config``.
    """
    base = config or Config(time_scale=0.0, quota=0)
    chosen = dataclasses.replace(base, **settings)
    app = create_app(chosen, clock=clock)
    user = chosen.users[0]
    try:
        with serving(app) as url:
            yield Control(url, user.access_key, user.secret_key, chosen.projects[0].id, chosen.projects[0].region)
    finally:
        app.state.emulator.close()


@contextlib.contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an application on a free local port, from a thread of this process; yields its address."""
    bound = bind("127.0.0.1", 0)
    url = url_of(bound)
    ready = threading.Event()
    server = make_server(app, ready.set)
    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(server.serve(sockets=[bound]))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run, name="modelarts-emulator", daemon=True)
    thread.start()
    if not ready.wait(READY_SECONDS) or failed:
        raise RuntimeError(f"the emulator did not start: {failed[0] if failed else 'no answer'}")
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join(READY_SECONDS)


def in_process_transport(app: Any) -> Any:
    """An ``httpx.AsyncBaseTransport`` over an application, without a socket.

    A cut connection is an ``httpx.ReadError``, as it is over TCP. Needs httpx, which the emulator itself doesn't.
    """
    import httpx  # noqa: PLC0415 - a dependency of the tests that use it, not of the emulator

    class _Transport(httpx.ASGITransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            try:
                return await super().handle_async_request(request)
            except ConnectionResetError as error:
                raise httpx.ReadError(str(error), request=request) from error

    return _Transport(app)
