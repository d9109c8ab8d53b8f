"""Where the services are: by region and cloud, or as the user says.

The official SDK has one entry off the pattern, ``modelarts.ap-southeast-1.myhuaweicloud.cn``; Huawei's own provider uses the
pattern for that region too, and so do we. Users can say otherwise with ``endpoints``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from modelarts_provider.api.errors import ConnectionFailed
from modelarts_provider.api.http import addresses

DEFAULT_CLOUD = "myhuaweicloud.com"
EUROPEAN_CLOUD = "myhuaweicloud.eu"
_EUROPEAN_REGIONS = "eu-west-1"  # eu-west-101 and its like; eu-west-0 is on the common domain (Huawei's own provider)


def cloud_of(region: str, cloud: str | None = None) -> str:
    """The domain of a region's services: the user's, else the European site's for its regions, else the common one."""
    if cloud:
        return cloud
    return EUROPEAN_CLOUD if region.startswith(_EUROPEAN_REGIONS) else DEFAULT_CLOUD


def endpoint(
    service: str,
    region: str,
    *,
    cloud: str | None = None,
    overrides: Mapping[str, str] | None = None,
    auth_url: str | None = None,
) -> str:
    """The URL of a service, without a slash at its end.

    Args:
        service: ``modelarts``, ``iam`` or ``sts``.
        region: Such as cn-north-4.
        cloud: The domain of a partner's or private cloud.
        overrides: The user's own URLs by service; they go before everything else.
        auth_url: IAM's URL as users of Huawei's provider write it, with /v3 at its end.

    Raises:
        ConnectionFailed: Region or cloud hold what ends a host's name: signed calls would go to another host.
    """
    own = (overrides or {}).get(service)
    if own:
        return own.rstrip("/")
    if service == "iam" and auth_url:
        return auth_url.rstrip("/").removesuffix("/v3").rstrip("/")
    if not re.fullmatch(addresses.REGION, region):
        raise _unusable("region", "the id of a region in lower case, such as cn-north-4")
    domain = cloud_of(region, cloud)
    if not re.fullmatch(addresses.CLOUD, domain):
        raise _unusable("cloud", f"a domain, such as {DEFAULT_CLOUD}")
    return f"https://{service}.{region}.{domain}"


def _unusable(name: str, meant: str) -> ConnectionFailed:
    message = f"there is no address to call: {name} is not {meant}"
    return ConnectionFailed(
        message, reason="unusable", next_step=f"Correct {name}, where it is set or in the import id."
    )
