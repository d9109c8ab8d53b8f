"""What a provider implements: its block, its resources, and what configuring it does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from modelarts_provider.framework.diagnostics import Diagnostics
from modelarts_provider.framework.resource import Resource
from modelarts_provider.framework.schema.attributes import Schema
from modelarts_provider.framework.schema.values import Values


class Provider(Protocol):
    """The provider as the protocol sees it."""

    @property
    def schema(self) -> Schema:
        """The schema of the provider block."""

    @property
    def resources(self) -> Mapping[str, Resource]:
        """Resources by type."""

    def validate(self, config: Values) -> Diagnostics:
        """Check rules across the provider block's attributes."""

    async def configure(self, config: Values, terraform_version: str) -> Diagnostics:
        """Take the provider block's values; unknown ones are allowed (they become known later in an apply)."""

    def stop(self) -> None:
        """Ask running operations to end soon, leaving things as they should be."""
