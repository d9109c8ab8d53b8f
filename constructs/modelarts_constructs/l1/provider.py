"""The provider block. Generated from the provider's schema by `make generate`: change the schema, not this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

from modelarts_constructs._cdk import Construct
from modelarts_constructs.l1._base import SOURCE, VERSION, Expression, Flag, Many, ProviderBase


class ModelartsIgnoreTags(TypedDict):
    """Tags that others manage: they are neither shown nor changed."""

    keys: NotRequired[Many[str] | None]
    """Keys to ignore.

    Environment: `HW_IGNORE_TAGS_KEYS` (`k,k2`). A change makes no call.
    """

    key_prefixes: NotRequired[Many[str] | None]
    """Beginnings of keys to ignore.

    Environment: `HW_IGNORE_TAGS_KEY_PREFIXES` (`p,p2`). A change makes no call.
    """


class ModelartsProvider(ProviderBase):
    """Manages Huawei Cloud ModelArts notebook instances.

    Every argument has an environment variable that is used where the argument is left out.
    """

    def __init__(
        self,
        scope: Construct,
        id: str = "modelarts",  # noqa: A002 - the name that every construct has
        *,
        region: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        security_token: str | None = None,
        project_id: str | None = None,
        endpoints: Mapping[str, str] | None = None,
        insecure: Flag | None = None,
        cacert_file: str | None = None,
        max_retries: float | None = None,
        default_tags: Mapping[str, str] | None = None,
        ignore_tags: ModelartsIgnoreTags | Expression | None = None,
        allow_stopping_for_update: Flag | None = None,
        alias: str | None = None,
        source: str = SOURCE,
        version: str | None = VERSION,
    ) -> None:
        """Declare the provider block.

        Args:
            scope: The construct that this one belongs to.
            id: Its id, unique in the scope; part of its address.
            region: Region, such as `cn-north-4`. Environment: `HW_REGION_NAME`.
            access_key: Access key (AK). Environment: `HW_ACCESS_KEY`, then `HUAWEICLOUD_SDK_AK`.
            secret_key: Secret key (SK). Environment: `HW_SECRET_KEY`, then `HUAWEICLOUD_SDK_SK`.
            security_token: Security token of a temporary access key. Environment: `HW_SECURITY_TOKEN`, then
                `HUAWEICLOUD_SDK_SECURITY_TOKEN`.
            project_id: Id of the project. Environment: `HW_PROJECT_ID`, then `HUAWEICLOUD_SDK_PROJECT_ID`. Must have 32
                letters and digits.
            endpoints: Addresses to use instead of the public ones, by service: `modelarts`, `iam`. Environment:
                `HW_ENDPOINT_MODELARTS`, `HW_ENDPOINT_IAM`. Must have keys that must be modelarts or iam and in each
                element be an http:// or https:// address without a query.
            insecure: Skip the check of the API's certificate. Environment: `HW_INSECURE`.
            cacert_file: File of the certificate authorities to trust (PEM). Environment: `HW_CACERT_FILE`.
            max_retries: How often a failed call is tried again (default 5). Environment: `HW_MAX_RETRIES`. Must be a
                whole number from 0 to 100.
            default_tags: Tags for every notebook; a resource's own override them. Environment: `HW_DEFAULT_TAGS`
                (`k=v,k2=v2`). Must have keys that must have 1 to 128 characters and have keys that must consist of
                letters, digits, spaces inside and _ . : = + - @ and have keys that must not start with _sys_ and not be
                terraform-provider-modelarts and in each element have at most 255 characters and in each element consist
                of letters, digits, spaces and _ . : / = + - @.
            ignore_tags: Tags that others manage: they are neither shown nor changed.
            allow_stopping_for_update: Whether updates may stop running instances, where a resource doesn't say (default
                true). Environment: `HW_ALLOW_STOPPING_FOR_UPDATE`.
            alias: A name that tells this provider from others of its type.
            source: Where Terraform gets the provider from.
            version: The version to use, or a constraint; None takes any.
        """
        super().__init__(
            scope,
            id,
            {
                "region": region,
                "access_key": access_key,
                "secret_key": secret_key,
                "security_token": security_token,
                "project_id": project_id,
                "endpoints": endpoints,
                "insecure": insecure,
                "cacert_file": cacert_file,
                "max_retries": max_retries,
                "default_tags": default_tags,
                "ignore_tags": ignore_tags,
                "allow_stopping_for_update": allow_stopping_for_update,
            },
            maps=("endpoints", "default_tags"),
            alias=alias,
            source=source,
            version=version,
        )
