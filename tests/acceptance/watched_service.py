"""An emulator that tests look into: its clock, its identities, and the headers that it was sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import pytest

from modelarts_emulator import testing
from modelarts_emulator.emulator import Emulator
from modelarts_emulator.http.app import create_app
from modelarts_emulator.identity.callers import Key, Token
from modelarts_emulator.identity.iam import temporary_key
from modelarts_emulator.state.clock import wall_now
from modelarts_emulator.testing import Control, running_emulator

HOUR = 3_600_000
MINUTE = 60_000


class Wall:
    """The service's clock, by which tokens end and signatures are judged."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return wall_now() + self.ahead


@dataclass
class Watched:
    """An emulator, what is behind it, and the headers of all calls since they were cleared."""

    control: Control
    emulator: Emulator
    wall: Wall
    headers: list[dict[str, str]] = field(default_factory=list)

    def temporary_key(self, *, ended: bool = False) -> Key:
        """A temporary key of the first user, as somebody else's tool would get it."""
        emulator = self.emulator
        key = temporary_key(emulator.identities, emulator.world.ids, emulator.config.users[0], 3600)
        return self._ended(key) if ended else key

    def token(self, *, ended: bool = False) -> Token:
        """A token of the first user for the first project."""
        emulator, now = self.emulator, self.wall()
        user, project = emulator.config.users[0], emulator.config.projects[0]
        ends = now - MINUTE if ended else now + 24 * HOUR
        token = Token(f"MIIgiven{emulator.world.ids.secret()}", user, project, now - HOUR, ends)
        emulator.identities.add_token(token)
        return token

    def end_what_was_given(self) -> None:
        """From now on, no token and no temporary key that was given out is accepted."""
        for key in [key for key in self.emulator.identities.keys.values() if key.security_token]:
            self._ended(key)
        for token in [*self.emulator.identities.tokens.values()]:
            self.emulator.identities.add_token(dataclasses.replace(token, expires_at=self.wall() - MINUTE))

    def _ended(self, key: Key) -> Key:
        ended = dataclasses.replace(key, expires_at=self.wall() - MINUTE)
        self.emulator.identities.add_key(ended)
        return ended

    @property
    def issued(self) -> set[str]:
        """Every token and temporary secret that was given out."""
        identities = self.emulator.identities
        keys = [key for key in identities.keys.values() if key.security_token]
        return {*identities.tokens, *(key.secret for key in keys), *(str(key.security_token) for key in keys)}

    def when_first_called(self, operation: str, then: Callable[[], None]) -> None:
        """Do something in the service just before it looks at the first call of an operation."""
        usual = type(self.emulator).take_fault
        waiting = [operation]

        def take_fault(method: str, path: str, called: str | None) -> Any:
            if called in waiting:
                waiting.clear()
                then()
            return usual(self.emulator, method, path, called)

        self.emulator.take_fault = take_fault  # type: ignore[method-assign] # the seam through which every call goes

    def when_done(self, operation: str, then: Callable[[], None]) -> None:
        """Do something once the first call of an operation has had its effect, before it is answered."""
        usual = type(self.emulator).save
        waiting: list[str] = []
        self.when_first_called(operation, lambda: waiting.append(operation))

        def save() -> None:
            usual(self.emulator)
            if waiting:
                waiting.clear()
                then()

        self.emulator.save = save  # type: ignore[method-assign] # what every call does before it is answered


def as_a_proxy_forwards(scope: Any) -> Any:
    """A request whose target is a whole URL, which a client sends to a proxy, with the path alone."""
    raw = scope["raw_path"]
    if not raw.startswith(b"http"):
        return scope
    path = b"/" + raw.split(b"/", 3)[3]
    return {**scope, "raw_path": path, "path": unquote(path.decode("latin-1"))}


@contextmanager
def watched_service(**settings: Any) -> Iterator[Watched]:
    """A running emulator; settings as those of ``running_emulator``."""
    wall, headers = Wall(), []
    made: list[Emulator] = []

    def watched(*arguments: Any, **more: Any) -> Any:
        app = create_app(*arguments, wall=wall, **more)
        made.append(app.state.emulator)
        gateway = app.router.default

        async def listen(scope: Any, receive: Any, send: Any) -> None:
            headers.append({name.decode(): value.decode("latin-1") for name, value in scope["headers"]})
            await gateway(as_a_proxy_forwards(scope), receive, send)

        app.router.default = listen
        return app

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(testing, "create_app", watched)
        with running_emulator(**settings) as control:
            yield Watched(control, made[0], wall, headers)
