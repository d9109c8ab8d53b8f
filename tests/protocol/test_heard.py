"""A call knows whether its answer is still waited for: a create whose Terraform was killed must not sign what it made."""

from __future__ import annotations

import asyncio

from modelarts_provider.core.waiting import is_heard
from modelarts_provider.protocol.rpc import Calls


def test_a_call_is_heard_until_its_responder_is_gone() -> None:
    async def story() -> list[bool]:
        heard: list[bool] = []
        begun, gone, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def call() -> bytes:
            heard.append(is_heard())
            begun.set()
            await gone.wait()
            heard.append(is_heard())
            ended.set()
            return b""

        async def respond() -> None:
            await asyncio.shield(calls.start(call()))

        calls = Calls()
        responder = asyncio.ensure_future(respond())
        await begun.wait()
        responder.cancel()
        await asyncio.wait({responder})
        gone.set()
        await ended.wait()
        return heard

    assert asyncio.run(story()) == [True, False]


def test_what_nobody_has_called_through_a_connection_counts_as_heard() -> None:
    assert is_heard()
