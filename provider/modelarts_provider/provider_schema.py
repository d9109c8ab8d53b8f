"""The schema of the provider block."""

from __future__ import annotations

from typing import Final

from modelarts_provider.core.schema import LOCAL, Attribute, AttributeType, Nested, Nesting, Schema
from modelarts_provider.core.types import BOOL, NUMBER, STRING, MapOf, SetOf
from modelarts_provider.core.validators import Between, Each, Keys, Matches, OneOf, Validator
from modelarts_provider.resources.notebook_tags import TAG_RULES


def _setting(kind: AttributeType, description: str, *validators: Validator, sensitive: bool = False) -> Attribute:
    return Attribute(
        type=kind, description=description, optional=True, sensitive=sensitive, validators=validators, change=LOCAL
    )


SERVICES: Final = ("modelarts", "iam")

SCHEMA: Final = Schema(
    description=(
        "Manages Huawei Cloud ModelArts notebook instances. Every argument has an environment variable that is used "
        "where the argument is left out."
    ),
    attributes={
        "region": _setting(STRING, "Region, such as `cn-north-4`. Environment: `HW_REGION_NAME`."),
        "access_key": _setting(
            STRING, "Access key (AK). Environment: `HW_ACCESS_KEY`, then `HUAWEICLOUD_SDK_AK`.", sensitive=True
        ),
        "secret_key": _setting(
            STRING, "Secret key (SK). Environment: `HW_SECRET_KEY`, then `HUAWEICLOUD_SDK_SK`.", sensitive=True
        ),
        "security_token": _setting(
            STRING,
            "Security token of a temporary access key. Environment: `HW_SECURITY_TOKEN`, then "
            "`HUAWEICLOUD_SDK_SECURITY_TOKEN`.",
            sensitive=True,
        ),
        "project_id": _setting(
            STRING,
            "Id of the project. Environment: `HW_PROJECT_ID`, then `HUAWEICLOUD_SDK_PROJECT_ID`.",
            Matches(r"[0-9a-zA-Z]{32}", "have 32 letters and digits"),
        ),
        "endpoints": _setting(
            MapOf(STRING),
            "Addresses to use instead of the public ones, by service: `modelarts`, `iam`. Environment: "
            "`HW_ENDPOINT_MODELARTS`, `HW_ENDPOINT_IAM`.",
            Keys(OneOf(SERVICES)),
            Each(Matches(r"https?://[^\s/?#]+(/[^\s?#]*)?", "be an http:// or https:// address without a query")),
        ),
        "insecure": _setting(BOOL, "Skip the check of the API's certificate. Environment: `HW_INSECURE`."),
        "cacert_file": _setting(
            STRING, "File of the certificate authorities to trust (PEM). Environment: `HW_CACERT_FILE`."
        ),
        "max_retries": _setting(
            NUMBER,
            "How often a failed call is tried again (default 5). Environment: `HW_MAX_RETRIES`.",
            Between(0, 100),
        ),
        "default_tags": _setting(
            MapOf(STRING),
            "Tags for every notebook; a resource's own override them. Environment: `HW_DEFAULT_TAGS` (`k=v,k2=v2`).",
            *TAG_RULES,
        ),
        "ignore_tags": _setting(
            Nested(
                Nesting.SINGLE,
                {
                    "keys": _setting(SetOf(STRING), "Keys to ignore. Environment: `HW_IGNORE_TAGS_KEYS` (`k,k2`)."),
                    "key_prefixes": _setting(
                        SetOf(STRING),
                        "Beginnings of keys to ignore. Environment: `HW_IGNORE_TAGS_KEY_PREFIXES` (`p,p2`).",
                    ),
                },
            ),
            "Tags that others manage: they are neither shown nor changed.",
        ),
        "allow_stopping_for_update": _setting(
            BOOL,
            "Whether updates may stop running instances, where a resource doesn't say (default true). Environment: "
            "`HW_ALLOW_STOPPING_FOR_UPDATE`.",
        ),
    },
)
