"""From httpx's exceptions to ConnectionFailed: why no answer came, and whether the request may have arrived."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence

import httpx

from modelarts_provider.api import errors
from modelarts_provider.api.http.masking import mask_text, mask_url
from modelarts_provider.api.http.proxies import proxy_for

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    UnicodeError,
)


def explain(
    error: Exception,
    url: httpx.URL,
    method: str,
    path: str,
    *,
    repeatable: bool,
    proxies: bool,
    secrets: Sequence[str] = (),
) -> errors.ConnectionFailed:
    """The error for a request that got no answer.

    Args:
        error: What httpx (or a time limit around it) raised.
        url: Of the endpoint.
        method: HTTP method.
        path: As errors show it.
        repeatable: Whether repeating the call does no harm; otherwise may_have_acted tells when it might.
        proxies: Whether the environment's proxy settings apply.
        secrets: Values to mask wherever they turn up.
    """
    sent = not isinstance(error, _NEVER_SENT)
    reason = _reason(error)
    host = mask_url(f"{url.scheme}://{url.netloc.decode('ascii')}")
    proxy = proxy_for(url) if proxies else None
    if proxy is not None:
        host = f"{host} (through the proxy {proxy.shown})"
        if reason in {"refused", "dns"}:
            reason = (
                "proxy"  # what was not found or did not listen is the proxy: it would have made the other connection
            )
    message, next_step = f"{_SENTENCES[reason].format(host=host)}{_detail(error, secrets)}", ""
    if isinstance(error, UnicodeError) or (
        isinstance(error, httpx.LocalProtocolError) and "header" in str(error).lower()
    ):
        message, next_step = _HEADER.format(host=host), _MEND_HEADER  # the library's words quote the header, a secret
    elif "WRONG_VERSION_NUMBER" in str(error):
        next_step = _NOT_TLS
    return errors.ConnectionFailed(
        message,
        reason=reason,
        method=method,
        path=path,
        next_step=next_step,
        may_have_acted=sent and not repeatable,
    )


_SENTENCES: dict[errors.Reason, str] = {
    "dns": "the host name of {host} can't be resolved",
    "refused": "no connection to {host}",
    "tls": "no secure connection to {host}",
    "proxy": "the proxy on the way to {host} did not let the call through",
    "timeout": "{host} did not answer in time",
    "reset": "{host} cut the connection",
    "unusable": "the endpoint or proxy on the way to {host} can't be used",
    "unknown": "the call to {host} failed",
}


_HEADER = "no call to {host} was made: a key or token holds a character that can't be sent, such as a line break"
_MEND_HEADER = (
    "Look at access_key, security_token and token (and their variables) for a line break or a space at the end."
)
_NOT_TLS = "What listens there doesn't speak TLS: check the port, or write http:// where the endpoint (or the proxy) is meant to be plain."


def _reason(error: Exception) -> errors.Reason:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes) or "SSL" in str(error):
        return "tls"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "dns"
    if isinstance(error, httpx.ProxyError):
        return "proxy"
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        # anyio gathers the failures of all addresses in one OSError that keeps only their text.
        names = ("name or service not known", "name resolution", "nodename nor servname", "no address associated")
        return "dns" if any(name in str(error).lower() for name in names) else "refused"
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError | httpx.InvalidURL | UnicodeError):
        return "unusable"
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return "reset"
    return "unknown"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _detail(error: Exception, secrets: Sequence[str]) -> str:
    known = isinstance(error, httpx.HTTPError | OSError)
    text = mask_text(str(error).strip(), secrets)
    return f": {text}" if text and known else "" if known else f": {type(error).__name__}"
