"""Which literal IPv4 addresses aren't public, in words for a warning: the service may refuse them, or let nobody in."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any, Final

from modelarts_constructs._tokens import is_token

_KINDS: Final = tuple(
    (ipaddress.IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "reserved"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (carrier-grade NAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
"""IANA's special-purpose registry, without the ranges for documents, which examples and tests use."""


def unusual_addresses(endpoints: Iterable[Any] | None) -> Iterator[str]:
    """A text for each address that isn't public.

    Args:
        endpoints: The endpoints of a notebook, checked; None where there are none.
    """
    for endpoint in endpoints or ():
        addresses = endpoint.allowed_access_ips
        if addresses is None or is_token(addresses):
            continue
        for address in addresses:
            kind = "" if is_token(address) else _kind(address)
            if kind:
                yield (
                    f'endpoints["{endpoint.service}"].allowed_access_ips holds {address}, which is {kind} and should be a '
                    "public address. The page of the API says that only public addresses can connect: the service may "
                    "refuse this one, or let nobody in from it."
                )


def _kind(text: str) -> str:
    address = ipaddress.IPv4Address(text)
    return next((kind for network, kind in _KINDS if address in network), "")
