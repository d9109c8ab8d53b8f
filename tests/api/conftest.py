"""A client without a network: MockTransport is the seam, waits are recorded instead of slept."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from given_login import with_key
from hypothesis import settings

from modelarts_provider.api.http.client import Client
from modelarts_provider.api.modelarts.notebooks import Notebooks
from modelarts_provider.framework.cancellation import Cancel

# The same examples in every run, and no time limit per example: other tests share the machine.
settings.register_profile("api", deadline=None, derandomize=True, database=None)
settings.load_profile("api")

PROJECT = "0123456789abcdef0123456789abcdef"


@dataclass
class Bench:
    """A client whose service is a list of answers, given one after the other (the last one for ever)."""

    answers: list[httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]]
    requests: list[httpx.Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    log: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    cancel: Cancel = field(default_factory=Cancel)

    async def serve(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            headers = [(k, v) for k, v in answer.headers.items() if k != "content-length"]
            return httpx.Response(answer.status_code, headers=headers, content=answer.content)
        return answer(request)

    async def sleep(self, seconds: float) -> None:
        self.cancel.raise_if_set()
        self.waits.append(seconds)

    def client(self, **settings: Any) -> Client:
        auth = with_key("AKTEST", "the-secret-key", "the-security-token", project_id=PROJECT)
        defaults: dict[str, Any] = {
            "auth": auth,
            "cancel": self.cancel,
            "transport": httpx.MockTransport(self.serve),
            "sleep": self.sleep,
            "random": lambda: 1.0,
            "log": lambda text, facts: self.log.append((text, facts)),
        }
        return Client("http://api.test", PROJECT, **(defaults | settings))

    def call(self, method: str, path: str, **arguments: Any) -> Any:
        async def run() -> Any:
            client = self.client()
            try:
                return await client.request(method, path, **arguments)
            finally:
                await client.aclose()

        return asyncio.run(run())

    def notebooks(self) -> Notebooks:
        return Notebooks(self.client())

    def body(self, index: int = -1) -> Any:
        content = self.requests[index].content
        return json.loads(content) if content else None


@pytest.fixture
def bench() -> Callable[..., Bench]:
    return lambda *answers: Bench(list(answers))


@pytest.fixture(scope="session")
def sdk_signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The official SDK's signer class; importing the SDK writes into HOME, so that is elsewhere meanwhile."""
    home = os.environ.get("HOME")
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))
    try:
        from huaweicloudsdkcore.signer.signer import Signer  # noqa: PLC0415  # HOME has to be set first

        yield Signer
    finally:
        if home is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = home
