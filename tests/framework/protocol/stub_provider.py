"""A provider process with a dispatch that says what happens to it, run as a script by the tests of the transport."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from modelarts_provider.framework.protocol.codec import DecodeError, decode, encode
from modelarts_provider.framework.protocol.status import RpcError


def note(line: str) -> None:
    """Append a line to the file that the test reads."""
    with Path(os.environ["STUB_NOTES"]).open("a") as file:
        file.write(line + "\n")


class Stub:
    """Answers a few methods; PlanResourceChange echoes, ApplyResourceChange takes as long as it is told to."""

    def __init__(self) -> None:
        self.stopped = asyncio.Event()
        self.running = 0
        self.all_running = asyncio.Event()

    async def dispatch(self, method: str, request: bytes) -> bytes:
        handler = getattr(self, f"on_{method}", None)
        if handler is None:
            raise RpcError.unimplemented(method)
        return await handler(request)

    async def on_GetProviderSchema(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        decode("GetProviderSchema.Request", request)
        return encode("GetProviderSchema.Response", {"provider": {"version": 7, "block": {}}})

    async def on_PlanResourceChange(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        private = decode("PlanResourceChange.Request", request)["prior_private"]
        return encode("PlanResourceChange.Response", {"planned_private": private})

    async def on_ReadResource(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        """Answer when as many calls are running as the request's id says: only overlapping calls ever end."""
        self.running += 1
        if self.running == int(decode("ReadResource.Request", request)["type_name"]):
            self.all_running.set()
        await self.all_running.wait()
        return encode("ReadResource.Response", {})

    async def on_ApplyResourceChange(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        """Run until StopProvider comes, then take a moment to put things back."""
        note("applying")
        await self.stopped.wait()
        await asyncio.sleep(0.2)
        note("restored")
        return encode("ApplyResourceChange.Response", {"private": b"restored" * 500_000})

    async def on_StopProvider(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        note("stop")
        self.stopped.set()
        return encode("StopProvider.Response", {})

    async def on_ConfigureProvider(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        version = decode("ConfigureProvider.Request", request)["terraform_version"]
        if version.startswith("fail"):
            raise LookupError(version)
        if version == "cancel":
            raise asyncio.CancelledError
        if version == "print":
            print("printed by a library")
            os.write(1, b"written to descriptor 1\n")
        return encode("ConfigureProvider.Response", {})

    async def on_GetFunctions(self, request: bytes) -> bytes:  # noqa: N802 - protocol name
        raise DecodeError("a field is wrong")


def make_dispatch():
    """What the transport calls after the handshake."""
    if "STUB_BROKEN" in os.environ:
        raise LookupError("the provider cannot be imported")
    note("modules: " + " ".join(sorted(name for name in sys.modules if "." not in name)))
    return Stub().dispatch


if __name__ == "__main__":
    if "--debug" in sys.argv:
        from modelarts_provider.framework.protocol.reattach import serve_debug

        serve_debug(make_dispatch, "local/modelarts/modelarts")
    else:
        from modelarts_provider.framework.protocol.process import serve

        serve(make_dispatch, "modelarts")
