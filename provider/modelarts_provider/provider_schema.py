"""The schema of the provider block."""

from __future__ import annotations

from typing import Final

from modelarts_provider.framework.schema.attributes import LOCAL, Attribute, AttributeType, Nested, Nesting, Schema
from modelarts_provider.framework.schema.types import BOOL, NUMBER, STRING, MapOf, SetOf
from modelarts_provider.framework.schema.validators import Validator
from modelarts_provider.resources.common.setting_rules import DURATION, RULES


def _setting(kind: AttributeType, description: str, *validators: Validator, sensitive: bool = False) -> Attribute:
    return Attribute(
        type=kind, description=description, optional=True, sensitive=sensitive, validators=validators, change=LOCAL
    )


ROLE: Final = {
    "agency_name": Attribute(type=STRING, description="Name of the agency.", required=True, change=LOCAL),
    "domain_name": _setting(STRING, "Name of the account that has it."),
    "domain_id": _setting(STRING, "Id of the account that has it."),
    "duration": _setting(NUMBER, "Seconds that its key is valid, 900 to 86400.", DURATION),
}

OIDC: Final = {
    "idp_id": _setting(STRING, "Id of the identity provider."),
    "id_token": _setting(STRING, "The id token.", sensitive=True),
    "id_token_file": _setting(STRING, "File that holds the id token."),
    **ROLE,
    "agency_name": _setting(STRING, "Name of the agency to assume, if any."),
}

SCHEMA: Final = Schema(
    description=(
        "Manages Huawei Cloud ModelArts notebook instances. Every argument has an environment variable that is used "
        "where the argument is left out."
    ),
    attributes={
        "region": _setting(STRING, "Region, such as `cn-north-4`. Environment: `HW_REGION_NAME`.", *RULES["region"]),
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
        "token": _setting(STRING, "IAM token, instead of a key. Environment: `HW_AUTH_TOKEN`.", sensitive=True),
        "user_name": _setting(STRING, "IAM user name, with `password`. Environment: `HW_USER_NAME`."),
        "user_id": _setting(STRING, "IAM user id, instead of `user_name`. Environment: `HW_USER_ID`."),
        "password": _setting(STRING, "Password of the user. Environment: `HW_USER_PASSWORD`.", sensitive=True),
        "domain_name": _setting(STRING, "Name of the user's account. Environment: `HW_DOMAIN_NAME`."),
        "domain_id": _setting(
            STRING, "Id of the account. Environment: `HW_DOMAIN_ID`, then `HUAWEICLOUD_SDK_DOMAIN_ID`."
        ),
        "project_name": _setting(
            STRING,
            "Name of the project, where it isn't the region's default one. Environment: `HW_PROJECT_NAME`.",
        ),
        "assume_role": _setting(
            Nested(Nesting.LIST, ROLE),
            "Agencies to assume, one after the other. Environment, for one: `HW_ASSUME_ROLE_AGENCY_NAME` and so on.",
        ),
        "assume_role_with_oidc": _setting(
            Nested(Nesting.SINGLE, OIDC),
            "An identity provider's token to log in with, and the agency to assume. Environment: "
            "`HW_ASSUME_ROLE_IDP_ID`, `HW_ASSUME_ROLE_ID_TOKEN`, `HW_ASSUME_ROLE_ID_TOKEN_FILE`.",
        ),
        "shared_config_file": _setting(
            STRING, "KooCLI's configuration file to log in with. Environment: `HW_SHARED_CONFIG_FILE`."
        ),
        "profile": _setting(STRING, "Profile in it; its current one when unset. Environment: `HW_PROFILE`."),
        "cloud": _setting(STRING, "Domain of a partner's or private cloud. Environment: `HW_CLOUD`.", *RULES["cloud"]),
        "auth_url": _setting(
            STRING,
            "Address of IAM. Environment: `HW_AUTH_URL`, then `HUAWEICLOUD_SDK_IAM_ENDPOINT`.",
            *RULES["auth_url"],
        ),
        "requests_per_second": _setting(
            NUMBER,
            "Most calls per second of this process. Unset: as many as the service takes; after a 429 it slows down by "
            "itself. Environment: `HW_REQUESTS_PER_SECOND`.",
            *RULES["requests_per_second"],
        ),
        "project_id": _setting(
            STRING,
            "Id of the project in `region`; looked up by the region when unset. Environment: `HW_PROJECT_ID`, then "
            "`HUAWEICLOUD_SDK_PROJECT_ID`; they belong to the region of `HW_REGION_NAME`.",
            *RULES["project_id"],
        ),
        "endpoints": _setting(
            MapOf(STRING),
            "Addresses to use instead of the public ones, by service: `modelarts`, `iam`, `sts`, and `metadata` (of "
            "the ECS instance). Environment: `HW_ENDPOINT_MODELARTS`, `HW_ENDPOINT_IAM`, `HW_ENDPOINT_STS`, "
            "`HW_ENDPOINT_METADATA`.",
            *RULES["endpoints"],
        ),
        "insecure": _setting(BOOL, "Skip the check of the API's certificate. Environment: `HW_INSECURE`."),
        "cacert_file": _setting(
            STRING, "File of the certificate authorities to trust (PEM). Environment: `HW_CACERT_FILE`."
        ),
        "max_retries": _setting(
            NUMBER,
            "How often a call is sent again that got no answer, 5xx or 429 (default 5: a change is sent at most six times). "
            "Refusals for the notebook's state or for another operation, and the steps of a large growth, don't count. A "
            "start, a stop or a call for tags is sent three times at least, and a read or a create "
            "up to four times more after a 429. Environment: `HW_MAX_RETRIES`.",
            *RULES["max_retries"],
        ),
        "default_tags": _setting(
            MapOf(STRING),
            "Tags for every notebook; a resource's own override them. A value may depend on another resource: `tags_all` "
            "is known after apply then. Environment: `HW_DEFAULT_TAGS` (`k=v,k2=v2`).",
            *RULES["default_tags"],
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
            "Tags that others manage: they are neither shown nor changed, and none of them can be configured in `tags` or "
            "`default_tags`. Tags of the service (`_sys_...`) are left alone without being listed here.",
        ),
        "allow_stopping_for_update": _setting(
            BOOL,
            "Whether updates may stop running instances, where a resource doesn't say (default true). Environment: "
            "`HW_ALLOW_STOPPING_FOR_UPDATE`.",
        ),
        "deletion_protection": _setting(
            BOOL,
            "Whether notebooks are protected against deletion whose resource doesn't say (default false): destroying or "
            "replacing one is an error then. Environment: `HW_DELETION_PROTECTION`.",
        ),
        "check_flavors_at_plan": _setting(
            BOOL,
            "Whether a plan that creates a notebook, or changes its flavor or image, looks flavor and image up: a flavor "
            "that the project doesn't have, that is sold out, or that doesn't fit image or storage is an error then, and "
            "so is an image that doesn't exist or isn't active, before anything is stopped (default false: a plan calls "
            "nothing that a refresh doesn't). Flavors of dedicated pools aren't checked. Environment: "
            "`HW_CHECK_FLAVORS_AT_PLAN`.",
        ),
    },
)
