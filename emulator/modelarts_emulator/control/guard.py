"""Who may use the control: programs on this machine and pages of the emulator itself, never a page of another site.

The control is unsigned. A web page can send requests to any address that its browser reaches: with its own ``Origin``, or,
once its name has been made to resolve to the emulator's address (DNS rebinding), with its own name as ``Host``. Neither is
the emulator's, so neither is answered. A program that has no browser sends no Origin, and an address or own name as Host.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Receive, Scope, Send

CONTROL = "/_emulator"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?\Z")
_PORTS = {"http": "80", "https": "443"}
_SAME_SITE = frozenset({"same-origin", "none"})


class Guard:
    """Answers 403 to requests below ``/_emulator`` that name another host, or that come from a page of another origin.

    Args:
        app: Gets everything else.
        names: Host names that are the emulator's, besides addresses and ``localhost``.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app = app
        self._names = frozenset(name.lower().rstrip(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        problem = self._problem(scope) if scope["type"] == "http" and _is_control(scope["path"]) else None
        if problem is None:
            await self._app(scope, receive, send)
            return
        await JSONResponse({"error": problem}, status_code=403)(scope, receive, send)

    def _problem(self, scope: Scope) -> str | None:
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value.decode("latin-1"))
        hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
        # HTTP/1.1 demands a Host; what has none (HTTP/1.0, a call in the same process) is no browser.
        if any(not self._is_own(host, scope) for host in hosts) or len(hosts) > 1:
            return (
                "the control answers on its own address only, and this request's Host is another name: use the address "
                "that the emulator prints, or start it with --allow-host NAME"
            )
        if any(not self._is_own_origin(origin, hosts, scope) for origin in origins):
            return "the control takes no requests from pages of another origin"
        # A link on another site may lead to a page of the control; nothing else there may reach it.
        reads = scope["method"] in ("GET", "HEAD")
        if not reads and any(site not in _SAME_SITE for site in headers.get(b"sec-fetch-site", [])):
            return "the control takes no requests from pages of another site"
        return None

    def _is_own(self, host: str, scope: Scope) -> bool:
        found = _HOST.match(host.strip())
        if found is None:
            return False
        name = found[1].lower().rstrip(".")
        server = str((scope.get("server") or ("",))[0]).lower()
        if name in self._names or name in ("localhost", server):
            return True
        try:
            address = ipaddress.ip_address(name.strip("[]"))
        except ValueError:
            return False
        # Beyond this machine the address that a client uses may be a router's or a container host's.
        return address.is_loopback or str(address) == server or not _is_loopback(server)

    def _is_own_origin(self, origin: str, hosts: list[str], scope: Scope) -> bool:
        try:
            parts = urlsplit(origin)
            port = str(parts.port or _PORTS[parts.scheme])
        except (ValueError, KeyError):  # "null" is the origin of a page that has none, such as a file
            return False
        found = _HOST.match(hosts[0].strip()) if hosts else None
        own_port = (found[2] if found else None) or _PORTS[parts.scheme]
        return port == own_port and self._is_own(parts.netloc, scope)


def _is_control(path: str) -> bool:
    return path == CONTROL or path.startswith(f"{CONTROL}/")


def _is_loopback(server: str) -> bool:
    try:
        return ipaddress.ip_address(server).is_loopback
    except ValueError:
        return True
