"""What the provider's settings may be, wherever they come from: its block, the environment, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from modelarts_provider.api.http import addresses
from modelarts_provider.framework.schema.validators import Above, Between, Each, Keys, Matches, OneOf, Validator
from modelarts_provider.resources.common.tags import TAG_RULES

SERVICES: Final = ("modelarts", "iam", "sts", "metadata")

REGION: Final = Matches(addresses.REGION, "be the id of a region in lower case, such as cn-north-4")
PROJECT_ID: Final = Matches(addresses.PROJECT_ID, "have 32 letters and digits")
URL: Final = Matches(
    addresses.URL, "be an http:// or https:// address: a host, perhaps a port and a path, and no user, query or space"
)

RULES: Final[Mapping[str, tuple[Validator, ...]]] = {
    "region": (REGION,),
    "project_id": (PROJECT_ID,),
    "cloud": (Matches(addresses.CLOUD, "be a domain, such as myhuaweicloud.com"),),
    "auth_url": (URL,),
    "endpoints": (Keys(OneOf(SERVICES)), Each(URL)),
    "max_retries": (Between(0, 100),),
    "requests_per_second": (Above(0),),
    "default_tags": TAG_RULES,
}
"""The rules by the setting's name."""

DURATION: Final = Between(900, 86400, "(seconds)")
"""How long the key of an assumed agency is valid."""
