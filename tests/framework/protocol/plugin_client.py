"""What Terraform does to a plugin, for tests: client certificates, start, handshake, calls over mutual TLS."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.config import Configuration
from grpclib.encoding.base import CodecBase

from modelarts_provider.framework.protocol.codec import decode, encode
from modelarts_provider.framework.protocol.handshake import COOKIE_NAME, COOKIE_VALUE

STUB = Path(__file__).with_name("stub_provider.py")
PATIENCE = 60.0  # seconds that a condition may take on the slowest machine


class RawCodec(CodecBase):
    __content_subtype__ = "proto"

    def encode(self, message, message_type):
        return message

    def decode(self, data, message_type):
        return data


@dataclass(frozen=True)
class ClientCertificate:
    """A certificate as go-plugin makes it for each start of a plugin: ECDSA P-521, its own root, for localhost."""

    pem: str
    chain_file: Path

    @classmethod
    def make(cls, folder: Path, name: str) -> ClientCertificate:
        key = ec.generate_private_key(ec.SECP521R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, "localhost"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "HashiCorp"),
            ]
        )
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(seconds=30))
            .not_valid_after(now + dt.timedelta(hours=262_980))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA512())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        chain_file = folder / f"{name}.pem"
        chain_file.write_text(pem + private.decode())
        return cls(pem, chain_file)


def plugin_environment(notes: Path, client_pem: str | None, **extra: str) -> dict[str, str]:
    """What Terraform sets beside the user's own environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "PLUGIN_"))}
    made = {COOKIE_NAME: COOKIE_VALUE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "STUB_NOTES": str(notes)}
    if client_pem is not None:
        made["PLUGIN_CLIENT_CERT"] = client_pem
    return kept | made | extra


@dataclass(frozen=True)
class Handshake:
    """The parsed handshake line."""

    path: Path
    certificate: bytes

    @classmethod
    def parse(cls, line: bytes) -> Handshake:
        core, version, network, path, kind, certificate = line.decode().rstrip("\n").split("|")
        assert (core, version, network, kind) == ("1", "6", "unix", "grpc")
        assert "=" not in certificate
        return cls(Path(path), base64.b64decode(certificate + "=" * (-len(certificate) % 4)))

    def tls(self, client: ClientCertificate | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self.certificate)
        context.set_alpn_protocols(["h2"])
        if client is not None:
            context.load_cert_chain(client.chain_file)
        return context


def start_stub(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(STUB), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class _Channel(Channel):
    """A channel whose end can be awaited, so that no socket outlives its event loop."""

    _lost: asyncio.Event | None = None

    def _protocol_factory(self):
        protocol = super()._protocol_factory()
        made, lost, event = protocol.connection_made, protocol.connection_lost, asyncio.Event()

        def connection_made(transport):
            self._lost = event
            made(transport)

        def connection_lost(error):
            lost(error)
            event.set()

        protocol.connection_made, protocol.connection_lost = connection_made, connection_lost
        return protocol

    async def hang_up(self) -> None:
        self.close()
        if self._lost is not None:
            await asyncio.wait_for(self._lost.wait(), PATIENCE)


@asynccontextmanager
async def connected(path: Path, context: ssl.SSLContext | None):
    """A channel on which to call."""
    config = Configuration(ssl_target_name_override="localhost")
    channel = _Channel(path=str(path), ssl=context, codec=RawCodec(), config=config)
    try:
        yield channel
    finally:
        await channel.hang_up()


async def call(channel: Channel, method: str, **fields):
    """Call a method of the provider service with a request given by fields, and decode its response."""
    request = encode(f"{method}.Request", fields)
    response = await call_raw(channel, f"/tfplugin6.Provider/{method}", request)
    return decode(f"{method}.Response", response)


async def call_raw(channel: Channel, path: str, request: bytes) -> bytes:
    return await UnaryUnaryMethod(channel, path, bytes, bytes)(request)


def wait_until(condition, what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE} s"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    """Whether a process that may not be our child has ended; a zombie has."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def kill_quietly(pid: int) -> None:
    """End what a failed test left behind."""
    if not has_ended(pid):
        os.kill(pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a plugin the way that removes its socket's folder."""
    process.terminate()
    try:
        process.wait(PATIENCE)
    finally:
        process.kill()
