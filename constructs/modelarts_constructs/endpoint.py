"""How to reach a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Strict

from modelarts_constructs._checks import ORDERED, TOKENS, IPv4, Value, present
from modelarts_constructs._rules import at_most, length, one_of

KeyPairName = Annotated[str, Strict(), length(1, 64), TOKENS]


class Endpoint(Value):
    """One way to reach a notebook: ``Endpoint.ssh(...)`` or ``Endpoint.notebook(...)``."""

    service: Annotated[str, Strict(), one_of("SSH", "NOTEBOOK")]
    key_pair_names: Annotated[tuple[KeyPairName, ...], ORDERED, TOKENS] | None = None
    allowed_access_ips: Annotated[tuple[IPv4, ...], at_most(5), ORDERED, TOKENS] | None = None

    @classmethod
    def ssh(
        cls, *, key_pair_names: Iterable[str] | None = None, allowed_access_ips: Iterable[str] | None = None
    ) -> Endpoint:
        """Remote login, for terminals and local IDEs.

        Args:
            key_pair_names: Names of the key pairs that may log in.
            allowed_access_ips: Public IPv4 addresses that may connect, at most five. Without any, every address may.
        """
        return cls._checked(service="SSH", key_pair_names=key_pair_names, allowed_access_ips=allowed_access_ips)

    @classmethod
    def notebook(cls, *, allowed_access_ips: Iterable[str] | None = None) -> Endpoint:
        """The notebook in a browser (HTTPS).

        Args:
            allowed_access_ips: Public IPv4 addresses that may connect, at most five. Without any, every address may.
        """
        return cls._checked(service="NOTEBOOK", allowed_access_ips=allowed_access_ips)

    def attributes(self) -> dict[str, Any]:
        """The value as an element of the resource's ``endpoints`` attribute."""
        return {name: value for name, value in present(self).items() if name != "service"}
