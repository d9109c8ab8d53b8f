"""The ASGI application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from modelarts_emulator.config import Config
from modelarts_emulator.control.control import METHODS, Control
from modelarts_emulator.control.guard import CONTROL, Guard
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.http import openapi
from modelarts_emulator.http.gateway import Gateway
from modelarts_emulator.state.clock import wall_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from modelarts_emulator.state.clock import Clock


def create_app(
    config: Config | None = None, *, clock: Clock | None = None, wall: Callable[[], int] = wall_now
) -> Starlette:
    """An emulator as an ASGI application; ``app.state.emulator`` is the :class:`Emulator` behind it.

    Args:
        config: how it behaves; None for the defaults.
        clock: emulated time; a ManualClock lets a test step through transitions.
        wall: real time (UTC ms), by which signatures are judged.
    """
    emulator = Emulator(config or Config(), clock, wall)
    control = Control(emulator)

    async def openapi_json(request: Request) -> JSONResponse:
        return JSONResponse(openapi.document(str(request.base_url).rstrip("/")))

    app = Starlette(
        routes=[
            Route("/openapi.json", openapi_json),
            Mount(CONTROL, routes=control.routes()),
            Route(CONTROL, control.unknown, methods=METHODS),
        ]
    )
    app.add_middleware(Guard, names=emulator.config.host_names)
    # no route: a pattern doesn't match every path that a client can send (a line break, for one)
    app.router.default = Gateway(emulator)
    app.router.redirect_slashes = False
    app.state.emulator = emulator
    return app
