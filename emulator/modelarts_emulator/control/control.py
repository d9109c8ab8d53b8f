"""The control below ``/_emulator``: unsigned, for tests, demos and people; no part of the emulated API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from modelarts_emulator import assumptions
from modelarts_emulator.control import console_changes, users
from modelarts_emulator.control.console_changes import InvalidControl
from modelarts_emulator.http import faults, json_text
from modelarts_emulator.http.faults import quoted
from modelarts_emulator.state.state_file import StateError
from modelarts_emulator.state.store import Failure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from modelarts_emulator.emulator import Emulator

MAX_BODY = 1024 * 1024
"""A body of the control: a thousand faults are a tenth of it."""
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OPERATIONS = frozenset({"create", "start", "delete", "create-image", "attach"})
_MOST_COUNT = 1_000_000
_RESETTABLE: dict[str, type] = {"rules": str, "quota": int, "not_found": str, "seed": int, "assume": dict}
_ALLOWED: dict[str, tuple[str, ...]] = {"rules": ("documented", "observed"), "not_found": ("6404", "6309", "404")}


class TooLarge(Exception):
    """A body is larger than the control reads; the text says so."""


class Control:
    """The handlers of the control, over one emulator."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._known = ""

    def routes(self) -> list[Route]:
        """The routes, below ``/_emulator``."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("GET", "/healthz", self._health),
            ("GET", "/requests", self._requests),
            ("DELETE", "/requests", self._clear_requests),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("GET", "/failures", self._failures),
            ("POST", "/failures", self._add_failure),
            ("DELETE", "/failures", self._clear_failures),
            ("GET", "/notebooks", self._notebooks),
            ("GET", "/notebooks/{id}", self._notebook),
            ("PATCH", "/notebooks/{id}", self._patch_notebook),
            ("DELETE", "/notebooks/{id}", self._drop_notebook),
            ("GET", "/catalog", self._catalog),
            ("PATCH", "/catalog", self._patch_catalog),
            ("GET", "/users", self._users),
            ("PATCH", "/users/{name}", self._patch_user),
            ("POST", "/reset", self._reset),
        ]
        self._known = ", ".join(f"{method} {path.removeprefix('/')}" for method, path, _ in table)
        found = [Route(path, self._guarded(handler), methods=[method]) for method, path, handler in table]
        # last, so that everything else wins; any method, so that a wrong one is told what there is
        return [*found, Route("/{rest:path}", self.unknown, methods=METHODS)]

    async def unknown(self, request: Request) -> Response:
        """404 with what there is."""
        asked = f"{request.method} /{request.path_params.get('rest', '')}"
        return JSONResponse({"error": f"the control knows no {asked}; it knows {self._known}"}, status_code=404)

    def _guarded(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def run(request: Request) -> Response:
            try:
                answer = await handler(request)
                self._emulator.save()
            except TooLarge as error:
                # what is left of the body isn't read, so no other request can follow on this connection
                return JSONResponse({"error": str(error)}, status_code=413, headers={"connection": "close"})
            except ClientDisconnect:
                return Response(status_code=400)  # half a request is none; nobody reads this answer
            except (InvalidControl, faults.InvalidFault) as error:
                return JSONResponse({"error": str(error)}, status_code=400)
            except StateError as error:
                return JSONResponse({"error": str(error)}, status_code=500)
            return answer

        return run

    async def _health(self, request: Request) -> Response:
        config = self._emulator.config
        return JSONResponse(
            {
                "status": "ok",
                "rules": config.rules,
                "time_scale": config.time_scale,
                "emulated_now": self._emulator.world.advance(),
                "notebooks": len(self._emulator.world.notebooks),
            }
        )

    async def _requests(self, request: Request) -> Response:
        wanted = {key: value for key, value in request.query_params.items() if key != "since"}
        since = request.query_params.get("since", "0")
        if not re.fullmatch(r"[0-9]{1,15}", since):
            raise InvalidControl(f"'since' is an index of the log, a number from 0, not {quoted(since)}")
        unknown = set(wanted) - {"method", "path", "operation", "service", "notebook_id", "status"}
        if unknown:
            raise InvalidControl(f"the log cannot be filtered by {', '.join(sorted(unknown))}")
        if wanted.get("operation", "ShowNotebook") not in faults.OPERATIONS:  # a typo would be taken for "never called"
            raise InvalidControl(faults.unknown_operation(wanted["operation"]))
        if "method" in wanted:
            wanted["method"] = wanted["method"].upper()
        entries = [
            entry.to_json()
            for entry in self._emulator.journal.entries()
            if entry.index >= int(since) and all(str(getattr(entry, key)) == value for key, value in wanted.items())
        ]
        return JSONResponse({"requests": entries})

    async def _clear_requests(self, request: Request) -> Response:
        self._emulator.journal.clear()
        return Response(status_code=204)

    async def _faults(self, request: Request) -> Response:
        return JSONResponse({"faults": [fault.to_json() for fault in self._emulator.faults]})

    async def _add_fault(self, request: Request) -> Response:
        data = await _body(request)
        given = data if isinstance(data, list) else [data]
        if len(self._emulator.faults) + len(given) > faults.MOST:
            raise InvalidControl(f"there can be {faults.MOST} faults at a time: remove some with DELETE faults")
        first = max((fault.id for fault in self._emulator.faults), default=0) + 1
        parsed = [faults.parse(item, number) for number, item in enumerate(given, start=first)]
        self._emulator.faults.extend(parsed)
        self._emulator.control_dirty = True
        return JSONResponse({"faults": [fault.to_json() for fault in parsed]}, status_code=201)

    async def _clear_faults(self, request: Request) -> Response:
        self._emulator.faults.clear()
        self._emulator.control_dirty = True
        return Response(status_code=204)

    async def _failures(self, request: Request) -> Response:
        found = self._emulator.world.failures
        return JSONResponse({"failures": [_failure_json(failure) for failure in found]})

    async def _add_failure(self, request: Request) -> Response:
        data = _object(await _body(request), {"operation", "fail_reason", "notebook_id", "count"})
        operation, reason = data.get("operation"), data.get("fail_reason", "The emulator was told to fail.")
        notebook_id, count = data.get("notebook_id"), data.get("count", 1)
        if not isinstance(operation, str) or operation not in _OPERATIONS:
            raise InvalidControl(f"'operation' is one of {', '.join(sorted(_OPERATIONS))}, not {quoted(operation)}")
        if not isinstance(reason, str) or not isinstance(notebook_id, str | None):
            raise InvalidControl("'fail_reason' and 'notebook_id' are strings")
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= _MOST_COUNT:
            raise InvalidControl(f"'count' is a number from 1 to {_MOST_COUNT}, not {quoted(count)}")
        if len(self._emulator.world.failures) >= faults.MOST:
            raise InvalidControl(f"there can be {faults.MOST} failures at a time: remove some with DELETE failures")
        failure = Failure(operation, reason, notebook_id, count)
        self._emulator.world.failures.append(failure)
        self._emulator.control_dirty = True
        return JSONResponse(_failure_json(failure), status_code=201)

    async def _clear_failures(self, request: Request) -> Response:
        self._emulator.world.failures.clear()
        self._emulator.control_dirty = True
        return Response(status_code=204)

    async def _notebooks(self, request: Request) -> Response:
        world = self._emulator.world
        now = world.advance()
        return JSONResponse(
            {"notebooks": [console_changes.look(world, item, now) for item in world.notebooks.values()]}
        )

    async def _notebook(self, request: Request) -> Response:
        world = self._emulator.world
        now = world.advance()
        item = world.notebooks.get(request.path_params["id"])
        if item is None:
            return _no_notebook(request)
        return JSONResponse(console_changes.look(world, item, now))

    async def _patch_notebook(self, request: Request) -> Response:
        world = self._emulator.world
        now = world.advance()
        item = world.notebooks.get(request.path_params["id"])
        if item is None:
            return _no_notebook(request)
        console_changes.change(world, item, await _body(request), now)
        return JSONResponse(console_changes.look(world, item, now))

    async def _drop_notebook(self, request: Request) -> Response:
        """Take an instance away at once, as if somebody had deleted it long ago."""
        world = self._emulator.world
        world.advance()
        if world.notebooks.pop(request.path_params["id"], None) is None:
            return _no_notebook(request)
        world.dirty.add(("notebook", request.path_params["id"]))
        return Response(status_code=204)

    async def _catalog(self, request: Request) -> Response:
        return JSONResponse(console_changes.catalog(self._emulator.world))

    async def _patch_catalog(self, request: Request) -> Response:
        world = self._emulator.world
        data = _object(await _body(request), {"flavors"})
        flavors = data.get("flavors")
        if not isinstance(flavors, dict):
            raise InvalidControl('send {"flavors": {"<id>": {"sold_out": true}}}')
        for flavor_id, change in flavors.items():
            if flavor_id not in world.flavors:
                raise InvalidControl(f"there is no flavor {quoted(flavor_id)}")
            if not isinstance(change, dict) or set(change) != {"sold_out"} or not isinstance(change["sold_out"], bool):
                raise InvalidControl("of a flavor only 'sold_out' (true or false) can be changed")
        for flavor_id, change in flavors.items():
            world.set_sold_out(flavor_id, change["sold_out"])
        return JSONResponse(console_changes.catalog(world))

    async def _users(self, request: Request) -> Response:
        emulator = self._emulator
        return JSONResponse({"users": [users.look(emulator, user) for user in emulator.config.users]})

    async def _patch_user(self, request: Request) -> Response:
        emulator, name = self._emulator, request.path_params["name"]
        user = next((user for user in emulator.config.users if user.name == name), None)
        if user is None:
            return JSONResponse({"error": f"there is no user {name!r}"}, status_code=404)
        users.change(emulator, user, await _body(request))
        return JSONResponse(users.look(emulator, user))

    async def _reset(self, request: Request) -> Response:
        data = _object(await _body(request), set(_RESETTABLE))
        for key, value in data.items():
            if not isinstance(value, _RESETTABLE[key]) or isinstance(value, bool):
                raise InvalidControl(f"{key!r} has to be of the type {_RESETTABLE[key].__name__}, not {quoted(value)}")
            if key in _ALLOWED and value not in _ALLOWED[key]:
                raise InvalidControl(f"{key!r} is one of {', '.join(_ALLOWED[key])}, not {quoted(value)}")
            wrong = assumptions.problem(value) if isinstance(value, dict) else None
            if wrong is not None:
                raise InvalidControl(wrong)
            if key == "quota" and isinstance(value, int) and not 0 <= value <= _MOST_COUNT:
                raise InvalidControl(f"'quota' is a number from 0 to {_MOST_COUNT}, where 0 means no limit")
        self._emulator.reset(data)
        return Response(status_code=204)


def _no_notebook(request: Request) -> Response:
    return JSONResponse({"error": f"there is no notebook {request.path_params['id']!r}"}, status_code=404)


def _failure_json(failure: Failure) -> dict[str, Any]:
    return {
        "operation": failure.operation,
        "fail_reason": failure.reason,
        "notebook_id": failure.notebook_id,
        "count": failure.count,
    }


async def _body(request: Request) -> Any:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise TooLarge(f"the body is larger than {MAX_BODY} bytes")
    if not raw.strip():
        return {}
    try:
        return json_text.parse(bytes(raw))
    except ValueError:
        raise InvalidControl("the body is not JSON") from None


def _object(data: Any, keys: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise InvalidControl("the body has to be a JSON object")
    unknown = set(data) - keys
    if unknown:
        raise InvalidControl(f"unknown key {quoted(min(unknown))}; possible are {', '.join(sorted(keys))}")
    return data
