"""The plugin's server: accepts connections on a socket that is already listening, with mutual TLS or in the clear."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from grpclib.config import Configuration
from grpclib.protocol import H2Protocol
from h2.config import H2Configuration

from modelarts_provider.framework.protocol.handshake import KEY_NAME, HandshakeError
from modelarts_provider.framework.protocol.rpc import Calls, ConnectionHandler
from modelarts_provider.framework.protocol.write_coalescing import GatheringTransport

if TYPE_CHECKING:
    from modelarts_provider.framework.protocol.certificate import Certificate
    from modelarts_provider.framework.protocol.handshake import Listener
    from modelarts_provider.framework.protocol.rpc import Routes

_HANG_UP_SECONDS: Final = 2.0

_HTTP2: Final = H2Configuration(
    client_side=False,
    header_encoding="ascii",
    # Both peers are known and authenticated; validation costs a tenth of each call.
    validate_inbound_headers=False,
    validate_outbound_headers=False,
    normalize_inbound_headers=False,
    normalize_outbound_headers=False,
)


def tls_context(certificate: Certificate, client_pem: str, directory: str) -> ssl.SSLContext:
    """TLS that shows this certificate and accepts one client certificate only.

    Args:
        certificate: Made for this start.
        client_pem: The certificate that Terraform passes in PLUGIN_CLIENT_CERT and will show.
        directory: A private directory: Python's ssl reads keys from files only, so one exists there for a moment.

    Raises:
        HandshakeError: The client's certificate is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(cadata=client_pem)
    except ssl.SSLError as error:
        msg = (
            f"PLUGIN_CLIENT_CERT holds no certificate ({error.reason}). Nothing was done. Terraform sets it by itself."
        )
        raise HandshakeError(msg) from error
    path = f"{directory}/{KEY_NAME}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, certificate.pem)
        os.close(descriptor)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)  # noqa: PTH108 - pathlib is not imported for this
    return context


class Server:
    """Serves every connection of a listener, and knows which connections and calls there are."""

    def __init__(self) -> None:
        self._config = Configuration().__for_server__()
        self._connections: set[_Connection] = set()
        self._disconnected = asyncio.Event()
        self._disconnected.set()
        self._server: asyncio.AbstractServer | None = None
        self.calls = Calls()

    @property
    def is_connected(self) -> bool:
        """Whether a client is connected right now."""
        return bool(self._connections)

    async def start(self, routes: Routes, listener: Listener, context: ssl.SSLContext | None) -> None:
        """Serve routes to all who connect, those that are already waiting first; without a context in the clear."""

        def connection() -> H2Protocol:
            return _Connection(self, ConnectionHandler(routes, self.calls), self._config)

        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(connection, sock=listener.socket, ssl=context)

    async def close(self, seconds: float) -> None:
        """Accept no more, let running calls answer for that many seconds at most, and end the connections."""
        if self._server is not None:
            self._server.close()
        await self.calls.drain(seconds)
        await self.hang_up()

    def flush(self) -> None:
        """Send what was written, as far as the clients' sockets take it: for a process that ends at once."""
        for connection in self._connections:
            connection.flush()

    async def hang_up(self) -> None:
        """End the connections, after what was written to them is sent; a peer that reads no more gets two seconds."""
        for connection in list(self._connections):
            connection.processor.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_HANG_UP_SECONDS):
                await self._disconnected.wait()

    def opened(self, connection: _Connection) -> None:
        """Take note of a client, after its TLS handshake."""
        self._connections.add(connection)
        self._disconnected.clear()

    def lost(self, connection: _Connection) -> None:
        """Take note that a client is gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._disconnected.set()


class _Connection(H2Protocol):
    def __init__(self, server: Server, handler: ConnectionHandler, config: Configuration) -> None:
        super().__init__(handler, config, _HTTP2)
        self._plugin = server
        self._transport: GatheringTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = GatheringTransport(cast("asyncio.Transport", transport))
        super().connection_made(self._transport)
        self._plugin.opened(self)

    def flush(self) -> None:
        if self._transport is not None:
            self._transport.flush()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._plugin.lost(self)
        super().connection_lost(exc)
