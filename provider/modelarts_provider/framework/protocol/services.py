"""The services of a plugin: Terraform's provider service, and those that go-plugin expects beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from modelarts_provider.framework.protocol.codec import DecodeError, decode, encode
from modelarts_provider.framework.protocol.rpc import Routes
from modelarts_provider.framework.protocol.status import RpcError, StatusCode

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from modelarts_provider.framework.protocol.hclog import Log
    from modelarts_provider.framework.protocol.rpc import Unary

    Dispatch = Callable[[str, bytes], Awaitable[bytes]]
    Make = Callable[[], Dispatch]
    Shutdown = Callable[[], Awaitable[None]]

_PROVIDER: Final = "/tfplugin6.Provider/"
_SHUTDOWN: Final = "/plugin.GRPCController/Shutdown"
_HEALTH: Final = "/grpc.health.v1.Health/Check"

# Terraform opens the first at once and logs an error where it is missing; what it would carry goes to stderr anyway.
# The second is for plugins that call back into Terraform, which providers never do.
_SILENT: Final = frozenset({"/plugin.GRPCStdio/StreamStdio", "/plugin.GRPCBroker/StartStream"})

_SERVING: Final = 1
_HEALTHY: Final = frozenset({"", "plugin", "tfplugin6.Provider"})


def make_routes(dispatch: Dispatch, shutdown: Shutdown, log: Log) -> Routes:
    """Everything that the plugin answers.

    Args:
        dispatch: Answers the calls of the provider service, given the method's name and the request's bytes.
        shutdown: Awaited when Terraform asks the plugin to end; it need not return.
        log: Where exceptions of the dispatch are written.
    """

    async def end(_request: bytes) -> bytes:
        await shutdown()
        return b""

    def find(path: str) -> Unary | None:
        if path.startswith(_PROVIDER):
            method = path[len(_PROVIDER) :]
            return lambda request: answer(dispatch, method, request, log)
        return {_SHUTDOWN: end, _HEALTH: _check_health}.get(path)

    return Routes(find, _SILENT)


async def answer(dispatch: Dispatch, method: str, request: bytes, log: Log) -> bytes:
    """Await the dispatch and turn whatever it raises into a status; the process lives on.

    Raises:
        RpcError: Always this, whatever went wrong.
    """
    try:
        return await dispatch(method, request)
    except RpcError:
        raise
    except DecodeError as error:
        raise RpcError(StatusCode.INVALID_ARGUMENT, f"{method}: the request cannot be decoded: {error}") from error
    except Exception as error:  # the boundary: one broken call must not end the others
        log.failure("call failed", error, method=method)
        # Not the exception's text: it may quote a request, and this is shown on the screen and kept in CI logs.
        msg = (
            f"{method} failed with {type(error).__name__}, a defect of the provider; TF_LOG_PROVIDER=ERROR shows where"
        )
        raise RpcError(StatusCode.INTERNAL, msg) from error


async def _check_health(request: bytes) -> bytes:
    try:
        service = decode("grpc.health.v1.HealthCheckRequest", request)["service"]
    except DecodeError as error:
        raise RpcError(StatusCode.INVALID_ARGUMENT, str(error)) from error
    if service not in _HEALTHY:
        raise RpcError(StatusCode.NOT_FOUND, f"no service {service}")
    return encode("grpc.health.v1.HealthCheckResponse", {"status": _SERVING})
