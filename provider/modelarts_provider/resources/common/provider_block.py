"""What the provider block says, as far as resources depend on it. Inert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from modelarts_provider.framework.schema.values import UNKNOWN
from modelarts_provider.resources.common.tags import TagPolicy


@dataclass(frozen=True, slots=True)
class ProviderProtection:
    """The provider's ``deletion_protection``: for every resource whose own is null.

    Attributes:
        value: Whether it protects, or UNKNOWN.
        variable: The environment variable that says so, empty where the provider block does.
    """

    value: Any = False
    variable: str = ""


NOT_PROTECTED: Final = ProviderProtection()


@dataclass(frozen=True, slots=True)
class ProviderBlock:
    """Each a value, None, or UNKNOWN where it waits for another resource.

    Attributes:
        region: Its region.
        project_id: The project id of that region, None where it is looked up.
        tags: Default and ignored tags.
        allow_stopping_for_update: Whether updates may stop running instances, where a resource doesn't say.
        deletion_protection: Whether resources are protected that don't say so themselves, and what says so.
        origins: Where region and project id were found, in words, by the setting's name.
        unplaced_project_id: A project id of which only IAM knows whether it is that region's, or None.
        check_flavors_at_plan: Whether plans look flavors up.
    """

    region: Any
    project_id: Any
    tags: TagPolicy = field(default_factory=TagPolicy)
    allow_stopping_for_update: Any = True
    deletion_protection: ProviderProtection = NOT_PROTECTED
    origins: Mapping[str, str] = field(default_factory=dict)
    unplaced_project_id: str | None = None
    check_flavors_at_plan: bool = False

    def project_of(self, region: Any) -> Any:
        """The project of a region, UNKNOWN where it is looked up: the provider's belongs to the provider's region."""
        known = region == self.region and self.project_id is not None
        return self.project_id if known else UNKNOWN


NOT_CONFIGURED: Final = ProviderBlock(
    UNKNOWN,
    UNKNOWN,
    tags=TagPolicy(defaults=UNKNOWN),
    allow_stopping_for_update=UNKNOWN,
    deletion_protection=ProviderProtection(UNKNOWN),
)
"""Before the provider is configured, nothing of it is known."""
