"""The plugin process that Terraform starts: the handshake first, everything else after it.

Nothing but the standard library's smallest parts may be imported at the top of this module: Terraform starts the
provider up to five times per command and waits for the handshake each time.
"""

from __future__ import annotations

import gc
import os
import signal

from modelarts_provider.framework.protocol.handshake import (
    HandshakeError,
    announce,
    check_environment,
    handshake_line,
    open_listener,
)

TYPE_CHECKING = False  # importing typing costs more than all of the above
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from modelarts_provider.framework.protocol.certificate import Certificate
    from modelarts_provider.framework.protocol.handshake import Listener
    from modelarts_provider.framework.protocol.lifetime import Hook
    from modelarts_provider.framework.protocol.services import Dispatch

_STDERR = 2


def serve(
    make_dispatch: Callable[[], Dispatch],
    name: str = "provider",
    *,
    on_abandoned: Hook | None = None,
    environ: Mapping[str, str] = os.environ,
) -> NoReturn:
    """Serve Terraform until it says Shutdown, SIGTERM comes, or Terraform is gone; then end the process.

    Args:
        make_dispatch: Called in the event loop, after the handshake; import there what the calls need. It gives the
            function that answers calls: (method name, request bytes) -> response bytes.
        name: The provider's name, for the log and the socket's folder.
        on_abandoned: Asks running calls to stop and to put things back, when the process is about to end without
            StopProvider. By default StopProvider is dispatched.
        environ: The environment; PLUGIN_CLIENT_CERT in it makes the connection mutual TLS.

    Raises:
        SystemExit: With status 1 and the reason on stderr: Terraform is not there or speaks another protocol, or
            there is no place for the socket, or PLUGIN_CLIENT_CERT is no certificate.
    """
    ignore_terminal_signals()
    gc.disable()  # imports make much that stays: collecting meanwhile costs a start a few milliseconds for nothing
    parent = os.getppid()
    listener = None
    try:
        check_environment(environ)
        listener = open_listener(environ, name)
        _remove_on_sigterm(listener)
        certificate = _certificate(environ)
        pipe = announce(handshake_line(listener.path, certificate))

        from modelarts_provider.framework.protocol.plugin import Start, run  # noqa: PLC0415 - what the handshake does not need

        run(Start(listener, certificate, parent, pipe, environ, name), make_dispatch, on_abandoned)
    except HandshakeError as error:
        from modelarts_provider.framework.printable import printable  # noqa: PLC0415 - only an error needs it

        text = printable(str(error), keep="\n")
        os.write(_STDERR, f"{text}\n".encode())
        raise SystemExit(1) from error
    finally:
        if listener is not None:  # only after an error: the plugin ends the process by itself
            listener.remove()


def ignore_terminal_signals() -> None:
    """Leave Ctrl-C and a closed terminal to Terraform, which gets them too and then sequences the stop itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _certificate(environ: Mapping[str, str]) -> Certificate | None:
    if not environ.get("PLUGIN_CLIENT_CERT"):
        return None  # the user has set TF_DISABLE_PLUGIN_TLS: Terraform then connects in the clear
    from modelarts_provider.framework.protocol.certificate import make_certificate  # noqa: PLC0415 - not where it is not used

    return make_certificate()


def _remove_on_sigterm(listener: Listener) -> None:
    """Until the event loop takes over."""

    def end(_signal: int, _frame: object) -> None:
        listener.remove()
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
