"""The provider block. Generated from the provider's schema by `make generate`: change the schema, not this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict

from modelarts_constructs import _rules
from modelarts_constructs._cdk import Construct
from modelarts_constructs.l1._base import SOURCE, VERSION, Expression, Flag, Many, ProviderBase
from modelarts_constructs.l1._ranges import Rules


class ModelartsAssumeRole(TypedDict):
    """Agencies to assume, one after the other.

    Environment, for one: `HW_ASSUME_ROLE_AGENCY_NAME` and so on.
    """

    agency_name: str
    """Name of the agency.

    A change makes no call.
    """

    domain_name: NotRequired[str | None]
    """Name of the account that has it.

    A change makes no call.
    """

    domain_id: NotRequired[str | None]
    """Id of the account that has it.

    A change makes no call.
    """

    duration: NotRequired[float | None]
    """Seconds that its key is valid, 900 to 86400.

    Must be a whole number from 900 to 86400 (seconds). A change makes no call.
    """


class ModelartsAssumeRoleWithOidc(TypedDict):
    """An identity provider's token to log in with, and the agency to assume.

    Environment: `HW_ASSUME_ROLE_IDP_ID`, `HW_ASSUME_ROLE_ID_TOKEN`, `HW_ASSUME_ROLE_ID_TOKEN_FILE`.
    """

    idp_id: NotRequired[str | None]
    """Id of the identity provider.

    A change makes no call.
    """

    id_token: NotRequired[str | None]
    """The id token.

    A change makes no call.
    """

    id_token_file: NotRequired[str | None]
    """File that holds the id token.

    A change makes no call.
    """

    agency_name: NotRequired[str | None]
    """Name of the agency to assume, if any.

    A change makes no call.
    """

    domain_name: NotRequired[str | None]
    """Name of the account that has it.

    A change makes no call.
    """

    domain_id: NotRequired[str | None]
    """Id of the account that has it.

    A change makes no call.
    """

    duration: NotRequired[float | None]
    """Seconds that its key is valid, 900 to 86400.

    Must be a whole number from 900 to 86400 (seconds). A change makes no call.
    """


class ModelartsIgnoreTags(TypedDict):
    """The members of ``ModelartsIgnoreTags``.

    Tags that others manage: they are neither shown nor changed, and none of them can be configured in `tags` or
    `default_tags`. Tags of the service (`_sys_...`) are left alone without being listed here.
    """

    keys: NotRequired[Many[str] | None]
    """Keys to ignore.

    Environment: `HW_IGNORE_TAGS_KEYS` (`k,k2`). A change makes no call.
    """

    key_prefixes: NotRequired[Many[str] | None]
    """Beginnings of keys to ignore.

    Environment: `HW_IGNORE_TAGS_KEY_PREFIXES` (`p,p2`). A change makes no call.
    """


_RULES: Final[Rules] = {
    "region": [
        _rules.matches("[a-z0-9]+(-[a-z0-9]+)*", "be the id of a region in lower case, such as cn-north-4"),
    ],
    "assume_role.duration": [
        _rules.between(900, 86400, "(seconds)"),
    ],
    "assume_role_with_oidc.duration": [
        _rules.between(900, 86400, "(seconds)"),
    ],
    "cloud": [
        _rules.matches(
            "[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?(\\.[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*",
            "be a domain, such as myhuaweicloud.com",
        ),
    ],
    "auth_url": [
        _rules.matches(
            "https?://([\\w.-]+|\\[[0-9A-Fa-f:.]+\\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/[^\\s?#\\x00-\\x1f\\x7f-\\x9f]*)?",
            "be an http:// or https:// address: a host, perhaps a port and a path, and no user, query or space",
        ),
    ],
    "requests_per_second": [
        _rules.above(0),
    ],
    "project_id": [
        _rules.matches("[0-9a-zA-Z]{32}", "have 32 letters and digits"),
    ],
    "endpoints": [
        _rules.Keys(_rules.one_of("modelarts", "iam", "sts", "metadata")),
        _rules.Each(
            _rules.matches(
                "https?://([\\w.-]+|\\[[0-9A-Fa-f:.]+\\])(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/[^\\s?#\\x00-\\x1f\\x7f-\\x9f]*)?",
                "be an http:// or https:// address: a host, perhaps a port and a path, and no user, query or space",
            ),
        ),
    ],
    "max_retries": [
        _rules.between(0, 100),
    ],
    "default_tags": [
        _rules.Keys(_rules.length(1, 128)),
        _rules.Keys(
            _rules.matches("(?! )[\\w .:=+@-]*(?<! )", "consist of letters, digits, spaces inside and _ . : = + - @"),
        ),
        _rules.Keys(_rules.unreserved()),
        _rules.Each(_rules.length(0, 255)),
        _rules.Each(_rules.matches("[\\w .:=+@/-]*", "consist of letters, digits, spaces and _ . : / = + - @")),
    ],
}


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
        token: str | None = None,
        user_name: str | None = None,
        user_id: str | None = None,
        password: str | None = None,
        domain_name: str | None = None,
        domain_id: str | None = None,
        project_name: str | None = None,
        assume_role: Many[ModelartsAssumeRole] | Expression | None = None,
        assume_role_with_oidc: ModelartsAssumeRoleWithOidc | Expression | None = None,
        shared_config_file: str | None = None,
        profile: str | None = None,
        cloud: str | None = None,
        auth_url: str | None = None,
        requests_per_second: float | None = None,
        project_id: str | None = None,
        endpoints: Mapping[str, str] | None = None,
        insecure: Flag | None = None,
        cacert_file: str | None = None,
        max_retries: float | None = None,
        default_tags: Mapping[str, str] | None = None,
        ignore_tags: ModelartsIgnoreTags | Expression | None = None,
        allow_stopping_for_update: Flag | None = None,
        deletion_protection: Flag | None = None,
        check_flavors_at_plan: Flag | None = None,
        alias: str | None = None,
        source: str = SOURCE,
        version: str | None = VERSION,
    ) -> None:
        """Declare the provider block.

        Args:
            scope: The construct that this one belongs to.
            id: Its id, unique in the scope; part of its address.
            region: Region, such as `cn-north-4`. Environment: `HW_REGION_NAME`. Must be the id of a region in lower
                case, such as cn-north-4.
            access_key: Access key (AK). Environment: `HW_ACCESS_KEY`, then `HUAWEICLOUD_SDK_AK`.
            secret_key: Secret key (SK). Environment: `HW_SECRET_KEY`, then `HUAWEICLOUD_SDK_SK`.
            security_token: Security token of a temporary access key. Environment: `HW_SECURITY_TOKEN`, then
                `HUAWEICLOUD_SDK_SECURITY_TOKEN`.
            token: IAM token, instead of a key. Environment: `HW_AUTH_TOKEN`.
            user_name: IAM user name, with `password`. Environment: `HW_USER_NAME`.
            user_id: IAM user id, instead of `user_name`. Environment: `HW_USER_ID`.
            password: Password of the user. Environment: `HW_USER_PASSWORD`.
            domain_name: Name of the user's account. Environment: `HW_DOMAIN_NAME`.
            domain_id: Id of the account. Environment: `HW_DOMAIN_ID`, then `HUAWEICLOUD_SDK_DOMAIN_ID`.
            project_name: Name of the project, where it isn't the region's default one. Environment: `HW_PROJECT_NAME`.
            assume_role: Agencies to assume, one after the other. Environment, for one: `HW_ASSUME_ROLE_AGENCY_NAME` and
                so on.
            assume_role_with_oidc: An identity provider's token to log in with, and the agency to assume. Environment:
                `HW_ASSUME_ROLE_IDP_ID`, `HW_ASSUME_ROLE_ID_TOKEN`, `HW_ASSUME_ROLE_ID_TOKEN_FILE`.
            shared_config_file: KooCLI's configuration file to log in with. Environment: `HW_SHARED_CONFIG_FILE`.
            profile: Profile in it; its current one when unset. Environment: `HW_PROFILE`.
            cloud: Domain of a partner's or private cloud. Environment: `HW_CLOUD`. Must be a domain, such as
                myhuaweicloud.com.
            auth_url: Address of IAM. Environment: `HW_AUTH_URL`, then `HUAWEICLOUD_SDK_IAM_ENDPOINT`. Must be an
                http:// or https:// address: a host, perhaps a port and a path, and no user, query or space.
            requests_per_second: Most calls per second of this process. Unset: as many as the service takes; after a 429
                it slows down by itself. Environment: `HW_REQUESTS_PER_SECOND`. Must be a number above 0.
            project_id: Id of the project in `region`; looked up by the region when unset. Environment: `HW_PROJECT_ID`,
                then `HUAWEICLOUD_SDK_PROJECT_ID`; they belong to the region of `HW_REGION_NAME`. Must have 32 letters
                and digits.
            endpoints: Addresses to use instead of the public ones, by service: `modelarts`, `iam`, `sts`, and
                `metadata` (of the ECS instance). Environment: `HW_ENDPOINT_MODELARTS`, `HW_ENDPOINT_IAM`,
                `HW_ENDPOINT_STS`, `HW_ENDPOINT_METADATA`. Each key must be one of modelarts, iam, sts, metadata. Each
                element must be an http:// or https:// address: a host, perhaps a port and a path, and no user, query or
                space.
            insecure: Skip the check of the API's certificate. Environment: `HW_INSECURE`.
            cacert_file: File of the certificate authorities to trust (PEM). Environment: `HW_CACERT_FILE`.
            max_retries: How often a call is sent again that got no answer, 5xx or 429 (default 5: a change is sent at
                most six times). Refusals for the notebook's state or for another operation, and the steps of a large
                growth, don't count. A start, a stop or a call for tags is sent three times at least, and a read or a
                create up to four times more after a 429. Environment: `HW_MAX_RETRIES`. Must be a whole number from 0
                to 100.
            default_tags: Tags for every notebook; a resource's own override them. A value may depend on another
                resource: `tags_all` is known after apply then. Environment: `HW_DEFAULT_TAGS` (`k=v,k2=v2`). Each key
                must have 1 to 128 characters and consist of letters, digits, spaces inside and _ . : = + - @ and not
                start with _sys_ and not be terraform-provider-modelarts. Each element must have at most 255 characters
                and consist of letters, digits, spaces and _ . : / = + - @.
            ignore_tags: Tags that others manage: they are neither shown nor changed, and none of them can be configured
                in `tags` or `default_tags`. Tags of the service (`_sys_...`) are left alone without being listed here.
            allow_stopping_for_update: Whether updates may stop running instances, where a resource doesn't say (default
                true). Environment: `HW_ALLOW_STOPPING_FOR_UPDATE`.
            deletion_protection: Whether notebooks are protected against deletion whose resource doesn't say (default
                false): destroying or replacing one is an error then. Environment: `HW_DELETION_PROTECTION`.
            check_flavors_at_plan: Whether a plan that creates a notebook, or changes its flavor or image, looks flavor
                and image up: a flavor that the project doesn't have, that is sold out, or that doesn't fit image or
                storage is an error then, and so is an image that doesn't exist or isn't active, before anything is
                stopped (default false: a plan calls nothing that a refresh doesn't). Flavors of dedicated pools aren't
                checked. Environment: `HW_CHECK_FLAVORS_AT_PLAN`.
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
                "token": token,
                "user_name": user_name,
                "user_id": user_id,
                "password": password,
                "domain_name": domain_name,
                "domain_id": domain_id,
                "project_name": project_name,
                "assume_role": assume_role,
                "assume_role_with_oidc": assume_role_with_oidc,
                "shared_config_file": shared_config_file,
                "profile": profile,
                "cloud": cloud,
                "auth_url": auth_url,
                "requests_per_second": requests_per_second,
                "project_id": project_id,
                "endpoints": endpoints,
                "insecure": insecure,
                "cacert_file": cacert_file,
                "max_retries": max_retries,
                "default_tags": default_tags,
                "ignore_tags": ignore_tags,
                "allow_stopping_for_update": allow_stopping_for_update,
                "deletion_protection": deletion_protection,
                "check_flavors_at_plan": check_flavors_at_plan,
            },
            maps=("endpoints", "default_tags"),
            rules=_RULES,
            alias=alias,
            source=source,
            version=version,
        )
