"""What go-plugin wants of a process before the first call: cookie, version, a private socket, one line on stdout.

Terraform starts the provider two to five times per command and waits for that line each time, so this module imports
only what the line needs. The names of variables and the line's format are go-plugin's.
"""

from __future__ import annotations

import os
import socket
from binascii import b2a_base64

TYPE_CHECKING = False  # importing typing costs more than anything else here
if TYPE_CHECKING:
    from collections.abc import Mapping

    from modelarts_provider.framework.protocol.certificate import Certificate

COOKIE_NAME = "TF_PLUGIN_MAGIC_COOKIE"
COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
PROTOCOL_VERSION = 6

SOCKET_NAME = "rpc"
KEY_NAME = "key"  # there for the moment in which Python's ssl reads it (see server.tls_context)

_MAX_SOCKET_PATH = 103  # bytes: 107 on Linux, 103 on macOS
_BACKLOG = 100
_STDOUT, _STDERR = 1, 2


class HandshakeError(Exception):
    """The process cannot serve Terraform; the message says why, for a person."""


class Listener:
    """A listening unix socket in a directory that only this user can enter.

    Attributes:
        socket: Bound and listening: clients may connect before anyone accepts.
        directory: The private directory.
        path: The socket's path.
    """

    __slots__ = ("directory", "path", "socket")

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.path = f"{directory}/{SOCKET_NAME}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.socket.bind(self.path)
            self.socket.listen(_BACKLOG)
        except OSError:
            self.socket.close()
            self.remove()
            raise

    def remove(self) -> None:
        """Take the socket and its directory away; harmless when they are gone."""
        key = f"{self.directory}/{KEY_NAME}"
        for remove, path in ((os.unlink, self.path), (os.unlink, key), (os.rmdir, self.directory)):
            try:
                remove(path)
            except OSError:
                continue


def is_started_by_terraform(environ: Mapping[str, str]) -> bool:
    """Whether the magic cookie is there: without it a person has started the executable."""
    return environ.get(COOKIE_NAME) == COOKIE_VALUE


def check_environment(environ: Mapping[str, str]) -> None:
    """Make sure that Terraform is there and speaks protocol 6.

    Raises:
        HandshakeError: It is not, or does not.
    """
    if not is_started_by_terraform(environ):
        msg = (
            "This executable is a Terraform plugin and is started by Terraform itself. "
            "Nothing was done. Run it with --help to see what it can do for a person."
        )
        raise HandshakeError(msg)
    offered = environ.get("PLUGIN_PROTOCOL_VERSIONS", "")
    if str(PROTOCOL_VERSION) not in [version.strip() for version in offered.split(",")]:
        msg = (
            f"This Terraform offers plugin protocol {offered or '(none)'}, and this provider speaks protocol "
            f"{PROTOCOL_VERSION} only. Nothing was done. Use Terraform 1.8 or newer."
        )
        raise HandshakeError(msg)


def folder_prefix(name: str) -> str:
    """What the names of a provider's socket folders begin with."""
    return f"tf-{name}-"


def open_listener(environ: Mapping[str, str], name: str = "provider") -> Listener:
    """Listen on a unix socket in a fresh directory of mode 0700.

    The directory is made in PLUGIN_UNIX_SOCKET_DIR, else in TMPDIR; where that is not writable, or too long for a
    socket's path, in /tmp or /var/tmp.

    Args:
        environ: The environment.
        name: The provider's name, which stands in the directory's.

    Raises:
        HandshakeError: None of them works.
    """
    places = [environ.get("PLUGIN_UNIX_SOCKET_DIR"), environ.get("TMPDIR"), "/tmp", "/var/tmp"]  # noqa: S108 - a private directory is made in it
    folder = f"{folder_prefix(name)}{os.urandom(8).hex()}"
    tried = []
    for place in filter(None, places):
        directory = os.path.abspath(f"{place}/{folder}")  # noqa: PTH100 - see mkdir below
        if len(os.fsencode(f"{directory}/{SOCKET_NAME}")) > _MAX_SOCKET_PATH:
            tried.append(f"{place}: the path is too long for a socket")
            continue
        try:
            os.mkdir(directory, 0o700)  # noqa: PTH102 - importing pathlib costs as much as the handshake
            return Listener(directory)
        except OSError as error:
            tried.append(f"{place}: {error.strerror}")
    msg = (
        f"No directory for the plugin's socket: {'; '.join(tried)}. Nothing was done. "
        "Set TMPDIR to a short path that this user can write to."
    )
    raise HandshakeError(msg)


def handshake_line(path: str, certificate: Certificate | None) -> bytes:
    """The line that tells Terraform where and how to connect; without a certificate it connects in the clear."""
    encoded = b2a_base64(certificate.der, newline=False).rstrip(b"=") if certificate else b""
    return b"1|%d|unix|%b|grpc|%b\n" % (PROTOCOL_VERSION, os.fsencode(path), encoded)


def announce(line: bytes) -> int:
    """Write the line to stdout and point stdout at stderr, so that nothing else ever reaches it.

    What Python code has printed before and is still buffered comes out on stderr, too.

    Returns:
        A descriptor that keeps Terraform's pipe open: it tells whether anyone still reads it.
    """
    os.write(_STDOUT, line)
    pipe = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    return pipe
