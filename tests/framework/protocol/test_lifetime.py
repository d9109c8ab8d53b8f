"""The end of the process, as far as it can be looked at without ending one."""

from __future__ import annotations

import asyncio
import json
import os

import pytest

from modelarts_provider.framework.protocol.handshake import open_listener
from modelarts_provider.framework.protocol.hclog import Log
from modelarts_provider.framework.protocol.lifetime import Host, Lifetime
from modelarts_provider.framework.protocol.server import Server


@pytest.fixture
def pipe():
    ends = list(os.pipe())
    yield ends
    for end in ends:
        os.close(end)


def test_a_host_is_there_while_it_reads_and_is_our_parent(pipe):
    assert not Host(os.getppid(), pipe[1]).is_gone


def test_a_host_that_reads_no_more_is_gone(pipe):
    host = Host(os.getppid(), pipe[1])
    os.close(pipe.pop(0))
    assert host.is_gone


def test_a_host_that_is_not_our_parent_any_more_is_gone(pipe):
    assert Host(os.getppid() + 1, pipe[1]).is_gone


def restore(stop, call, seconds: float) -> list[dict[str, object]]:
    """Run a call, let a lifetime restore, and give the log lines; the exit itself is left out."""
    read, write = os.pipe()
    listener = open_listener({})

    async def main():
        server = Server()
        server.calls.start(call())
        await Lifetime(listener, server, stop, Log(level="WARN", descriptor=write))._restore(seconds)

    try:
        asyncio.run(main())
    finally:
        listener.socket.close()
        listener.remove()
        os.close(write)
    with open(read) as lines:  # noqa: PTH123 - a descriptor
        return [json.loads(line) for line in lines]


def test_calls_are_awaited_even_where_they_could_not_be_asked_to_stop():
    ended = []

    async def stop():
        raise LookupError

    async def call():
        await asyncio.sleep(0.05)
        ended.append(True)
        return b""

    (line,) = restore(stop, call, seconds=60.0)
    assert (line["@message"], line["error"]) == ("running calls could not be asked to stop", "LookupError")
    assert ended == [True]


@pytest.mark.parametrize("stuck", ["call", "stop"])
def test_what_never_ends_does_not_hold_the_process(stuck):
    async def forever():
        await asyncio.Event().wait()
        return b""

    async def at_once():
        return b""

    lines = restore(forever if stuck == "stop" else at_once, forever, seconds=0.05)
    assert [line["@message"] for line in lines][-1] == "calls did not end in time"
    assert lines[-1]["calls_still_running"] == 1
