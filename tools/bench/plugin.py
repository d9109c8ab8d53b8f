"""One start of the provider as Terraform does it: cookie, handshake line, mutual TLS, the schema, Shutdown."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import ssl
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpclib.client import Channel, UnaryUnaryMethod
from grpclib.config import Configuration
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError, StreamTerminatedError

from modelarts_provider.framework.protocol.handshake import COOKIE_NAME, COOKIE_VALUE
from tools.bench.processes import memory_now, processor_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_SCHEMA = "/tfplugin6.Provider/GetProviderSchema"
_SHUTDOWN = "/plugin.GRPCController/Shutdown"


@dataclass(frozen=True)
class Start:
    """One start.

    Attributes:
        handshake: Seconds from the start of the process to its handshake line.
        schema: Seconds from there to the first schema, with connecting.
        processor_handshake: Seconds of processor time up to the line.
        processor_schema: The same up to the schema.
        memory: Resident bytes after the schema.
    """

    handshake: float
    schema: float
    processor_handshake: float
    processor_schema: float
    memory: int


class ClientCertificate:
    """A certificate as Terraform makes it for each start: ECDSA P-521, its own root.

    Args:
        folder: Where the key lies for as long as the measurement runs.
    """

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP521R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA512())
        )
        self.pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
        self.file = folder / "client.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        self.file.write_text(self.pem + private.decode())
        self.file.chmod(0o600)


def measure_start(launcher: Path, client: ClientCertificate, env: Mapping[str, str]) -> Start:
    """Starts the provider once, asks for its schema and ends it.

    Args:
        launcher: The installed executable.
        client: What Terraform would show.
        env: The environment.
    """
    started_by = {COOKIE_NAME: COOKIE_VALUE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": client.pem}
    before = time.perf_counter()
    process, line = _first_line([str(launcher)], {**env, **started_by})
    after = time.perf_counter()
    processor = processor_time(process.pid)
    try:
        _, _, _, path, _, certificate = line.decode().strip().split("|")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=base64.b64decode(certificate + "=" * (-len(certificate) % 4)))
        context.load_cert_chain(client.file)
        context.set_alpn_protocols(["h2"])
        schema, processor_schema, memory = asyncio.run(_ask(path, context, process.pid))
        process.wait(timeout=30)
    finally:
        process.kill()
        process.communicate()
    return Start(after - before, schema - after, processor, processor_schema, memory)


def measure_python(python: Path, env: Mapping[str, str]) -> float:
    """Returns the seconds that a Python without any import takes from its start to its first line."""
    before = time.perf_counter()
    process, _ = _first_line([str(python), "-I", "-c", "print(flush=True)"], env)
    seconds = time.perf_counter() - before
    process.communicate()
    return seconds


def _first_line(command: Sequence[str], env: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], bytes]:
    process = subprocess.Popen(  # noqa: S603 - the commands are ours, and no shell reads them
        command, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None  # noqa: S101 - it was asked for
    return process, process.stdout.readline()


class _Bytes(CodecBase):
    """Messages as they are on the wire."""

    __content_subtype__ = "proto"

    def encode(self, message: Any, message_type: Any) -> bytes:
        """Nothing to do."""
        return bytes(message)

    def decode(self, data: bytes, message_type: Any) -> Any:
        """Nothing to do."""
        return data


async def _ask(path: str, context: ssl.SSLContext, process: int) -> tuple[float, float, int]:
    """Asks for the schema and ends the plugin.

    Returns:
        The moment of the answer, the process's seconds of processor time and its resident bytes then.
    """
    settings = Configuration(ssl_target_name_override="localhost")
    channel = Channel(path=path, ssl=context, codec=_Bytes(), config=settings)
    try:
        answer = await UnaryUnaryMethod(channel, _SCHEMA, bytes, bytes)(b"")
        moment = time.perf_counter()
        if not answer:
            raise ValueError("the provider answered an empty schema")
        facts = processor_time(process), memory_now(process)
        with suppress(GRPCError, StreamTerminatedError, ConnectionError):  # the process ends before it answers
            await UnaryUnaryMethod(channel, _SHUTDOWN, bytes, bytes)(b"")
        return moment, *facts
    finally:
        channel.close()
