"""A service whose answers have fields of another type than documented, and the ways to be odd."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from modelarts_emulator.config import Config
from modelarts_emulator.http.app import create_app
from modelarts_emulator.testing import Control, serving

Json = dict[str, Any]
Path = tuple[str | int, ...]

ABSENT = object()


def nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = {"d": value}
    return value


ODD_VALUES: dict[str, Any] = {
    "absent": ABSENT,
    "null": None,
    "a number": 5,
    "a negative number": -1,
    "zero": 0,
    "a huge number": 10**30,
    "a time beyond all times": 1_700_000_000_000 * 10**6,
    "the largest number": 2**53,
    "the last moment": 253_402_300_799_999,
    "a fraction": 1.5,
    "true": True,
    "false": False,
    "an empty text": "",
    "a text": "x",
    "half a character": "\ud800",
    "a long text": "x" * 100_000,
    "an empty list": [],
    "a list of numbers": [5],
    "a list of null": [None],
    "a list of lists": [[]],
    "a list of objects": [{"a": 1}],
    "an empty object": {},
    "another object": {"a": {"b": [1]}},
    "deep nesting": nested(200),
}


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in an answer, of a list its first element's."""
    if at:
        yield at
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, (*at, name))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*at, 0))


def mutated(answer: Json, path: Path, value: Any) -> Json:
    """The answer with another value in one place."""
    changed: Any = copy.deepcopy(answer)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is ABSENT:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return dict(changed)


class OddService:
    """An emulator behind a gateway that changes what is answered about notebooks."""

    def __init__(self) -> None:
        self.change: Callable[[str, Json], Json] = lambda _, answer: answer
        self.app = create_app(Config(time_scale=0.0, quota=0))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or "/notebooks" not in scope["path"] or scope["path"].startswith("/_emulator"):
            await self.app(scope, receive, send)
            return
        started: list[Any] = []

        async def changing(message: Any) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                return
            body = message.get("body", b"")
            if body and started[0]["status"] < 300:
                body = json.dumps(self.change(scope["method"], json.loads(body))).encode()
            headers = [pair for pair in started[0]["headers"] if pair[0].lower() != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            await send({**started[0], "headers": headers})
            await send({**message, "body": body})

        await self.app(scope, receive, changing)


@contextmanager
def odd_service() -> Iterator[tuple[OddService, Control]]:
    """A running one, and its emulator's control."""
    service = OddService()
    config = Config(time_scale=0.0, quota=0)
    user, project = config.users[0], config.projects[0]
    try:
        with serving(service) as url:  # type: ignore[arg-type] # any ASGI application
            yield service, Control(url, user.access_key, user.secret_key, project.id, project.region)
    finally:
        service.app.state.emulator.close()
