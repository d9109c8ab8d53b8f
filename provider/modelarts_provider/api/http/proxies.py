"""The proxy that the environment names for an address: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY as Go and curl read them.

httpx has readers of its own, which know no networks in NO_PROXY and quote a setting that they can't read, its password
included.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import unquote
from urllib.request import getproxies, getproxies_environment, proxy_bypass

import httpx

from modelarts_provider.api.errors import ConnectionFailed
from modelarts_provider.api.http import tls
from modelarts_provider.api.http.addresses import PORT

_PROXY: Final = re.compile(
    r"((?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?((?P<user>.*)@)?"
    rf"(?P<host>[\w.-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>{PORT}))?/?"
)
_LOOKS_LIKE_AN_ADDRESS: Final = re.compile(r"\[.*\]|\d+(\.\d+){3}")
_SCHEMES: Final = ("http", "https", "socks5", "socks5h")
_PORTS: Final = {"http": 80, "https": 443}
_MEND: Final = (
    "Write it as an http:// or https:// URL, such as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT with user and "
    "password in URL encoding; or unset it."
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy.

    Attributes:
        shown: Its address without user and password.
        url: The same as httpx takes it.
        auth: User and password, where there are some.
    """

    shown: str
    url: str
    auth: tuple[str, str] | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"Proxy({self.shown})"


def proxy_for(url: httpx.URL) -> Proxy | None:
    """The proxy that the environment names for a URL, None where calls go straight there.

    Raises:
        ConnectionFailed: The setting can't be used; the message names the variable and never its value.
    """
    found = getproxies()
    name = next((name for name in (url.scheme, "all") if found.get(name)), None)
    if name is None or _is_bypassed(url, found):
        return None
    return _read(name, found[name])


def proxy_secrets() -> tuple[str, ...]:
    """The passwords of the environment's proxies, as they are written and as they are meant."""
    found = getproxies()
    settings = [found[name] for name in (*_PORTS, "all") if found.get(name)]
    users = [_without_scheme(setting).rpartition("@")[0] for setting in settings]
    passwords = [user.partition(":")[2] or user for user in users if user]
    return tuple(dict.fromkeys(form for password in passwords for form in (password, unquote(password))))


def _without_scheme(setting: str) -> str:
    """A setting from its user on; a password may hold ``://`` as well."""
    scheme, mark, rest = setting.strip().partition("://")
    return rest if mark and ":" not in scheme else setting.strip()


def _is_bypassed(url: httpx.URL, found: Mapping[str, str]) -> bool:
    if not getproxies_environment():  # the system's own settings, where it has some (macOS, Windows)
        return bool(proxy_bypass(url.host))
    port = url.port or _PORTS[url.scheme]
    host = url.host.lower().rstrip(".")
    return any(_matches(entry, host, port, url.scheme) for entry in re.split(r"[,\s]+", found.get("no", "")) if entry)


def _matches(entry: str, host: str, port: int, scheme: str) -> bool:
    """Whether an entry of NO_PROXY names a host: ``*``, an address, a network, or a domain, each with a port or without.

    A domain stands for itself and what is below it; with a dot at its beginning (or ``*.``), for the latter alone, as in Go.
    """
    only, separator, rest = entry.lower().rpartition("://")
    if separator and only not in (scheme, "all"):
        return False
    if rest == "*":
        return True
    address = _address(host)
    if "/" in rest:
        network = _network(rest)
        return network is not None and address is not None and address.version == network.version and address in network
    name, own_port = _split(rest)
    if own_port not in ("", str(port)):
        return False
    meant = _address(name)
    if meant is not None or address is not None:
        return meant == address
    name = name.removeprefix("*").rstrip(".")
    if name.startswith("."):
        return len(name) > 1 and host.endswith(name)
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _split(entry: str) -> tuple[str, str]:
    """Host and port of an entry; an IPv6 address may stand without brackets where it has no port."""
    if _address(entry) is not None:
        return entry, ""
    found = re.fullmatch(r"(.*?):([0-9]+)", entry, re.DOTALL)
    return (found[1], found[2]) if found else (entry, "")


def _address(text: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """``10.0.0.0/8``; bits beyond the mask don't count."""
    try:
        return ipaddress.ip_network(text.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None


def _read(name: str, text: str) -> Proxy:
    text = text.strip()
    match = _PROXY.fullmatch(text) if text.isprintable() else None
    scheme = (match["scheme"] or "http").lower() if match else ""
    if match is None or scheme not in _SCHEMES:
        raise _unusable(name, "it is not an http:// or https:// URL of nothing but a host and a port from 1 to 65535")
    if scheme.startswith("socks") and find_spec("socksio") is None:
        raise _unusable(name, "a SOCKS proxy needs the Python package socksio, which isn't installed")
    if _LOOKS_LIKE_AN_ADDRESS.fullmatch(match["host"]) and _address(match["host"]) is None:
        raise _unusable(name, "its host is neither a name nor an IP address")
    host = match["host"] + (f":{match['port']}" if match["port"] else "")
    if match["user"] is None:
        return Proxy(f"{scheme}://{host}", f"{scheme}://{host}")
    user, _, password = match["user"].partition(":")
    return Proxy(f"{scheme}://***@{host}", f"{scheme}://{host}", (unquote(user), unquote(password)))


def _unusable(name: str, why: str) -> ConnectionFailed:
    variable = next(
        (each for each in (f"{name}_proxy", f"{name.upper()}_PROXY") if os.environ.get(each)), f"{name}_proxy"
    )
    message = f"the environment's proxy setting {variable} can't be used: {why}"
    return ConnectionFailed(message, reason="unusable", next_step=_MEND)


def open_transport(url: str, *, verify: Any, environment: bool, limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
    """The way to an endpoint: straight, or through the proxy that the environment names for it.

    Args:
        url: The endpoint.
        verify: False for any certificate, a context with own authorities, or True for the usual ones.
        environment: Whether to heed the environment's proxies and authorities (SSL_CERT_FILE).
        limits: Of the pool of connections.

    Raises:
        ConnectionFailed: The environment's settings can't be used.
    """
    proxy = proxy_for(httpx.URL(url)) if environment else None
    if environment and verify is True and os.environ.get("SSL_CERT_FILE"):
        verify = tls.verify(cacert_file=os.environ["SSL_CERT_FILE"], name="SSL_CERT_FILE", alone=True)
    taken = None if proxy is None else httpx.Proxy(proxy.url, auth=proxy.auth)
    return httpx.AsyncHTTPTransport(verify=verify, trust_env=environment, limits=limits, proxy=taken)
