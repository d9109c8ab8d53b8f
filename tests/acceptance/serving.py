"""A provider in the test's own process, for Terraform's reattach mode."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from modelarts_provider import SOURCE
from modelarts_provider.framework.cancellation import collecting_later
from modelarts_provider.framework.protocol.reattach import reattachable_thread
from modelarts_provider.framework.protocol.servicer import Servicer
from modelarts_provider.provider import ModelartsProvider

QUICKLY = {"MODELARTS_UNMANAGED_WAIT_SECONDS": "0.2"}
"""The emulator's notebooks get the managed tag in no time."""

Dispatch = Callable[[str, bytes], Awaitable[bytes]]


def _with_what_follows(servicer: Servicer) -> Dispatch:
    """Answers when that is done, too, which an installed provider does after its answer and before it ends.

    A reattached one isn't asked to end: a test would look before all is done.
    """

    async def answer(method: str, data: bytes) -> bytes:
        with collecting_later() as later:
            answered = await servicer(method, data)
        for work in later:
            await work()
        return answered

    return answer


@contextmanager
def served_provider(
    environment: Mapping[str, str] | None = None, log: Callable[[str], None] = lambda _: None
) -> Iterator[str]:
    """A provider in this process, with variables of its own; yields the value of TF_REATTACH_PROVIDERS."""
    made: list[tuple[ModelartsProvider, asyncio.AbstractEventLoop]] = []

    def make_dispatch() -> Dispatch:
        provider = ModelartsProvider(environment=QUICKLY | dict(environment or {}))
        made.append((provider, asyncio.get_running_loop()))
        return _with_what_follows(Servicer(provider, log=log))

    with reattachable_thread(make_dispatch, SOURCE) as value:
        try:
            yield value
        finally:  # also after a failed test, or the next one fails for what this one left open
            for provider, loop in made:
                asyncio.run_coroutine_threadsafe(provider.aclose(), loop).result(timeout=30)
