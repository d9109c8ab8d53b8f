"""The provider block. Generated from the provider's schema by `make generate`: change the schema, not this file."""

from __future__ import annotations

from collections.abc import Mapping

from modelarts_constructs._cdk import Construct
from modelarts_constructs.l1._base import SOURCE, VERSION, Flag, ProviderBase


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
            },
            maps=("endpoints",),
            alias=alias,
            source=source,
            version=version,
        )
